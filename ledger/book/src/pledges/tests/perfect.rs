//! The keeper's confirmation (P5) and the outside registration (P6).

use super::*;
use crate::{receipts::Publicity, refusal::Code as Refused, testing::refused, vocabulary::Millis};

#[test]
fn the_keeper_confirms_and_states_its_lien() {
    let mut world = world();
    let receipt = receipt(&mut world, 1, 1_000);
    let waiting = reserved(&mut world, &[receipt]);
    assert_eq!(refused(world.say(party(KEEPER), confirm_control(waiting))), Refused::InvalidState);
    world.say(party(COOP), withdraw(waiting)).expect("accepted");
    let pledge = accepted(&mut world, &[receipt]);
    let confirm = |lien| Command::ConfirmControl(ConfirmControl { pledge, lien });
    let dollars = Money::new(1, Currency::USD);
    world.party(9, &[Role::Warehouse]);
    for (by, lien, why) in [
        (9, Some(yuan(5)), Refused::NotAuthorised),
        (KEEPER, None, Refused::LienNotDisclosed),
        (KEEPER, Some(dollars), Refused::CurrencyMismatch),
    ] {
        assert_eq!(refused(world.say(party(by), confirm(lien))), why);
    }
    world.say(party(KEEPER), confirm(Some(yuan(0)))).expect("nothing is owed, and it is said");
}

#[test]
fn a_confirmed_pledge_is_in_force_from_its_entry_on() {
    let mut world = world();
    let receipts = [receipt(&mut world, 1, 1_000), receipt(&mut world, 2, 1_000)];
    let pledge = active(&mut world, &receipts);
    let since = Publicity { index: world.index, time: world.now };
    assert_eq!(stage(&world, pledge), Stage::Active { since, lien: yuan(0) });
    for receipt in receipts {
        assert_eq!(
            encumbrance(&world, receipt),
            Encumbrance::Pledged { pledge, pledgee: bank(&world), since }
        );
    }
    world.pass(Millis::days(30));
    assert_eq!(stage(&world, pledge), Stage::Active { since, lien: yuan(0) });
}

#[test]
fn a_hold_placed_since_the_reservation_stands_in_the_way() {
    let mut world = world();
    let receipt = receipt(&mut world, 1, 1_000);
    let pledge = accepted(&mut world, &[receipt]);
    hold(&mut world, receipt, true).expect("accepted");
    assert_eq!(refused(world.say(party(KEEPER), confirm_control(pledge))), Refused::HoldInForce);
    hold(&mut world, receipt, false).expect("accepted");
    assert!(world.say(party(KEEPER), confirm_control(pledge)).is_ok());
}

#[test]
fn where_the_profile_asks_for_it_a_pledge_waits_for_its_registration() {
    let mut world = world();
    set_profile(&mut world, |profile| profile.external_registration = true);
    let receipt = receipt(&mut world, 1, 1_000);
    let pledge = active(&mut world, &[receipt]);
    assert!(matches!(stage(&world, pledge), Stage::AwaitingRegistration { .. }));
    assert!(matches!(encumbrance(&world, receipt), Encumbrance::Reserved { .. }));
    let (bank, now) = (party(BANK), world.now);
    let registration = |change: fn(&mut RecordRegistration)| {
        let Command::RecordRegistration(mut command) = register(pledge, now) else {
            panic!("a registration")
        };
        change(&mut command);
        Command::from(command)
    };
    for (by, command, why) in [
        (OTHER_BANK, registration(|_| {}), Refused::NotPledgee),
        (
            BANK,
            registration(|r| r.registered_at_ms = r.registered_at_ms.after(Millis(1))),
            Refused::OccurredAtRefused,
        ),
        (BANK, registration(|r| r.expires_on = date("2026-06-29")), Refused::ValidationFailed),
        (
            BANK,
            registration(|r| r.prior_filing = Some(code("2025-1"))),
            Refused::PriorRegistrationFound,
        ),
    ] {
        assert_eq!(refused(world.say(party(by), command)), why);
    }
    world.say(bank, registration(|_| {})).expect("accepted");
    assert!(matches!(stage(&world, pledge), Stage::Active { .. }));
    assert!(matches!(encumbrance(&world, receipt), Encumbrance::Pledged { .. }));
    assert_eq!(refused(world.say(bank, registration(|_| {}))), Refused::InvalidState);
}

#[test]
fn where_the_profile_does_not_ask_there_is_no_registration_to_record() {
    let mut world = world();
    let receipt = receipt(&mut world, 1, 1_000);
    let pledge = active(&mut world, &[receipt]);
    let register = register(pledge, world.now);
    assert_eq!(refused(world.say(party(BANK), register)), Refused::InvalidState);
}
