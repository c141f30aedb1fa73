//! Money goes back (L8, L9).

use super::*;
use crate::{
    credit::{Account, LoanReopened, RefundOverpayment, ReversePayment},
    vocabulary::Money,
};

fn reverse(reference: &str) -> Command {
    let (bank_reference, reason) = (code(reference), code("RETURNED"));
    Command::ReversePayment(ReversePayment { bank_reference, reason })
}

fn refund(loan: LoanId, minor: u64, reference: &str) -> Command {
    let (amount, bank_reference) = (yuan(minor), code(reference));
    Command::RefundOverpayment(RefundOverpayment { loan, amount, bank_reference })
}

/// A payment undone leaves the debt as if it had never been made, interest included.
#[test]
fn a_reversed_payment_leaves_the_debt_that_would_be_there_without_it() {
    let due = |world: &mut World| {
        let (facility, _) = secured(world);
        let request =
            RequestDrawdown { due_on: date("2026-01-20"), ..drawdown(facility, 1_000_000) };
        let loan = loan_of(world.say(party(COOP), Command::from(request)));
        two(world, BANK, approve(loan)).expect("accepted");
        world.say(party(BANK), instruct(loan)).expect("accepted");
        world.say(party(BANK), confirm(loan, 1_000_000, "OUT-1")).expect("accepted");
        loan
    };
    for payment in [500, 400_000, 1_001_806] {
        let (mut paid, mut never) = (world(), world());
        let (loan, other) = (due(&mut paid), due(&mut never));
        days(&mut paid, 10);
        days(&mut never, 10);
        paid.say(party(BANK), pay(loan, payment, "IN-1")).expect("accepted");
        never.say(party(BANK), accrue(other)).expect("accepted");
        days(&mut paid, 20);
        days(&mut never, 20);
        paid.say(party(BANK), reverse("IN-1")).expect("accepted");
        never.say(party(BANK), accrue(other)).expect("accepted");
        assert_eq!(debt(&paid, loan), debt(&never, other), "{payment}");
        assert!(matches!(loan_stage(&paid, loan), LoanStage::Outstanding(_)));
    }
}

#[test]
fn a_payment_is_reversed_once_by_the_lender_who_recorded_it() {
    let mut world = world();
    let (facility, _) = secured(&mut world);
    let loan = drawn(&mut world, facility, 1_000);
    world.say(party(BANK), pay(loan, 100, "IN-1")).expect("accepted");
    assert_eq!(refused(world.say(stranger(), reverse("IN-1"))), Refused::NotFound);
    assert_eq!(refused(world.say(party(BANK), reverse("IN-2"))), Refused::NotFound);
    world.say(party(BANK), reverse("IN-1")).expect("accepted");
    assert_eq!(refused(world.say(party(BANK), reverse("IN-1"))), Refused::InvalidState);
    assert_eq!(refused(world.say(party(BANK), pay(loan, 100, "IN-1"))), Refused::DuplicatePayment);
}

/// Acceptance scenario 5 of domain.md: reversed after release, the loan reopens, flagged as unsecured.
#[test]
fn a_settled_loan_reopens_and_says_whether_it_is_still_secured() {
    for released in [false, true] {
        let mut world = world();
        let (facility, pledge) = secured(&mut world);
        let loan = drawn(&mut world, facility, 1_000);
        world.say(party(BANK), pay(loan, 1_000, "IN-1")).expect("accepted");
        if released {
            world.say(party(COOP), pledges::tests::request_release(pledge)).expect("accepted");
            pledges::tests::confirm_release(&mut world, pledge).expect("accepted");
        }
        let events = credit_events(world.say(party(BANK), reverse("IN-1")).expect("accepted"));
        let reopened = LoanReopened { loan, facility, secured: !released };
        assert_eq!(events.last(), Some(&Event::from(reopened)));
        assert!(matches!(loan_stage(&world, loan), LoanStage::Outstanding(_)));
        let close = Command::CloseFacility(CloseFacility { facility });
        assert_eq!(refused(world.say(party(BANK), close)), Refused::ExposureOutstanding);
        world.say(party(BANK), pay(loan, 1_000, "IN-2")).expect("accepted");
        assert!(matches!(loan_stage(&world, loan), LoanStage::Settled(_)));
    }
}

/// A pledge of which release is only asked for is still in force, and still collateral.
#[test]
fn a_loan_that_reopens_before_the_release_is_confirmed_is_secured_as_before() {
    let mut world = world();
    let (facility, pledge) = secured(&mut world);
    let loan = drawn(&mut world, facility, 1_000);
    world.say(party(BANK), pay(loan, 1_000, "IN-1")).expect("accepted");
    world.say(party(COOP), pledges::tests::request_release(pledge)).expect("accepted");
    world.say(party(BANK), reverse("IN-1")).expect("accepted");
    let (valuation, followed) = valued(&mut world, facility);
    assert_eq!((valuation.status, followed.len()), (Status::Ok, 0));
    let confirmed = pledges::tests::confirm_release(&mut world, pledge);
    assert_eq!(refused(confirmed), Refused::ExposureOutstanding);
}

#[test]
fn a_credit_balance_is_refunded_to_the_last_fen_and_no_further() {
    let mut world = world();
    let (facility, _) = secured(&mut world);
    let loan = drawn(&mut world, facility, 1_000);
    world.say(party(BANK), pay(loan, 1_050, "IN-1")).expect("accepted");
    let dollars = Command::RefundOverpayment(RefundOverpayment {
        loan,
        amount: Money::new(1, Currency::USD),
        bank_reference: code("OUT-9"),
    });
    for (by, command, why) in [
        (OTHER_BANK, refund(loan, 50, "OUT-9"), Refused::NotLender),
        (BANK, refund(loan, 0, "OUT-9"), Refused::AmountZero),
        (BANK, dollars, Refused::CurrencyMismatch),
        (BANK, refund(loan, 51, "OUT-9"), Refused::LimitExceeded),
        (BANK, refund(loan, 50, "IN-1"), Refused::DuplicatePayment),
    ] {
        assert_eq!(refused(world.say(party(by), command)), why);
    }
    world.say(party(BANK), refund(loan, 50, "OUT-9")).expect("accepted");
    assert_eq!(refused(world.say(party(BANK), refund(loan, 1, "OUT-10"))), Refused::LimitExceeded);
    let waiting = requested(&mut world, facility, 1);
    let nothing = world.say(party(BANK), refund(waiting, 1, "OUT-11"));
    assert_eq!(refused(nothing), Refused::InvalidState);
}

/// The bank returns a payment whose excess was refunded: the borrower owes the refund as a cost.
#[test]
fn a_refund_of_money_that_never_came_is_owed() {
    for (refunded, cost) in [(0, 0), (30, 30), (50, 50)] {
        let mut world = world();
        let (facility, _) = secured(&mut world);
        let loan = drawn(&mut world, facility, 1_000);
        world.say(party(BANK), pay(loan, 1_050, "IN-1")).expect("accepted");
        if refunded > 0 {
            world.say(party(BANK), refund(loan, refunded, "OUT-9")).expect("accepted");
        }
        world.say(party(BANK), reverse("IN-1")).expect("accepted");
        let books = debt(&world, loan).books;
        assert_eq!((books.amount(Account::Costs), books.debt()), (cost, 1_000 + cost));
        assert_eq!((books.amount(Account::CreditBalance), books.imbalance()), (0, 0));
    }
}
