//! A payment meets what is owed, in the order of the product's waterfall (L7).

use crate::{
    at::At,
    credit::{
        Event, Facility, Loan, LoanSettled, LoanStage, PaymentAllocated, PaymentReceived, Product,
        RecordPayment, Stage, Valuation, accrual, margin,
        state::{Debt, product_of},
        valuation::business_date,
    },
    refusal::Refusal,
    state::{Row, View},
    vocabulary::{Allocation, Date, FacilityNo, Money, allocate},
    wire::List,
};

use super::{
    interest::{caught_up, overflow},
    loan_as_lender, require_amount, require_new_reference, wrong_loan_stage,
};

/// L7: interest is caught up first; then the payment runs down the waterfall; what is more than owed is the
/// borrower's credit balance; an open margin call is looked at again.
pub(super) fn record(
    view: &View<'_>,
    command: &RecordPayment,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let (loan, facility) = loan_as_lender(view, command.loan, at)?;
    let LoanStage::Outstanding(debt) = &loan.value.stage else {
        return Err(wrong_loan_stage(&loan.value));
    };
    require_amount("amount", command.amount, facility.value.limit.currency())?;
    require_new_reference(view, &command.bank_reference, at)?;
    let product = product_of(view, &facility.value)?;
    let today = business_date(view, &product, at.time())?.max(debt.accrued_to);
    let (mut events, allocation, settled) =
        meet(&loan.value, &facility.value, debt, &product, command, today)?;
    if settled {
        let (loan, facility) = (command.loan, facility.value.id);
        events.push(LoanSettled { loan, facility }.into());
    }
    let paid = command.amount.minor().saturating_sub(allocation.excess);
    events.extend(look_at_call(view, &facility, &product, paid, at)?);
    Ok(events)
}

/// Interest to the day, the payment, and what it met. Whether nothing is left to pay.
fn meet(
    loan: &Loan,
    facility: &Facility,
    debt: &Debt,
    product: &Product,
    command: &RecordPayment,
    today: Date,
) -> Result<(Vec<Event>, Allocation, bool), Refusal> {
    let (accrued, caught) = caught_up(loan, facility, debt, product, today)?;
    let owed =
        accrual::owed(debt, loan.due_on, today, caught.interest_posted, caught.penalty_posted);
    let total = owed.total().ok_or_else(|| overflow(loan))?;
    let allocation = allocate(command.amount.minor(), &product.waterfall, &owed);
    let received = PaymentReceived {
        loan: loan.id,
        facility: facility.id,
        amount: command.amount,
        bank_reference: command.bank_reference.clone(),
        business_date: today,
    };
    let allocated = PaymentAllocated {
        loan: loan.id,
        facility: facility.id,
        bank_reference: command.bank_reference.clone(),
        parts: List::new(allocation.parts.clone()).expect("one for each bucket at most"),
        excess: Money::new(allocation.excess, command.amount.currency()),
        product_version: facility.product_version,
    };
    let mut events = Vec::new();
    if debt.accrued_to < today {
        events.push(accrued.into());
    }
    events.extend([received.into(), allocated.into()]);
    let settled = command.amount.minor() >= total;
    Ok((events, allocation, settled))
}

/// Whether the payment cures an open call, by what the ratio is after it.
fn look_at_call(
    view: &View<'_>,
    facility: &Row<FacilityNo, Facility>,
    product: &Product,
    paid: u64,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let Stage::Available { call: Some(_), .. } = facility.value.stage else { return Ok(vec![]) };
    let mut valuation = Valuation::of(view, facility.no, product, at.time())?;
    valuation.exposure.total = valuation.exposure.total.saturating_sub(paid);
    Ok(margin::follow(view, &facility.value, product, &valuation, at.time(), None))
}
