//! What becomes of loaded goods, to the last gram.

use super::road::{accept, arrival, close, hour, lost, of_line_1, offer, returned};
use crate::{
    orders::{
        Standing, StatedTime,
        tests::trade::{Trade, digest, garlic},
    },
    refusal::Code,
    shipments::{Command, Custody, DeliveredLine, RecordDelivery, Stage},
    testing::refused,
    vocabulary::{OrderId, Quantity, ShipmentId, Time, Unit},
    wire::List,
};

fn loaded() -> (Trade, OrderId, ShipmentId) {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    let shipment = trade.loaded(order, &[(1, 1_000)]);
    (trade, order, shipment)
}

#[test]
fn goods_are_delivered_by_the_consignees_own_key() {
    let (mut trade, _, shipment) = loaded();
    let delivery = trade.delivery(shipment, &[(1, 1_000)]);
    let by_seller = trade.ship(trade.seller, delivery.clone());
    assert_eq!(refused(by_seller), Code::ConsigneeSignatureRequired);
    let strangers = [(trade.carrier, Some(1)), (trade.buyer, Some(1))];
    let stranger = trade.world.say_with(trade.carrier, &strangers, Command::from(delivery.clone()));
    assert_eq!(refused(stranger), Code::NotCustodian);
    let both = [(trade.seller, Some(1)), (trade.buyer, Some(1))];
    trade.world.say_with(trade.seller, &both, Command::from(delivery)).expect("accepted");
    assert_eq!(trade.stage(shipment), Stage::Delivered);
    trade.check();
}

#[test]
fn no_more_is_delivered_short_and_damaged_than_was_loaded() {
    let (mut trade, order, shipment) = loaded();
    for parts in [[1_001, 0, 0], [1_000, 1, 0], [900, 50, 51], [0, 0, 1_001]] {
        let delivery = of_line_1(&trade, shipment, parts);
        let before = trade.state();
        assert_eq!(refused(trade.ship(trade.buyer, delivery)), Code::MassBalanceError, "{parts:?}");
        assert_eq!(before, trade.state());
    }
    let all = of_line_1(&trade, shipment, [900, 50, 50]);
    trade.ship(trade.buyer, all).expect("accepted");
    // Short and damaged goods don't count: they may be shipped anew.
    assert_eq!(trade.progress(order, 1), [900, 900, 900, 0, 0]);
    trade.ship(trade.seller, close(shipment)).expect("accepted");
    trade.check();
}

#[test]
fn a_delivery_names_lines_of_the_shipment_once_each_in_their_unit() {
    let (mut trade, _, shipment) = loaded();
    let pieces =
        |line: DeliveredLine| DeliveredLine { short: Quantity::new(0, Unit::Piece), ..line };
    let plain = trade.delivery(shipment, &[(1, 1_000)]);
    let first = plain.lines[0].clone();
    let of = |lines: Vec<DeliveredLine>| RecordDelivery {
        lines: List::new(lines).expect("1 to 50"),
        ..plain.clone()
    };
    let early = StatedTime::at(Time::from_ms(hour(0).ms() - 1));
    let tomorrow = StatedTime::at(hour(24));
    for (delivery, why) in [
        (of(vec![pieces(first.clone())]), Code::UnitMismatch),
        (of(vec![first.clone(), first.clone()]), Code::ValidationFailed),
        (of(vec![DeliveredLine { line: 2, ..first }]), Code::NotFound),
        (RecordDelivery { delivered: early, ..plain.clone() }, Code::TimeNotMonotonic),
        (RecordDelivery { recorded: Some(tomorrow), ..plain.clone() }, Code::OccurredAtRefused),
    ] {
        assert_eq!(refused(trade.ship(trade.buyer, delivery.clone())), why, "{delivery:?}");
    }
    trade.ship(trade.buyer, plain.clone()).expect("accepted");
    assert_eq!(refused(trade.ship(trade.buyer, plain)), Code::InvalidState);
}

