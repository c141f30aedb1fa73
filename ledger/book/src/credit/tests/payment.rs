//! Payments (L7) and the waterfall.

use super::*;
use crate::{
    credit::{Account, PaymentAllocated},
    vocabulary::{Money, Part},
};

fn allocated(said: Result<Vec<areas::Event>, Refusal>) -> PaymentAllocated {
    let events = credit_events(said.expect("accepted"));
    let found = events.into_iter().find_map(|event| match event {
        Event::PaymentAllocated(allocated) => Some(allocated),
        _ => None,
    });
    found.expect("an allocation")
}

fn parts(allocated: &PaymentAllocated) -> Vec<(Bucket, u64)> {
    allocated.parts.iter().map(|Part { bucket, minor_units }| (*bucket, *minor_units)).collect()
}

#[test]
fn a_payment_that_cannot_be_one_is_refused() {
    let mut world = world();
    let (facility, _) = secured(&mut world);
    let loan = drawn(&mut world, facility, 1_000);
    let waiting = requested(&mut world, facility, 1_000);
    let dollars = Command::RecordPayment(RecordPayment {
        loan,
        amount: Money::new(1, Currency::USD),
        bank_reference: code("IN-1"),
    });
    for (by, command, why) in [
        (OTHER_BANK, pay(loan, 1, "IN-1"), Refused::NotLender),
        (COOP, pay(loan, 1, "IN-1"), Refused::NotAuthorised),
        (BANK, pay(loan, 0, "IN-1"), Refused::AmountZero),
        (BANK, dollars, Refused::CurrencyMismatch),
        (BANK, pay(waiting, 1, "IN-1"), Refused::InvalidState),
        (BANK, pay(id(9), 1, "IN-1"), Refused::NotFound),
    ] {
        assert_eq!(refused(world.say(party(by), command)), why);
    }
    world.say(party(BANK), pay(loan, 1, "IN-1")).expect("accepted");
    assert_eq!(refused(world.say(party(BANK), pay(loan, 1, "IN-1"))), Refused::DuplicatePayment);
    world.say(party(BANK), pay(loan, 999, "IN-2")).expect("accepted");
    assert_eq!(refused(world.say(party(BANK), pay(loan, 1, "IN-3"))), Refused::InvalidState);
}

/// Everything owed at once: 10,000.00 overdue by five days, a fee of 0.20 and a cost of 0.30.
#[test]
fn a_payment_runs_down_the_waterfall_of_the_product() {
    use Bucket::{
        Costs, CurrentInterest, CurrentPrincipal, Fees, OverdueInterest, OverduePrincipal,
        PenaltyInterest, Prepayment,
    };
    let principal_first = [
        OverduePrincipal,
        CurrentPrincipal,
        Prepayment,
        Costs,
        Fees,
        PenaltyInterest,
        OverdueInterest,
        CurrentInterest,
    ];
    for (order, payment, expected) in [
        (Bucket::ALL, 40, vec![(Costs, 30), (Fees, 10)]),
        (
            Bucket::ALL,
            50 + 1_354 + 1_806 + 7,
            vec![
                (Costs, 30),
                (Fees, 20),
                (PenaltyInterest, 1_354),
                (OverdueInterest, 1_806),
                (OverduePrincipal, 7),
            ],
        ),
        (&principal_first, 1_000_010, vec![(OverduePrincipal, 1_000_000), (Costs, 10)]),
    ] {
        let mut world = world();
        let waterfall = List::new(order.to_vec()).expect("eight");
        let product = SetProduct { waterfall, ..product() };
        two(&mut world, BANK, Command::from(product)).expect("the second version");
        let (facility, _) = secured(&mut world);
        let request =
            RequestDrawdown { due_on: date("2026-01-15"), ..drawdown(facility, 1_000_000) };
        let loan = loan_of(world.say(party(COOP), Command::from(request)));
        two(&mut world, BANK, approve(loan)).expect("accepted");
        world.say(party(BANK), instruct(loan)).expect("accepted");
        world.say(party(BANK), confirm(loan, 1_000_000, "OUT-1")).expect("accepted");
        two(&mut world, BANK, charge(loan, Fees, 20)).expect("accepted");
        two(&mut world, BANK, charge(loan, Costs, 30)).expect("accepted");
        days(&mut world, 15);
        let allocated = allocated(world.say(party(BANK), pay(loan, payment, "IN-1")));
        assert_eq!(parts(&allocated), expected);
        assert_eq!((allocated.excess, allocated.product_version), (yuan(0), 2));
    }
}

