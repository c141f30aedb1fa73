//! Holds (R21, R23). That they stop an act is tested with the act.

use super::house::{House, code};
use crate::{
    parties::Role,
    receipts::{AcceptReceipt, DeclineReceipt, HoldKind, Lifecycle, LiftHold, PlaceHold},
    refusal::Code,
    testing::refused,
    vocabulary::{Digest, Millis, PartyId, ReceiptId, Time},
};

fn hold(receipt: ReceiptId, kind: HoldKind, until_ms: Option<Time>) -> PlaceHold {
    PlaceHold { receipt, kind, order: code("O-1"), evidence: Digest([1; 32]), until_ms }
}

fn lift(receipt: ReceiptId, kind: HoldKind) -> LiftHold {
    LiftHold { receipt, kind, order: code("O-2") }
}

#[test]
fn each_kind_of_hold_is_placed_by_its_own_authority() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let (court, regulator) = (house.court, house.regulator);
    let (registrar, holder) = (house.yard.registrar, house.depositor());
    let everybody = [court, regulator, registrar, holder, house.keeper(), house.bank];
    let table: [(HoldKind, &[PartyId]); 7] = [
        (HoldKind::Court, &[court]),
        (HoldKind::Regulator, &[regulator]),
        (HoldKind::Dispute, &[court, regulator]),
        (HoldKind::LossReported, &[holder]),
        (HoldKind::Shortage, &[regulator]),
        (HoldKind::KycFreeze, &[registrar]),
        (HoldKind::FraudSuspicion, &[registrar, regulator]),
    ];
    for (kind, authorities) in table {
        for who in everybody {
            let result = house.say(who, hold(receipt, kind, None));
            if authorities.contains(&who) {
                assert!(result.is_ok(), "{kind:?}");
                house.accept(who, lift(receipt, kind));
            } else {
                assert_eq!(refused(result), Code::AuthorityUnknown, "{kind:?}");
            }
        }
    }
}

#[test]
fn one_hold_of_each_kind_is_in_force() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    house.accept(house.court, hold(receipt, HoldKind::Court, None));
    let again = house.say(house.court, hold(receipt, HoldKind::Court, None));
    assert_eq!(refused(again), Code::HoldInForce);
    house.accept(house.regulator, hold(receipt, HoldKind::Regulator, None));
    let kinds: Vec<HoldKind> =
        house.receipt(receipt).holds.as_slice().iter().map(|hold| hold.kind).collect();
    assert_eq!(kinds, [HoldKind::Court, HoldKind::Regulator]);
}

#[test]
fn a_hold_is_lifted_by_whoever_placed_it_or_by_a_court() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let kind = HoldKind::Regulator;
    let not_held = house.say(house.regulator, lift(receipt, kind));
    assert_eq!(refused(not_held), Code::InvalidState);
    house.accept(house.regulator, hold(receipt, kind, None));
    let other_regulator = house.yard.world.party(111, &[Role::Regulator]);
    for who in [other_regulator, house.depositor(), house.keeper()] {
        assert_eq!(refused(house.say(who, lift(receipt, kind))), Code::AuthorityUnknown);
    }
    house.accept(house.court, lift(receipt, kind));
    house.accept(house.regulator, hold(receipt, kind, None));
    house.accept(house.regulator, lift(receipt, kind));
    assert!(house.receipt(receipt).holds.as_slice().is_empty());
}

#[test]
fn a_hold_with_an_end_binds_to_that_moment() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let now = house.world().now;
    let past = Time::from_ms(now.ms() - 1);
    let ended = house.say(house.court, hold(receipt, HoldKind::Court, Some(past)));
    assert_eq!(refused(ended), Code::DeadlinePassed);
    let until = now.after(Millis::days(1));
    house.accept(house.court, hold(receipt, HoldKind::Court, Some(until)));
    house.pass(Millis::days(1));
    assert!(house.receipt(receipt).holds.any_in_force(house.world().now));
    house.pass(Millis(1));
    assert!(!house.receipt(receipt).holds.any_in_force(house.world().now));
    let late = house.say(house.court, lift(receipt, HoldKind::Court));
    assert_eq!(refused(late), Code::InvalidState);
    // Another stands in its place.
    house.accept(house.court, hold(receipt, HoldKind::Court, None));
    assert_eq!(house.receipt(receipt).holds.as_slice().len(), 1);
}

#[test]
fn a_hold_stops_acceptance_and_none_is_put_on_or_lifted_from_what_is_over() {
    let mut house = House::new();
    let lot = house.yard.stored(1_000);
    let receipt = house.offered(lot, 10);
    house.accept(house.court, hold(receipt, HoldKind::Court, None));
    let accept = house.say(house.depositor(), AcceptReceipt { receipt });
    assert_eq!(refused(accept), Code::HoldInForce);
    house.accept(house.depositor(), DeclineReceipt { receipt });
    assert!(matches!(house.receipt(receipt).lifecycle, Lifecycle::Cancelled(_)));
    let over = house.say(house.regulator, hold(receipt, HoldKind::Regulator, None));
    assert_eq!(refused(over), Code::InvalidState);
    let over = house.say(house.court, lift(receipt, HoldKind::Court));
    assert_eq!(refused(over), Code::InvalidState, "what is over does not change");
}
