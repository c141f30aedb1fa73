//! A shipment is planned, taken on, given up.

use super::road::{booking, hour, returned};
use crate::{
    orders::tests::trade::{Trade, code, garlic, grams},
    parties::Role,
    refusal::Code,
    shipments::{
        CancelShipment, Mode, MovedLine, PlanShipment, PlanWarehouseMove, RecordReturn, Stage,
    },
    testing::{party, refused},
    vocabulary::{Quantity, ShipmentId, Unit},
    wire::List,
};

fn cancel(shipment: ShipmentId) -> CancelShipment {
    CancelShipment { shipment, reason: code("NO-TRUCK") }
}

#[test]
fn what_is_open_of_an_order_is_planned_and_no_more() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    let plan = |trade: &Trade, amount| trade.plan(order, &[(1, amount)]);
    let too_much = plan(&trade, 1_001);
    assert_eq!(refused(trade.ship(trade.seller, too_much)), Code::QtyExceedsOrder);
    let most = plan(&trade, 1_000);
    trade.ship(trade.buyer, most).expect("accepted");
    assert_eq!(trade.progress(order, 1), [1_000, 0, 0, 0, 0]);
    let one_more = plan(&trade, 1);
    assert_eq!(refused(trade.ship(trade.seller, one_more)), Code::QtyExceedsOrder);
    trade.check();
}

#[test]
fn buyer_or_seller_plans_with_parties_that_do_such_work() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    let plain = trade.plain_plan(order, &[(1, 10)]);
    assert_eq!(refused(trade.ship(trade.carrier, plain.clone())), Code::NotAuthorised);
    for (plan, why) in [
        (PlanShipment { carrier: Some(trade.bank), ..plain.clone() }, Code::NotAuthorised),
        (PlanShipment { carrier: Some(party(99)), ..plain.clone() }, Code::NotFound),
        (PlanShipment { from_warehouse: Some(trade.bank), ..plain.clone() }, Code::NotAuthorised),
        (trade.plain_plan(order, &[(2, 10)]), Code::NotFound),
        (trade.plain_plan(order, &[(1, 0)]), Code::QuantityZero),
        (trade.plain_plan(order, &[(1, 1), (1, 1)]), Code::ValidationFailed),
    ] {
        assert_eq!(refused(trade.ship(trade.seller, plan.clone())), why, "{plan:?}");
    }
    assert!(trade.ship(trade.seller, plain).is_ok());
}

#[test]
fn an_id_is_made_once() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    let plan = trade.plan(order, &[(1, 1)]);
    trade.ship(trade.seller, plan.clone()).expect("accepted");
    trade.world.index -= 1;
    assert_eq!(refused(trade.ship(trade.seller, plan)), Code::IdTaken);
}

#[test]
fn an_order_that_the_seller_has_not_signed_is_not_shipped() {
    let mut trade = Trade::new();
    let command = trade.order(&[garlic(1_000)]);
    let placed = trade.say(trade.buyer, command).expect("accepted");
    let order = crate::orders::tests::trade::placed(&placed);
    let plan = trade.plan(order, &[(1, 10)]);
    assert_eq!(refused(trade.ship(trade.seller, plan)), Code::InvalidState);
}

#[test]
fn goods_move_to_a_warehouse_without_an_order() {
    let mut trade = Trade::new();
    let warehouse = trade.world.party(6, &[Role::Warehouse]);
    let of = |commodity: &str, quantity| {
        let line = MovedLine { commodity: code(commodity), quantity };
        PlanWarehouseMove {
            to_warehouse: warehouse,
            lines: List::new(vec![line]).expect("one"),
            from_warehouse: None,
            carrier: None,
            mode: Mode::Truck,
            destination: code("STORE-1"),
        }
    };
    for (plan, why) in [
        (of("RICE", grams(10)), Code::NotRegistered),
        (of("GARLIC", grams(0)), Code::QuantityZero),
        (of("GARLIC", Quantity::new(1, Unit::Piece)), Code::UnitMismatch),
        (
            PlanWarehouseMove { to_warehouse: trade.bank, ..of("GARLIC", grams(10)) },
            Code::NotAuthorised,
        ),
    ] {
        assert_eq!(refused(trade.ship(trade.seller, plan.clone())), why, "{plan:?}");
    }
    let events = trade.ship(trade.seller, of("GARLIC", grams(10))).expect("accepted");
    let shipment = crate::orders::tests::trade::planned(&events);
    let loading = trade.loading(shipment, &[(1, 12)]);
    trade.ship(trade.seller, loading).expect("accepted");
    let delivery = trade.delivery(shipment, &[(1, 12)]);
    let unsigned = trade.ship(trade.seller, delivery.clone());
    assert_eq!(refused(unsigned), Code::ConsigneeSignatureRequired);
    trade.ship(warehouse, delivery).expect("accepted");
    assert_eq!(trade.stage(shipment), Stage::Delivered);
    trade.check();
}

