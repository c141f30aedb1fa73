//! Goods are loaded, ticket by ticket.

use super::road::booking;
use crate::{
    orders::{
        StatedTime,
        tests::trade::{Trade, code, garlic, grams},
    },
    refusal::Code,
    shipments::{LoadedLot, RecordLoading, Stage},
    testing::{START, refused},
    vocabulary::{Millis, Quantity, Unit},
    wire::List,
};

pub(super) fn lot(line: u32, ticket: &str, amount: u64) -> LoadedLot {
    LoadedLot { line, ticket: code(ticket), quantity: grams(amount) }
}

pub(super) fn of(plain: &RecordLoading, lots: &[LoadedLot]) -> RecordLoading {
    RecordLoading { lots: List::new(lots.to_vec()).expect("1 to 50"), ..plain.clone() }
}

#[test]
fn the_consignor_loads_what_the_plan_has() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(10_000)]);
    let shipment = trade.planned(order, &[(1, 1_000)]);
    let plain = trade.loading(shipment, &[(1, 1_000)]);
    let pieces = LoadedLot { quantity: Quantity::new(1, Unit::Piece), ..lot(1, "T", 1) };
    let tomorrow = StatedTime::at(START.after(Millis(1)));
    assert_eq!(refused(trade.ship(trade.buyer, plain.clone())), Code::NotAuthorised);
    for (loading, why) in [
        (of(&plain, &[lot(2, "T", 1)]), Code::NotFound),
        (of(&plain, &[lot(1, "T", 0)]), Code::QuantityZero),
        (of(&plain, &[pieces]), Code::UnitMismatch),
        (RecordLoading { loaded: tomorrow, ..plain.clone() }, Code::OccurredAtRefused),
    ] {
        let before = trade.state();
        assert_eq!(refused(trade.ship(trade.seller, loading.clone())), why, "{loading:?}");
        assert_eq!(before, trade.state());
    }
    trade.ship(trade.seller, plain.clone()).expect("accepted");
    assert_eq!(refused(trade.ship(trade.seller, plain)), Code::InvalidState);
}

#[test]
fn a_carriers_shipment_is_booked_before_it_is_loaded() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    let shipment = trade.for_carrier(order, &[(1, 1_000)]);
    let loading = trade.loading(shipment, &[(1, 1_000)]);
    assert_eq!(refused(trade.ship(trade.seller, loading.clone())), Code::InvalidState);
    trade.ship(trade.carrier, booking(shipment, 0, 24)).expect("accepted");
    trade.ship(trade.seller, loading).expect("accepted");
    assert_eq!(trade.stage(shipment), Stage::Loaded);
}

#[test]
fn a_weigh_ticket_is_used_once() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(10_000)]);
    let first = trade.planned(order, &[(1, 1_000)]);
    let second = trade.planned(order, &[(1, 1_000)]);
    let plain = trade.loading(first, &[(1, 1_000)]);
    let twice = of(&plain, &[lot(1, "W-1", 500), lot(1, "W-1", 500)]);
    assert_eq!(refused(trade.ship(trade.seller, twice)), Code::DuplicateWeighTicket);
    let both = of(&plain, &[lot(1, "W-1", 500), lot(1, "W-2", 500)]);
    trade.ship(trade.seller, both).expect("accepted");
    assert_eq!(trade.cargo(first, 1).loaded, 1_000);
    let again = RecordLoading { shipment: second, ..of(&plain, &[lot(1, "W-2", 500)]) };
    assert_eq!(refused(trade.ship(trade.seller, again)), Code::DuplicateWeighTicket);
    let other = RecordLoading { shipment: second, ..of(&plain, &[lot(1, "W-3", 500)]) };
    assert!(trade.ship(trade.seller, other).is_ok());
}

#[test]
fn the_scale_may_say_more_than_planned_within_the_lines_tolerance() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(10_000)]);
    let shipment = trade.planned(order, &[(1, 10_000)]);
    // 1% over.
    let over = trade.loading(shipment, &[(1, 10_101)]);
    assert_eq!(refused(trade.ship(trade.seller, over)), Code::OverFulfilment);
    let most = trade.loading(shipment, &[(1, 10_100)]);
    trade.ship(trade.seller, most).expect("accepted");
    assert_eq!(trade.progress(order, 1), [10_100, 10_100, 0, 0, 0]);
    trade.check();
}

#[test]
fn what_others_have_taken_of_the_tolerance_is_gone() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(10_000)]);
    let (first, second) =
        (trade.planned(order, &[(1, 5_000)]), trade.planned(order, &[(1, 5_000)]));
    let over = trade.loading(first, &[(1, 5_060)]);
    trade.ship(trade.seller, over).expect("accepted");
    let too_much = trade.loading(second, &[(1, 5_041)]);
    assert_eq!(refused(trade.ship(trade.seller, too_much)), Code::OverFulfilment);
    let rest = trade.loading(second, &[(1, 5_040)]);
    assert!(trade.ship(trade.seller, rest).is_ok());
}

#[test]
fn what_stays_behind_is_open_again() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(10_000), garlic(700)]);
    let shipment = trade.planned(order, &[(1, 10_000), (2, 700)]);
    let loading = trade.loading(shipment, &[(1, 9_000)]);
    trade.ship(trade.seller, loading).expect("accepted");
    assert_eq!(trade.progress(order, 1), [9_000, 9_000, 0, 0, 0]);
    assert_eq!(trade.progress(order, 2), [0; 5]);
    trade.check();
    trade.planned(order, &[(1, 1_000), (2, 700)]);
}
