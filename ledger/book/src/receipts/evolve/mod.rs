//! Writes what happened to receipts.

mod delivery;
mod encumbrance;
mod issue;
mod transfer;

use super::{Event, Hold, Lifecycle, Medium, RECEIPTS, Receipt, number};
use crate::{
    at::Stamp,
    goods::{self, Account, Posting},
    names,
    parties::PARTIES,
    state::{BrokenHistory, View},
    vocabulary::{LotNo, PartyId, PartyNo, Quantity, ReceiptId, ReceiptNo},
};

/// Writes an event.
///
/// # Errors
///
/// The event names something that isn't there, or can't follow what is.
pub fn evolve(view: &mut View<'_>, event: &Event, stamp: &Stamp) -> Result<(), BrokenHistory> {
    match event {
        Event::NumbersAllotted(event) => {
            let keeper = party(view, event.keeper)?;
            number::allot(view, keeper, event.first, event.last);
            Ok(())
        }
        Event::ReceiptDrafted(event) => issue::draft(view, event),
        Event::DraftWithdrawn(event) => issue::withdraw_draft(view, event),
        Event::ReceiptSigned(event) => issue::sign(view, event, stamp),
        Event::ReceiptIssued(event) => issue::issue(view, event, stamp),
        Event::ReceiptDeclined(event) => issue::decline(view, event),
        Event::ReceiptCancelled(event) => issue::cancel(view, event),
        Event::ReceiptExpired(event) => change(view, event.receipt, |receipt| {
            receipt.lifecycle = Lifecycle::Expired;
        }),
        Event::TransferProposed(event) => transfer::propose(view, event, stamp),
        Event::TransferCountersigned(event) => transfer::countersign(view, event),
        Event::ReceiptTransferred(event) => transfer::accept(view, event),
        Event::TransferLapsed(event) => transfer::lapse(view, event),
        Event::ReceiptSplit(event) => encumbrance::split(view, event),
        Event::ReceiptOpened(event) => encumbrance::open(view, event, stamp),
        Event::ReceiptReserved(event) => encumbrance::reserve(view, event),
        Event::ReceiptPledged(event) => encumbrance::pledge(view, event),
        Event::ReservationCancelled(event) => {
            encumbrance::release(view, event.receipt, event.pledge)
        }
        Event::ReceiptEnforced(event) => encumbrance::enforce(view, event),
        Event::ReceiptReleased(event) => encumbrance::release(view, event.receipt, event.pledge),
        // What changes is written with the release order, which follows in the same entry.
        Event::ReceiptSurrendered(_) => Ok(()),
        Event::ReleaseOrderIssued(event) => delivery::issue_order(view, event),
        Event::GoodsReleased(event) => delivery::release(view, event),
        Event::GateOutMatched(event) => delivery::match_gate_out(view, event),
        Event::ReceiptDelivered(event) => delivery::complete(view, event),
        Event::ReceiptReinstated(event) => delivery::reinstate(view, event),
        Event::HoldPlaced(event) => {
            let hold = Hold {
                kind: event.kind,
                authority: party(view, event.authority)?,
                order: event.order.clone(),
                until: event.until_ms,
            };
            change(view, event.receipt, |receipt| receipt.holds.place(hold))
        }
        Event::HoldLifted(event) => {
            change(view, event.receipt, |receipt| receipt.holds.lift(event.kind))
        }
        Event::MediumChanged(event) => change_medium(view, event),
        Event::FeesStated(event) => {
            change(view, event.receipt, |receipt| receipt.fees_due = event.due)
        }
    }
}

fn change_medium(view: &mut View<'_>, event: &super::MediumChanged) -> Result<(), BrokenHistory> {
    let keeper = receipt(view, event.receipt)?.1.keeper;
    if event.on_paper {
        names::take(view, names::Space::PaperForm, keeper, &event.form);
    }
    change(view, event.receipt, |receipt| {
        receipt.medium = if event.on_paper {
            Medium::PaperOut { form: event.form.clone() }
        } else {
            Medium::Electronic
        };
    })
}

fn party(view: &View<'_>, id: PartyId) -> Result<PartyNo, BrokenHistory> {
    PARTIES.no(view, &id).ok_or(BrokenHistory("an event names no party"))
}

fn receipt(view: &View<'_>, id: ReceiptId) -> Result<(ReceiptNo, Receipt), BrokenHistory> {
    let row = RECEIPTS.find(view, &id).ok_or(BrokenHistory("an event names no receipt"))?;
    Ok((row.no, row.value))
}

/// Changes a receipt and counts the change.
fn change(
    view: &mut View<'_>,
    id: ReceiptId,
    change: impl FnOnce(&mut Receipt),
) -> Result<(), BrokenHistory> {
    let changed = RECEIPTS.update(view, &id, |receipt| {
        change(receipt);
        receipt.version += 1;
        Ok(())
    });
    changed.map(drop)
}

/// Moves an amount between two accounts of a lot.
fn post(
    view: &mut View<'_>,
    lot: LotNo,
    from: Account,
    to: Account,
    quantity: Quantity,
) -> Result<(), BrokenHistory> {
    goods::post(view, lot, &[Posting { from, to, quantity }])
}