#[test]
fn a_shipment_is_closed_when_each_gram_is_accounted_for() {
    let (mut trade, order, shipment) = loaded();
    assert_eq!(refused(trade.ship(trade.seller, close(shipment))), Code::InvalidState);
    let part = of_line_1(&trade, shipment, [900, 0, 0]);
    trade.ship(trade.buyer, part).expect("accepted");
    assert_eq!(refused(trade.ship(trade.seller, close(shipment))), Code::MassBalanceError);
    trade.ship(trade.seller, returned(shipment, &[(1, 60)])).expect("accepted");
    assert_eq!(refused(trade.ship(trade.seller, close(shipment))), Code::MassBalanceError);
    trade.ship(trade.seller, lost(shipment, &[(1, 40)])).expect("accepted");
    assert_eq!(refused(trade.ship(trade.bank, close(shipment))), Code::NotAuthorised);
    trade.ship(trade.buyer, close(shipment)).expect("accepted");
    assert_eq!(trade.stage(shipment), Stage::Closed);
    assert_eq!(trade.progress(order, 1), [900, 900, 900, 0, 0]);
    let cargo = trade.cargo(shipment, 1);
    assert_eq!((cargo.delivered, cargo.returned, cargo.lost), (900, 60, 40));
    trade.check();
}

#[test]
fn the_consignor_has_back_what_is_outstanding_and_no_more() {
    let (mut trade, order, shipment) = loaded();
    for (who, of, why) in [
        (trade.buyer, (1, 1_000), Code::NotAuthorised),
        (trade.seller, (1, 1_001), Code::MassBalanceError),
        (trade.seller, (1, 0), Code::QuantityZero),
        (trade.seller, (2, 1), Code::NotFound),
    ] {
        assert_eq!(refused(trade.ship(who, returned(shipment, &[of]))), why, "{of:?}");
    }
    trade.ship(trade.seller, returned(shipment, &[(1, 999)])).expect("accepted");
    assert_eq!(trade.stage(shipment), Stage::Loaded);
    trade.ship(trade.seller, returned(shipment, &[(1, 1)])).expect("accepted");
    assert_eq!((trade.stage(shipment), trade.progress(order, 1)), (Stage::Returned, [0; 5]));
    assert!(matches!(trade.shipment(shipment).custody, Custody::Held { .. }));
    trade.ship(trade.seller, close(shipment)).expect("accepted");
    trade.check();
}

#[test]
fn who_has_or_carried_the_goods_declares_them_lost() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    let shipment = trade.on_the_truck(order, &[(1, 1_000)]);
    trade.ship(trade.seller, offer(shipment, trade.carrier, digest(1))).expect("accepted");
    trade.ship(trade.carrier, accept(shipment, digest(1))).expect("accepted");
    let all = lost(shipment, &[(1, 1_000)]);
    assert_eq!(refused(trade.ship(trade.seller, all.clone())), Code::NotCustodian);
    let too_much = lost(shipment, &[(1, 1_001)]);
    assert_eq!(refused(trade.ship(trade.carrier, too_much)), Code::MassBalanceError);
    trade.ship(trade.carrier, all).expect("accepted");
    assert_eq!(trade.stage(shipment), Stage::Lost);
    assert_eq!(trade.shipment(shipment).custody, Custody::Nobody);
    assert_eq!(
        (trade.standing(order), trade.progress(order, 1)),
        (Standing::Countersigned, [0; 5])
    );
    trade.ship(trade.carrier, close(shipment)).expect("accepted");
    trade.check();
}

#[test]
fn a_consignee_that_refuses_all_takes_nothing() {
    let (mut trade, order, shipment) = loaded();
    let nothing = of_line_1(&trade, shipment, [0, 0, 0]);
    trade.ship(trade.seller, arrival(shipment, hour(0))).expect("accepted");
    trade.ship(trade.buyer, nothing).expect("accepted");
    assert_eq!(trade.progress(order, 1), [1_000, 1_000, 0, 0, 0]);
    trade.ship(trade.seller, returned(shipment, &[(1, 1_000)])).expect("accepted");
    trade.ship(trade.seller, close(shipment)).expect("accepted");
    assert_eq!(trade.progress(order, 1), [0; 5]);
    trade.check();
}
