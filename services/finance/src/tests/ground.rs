//! A loan from its collateral to its disbursement, as events.

use granary_book::{
    areas::Event,
    credit::{
        self, DisbursementInstructed, DrawdownApproved, DrawdownRequested, Eligible,
        FacilityAvailable, FacilityOffered, FacilitySigned, LoanDisbursed, PledgeAttached,
        ProductSet, SetProduct,
    },
    parties::{LICENCES, Licence},
    pledges::{self, ControlConfirmed, PledgeAccepted, PledgePerfected, PledgeProposed},
    prices::{self, Price, PriceAccepted, PriceObserved},
    receipts::{
        self, Encumbrance, Holds, Lifecycle, Medium, RECEIPTS, Receipt, ReceiptKind,
        ReceiptPledged, ReceiptReserved,
    },
    registries::{self, CalendarSet, PriceFeedSet, SetCalendar},
    vocabulary::{
        Bucket, Code, Currency, Date, DayCount, Id, LotNo, Millis, Money, No, Ppm, Quantity,
        Rounding, Time, Unit,
    },
    wire::List,
};
use granary_runtime::testing::{self, Chain, START};
use tonic::Status;

pub(super) const WAREHOUSE: u8 = 1;
pub(super) const FARMER: u8 = 2;
pub(super) const BANK: u8 = 3;
pub(super) const SOURCE: u8 = 4;

pub(super) const RECEIPT: u8 = 10;
pub(super) const PLEDGE: u8 = 11;
pub(super) const FACILITY: u8 = 12;
pub(super) const LOAN: u8 = 13;
pub(super) const FEED: &str = "XINFADI/GARLIC";

/// What the farmer draws, in fen.
pub(super) const DRAWN: u64 = 5_400_000;

pub(super) fn code(text: &str) -> Code {
    text.parse().expect("a code")
}

pub(super) fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

pub(super) fn fen(minor: u64) -> Money {
    Money::new(minor, Currency::CNY)
}

/// The text form of an id.
pub(super) fn text<I: Id>(number: u8) -> String {
    testing::id::<I>(number).to_string()
}

pub(super) fn party(number: u8) -> String {
    text::<granary_book::vocabulary::PartyId>(number)
}

/// Code and message of a refusal.
pub(super) fn refused<T: std::fmt::Debug>(result: Result<T, Status>) -> (tonic::Code, String) {
    let status = result.expect_err("is refused");
    (status.code(), status.message().to_owned())
}

pub(super) fn credit(event: impl Into<credit::Event>) -> Event {
    Event::from(event.into())
}

pub(super) fn pledge(event: impl Into<pledges::Event>) -> Event {
    Event::from(event.into())
}

pub(super) fn price(event: impl Into<prices::Event>) -> Event {
    Event::from(event.into())
}

pub(super) fn receipt(event: impl Into<receipts::Event>) -> Event {
    Event::from(event.into())
}

/// A farmer's receipt for 100 tonnes of garlic, a licensed keeper, a feed and a calendar.
pub(super) fn chain() -> Chain {
    let mut chain = Chain::new(crate::TABLES, crate::lists());
    chain.entry(vec![], |view| {
        let [keeper, holder, _, _] =
            [WAREHOUSE, FARMER, BANK, SOURCE].map(|number| testing::party(view, number));
        let commodity = testing::commodity(view, "GARLIC");
        let licence = Licence {
            number: code("L-1"),
            commodities: List::new(vec![]).expect("none named"),
            valid_until: date("2030-12-31"),
            in_force: true,
        };
        LICENCES.put(view, &keeper, &licence);
        let receipt = Receipt {
            id: testing::id(RECEIPT),
            number: code("WR-1"),
            kind: ReceiptKind::Negotiable,
            keeper,
            holder,
            lot: LotNo::from_u64(0),
            commodity,
            grade: code("A"),
            nominal: Quantity::new(100_000_000, Unit::Gram),
            shrink_applied: 0,
            loss_standard: Ppm::ZERO,
            stored_since: START,
            parent: None,
            lifecycle: Lifecycle::Active,
            encumbrance: Encumbrance::Free,
            holds: Holds::default(),
            medium: Medium::Electronic,
            fees_due: None,
            valid_until: date("2027-01-31"),
            version: 1,
        };
        RECEIPTS.insert(view, &receipt.id, &receipt).expect("a new receipt");
    });
    let feed = PriceFeedSet {
        code: code(FEED),
        source: testing::id(SOURCE),
        commodity: code("GARLIC"),
        grade: None,
        place: code("BEIJING"),
        currency: Currency::CNY,
        max_age_ms: Millis::days(60),
        max_deviation_ppm: Ppm::new(200_000),
    };
    let calendar = SetCalendar {
        code: code("CN"),
        utc_offset_minutes: 480,
        weekend: 0,
        holidays: List::new(vec![]).expect("none"),
        cutoff_ms: Millis::days(1),
    };
    let registry = |event: registries::Event| Event::from(event);
    chain.happened(vec![registry(feed.into()), registry(CalendarSet { calendar }.into())]);
    chain
}

