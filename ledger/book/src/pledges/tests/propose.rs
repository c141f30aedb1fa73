//! Proposing (P1, P2), checking and accepting (P3, P4).

use super::*;
use crate::{
    pledges::{self, members},
    refusal::Code as Refused,
    testing::{START, refused},
    vocabulary::Millis,
};

fn propose(world: &mut World, change: impl FnOnce(&mut ProposePledge)) -> Result<(), Refused> {
    let first = ReceiptId::from_bytes([1; 16]);
    let mut command = proposal(&[first]);
    change(&mut command);
    world.say(party(COOP), Command::from(command)).map(drop).map_err(|refusal| refusal.code)
}

fn list(receipts: &[ReceiptId]) -> List<ReceiptId, 1, { pledges::MAX_RECEIPTS }> {
    List::new(receipts.to_vec()).expect("few")
}

#[test]
fn a_proposal_reserves_all_its_receipts_in_the_same_entry() {
    let mut world = world();
    let receipts = [receipt(&mut world, 1, 1_000), receipt(&mut world, 2, 2_000)];
    let pledge = reserved(&mut world, &receipts);
    let until = START.after(Millis::hours(72));
    assert_eq!(stage(&world, pledge), Stage::Reserved { until });
    for receipt in receipts {
        assert_eq!(
            encumbrance(&world, receipt),
            Encumbrance::Reserved { pledge, pledgee: bank(&world), until }
        );
    }
    let no = PLEDGES.no(&world.view, &pledge).expect("known");
    assert_eq!(members(&world.view, no).len(), 2);
}

/// Acceptance scenario 1 of domain.md: exactly one of two wins.
#[test]
fn one_receipt_in_the_way_reserves_none_and_names_the_pledge() {
    let mut world = world();
    let (mine, contested) = (receipt(&mut world, 1, 1_000), receipt(&mut world, 2, 1_000));
    let first = reserved(&mut world, &[contested]);
    let second = Command::from(proposal(&[mine, contested]));
    let refusal = world.say(party(COOP), second).expect_err("refused");
    assert_eq!(refusal.code, Refused::AlreadyEncumbered);
    assert_eq!(refusal.facts.other.map(|other| other.id), Some(first.to_bytes()));
    assert_eq!(encumbrance(&world, mine), Encumbrance::Free);
}

#[test]
fn a_proposal_that_cannot_be_one_is_refused() {
    let mut world = world();
    let first = receipt(&mut world, 1, 1_000);
    let elsewhere = receipt_with(&mut world, 2, 1_000, |_| {});
    world.party(9, &[Role::Warehouse]);
    license(&mut world, 9);
    let other_keeper = PARTIES.no(&world.view, &party(9)).expect("known");
    change_receipt(&mut world, elsewhere, |receipt| receipt.keeper = other_keeper);
    let today = date("2026-01-05");
    let nothing = ReceiptId::from_bytes([99; 16]);
    type Change = Box<dyn FnOnce(&mut ProposePledge)>;
    let refusals: Vec<(Change, Refused)> = vec![
        (Box::new(|p| p.pledgee = party(BUYER)), Refused::NotAuthorised),
        (Box::new(|p| p.pledgee = party(200)), Refused::NotFound),
        (Box::new(|p| p.secured_maximum = yuan(0)), Refused::AmountZero),
        (Box::new(move |p| p.matures_on = today), Refused::ValidationFailed),
        (Box::new(move |p| p.receipts = list(&[first, first])), Refused::ValidationFailed),
        (Box::new(move |p| p.receipts = list(&[first, elsewhere])), Refused::ValidationFailed),
        (Box::new(move |p| p.receipts = list(&[nothing])), Refused::NotFound),
        (Box::new(|p| p.matures_on = date("2027-01-01")), Refused::ValidityTooShort),
    ];
    for (change, why) in refusals {
        assert_eq!(propose(&mut world, change), Err(why));
    }
    assert_eq!(propose(&mut world, |p| p.matures_on = date("2026-12-31")), Ok(()));
}

