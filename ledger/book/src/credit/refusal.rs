//! Why something about credit is refused. Codes 650 to 749.

use crate::{
    refusal::{Code as RefusalCode, Measure, ObjectKind, Refusal},
    vocabulary::{Code, FacilityId, LoanId, Money, PledgeId, Ppm},
};

/// The lender has no product of that code.
pub(super) fn product_unknown(product: &Code) -> Refusal {
    Refusal::new(RefusalCode::NotRegistered).field("product").required(product.as_str())
}

/// A line of a product that isn't above the one before it.
pub(super) fn ladder_not_rising(field: &'static str, below: Ppm, line: Ppm) -> Refusal {
    let (below, line) = (u64::from(below.get()), u64::from(line.get()));
    Refusal::new(RefusalCode::LtvLadderNotRising).field(field).limit(below, line, Measure::Ppm)
}

/// Only the facility's lender may do this.
pub(super) fn not_lender(facility: FacilityId) -> Refusal {
    Refusal::new(RefusalCode::NotLender).subject(ObjectKind::Facility, facility)
}

/// Only the facility's borrower may do this.
pub(super) fn not_borrower(facility: FacilityId) -> Refusal {
    Refusal::new(RefusalCode::NotBorrower).subject(ObjectKind::Facility, facility)
}

/// A condition precedent is not satisfied.
pub(super) fn cp_missing(facility: FacilityId, pledge: PledgeId, what: &str) -> Refusal {
    Refusal::new(RefusalCode::CpMissing)
        .subject(ObjectKind::Facility, facility)
        .other(ObjectKind::Pledge, pledge)
        .required(what)
}

/// The lender has suspended the facility.
pub(super) fn facility_suspended(facility: FacilityId) -> Refusal {
    Refusal::new(RefusalCode::FacilitySuspended).subject(ObjectKind::Facility, facility)
}

/// A margin call is open.
pub(super) fn margin_call_open(facility: FacilityId) -> Refusal {
    Refusal::new(RefusalCode::MarginCallOpen).subject(ObjectKind::Facility, facility)
}

/// More than may be drawn.
pub(super) fn availability_exceeded(facility: FacilityId, available: u64, asked: Money) -> Refusal {
    Refusal::new(RefusalCode::AvailabilityExceeded)
        .subject(ObjectKind::Facility, facility)
        .amounts(Money::new(available, asked.currency()), asked)
}

/// An account that is none of the facility's.
pub(super) fn payee_not_allowed(facility: FacilityId, account: &Code) -> Refusal {
    Refusal::new(RefusalCode::PayeeNotAllowed)
        .subject(ObjectKind::Facility, facility)
        .required(account.as_str())
}

/// Another payee than the borrower asked for.
pub(super) fn payee_differs(loan: LoanId) -> Refusal {
    Refusal::new(RefusalCode::PayeeNotAllowed).subject(ObjectKind::Loan, loan).field("account")
}

/// Another amount than was instructed.
pub(super) fn amount_mismatch(loan: LoanId, instructed: Money, claimed: Money) -> Refusal {
    Refusal::new(RefusalCode::AmountMismatch)
        .subject(ObjectKind::Loan, loan)
        .amounts(instructed, claimed)
}

/// Interest stands at this business date already.
pub(super) fn already_accrued(loan: LoanId) -> Refusal {
    Refusal::new(RefusalCode::AlreadyAccrued).subject(ObjectKind::Loan, loan)
}

/// A bank reference that was used before.
pub(super) fn duplicate_payment(reference: &Code) -> Refusal {
    Refusal::new(RefusalCode::DuplicatePayment).required(reference.as_str())
}

/// No payment with this reference.
pub(super) fn payment_unknown(reference: &Code) -> Refusal {
    Refusal::new(RefusalCode::NotFound).field("bank_reference").required(reference.as_str())
}

/// The payment was taken back already.
pub(super) fn payment_reversed(reference: &Code) -> Refusal {
    Refusal::new(RefusalCode::InvalidState)
        .field("bank_reference")
        .required(reference.as_str())
        .in_state("REVERSED")
}

/// Loans are open under the facility.
pub(super) fn exposure_outstanding(facility: FacilityId, loans: u64) -> Refusal {
    Refusal::new(RefusalCode::ExposureOutstanding).subject(ObjectKind::Facility, facility).limit(
        0,
        loans,
        Measure::Count,
    )
}

/// A pledge of the facility isn't released.
pub(super) fn pledge_outstanding(facility: FacilityId, pledge: PledgeId) -> Refusal {
    Refusal::new(RefusalCode::PledgeOutstanding)
        .subject(ObjectKind::Facility, facility)
        .other(ObjectKind::Pledge, pledge)
}
