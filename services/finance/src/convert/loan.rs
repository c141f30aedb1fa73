//! Loans.

use granary_book::{
    credit::{Account, Debt, FACILITIES, Loan, LoanStage},
    state::Row,
    vocabulary::{Currency, LoanNo, Money},
};
use granary_proto::finance::v1 as pb;
use granary_runtime::{reading::Reading, wire};

/// A loan without its history.
pub(crate) fn loan(reading: &Reading<'_>, row: &Row<LoanNo, Loan>) -> pb::Loan {
    let Loan { id, facility, amount, account, due_on, stage } = &row.value;
    let of = FACILITIES.get(&reading.view, *facility);
    let party = |no: Option<_>| no.map(|no| reading.party(no)).unwrap_or_default();
    pb::Loan {
        id: id.to_string(),
        facility: of.as_ref().map(|facility| facility.id.to_string()).unwrap_or_default(),
        lender: party(of.as_ref().map(|facility| facility.lender)),
        borrower: party(of.as_ref().map(|facility| facility.borrower)),
        amount: Some(wire::money(*amount)),
        account: account.as_ref().map(ToString::to_string),
        due_on: due_on.to_string(),
        stage: loan_stage(stage).into(),
        debt: stage.debt().map(|owed| debt(owed, amount.currency())),
        as_of_index: reading.as_of_index,
        history: Vec::new(),
    }
}

/// How far a loan has come.
pub(crate) const fn loan_stage(stage: &LoanStage) -> pb::LoanStage {
    match stage {
        LoanStage::Requested => pb::LoanStage::Requested,
        LoanStage::Approved => pb::LoanStage::Approved,
        LoanStage::Disbursing => pb::LoanStage::Disbursing,
        LoanStage::Outstanding(_) => pb::LoanStage::Outstanding,
        LoanStage::Settled(_) => pb::LoanStage::Settled,
        LoanStage::Rejected => pb::LoanStage::Rejected,
        LoanStage::Cancelled => pb::LoanStage::Cancelled,
    }
}

fn debt(debt: &Debt, currency: Currency) -> pb::Debt {
    // The running totals hold fractions of a minor unit; what they came to is in the books.
    let Debt { disbursed_on, accrued_to, interest: _, penalty: _, books } = debt;
    let money = |minor| Some(wire::money(Money::new(minor, currency)));
    let on = |account| money(books.amount(account));
    pb::Debt {
        disbursed_on: disbursed_on.to_string(),
        accrued_to: accrued_to.to_string(),
        principal: on(Account::Principal),
        interest: on(Account::Interest),
        penalty: on(Account::Penalty),
        fees: on(Account::Fees),
        costs: on(Account::Costs),
        total: money(books.debt()),
        credit_balance: on(Account::CreditBalance),
    }
}
