//! Money goes out: instructed, then confirmed or failed by the bank's word (L3, L4, L5). An outcome that
//! nobody knows stays `Disbursing`; nothing is ever sent twice.

use crate::{
    at::At,
    credit::{
        ConfirmDisbursement, DisbursementFailed, DisbursementInstructed, Event, FailDisbursement,
        InstructPayment, LoanDisbursed, LoanStage, refusal, state::product_of,
        valuation::business_date,
    },
    refusal::Refusal,
    state::View,
};

use super::{
    drawdown::{require_clear_to_pay, require_payee, with_valuation},
    loan_as_lender, require_new_reference, wrong_loan_stage,
};

/// L3: to whom the borrower asked and the facility allows, with everything looked at once more.
pub(super) fn instruct(
    view: &View<'_>,
    command: &InstructPayment,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let (loan, facility) = loan_as_lender(view, command.loan, at)?;
    if loan.value.stage != LoanStage::Approved {
        return Err(wrong_loan_stage(&loan.value));
    }
    require_payee(&facility.value, command.account.as_ref())?;
    if command.account != loan.value.account {
        return Err(refusal::payee_differs(command.loan));
    }
    let (product, valuation) = require_clear_to_pay(view, &facility, &loan.value, at)?;
    let instructed = DisbursementInstructed {
        loan: command.loan,
        facility: facility.value.id,
        amount: loan.value.amount,
        account: command.account.clone(),
    };
    Ok(with_valuation(view, &facility.value, &product, &valuation, at, instructed))
}

/// L4: the bank paid. What happened is not refused for what has changed since; only a claim that does
/// not match the instruction is.
pub(super) fn confirm(
    view: &View<'_>,
    command: &ConfirmDisbursement,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let (loan, facility) = loan_as_lender(view, command.loan, at)?;
    if loan.value.stage != LoanStage::Disbursing {
        return Err(wrong_loan_stage(&loan.value));
    }
    if command.amount != loan.value.amount {
        return Err(refusal::amount_mismatch(command.loan, loan.value.amount, command.amount));
    }
    require_new_reference(view, &command.bank_reference, at)?;
    let product = product_of(view, &facility.value)?;
    let disbursed = LoanDisbursed {
        loan: command.loan,
        facility: facility.value.id,
        amount: command.amount,
        bank_reference: command.bank_reference.clone(),
        disbursed_on: business_date(view, &product, at.time())?,
        due_on: loan.value.due_on,
    };
    Ok(vec![disbursed.into()])
}

/// L5: the bank did not pay, for certain.
pub(super) fn fail(
    view: &View<'_>,
    command: &FailDisbursement,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let (loan, facility) = loan_as_lender(view, command.loan, at)?;
    if loan.value.stage != LoanStage::Disbursing {
        return Err(wrong_loan_stage(&loan.value));
    }
    let failed = DisbursementFailed {
        loan: command.loan,
        facility: facility.value.id,
        reason: command.reason.clone(),
    };
    Ok(vec![failed.into()])
}
