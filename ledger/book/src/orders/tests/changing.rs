//! An order is amended, or ends early.

use super::trade::{Trade, code, digest, garlic, grams, placed};
use crate::{
    orders::{
        AmendOrder, CancelOrder, ConfirmOrderFinance, OfferOrderForFinance, SettleOrder, Standing,
        StatedTime,
    },
    refusal::Code,
    shipments::{self, CancelShipment, DeclareLost},
    testing::{START, refused},
    vocabulary::{Currency, Money, OrderId, Quantity, Unit},
};

fn amend(order: OrderId, amount: u64) -> AmendOrder {
    let due = "2026-03-01".parse().expect("a date");
    AmendOrder { order, line: 1, quantity: grams(amount), due }
}

fn cancel(order: OrderId) -> CancelOrder {
    CancelOrder { order, reason: code("NO-LONGER-NEEDED") }
}

fn finance(trade: &mut Trade, order: OrderId) {
    let offer = OfferOrderForFinance { order, bank: trade.bank };
    trade.say(trade.seller, offer).expect("accepted");
    let confirm = ConfirmOrderFinance { order, account: digest(1) };
    trade.say(trade.bank, confirm).expect("accepted");
}

#[test]
fn an_amendment_is_signed_by_both_and_by_the_lender() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    let (buyer, seller, bank) = (trade.buyer, trade.seller, trade.bank);
    for signers in [vec![buyer], vec![seller], vec![bank, buyer, seller]] {
        assert_eq!(refused(trade.together(&signers, amend(order, 2_000))), Code::NotAuthorised);
    }
    trade.together(&[buyer, seller], amend(order, 2_000)).expect("accepted");
    assert_eq!(trade.line(order, 1).ordered, grams(2_000));
    finance(&mut trade, order);
    let without = trade.together(&[seller, buyer], amend(order, 3_000));
    assert_eq!(refused(without), Code::LenderConsentRequired);
    assert!(trade.together(&[seller, buyer, bank], amend(order, 3_000)).is_ok());
}

#[test]
fn what_is_on_shipments_stays() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(10_000)]);
    trade.planned(order, &[(1, 5_000)]);
    let both = [trade.buyer, trade.seller];
    // 1% over 4,950 is 4,999.5.
    assert_eq!(refused(trade.together(&both, amend(order, 4_950))), Code::QtyBelowAllocated);
    let pieces = AmendOrder { quantity: Quantity::new(9, Unit::Piece), ..amend(order, 0) };
    assert_eq!(refused(trade.together(&both, pieces)), Code::UnitMismatch);
    let nowhere = AmendOrder { line: 2, ..amend(order, 9_000) };
    assert_eq!(refused(trade.together(&both, nowhere)), Code::NotFound);
    trade.together(&both, amend(order, 4_951)).expect("accepted");
    trade.check();
}

#[test]
fn what_will_not_come_is_struck_out_and_the_order_settles() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(5_000), garlic(700)]);
    trade.accepted(order, &[(1, 5_000)]);
    trade.say(trade.seller, Trade::invoice(order, "I-1", &[(1, 5_000)])).expect("accepted");
    let paid = SettleOrder {
        order,
        invoice: code("I-1"),
        amount: Money::new(1_275, Currency::CNY),
        reference: code("PAY-1"),
        account: digest(1),
        paid: StatedTime::at(START),
    };
    trade.say(trade.buyer, paid).expect("accepted");
    assert_eq!(trade.standing(order), Standing::PartlyFulfilled);
    let both = [trade.buyer, trade.seller];
    let strike = AmendOrder { line: 2, ..amend(order, 0) };
    trade.together(&both, strike).expect("accepted");
    assert_eq!(trade.standing(order), Standing::Settled);
    let plan = trade.plan(order, &[(1, 1)]);
    assert_eq!(refused(trade.world.say(trade.seller, plan)), Code::InvalidState);
}

#[test]
fn an_amended_line_must_cost_what_fits() {
    let mut trade = Trade::new();
    let mut line = garlic(1);
    line.price = None;
    line.value_minor_units = Some(1_000_000_000_000_000);
    let order = trade.agreed(&[line]);
    let both = [trade.buyer, trade.seller];
    // 10^15 fen a gram: 18,446 g fit into 64 bits; 1% more than 18,265 g is 18,447.
    assert_eq!(refused(trade.together(&both, amend(order, 18_265))), Code::Overflow);
    assert!(trade.together(&both, amend(order, 18_264)).is_ok());
}

#[test]
fn the_buyer_alone_takes_back_what_the_seller_has_not_signed() {
    let mut trade = Trade::new();
    let command = trade.order(&[garlic(1_000)]);
    let order = placed(&trade.say(trade.buyer, command).expect("accepted"));
    assert_eq!(refused(trade.say(trade.seller, cancel(order))), Code::NotAuthorised);
    trade.say(trade.buyer, cancel(order)).expect("accepted");
    assert_eq!(trade.standing(order), Standing::Cancelled);
    assert_eq!(refused(trade.say(trade.buyer, cancel(order))), Code::InvalidState);
}

#[test]
fn a_binding_order_is_cancelled_by_all_whom_it_binds() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    finance(&mut trade, order);
    let (buyer, seller, bank) = (trade.buyer, trade.seller, trade.bank);
    assert_eq!(refused(trade.say(buyer, cancel(order))), Code::NotAuthorised);
    let without = trade.together(&[buyer, seller], cancel(order));
    assert_eq!(refused(without), Code::LenderConsentRequired);
    assert!(trade.together(&[buyer, seller, bank], cancel(order)).is_ok());
}

#[test]
fn an_order_whose_goods_move_is_not_cancelled() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    let both = [trade.buyer, trade.seller];
    let shipment = trade.loaded(order, &[(1, 1_000)]);
    assert_eq!(refused(trade.together(&both, cancel(order))), Code::ShipmentInTransit);
    let lost = shipments::Command::from(DeclareLost {
        shipment,
        lines: super::trade::lines(&[(1, 1_000)]),
        reason: code("FLOOD"),
        found: StatedTime::at(START),
    });
    trade.world.say(trade.seller, lost).expect("accepted");
    trade.together(&both, cancel(order)).expect("accepted");
    trade.check();
}

#[test]
fn an_order_of_which_something_was_delivered_is_not_cancelled() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    trade.delivered(order, &[(1, 1)]);
    let both = [trade.buyer, trade.seller];
    assert_eq!(refused(trade.together(&both, cancel(order))), Code::InvalidState);
}

#[test]
fn a_plan_for_a_cancelled_order_is_not_loaded_and_can_be_given_up() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    let shipment = trade.planned(order, &[(1, 1_000)]);
    trade.together(&[trade.buyer, trade.seller], cancel(order)).expect("accepted");
    let loading = shipments::Command::from(trade.loading(shipment, &[(1, 1_000)]));
    assert_eq!(refused(trade.world.say(trade.seller, loading)), Code::InvalidState);
    let give_up =
        shipments::Command::from(CancelShipment { shipment, reason: code("ORDER-CANCELLED") });
    trade.world.say(trade.seller, give_up).expect("accepted");
    assert_eq!(trade.progress(order, 1), [0; 5]);
    trade.check();
}