#[test]
fn the_carrier_named_takes_a_shipment_on_and_no_other() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    let (shipment, own) = (trade.for_carrier(order, &[(1, 10)]), trade.planned(order, &[(1, 10)]));
    let other = trade.world.party(7, &[Role::Carrier]);
    assert_eq!(refused(trade.ship(other, booking(shipment, 0, 24))), Code::NotAuthorised);
    assert_eq!(refused(trade.ship(trade.seller, booking(shipment, 0, 24))), Code::NotAuthorised);
    assert_eq!(refused(trade.ship(trade.carrier, booking(own, 0, 24))), Code::NotAuthorised);
    for (from, to) in [(5, 5), (6, 5), (0, 90 * 24 + 1)] {
        let refusal = refused(trade.ship(trade.carrier, booking(shipment, from, to)));
        assert_eq!(refusal, Code::ValidationFailed, "{from} to {to}");
    }
    trade.ship(trade.carrier, booking(shipment, 0, 90 * 24)).expect("accepted");
    assert_eq!(trade.stage(shipment), Stage::Booked);
    let twice = trade.ship(trade.carrier, booking(shipment, 0, 24));
    assert_eq!(refused(twice), Code::InvalidState);
}

#[test]
fn a_vehicle_is_in_one_place_at_a_time() {
    // Taken from hour 10 to 20; windows are closed at the beginning and open at the end.
    for (from, to, free) in [
        (0, 10, true),
        (0, 11, false),
        (12, 15, false),
        (10, 20, false),
        (19, 30, false),
        (20, 30, true),
        (5, 25, false),
    ] {
        let mut trade = Trade::new();
        let order = trade.agreed(&[garlic(1_000)]);
        let first = trade.for_carrier(order, &[(1, 10)]);
        trade.ship(trade.carrier, booking(first, 10, 20)).expect("accepted");
        let second = trade.for_carrier(order, &[(1, 10)]);
        let said = trade.ship(trade.carrier, booking(second, from, to));
        let refusal = said.err().map(|refusal| refusal.code);
        assert_eq!(refusal, (!free).then_some(Code::VehicleConflict), "{from} to {to}");
    }
}

#[test]
fn a_vehicle_fits_between_two_of_its_windows() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    for (from, to) in [(20, 30), (0, 10), (10, 20)] {
        let shipment = trade.for_carrier(order, &[(1, 10)]);
        trade.ship(trade.carrier, booking(shipment, from, to)).expect("accepted");
    }
}

#[test]
fn a_plan_given_up_frees_order_and_vehicle() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    let shipment = trade.for_carrier(order, &[(1, 1_000)]);
    trade.ship(trade.carrier, booking(shipment, 0, 24)).expect("accepted");
    assert_eq!(refused(trade.ship(trade.buyer, cancel(shipment))), Code::NotAuthorised);
    trade.ship(trade.seller, cancel(shipment)).expect("accepted");
    assert_eq!(refused(trade.ship(trade.seller, cancel(shipment))), Code::InvalidState);
    assert_eq!(trade.progress(order, 1), [0; 5]);
    let again = trade.for_carrier(order, &[(1, 1_000)]);
    assert!(trade.ship(trade.carrier, booking(again, 0, 24)).is_ok());
    trade.check();
}

#[test]
fn goods_on_the_vehicle_are_not_cancelled_away() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    let shipment = trade.loaded(order, &[(1, 1_000)]);
    assert_eq!(refused(trade.ship(trade.seller, cancel(shipment))), Code::InvalidState);
}

#[test]
fn a_vehicle_is_free_from_the_end_of_its_shipment() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    let shipment = trade.on_the_truck(order, &[(1, 10)]);
    trade.world.pass(crate::vocabulary::Millis::hours(8));
    let back = RecordReturn {
        returned: crate::orders::StatedTime::at(hour(8)),
        ..returned(shipment, &[(1, 10)])
    };
    trade.ship(trade.seller, back).expect("accepted");
    for (from, to, free) in [(7, 10, false), (8, 10, true)] {
        let next = trade.for_carrier(order, &[(1, 10)]);
        let said = trade.ship(trade.carrier, booking(next, from, to));
        assert_eq!(said.is_ok(), free, "{from} to {to}");
    }
}
