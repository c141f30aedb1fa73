//! Goods on their way.

use super::road::{arrival, hour};
use crate::{
    areas,
    orders::{
        StatedTime,
        tests::trade::{Trade, code, garlic},
    },
    refusal::Code,
    shipments::{
        Event, ImplausibleMovement, Position, RecordShipmentArrival, RecordWaypoint, Scan, Stage,
    },
    testing::refused,
    vocabulary::{Millis, ShipmentId, Time},
    wire::List,
};

const JINING: Position = Position { latitude_e6: 35_414_500, longitude_e6: 116_587_100 };
const NANJING: Position = Position { latitude_e6: 32_060_300, longitude_e6: 118_796_900 };

fn at(position: &Position, at_ms: Time) -> Scan {
    Scan { at_ms, place: None, position: Some(position.clone()) }
}

fn scans(shipment: ShipmentId, scans: &[Scan]) -> RecordWaypoint {
    RecordWaypoint { shipment, scans: List::new(scans.to_vec()).expect("1 to 64") }
}

/// Loaded at the start, now 24 hours later.
fn loaded() -> (Trade, ShipmentId) {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    let shipment = trade.loaded(order, &[(1, 1_000)]);
    trade.world.pass(Millis::hours(24));
    (trade, shipment)
}

fn flags(events: &[areas::Event]) -> Vec<&ImplausibleMovement> {
    let flag = |event| match event {
        &areas::Event::Shipments(Event::ImplausibleMovement(ref flag)) => Some(flag),
        _ => None,
    };
    events.iter().filter_map(flag).collect()
}

#[test]
fn the_custodian_sees_the_goods_on_their_way() {
    let (mut trade, shipment) = loaded();
    let seen = scans(shipment, &[at(&JINING, hour(1))]);
    assert_eq!(refused(trade.ship(trade.buyer, seen.clone())), Code::NotCustodian);
    trade.ship(trade.seller, seen).expect("accepted");
    assert_eq!(trade.stage(shipment), Stage::InTransit);
}

#[test]
fn a_scan_is_somewhere_on_earth_and_not_in_the_future() {
    let nowhere = Scan { position: None, ..at(&JINING, hour(1)) };
    let beyond = Position { latitude_e6: 90_000_001, longitude_e6: 0 };
    let (mut trade, shipment) = loaded();
    for (scan, why) in [
        (nowhere.clone(), Code::ValidationFailed),
        (at(&beyond, hour(1)), Code::ValidationFailed),
        (at(&JINING, hour(24).after(Millis(1))), Code::OccurredAtRefused),
    ] {
        assert_eq!(refused(trade.ship(trade.seller, scans(shipment, &[scan]))), why);
    }
    let place = Scan { place: Some(code("HUB-1")), ..nowhere };
    assert!(trade.ship(trade.seller, scans(shipment, &[place])).is_ok());
}

#[test]
fn no_scan_lies_before_what_is_on_record() {
    let (mut trade, shipment) = loaded();
    let before_loading = Time::from_ms(hour(0).ms() - 1);
    let early = scans(shipment, &[at(&JINING, before_loading)]);
    assert_eq!(refused(trade.ship(trade.seller, early)), Code::TimeNotMonotonic);
    let backwards = scans(shipment, &[at(&JINING, hour(3)), at(&JINING, hour(2))]);
    assert_eq!(refused(trade.ship(trade.seller, backwards)), Code::TimeNotMonotonic);
    assert_eq!(trade.stage(shipment), Stage::Loaded);
    trade.ship(trade.seller, scans(shipment, &[at(&JINING, hour(0))])).expect("accepted");
    trade.ship(trade.seller, scans(shipment, &[at(&JINING, hour(5))])).expect("accepted");
    let late = scans(shipment, &[at(&JINING, hour(4))]);
    assert_eq!(refused(trade.ship(trade.seller, late)), Code::TimeNotMonotonic);
    let again = scans(shipment, &[at(&JINING, hour(5))]);
    assert!(trade.ship(trade.seller, again).is_ok());
}

/// Some 420 km: at 40 m/s not in less than 2 h 55 min.
#[test]
fn a_movement_too_fast_for_a_truck_is_flagged_and_kept() {
    for (hours, flagged) in [(2, true), (3, false)] {
        let (mut trade, shipment) = loaded();
        let journey = [at(&JINING, hour(1)), at(&NANJING, hour(1 + hours))];
        let events = trade.ship(trade.seller, scans(shipment, &journey)).expect("accepted");
        assert_eq!(flags(&events).len(), usize::from(flagged), "{hours} h");
        let seen = trade.shipment(shipment).seen.expect("seen");
        assert_eq!((seen.position, seen.at), (NANJING, hour(1 + hours)));
    }
}

#[test]
fn movements_are_judged_from_one_statement_to_the_next() {
    let (mut trade, shipment) = loaded();
    trade.ship(trade.seller, scans(shipment, &[at(&JINING, hour(1))])).expect("accepted");
    let place = Scan { at_ms: hour(1), place: Some(code("HUB-1")), position: None };
    trade.ship(trade.seller, scans(shipment, &[place])).expect("accepted");
    let jump = scans(shipment, &[at(&NANJING, hour(2))]);
    let events = trade.ship(trade.seller, jump).expect("accepted");
    let [flag] = flags(&events)[..] else { panic!("{events:?}") };
    assert_eq!((flag.span_ms, flag.limit_metres_per_second), (3_600_000, 40));
    assert!((415_000..430_000).contains(&flag.metres), "{}", flag.metres);
}

#[test]
fn custodian_or_consignee_records_the_arrival() {
    let (mut trade, shipment) = loaded();
    let arrived = arrival(shipment, hour(6));
    assert_eq!(refused(trade.ship(trade.carrier, arrived.clone())), Code::NotCustodian);
    let early = arrival(shipment, Time::from_ms(hour(0).ms() - 1));
    assert_eq!(refused(trade.ship(trade.seller, early)), Code::TimeNotMonotonic);
    // The day of loading may have been later than the loading, somewhere.
    let that_day = RecordShipmentArrival {
        arrived: StatedTime::on("2026-01-05".parse().expect("a date")),
        ..arrived.clone()
    };
    let day_before = RecordShipmentArrival {
        arrived: StatedTime::on("2026-01-03".parse().expect("a date")),
        ..arrived.clone()
    };
    assert_eq!(refused(trade.ship(trade.buyer, day_before)), Code::TimeNotMonotonic);
    trade.ship(trade.buyer, that_day).expect("accepted");
    assert_eq!(trade.stage(shipment), Stage::Arrived);
    assert_eq!(refused(trade.ship(trade.seller, arrived)), Code::InvalidState);
    let after = scans(shipment, &[at(&NANJING, hour(7))]);
    assert_eq!(refused(trade.ship(trade.seller, after)), Code::InvalidState);
}