#[test]
fn what_a_payment_meets_has_its_name_from_the_day() {
    use Bucket::{
        CurrentInterest, CurrentPrincipal, OverdueInterest, OverduePrincipal, Prepayment,
    };
    for (passed, interest, principal) in [
        (9, CurrentInterest, Prepayment),
        (10, CurrentInterest, CurrentPrincipal),
        (11, OverdueInterest, OverduePrincipal),
    ] {
        let mut world = world();
        let (facility, _) = secured(&mut world);
        let request =
            RequestDrawdown { due_on: date("2026-01-15"), ..drawdown(facility, 1_000_000) };
        let loan = loan_of(world.say(party(COOP), Command::from(request)));
        two(&mut world, BANK, approve(loan)).expect("accepted");
        world.say(party(BANK), instruct(loan)).expect("accepted");
        world.say(party(BANK), confirm(loan, 1_000_000, "OUT-1")).expect("accepted");
        days(&mut world, passed);
        let allocated = allocated(world.say(party(BANK), pay(loan, 900_000, "IN-1")));
        let buckets: Vec<Bucket> =
            parts(&allocated).into_iter().map(|(bucket, _)| bucket).collect();
        assert!(buckets.contains(&interest), "{passed}: {buckets:?}");
        assert_eq!(buckets.last(), Some(&principal), "{passed}");
    }
}

/// A fen too little leaves the loan open, the right sum settles it, a fen too much is the borrower's.
#[test]
fn a_loan_is_settled_when_nothing_is_owed_and_what_is_more_is_the_borrowers() {
    // 1,000,000 for 30 days at 6.5%: 5,416.66... fen.
    for (payment, settled, excess) in
        [(1_005_416, false, 0), (1_005_417, true, 0), (1_005_418, true, 1)]
    {
        let mut world = world();
        let (facility, pledge) = secured(&mut world);
        let loan = drawn(&mut world, facility, 1_000_000);
        days(&mut world, 30);
        let events =
            credit_events(world.say(party(BANK), pay(loan, payment, "IN-1")).expect("accepted"));
        assert!(matches!(events[0], Event::InterestAccrued(_)), "interest first");
        assert_eq!(matches!(events.last(), Some(Event::LoanSettled(_))), settled, "{payment}");
        assert_eq!(matches!(loan_stage(&world, loan), LoanStage::Settled(_)), settled);
        let books = debt(&world, loan).books;
        assert_eq!(books.amount(Account::CreditBalance), excess);
        assert_eq!(books.debt(), u64::from(!settled));
        let claims = pledges::PLEDGES.find(&world.view, &pledge).expect("known").value.open_claims;
        assert_eq!(claims, u32::from(!settled));
    }
}

#[test]
fn what_is_repaid_may_be_drawn_again() {
    let mut world = world();
    let (facility, _) = secured(&mut world);
    let loan = drawn(&mut world, facility, 6_000_000);
    let more = Command::from(drawdown(facility, 2_000_000));
    assert_eq!(refused(world.say(party(COOP), more.clone())), Refused::AvailabilityExceeded);
    world.say(party(BANK), pay(loan, 2_000_000, "IN-1")).expect("accepted");
    world.say(party(COOP), more).expect("accepted");
}
