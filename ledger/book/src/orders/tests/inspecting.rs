//! The buyer judges what was delivered.

use super::trade::{Trade, code, digest, garlic, grams, lines};
use crate::{
    areas,
    orders::{AcceptGoods, Event, LineQuantity, RejectGoods, Standing},
    refusal::Code,
    registries::Profile,
    testing::refused,
    vocabulary::{Millis, OrderId, Quantity, ShipmentId, Unit},
    wire::List,
};

fn accept(order: OrderId, shipment: ShipmentId, of: &[(u32, u64)]) -> AcceptGoods {
    AcceptGoods { order, shipment, lines: lines(of) }
}

fn reject(order: OrderId, shipment: ShipmentId, of: &[(u32, u64)]) -> RejectGoods {
    let (reason, evidence) = (code("MOULD"), digest(3));
    RejectGoods { order, shipment, lines: lines(of), reason, evidence }
}

#[test]
fn the_buyer_accepts_and_rejects_what_waits_and_no_more() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000), garlic(500)]);
    let shipment = trade.delivered(order, &[(1, 1_000), (2, 500)]);
    let too_much = accept(order, shipment, &[(1, 1_001)]);
    assert_eq!(refused(trade.say(trade.buyer, too_much)), Code::QtyNotDelivered);
    let by_seller = accept(order, shipment, &[(1, 1_000)]);
    assert_eq!(refused(trade.say(trade.seller, by_seller)), Code::NotAuthorised);
    trade.say(trade.buyer, accept(order, shipment, &[(1, 900), (2, 500)])).expect("accepted");
    assert_eq!(
        refused(trade.say(trade.buyer, reject(order, shipment, &[(1, 101)]))),
        Code::QtyNotDelivered
    );
    trade.say(trade.buyer, reject(order, shipment, &[(1, 100)])).expect("accepted");
    assert_eq!(trade.progress(order, 1), [900, 900, 900, 900, 0]);
    assert_eq!(trade.progress(order, 2), [500, 500, 500, 500, 0]);
    trade.check();
    // What was rejected may be shipped anew.
    trade.accepted(order, &[(1, 100)]);
    assert_eq!(trade.standing(order), Standing::Accepted);
    trade.check();
}

#[test]
fn a_judgement_names_lines_of_the_delivery_once_each_in_the_lines_unit() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000), garlic(500)]);
    let shipment = trade.delivered(order, &[(1, 1_000)]);
    let elsewhere = trade.planned(order, &[(2, 500)]);
    let pieces = LineQuantity { line: 1, quantity: Quantity::new(1, Unit::Piece) };
    let of_pieces = AcceptGoods {
        lines: List::new(vec![pieces]).expect("one"),
        ..accept(order, shipment, &[(1, 1)])
    };
    for (command, why) in [
        (accept(order, shipment, &[(1, 1), (1, 1)]), Code::ValidationFailed),
        (accept(order, shipment, &[(3, 1)]), Code::NotFound),
        (accept(order, shipment, &[(2, 1)]), Code::NotFound),
        (accept(order, elsewhere, &[(2, 1)]), Code::NotFound),
        (accept(order, shipment, &[(1, 0)]), Code::QuantityZero),
        (of_pieces, Code::UnitMismatch),
    ] {
        assert_eq!(refused(trade.say(trade.buyer, command.clone())), why, "{command:?}");
    }
}

#[test]
fn the_window_is_open_to_its_last_millisecond_and_then_silence_accepts() {
    let window = Profile::generic().inspection_window_ms;
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    let shipment = trade.delivered(order, &[(1, 1_000)]);
    assert!(trade.world.pass(window).is_empty());
    trade.say(trade.buyer, reject(order, shipment, &[(1, 400)])).expect("accepted");
    let fired = trade.world.pass(Millis(1));
    let [areas::Event::Orders(Event::GoodsAccepted(accepted))] = fired.as_slice() else {
        panic!("{fired:?}");
    };
    assert!(accepted.silent);
    assert_eq!(accepted.lines.to_vec(), [LineQuantity { line: 1, quantity: grams(600) }]);
    assert_eq!(trade.progress(order, 1), [600, 600, 600, 600, 0]);
    let late = reject(order, shipment, &[(1, 1)]);
    assert_eq!(refused(trade.say(trade.buyer, late)), Code::WindowClosed);
    trade.check();
}

#[test]
fn silence_says_nothing_of_what_was_judged() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    trade.accepted(order, &[(1, 1_000)]);
    assert!(trade.world.pass(Millis::days(30)).is_empty());
}

#[test]
fn an_order_is_fulfilled_when_each_line_is_within_its_tolerance() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000), garlic(1_000)]);
    trade.delivered(order, &[(1, 990), (2, 989)]);
    assert_eq!(trade.standing(order), Standing::PartlyFulfilled);
    trade.delivered(order, &[(2, 1)]);
    assert_eq!(trade.standing(order), Standing::Fulfilled);
}
