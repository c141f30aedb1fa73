//! A real market's prices through a real pledge: winter gourds (冬瓜) in a warehouse near Beijing, lent
//! against in March 2014 and valued every market day until the end of June, while the price falls from 1.80
//! to 0.35 yuan a jin. The file's own prices cause the margin calls; each is cured by a payment; the loan is
//! repaid and the goods are free again.
//!
//! `python/pledge.py` computes the same days from the file alone; they agree to the fen.

use std::{fs, path::Path, process::Command};

use granary_book::{
    areas::Event,
    chain::ClockKind,
    credit::{
        AccrueInterest, ApproveDrawdown, ConfirmDisbursement, Eligible, Event as Credit,
        FACILITIES, InstructPayment, LOANS, LoanStage, OfferFacility, RecordPayment,
        RequestDrawdown, SatisfyConditions, SetProduct, SignFacility, Stage, Status,
        ValuationComputed, ValueFacility,
    },
    parties::Role,
    pledges::{
        AcceptPledge, CheckOutcome, ConfirmControl, ConfirmRelease, ProposePledge,
        RecordDuplicateCheck, RequestRelease,
    },
    prices::{Event as Prices, ObservePrice, Price},
    receipts::{Encumbrance, RECEIPTS},
    registries::{SetCalendar, SetPriceFeed},
    state::View,
    vocabulary::{
        Bucket, Currency, Date, DayCount, Digest, FacilityId, LoanId, Millis, Money, PledgeId, Ppm,
        Quantity, ReceiptId, Rounding, Time, Unit,
    },
    wire::List,
};
use granary_import::{Format, Source, Verdict, xinfadi};
use granary_integration_tests::{
    Actor, Running, Told, Trade, World, code, config, found, shared_data,
};
use granary_runtime::store::StoreKind;
use serde_json::{Value, json};

const FILE: &str = "xinfadi_vegetables/xinfadi_vegetables_2013-06_2015-06.csv";
const COMMODITY: &str = "WINTER-GOURD";
const FEED: &str = "XINFADI/WINTER-GOURD";
const PRODUCT: &str = "RECEIPT-LOAN";
/// Odd on purpose, so that rounding shows.
const RECEIPTS_G: [u64; 2] = [40_000_333, 59_999_871];
const INITIAL: Ppm = Ppm::new(500_000);
/// 200,000.00 yuan: more than the goods are worth to the lender.
const LIMIT: Money = Money::new(20_000_000, Currency::CNY);
/// Business is done at ten in the morning in Beijing.
const MORNING: Millis = Millis::hours(2);

fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

/// A day's average price, as the importer reads it.
struct Quote {
    day: Date,
    price: Price,
}

fn quotes(file: &Path) -> Vec<Quote> {
    let (first, last) = (date("2014-03-10"), date("2014-06-30"));
    let source = Source::open(file, Format::Xinfadi).expect("a file of prices");
    let mut quotes = Vec::new();
    for verdict in xinfadi::Rows::new(source) {
        let Verdict::Kept { row, .. } = verdict.expect("a file on disk") else { continue };
        let day = date(&row.day.to_string());
        if row.commodity.name != "冬瓜" || row.commodity.spec != "普通" || day < first || day > last
        {
            continue;
        }
        let per = Quantity::new(row.average.per_g, Unit::Gram);
        quotes.push(Quote { day, price: Price { minor_units: row.average.fen, per } });
    }
    quotes.sort_by_key(|quote| quote.day);
    quotes
}

/// The parties to the loan.
struct Deal {
    world: World,
    trade: Trade,
    bank: Actor,
    market: Actor,
    receipts: Vec<ReceiptId>,
    payments: u32,
}

fn yuan(minor_units: u64) -> Money {
    Money::new(minor_units, Currency::CNY)
}

/// The events of credit among those told.
fn credit(told: Told) -> Vec<Credit> {
    let of_credit = told.events.into_iter().filter_map(|event| match event {
        Event::Credit(event) => Some(event),
        _ => None,
    });
    of_credit.collect()
}

