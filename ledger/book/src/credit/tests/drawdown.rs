//! Asking for a loan and agreeing to it (L1, L2).

use super::*;
use crate::credit::{CancelDrawdown, MAX_LIVE_LOANS, RejectDrawdown};
use crate::pledges::{
    CheckOutcome,
    tests::{hold, request_release},
};

/// 60% of 100,000.00, exactly and not a fen more.
#[test]
fn a_draw_reaches_the_initial_line_and_not_beyond() {
    let mut world = world();
    let (facility, _) = secured(&mut world);
    let ask = |minor| Command::from(drawdown(facility, minor));
    let refusal = world.say(party(COOP), ask(6_000_001)).expect_err("refused");
    assert_eq!(refusal.code, Refused::AvailabilityExceeded);
    assert_eq!((refusal.facts.limit, refusal.facts.actual), (Some(6_000_000), Some(6_000_001)));
    world.say(party(COOP), ask(2_000_000)).expect("accepted");
    // What is asked for is reserved.
    assert_eq!(refused(world.say(party(COOP), ask(4_000_001))), Refused::AvailabilityExceeded);
    world.say(party(COOP), ask(4_000_000)).expect("accepted");
    assert_eq!(refused(world.say(party(COOP), ask(1))), Refused::AvailabilityExceeded);
}

/// Acceptance scenario 4 of domain.md, for a draw: off by one gram's worth.
#[test]
fn a_draw_is_bounded_by_the_limit_and_the_secured_maximum_too() {
    for (grams, available) in [
        (HUNDRED_TONNES, 6_000_000),
        (HUNDRED_TONNES - 1, 5_999_999),
        // The facility's limit, and with ever more goods the pledge's secured maximum of 100,000.00.
        (2 * HUNDRED_TONNES, 8_000_000),
    ] {
        let mut world = world();
        let receipt = receipt(&mut world, 1, grams);
        let pledge = pledges::tests::active(&mut world, &[receipt]);
        let facility = offered(&mut world);
        world.say(party(COOP), sign(facility)).expect("accepted");
        world.say(party(BANK), satisfy(facility, pledge)).expect("accepted");
        let over = Command::from(drawdown(facility, available + 1));
        assert_eq!(refused(world.say(party(COOP), over)), Refused::AvailabilityExceeded);
        requested(&mut world, facility, available);
    }
    let mut world = world();
    let receipt = receipt(&mut world, 1, 2 * HUNDRED_TONNES);
    let mut proposal = pledges::tests::proposal(&[receipt]);
    proposal.secured_maximum = yuan(500);
    let pledge = pledges::tests::proposed(world.say(party(COOP), pledges::Command::from(proposal)));
    check_again(&mut world, pledge, CheckOutcome::Clear);
    world.say(party(BANK), pledges::tests::accept(pledge)).expect("accepted");
    world
        .say(party(pledges::tests::KEEPER), pledges::tests::confirm_control(pledge))
        .expect("accepted");
    let facility = offered(&mut world);
    world.say(party(COOP), sign(facility)).expect("accepted");
    world.say(party(BANK), satisfy(facility, pledge)).expect("accepted");
    let over = Command::from(drawdown(facility, 501));
    assert_eq!(refused(world.say(party(COOP), over)), Refused::AvailabilityExceeded);
    requested(&mut world, facility, 500);
}

#[test]
fn a_request_that_cannot_be_one_is_refused() {
    let mut world = world();
    let (facility, _) = secured(&mut world);
    type Change = Box<dyn FnOnce(&mut RequestDrawdown)>;
    let refusals: Vec<(u8, Change, Refused)> = vec![
        (BANK, Box::new(|_| {}), Refused::NotBorrower),
        (COOP, Box::new(|r| r.facility = id(9)), Refused::NotFound),
        (COOP, Box::new(|r| r.amount = yuan(0)), Refused::AmountZero),
        (
            COOP,
            Box::new(|r| r.amount = crate::vocabulary::Money::new(1, Currency::USD)),
            Refused::CurrencyMismatch,
        ),
        (COOP, Box::new(|r| r.account = Some(code("SUPPLIER-2"))), Refused::PayeeNotAllowed),
        (COOP, Box::new(|r| r.due_on = date("2026-01-05")), Refused::ValidationFailed),
        (COOP, Box::new(|r| r.due_on = date("2026-07-01")), Refused::ValidationFailed),
    ];
    for (by, change, why) in refusals {
        let mut request = drawdown(facility, 100);
        change(&mut request);
        assert_eq!(refused(world.say(party(by), Command::from(request))), why);
    }
    for due_on in ["2026-01-06", "2026-06-30"] {
        let request = RequestDrawdown { due_on: date(due_on), ..drawdown(facility, 100) };
        let account = Some(code("SUPPLIER-1"));
        world
            .say(party(COOP), Command::from(RequestDrawdown { account, ..request }))
            .expect("accepted");
    }
}

#[test]
fn a_facility_is_drawn_to_its_last_day_and_for_so_many_loans() {
    let mut world = world();
    let (facility, _) = secured(&mut world);
    for _ in 0..MAX_LIVE_LOANS {
        requested(&mut world, facility, 1);
    }
    let more = Command::from(drawdown(facility, 1));
    assert_eq!(refused(world.say(party(COOP), more)), Refused::LimitExceeded);

    let mut world = self::world();
    let (facility, _) = secured(&mut world);
    let until = |day| RequestDrawdown { due_on: date(day), ..drawdown(facility, 1) };
    // A millisecond before the cut-off of 29 June in China, then at the cut-off of the last day.
    world.pass(Millis(Millis::days(175).0 + Millis::hours(9).0 - 1));
    price(&mut world, 100);
    world.say(party(COOP), Command::from(until("2026-06-30"))).expect("accepted");
    world.pass(Millis(Millis::days(1).0 + 1));
    assert_eq!(
        refused(world.say(party(COOP), Command::from(until("2026-06-30")))),
        Refused::DeadlinePassed
    );
}

