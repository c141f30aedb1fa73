//! Announcement, arrival, refusal.

use super::yard::{Yard, announcement, arrival, code, grams, no_lot};
use crate::{
    areas,
    goods::{
        AnnounceDeposit, Event, Fault, LOTS, OwnershipClass, RecordArrival, RefuseDeposit, Seal,
        Stage, Treatment,
    },
    parties::Role,
    refusal::Code,
    testing::refused,
    vocabulary::{Millis, Quantity, Unit},
};

fn own(yard: &Yard) -> AnnounceDeposit {
    announcement(yard.warehouse, OwnershipClass::Own)
}

#[test]
fn a_warehouse_takes_what_its_licence_covers_while_it_lasts() {
    let mut yard = Yard::new();
    let another = yard.world.party(21, &[Role::Warehouse]);
    let unlicensed = AnnounceDeposit { warehouse: another, ..own(&yard) };
    let to_another = yard.say(yard.cooperative, unlicensed.into());
    assert_eq!(refused(to_another), Code::CommodityNotAccepted);
    yard.license("2026-01-05");
    let command = own(&yard);
    assert!(yard.say(yard.cooperative, command.clone().into()).is_ok());
    yard.world.pass(Millis::days(1));
    let after = yard.say(yard.cooperative, command.into());
    assert_eq!(refused(after), Code::CommodityNotAccepted);
}

#[test]
fn an_announcement_names_what_the_registries_know() {
    let mut yard = Yard::new();
    for (command, code) in [
        (AnnounceDeposit { commodity: code("RICE"), ..own(&yard) }, Code::NotRegistered),
        (AnnounceDeposit { quantity: grams(0), ..own(&yard) }, Code::QuantityZero),
        (
            AnnounceDeposit { quantity: Quantity::new(5, Unit::Piece), ..own(&yard) },
            Code::UnitMismatch,
        ),
        (AnnounceDeposit { warehouse: yard.inspector, ..own(&yard) }, Code::NotAuthorised),
        // A warehouse that owns the goods would be its own depositor (INV-60).
        (AnnounceDeposit { owner: Some(yard.warehouse), ..own(&yard) }, Code::DepositorIsKeeper),
    ] {
        assert_eq!(refused(yard.say(yard.cooperative, command.into())), code);
    }
}

#[test]
fn an_agent_announces_for_the_owner() {
    let mut yard = Yard::new();
    let farmer = yard.world.party(11, &[Role::Farmer]);
    let command = AnnounceDeposit { owner: Some(farmer), ..own(&yard) };
    let events = yard.accept(yard.cooperative, command.into());
    let [areas::Event::Goods(Event::DepositAnnounced(event))] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!((event.depositor, event.owner), (yard.cooperative, farmer));
}

#[test]
fn goods_pass_the_gate_of_their_own_warehouse_once() {
    let mut yard = Yard::new();
    let lot = yard.announced(OwnershipClass::Own);
    let command = arrival(lot, Seal::Intact, &yard.world);
    let another = yard.world.party(21, &[Role::Warehouse]);
    let gate = yard.world.party(70, &[Role::Gate]);
    assert_eq!(refused(yard.say(another, command.clone().into())), Code::NotAuthorised);
    assert_eq!(refused(yard.say(gate, command.clone().into())), Code::NotAuthorised);
    yard.relate(gate, yard.warehouse);
    let absent = RecordArrival { lot: no_lot(), ..command };
    assert_eq!(refused(yard.say(gate, absent.into())), Code::NotFound);
    yard.accept(gate, command.clone().into());
    assert_eq!(refused(yard.say(gate, command.into())), Code::InvalidState);
}

#[test]
fn a_broken_seal_is_recorded_and_blocks_nothing() {
    let mut yard = Yard::new();
    let lot = yard.announced(OwnershipClass::Own);
    let command = arrival(lot, Seal::Broken, &yard.world);
    let events = yard.accept(yard.warehouse, command.into());
    let [areas::Event::Goods(Event::GoodsArrived(event))] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(event.seal, Seal::Broken);
}

#[test]
fn what_is_yet_to_happen_is_not_recorded() {
    let mut yard = Yard::new();
    let lot = yard.announced(OwnershipClass::Own);
    let now = yard.world.now;
    let command = arrival(lot, Seal::Intact, &yard.world);
    let early = RecordArrival { occurred_at_ms: now.after(Millis(1)), ..command };
    assert_eq!(refused(yard.say(yard.warehouse, early.into())), Code::OccurredAtRefused);
    assert!(yard.say(yard.warehouse, command.into()).is_ok());
}

#[test]
fn a_deposit_is_refused_between_scale_and_store() {
    let mut yard = Yard::new();
    let refusal =
        |lot| RefuseDeposit { lot, fault: Fault::Moisture, offer: Some(Treatment::Drying) };
    let arrived = yard.arrived();
    let stored = yard.stored(1_000);
    for lot in [arrived, stored] {
        let refused_as = refused(yard.say(yard.warehouse, refusal(lot).into()));
        assert_eq!(refused_as, Code::InvalidState);
    }
    let (weighed, sampled, graded) = (yard.weighed(1_000), yard.sampled(1_000), yard.graded(1_000));
    let by_another = yard.say(yard.cooperative, refusal(weighed).into());
    assert_eq!(refused(by_another), Code::NotAuthorised);
    for lot in [weighed, sampled, graded] {
        yard.accept(yard.warehouse, refusal(lot).into());
        let stage = LOTS.find(&yard.world.view, &lot).expect("known").value.stage;
        assert_eq!(stage, Stage::Refused);
        let again = yard.say(yard.warehouse, refusal(lot).into());
        assert_eq!(refused(again), Code::InvalidState, "a refusal is final");
    }
}
