//! Orders kept before there was a chain.

use super::trade::{Trade, code, digest, garlic, placed};
use crate::{
    orders::{
        LINES, ORDERS, OrderLine, Phrase, PlaceOrder, Source, Standing, StatedAmount, StatedTime,
        StatedWeight,
    },
    refusal::{Code, ObjectKind, Reference},
    shipments::{self, CloseShipment, RecordLoading, Stage},
    testing::{START, refused},
    vocabulary::{Currency, Date, Id, Millis, Money, Quantity, Time, Unit},
};

fn source(key: &str) -> Source {
    Source {
        key: code(key),
        digest: digest(7),
        quoted: StatedTime::phrase(Phrase::PrePqProcess),
        ordered: StatedTime::phrase(Phrase::DateNotCaptured),
    }
}

fn imported(trade: &Trade, source: Source) -> PlaceOrder {
    // Value and pack price as the record states them.
    let line = OrderLine { value_minor_units: Some(55_100), ..garlic(19) };
    PlaceOrder { source: Some(source), ..trade.order(&[line]) }
}

#[test]
fn a_record_is_imported_once_and_the_importer_learns_what_it_became() {
    let mut trade = Trade::new();
    let first = imported(&trade, source("SCMS/1"));
    let order = placed(&trade.say(trade.buyer, first.clone()).expect("accepted"));
    let refusal = trade.say(trade.buyer, first).expect_err("imported before");
    assert_eq!(refusal.code, Code::ImportedAlready);
    let became = Reference { kind: ObjectKind::Order, id: order.to_bytes() };
    assert_eq!(refusal.facts.other, Some(became));
    let second = imported(&trade, source("SCMS/2"));
    assert!(trade.say(trade.buyer, second).is_ok());
    assert_eq!(ORDERS.count(&trade.world.view), 2);
}

#[test]
fn an_imported_line_costs_its_stated_value_and_not_its_rounded_price() {
    let mut trade = Trade::new();
    let command = imported(&trade, source("SCMS/1"));
    let order = placed(&trade.say(trade.buyer, command).expect("accepted"));
    let no = trade.row(order).no;
    let line = LINES.get(&trade.world.view, &(no, 1)).expect("a line");
    assert_eq!(line.charge(19), Some(55_100));
}

#[test]
fn a_fact_is_a_value_or_a_phrase_and_never_both_or_neither() {
    let day: Date = "2006-06-02".parse().expect("a date");
    let phrase = Phrase::DateNotCaptured;
    let both = StatedTime { phrase: Some(phrase), ..StatedTime::on(day) };
    let neither = StatedTime { on: None, ..StatedTime::on(day) };
    let twice = StatedTime { on: Some(day), ..StatedTime::at(START) };
    for (ordered, allowed) in [
        (StatedTime::on(day), true),
        (StatedTime::at(START), true),
        (StatedTime::phrase(phrase), true),
        (both, false),
        (neither, false),
        (twice, false),
    ] {
        let mut trade = Trade::new();
        let source = Source { ordered: ordered.clone(), ..source("SCMS/1") };
        let command = imported(&trade, source);
        let said = trade.say(trade.buyer, command);
        assert_eq!(said.is_ok(), allowed, "{ordered:?}: {said:?}");
    }
}

#[test]
fn an_imported_day_may_be_long_ago_and_is_never_in_the_future() {
    // The log stands at midnight of 5 January, UTC: in the easternmost zone the 5th began 14 hours ago.
    for (day, why) in
        [("2006-06-02", None), ("2026-01-05", None), ("2026-01-06", Some(Code::OccurredAtRefused))]
    {
        let mut trade = Trade::new();
        let quoted = StatedTime::on(day.parse().expect("a date"));
        let command = imported(&trade, Source { quoted, ..source("SCMS/1") });
        let said = trade.say(trade.buyer, command);
        assert_eq!(said.err().map(|refusal| refusal.code), why, "{day}");
    }
}

fn elsewhere() -> (StatedWeight, StatedAmount) {
    let record = Some(code("SCMS/1281"));
    let phrase = Some(Phrase::SeeOtherRecord);
    (
        StatedWeight { weight: None, phrase, record: record.clone() },
        StatedAmount { amount: None, phrase, record },
    )
}

