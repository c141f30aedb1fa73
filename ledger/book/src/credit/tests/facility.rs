//! Facilities from offer to close (C1 to C4, C7).

use super::*;
use crate::credit::{MAX_PLEDGES, ResumeFacility, SuspendFacility};

#[test]
fn an_offer_that_cannot_be_one_is_refused() {
    let mut world = world();
    let now = world.now;
    type Change = Box<dyn FnOnce(&mut OfferFacility)>;
    let refusals: Vec<(Change, Refused)> = vec![
        (Box::new(|o| o.borrower = party(99)), Refused::NotFound),
        (Box::new(|o| o.borrower = party(BANK)), Refused::ValidationFailed),
        (Box::new(|o| o.product = code("NOTHING")), Refused::NotRegistered),
        (Box::new(|o| o.limit = yuan(0)), Refused::AmountZero),
        (
            Box::new(|o| o.limit = crate::vocabulary::Money::new(1, Currency::USD)),
            Refused::CurrencyMismatch,
        ),
        (Box::new(|o| o.expires_on = date("2026-01-05")), Refused::ValidationFailed),
        (Box::new(move |o| o.offer_until_ms = now), Refused::DeadlinePassed),
    ];
    for (change, why) in refusals {
        let mut offer = offer(&world);
        change(&mut offer);
        assert_eq!(refused(two(&mut world, BANK, Command::from(offer))), why);
    }
    let mut shortest = offer(&world);
    shortest.expires_on = date("2026-01-06");
    shortest.offer_until_ms = now.after(Millis(1));
    assert!(two(&mut world, BANK, Command::from(shortest)).is_ok());
}

#[test]
fn an_offer_is_approved_by_two_persons_of_the_lender_under_its_own_product() {
    let mut world = world();
    let offer = Command::from(offer(&world));
    assert_eq!(refused(world.say(party(BANK), offer.clone())), Refused::MakerCheckerRequired);
    assert_eq!(refused(two(&mut world, COOP, offer.clone())), Refused::NotAuthorised);
    assert_eq!(refused(two(&mut world, OTHER_BANK, offer)), Refused::NotRegistered);
}

#[test]
fn the_borrower_signs_before_the_offer_lapses() {
    let mut world = world();
    let facility = offered(&mut world);
    assert_eq!(refused(world.say(stranger(), sign(facility))), Refused::NotBorrower);
    assert!(world.pass(Millis::days(1)).is_empty());
    world.say(party(COOP), sign(facility)).expect("on the last millisecond");
    assert_eq!(refused(world.say(party(COOP), sign(facility))), Refused::InvalidState);
    assert!(world.pass(Millis::days(5)).is_empty(), "a signed offer does not lapse");

    let late = offered(&mut world);
    let fired = world.pass(Millis(Millis::days(1).0 + 1));
    assert_eq!(fired.len(), 1);
    assert_eq!(stage(&world, late), Stage::Lapsed);
    assert_eq!(refused(world.say(party(COOP), sign(late))), Refused::InvalidState);
}

#[test]
fn a_facility_is_available_once_its_own_pledge_is_in_force() {
    let mut world = world();
    let receipts: Vec<_> = (1..=3).map(|n| receipt(&mut world, n, 1_000)).collect();
    let waiting = pledges::tests::accepted(&mut world, &receipts[..1]);
    let (coop, bank) = (party(COOP), party(BANK));
    let early = offered(&mut world);
    assert_eq!(refused(world.say(bank, satisfy(early, waiting))), Refused::InvalidState);
    world.say(coop, sign(early)).expect("accepted");
    assert_eq!(refused(world.say(bank, satisfy(early, waiting))), Refused::CpMissing);
    world
        .say(party(pledges::tests::KEEPER), pledges::tests::confirm_control(waiting))
        .expect("accepted");
    assert_eq!(refused(world.say(stranger(), satisfy(early, waiting))), Refused::NotLender);
    world.say(bank, satisfy(early, waiting)).expect("accepted");
    assert!(matches!(stage(&world, early), Stage::Available { .. }));
    // One pledge secures one facility.
    let second = offered(&mut world);
    world.say(coop, sign(second)).expect("accepted");
    assert_eq!(refused(world.say(bank, satisfy(second, waiting))), Refused::CpMissing);
    // A pledge that ends before the facility does.
    let Ok(short) = ({
        let mut proposal = pledges::tests::proposal(&receipts[1..2]);
        proposal.matures_on = date("2026-06-29");
        world.say(coop, pledges::Command::from(proposal))
    }) else {
        panic!("accepted")
    };
    let short = pledges::tests::proposed(Ok(short));
    check_again(&mut world, short, pledges::CheckOutcome::Clear);
    world.say(bank, pledges::tests::accept(short)).expect("accepted");
    world
        .say(party(pledges::tests::KEEPER), pledges::tests::confirm_control(short))
        .expect("accepted");
    assert_eq!(refused(world.say(bank, satisfy(second, short))), Refused::CpMissing);
}

