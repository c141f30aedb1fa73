//! Whether a readable row can be so: contradictions reject it, oddities are noted.

use super::row::{Cents, Grams, Row};
use crate::Known;
use crate::reason::{Note, RejectReason};

/// An amount may differ from price times quantity by one part in this many, or by one cent: that
/// is what pack prices rounded to a cent explain. In the published file no amount with a price
/// differs by more than one part in 640.
const AMOUNT_TOLERANCE: u64 = 100;

/// Checks the row against itself; the checks stand in the order of their precedence.
pub(super) fn judge(row: &Row, notes: &mut Vec<Note>) -> Result<(), RejectReason> {
    check_dates(row)?;
    check_amount(row, notes)?;
    if let (Some(&delivered), Some(&quoted)) = (row.delivered_on.value(), row.quoted_on.value())
        && delivered < quoted
    {
        notes.push(Note::DeliveredBeforeQuoted { delivered, quoted });
    }
    if row.weight == Known::Value(Grams(0)) {
        notes.push(Note::WeightZero);
    }
    Ok(())
}

fn check_dates(row: &Row) -> Result<(), RejectReason> {
    let Some(&delivered) = row.delivered_on.value() else { return Ok(()) };
    if let Some(&ordered) = row.ordered_on.value()
        && delivered < ordered
    {
        return Err(RejectReason::DeliveredBeforeOrdered { delivered, ordered });
    }
    if let Some(&recorded) = row.recorded_on.value()
        && recorded < delivered
    {
        return Err(RejectReason::RecordedBeforeDelivered { delivered, recorded });
    }
    Ok(())
}

fn check_amount(row: &Row, notes: &mut Vec<Note>) -> Result<(), RejectReason> {
    let Some(&Cents(amount_cents)) = row.value.value() else { return Ok(()) };
    // An expectation beyond 64 bits contradicts any amount.
    let Cents(expected_cents) = row.pack_price.times(row.packs).unwrap_or(Cents(u64::MAX));
    let difference = amount_cents.abs_diff(expected_cents);
    if difference > (expected_cents / AMOUNT_TOLERANCE).max(1) {
        return Err(RejectReason::AmountContradicted { amount_cents, expected_cents });
    }
    if difference > 0 {
        notes.push(Note::AmountInexact { amount_cents, expected_cents });
    }
    Ok(())
}
