//! The pledge, the loan, the margin call, the release.

use anyhow::{Context as _, ensure};
use granary_book::{
    credit::{
        AccrueInterest, ApproveDrawdown, CloseFacility, ConfirmDisbursement, Eligible,
        InstructPayment, MarginCallCured, MarginCallOpened, OfferFacility, RecordPayment,
        RequestDrawdown, SatisfyConditions, SetProduct, SignFacility, ValueFacility,
    },
    pledges::{
        AcceptPledge, CheckOutcome, ConfirmControl, ConfirmRelease, ProposePledge,
        RecordDuplicateCheck, RequestRelease,
    },
    prices::{ObservePrice, Price},
    vocabulary::{
        Bucket, Currency, DayCount, FacilityId, LoanId, Millis, Money, PledgeId, Ppm, ReceiptId,
        Rounding,
    },
    wire::List,
};

use super::{
    goods::{date, digest, grams},
    stage::Stage,
    tell::{Teller, yuan},
};

/// What the cooperative borrows: 80,000 yuan.
const LOAN_FEN: u64 = 8_000_000;
/// What cures the margin call: 30,000 yuan.
const CURE_FEN: u64 = 3_000_000;

pub(super) const fn yuan_of(fen: u64) -> Money {
    Money::new(fen, Currency::CNY)
}

/// A loan and what it is drawn under.
pub(super) struct Loan {
    pub(super) id: LoanId,
    facility: FacilityId,
}

/// The market publishes a price: fen for one kilogram.
async fn observe(stage: &mut Stage, fen_per_kg: u64) -> anyhow::Result<super::stage::Said> {
    let market = stage.actor("market")?;
    let observe = ObservePrice {
        feed: "GARLIC-BASIN".parse()?,
        price: Price { minor_units: fen_per_kg, per: grams(1_000) },
        observed_at_ms: stage.now,
    };
    stage.say(&market, &observe).await
}

/// Pledged to one bank; the attempt to pledge to a second one is refused.
pub(super) async fn pledge(
    stage: &mut Stage,
    teller: &Teller,
    receipt: ReceiptId,
) -> anyhow::Result<PledgeId> {
    let cooperative = stage.actor("cooperative")?;
    let (bank, rival) = (stage.actor("bank")?, stage.actor("rival")?);
    let warehouse = stage.actor("warehouse")?;
    let propose = |pledgee| -> anyhow::Result<ProposePledge> {
        Ok(ProposePledge {
            pledgee,
            receipts: List::new(vec![receipt]).context("one receipt")?,
            secured_maximum: yuan_of(12_000_000),
            matures_on: date("2025-12-31")?,
            terms: Some(digest("the pledge contract")),
        })
    };
    let said = stage.say(&cooperative, &propose(bank.id)?).await?;
    let pledge: PledgeId = said.made(0);
    teller
        .act(&said, "The cooperative offers the receipt to First Valley Bank: reserved at once.")?;
    let second = stage.try_to_say(&cooperative, &propose(rival.id)?).await?;
    ensure!(second.refusal().is_some(), "the receipt was pledged twice");
    teller.refused(&second, "The same receipt is offered to Second Ridge Bank.")?;
    let check = RecordDuplicateCheck {
        pledge,
        registry: "DUPLICATE-REGISTRY".parse()?,
        outcome: CheckOutcome::Clear,
        checked_at_ms: stage.now,
        evidence: digest("the registry's answer"),
        reason: None,
    };
    let said = stage.say(&bank, &check).await?;
    teller.act(
        &said,
        "First Valley Bank asks a registry outside; nothing like it is financed elsewhere.",
    )?;
    let accept = AcceptPledge { pledge, related_party_reason: None };
    let said = stage.say(&bank, &accept).await?;
    teller.act(&said, "The bank accepts the pledge.")?;
    let control = ConfirmControl { pledge, lien: Some(yuan_of(0)) };
    let said = stage.say(&warehouse, &control).await?;
    teller.act(
        &said,
        "The warehouse confirms that it holds the goods for the bank and knows no other claim.",
    )?;
    Ok(pledge)
}