#[test]
fn nobody_pledges_to_itself_nor_what_another_holds() {
    let mut world = world();
    receipt(&mut world, 1, 1_000);
    let bank = PARTIES.no(&world.view, &party(BANK)).expect("known");
    let own = receipt_with(&mut world, 2, 1_000, |receipt| receipt.holder = bank);
    assert_eq!(
        refused(world.say(party(BANK), Command::from(proposal(&[own])))),
        Refused::ValidationFailed
    );
    assert_eq!(
        refused(world.say(party(COOP), Command::from(proposal(&[own])))),
        Refused::NotHolder
    );
    assert_eq!(propose(&mut world, |_| {}), Ok(()));
}

#[test]
fn a_held_receipt_is_not_pledged() {
    let mut world = world();
    let held = receipt(&mut world, 1, 1_000);
    hold(&mut world, held, true).expect("accepted");
    assert_eq!(propose(&mut world, |_| {}), Err(Refused::HoldInForce));
    hold(&mut world, held, false).expect("accepted");
    assert_eq!(propose(&mut world, |_| {}), Ok(()));
}

#[test]
fn a_check_is_the_pledgees_and_fresh() {
    let mut world = world();
    let receipt = receipt(&mut world, 1, 1_000);
    let pledge = reserved(&mut world, &[receipt]);
    let bank = party(BANK);
    world.pass(Millis::hours(25));
    let day_ago = Time::from_ms(world.now.ms() - Millis::hours(24).0);
    let clear = |at: Time| check(pledge, CheckOutcome::Clear, at);
    assert_eq!(refused(world.say(party(OTHER_BANK), clear(world.now))), Refused::NotPledgee);
    assert_eq!(
        refused(world.say(bank, clear(world.now.after(Millis(1))))),
        Refused::OccurredAtRefused
    );
    assert_eq!(
        refused(world.say(bank, clear(Time::from_ms(day_ago.ms() - 1)))),
        Refused::CheckStale
    );
    assert!(world.say(bank, clear(day_ago)).is_ok());
    let Command::RecordDuplicateCheck(mut near) = check(pledge, CheckOutcome::NearMatch, world.now)
    else {
        panic!("a check")
    };
    near.reason = None;
    assert_eq!(refused(world.say(bank, Command::from(near))), Refused::ValidationFailed);
    assert!(world.say(bank, check(pledge, CheckOutcome::NearMatch, world.now)).is_ok());
}

#[test]
fn acceptance_needs_a_check_that_is_fresh_and_clear() {
    let mut world = world();
    let receipt = receipt(&mut world, 1, 1_000);
    let pledge = reserved(&mut world, &[receipt]);
    let bank = party(BANK);
    assert_eq!(refused(world.say(party(OTHER_BANK), accept(pledge))), Refused::NotPledgee);
    assert_eq!(refused(world.say(bank, accept(pledge))), Refused::CheckStale);
    world.say(bank, check(pledge, CheckOutcome::Clear, world.now)).expect("accepted");
    world.pass(Millis(Millis::hours(24).0 + 1));
    assert_eq!(refused(world.say(bank, accept(pledge))), Refused::CheckStale);
    world.say(bank, check(pledge, CheckOutcome::Financed, world.now)).expect("evidence");
    assert_eq!(refused(world.say(bank, accept(pledge))), Refused::DuplicateFinanced);
    world.say(bank, check(pledge, CheckOutcome::Clear, world.now)).expect("accepted");
    world.pass(Millis::hours(24));
    assert!(world.say(bank, accept(pledge)).is_ok());
    assert_eq!(refused(world.say(bank, accept(pledge))), Refused::InvalidState);
}

/// INV-63: fraud case F4, the borrower controlled the warehouse.
#[test]
fn a_keeper_related_to_the_pledgor_is_accepted_with_a_reason_only() {
    let mut world = world();
    for n in [COOP, KEEPER] {
        let group = Some(code("GROUP-1"));
        PARTIES
            .update(&mut world.view, &party(n), |party| {
                party.owner_group = group;
                Ok(())
            })
            .expect("known");
    }
    let receipt = receipt(&mut world, 1, 1_000);
    let pledge = reserved(&mut world, &[receipt]);
    let bank = party(BANK);
    world.say(bank, check(pledge, CheckOutcome::Clear, world.now)).expect("accepted");
    assert_eq!(refused(world.say(bank, accept(pledge))), Refused::RelatedPartyWarehouse);
    let related_party_reason = Some(code("SUPERVISED"));
    let accept = Command::from(AcceptPledge { pledge, related_party_reason });
    assert!(world.say(bank, accept).is_ok());
}