/// The same borrower and lender are asked for: a pledge to another bank, or by another party, is none.
#[test]
fn another_banks_pledge_satisfies_nothing() {
    let mut world = world();
    let receipt = receipt(&mut world, 1, 1_000);
    let mut proposal = pledges::tests::proposal(&[receipt]);
    proposal.pledgee = stranger();
    let said = world.say(party(COOP), pledges::Command::from(proposal));
    let pledge = pledges::tests::proposed(said);
    let check = pledges::tests::check(pledge, pledges::CheckOutcome::Clear, world.now);
    world.say(stranger(), check).expect("accepted");
    world.say(stranger(), pledges::tests::accept(pledge)).expect("accepted");
    world
        .say(party(pledges::tests::KEEPER), pledges::tests::confirm_control(pledge))
        .expect("accepted");
    let facility = offered(&mut world);
    world.say(party(COOP), sign(facility)).expect("accepted");
    assert_eq!(refused(world.say(party(BANK), satisfy(facility, pledge))), Refused::CpMissing);
    let mut to_another = offer(&world);
    to_another.borrower = party(BUYER);
    let said = two(&mut world, BANK, Command::from(to_another)).expect("accepted");
    let [areas::Event::Credit(Event::FacilityOffered(offered))] = said.as_slice() else {
        panic!("not an offer: {said:?}")
    };
    world.say(party(BUYER), sign(offered.facility)).expect("accepted");
    let own = pledges::tests::receipt(&mut world, 2, 1_000);
    let pledge = pledges::tests::active(&mut world, &[own]);
    assert_eq!(
        refused(world.say(party(BANK), satisfy(offered.facility, pledge))),
        Refused::CpMissing
    );
}

#[test]
fn a_pledge_in_another_currency_satisfies_nothing() {
    let mut world = world();
    let dollars = |minor| crate::vocabulary::Money::new(minor, Currency::USD);
    let receipt = receipt(&mut world, 1, 1_000);
    let mut proposal = pledges::tests::proposal(&[receipt]);
    proposal.secured_maximum = dollars(1_000_000);
    let pledge = pledges::tests::proposed(world.say(party(COOP), pledges::Command::from(proposal)));
    check_again(&mut world, pledge, pledges::CheckOutcome::Clear);
    world.say(party(BANK), pledges::tests::accept(pledge)).expect("accepted");
    let confirm = pledges::ConfirmControl { pledge, lien: Some(dollars(0)) };
    world.say(party(pledges::tests::KEEPER), pledges::Command::from(confirm)).expect("accepted");
    let facility = offered(&mut world);
    world.say(party(COOP), sign(facility)).expect("accepted");
    assert_eq!(refused(world.say(party(BANK), satisfy(facility, pledge))), Refused::CpMissing);
}

#[test]
fn further_pledges_add_collateral_up_to_the_bound() {
    let mut world = world();
    let (facility, _) = secured(&mut world);
    for n in 2..=u8::try_from(MAX_PLEDGES + 1).expect("few") {
        let more = receipt(&mut world, n, HUNDRED_TONNES);
        let pledge = pledges::tests::active(&mut world, &[more]);
        let said = world.say(party(BANK), satisfy(facility, pledge));
        if usize::from(n) <= MAX_PLEDGES {
            said.expect("accepted");
        } else {
            assert_eq!(refused(said), Refused::LimitExceeded);
        }
    }
    let (valuation, _) = valued(&mut world, facility);
    assert_eq!(valuation.value, Some(yuan(4 * 10_000_000)));
}

#[test]
fn the_lender_suspends_and_resumes() {
    let mut world = world();
    let (facility, _) = secured(&mut world);
    let bank = party(BANK);
    let suspend = Command::SuspendFacility(SuspendFacility { facility, reason: code("AUDIT") });
    let resume = Command::ResumeFacility(ResumeFacility { facility });
    assert_eq!(refused(world.say(stranger(), suspend.clone())), Refused::NotLender);
    assert_eq!(refused(world.say(bank, resume.clone())), Refused::InvalidState);
    world.say(bank, suspend.clone()).expect("accepted");
    assert_eq!(refused(world.say(bank, suspend)), Refused::FacilitySuspended);
    let draw = Command::from(drawdown(facility, 100));
    assert_eq!(refused(world.say(party(COOP), draw.clone())), Refused::FacilitySuspended);
    world.say(bank, resume).expect("accepted");
    assert!(world.say(party(COOP), draw).is_ok());
}

#[test]
fn a_facility_is_closed_when_nothing_is_lent_and_nothing_pledged() {
    let mut world = world();
    let (facility, pledge) = secured(&mut world);
    let loan = drawn(&mut world, facility, 1_000);
    let (coop, bank) = (party(COOP), party(BANK));
    let close = Command::CloseFacility(CloseFacility { facility });
    assert_eq!(refused(world.say(stranger(), close.clone())), Refused::NotLender);
    assert_eq!(refused(world.say(bank, close.clone())), Refused::ExposureOutstanding);
    let release = pledges::tests::request_release(pledge);
    assert_eq!(refused(world.say(coop, release.clone())), Refused::ExposureOutstanding);
    world.say(bank, pay(loan, 1_000, "IN-1")).expect("accepted");
    assert_eq!(refused(world.say(bank, close.clone())), Refused::PledgeOutstanding);
    world.say(coop, release).expect("accepted");
    assert_eq!(refused(world.say(bank, close.clone())), Refused::PledgeOutstanding);
    pledges::tests::confirm_release(&mut world, pledge).expect("accepted");
    world.say(bank, close.clone()).expect("accepted");
    assert_eq!(stage(&world, facility), Stage::Closed);
    assert_eq!(refused(world.say(bank, close)), Refused::InvalidState);
}
