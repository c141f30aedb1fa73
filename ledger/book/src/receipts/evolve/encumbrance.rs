//! Splits and pledges: which receipts a pledge covers stands in one index, kept here.

use super::{change, issue::set_expiry, party, receipt};
use crate::{
    at::Stamp,
    receipts::{
        Encumbrance, Lifecycle, PLEDGED, Publicity, RECEIPTS, Receipt, ReceiptEnforced,
        ReceiptOpened, ReceiptPledged, ReceiptReserved, ReceiptSplit, number,
    },
    state::{BrokenHistory, View},
    vocabulary::{PledgeId, ReceiptId},
};

/// The parent ends and leaves its pledge; its children, whose events follow, join it.
pub(super) fn split(view: &mut View<'_>, event: &ReceiptSplit) -> Result<(), BrokenHistory> {
    let (no, parent) = receipt(view, event.receipt)?;
    if let Some(pledge) = parent.encumbrance.pledge() {
        PLEDGED.delete(view, &(pledge, no));
    }
    change(view, event.receipt, |receipt| {
        receipt.lifecycle = Lifecycle::Superseded;
        receipt.encumbrance = Encumbrance::Free;
    })
}

/// A child has what its parent had, for its own part of the goods.
pub(super) fn open(
    view: &mut View<'_>,
    event: &ReceiptOpened,
    stamp: &Stamp,
) -> Result<(), BrokenHistory> {
    let (parent_no, parent) = receipt(view, event.parent)?;
    number::take(view, parent.keeper, &event.number)?;
    let encumbrance = match &event.pledge {
        None => Encumbrance::Free,
        Some(mark) => Encumbrance::Pledged {
            pledge: mark.pledge,
            pledgee: party(view, mark.pledgee)?,
            since: Publicity { index: mark.published_index, time: mark.published_at_ms },
        },
    };
    let child = Receipt {
        id: event.receipt,
        number: event.number.clone(),
        nominal: event.quantity,
        shrink_applied: 0,
        parent: Some(parent_no),
        lifecycle: Lifecycle::Active,
        encumbrance,
        version: 1,
        ..parent
    };
    let no = RECEIPTS.insert(view, &event.receipt, &child)?;
    if let Some(mark) = &event.pledge {
        PLEDGED.put(view, &(mark.pledge, no), &());
    }
    set_expiry(view, no, event.valid_until, stamp);
    Ok(())
}

pub(super) fn reserve(view: &mut View<'_>, event: &ReceiptReserved) -> Result<(), BrokenHistory> {
    let pledgee = party(view, event.pledgee)?;
    let (no, receipt) = receipt(view, event.receipt)?;
    if receipt.encumbrance != Encumbrance::Free {
        return Err(BrokenHistory("a receipt is reserved that isn't free"));
    }
    PLEDGED.put(view, &(event.pledge, no), &());
    change(view, event.receipt, |receipt| {
        receipt.encumbrance =
            Encumbrance::Reserved { pledge: event.pledge, pledgee, until: event.until_ms };
    })
}

pub(super) fn pledge(view: &mut View<'_>, event: &ReceiptPledged) -> Result<(), BrokenHistory> {
    let Encumbrance::Reserved { pledge, pledgee, .. } = receipt(view, event.receipt)?.1.encumbrance
    else {
        return Err(BrokenHistory("a receipt is pledged that isn't reserved"));
    };
    if pledge != event.pledge {
        return Err(BrokenHistory("a receipt is pledged that is reserved for another pledge"));
    }
    let since = Publicity { index: event.published_index, time: event.published_at_ms };
    change(view, event.receipt, |receipt| {
        receipt.encumbrance = Encumbrance::Pledged { pledge, pledgee, since };
    })
}

pub(super) fn enforce(view: &mut View<'_>, event: &ReceiptEnforced) -> Result<(), BrokenHistory> {
    let Encumbrance::Pledged { pledge, pledgee, since } =
        receipt(view, event.receipt)?.1.encumbrance
    else {
        return Err(BrokenHistory("a pledge is enforced on a receipt that isn't pledged"));
    };
    change(view, event.receipt, |receipt| {
        receipt.encumbrance = Encumbrance::Enforcing { pledge, pledgee, since };
    })
}

/// Ends a reservation or a pledge.
pub(super) fn release(
    view: &mut View<'_>,
    id: ReceiptId,
    pledge: PledgeId,
) -> Result<(), BrokenHistory> {
    let (no, receipt) = receipt(view, id)?;
    if receipt.encumbrance.pledge() != Some(pledge) {
        return Err(BrokenHistory("a receipt is released from a pledge that it isn't under"));
    }
    PLEDGED.delete(view, &(pledge, no));
    change(view, id, |receipt| receipt.encumbrance = Encumbrance::Free)
}