/// A price of one yuan a kilogram, observed and not judged.
pub(super) fn observed(number: u8, at: Time) -> Event {
    price(PriceObserved {
        price_id: testing::id(number),
        feed: code(FEED),
        commodity: code("GARLIC"),
        grade: None,
        place: code("BEIJING"),
        price: Price { minor_units: 100, per: Quantity::new(1_000, Unit::Gram) },
        currency: Currency::CNY,
        observed_at_ms: at,
        observed_by: None,
    })
}

pub(super) fn accepted(number: u8) -> Event {
    price(PriceAccepted { price_id: testing::id(number), feed: code(FEED) })
}

/// The pledge of the receipt, proposed.
pub(super) fn proposed() -> Vec<Event> {
    let until = START.after(Millis::days(3));
    vec![
        pledge(PledgeProposed {
            pledge: testing::id(PLEDGE),
            pledgor: testing::id(FARMER),
            pledgee: testing::id(BANK),
            keeper: testing::id(WAREHOUSE),
            receipts: List::new(vec![testing::id(RECEIPT)]).expect("one"),
            secured_maximum: fen(9_500_000),
            matures_on: date("2026-12-31"),
            terms: None,
            reserved_until_ms: until,
        }),
        receipt(ReceiptReserved {
            receipt: testing::id(RECEIPT),
            pledge: testing::id(PLEDGE),
            pledgee: testing::id(BANK),
            until_ms: until,
        }),
    ]
}

/// And from there to active.
pub(super) fn perfected() -> Vec<Event> {
    let id = testing::id(PLEDGE);
    vec![
        pledge(PledgeAccepted { pledge: id, related_parties: false, related_party_reason: None }),
        pledge(ControlConfirmed { pledge: id, lien: fen(0), registration_required: false }),
        pledge(PledgePerfected { pledge: id, published_index: 4, published_at_ms: START }),
        receipt(ReceiptPledged {
            receipt: testing::id(RECEIPT),
            pledge: id,
            published_index: 4,
            published_at_ms: START,
        }),
    ]
}

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
        collateral: List::new(vec![Eligible { feed: code(FEED), haircut_ppm: Ppm::new(100_000) }])
            .expect("one"),
        calendar: code("CN"),
    }
}

/// The facility, offered.
pub(super) fn offered() -> Vec<Event> {
    vec![
        credit(ProductSet { lender: testing::id(BANK), version: 1, product: product() }),
        credit(FacilityOffered {
            facility: testing::id(FACILITY),
            lender: testing::id(BANK),
            borrower: testing::id(FARMER),
            product: code("RECEIPT-LOAN"),
            product_version: 1,
            limit: fen(8_000_000),
            expires_on: date("2026-12-31"),
            offer_until_ms: START.after(Millis::days(7)),
            accounts: List::new(vec![code("ESCROW-1")]).expect("one"),
        }),
    ]
}

/// And from there to a loan that is asked for.
pub(super) fn requested() -> Vec<Event> {
    let facility = testing::id(FACILITY);
    vec![
        credit(FacilitySigned { facility }),
        credit(PledgeAttached { facility, pledge: testing::id(PLEDGE) }),
        credit(FacilityAvailable { facility }),
        credit(DrawdownRequested {
            loan: testing::id(LOAN),
            facility,
            amount: fen(DRAWN),
            purpose: code("SEED"),
            account: None,
            due_on: date("2026-11-30"),
        }),
    ]
}

/// And from there to the money.
pub(super) fn disbursed() -> Vec<Event> {
    let (loan, facility) = (testing::id(LOAN), testing::id(FACILITY));
    vec![
        credit(DrawdownApproved { loan, facility }),
        credit(DisbursementInstructed { loan, facility, amount: fen(DRAWN), account: None }),
        credit(LoanDisbursed {
            loan,
            facility,
            amount: fen(DRAWN),
            bank_reference: code("B-1"),
            disbursed_on: date("2026-01-05"),
            due_on: date("2026-11-30"),
        }),
    ]
}