impl Deal {
    async fn prepare(running: &Running, founded: &granary_node::Founded, first: Date) -> Self {
        let mut world = World::new(running, founded, 0);
        world.advance_clock(Time::start_of(first).after(MORNING)).await;
        let mut trade = Trade::open(&mut world, COMMODITY).await;
        let mut receipts = Vec::new();
        for grams in RECEIPTS_G {
            receipts.push(trade.receipt(&mut world, grams).await);
        }
        let bank = world.actor("Bank", Role::Bank, 2).await;
        let market = world.actor("Xinfadi", Role::PriceSource, 1).await;
        let mut deal = Self { world, trade, bank, market, receipts, payments: 0 };
        deal.register_terms().await;
        deal
    }

    async fn register_terms(&mut self) {
        let registrar = self.world.registrar.clone();
        let calendar = SetCalendar {
            code: code("CN"),
            utc_offset_minutes: 480,
            weekend: 0x60,
            holidays: List::empty(),
            cutoff_ms: Millis::hours(17),
        };
        self.world.tell(&registrar, &calendar).await;
        let feed = SetPriceFeed {
            code: code(FEED),
            source: self.market.party,
            commodity: code(COMMODITY),
            grade: None,
            place: code("BEIJING"),
            currency: Currency::CNY,
            max_age_ms: Millis::days(5),
            // Vegetables move: 0.35 to 0.53 in one day of June.
            max_deviation_ppm: Ppm::new(600_000),
        };
        self.world.tell(&registrar, &feed).await;
        let product = SetProduct {
            code: code(PRODUCT),
            currency: Currency::CNY,
            day_count: DayCount::Act360,
            rounding: Rounding::HalfEven,
            rate_ppm: Ppm::new(65_000),
            penalty_rate_ppm: Ppm::new(97_500),
            ltv_initial_ppm: INITIAL,
            ltv_warning_ppm: Ppm::new(650_000),
            ltv_call_ppm: Ppm::new(750_000),
            ltv_liquidation_ppm: Ppm::new(900_000),
            default_at_liquidation: false,
            waterfall: List::new(Bucket::ALL.to_vec()).expect("all buckets"),
            collateral: List::new(vec![Eligible {
                feed: code(FEED),
                haircut_ppm: Ppm::new(100_000),
            }])
            .expect("one"),
            calendar: code("CN"),
        };
        self.by_two(&product).await;
    }

    /// Both persons of the bank.
    async fn by_two<M: granary_book::wire::Message>(&mut self, command: &M) -> Told {
        self.world.tell_by(&self.bank, &self.bank.keys(), command).await
    }

    async fn pledge(&mut self) -> PledgeId {
        let propose = ProposePledge {
            pledgee: self.bank.party,
            receipts: List::new(self.receipts.clone()).expect("two"),
            secured_maximum: LIMIT,
            matures_on: date("2014-07-31"),
            terms: None,
        };
        let pledge = self.world.tell(&self.trade.cooperative, &propose).await.id();
        let check = RecordDuplicateCheck {
            pledge,
            registry: code("ZHONGDENG"),
            outcome: CheckOutcome::Clear,
            checked_at_ms: self.world.now(),
            evidence: Digest([7; 32]),
            reason: None,
        };
        self.world.tell(&self.bank, &check).await;
        let accept = AcceptPledge { pledge, related_party_reason: None };
        self.world.tell(&self.bank, &accept).await;
        let confirm = ConfirmControl { pledge, lien: Some(yuan(0)) };
        self.world.tell(&self.trade.warehouse, &confirm).await;
        pledge
    }

