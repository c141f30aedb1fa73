//! Release (P11, P12).

use super::*;
use crate::{
    pledges::{claim_closed, claim_opened, require_active},
    refusal::Code as Refused,
    testing::refused,
};

#[test]
fn a_release_is_asked_for_by_pledgor_or_pledgee_and_confirmed_by_two_of_the_pledgee() {
    let mut world = world();
    let receipt = receipt(&mut world, 1, 1_000);
    let pledge = active(&mut world, &[receipt]);
    let bank = party(BANK);
    assert_eq!(refused(world.say(party(KEEPER), request_release(pledge))), Refused::NotAuthorised);
    assert_eq!(refused(confirm_release(&mut world, pledge)), Refused::InvalidState);
    world.say(party(COOP), request_release(pledge)).expect("accepted");
    assert_eq!(refused(world.say(bank, request_release(pledge))), Refused::InvalidState);
    let alone = Command::ConfirmRelease(ConfirmRelease { pledge });
    assert_eq!(refused(world.say(bank, alone.clone())), Refused::MakerCheckerRequired);
    let other = party(OTHER_BANK);
    let by_other = world.say_with(other, &[(other, Some(1)), (other, Some(2))], alone);
    assert_eq!(refused(by_other), Refused::NotPledgee);
    confirm_release(&mut world, pledge).expect("accepted");
    assert_eq!(stage(&world, pledge), Stage::Released);
    assert_eq!(encumbrance(&world, receipt), Encumbrance::Free);
    assert_eq!(refused(confirm_release(&mut world, pledge)), Refused::InvalidState);
}

#[test]
fn nothing_is_released_while_a_claim_is_open() {
    let mut world = world();
    let receipt = receipt(&mut world, 1, 1_000);
    let pledge = active(&mut world, &[receipt]);
    let no = PLEDGES.no(&world.view, &pledge).expect("known");
    for _ in 0..2 {
        claim_opened(&mut world.view, no).expect("known");
    }
    for _ in 0..2 {
        assert_eq!(
            refused(world.say(party(COOP), request_release(pledge))),
            Refused::ExposureOutstanding
        );
        claim_closed(&mut world.view, no).expect("open");
    }
    assert!(world.say(party(COOP), request_release(pledge)).is_ok());
    // A payment taken back opens a claim again.
    claim_opened(&mut world.view, no).expect("known");
    assert_eq!(refused(confirm_release(&mut world, pledge)), Refused::ExposureOutstanding);
    claim_closed(&mut world.view, no).expect("open");
    confirm_release(&mut world, pledge).expect("accepted");
    assert!(claim_closed(&mut world.view, no).is_err(), "a claim closes once");
}

#[test]
fn only_a_pledge_in_force_counts_as_active() {
    let mut world = world();
    let receipt = receipt(&mut world, 1, 1_000);
    let pledge = accepted(&mut world, &[receipt]);
    let is_active = |world: &World| require_active(&world.view, pledge).is_ok();
    assert!(!is_active(&world));
    world.say(party(KEEPER), confirm_control(pledge)).expect("accepted");
    assert!(is_active(&world));
    world.say(party(COOP), request_release(pledge)).expect("accepted");
    assert!(!is_active(&world));
}