/// A product, a facility, a loan.
pub(super) async fn lend(
    stage: &mut Stage,
    teller: &Teller,
    pledge: PledgeId,
) -> anyhow::Result<Loan> {
    let (bank, cooperative) = (stage.actor("bank")?, stage.actor("cooperative")?);
    let said = observe(stage, 840).await?;
    teller.act(&said, "The market publishes 8.40 yuan a kilogram: 20 t are worth 168,000 yuan.")?;
    let said = stage.say_both(&bank, &product()?).await?;
    teller.act(
        &said,
        "The bank's product: 4.8% a year, lends up to 50%, warns at 60%, calls at 70%.",
    )?;
    let offer = OfferFacility {
        borrower: cooperative.id,
        product: "HARVEST".parse()?,
        limit: yuan_of(10_000_000),
        expires_on: date("2025-12-31")?,
        offer_until_ms: stage.now.after(Millis::days(7)),
        accounts: List::new(Vec::new()).context("none")?,
    };
    let said = stage.say_both(&bank, &offer).await?;
    let facility: FacilityId = said.made(0);
    teller.act(&said, "Two persons of the bank offer a facility of 100,000 yuan.")?;
    let said = stage.say(&cooperative, &SignFacility { facility }).await?;
    teller.act(&said, "The cooperative signs it.")?;
    let said = stage.say(&bank, &SatisfyConditions { facility, pledge }).await?;
    teller.act(&said, "The pledge is attached: the facility is available.")?;
    let request = RequestDrawdown {
        facility,
        amount: yuan_of(LOAN_FEN),
        purpose: "SEED-AND-FERTILISER".parse()?,
        account: None,
        due_on: date("2025-12-01")?,
    };
    let said = stage.say(&cooperative, &request).await?;
    let loan = Loan { id: said.made(0), facility };
    teller.act(&said, "The cooperative asks for 80,000 yuan, within 50% of today's value.")?;
    stage.say_both(&bank, &ApproveDrawdown { loan: loan.id }).await?;
    stage.say(&bank, &InstructPayment { loan: loan.id, account: None }).await?;
    let paid = ConfirmDisbursement {
        loan: loan.id,
        amount: yuan_of(LOAN_FEN),
        bank_reference: "FV-20250304-1".parse()?,
    };
    let said = stage.say(&bank, &paid).await?;
    teller.act(
        &said,
        "Approved by two persons, paid out, confirmed with the bank's own reference.",
    )?;
    Ok(loan)
}

fn product() -> anyhow::Result<SetProduct> {
    let waterfall = Bucket::ALL.to_vec();
    let collateral = Eligible { feed: "GARLIC-BASIN".parse()?, haircut_ppm: Ppm::ZERO };
    Ok(SetProduct {
        code: "HARVEST".parse()?,
        currency: Currency::CNY,
        day_count: DayCount::Act360,
        rounding: Rounding::HalfUp,
        rate_ppm: Ppm::new(48_000),
        penalty_rate_ppm: Ppm::new(72_000),
        ltv_initial_ppm: Ppm::new(500_000),
        ltv_warning_ppm: Ppm::new(600_000),
        ltv_call_ppm: Ppm::new(700_000),
        ltv_liquidation_ppm: Ppm::new(900_000),
        default_at_liquidation: false,
        waterfall: List::new(waterfall).context("all eight buckets")?,
        collateral: List::new(vec![collateral]).context("one feed")?,
        calendar: "CN".parse()?,
    })
}

/// Sixty days on, the price has fallen by a third.
pub(super) async fn margin_call(
    stage: &mut Stage,
    teller: &Teller,
    loan: &Loan,
) -> anyhow::Result<()> {
    let (bank, cooperative) = (stage.actor("bank")?, stage.actor("cooperative")?);
    stage.pass(Millis::days(60)).await?;
    let said = observe(stage, 555).await?;
    teller
        .act(&said, "Sixty days later: 5.55 yuan a kilogram, and 20 t are worth 111,000 yuan.")?;
    let said = stage.say(&bank, &AccrueInterest { loan: loan.id }).await?;
    teller.act(&said, "Interest of sixty days, counted day by day: actual days over 360.")?;
    let said = stage.say(&cooperative, &ValueFacility { facility: loan.facility }).await?;
    ensure!(said.has::<MarginCallOpened>(), "the price fell and no margin call was opened");
    teller
        .act(&said, "Anybody may ask for a valuation: above 70%, a margin call opens by itself.")?;
    let cure = RecordPayment {
        loan: loan.id,
        amount: yuan_of(CURE_FEN),
        bank_reference: "FV-20250503-1".parse()?,
    };
    let said = stage.say(&bank, &cure).await?;
    ensure!(said.has::<MarginCallCured>(), "the payment did not cure the margin call");
    let text = format!(
        "The cooperative pays {}: interest first, then principal, and the call is cured.",
        yuan(CURE_FEN)
    );
    teller.act(&said, &text)
}

/// The loan is repaid: the goods are free.
pub(super) async fn release(
    stage: &mut Stage,
    teller: &Teller,
    pledge: PledgeId,
    loan: &Loan,
) -> anyhow::Result<()> {
    let (bank, cooperative) = (stage.actor("bank")?, stage.actor("cooperative")?);
    stage.say(&cooperative, &RequestRelease { pledge }).await?;
    let said = stage.say_both(&bank, &ConfirmRelease { pledge }).await?;
    teller.act(&said, "Two persons of the bank release the pledge.")?;
    let said = stage.say(&bank, &CloseFacility { facility: loan.facility }).await?;
    teller.act(&said, "And closes the facility.")
}
