//! A loan is asked for and agreed to (L1, L2), or not.

use crate::{
    at::At,
    credit::{
        ApproveDrawdown, CancelDrawdown, DrawdownApproved, DrawdownCancelled, DrawdownRejected,
        DrawdownRequested, Event, Facility, LOANS, Loan, LoanStage, Product, RejectDrawdown,
        RequestDrawdown, Stage, Valuation, find, find_loan, margin, refusal,
        state::{MAX_LIVE_LOANS, live_loans, pledges_of, product_of},
    },
    pledges::{self, PLEDGES},
    refusal::{Code as RefusalCode, Measure, ObjectKind, Refusal},
    state::{Row, View},
    vocabulary::{Code, Date, FacilityId, FacilityNo, LoanId},
};

use super::{loan_as_lender, require_amount, wrong_loan_stage, wrong_stage};

/// L1: within what is available at a fresh valuation, not during a margin call.
pub(super) fn request(
    view: &View<'_>,
    command: &RequestDrawdown,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let facility = find(view, command.facility)?;
    if facility.value.borrower != at.party {
        return Err(refusal::not_borrower(command.facility));
    }
    require_drawable(&facility.value)?;
    require_amount("amount", command.amount, facility.value.limit.currency())?;
    require_payee(&facility.value, command.account.as_ref())?;
    let live = live_loans(view, facility.no).len();
    if live >= MAX_LIVE_LOANS {
        let (limit, actual) = (MAX_LIVE_LOANS as u64, live as u64 + 1);
        return Err(Refusal::new(RefusalCode::LimitExceeded).limit(limit, actual, Measure::Count));
    }
    let product = product_of(view, &facility.value)?;
    let valuation = Valuation::of(view, facility.no, &product, at.time())?;
    require_due_date(&facility.value, valuation.date, command.due_on)?;
    require_pledges(view, &facility, at, false)?;
    let available = valuation.room(&facility, &product)?.available();
    if command.amount.minor() > available {
        return Err(refusal::availability_exceeded(command.facility, available, command.amount));
    }
    let loan: LoanId = at.id(0);
    if LOANS.has(view, &loan) {
        return Err(Refusal::new(RefusalCode::IdTaken).subject(ObjectKind::Loan, loan));
    }
    let requested = DrawdownRequested {
        loan,
        facility: command.facility,
        amount: command.amount,
        purpose: command.purpose.clone(),
        account: command.account.clone(),
        due_on: command.due_on,
    };
    Ok(with_valuation(view, &facility.value, &product, &valuation, at, requested))
}

/// L2: agreed by two persons of the lender, with everything looked at again.
pub(super) fn approve(
    view: &View<'_>,
    command: &ApproveDrawdown,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let (loan, facility) = loan_as_lender(view, command.loan, at)?;
    if loan.value.stage != LoanStage::Requested {
        return Err(wrong_loan_stage(&loan.value));
    }
    let (product, valuation) = require_clear_to_pay(view, &facility, &loan.value, at)?;
    let approved = DrawdownApproved { loan: command.loan, facility: facility.value.id };
    Ok(with_valuation(view, &facility.value, &product, &valuation, at, approved))
}

/// The valuation relied on, what follows from it, and then the event that relied on it.
pub(super) fn with_valuation(
    view: &View<'_>,
    facility: &Facility,
    product: &Product,
    valuation: &Valuation,
    at: &At<'_>,
    event: impl Into<Event>,
) -> Vec<Event> {
    let mut events = margin::follow(view, facility, product, valuation, at.time(), None);
    events.push(event.into());
    events
}

/// INV-35: before money moves, and before it is promised: nothing suspends the facility, the loan isn't due
/// yet, every pledge is in force with a fresh and clear duplicate check, nothing holds a receipt, and at a
/// fresh valuation all that is owed and reserved still fits.
pub(super) fn require_clear_to_pay(
    view: &View<'_>,
    facility: &Row<FacilityNo, Facility>,
    loan: &Loan,
    at: &At<'_>,
) -> Result<(Product, Valuation), Refusal> {
    require_drawable(&facility.value)?;
    let product = product_of(view, &facility.value)?;
    let valuation = Valuation::of(view, facility.no, &product, at.time())?;
    require_due_date(&facility.value, valuation.date, loan.due_on)?;
    require_pledges(view, facility, at, true)?;
    let room = valuation.room(facility, &product)?;
    if !room.holds() {
        // What the others leave, of which this loan asks too much.
        let others = room.reserved.saturating_sub(loan.amount.minor());
        let left = crate::credit::ratios::Room { reserved: others, ..room }.available();
        return Err(refusal::availability_exceeded(facility.value.id, left, loan.amount));
    }
    Ok((product, valuation))
}

