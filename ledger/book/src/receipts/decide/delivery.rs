//! Delivery: goods leave by the gate on a release order, until there is nothing left to leave (R14, R15).

use crate::{
    at::At,
    goods::{self, Account, LOTS},
    names,
    receipts::{
        CompleteDelivery, Event, GoodsReleased, RECEIPTS, RELEASE_ORDERS, Receipt,
        ReceiptDelivered, ReceiptReleased, RecordGateOut, ReleaseOrder, ReleaseStage, guards,
        refusal,
    },
    refusal::{Code, Refusal},
    registries,
    state::View,
    vocabulary::{Ppm, Quantity, ReleaseOrderId},
};

/// An open order with its receipt.
fn open_order(view: &View<'_>, id: ReleaseOrderId) -> Result<(ReleaseOrder, Receipt), Refusal> {
    let row = RELEASE_ORDERS.find(view, &id).ok_or_else(|| refusal::no_release_order(id))?;
    match row.value.stage {
        ReleaseStage::Open => {}
        ReleaseStage::Completed | ReleaseStage::Withdrawn => {
            return Err(refusal::no_release_order(id));
        }
    }
    let receipt = RECEIPTS.get(view, row.value.receipt).ok_or(Code::NotFound)?;
    Ok((row.value, receipt))
}

/// `ratio` of a quantity, rounded down: no tolerance is wider than agreed.
fn share_rounded_down(quantity: Quantity, ratio: Ppm) -> Quantity {
    // At most 10^15 times 10^6, and the profile bounds the ratio to less than one.
    let share = u128::from(quantity.amount()) * u128::from(ratio.get()) / 1_000_000;
    Quantity::new(u64::try_from(share).unwrap_or(u64::MAX), quantity.unit())
}

/// R14 RecordGateOut: an open order, the collector whom the holder named, no more than the order and its
/// tolerance, a new ticket; two persons sign (INV-05, INV-62).
pub(super) fn record_gate_out(
    view: &View<'_>,
    command: &RecordGateOut,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let (order, receipt) = open_order(view, command.order)?;
    if !goods::keeps_gate_of(view, at.party, receipt.keeper) {
        return Err(refusal::not_the_keeper(receipt.id));
    }
    if command.collector != order.collector {
        return Err(refusal::collector_mismatch(order.id));
    }
    guards::require_no_hold(&receipt, at.time())?;
    registries::check_occurred_at(view, at, command.occurred_at_ms)?;
    let excess = excess(view, command.quantity, &order, &receipt)?;
    if names::is_taken(view, names::Space::WeighTicket, receipt.keeper, &command.ticket) {
        return Err(goods::refusal::duplicate_weigh_ticket(&command.ticket));
    }
    Ok(Event::GoodsReleased(GoodsReleased {
        order: order.id,
        receipt: receipt.id,
        keeper: goods::party_id(view, receipt.keeper)?,
        ticket: command.ticket.clone(),
        quantity: command.quantity,
        excess,
        gate: at.party_id,
        occurred_at_ms: command.occurred_at_ms,
    }))
}

/// How much of a gate-out goes beyond its order. That much has to lie in the lot without a receipt on it:
/// what is over on one order may not come out of another's goods (INV-04).
fn excess(
    view: &View<'_>,
    quantity: Quantity,
    order: &ReleaseOrder,
    receipt: &Receipt,
) -> Result<Quantity, Refusal> {
    if quantity.is_zero() {
        return Err(Refusal::new(Code::QuantityZero).field("quantity"));
    }
    let unit = order.quantity.unit();
    if quantity.unit() != unit {
        return Err(Refusal::new(Code::UnitMismatch).field("quantity"));
    }
    let tolerance = registries::profile(view).release_tolerance_ppm;
    let tolerance = share_rounded_down(order.quantity, tolerance).amount();
    let over_already = order.released.saturating_sub(order.quantity.amount());
    let lot = LOTS.get(view, receipt.lot).ok_or(Code::NotFound)?;
    let unreceipted = lot.accounts.balance(Account::Unreceipted).amount();
    let spare = tolerance.saturating_sub(over_already).min(unreceipted);
    let remaining = order.remaining().amount();
    let excess = quantity.amount().saturating_sub(remaining);
    if excess > spare {
        let limit = Quantity::new(remaining.saturating_add(spare), unit);
        return Err(refusal::over_release(order.id, limit, quantity));
    }
    Ok(Quantity::new(excess, unit))
}

/// R15 CompleteDelivery: keeper and holder sign; what is still to leave is within tolerance. What is missing
/// shrank, as far as the loss standard goes (INV-06); the rest is a loss, settled in money.
pub(super) fn complete(
    view: &View<'_>,
    command: &CompleteDelivery,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let (order, receipt) = open_order(view, command.order)?;
    guards::require_keeper(&receipt, at)?;
    if !at.signed_by(receipt.holder) {
        return Err(refusal::holder_signature_required(receipt.id));
    }
    guards::require_no_hold(&receipt, at.time())?;
    let remaining = order.remaining();
    let tolerance = registries::profile(view).delivery_tolerance_ppm;
    let tolerated = share_rounded_down(order.quantity, tolerance);
    if remaining.amount() > tolerated.amount() {
        return Err(refusal::delivery_incomplete(order.id, tolerated, remaining));
    }
    let unit = order.quantity.unit();
    let shrink = remaining.amount().min(receipt.shrink_allowed(at.time()));
    let delivered = ReceiptDelivered {
        receipt: receipt.id,
        order: order.id,
        delivered: Quantity::new(order.released, unit),
        shrink: Quantity::new(shrink, unit),
        loss: Quantity::new(remaining.amount() - shrink, unit),
    };
    let released = receipt
        .encumbrance
        .pledge()
        .map(|pledge| ReceiptReleased { receipt: receipt.id, pledge }.into());
    Ok(std::iter::once(delivered.into()).chain(released).collect())
}
