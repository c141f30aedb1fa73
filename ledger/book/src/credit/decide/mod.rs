//! The rules about credit, one file per process (domain.md sections 6.4 and 6.5).

mod disburse;
mod drawdown;
mod facility;
mod interest;
mod offer;
mod payment;
mod product;
mod reverse;
mod value;

use super::{Command, Facility, Loan, LoanAndFacility, find, find_loan, refusal};
use crate::{
    areas,
    at::At,
    names,
    refusal::{Code as RefusalCode, ObjectKind, Refusal},
    state::{Row, View},
    vocabulary::{Code, Currency, FacilityId, FacilityNo, LoanId, Money},
};

pub use value::fire;

/// Decides a command about credit.
///
/// # Errors
///
/// The first guard that says no.
pub fn decide(
    view: &View<'_>,
    command: &Command,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let events = match command {
        Command::SetProduct(command) => product::set(view, command, at)?,
        Command::OfferFacility(command) => offer::offer(view, command, at)?,
        Command::SignFacility(command) => offer::sign(view, command, at)?,
        Command::SatisfyConditions(command) => facility::satisfy(view, command, at)?,
        Command::SuspendFacility(command) => facility::suspend(view, command, at)?,
        Command::ResumeFacility(command) => facility::resume(view, command, at)?,
        Command::CloseFacility(command) => facility::close(view, command, at)?,
        Command::ValueFacility(command) => value::value(view, command, at)?,
        Command::WithdrawCall(command) => value::withdraw_call(view, command, at)?,
        Command::RequestDrawdown(command) => drawdown::request(view, command, at)?,
        Command::ApproveDrawdown(command) => drawdown::approve(view, command, at)?,
        Command::RejectDrawdown(command) => drawdown::reject(view, command, at)?,
        Command::CancelDrawdown(command) => drawdown::cancel(view, command, at)?,
        Command::InstructPayment(command) => disburse::instruct(view, command, at)?,
        Command::ConfirmDisbursement(command) => disburse::confirm(view, command, at)?,
        Command::FailDisbursement(command) => disburse::fail(view, command, at)?,
        Command::AccrueInterest(command) => interest::accrue(view, command, at)?,
        Command::ChargeLoan(command) => interest::charge(view, command, at)?,
        Command::RecordPayment(command) => payment::record(view, command, at)?,
        Command::ReversePayment(command) => reverse::reverse(view, command, at)?,
        Command::RefundOverpayment(command) => reverse::refund(view, command, at)?,
    };
    Ok(events.into_iter().map(Into::into).collect())
}

/// A facility of which the principal is the lender.
fn as_lender(
    view: &View<'_>,
    facility: FacilityId,
    at: &At<'_>,
) -> Result<Row<FacilityNo, Facility>, Refusal> {
    let row = find(view, facility)?;
    require_lender(&row.value, at)?;
    Ok(row)
}

fn require_lender(facility: &Facility, at: &At<'_>) -> Result<(), Refusal> {
    if facility.lender == at.party { Ok(()) } else { Err(refusal::not_lender(facility.id)) }
}

/// A loan with its facility, of which the principal is the lender.
fn loan_as_lender(view: &View<'_>, loan: LoanId, at: &At<'_>) -> Result<LoanAndFacility, Refusal> {
    let (loan, facility) = find_loan(view, loan)?;
    require_lender(&facility.value, at)?;
    Ok((loan, facility))
}

/// The refusal of an act that a facility's stage doesn't allow.
fn wrong_stage(facility: &Facility) -> Refusal {
    Refusal::state(ObjectKind::Facility, facility.id, facility.stage.name())
}

/// The refusal of an act that a loan's stage doesn't allow.
fn wrong_loan_stage(loan: &Loan) -> Refusal {
    Refusal::state(ObjectKind::Loan, loan.id, loan.stage.name())
}

/// An amount of something in the right currency.
fn require_amount(field: &'static str, amount: Money, currency: Currency) -> Result<(), Refusal> {
    if amount.is_zero() {
        return Err(Refusal::new(RefusalCode::AmountZero).field(field));
    }
    if amount.currency() != currency {
        return Err(Refusal::new(RefusalCode::CurrencyMismatch).field(field));
    }
    Ok(())
}

/// A bank reference that the lender has not used before (INV-09).
fn require_new_reference(view: &View<'_>, reference: &Code, at: &At<'_>) -> Result<(), Refusal> {
    if names::is_taken(view, names::Space::BankReference, at.party, reference) {
        return Err(refusal::duplicate_payment(reference));
    }
    Ok(())
}
