//! Scales, tickets, net weight.

use super::yard::{Yard, code, grams, scale, weight};
use crate::{
    areas,
    goods::{Event, RecordWeight},
    parties::Role,
    refusal::Code,
    testing::refused,
    vocabulary::{Millis, Quantity, Unit},
};

#[test]
fn the_net_weight_is_gross_less_tare_and_more_than_nothing() {
    let mut yard = Yard::new();
    let lot = yard.arrived();
    let weigh =
        |gross, tare, yard: &Yard| weight(yard.warehouse, lot, "T-9", gross, tare, &yard.world);
    for (command, code) in [
        (weigh(9_000, 9_000, &yard), Code::ValidationFailed),
        (weigh(9_000, 9_001, &yard), Code::ValidationFailed),
        (
            RecordWeight { gross: Quantity::new(9, Unit::Piece), ..weigh(9_000, 1, &yard) },
            Code::UnitMismatch,
        ),
    ] {
        assert_eq!(refused(yard.say(yard.weigher, command.into())), code);
    }
    let command = weigh(9_001, 9_000, &yard);
    let events = yard.accept(yard.weigher, command.into());
    let [areas::Event::Goods(Event::LotWeighed(event))] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(event.net, grams(1));
}

#[test]
fn a_scale_is_used_to_the_last_day_of_its_calibration() {
    let mut yard = Yard::new();
    yard.accept(yard.warehouse, scale("B-1", "2026-01-05"));
    let (today, tomorrow) = (yard.arrived(), yard.arrived());
    let command = weight(yard.warehouse, today, "T-1", 9, 1, &yard.world);
    yard.accept(yard.weigher, command.into());
    yard.world.pass(Millis::days(1));
    let command = weight(yard.warehouse, tomorrow, "T-2", 9, 1, &yard.world);
    let late = yard.say(yard.weigher, command.clone().into());
    assert_eq!(refused(late), Code::ScaleCalibrationExpired);
    assert_eq!(
        refused(yard.say(yard.warehouse, scale("B-1", "2026-01-05"))),
        Code::ValidationFailed,
        "no calibration into the past"
    );
    yard.accept(yard.warehouse, scale("B-1", "2026-01-06"));
    yard.accept(yard.weigher, command.into());
}

#[test]
fn only_the_weighers_or_the_warehouses_own_scale_counts() {
    let mut yard = Yard::new();
    let stranger = yard.world.party(31, &[Role::Weigher]);
    yard.accept(stranger, scale("B-1", "2026-06-30"));
    let lot = yard.arrived();
    let on_anothers = weight(stranger, lot, "T-1", 9, 1, &yard.world);
    let refused_as = refused(yard.say(yard.weigher, on_anothers.clone().into()));
    assert_eq!(refused_as, Code::NotRegistered);
    yard.accept(stranger, on_anothers.into());
    let next = yard.arrived();
    let unknown = RecordWeight {
        scale: code("B-2"),
        ..weight(yard.warehouse, next, "T-1", 9, 1, &yard.world)
    };
    assert_eq!(refused(yard.say(yard.warehouse, unknown.into())), Code::NotRegistered);
}

#[test]
fn a_warehouse_weighs_only_what_it_keeps() {
    let mut yard = Yard::new();
    let another = yard.world.party(21, &[Role::Warehouse]);
    let lot = yard.arrived();
    let command = weight(yard.warehouse, lot, "T-1", 9, 1, &yard.world);
    assert_eq!(refused(yard.say(another, command.clone().into())), Code::NotAuthorised);
    yard.accept(yard.warehouse, command.into());
}

#[test]
fn a_ticket_weighs_one_lot() {
    let mut yard = Yard::new();
    let (first, second) = (yard.arrived(), yard.arrived());
    let weigh = |lot, ticket, yard: &Yard| weight(yard.warehouse, lot, ticket, 9, 1, &yard.world);
    let command = weigh(first, "T-1", &yard);
    yard.accept(yard.weigher, command.clone().into());
    assert_eq!(refused(yard.say(yard.weigher, command.into())), Code::InvalidState);
    let again = weigh(second, "T-1", &yard);
    assert_eq!(refused(yard.say(yard.weigher, again.into())), Code::DuplicateWeighTicket);
    let new = weigh(second, "T-2", &yard);
    yard.accept(yard.weigher, new.into());
}
