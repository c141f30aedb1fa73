//! Interest, fees and costs (L6). Figures were worked out by hand and with Python's `fractions`.

use proptest::prelude::*;

use super::*;
use crate::{
    credit::{Account, InterestAccrued},
    vocabulary::{Date, Segment},
};

fn accrued(said: Result<Vec<areas::Event>, Refusal>) -> InterestAccrued {
    match credit_events(said.expect("accepted")).as_slice() {
        [Event::InterestAccrued(accrued)] => accrued.clone(),
        events => panic!("not an accrual: {events:?}"),
    }
}

/// 10,000.00 drawn on 5 January, due on a date.
fn due(world: &mut World, due_on: &str) -> LoanId {
    let (facility, _) = secured(world);
    let request = RequestDrawdown { due_on: date(due_on), ..drawdown(facility, 1_000_000) };
    let loan = loan_of(world.say(party(COOP), Command::from(request)));
    two(world, BANK, approve(loan)).expect("accepted");
    world.say(party(BANK), instruct(loan)).expect("accepted");
    world.say(party(BANK), confirm(loan, 1_000_000, "OUT-1")).expect("accepted");
    loan
}

#[test]
fn interest_is_accrued_once_per_business_date_by_anybody() {
    let mut world = world();
    let loan = due(&mut world, "2026-03-31");
    let (buyer, coop) = (party(BUYER), party(COOP));
    assert_eq!(refused(world.say(buyer, accrue(loan))), Refused::AlreadyAccrued);
    // To a millisecond before 17:00 in China, and to it: the next business date.
    world.pass(Millis(Millis::hours(9).0 - 1));
    assert_eq!(refused(world.say(buyer, accrue(loan))), Refused::AlreadyAccrued);
    world.pass(Millis(1));
    let event = accrued(world.say(buyer, accrue(loan)));
    // 1,000,000 x 6.5% x 1 / 360 = 180.5555... fen.
    assert_eq!((event.interest, event.accrued_to), (yuan(181), date("2026-01-06")));
    assert_eq!((event.interest_remainder, event.denominator), (200_000_000, 360_000_000));
    assert_eq!(refused(world.say(coop, accrue(loan))), Refused::AlreadyAccrued);
    assert_eq!(refused(world.say(coop, accrue(id(9)))), Refused::NotFound);
}

#[test]
fn a_loan_not_paid_out_bears_no_interest() {
    let mut world = world();
    let (facility, _) = secured(&mut world);
    let loan = requested(&mut world, facility, 100);
    days(&mut world, 3);
    assert_eq!(refused(world.say(party(BUYER), accrue(loan))), Refused::InvalidState);
}

#[test]
fn principal_not_paid_when_it_is_due_bears_the_penalty_rate_from_that_day() {
    let mut world = world();
    let loan = due(&mut world, "2026-01-15");
    days(&mut world, 15);
    let event = accrued(world.say(party(BUYER), accrue(loan)));
    let segment = |from, to, rate, days, overdue| Segment {
        from: date(from),
        to: date(to),
        principal: 1_000_000,
        rate_ppm: Ppm::new(rate),
        days,
        overdue,
    };
    assert_eq!(
        event.segments.to_vec(),
        [
            segment("2026-01-05", "2026-01-15", 65_000, 10, false),
            segment("2026-01-15", "2026-01-20", 97_500, 5, true),
        ]
    );
    // 1,805.55... and 1,354.16... fen.
    assert_eq!((event.interest, event.penalty), (yuan(1_806), yuan(1_354)));
    assert_eq!((event.interest_remainder, event.penalty_remainder), (200_000_000, 60_000_000));
    days(&mut world, 1);
    let event = accrued(world.say(party(BUYER), accrue(loan)));
    assert_eq!(event.segments.to_vec(), [segment("2026-01-20", "2026-01-21", 97_500, 1, true)]);
    // The running total of penalty is 1,625 fen exactly.
    assert_eq!((event.interest, event.penalty), (yuan(0), yuan(271)));
}

/// 随借随还: 50,000.00 at 6.5%, 20,000.00 of it back after ten days, the rest twenty days later: 198.61.
#[test]
fn interest_only_on_the_days_used() {
    let mut world = world();
    let (facility, _) = secured(&mut world);
    let loan = drawn(&mut world, facility, 5_000_000);
    days(&mut world, 10);
    world.say(party(BANK), pay(loan, 2_009_028, "IN-1")).expect("accepted");
    assert_eq!(debt(&world, loan).books.amount(Account::Principal), 3_000_000);
    days(&mut world, 20);
    world.say(party(BANK), pay(loan, 3_010_833, "IN-2")).expect("accepted");
    let LoanStage::Settled(debt) = loan_stage(&world, loan) else { panic!("not settled") };
    assert_eq!(debt.books.amount(Account::Income), 19_861);
}

#[test]
fn fees_and_costs_are_charged_by_two_persons_of_the_lender() {
    let mut world = world();
    let (facility, _) = secured(&mut world);
    let loan = drawn(&mut world, facility, 1_000);
    let fee = |minor| charge(loan, Bucket::Fees, minor);
    assert_eq!(refused(world.say(party(BANK), fee(1))), Refused::MakerCheckerRequired);
    for (by, command, why) in [
        (OTHER_BANK, fee(1), Refused::NotLender),
        (BANK, fee(0), Refused::AmountZero),
        (BANK, fee(u64::MAX), Refused::Overflow),
        (BANK, charge(loan, Bucket::OverdueInterest, 1), Refused::ValidationFailed),
    ] {
        assert_eq!(refused(two(&mut world, by, command)), why);
    }
    two(&mut world, BANK, fee(20)).expect("accepted");
    two(&mut world, BANK, charge(loan, Bucket::Costs, 30)).expect("accepted");
    let books = debt(&world, loan).books;
    assert_eq!((books.amount(Account::Fees), books.amount(Account::Costs)), (20, 30));
    assert_eq!(books.debt(), 1_050);
    let waiting = requested(&mut world, facility, 1);
    let early = two(&mut world, BANK, charge(waiting, Bucket::Fees, 1));
    assert_eq!(refused(early), Refused::InvalidState);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// "Touch, don't sweep": a loan that was touched now and then owes what one touched once owes.
    #[test]
    fn a_loan_touched_often_owes_what_one_touched_once_owes(
        touches in prop::collection::vec(1u32..9, 1..8),
    ) {
        let (mut often, mut once) = (world(), world());
        let (first, second) = (due(&mut often, "2026-01-20"), due(&mut once, "2026-01-20"));
        for span in &touches {
            days(&mut often, *span);
            days(&mut once, *span);
            often.say(party(BUYER), accrue(first)).expect("accepted");
        }
        let event = accrued(once.say(party(BUYER), accrue(second)));
        prop_assert_eq!(debt(&often, first), debt(&once, second));
        // INV-33: the segments are the days, each once.
        let days: u32 = event.segments.iter().map(|segment| segment.days).sum();
        prop_assert_eq!(days, touches.iter().sum::<u32>());
        let joined: Vec<Date> = event.segments.iter().flat_map(|s| [s.from, s.to]).collect();
        prop_assert!(joined.windows(2).all(|pair| pair[0] <= pair[1]));
    }
}
