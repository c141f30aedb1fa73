//! Credit: given, when, then.

mod disburse;
mod drawdown;
mod facility;
mod histories;
mod interest;
mod margin;
mod payment;
mod product;
mod reverse;
mod story;

use super::{
    AccrueInterest, ApproveDrawdown, CALLS, CallStage, ChargeLoan, CloseFacility, Command,
    ConfirmDisbursement, Debt, Eligible, Event, FACILITIES, InstructPayment, LOANS, LoanStage,
    OfferFacility, RecordPayment, RequestDrawdown, SatisfyConditions, SetProduct, SignFacility,
    Stage, Status, ValuationComputed, ValueFacility,
};
use crate::{
    areas,
    parties::Role,
    pledges::{
        self,
        tests::{BANK, BUYER, COOP, OTHER_BANK, code, date, receipt, yuan},
    },
    prices::{self, ObservePrice, Price},
    refusal::{Code as Refused, Refusal},
    registries::{self, SetCalendar, SetPriceFeed},
    testing::{World, party, refused},
    vocabulary::{
        Bucket, CallId, Currency, DayCount, FacilityId, LoanId, Millis, PartyId, PledgeId, Ppm,
        Quantity, Rounding, Unit,
    },
    wire::List,
};

const SOURCE: u8 = 6;
const FEED: &str = "XINFADI/GARLIC";
/// 100 tonnes at 1.00 a kilogram are worth 100,000.00.
const HUNDRED_TONNES: u64 = 100_000_000;

/// A bank's product on garlic: 6.5% (9.75% when overdue) ACT/360; lines at 60, 70, 75 and 80%.
fn product() -> SetProduct {
    SetProduct {
        code: code("RECEIPT-LOAN"),
        currency: Currency::CNY,
        day_count: DayCount::Act360,
        rounding: Rounding::HalfEven,
        rate_ppm: Ppm::new(65_000),
        penalty_rate_ppm: Ppm::new(97_500),
        ltv_initial_ppm: Ppm::new(600_000),
        ltv_warning_ppm: Ppm::new(700_000),
        ltv_call_ppm: Ppm::new(750_000),
        ltv_liquidation_ppm: Ppm::new(800_000),
        default_at_liquidation: false,
        waterfall: List::new(Bucket::ALL.to_vec()).expect("all buckets"),
        collateral: List::new(vec![Eligible { feed: code(FEED), haircut_ppm: Ppm::ZERO }])
            .expect("one"),
        calendar: code("CN"),
    }
}

/// By both persons of a party.
fn two(
    world: &mut World,
    by: u8,
    command: impl Into<areas::Command>,
) -> Result<Vec<areas::Event>, Refusal> {
    let by = party(by);
    world.say_with(by, &[(by, Some(1)), (by, Some(2))], command)
}

/// A chain with a calendar, a feed of garlic in yuan (stale after two days, quarantined above 90%), a price
/// of 1.00 a kilogram, and the bank's product.
fn world() -> World {
    let mut world = pledges::tests::world();
    world.party(SOURCE, &[Role::PriceSource]);
    let registrar = party(250);
    let calendar = SetCalendar {
        code: code("CN"),
        utc_offset_minutes: 480,
        weekend: 0x60,
        holidays: List::new(vec![]).expect("none"),
        cutoff_ms: Millis::hours(17),
    };
    world.say(registrar, registries::Command::from(calendar)).expect("accepted");
    for (feed, currency) in [(FEED, Currency::CNY), ("DOLLARS", Currency::USD)] {
        let feed = SetPriceFeed {
            code: code(feed),
            source: party(SOURCE),
            commodity: code("GARLIC"),
            grade: None,
            place: code("BEIJING"),
            currency,
            max_age_ms: Millis::days(2),
            max_deviation_ppm: Ppm::new(900_000),
        };
        world.say(registrar, registries::Command::from(feed)).expect("accepted");
    }
    price(&mut world, 100);
    two(&mut world, BANK, Command::from(product())).expect("accepted");
    world
}

/// A price of so many fen a kilogram, observed now.
fn price(world: &mut World, fen: u64) {
    let price = Price { minor_units: fen, per: Quantity::new(1_000, Unit::Gram) };
    let observe = ObservePrice { feed: code(FEED), price, observed_at_ms: world.now };
    world.say(party(SOURCE), prices::Command::from(observe)).expect("accepted");
}

/// An offer of 80,000.00 to the cooperative until the end of June, to be signed within a day.
fn offer(world: &World) -> OfferFacility {
    OfferFacility {
        borrower: party(COOP),
        product: code("RECEIPT-LOAN"),
        limit: yuan(8_000_000),
        expires_on: date("2026-06-30"),
        offer_until_ms: world.now.after(Millis::days(1)),
        accounts: List::new(vec![code("SUPPLIER-1")]).expect("one"),
    }
}

fn offered(world: &mut World) -> FacilityId {
    let offer = Command::from(offer(world));
    match two(world, BANK, offer).expect("accepted").as_slice() {
        [areas::Event::Credit(Event::FacilityOffered(offered))] => offered.facility,
        events => panic!("not an offer: {events:?}"),
    }
}

