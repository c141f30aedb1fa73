//! Surrender: the receipt goes back for the goods, or for nothing (R13, R16, R25).

use super::Names;
use crate::{
    at::At,
    receipts::{
        CancelReceipt, Event, Lifecycle, RELEASE_ORDERS, Receipt, ReceiptCancelled, ReceiptExpired,
        ReceiptReinstated, ReceiptSurrendered, ReleaseOrderIssued, ReverseSurrender,
        SurrenderReceipt, find, guards, refusal,
    },
    refusal::{Code, ObjectKind, Refusal},
    registries,
    state::View,
    vocabulary::{Quantity, ReleaseOrderId},
};

/// R13 SurrenderReceipt: active or expired, nothing in the way, nothing due; a pledgee agrees by signing.
/// A pledge stays on the receipt until the goods are delivered, so that a reversal leaves it where it was.
pub(super) fn surrender(
    view: &View<'_>,
    command: &SurrenderReceipt,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let order: ReleaseOrderId = at.id(0);
    if RELEASE_ORDERS.has(view, &order) {
        return Err(Refusal::new(Code::IdTaken).subject(ObjectKind::ReleaseOrder, order));
    }
    let receipt = find(view, command.receipt)?.value;
    guards::require_holder(&receipt, at)?;
    guards::require_version(&receipt, command.expected_version)?;
    match receipt.lifecycle {
        Lifecycle::Active | Lifecycle::Expired => {}
        other => return Err(refusal::in_state(receipt.id, other)),
    }
    guards::require_unhindered(&receipt, at.time())?;
    guards::require_pledgee_agrees(&receipt, at)?;
    guards::require_fees_settled(&receipt)?;
    let surrendered = ReceiptSurrendered {
        receipt: receipt.id,
        holder: at.party_id,
        pledge: receipt.encumbrance.pledge(),
    };
    let issued = ReleaseOrderIssued {
        order,
        receipt: receipt.id,
        keeper: Names::of(view, &receipt)?.keeper,
        quantity: receipt.net(),
        collector: command.collector.clone(),
        collect_by_ms: at.time().after(registries::profile(view).pickup_window_ms),
    };
    Ok(vec![surrendered.into(), issued.into()])
}

/// R16 ReverseSurrender: while nothing has left. A receipt whose validity ended meanwhile comes back expired.
pub(super) fn reverse(
    view: &View<'_>,
    command: &ReverseSurrender,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let receipt = find(view, command.receipt)?.value;
    guards::require_holder(&receipt, at)?;
    let order = match receipt.lifecycle {
        Lifecycle::Surrendered { order } => {
            RELEASE_ORDERS.get(view, order).ok_or(Code::NotFound)?
        }
        other => return Err(refusal::in_state(receipt.id, other)),
    };
    if order.released > 0 {
        let released = Quantity::new(order.released, order.quantity.unit());
        return Err(refusal::goods_already_released(order.id, released));
    }
    let mut events =
        vec![Event::ReceiptReinstated(ReceiptReinstated { receipt: receipt.id, order: order.id })];
    if at.time().date_at(0) > receipt.valid_until {
        events.push(expired(view, &receipt)?);
    }
    Ok(events)
}

/// The event of a receipt whose validity is over (R17).
pub(super) fn expired(view: &View<'_>, receipt: &Receipt) -> Result<Event, Refusal> {
    let holder = Names::of(view, receipt)?.holder;
    let pledge = receipt.encumbrance.pledge();
    Ok(Event::ReceiptExpired(ReceiptExpired { receipt: receipt.id, holder, pledge }))
}

/// R25 CancelReceipt: the keeper holds it, and nobody else has anything to do with it (INV-15).
pub(super) fn cancel(
    view: &View<'_>,
    command: &CancelReceipt,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let receipt = find(view, command.receipt)?.value;
    guards::require_keeper(&receipt, at)?;
    guards::require_version(&receipt, command.expected_version)?;
    if receipt.lifecycle != Lifecycle::Active {
        return Err(refusal::in_state(receipt.id, receipt.lifecycle));
    }
    if receipt.holder != receipt.keeper {
        return Err(refusal::operator_not_holder(receipt.id));
    }
    guards::require_unhindered(&receipt, at.time())?;
    guards::require_free_or(&receipt, Code::Encumbered)?;
    Ok(Event::ReceiptCancelled(ReceiptCancelled {
        receipt: receipt.id,
        lot: Names::of(view, &receipt)?.lot,
        quantity: receipt.net(),
    }))
}
