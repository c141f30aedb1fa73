//! What falls due with receipts comes to this.

use super::{issue, surrender, transfer};
use crate::{
    areas,
    at::Stamp,
    receipts::{Deadline, Ending, Event, Lifecycle, RECEIPTS, TRANSFERS, TransferStage},
    state::View,
    vocabulary::{ReceiptNo, TransferNo},
};

/// What a deadline of receipts comes to: nothing when what it waited for has happened.
pub fn fire(view: &View<'_>, deadline: &Deadline, _: &Stamp) -> Vec<areas::Event> {
    let event = match *deadline {
        Deadline::OfferLapses { receipt } => offer_lapses(view, receipt),
        Deadline::TransferLapses { transfer } => transfer_lapses(view, transfer),
        Deadline::ReceiptExpires { receipt } => receipt_expires(view, receipt),
    };
    event.map(Into::into).into_iter().collect()
}

/// R4: the depositor didn't answer.
fn offer_lapses(view: &View<'_>, receipt: ReceiptNo) -> Option<Event> {
    let receipt = RECEIPTS.get(view, receipt)?;
    let Lifecycle::PendingAcceptance { .. } = receipt.lifecycle else { return None };
    issue::declined(view, &receipt, Ending::Lapsed).ok()
}

/// R8: the transferee didn't answer.
fn transfer_lapses(view: &View<'_>, transfer: TransferNo) -> Option<Event> {
    let transfer = TRANSFERS.get(view, transfer)?;
    let TransferStage::Open { .. } = transfer.stage else { return None };
    let receipt = RECEIPTS.get(view, transfer.receipt)?;
    Some(transfer::lapsed(&transfer, &receipt, Ending::Lapsed))
}

/// R17 MarkExpired.
fn receipt_expires(view: &View<'_>, receipt: ReceiptNo) -> Option<Event> {
    let receipt = RECEIPTS.get(view, receipt)?;
    let Lifecycle::Active = receipt.lifecycle else { return None };
    surrender::expired(view, &receipt).ok()
}
