//! Custody passes by an offer and an acceptance of the same.

use super::road::{accept, hour, offer, seals};
use crate::{
    orders::tests::trade::{Trade, code, digest, garlic},
    parties::{PARTIES, Role},
    refusal::Code,
    shipments::{AcceptHandover, Custody, OfferHandover, RejectHandover, ReplaceSeals, Stage},
    testing::{party, refused},
    vocabulary::{Millis, PartyId, ShipmentId},
};

fn on_the_truck() -> (Trade, ShipmentId) {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    let shipment = trade.on_the_truck(order, &[(1, 1_000)]);
    (trade, shipment)
}

fn offered() -> (Trade, ShipmentId) {
    let (mut trade, shipment) = on_the_truck();
    let to_carrier = offer(shipment, trade.carrier, digest(1));
    trade.ship(trade.seller, to_carrier).expect("accepted");
    (trade, shipment)
}

fn custodian(trade: &Trade, shipment: ShipmentId) -> PartyId {
    let holder = trade.shipment(shipment).custody.holder().expect("somebody's");
    PARTIES.get(&trade.world.view, holder).expect("a party").id
}

#[test]
fn goods_are_in_nobodys_custody_before_they_are_loaded() {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    let shipment = trade.planned(order, &[(1, 1_000)]);
    assert_eq!(trade.shipment(shipment).custody, Custody::Nobody);
    let early = offer(shipment, trade.carrier, digest(1));
    assert_eq!(refused(trade.ship(trade.seller, early)), Code::InvalidState);
}

#[test]
fn only_the_custodian_offers_and_only_once_at_a_time() {
    let (mut trade, shipment) = on_the_truck();
    let to_carrier = offer(shipment, trade.carrier, digest(1));
    let (now, week) = (trade.world.now, trade.world.now.after(Millis::days(7)));
    assert_eq!(refused(trade.ship(trade.buyer, to_carrier.clone())), Code::NotCustodian);
    for (command, why) in [
        (OfferHandover { to: party(99), ..to_carrier.clone() }, Code::NotFound),
        (OfferHandover { to: trade.seller, ..to_carrier.clone() }, Code::ValidationFailed),
        (OfferHandover { expires_at_ms: now, ..to_carrier.clone() }, Code::ValidationFailed),
        (
            OfferHandover { expires_at_ms: week.after(Millis(1)), ..to_carrier },
            Code::ValidationFailed,
        ),
    ] {
        assert_eq!(refused(trade.ship(trade.seller, command.clone())), why, "{command:?}");
    }
    let for_a_week = OfferHandover { expires_at_ms: week, ..to_carrier };
    trade.ship(trade.seller, for_a_week).expect("accepted");
    assert_eq!(custodian(&trade, shipment), trade.seller);
    assert_eq!(refused(trade.ship(trade.seller, to_carrier)), Code::HandoverOpen);
    trade.check();
}

#[test]
fn the_party_named_accepts_the_same_content_and_seals() {
    let (mut trade, shipment) = offered();
    let good = accept(shipment, digest(1));
    let other = trade.world.party(7, &[Role::Carrier]);
    let found = |found: &[&str]| AcceptHandover { seals: seals(found), ..good.clone() };
    for (who, command, why) in [
        (other, good.clone(), Code::NotAuthorised),
        (trade.seller, good.clone(), Code::NotAuthorised),
        (trade.carrier, accept(shipment, digest(2)), Code::ContentMismatch),
        (trade.carrier, found(&["S-1"]), Code::SealMismatch),
        (trade.carrier, found(&["S-1", "S-3"]), Code::SealMismatch),
        (trade.carrier, found(&["S-1", "S-1"]), Code::SealMismatch),
        (trade.carrier, found(&["S-1", "S-2", "S-3"]), Code::SealMismatch),
    ] {
        let before = trade.state();
        assert_eq!(refused(trade.ship(who, command.clone())), why, "{command:?}");
        assert_eq!(before, trade.state());
    }
    trade.ship(trade.carrier, found(&["S-2", "S-1"])).expect("accepted");
    assert_eq!(custodian(&trade, shipment), trade.carrier);
    // Transport and custody are two questions.
    assert_eq!(trade.stage(shipment), Stage::Loaded);
    let twice = trade.ship(trade.carrier, good);
    assert_eq!(refused(twice), Code::InvalidState);
    trade.check();
}

#[test]
fn an_offer_is_declined_by_the_one_named_or_taken_back_by_the_one_who_made_it() {
    let reject = |shipment| RejectHandover { shipment, reason: code("WET") };
    for by_acceptor in [true, false] {
        let (mut trade, shipment) = offered();
        let who = if by_acceptor { trade.carrier } else { trade.seller };
        assert_eq!(refused(trade.ship(trade.buyer, reject(shipment))), Code::NotAuthorised);
        trade.ship(who, reject(shipment)).expect("accepted");
        assert_eq!(custodian(&trade, shipment), trade.seller);
        assert_eq!(refused(trade.ship(who, reject(shipment))), Code::InvalidState);
        let late = trade.ship(trade.carrier, accept(shipment, digest(1)));
        assert_eq!(refused(late), Code::InvalidState);
    }
}

#[test]
fn an_offer_runs_out_a_millisecond_after_its_time() {
    let (mut trade, shipment) = offered();
    assert!(trade.world.pass(Millis::hours(24)).is_empty());
    trade.ship(trade.carrier, accept(shipment, digest(1))).expect("accepted");
    assert!(trade.world.pass(Millis(1)).is_empty());

    let (mut trade, shipment) = offered();
    assert_eq!(trade.world.pass(Millis(Millis::hours(24).0 + 1)).len(), 1);
    let late = trade.ship(trade.carrier, accept(shipment, digest(1)));
    assert_eq!(refused(late), Code::InvalidState);
    assert_eq!(custodian(&trade, shipment), trade.seller);
    trade.check();
}

#[test]
fn an_old_offers_end_does_not_end_a_later_offer() {
    let (mut trade, shipment) = offered();
    trade.ship(trade.seller, RejectHandover { shipment, reason: code("WRONG-NOTE") }).expect("ok");
    let longer =
        OfferHandover { expires_at_ms: hour(48), ..offer(shipment, trade.carrier, digest(2)) };
    trade.ship(trade.seller, longer).expect("accepted");
    assert!(trade.world.pass(Millis::hours(25)).is_empty());
    assert!(trade.ship(trade.carrier, accept(shipment, digest(2))).is_ok());
}

#[test]
fn seals_change_only_by_the_custodians_word() {
    let (mut trade, shipment) = on_the_truck();
    let replace = ReplaceSeals { shipment, seals: seals(&["S-9"]), reason: code("CUSTOMS") };
    assert_eq!(refused(trade.ship(trade.carrier, replace.clone())), Code::NotCustodian);
    trade.ship(trade.seller, replace.clone()).expect("accepted");
    let to_carrier = offer(shipment, trade.carrier, digest(1));
    trade.ship(trade.seller, to_carrier).expect("accepted");
    assert_eq!(refused(trade.ship(trade.seller, replace)), Code::HandoverOpen);
    let old = trade.ship(trade.carrier, accept(shipment, digest(1)));
    assert_eq!(refused(old), Code::SealMismatch);
    let new = AcceptHandover { seals: seals(&["S-9"]), ..accept(shipment, digest(1)) };
    assert!(trade.ship(trade.carrier, new).is_ok());
}
