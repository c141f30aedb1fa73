//! Writes what happened to loans.

use crate::{
    credit::{
        Account, Books, Debt, DrawdownRequested, InterestAccrued, LOANS, Loan, LoanCharged,
        LoanDisbursed, LoanStage, OverpaymentRefunded, Payment, PaymentAllocated, PaymentReceived,
        PaymentReversed,
        state::{FACILITIES, LIVE_LOANS, PAYMENTS, PRODUCTS, pledges_of},
    },
    names, pledges, registries,
    state::{BrokenHistory, View},
    vocabulary::{Accrued, Code, FacilityNo, LoanId, LoanNo, PartyNo, Segment},
};

use super::facility::number;

const OUT_OF_ORDER: BrokenHistory = BrokenHistory("a loan's stages are out of order");

/// Moves a loan to the stage that follows its own.
fn advance(
    view: &mut View<'_>,
    loan: LoanId,
    next: impl FnOnce(LoanStage) -> Option<LoanStage>,
) -> Result<(), BrokenHistory> {
    let changed = LOANS.update(view, &loan, |loan| {
        loan.stage = next(loan.stage).ok_or(OUT_OF_ORDER)?;
        Ok(())
    });
    changed.map(drop)
}

/// Changes the debt of a loan that was paid out, settled or not.
fn change_debt(
    view: &mut View<'_>,
    loan: LoanId,
    change: impl FnOnce(&mut Debt) -> Result<(), BrokenHistory>,
) -> Result<LoanNo, BrokenHistory> {
    LOANS.update(view, &loan, |loan| match &mut loan.stage {
        LoanStage::Outstanding(debt) | LoanStage::Settled(debt) => change(debt),
        _ => Err(OUT_OF_ORDER),
    })
}

fn find(view: &View<'_>, loan: LoanId) -> Result<(LoanNo, Loan), BrokenHistory> {
    let row = LOANS.find(view, &loan).ok_or(BrokenHistory("an event names no loan"))?;
    Ok((row.no, row.value))
}

fn lender(view: &View<'_>, facility: FacilityNo) -> Result<PartyNo, BrokenHistory> {
    let facility = FACILITIES.get(view, facility);
    facility.map(|facility| facility.lender).ok_or(BrokenHistory("a loan names no facility"))
}

/// A loan that is neither settled nor given up is a claim under every pledge of its facility.
fn set_live(
    view: &mut View<'_>,
    facility: FacilityNo,
    loan: LoanNo,
    live: bool,
) -> Result<(), BrokenHistory> {
    for pledge in pledges_of(view, facility) {
        if live {
            pledges::claim_opened(view, pledge)?;
        } else {
            pledges::claim_closed(view, pledge)?;
        }
    }
    if live {
        LIVE_LOANS.put(view, &(facility, loan), &());
    } else {
        LIVE_LOANS.delete(view, &(facility, loan));
    }
    Ok(())
}

pub(super) fn request(view: &mut View<'_>, event: &DrawdownRequested) -> Result<(), BrokenHistory> {
    let facility = number(view, event.facility)?;
    let loan = Loan {
        id: event.loan,
        facility,
        amount: event.amount,
        account: event.account.clone(),
        due_on: event.due_on,
        stage: LoanStage::Requested,
    };
    let no = LOANS.insert(view, &event.loan, &loan)?;
    set_live(view, facility, no, true)
}

pub(super) fn approve(view: &mut View<'_>, loan: LoanId) -> Result<(), BrokenHistory> {
    advance(view, loan, |stage| match stage {
        LoanStage::Requested => Some(LoanStage::Approved),
        _ => None,
    })
}

/// How a loan that was never paid ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GivenUp {
    Rejected,
    Cancelled,
}

pub(super) fn give_up(
    view: &mut View<'_>,
    loan: LoanId,
    how: GivenUp,
) -> Result<(), BrokenHistory> {
    let end = match how {
        GivenUp::Rejected => LoanStage::Rejected,
        GivenUp::Cancelled => LoanStage::Cancelled,
    };
    advance(view, loan, |stage| match stage {
        LoanStage::Requested | LoanStage::Approved => Some(end),
        _ => None,
    })?;
    let (no, loan) = find(view, loan)?;
    set_live(view, loan.facility, no, false)
}

pub(super) fn instruct(view: &mut View<'_>, loan: LoanId) -> Result<(), BrokenHistory> {
    advance(view, loan, |stage| match stage {
        LoanStage::Approved => Some(LoanStage::Disbursing),
        _ => None,
    })
}

pub(super) fn fail(view: &mut View<'_>, loan: LoanId) -> Result<(), BrokenHistory> {
    advance(view, loan, |stage| match stage {
        LoanStage::Disbursing => Some(LoanStage::Approved),
        _ => None,
    })
}

pub(super) fn disburse(view: &mut View<'_>, event: &LoanDisbursed) -> Result<(), BrokenHistory> {
    let (_, loan) = find(view, event.loan)?;
    let facility =
        FACILITIES.get(view, loan.facility).ok_or(BrokenHistory("a loan names no facility"))?;
    let code = registries::key(&facility.product);
    let product = PRODUCTS
        .get(view, &(facility.lender, code, facility.product_version))
        .ok_or(BrokenHistory("a facility names no product"))?;
    take_reference(view, facility.lender, &event.bank_reference);
    let mut books = Books::default();
    books.post(Account::Principal, Account::Cash, event.amount.minor())?;
    let debt = Debt {
        disbursed_on: event.disbursed_on,
        accrued_to: event.disbursed_on,
        interest: Accrued::nothing(product.day_count),
        penalty: Accrued::nothing(product.day_count),
        books,
    };
    advance(view, event.loan, |stage| match stage {
        LoanStage::Disbursing => Some(LoanStage::Outstanding(debt)),
        _ => None,
    })
}