fn historic(trade: &mut Trade, shipment: crate::vocabulary::ShipmentId) -> RecordLoading {
    let (weight, freight) = elsewhere();
    let insurance = StatedAmount { amount: None, phrase: Some(Phrase::NotStated), record: None };
    RecordLoading {
        loaded: StatedTime::phrase(Phrase::NotStated),
        weight: Some(weight),
        freight: Some(freight),
        insurance: Some(insurance),
        ..trade.loading(shipment, &[(1, 19)])
    }
}

#[test]
fn a_record_becomes_an_order_a_shipment_and_a_delivery_of_its_day() {
    let mut trade = Trade::new();
    let command = imported(&trade, source("SCMS/1"));
    let order = placed(&trade.say(trade.buyer, command.clone()).expect("accepted"));
    trade.say(trade.seller, trade.countersign(order, &command)).expect("accepted");
    let shipment = trade.planned(order, &[(1, 19)]);
    let loading = historic(&mut trade, shipment);
    trade.world.say(trade.seller, shipments::Command::from(loading)).expect("accepted");
    let mut delivery = trade.delivery(shipment, &[(1, 19)]);
    delivery.delivered = StatedTime::on("2006-06-02".parse().expect("a date"));
    delivery.recorded = Some(StatedTime::on("2006-06-02".parse().expect("a date")));
    trade.world.say(trade.buyer, shipments::Command::from(delivery)).expect("accepted");
    let close = shipments::Command::from(CloseShipment { shipment });
    trade.world.say(trade.buyer, close).expect("accepted");
    let closed = shipments::find(&trade.world.view, shipment).expect("planned").value;
    assert_eq!((closed.stage, trade.standing(order)), (Stage::Closed, Standing::Fulfilled));
    trade.check();
}

#[test]
fn phrases_stand_only_in_what_was_imported() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(19)]);
    let shipment = trade.planned(order, &[(1, 19)]);
    let stated = historic(&mut trade, shipment);
    let now = StatedTime::at(trade.world.now);
    let plain = RecordLoading {
        loaded: now,
        weight: None,
        freight: None,
        insurance: None,
        ..stated.clone()
    };
    for loading in [
        RecordLoading { loaded: stated.loaded.clone(), ..plain.clone() },
        RecordLoading { weight: stated.weight.clone(), ..plain.clone() },
        RecordLoading { freight: stated.freight.clone(), ..plain.clone() },
        RecordLoading { insurance: stated.insurance, ..plain.clone() },
    ] {
        let said = trade.world.say(trade.seller, shipments::Command::from(loading));
        assert_eq!(refused(said), Code::ValidationFailed);
    }
    assert!(trade.world.say(trade.seller, shipments::Command::from(plain)).is_ok());
}

#[test]
fn a_weight_or_amount_is_a_value_a_phrase_or_in_another_record() {
    let (seen, paid) = elsewhere();
    let weighed = StatedWeight {
        weight: Some(Quantity::new(13_000, Unit::Gram)),
        phrase: None,
        record: None,
    };
    let litres =
        StatedWeight { weight: Some(Quantity::new(13_000, Unit::Millilitre)), ..weighed.clone() };
    for (weight, why) in [
        (weighed.clone(), None),
        (seen.clone(), None),
        (litres, Some(Code::UnitMismatch)),
        (StatedWeight { record: None, ..seen.clone() }, Some(Code::ValidationFailed)),
        (StatedWeight { phrase: None, ..seen.clone() }, Some(Code::ValidationFailed)),
        (StatedWeight { record: seen.record, ..weighed }, Some(Code::ValidationFailed)),
    ] {
        let checked = weight.check("weight", true).err().map(|refusal| refusal.code);
        assert_eq!(checked, why, "{weight:?}");
    }
    let amount = Some(Money::new(78_034, Currency::USD));
    assert!(paid.check("freight", true).is_ok());
    let both = StatedAmount { amount, ..paid };
    assert_eq!(refused(both.check("freight", true).map(|()| vec![])), Code::ValidationFailed);
    let value = StatedAmount { amount, phrase: None, record: None };
    assert!(value.check("freight", false).is_ok());
}

#[test]
fn a_day_is_before_another_only_when_it_is_so_everywhere() {
    let day = StatedTime::on("2006-06-02".parse().expect("a date"));
    let noon = 1_149_249_600_000;
    let half_a_day = Millis::hours(12).0;
    let first = Time::from_ms(noon - half_a_day - Millis::hours(14).0);
    let last = Time::from_ms(noon + half_a_day + Millis::hours(12).0 - 1);
    assert_eq!(day.bounds(), Some((first, last)));
}
