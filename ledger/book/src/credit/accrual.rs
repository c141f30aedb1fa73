//! Interest of one loan, caught up to a date: from where it stood last, in at most two stretches (before
//! and after the day it was due), posted as the rounded running total less what was posted before.

use super::{Account, Debt, SetProduct};
use crate::vocabulary::{Accrued, Bucket, Date, Owed, Segment};

/// What catching up comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatchUp {
    /// The stretches, in order.
    pub segments: Vec<Segment>,
    /// Running total of interest after them.
    pub interest: Accrued,
    /// Running total of interest on overdue principal after them.
    pub penalty: Accrued,
    /// Interest to post, in minor units.
    pub interest_posted: u64,
    /// Penalty to post, in minor units.
    pub penalty_posted: u64,
}

/// Interest on `principal` from `from`, which counts, to `to`, which doesn't, added to a loan's totals.
/// Principal that is not paid on `due_on` is overdue from that day on and bears the penalty rate. `None`
/// when a total no longer fits in 64 bits of minor units.
pub fn accrue(
    debt: &Debt,
    product: &SetProduct,
    principal: u64,
    (from, to): (Date, Date),
    due_on: Date,
) -> Option<CatchUp> {
    let turns = due_on.max(from);
    let before = Segment {
        from,
        to: to.min(turns),
        principal,
        rate_ppm: product.rate_ppm,
        days: product.day_count.days(from, to.min(turns)),
        overdue: false,
    };
    let after = Segment {
        from: turns,
        to,
        principal,
        rate_ppm: product.penalty_rate_ppm,
        days: product.day_count.days(turns, to),
        overdue: true,
    };
    let interest = debt.interest.plus(&before)?;
    let penalty = debt.penalty.plus(&after)?;
    let posted = |before: Accrued, after: Accrued| {
        let (before, after) = (before.rounded(product.rounding)?, after.rounded(product.rounding)?);
        after.checked_sub(before)
    };
    Some(CatchUp {
        interest_posted: posted(debt.interest, interest)?,
        penalty_posted: posted(debt.penalty, penalty)?,
        interest,
        penalty,
        segments: [before, after].into_iter().filter(|stretch| stretch.from < stretch.to).collect(),
    })
}

/// A loan caught up to a business date; nothing to do when it stands there already.
pub fn catch_up(debt: &Debt, product: &SetProduct, due_on: Date, to: Date) -> Option<CatchUp> {
    let to = to.max(debt.accrued_to);
    accrue(debt, product, debt.books.amount(Account::Principal), (debt.accrued_to, to), due_on)
}

/// What a loan owes on a date, by bucket: after the day it was due, all of it is overdue; before, what
/// is paid of its principal is a prepayment. `interest` and `penalty` come on top of the books.
pub fn owed(debt: &Debt, due_on: Date, date: Date, interest: u64, penalty: u64) -> Owed {
    let (interest_bucket, principal_bucket) = match date.cmp(&due_on) {
        std::cmp::Ordering::Less => (Bucket::CurrentInterest, Bucket::Prepayment),
        std::cmp::Ordering::Equal => (Bucket::CurrentInterest, Bucket::CurrentPrincipal),
        std::cmp::Ordering::Greater => (Bucket::OverdueInterest, Bucket::OverduePrincipal),
    };
    let booked = |account| debt.books.amount(account);
    let mut owed = Owed::default();
    owed.set(Bucket::Costs, booked(Account::Costs));
    owed.set(Bucket::Fees, booked(Account::Fees));
    owed.set(Bucket::PenaltyInterest, booked(Account::Penalty).saturating_add(penalty));
    owed.set(interest_bucket, booked(Account::Interest).saturating_add(interest));
    owed.set(principal_bucket, booked(Account::Principal));
    owed
}
