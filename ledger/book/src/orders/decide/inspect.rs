//! The buyer's judgement of delivered goods, and what silence means (rows "AcceptGoods / RejectGoods").

use super::{ascending, require_buyer};
use crate::{
    at::At,
    orders::{
        AcceptGoods, DELIVERIES, Event, GoodsAccepted, GoodsRejected, LINES, LineQuantity,
        MAX_LINES, ORDERS, RejectGoods, binding, counted, line, refusal,
    },
    refusal::{ObjectKind, Refusal},
    state::View,
    vocabulary::{OrderId, OrderNo, Quantity, ShipmentId},
    wire::List,
};

/// The buyer accepts, all or some.
pub(super) fn accept(
    view: &View<'_>,
    command: &AcceptGoods,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    check(view, command.order, command.shipment, &command.lines, at)?;
    let accepted = GoodsAccepted {
        order: command.order,
        shipment: command.shipment,
        lines: command.lines.clone(),
        silent: false,
    };
    Ok(vec![accepted.into()])
}

/// The buyer rejects, all or some.
pub(super) fn reject(
    view: &View<'_>,
    command: &RejectGoods,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    check(view, command.order, command.shipment, &command.lines, at)?;
    let rejected = GoodsRejected {
        order: command.order,
        shipment: command.shipment,
        lines: command.lines.clone(),
        reason: command.reason.clone(),
        evidence: command.evidence,
    };
    Ok(vec![rejected.into()])
}

/// The window is open to its last millisecond, and only what waits can be judged.
fn check(
    view: &View<'_>,
    order: OrderId,
    shipment: ShipmentId,
    lines: &[LineQuantity],
    at: &At<'_>,
) -> Result<(), Refusal> {
    let order = binding(view, order)?;
    require_buyer(&order, at)?;
    ascending(lines)?;
    for LineQuantity { line: number, quantity } in lines {
        let line = line(view, &order, *number)?;
        let delivery = DELIVERIES
            .get(view, &(order.no, shipment, *number))
            .ok_or_else(|| Refusal::not_found(ObjectKind::Shipment, shipment))?;
        if at.time() > delivery.until {
            return Err(refusal::window_closed(shipment, delivery.until));
        }
        if counted(&line, *quantity)? > delivery.waiting {
            let waiting = Quantity::new(delivery.waiting, line.ordered.unit());
            return Err(refusal::not_delivered(shipment, waiting, *quantity));
        }
    }
    Ok(())
}

/// What waits when the window ends is accepted.
pub(super) fn silence(view: &View<'_>, order: OrderNo, shipment: ShipmentId) -> Option<Event> {
    let waiting: Vec<LineQuantity> = DELIVERIES
        .scan(view, &(order, shipment), None, MAX_LINES)
        .into_iter()
        .filter(|(_, delivery)| delivery.waiting > 0)
        .filter_map(|((_, _, line), delivery)| {
            let unit = LINES.get(view, &(order, line))?.ordered.unit();
            Some(LineQuantity { line, quantity: Quantity::new(delivery.waiting, unit) })
        })
        .collect();
    let lines = List::new(waiting)?;
    let order = ORDERS.get(view, order)?.id;
    Some(GoodsAccepted { order, shipment, lines, silent: true }.into())
}
