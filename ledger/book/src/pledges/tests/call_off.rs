//! Before it is active a pledge is turned down, taken back, or lapses (P7).

use super::*;
use crate::{refusal::Code as Refused, testing::refused, vocabulary::Millis};

#[test]
fn pledgee_and_asked_keeper_turn_down_and_the_pledgor_takes_back() {
    for (stage, by, command, free) in [
        ("reserved", BANK, reject as fn(PledgeId) -> Command, true),
        ("reserved", KEEPER, reject, false),
        ("reserved", OTHER_BANK, reject, false),
        ("accepted", KEEPER, reject, true),
        ("accepted", BANK, reject, true),
        ("reserved", COOP, withdraw, true),
        ("accepted", COOP, withdraw, true),
        ("accepted", BANK, withdraw, false),
        ("active", BANK, reject, false),
        ("active", COOP, withdraw, false),
    ] {
        let mut world = world();
        let receipt = receipt(&mut world, 1, 1_000);
        let pledge = match stage {
            "reserved" => reserved(&mut world, &[receipt]),
            "accepted" => accepted(&mut world, &[receipt]),
            _ => active(&mut world, &[receipt]),
        };
        let said = world.say(party(by), command(pledge));
        assert_eq!(said.is_ok(), free, "{stage}, by {by}: {said:?}");
        assert_eq!(encumbrance(&world, receipt) == Encumbrance::Free, free, "{stage}, by {by}");
    }
}

#[test]
fn a_pledge_called_off_is_over_for_ever() {
    let mut world = world();
    let receipt = receipt(&mut world, 1, 1_000);
    let pledge = reserved(&mut world, &[receipt]);
    let (coop, bank) = (party(COOP), party(BANK));
    world.say(coop, withdraw(pledge)).expect("accepted");
    let now = world.now;
    for (by, command) in [
        (coop, withdraw(pledge)),
        (bank, reject(pledge)),
        (bank, check(pledge, CheckOutcome::Clear, now)),
        (bank, accept(pledge)),
        (coop, request_release(pledge)),
    ] {
        assert_eq!(refused(world.say(by, command)), Refused::InvalidState);
    }
    assert_eq!(stage(&world, pledge), Stage::Withdrawn);
    // The receipt is free for another.
    reserved(&mut world, &[receipt]);
}

#[test]
fn a_reservation_lapses_by_itself_a_millisecond_after_its_end_and_not_before() {
    let mut world = world();
    let receipts: Vec<ReceiptId> = (1..=48).map(|n| receipt(&mut world, n, 1_000)).collect();
    let pledge = accepted(&mut world, &receipts);
    assert!(world.pass(Millis::hours(72)).is_empty());
    let fired = world.pass(Millis(1));
    // The lapse and one event for each receipt, within what one firing may yield (book.md section 1).
    assert_eq!(fired.len(), 49);
    let bytes: usize =
        fired.iter().map(|event| 3 + event.type_name().len() + event.encode().len()).sum();
    assert!(bytes <= 4_096, "{bytes}");
    assert_eq!(stage(&world, pledge), Stage::Lapsed);
    assert!(receipts.iter().all(|receipt| encumbrance(&world, *receipt) == Encumbrance::Free));
}

#[test]
fn a_pledge_in_force_or_called_off_does_not_lapse() {
    let mut world = world();
    let (kept, withdrawn) = (receipt(&mut world, 1, 1_000), receipt(&mut world, 2, 1_000));
    active(&mut world, &[kept]);
    let over = reserved(&mut world, &[withdrawn]);
    world.say(party(COOP), withdraw(over)).expect("accepted");
    assert!(world.pass(Millis::days(30)).is_empty());
}
