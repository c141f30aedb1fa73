//! Accepted goods are invoiced and paid.

use proptest::prelude::*;

use super::trade::{Trade, code, digest, garlic, grams};
use crate::{
    areas,
    orders::{
        ConfirmOrderFinance, Event, Line, OfferOrderForFinance, Progress, SettleOrder, Standing,
        StatedTime,
    },
    parties::Role,
    prices::Price,
    refusal::{Code, Refusal},
    registries::{self, COMMODITIES},
    testing::{START, refused},
    vocabulary::{Currency, Millis, Money, OrderId, Ppm},
};

fn total(said: Result<Vec<areas::Event>, Refusal>) -> u64 {
    match said.expect("accepted").as_slice() {
        [areas::Event::Orders(Event::OrderInvoiced(invoiced))] => invoiced.total.minor(),
        events => panic!("no invoice: {events:?}"),
    }
}

fn payment(order: OrderId, invoice: &str, fen: u64) -> SettleOrder {
    SettleOrder {
        order,
        invoice: code(invoice),
        amount: Money::new(fen, Currency::CNY),
        reference: code(&format!("PAY-{invoice}")),
        account: digest(1),
        paid: StatedTime::at(START),
    }
}

#[test]
fn what_is_accepted_is_invoiced_once() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(10_000)]);
    trade.accepted(order, &[(1, 6_000)]);
    let invoice = |number: &str, amount| Trade::invoice(order, number, &[(1, amount)]);
    assert_eq!(refused(trade.say(trade.buyer, invoice("I-1", 6_000))), Code::NotAuthorised);
    assert_eq!(refused(trade.say(trade.seller, invoice("I-1", 6_001))), Code::QtyNotAccepted);
    assert_eq!(refused(trade.say(trade.seller, invoice("I-1", 0))), Code::QuantityZero);
    // 6,000 g at 1,275 fen per 5,000 g.
    assert_eq!(total(trade.say(trade.seller, invoice("I-1", 6_000))), 1_530);
    assert_eq!(refused(trade.say(trade.seller, invoice("I-2", 1))), Code::QtyNotAccepted);
    assert_eq!(trade.progress(order, 1), [6_000; 5]);
    trade.check();
}

#[test]
fn a_sellers_invoice_number_is_used_once_in_all_its_orders() {
    let mut trade = Trade::new();
    let (first, second) = (trade.agreed(&[garlic(1_000)]), trade.agreed(&[garlic(1_000)]));
    trade.accepted(first, &[(1, 1_000)]);
    trade.accepted(second, &[(1, 1_000)]);
    trade.say(trade.seller, Trade::invoice(first, "I-1", &[(1, 1_000)])).expect("accepted");
    let again = Trade::invoice(second, "I-1", &[(1, 1_000)]);
    assert_eq!(refused(trade.say(trade.seller, again)), Code::DuplicateInvoice);
    let other = Trade::invoice(second, "I-2", &[(1, 1_000)]);
    assert!(trade.say(trade.seller, other).is_ok());
}

#[test]
fn an_invoice_for_less_than_half_a_fen_is_none() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    trade.accepted(order, &[(1, 1_000)]);
    // A gram is 0.255 fen, two are 0.51.
    let invoice = |amount| Trade::invoice(order, "I-1", &[(1, amount)]);
    assert_eq!(refused(trade.say(trade.seller, invoice(1))), Code::AmountZero);
    assert_eq!(total(trade.say(trade.seller, invoice(2))), 1);
}

/// An order with one invoice, I-1 over 1,275 fen.
fn invoiced() -> (Trade, OrderId) {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(5_000)]);
    trade.accepted(order, &[(1, 5_000)]);
    trade.say(trade.seller, Trade::invoice(order, "I-1", &[(1, 5_000)])).expect("accepted");
    assert_eq!(trade.standing(order), Standing::Invoiced);
    (trade, order)
}

#[test]
fn an_invoice_is_paid_exactly_once_and_in_full() {
    let (mut trade, order) = invoiced();
    let dollars =
        SettleOrder { amount: Money::new(1_275, Currency::USD), ..payment(order, "I-1", 1_275) };
    let tomorrow = SettleOrder {
        paid: StatedTime::at(START.after(Millis(1))),
        ..payment(order, "I-1", 1_275)
    };
    for (command, why) in [
        (payment(order, "I-1", 1_274), Code::AmountMismatch),
        (payment(order, "I-1", 1_276), Code::AmountMismatch),
        (payment(order, "I-9", 1_275), Code::NotFound),
        (dollars, Code::CurrencyMismatch),
        (tomorrow, Code::OccurredAtRefused),
    ] {
        assert_eq!(refused(trade.say(trade.buyer, command.clone())), why, "{command:?}");
    }
    assert_eq!(refused(trade.say(trade.bank, payment(order, "I-1", 1_275))), Code::NotAuthorised);
    trade.say(trade.buyer, payment(order, "I-1", 1_275)).expect("accepted");
    assert_eq!(trade.standing(order), Standing::Settled);
    assert_eq!(refused(trade.say(trade.buyer, payment(order, "I-1", 1_275))), Code::InvalidState);
    trade.check();
}

