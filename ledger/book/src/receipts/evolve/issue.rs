//! From draft to title, and back to nothing.

use super::{change, party, post, receipt};
use crate::{
    at::Stamp,
    deadline,
    goods::{Account, LOTS},
    receipts::{
        Cancellation, DRAFTS, Deadline, Draft, DraftWithdrawn, Encumbrance, Ending, Holds,
        Lifecycle, Medium, RECEIPTS, Receipt, ReceiptCancelled, ReceiptDeclined, ReceiptDrafted,
        ReceiptIssued, ReceiptSigned, number,
    },
    state::{BrokenHistory, View},
    vocabulary::{Date, ReceiptNo, Time},
};

pub(super) fn draft(view: &mut View<'_>, event: &ReceiptDrafted) -> Result<(), BrokenHistory> {
    let lot = LOTS.no(view, &event.lot).ok_or(BrokenHistory("an event names no lot"))?;
    let draft = Draft {
        lot,
        kind: event.kind,
        quantity: event.quantity,
        valid_until: event.valid_until,
        loss_standard: event.loss_standard_ppm,
        drafter: event.drafter,
    };
    DRAFTS.put(view, &event.receipt, &draft);
    post(view, lot, Account::Unreceipted, Account::IssueReserved, event.quantity)
}

pub(super) fn withdraw_draft(
    view: &mut View<'_>,
    event: &DraftWithdrawn,
) -> Result<(), BrokenHistory> {
    let draft = take_draft(view, &event.receipt)?;
    post(view, draft.lot, Account::IssueReserved, Account::Unreceipted, draft.quantity)
}

fn take_draft(
    view: &mut View<'_>,
    id: &crate::vocabulary::ReceiptId,
) -> Result<Draft, BrokenHistory> {
    let draft = DRAFTS.get(view, id).ok_or(BrokenHistory("an event names no draft"))?;
    DRAFTS.delete(view, id);
    Ok(draft)
}

/// The draft becomes a receipt with a number, offered to the depositor.
pub(super) fn sign(
    view: &mut View<'_>,
    event: &ReceiptSigned,
    stamp: &Stamp,
) -> Result<(), BrokenHistory> {
    let draft = take_draft(view, &event.receipt)?;
    let lot = LOTS.get(view, draft.lot).ok_or(BrokenHistory("a draft names no lot"))?;
    let storage = lot.storage().map_err(|_| BrokenHistory("a receipt's lot is not stored"))?;
    number::take(view, lot.warehouse, &event.number)?;
    let receipt = Receipt {
        id: event.receipt,
        number: event.number.clone(),
        kind: draft.kind,
        keeper: lot.warehouse,
        holder: party(view, event.depositor)?,
        lot: draft.lot,
        commodity: lot.commodity,
        grade: storage.assay.grade.clone(),
        nominal: draft.quantity,
        shrink_applied: 0,
        loss_standard: draft.loss_standard,
        stored_since: stamp.time,
        parent: None,
        lifecycle: Lifecycle::PendingAcceptance { until: event.accept_by_ms },
        encumbrance: Encumbrance::Free,
        holds: Holds::default(),
        medium: Medium::Electronic,
        fees_due: None,
        valid_until: draft.valid_until,
        version: 1,
    };
    let receipt = RECEIPTS.insert(view, &event.receipt, &receipt)?;
    deadline::set(view, event.accept_by_ms, stamp.time, Deadline::OfferLapses { receipt });
    Ok(())
}

pub(super) fn issue(
    view: &mut View<'_>,
    event: &ReceiptIssued,
    stamp: &Stamp,
) -> Result<(), BrokenHistory> {
    let (no, receipt) = receipt(view, event.receipt)?;
    post(view, receipt.lot, Account::IssueReserved, Account::Receipted, receipt.nominal)?;
    change(view, event.receipt, |receipt| receipt.lifecycle = Lifecycle::Active)?;
    set_expiry(view, no, event.valid_until, stamp);
    Ok(())
}

/// A receipt expires when its last day, in UTC, is over.
pub(super) fn set_expiry(
    view: &mut View<'_>,
    receipt: ReceiptNo,
    valid_until: Date,
    stamp: &Stamp,
) {
    let ends = Time::start_of(valid_until.plus_days(1));
    deadline::set(view, ends, stamp.time, Deadline::ReceiptExpires { receipt });
}

pub(super) fn decline(view: &mut View<'_>, event: &ReceiptDeclined) -> Result<(), BrokenHistory> {
    let (_, receipt) = receipt(view, event.receipt)?;
    post(view, receipt.lot, Account::IssueReserved, Account::Unreceipted, event.quantity)?;
    let cancellation = match event.ending {
        Ending::Lapsed => Cancellation::Lapsed,
        Ending::Rejected | Ending::Withdrawn => Cancellation::Declined,
    };
    change(view, event.receipt, |receipt| {
        receipt.lifecycle = Lifecycle::Cancelled(cancellation);
    })
}

pub(super) fn cancel(view: &mut View<'_>, event: &ReceiptCancelled) -> Result<(), BrokenHistory> {
    let (_, receipt) = receipt(view, event.receipt)?;
    post(view, receipt.lot, Account::Receipted, Account::Unreceipted, event.quantity)?;
    change(view, event.receipt, |receipt| {
        receipt.lifecycle = Lifecycle::Cancelled(Cancellation::Returned);
    })
}