    async fn facility(&mut self, pledge: PledgeId) -> FacilityId {
        let offer = OfferFacility {
            borrower: self.trade.cooperative.party,
            product: code(PRODUCT),
            limit: LIMIT,
            expires_on: date("2014-07-31"),
            offer_until_ms: self.world.now().after(Millis::days(1)),
            accounts: List::empty(),
        };
        let facility = self.by_two(&offer).await.id();
        self.world.tell(&self.trade.cooperative, &SignFacility { facility }).await;
        self.world.tell(&self.bank, &SatisfyConditions { facility, pledge }).await;
        facility
    }

    /// Draws all that the initial line lets.
    async fn draw(&mut self, facility: FacilityId) -> LoanId {
        let (valued, _) = self.value(facility).await;
        let amount = valued.value.expect("priced today").share_rounded_down(INITIAL);
        let amount = amount.expect("a share");
        let request = RequestDrawdown {
            facility,
            amount,
            purpose: code("SEED"),
            account: None,
            due_on: date("2014-06-30"),
        };
        let loan = self.world.tell(&self.trade.cooperative, &request).await.id();
        self.by_two(&ApproveDrawdown { loan }).await;
        self.world.tell(&self.bank, &InstructPayment { loan, account: None }).await;
        let bank_reference = code("OUT-1");
        let confirm = ConfirmDisbursement { loan, amount, bank_reference };
        self.world.tell(&self.bank, &confirm).await;
        loan
    }

    async fn observe(&mut self, price: &Price) {
        let observed_at_ms = self.world.now();
        let observe = ObservePrice { feed: code(FEED), price: price.clone(), observed_at_ms };
        let told = self.world.tell(&self.market, &observe).await;
        let accepted = matches!(told.events[..], [_, Event::Prices(Prices::PriceAccepted(_))]);
        assert!(accepted, "{:?}", told.events);
    }

    /// The valuation, and the amount of the margin call that it opened.
    async fn value(&mut self, facility: FacilityId) -> (ValuationComputed, Option<Money>) {
        let told = self.world.tell(&self.bank, &ValueFacility { facility }).await;
        let mut events = credit(told).into_iter();
        let Some(Credit::ValuationComputed(computed)) = events.next() else {
            panic!("no valuation comes first")
        };
        let opened = events.find_map(|event| match event {
            Credit::MarginCallOpened(opened) => Some(opened.amount),
            _ => None,
        });
        (computed, opened)
    }

    async fn accrue(&mut self, loan: LoanId) -> u64 {
        let told = self.world.tell(&self.market, &AccrueInterest { loan }).await;
        let events = credit(told);
        let [Credit::InterestAccrued(accrued)] = events.as_slice() else {
            panic!("not interest alone: {events:?}")
        };
        assert!(accrued.penalty.is_zero(), "it is never overdue");
        accrued.interest.minor()
    }

    async fn pay(&mut self, loan: LoanId, amount: Money) -> Vec<Credit> {
        self.payments += 1;
        let bank_reference = code(&format!("IN-{}", self.payments));
        let payment = RecordPayment { loan, amount, bank_reference };
        credit(self.world.tell(&self.bank, &payment).await)
    }
}

/// One market day: the price, interest, the value, and the payment that a call or the last day asks for.
async fn market_day(
    deal: &mut Deal,
    running: &Running,
    (facility, loan): (FacilityId, LoanId),
    quote: &Quote,
    (is_first, is_last): (bool, bool),
) -> Value {
    if !is_first {
        deal.world.advance_clock(Time::start_of(quote.day).after(MORNING)).await;
        deal.observe(&quote.price).await;
    }
    let interest = if is_first { 0 } else { deal.accrue(loan).await };
    let (valued, call) = deal.value(facility).await;
    assert_eq!(valued.business_date, quote.day);
    let paid = if is_last { Some(valued.exposure) } else { call };
    if let Some(amount) = paid {
        let events = deal.pay(loan, amount).await;
        let cured = events.iter().any(|event| matches!(event, Credit::MarginCallCured(_)));
        let settled = events.iter().any(|event| matches!(event, Credit::LoanSettled(_)));
        assert_eq!((cured, settled), (call.is_some(), is_last), "{events:?}");
    }
    json!({
        "date": quote.day.to_string(),
        "price_fen": quote.price.minor_units,
        "price_per_g": quote.price.per.amount(),
        "value": valued.value.expect("priced today").minor(),
        "exposure": valued.exposure.minor(),
        "ltv_ppm": valued.ltv_ppm.expect("of something"),
        "status": status_name(valued.status),
        "interest_posted": interest,
        "call_amount": call.map(Money::minor),
        "paid": paid.map(Money::minor),
        "principal_after": principal(running, loan),
    })
}

