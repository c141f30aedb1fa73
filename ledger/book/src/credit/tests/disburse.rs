//! Money goes out (L3, L4, L5).

use super::*;
use crate::credit::{CancelDrawdown, FailDisbursement, InstructPayment};

fn approved(world: &mut World, account: Option<&str>) -> LoanId {
    let (facility, _) = secured(world);
    let account = account.map(code);
    let request = RequestDrawdown { account, ..drawdown(facility, 1_000) };
    let loan = loan_of(world.say(party(COOP), Command::from(request)));
    two(world, BANK, approve(loan)).expect("accepted");
    loan
}

#[test]
fn only_whom_the_borrower_named_and_the_facility_allows_is_paid() {
    for (asked, paid, why) in [
        (None, None, None),
        (None, Some("SUPPLIER-1"), Some(Refused::PayeeNotAllowed)),
        (Some("SUPPLIER-1"), None, Some(Refused::PayeeNotAllowed)),
        (Some("SUPPLIER-1"), Some("SUPPLIER-2"), Some(Refused::PayeeNotAllowed)),
        (Some("SUPPLIER-1"), Some("SUPPLIER-1"), None),
    ] {
        let mut world = world();
        let loan = approved(&mut world, asked);
        let account = paid.map(code);
        let instruct = Command::InstructPayment(InstructPayment { loan, account });
        let said = world.say(party(BANK), instruct).map_err(|refusal| refusal.code);
        assert_eq!(said.err(), why, "{asked:?} asked, {paid:?} paid");
    }
}

/// INV-35: days may pass between approval and payment.
#[test]
fn instruction_looks_at_everything_once_more() {
    let mut world = world();
    let loan = approved(&mut world, None);
    assert_eq!(refused(world.say(stranger(), instruct(loan))), Refused::NotLender);
    world.pass(Millis(Millis::hours(24).0 + 1));
    assert_eq!(refused(world.say(party(BANK), instruct(loan))), Refused::CheckStale);
    world.pass(Millis::days(30));
    let pledge = pledges::PLEDGES.scan(&world.view, None, 1)[0].value.id;
    check_again(&mut world, pledge, pledges::CheckOutcome::Clear);
    assert_eq!(refused(world.say(party(BANK), instruct(loan))), Refused::PriceUnavailable);
    price(&mut world, 100);
    world.say(party(BANK), instruct(loan)).expect("accepted");
    assert_eq!(refused(world.say(party(BANK), instruct(loan))), Refused::InvalidState);
}

/// Acceptance scenario 6 of domain.md: nobody knows for three days, and nothing is sent twice.
#[test]
fn a_payment_on_its_way_waits_for_the_banks_word() {
    let mut world = world();
    let loan = approved(&mut world, None);
    let bank = party(BANK);
    let fail = Command::FailDisbursement(FailDisbursement { loan, reason: code("CLOSED-ACCOUNT") });
    assert_eq!(refused(world.say(bank, confirm(loan, 1_000, "B-1"))), Refused::InvalidState);
    assert_eq!(refused(world.say(bank, fail.clone())), Refused::InvalidState);
    world.say(bank, instruct(loan)).expect("accepted");
    days(&mut world, 3);
    assert_eq!(loan_stage(&world, loan), LoanStage::Disbursing);
    let cancel = Command::CancelDrawdown(CancelDrawdown { loan });
    assert_eq!(refused(world.say(party(COOP), cancel)), Refused::InvalidState);
    assert_eq!(refused(world.say(bank, instruct(loan))), Refused::InvalidState);
    for (minor, why) in [(999, Refused::AmountMismatch), (1_001, Refused::AmountMismatch)] {
        assert_eq!(refused(world.say(bank, confirm(loan, minor, "B-1"))), why);
    }
    assert_eq!(refused(world.say(stranger(), confirm(loan, 1_000, "B-1"))), Refused::NotLender);
    world.say(bank, confirm(loan, 1_000, "B-1")).expect("accepted");
    assert_eq!(refused(world.say(bank, confirm(loan, 1_000, "B-2"))), Refused::InvalidState);
    assert_eq!(refused(world.say(bank, fail)), Refused::InvalidState);
    // Interest begins with the confirmation: on the 8th.
    assert_eq!(debt(&world, loan).disbursed_on, date("2026-01-08"));
}

#[test]
fn a_failed_payment_may_be_instructed_again() {
    let mut world = world();
    let loan = approved(&mut world, None);
    let bank = party(BANK);
    world.say(bank, instruct(loan)).expect("accepted");
    let fail = Command::FailDisbursement(FailDisbursement { loan, reason: code("CLOSED-ACCOUNT") });
    assert_eq!(refused(world.say(stranger(), fail.clone())), Refused::NotLender);
    world.say(bank, fail).expect("accepted");
    assert_eq!(loan_stage(&world, loan), LoanStage::Approved);
    world.say(bank, instruct(loan)).expect("accepted");
}

#[test]
fn a_bank_reference_is_used_once() {
    let mut world = world();
    let (facility, _) = secured(&mut world);
    let first = drawn(&mut world, facility, 1_000);
    let used = format!("OUT-{}", world.index - 1);
    let second = requested(&mut world, facility, 1_000);
    two(&mut world, BANK, approve(second)).expect("accepted");
    world.say(party(BANK), instruct(second)).expect("accepted");
    let again = world.say(party(BANK), confirm(second, 1_000, &used));
    assert_eq!(refused(again), Refused::DuplicatePayment);
    assert_eq!(refused(world.say(party(BANK), pay(first, 1, &used))), Refused::DuplicatePayment);
}
