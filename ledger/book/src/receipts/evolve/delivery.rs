//! Goods that leave: release orders, gate-outs, the end of a receipt.

use super::{change, party, post, receipt};
use crate::{
    goods::{self, Account, Posting},
    names,
    receipts::{
        GATE_OUTS, GateOut, GateOutMatched, GoodsReleased, Lifecycle, RECEIPTS, RELEASE_ORDERS,
        ReceiptDelivered, ReceiptReinstated, ReleaseOrder, ReleaseOrderIssued, ReleaseStage,
    },
    registries,
    state::{BrokenHistory, View},
    vocabulary::ReleaseOrderId,
};

pub(super) fn issue_order(
    view: &mut View<'_>,
    event: &ReleaseOrderIssued,
) -> Result<(), BrokenHistory> {
    let (no, receipt) = receipt(view, event.receipt)?;
    let order = ReleaseOrder {
        id: event.order,
        receipt: no,
        quantity: event.quantity,
        released: 0,
        collector: event.collector.clone(),
        stage: ReleaseStage::Open,
    };
    let order = RELEASE_ORDERS.insert(view, &event.order, &order)?;
    post(view, receipt.lot, Account::Receipted, Account::DeliveryReserved, event.quantity)?;
    change(view, event.receipt, |receipt| {
        receipt.lifecycle = Lifecycle::Surrendered { order };
    })
}

/// What goes beyond the order comes out of what has no receipt on it: never out of somebody else's.
pub(super) fn release(view: &mut View<'_>, event: &GoodsReleased) -> Result<(), BrokenHistory> {
    let keeper = party(view, event.keeper)?;
    let (_, receipt) = receipt(view, event.receipt)?;
    let order = RELEASE_ORDERS.update(view, &event.order, |order| {
        let released = order.released.checked_add(event.quantity.amount());
        order.released = released.ok_or(BrokenHistory("a release order overflows"))?;
        Ok(())
    })?;
    let within = event.quantity.checked_sub(event.excess);
    let within = within.map_err(|_| BrokenHistory("more left beyond an order than left"))?;
    let to = Account::Delivered;
    let postings = [
        Posting { from: Account::DeliveryReserved, to, quantity: within },
        Posting { from: Account::Unreceipted, to, quantity: event.excess },
    ];
    goods::post(view, receipt.lot, &postings)?;
    names::take(view, names::Space::WeighTicket, keeper, &event.ticket);
    let gate_out = GateOut { release_order: order, quantity: event.quantity, matched: None };
    GATE_OUTS.put(view, &(keeper, registries::key(&event.ticket)), &gate_out);
    change(view, event.receipt, |_| {})
}

pub(super) fn match_gate_out(
    view: &mut View<'_>,
    event: &GateOutMatched,
) -> Result<(), BrokenHistory> {
    let key = (party(view, event.keeper)?, registries::key(&event.ticket));
    let mut gate_out =
        GATE_OUTS.get(view, &key).ok_or(BrokenHistory("an event names no gate-out"))?;
    if gate_out.matched.is_some() {
        return Err(BrokenHistory("a gate-out is matched twice"));
    }
    gate_out.matched = Some(event.shipment);
    GATE_OUTS.put(view, &key, &gate_out);
    Ok(())
}

pub(super) fn complete(view: &mut View<'_>, event: &ReceiptDelivered) -> Result<(), BrokenHistory> {
    let (_, receipt) = receipt(view, event.receipt)?;
    let from = Account::DeliveryReserved;
    let postings = [
        Posting { from, to: Account::ShrinkAllowed, quantity: event.shrink },
        Posting { from, to: Account::LossRecognised, quantity: event.loss },
    ];
    goods::post(view, receipt.lot, &postings)?;
    close(view, event.order, ReleaseStage::Completed)?;
    change(view, event.receipt, |receipt| {
        receipt.lifecycle = Lifecycle::Delivered;
        receipt.shrink_applied = receipt.shrink_applied.saturating_add(event.shrink.amount());
    })
}

pub(super) fn reinstate(
    view: &mut View<'_>,
    event: &ReceiptReinstated,
) -> Result<(), BrokenHistory> {
    let order = close(view, event.order, ReleaseStage::Withdrawn)?;
    let receipt = RECEIPTS
        .get(view, order.receipt)
        .ok_or(BrokenHistory("a release order names no receipt"))?;
    post(view, receipt.lot, Account::DeliveryReserved, Account::Receipted, order.quantity)?;
    change(view, event.receipt, |receipt| receipt.lifecycle = Lifecycle::Active)
}

fn close(
    view: &mut View<'_>,
    id: ReleaseOrderId,
    stage: ReleaseStage,
) -> Result<ReleaseOrder, BrokenHistory> {
    let row =
        RELEASE_ORDERS.find(view, &id).ok_or(BrokenHistory("an event names no release order"))?;
    let closed = ReleaseOrder { stage, ..row.value };
    RELEASE_ORDERS.put(view, &crate::state::Row { no: row.no, value: closed.clone() });
    Ok(closed)
}