const fn status_name(status: Status) -> &'static str {
    match status {
        Status::Ok => "OK",
        Status::Warning => "WARNING",
        Status::Call => "CALL",
        Status::Liquidation => "LIQUIDATION",
        Status::Unavailable => "UNAVAILABLE",
    }
}

fn principal(running: &Running, loan: LoanId) -> u64 {
    let snapshot = running.chain.states.book.snapshot();
    match LOANS.find(&View::new(&snapshot), &loan).expect("known").value.stage {
        LoanStage::Outstanding(debt) => debt.books.amount(granary_book::credit::Account::Principal),
        LoanStage::Settled(_) => 0,
        stage => panic!("not paid out: {stage:?}"),
    }
}

/// Nothing is owed, no call is open, and the receipts belong to their holder alone again.
async fn conclude(deal: &mut Deal, running: &Running, facility: FacilityId, pledge: PledgeId) {
    deal.world.tell(&deal.trade.cooperative, &RequestRelease { pledge }).await;
    deal.by_two(&ConfirmRelease { pledge }).await;
    let snapshot = running.chain.states.book.snapshot();
    let view = View::new(&snapshot);
    let stage = FACILITIES.find(&view, &facility).expect("known").value.stage;
    assert!(matches!(stage, Stage::Available { call: None, .. }), "{stage:?}");
    for receipt in &deal.receipts {
        let receipt = RECEIPTS.find(&view, receipt).expect("known").value;
        assert_eq!(receipt.encumbrance, Encumbrance::Free);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loan_against_winter_gourds_in_spring_2014_is_the_loan_that_python_computes() {
    let Some(file) = shared_data(FILE) else { return };
    let quotes = quotes(&file);
    let dir = tempfile::tempdir().expect("a directory");
    let config = config(dir.path(), StoreKind::Redb);
    let founding = Time::start_of(date("2014-03-01"));
    let founded = found(&config, ClockKind::Simulated, founding.ms());
    let running = Running::start(&config).await;
    let mut deal = Deal::prepare(&running, &founded, quotes[0].day).await;
    deal.observe(&quotes[0].price).await;
    let pledge = deal.pledge().await;
    let facility = deal.facility(pledge).await;
    let loan = deal.draw(facility).await;

    let mut days = Vec::new();
    for (n, quote) in quotes.iter().enumerate() {
        let ends = (n == 0, n + 1 == quotes.len());
        days.push(market_day(&mut deal, &running, (facility, loan), quote, ends).await);
    }
    conclude(&mut deal, &running, facility, pledge).await;
    let calls = days.iter().filter(|day| !day["call_amount"].is_null()).count();
    assert!(calls > 0, "the file's own prices cause a margin call");
    drop(deal);
    running.stop().await;
    compare(&file, dir.path(), &days);
}

/// The independent computation agrees on every figure of every day.
fn compare(file: &Path, dir: &Path, days: &[Value]) {
    let booked = dir.join("book.json");
    fs::write(&booked, serde_json::to_vec_pretty(days).expect("json")).expect("written");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/pledge.py");
    let output = Command::new("python3").arg(script).arg(file).arg(&booked).output();
    let output = output.expect("python3 is installed");
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "python3 computes otherwise:\n{said}{failed}");
    eprintln!("{said}");
}
