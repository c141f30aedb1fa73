//! Interest day by day, or caught up at once (L6); fees and costs.

use crate::{
    at::At,
    credit::{
        AccrueInterest, ChargeLoan, Event, Facility, InterestAccrued, Loan, LoanCharged, LoanStage,
        Product,
        accrual::{CatchUp, catch_up},
        find_loan, refusal,
        state::{Debt, product_of},
        valuation::business_date,
    },
    refusal::{Code, ObjectKind, Refusal},
    state::View,
    vocabulary::{Bucket, Date, Money},
    wire::List,
};

use super::{loan_as_lender, require_amount, wrong_loan_stage};

/// L6: once per loan and business date, by anybody; the dates passed over are caught up in their segments.
pub(super) fn accrue(
    view: &View<'_>,
    command: &AccrueInterest,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let (loan, facility) = find_loan(view, command.loan)?;
    let LoanStage::Outstanding(debt) = &loan.value.stage else {
        return Err(wrong_loan_stage(&loan.value));
    };
    let product = product_of(view, &facility.value)?;
    let today = business_date(view, &product, at.time())?;
    if today <= debt.accrued_to {
        return Err(refusal::already_accrued(command.loan));
    }
    let (event, _) = caught_up(&loan.value, &facility.value, debt, &product, today)?;
    Ok(vec![event.into()])
}

/// A loan's interest caught up to a date not before it stands: the event, and what it comes to.
pub(super) fn caught_up(
    loan: &Loan,
    facility: &Facility,
    debt: &Debt,
    product: &Product,
    to: Date,
) -> Result<(InterestAccrued, CatchUp), Refusal> {
    let due_on = loan.due_on;
    let caught = catch_up(debt, product, due_on, to).ok_or_else(|| overflow(loan))?;
    let currency = facility.limit.currency();
    let event = InterestAccrued {
        loan: loan.id,
        facility: facility.id,
        accrued_to: to.max(debt.accrued_to),
        segments: List::new(caught.segments.clone()).expect("before and after the due date"),
        interest: Money::new(caught.interest_posted, currency),
        penalty: Money::new(caught.penalty_posted, currency),
        interest_remainder: caught.interest.remainder(),
        penalty_remainder: caught.penalty.remainder(),
        denominator: caught.interest.denominator(),
    };
    Ok((event, caught))
}

pub(super) fn overflow(loan: &Loan) -> Refusal {
    Refusal::new(Code::Overflow).field("interest").subject(ObjectKind::Loan, loan.id)
}

/// A fee or a cost, by two persons of the lender.
pub(super) fn charge(
    view: &View<'_>,
    command: &ChargeLoan,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let (loan, facility) = loan_as_lender(view, command.loan, at)?;
    let LoanStage::Outstanding(debt) = &loan.value.stage else {
        return Err(wrong_loan_stage(&loan.value));
    };
    if !matches!(command.bucket, Bucket::Costs | Bucket::Fees) {
        return Err(Refusal::new(Code::ValidationFailed).field("bucket"));
    }
    require_amount("amount", command.amount, facility.value.limit.currency())?;
    if debt.books.debt().checked_add(command.amount.minor()).is_none() {
        return Err(Refusal::new(Code::Overflow).field("amount"));
    }
    let charged = LoanCharged {
        loan: command.loan,
        facility: facility.value.id,
        bucket: command.bucket,
        amount: command.amount,
        reason: command.reason.clone(),
    };
    Ok(vec![charged.into()])
}