/// INV-36 and acceptance scenario 3: a price that stops is an alarm, and nothing is drawn on it.
#[test]
fn nothing_is_drawn_without_a_fresh_price_or_on_a_held_receipt() {
    let mut world = world();
    let (facility, _) = secured(&mut world);
    let ask = Command::from(drawdown(facility, 100));
    world.pass(Millis(Millis::days(2).0 + 1));
    let refusal = world.say(party(COOP), ask.clone()).expect_err("refused");
    assert_eq!(refusal.code, Refused::PriceUnavailable);
    assert_eq!(refusal.facts.required.as_ref().map(|text| text.as_str()), Some(FEED));
    price(&mut world, 100);
    hold(&mut world, id(1), true).expect("accepted");
    assert_eq!(refused(world.say(party(COOP), ask.clone())), Refused::HoldInForce);
    hold(&mut world, id(1), false).expect("accepted");
    world.pass(Millis::days(2));
    assert!(world.say(party(COOP), ask).is_ok(), "two days old is not too old");
}

#[test]
fn approval_looks_at_everything_again() {
    let mut world = world();
    let (facility, pledge) = secured(&mut world);
    let loan = requested(&mut world, facility, 6_000_000);
    assert_eq!(refused(world.say(party(BANK), approve(loan))), Refused::MakerCheckerRequired);
    assert_eq!(refused(two(&mut world, OTHER_BANK, approve(loan))), Refused::NotLender);
    // The duplicate check is older than a day; then it finds another financing.
    world.pass(Millis(Millis::hours(24).0 + 1));
    assert_eq!(refused(two(&mut world, BANK, approve(loan))), Refused::CheckStale);
    check_again(&mut world, pledge, CheckOutcome::Financed);
    assert_eq!(refused(two(&mut world, BANK, approve(loan))), Refused::DuplicateFinanced);
    check_again(&mut world, pledge, CheckOutcome::Clear);
    // The price has fallen by a fen a kilogram.
    price(&mut world, 99);
    let refusal = two(&mut world, BANK, approve(loan)).expect_err("refused");
    assert_eq!(refusal.code, Refused::AvailabilityExceeded);
    assert_eq!(refusal.facts.limit, Some(5_940_000));
    price(&mut world, 100);
    hold(&mut world, id(1), true).expect("accepted");
    assert_eq!(refused(two(&mut world, BANK, approve(loan))), Refused::HoldInForce);
    hold(&mut world, id(1), false).expect("accepted");
    two(&mut world, BANK, approve(loan)).expect("accepted");
    assert_eq!(refused(two(&mut world, BANK, approve(loan))), Refused::InvalidState);
    assert_eq!(refused(two(&mut world, BANK, approve(id(9)))), Refused::NotFound);
}

#[test]
fn a_loan_that_would_be_due_when_it_is_paid_is_not_paid() {
    let mut world = world();
    let (facility, _) = secured(&mut world);
    let request = RequestDrawdown { due_on: date("2026-01-06"), ..drawdown(facility, 100) };
    let [early, late] =
        [0, 1].map(|_| loan_of(world.say(party(COOP), Command::from(request.clone()))));
    two(&mut world, BANK, approve(early)).expect("the day before");
    world.pass(Millis::hours(9));
    assert_eq!(refused(two(&mut world, BANK, approve(late))), Refused::ValidationFailed);
    assert_eq!(refused(world.say(party(BANK), instruct(early))), Refused::ValidationFailed);
}

#[test]
fn a_pledge_that_is_being_released_secures_no_draw() {
    let mut world = world();
    let (facility, pledge) = secured(&mut world);
    world.say(party(COOP), request_release(pledge)).expect("accepted");
    let ask = Command::from(drawdown(facility, 100));
    assert_eq!(refused(world.say(party(COOP), ask)), Refused::CpMissing);
}

#[test]
fn a_loan_that_was_not_paid_is_given_up_and_its_reservation_with_it() {
    let mut world = world();
    let (facility, pledge) = secured(&mut world);
    let claims = |world: &World| {
        pledges::PLEDGES.find(&world.view, &pledge).expect("known").value.open_claims
    };
    for approved in [false, true] {
        for by_borrower in [false, true] {
            let loan = requested(&mut world, facility, 6_000_000);
            assert_eq!(claims(&world), 1);
            if approved {
                two(&mut world, BANK, approve(loan)).expect("accepted");
            }
            let reject = Command::RejectDrawdown(RejectDrawdown { loan, reason: code("POLICY") });
            let cancel = Command::CancelDrawdown(CancelDrawdown { loan });
            assert_eq!(refused(world.say(stranger(), reject.clone())), Refused::NotLender);
            assert_eq!(refused(world.say(party(BANK), cancel.clone())), Refused::NotBorrower);
            let (by, command) = if by_borrower { (COOP, cancel) } else { (BANK, reject) };
            world.say(party(by), command.clone()).expect("accepted");
            assert_eq!(refused(world.say(party(by), command)), Refused::InvalidState);
            assert_eq!(claims(&world), 0);
        }
    }
    requested(&mut world, facility, 6_000_000);
}