/// The facility is available, the lender hasn't suspended it, and no margin call is open. That the last
/// valuation failed doesn't matter here: a fresh one decides.
fn require_drawable(facility: &Facility) -> Result<(), Refusal> {
    match facility.stage {
        Stage::Available { by_lender: true, .. } => Err(refusal::facility_suspended(facility.id)),
        Stage::Available { call: Some(_), .. } => Err(refusal::margin_call_open(facility.id)),
        Stage::Available { by_lender: false, call: None, .. } => Ok(()),
        Stage::Offered { .. } | Stage::Signed | Stage::Frozen | Stage::Closed | Stage::Lapsed => {
            Err(wrong_stage(facility))
        }
    }
}

/// The borrower, or a controlled account of the facility.
pub(super) fn require_payee(facility: &Facility, account: Option<&Code>) -> Result<(), Refusal> {
    match account {
        Some(account) if !facility.accounts.contains(account) => {
            Err(refusal::payee_not_allowed(facility.id, account))
        }
        Some(_) | None => Ok(()),
    }
}

/// Not after the facility's last day, and with at least a day to run.
fn require_due_date(facility: &Facility, today: Date, due_on: Date) -> Result<(), Refusal> {
    if today > facility.expires_on {
        let refusal = Refusal::new(RefusalCode::DeadlinePassed);
        return Err(refusal.subject(ObjectKind::Facility, facility.id));
    }
    if due_on <= today || due_on > facility.expires_on {
        return Err(Refusal::new(RefusalCode::ValidationFailed).field("due_on"));
    }
    Ok(())
}

/// Every pledge is in force; before paying, its last duplicate check is fresh and clear. An outside registration
/// runs at least until the pledge matures, and the pledge until the facility expires.
fn require_pledges(
    view: &View<'_>,
    facility: &Row<FacilityNo, Facility>,
    at: &At<'_>,
    before_paying: bool,
) -> Result<(), Refusal> {
    let facility_id: FacilityId = facility.value.id;
    for no in pledges_of(view, facility.no) {
        let Some(value) = PLEDGES.get(view, no) else { continue };
        let pledge = Row { no, value };
        let missing = |what| Err(refusal::cp_missing(facility_id, pledge.value.id, what));
        if !matches!(pledge.value.stage, pledges::Stage::Active { .. }) {
            return missing("active pledge");
        }
        if before_paying {
            pledges::require_clear_check(view, &pledge, at.time())?;
        }
    }
    Ok(())
}

/// The lender turns a loan down before it is paid.
pub(super) fn reject(
    view: &View<'_>,
    command: &RejectDrawdown,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let (loan, facility) = loan_as_lender(view, command.loan, at)?;
    require_not_instructed(&loan.value)?;
    let rejected = DrawdownRejected {
        loan: command.loan,
        facility: facility.value.id,
        reason: command.reason.clone(),
    };
    Ok(vec![rejected.into()])
}

/// The borrower gives a loan up before it is paid.
pub(super) fn cancel(
    view: &View<'_>,
    command: &CancelDrawdown,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let (loan, facility) = find_loan(view, command.loan)?;
    if facility.value.borrower != at.party {
        return Err(refusal::not_borrower(facility.value.id));
    }
    require_not_instructed(&loan.value)?;
    let facility = facility.value.id;
    Ok(vec![DrawdownCancelled { loan: command.loan, facility }.into()])
}

/// Once the bank is instructed the money may be on its way: only the bank's word ends that (L5).
fn require_not_instructed(loan: &Loan) -> Result<(), Refusal> {
    match loan.stage {
        LoanStage::Requested | LoanStage::Approved => Ok(()),
        LoanStage::Disbursing
        | LoanStage::Outstanding(_)
        | LoanStage::Settled(_)
        | LoanStage::Rejected
        | LoanStage::Cancelled => Err(wrong_loan_stage(loan)),
    }
}