#[test]
fn a_paid_invoice_and_a_used_reference_are_not_paid_again() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(10_000)]);
    trade.accepted(order, &[(1, 5_000)]);
    trade.accepted(order, &[(1, 5_000)]);
    for number in ["I-1", "I-2"] {
        let invoice = Trade::invoice(order, number, &[(1, 5_000)]);
        assert_eq!(total(trade.say(trade.seller, invoice)), 1_275);
    }
    trade.say(trade.buyer, payment(order, "I-1", 1_275)).expect("accepted");
    let twice = payment(order, "I-1", 1_275);
    assert_eq!(refused(trade.say(trade.buyer, twice)), Code::InvalidState);
    let same = SettleOrder { reference: code("PAY-I-1"), ..payment(order, "I-2", 1_275) };
    assert_eq!(refused(trade.say(trade.buyer, same)), Code::DuplicatePayment);
    assert_eq!(trade.standing(order), Standing::Invoiced);
    trade.say(trade.buyer, payment(order, "I-2", 1_275)).expect("accepted");
    assert_eq!(trade.standing(order), Standing::Settled);
    trade.check();
}

#[test]
fn a_paid_order_with_goods_still_to_come_is_not_settled() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(10_000)]);
    trade.accepted(order, &[(1, 5_000)]);
    trade.say(trade.seller, Trade::invoice(order, "I-1", &[(1, 5_000)])).expect("accepted");
    trade.say(trade.buyer, payment(order, "I-1", 1_275)).expect("accepted");
    assert_eq!(trade.standing(order), Standing::PartlyFulfilled);
}

#[test]
fn a_payment_past_the_controlled_account_is_recorded_with_an_alarm() {
    for (account, misdirected) in [(digest(1), false), (digest(2), true)] {
        let (mut trade, order) = invoiced();
        let offer = OfferOrderForFinance { order, bank: trade.bank };
        trade.say(trade.seller, offer).expect("accepted");
        let confirm = ConfirmOrderFinance { order, account: digest(1) };
        trade.say(trade.bank, confirm).expect("accepted");
        let paid = SettleOrder { account, ..payment(order, "I-1", 1_275) };
        assert_eq!(refused(trade.say(trade.other_bank, paid.clone())), Code::NotAuthorised);
        let events = trade.say(trade.bank, paid).expect("accepted");
        let alarm = |event: &areas::Event| {
            matches!(event, areas::Event::Orders(Event::PaymentMisdirected(_)))
        };
        assert_eq!(events.iter().any(alarm), misdirected);
        assert_eq!(trade.standing(order), Standing::Settled);
    }
}

#[test]
fn any_active_party_may_sell() {
    let mut trade = Trade::new();
    trade.seller = trade.world.party(8, &[Role::Insurer]);
    let order = trade.agreed(&[garlic(1_000)]);
    trade.accepted(order, &[(1, 1_000)]);
    assert_eq!(trade.standing(order), Standing::Accepted);
}

fn priced(minor_units: u64, per: u64) -> Line {
    let mut trade = Trade::new();
    trade.agreed(&[garlic(1)]);
    let garlic = registries::key(&code("GARLIC"));
    Line {
        commodity: COMMODITIES.no(&trade.world.view, &garlic).expect("registered"),
        grade: None,
        ordered: grams(1_000_000),
        tolerance: Ppm::ZERO,
        rate: Price { minor_units, per: grams(per) },
        place: code("X"),
        due: "2026-02-01".parse().expect("a date"),
        progress: Progress::default(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However a line is cut up into invoices, they add up to its value rounded once, half up.
    #[test]
    fn invoices_of_a_line_add_up_to_its_value(
        minor in 1u64..1_000_000, per in 1u64..100_000, parts in prop::collection::vec(1u64..50_000, 1..20),
    ) {
        let line = priced(minor, per);
        let (mut before, mut sum) = (0, 0);
        for part in parts {
            let after = before + part;
            sum += line.charge(after).expect("fits") - line.charge(before).expect("fits");
            before = after;
        }
        // The nearest whole number: twice the distance is at most the divisor.
        let exact = u128::from(minor) * u128::from(before);
        let off = exact.abs_diff(u128::from(sum) * u128::from(per));
        prop_assert!(2 * off <= u128::from(per));
        prop_assert!(2 * off < u128::from(per) || u128::from(sum) * u128::from(per) > exact);
    }

    /// What a tolerance allows is never more than it says, on both sides.
    #[test]
    fn a_tolerance_is_rounded_inwards(ordered in 0u64..=1_000_000_000_000_000, ppm in 0u32..=100_000) {
        let line = Line { ordered: grams(ordered), tolerance: Ppm::new(ppm), ..priced(1, 1) };
        let [o, p] = [u128::from(ordered), u128::from(ppm)];
        let [most, least] = [u128::from(line.most()), u128::from(line.least())];
        prop_assert!((most - o) * 1_000_000 <= o * p && (most + 1 - o) * 1_000_000 > o * p);
        prop_assert!((o - least) * 1_000_000 <= o * p);
        prop_assert!(least == 0 || (o + 1 - least) * 1_000_000 > o * p);
    }
}