fn take_reference(view: &mut View<'_>, lender: PartyNo, reference: &Code) {
    names::take(view, names::Space::BankReference, lender, reference);
}

/// Adds the segments to the running totals and books what was posted.
fn add_interest(
    debt: &mut Debt,
    segments: &[Segment],
    interest: u64,
    penalty: u64,
) -> Result<(), BrokenHistory> {
    for segment in segments {
        let total = if segment.overdue { &mut debt.penalty } else { &mut debt.interest };
        *total = total.plus(segment).ok_or(BrokenHistory("interest does not fit"))?;
    }
    debt.books.post(Account::Interest, Account::Income, interest)?;
    debt.books.post(Account::Penalty, Account::Income, penalty)
}

pub(super) fn accrue(view: &mut View<'_>, event: &InterestAccrued) -> Result<(), BrokenHistory> {
    let changed = change_debt(view, event.loan, |debt| {
        debt.accrued_to = event.accrued_to;
        add_interest(debt, &event.segments, event.interest.minor(), event.penalty.minor())
    });
    changed.map(drop)
}

pub(super) fn charge(view: &mut View<'_>, event: &LoanCharged) -> Result<(), BrokenHistory> {
    let changed = change_debt(view, event.loan, |debt| {
        debt.books.post(Account::of(event.bucket), Account::Income, event.amount.minor())
    });
    changed.map(drop)
}

/// The reference is used from here on; what the payment met is the next event's to say.
pub(super) fn receive(view: &mut View<'_>, event: &PaymentReceived) -> Result<(), BrokenHistory> {
    let (_, loan) = find(view, event.loan)?;
    let lender = lender(view, loan.facility)?;
    take_reference(view, lender, &event.bank_reference);
    Ok(())
}

/// Interest stands at the payment's own day: it was caught up first.
pub(super) fn allocate(view: &mut View<'_>, event: &PaymentAllocated) -> Result<(), BrokenHistory> {
    let mut on = None;
    let no = change_debt(view, event.loan, |debt| {
        on = Some(debt.accrued_to);
        for part in event.parts.iter() {
            debt.books.post(Account::Cash, Account::of(part.bucket), part.minor_units)?;
        }
        debt.books.post(Account::Cash, Account::CreditBalance, event.excess.minor())
    })?;
    let (_, loan) = find(view, event.loan)?;
    let payment = Payment {
        loan: no,
        on: on.ok_or(OUT_OF_ORDER)?,
        parts: event.parts.clone(),
        excess: event.excess.minor(),
        reversed: false,
    };
    let lender = lender(view, loan.facility)?;
    PAYMENTS.put(view, &(lender, registries::key(&event.bank_reference)), &payment);
    Ok(())
}

pub(super) fn settle(view: &mut View<'_>, loan: LoanId) -> Result<(), BrokenHistory> {
    advance(view, loan, |stage| match stage {
        LoanStage::Outstanding(debt) if debt.books.debt() == 0 => Some(LoanStage::Settled(debt)),
        _ => None,
    })?;
    let (no, loan) = find(view, loan)?;
    set_live(view, loan.facility, no, false)
}

pub(super) fn reverse(view: &mut View<'_>, event: &PaymentReversed) -> Result<(), BrokenHistory> {
    let (_, loan) = find(view, event.loan)?;
    let key = (lender(view, loan.facility)?, registries::key(&event.bank_reference));
    let mut payment = PAYMENTS.get(view, &key).ok_or(BrokenHistory("an event names no payment"))?;
    payment.reversed = true;
    PAYMENTS.put(view, &key, &payment);
    let changed = change_debt(view, event.loan, |debt| {
        for part in event.parts.iter() {
            debt.books.post(Account::of(part.bucket), Account::Cash, part.minor_units)?;
        }
        debt.books.post(Account::CreditBalance, Account::Cash, event.excess.minor())?;
        debt.books.post(Account::Costs, Account::Cash, event.excess_owed.minor())?;
        add_interest(debt, &event.segments, event.interest.minor(), event.penalty.minor())
    });
    changed.map(drop)
}

pub(super) fn reopen(view: &mut View<'_>, loan: LoanId) -> Result<(), BrokenHistory> {
    advance(view, loan, |stage| match stage {
        LoanStage::Settled(debt) => Some(LoanStage::Outstanding(debt)),
        _ => None,
    })?;
    let (no, loan) = find(view, loan)?;
    set_live(view, loan.facility, no, true)
}

pub(super) fn refund(
    view: &mut View<'_>,
    event: &OverpaymentRefunded,
) -> Result<(), BrokenHistory> {
    let (_, loan) = find(view, event.loan)?;
    let lender = lender(view, loan.facility)?;
    take_reference(view, lender, &event.bank_reference);
    let changed = change_debt(view, event.loan, |debt| {
        debt.books.post(Account::CreditBalance, Account::Cash, event.amount.minor())
    });
    changed.map(drop)
}