fn sign(facility: FacilityId) -> Command {
    Command::SignFacility(SignFacility { facility })
}

fn satisfy(facility: FacilityId, pledge: PledgeId) -> Command {
    Command::SatisfyConditions(SatisfyConditions { facility, pledge })
}

/// A facility secured by a pledge of a hundred tonnes.
fn secured(world: &mut World) -> (FacilityId, PledgeId) {
    let receipt = receipt(world, 1, HUNDRED_TONNES);
    let pledge = pledges::tests::active(world, &[receipt]);
    let facility = offered(world);
    world.say(party(COOP), sign(facility)).expect("accepted");
    world.say(party(BANK), satisfy(facility, pledge)).expect("accepted");
    (facility, pledge)
}

fn drawdown(facility: FacilityId, minor_units: u64) -> RequestDrawdown {
    RequestDrawdown {
        facility,
        amount: yuan(minor_units),
        purpose: code("SEED"),
        account: None,
        due_on: date("2026-03-31"),
    }
}

fn loan_of(said: Result<Vec<areas::Event>, Refusal>) -> LoanId {
    match said.expect("accepted").last() {
        Some(areas::Event::Credit(Event::DrawdownRequested(requested))) => requested.loan,
        event => panic!("not a request: {event:?}"),
    }
}

fn requested(world: &mut World, facility: FacilityId, minor_units: u64) -> LoanId {
    loan_of(world.say(party(COOP), Command::from(drawdown(facility, minor_units))))
}

fn approve(loan: LoanId) -> Command {
    Command::ApproveDrawdown(ApproveDrawdown { loan })
}

fn instruct(loan: LoanId) -> Command {
    Command::InstructPayment(InstructPayment { loan, account: None })
}

fn confirm(loan: LoanId, minor_units: u64, reference: &str) -> Command {
    let (amount, bank_reference) = (yuan(minor_units), code(reference));
    Command::ConfirmDisbursement(ConfirmDisbursement { loan, amount, bank_reference })
}

/// A loan paid out today, with reference `OUT-amount`.
fn drawn(world: &mut World, facility: FacilityId, minor_units: u64) -> LoanId {
    let loan = requested(world, facility, minor_units);
    two(world, BANK, approve(loan)).expect("accepted");
    world.say(party(BANK), instruct(loan)).expect("accepted");
    let reference = format!("OUT-{}", world.index);
    world.say(party(BANK), confirm(loan, minor_units, &reference)).expect("accepted");
    loan
}

fn accrue(loan: LoanId) -> Command {
    Command::AccrueInterest(AccrueInterest { loan })
}

fn pay(loan: LoanId, minor_units: u64, reference: &str) -> Command {
    let (amount, bank_reference) = (yuan(minor_units), code(reference));
    Command::RecordPayment(RecordPayment { loan, amount, bank_reference })
}

fn value(facility: FacilityId) -> Command {
    Command::ValueFacility(ValueFacility { facility })
}

fn charge(loan: LoanId, bucket: Bucket, minor_units: u64) -> Command {
    let (amount, reason) = (yuan(minor_units), code("NOTARY"));
    Command::ChargeLoan(ChargeLoan { loan, bucket, amount, reason })
}

fn stage(world: &World, facility: FacilityId) -> Stage {
    FACILITIES.find(&world.view, &facility).expect("known").value.stage
}

fn loan_stage(world: &World, loan: LoanId) -> LoanStage {
    LOANS.find(&world.view, &loan).expect("known").value.stage
}

fn debt(world: &World, loan: LoanId) -> Debt {
    *loan_stage(world, loan).debt().expect("paid out")
}

fn call_stage(world: &World, call: CallId) -> CallStage {
    CALLS.find(&world.view, &call).expect("known").value.stage
}

/// The events of credit among those said.
fn credit_events(events: Vec<areas::Event>) -> Vec<Event> {
    let of_credit = events.into_iter().filter_map(|event| match event {
        areas::Event::Credit(event) => Some(event),
        _ => None,
    });
    of_credit.collect()
}

/// Values a facility by a stranger; the valuation and what followed from it.
fn valued(world: &mut World, facility: FacilityId) -> (ValuationComputed, Vec<Event>) {
    let mut events = credit_events(world.say(party(BUYER), value(facility)).expect("accepted"));
    match events.remove(0) {
        Event::ValuationComputed(computed) => (computed, events),
        event => panic!("not a valuation: {event:?}"),
    }
}

/// The bank asks the duplicate-finance registry again.
fn check_again(world: &mut World, pledge: PledgeId, outcome: pledges::CheckOutcome) {
    let check = pledges::tests::check(pledge, outcome, world.now);
    world.say(party(BANK), check).expect("accepted");
}

/// Days pass.
fn days(world: &mut World, count: u32) {
    for _ in 0..count {
        world.pass(Millis::days(1));
    }
}

fn id<I: crate::vocabulary::Id>(n: u8) -> I {
    I::from_bytes([n; 16])
}

/// The lender is somebody: a party that has no part in the facility may not speak for it.
fn stranger() -> PartyId {
    party(OTHER_BANK)
}
