//! Money goes back: a payment that the bank took back (L8), a credit balance refunded (L9).

use crate::{
    at::At,
    credit::{
        Account, Event, Facility, Loan, LoanReopened, LoanStage, OverpaymentRefunded, Payment,
        PaymentReversed, Product, RefundOverpayment, ReversePayment,
        accrual::{CatchUp, accrue},
        refusal,
        state::{Debt, FACILITIES, LOANS, PAYMENTS, pledges_of, product_of},
        valuation::business_date,
    },
    pledges::PLEDGES,
    refusal::{Code, ObjectKind, Refusal},
    registries,
    state::{Row, View},
    vocabulary::{Date, FacilityNo, Money},
};

use super::{
    interest::{caught_up, overflow},
    loan_as_lender, require_amount, require_new_reference, wrong_loan_stage,
};

/// L8: what the payment met is owed again, with the interest that its principal would have borne since. A
/// settled loan reopens. Later payments stay allocated as they were: this is a compensating entry, not
/// another history.
pub(super) fn reverse(
    view: &View<'_>,
    command: &ReversePayment,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let payment = PAYMENTS
        .get(view, &(at.party, registries::key(&command.bank_reference)))
        .ok_or_else(|| refusal::payment_unknown(&command.bank_reference))?;
    if payment.reversed {
        return Err(refusal::payment_reversed(&command.bank_reference));
    }
    let (loan, facility) = rows(view, &payment)?;
    let debt = loan.stage.debt().ok_or_else(|| wrong_loan_stage(&loan))?;
    let product = product_of(view, &facility.value)?;
    let today = business_date(view, &product, at.time())?.max(debt.accrued_to);
    let mut events = Vec::new();
    let (accrued, now) = caught_up(&loan, &facility.value, debt, &product, today)?;
    if debt.accrued_to < today {
        events.push(accrued.into());
    }
    let debt = Debt { interest: now.interest, penalty: now.penalty, accrued_to: today, ..*debt };
    let back = interest_since(&debt, &loan, &product, &payment, today)?;
    events.push(reversed(command, &loan, &facility.value, &debt, &payment, back).into());
    if matches!(loan.stage, LoanStage::Settled(_)) {
        let secured = pledges_of(view, facility.no)
            .into_iter()
            .filter_map(|no| PLEDGES.get(view, no))
            .any(|pledge| pledge.stage.since().is_some());
        let (loan, facility) = (loan.id, facility.value.id);
        events.push(LoanReopened { loan, facility, secured }.into());
    }
    Ok(events)
}

fn rows(view: &View<'_>, payment: &Payment) -> Result<(Loan, Row<FacilityNo, Facility>), Refusal> {
    let gone = || Refusal::new(Code::NotFound).field("bank_reference");
    let loan = LOANS.get(view, payment.loan).ok_or_else(gone)?;
    let no = loan.facility;
    let value = FACILITIES.get(view, no).ok_or_else(gone)?;
    Ok((loan, Row { no, value }))
}

/// Interest on the principal that the payment had met, from its day on.
fn interest_since(
    debt: &Debt,
    loan: &Loan,
    product: &Product,
    payment: &Payment,
    today: Date,
) -> Result<CatchUp, Refusal> {
    let principal = payment
        .parts
        .iter()
        .filter(|part| Account::of(part.bucket) == Account::Principal)
        .map(|part| part.minor_units)
        .sum();
    accrue(debt, product, principal, (payment.on, today), loan.due_on).ok_or_else(|| overflow(loan))
}

fn reversed(
    command: &ReversePayment,
    loan: &Loan,
    facility: &Facility,
    debt: &Debt,
    payment: &Payment,
    back: CatchUp,
) -> PaymentReversed {
    let money = |minor| Money::new(minor, facility.limit.currency());
    let left = payment.excess.min(debt.books.amount(Account::CreditBalance));
    PaymentReversed {
        loan: loan.id,
        facility: facility.id,
        bank_reference: command.bank_reference.clone(),
        reason: command.reason.clone(),
        parts: payment.parts.clone(),
        excess: money(left),
        excess_owed: money(payment.excess - left),
        interest: money(back.interest_posted),
        penalty: money(back.penalty_posted),
        segments: crate::wire::List::new(back.segments).expect("before and after the due date"),
    }
}

/// L9: at most what is there.
pub(super) fn refund(
    view: &View<'_>,
    command: &RefundOverpayment,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let (loan, facility) = loan_as_lender(view, command.loan, at)?;
    let debt = loan.value.stage.debt().ok_or_else(|| wrong_loan_stage(&loan.value))?;
    require_amount("amount", command.amount, facility.value.limit.currency())?;
    let there = Money::new(debt.books.amount(Account::CreditBalance), command.amount.currency());
    if command.amount.minor() > there.minor() {
        return Err(Refusal::new(Code::LimitExceeded)
            .subject(ObjectKind::Loan, command.loan)
            .amounts(there, command.amount));
    }
    require_new_reference(view, &command.bank_reference, at)?;
    let refunded = OverpaymentRefunded {
        loan: command.loan,
        facility: facility.value.id,
        amount: command.amount,
        bank_reference: command.bank_reference.clone(),
    };
    Ok(vec![refunded.into()])
}
