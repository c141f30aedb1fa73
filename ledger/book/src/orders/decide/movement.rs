//! What the movement of goods means to an order. Shipments decide with these, and emit what they return.

use super::ascending;
use crate::{
    areas,
    at::At,
    orders::{
        Event, LineQuantity, Order, OrderLinesAllocated, OrderLinesFulfilled, OrderLinesReopened,
        OrderLinesShipped, ShippedLine, counted, line, refusal,
    },
    refusal::{Code, Refusal},
    registries,
    state::{Row, View},
    vocabulary::{OrderNo, Quantity, ShipmentId},
    wire::List,
};

/// A shipment is planned for lines of a binding order: at most what is open of each.
///
/// # Errors
///
/// `NOT_FOUND`, `VALIDATION_FAILED`, `QUANTITY_ZERO`, `UNIT_MISMATCH`, `QTY_EXCEEDS_ORDER`.
pub fn allocated(
    view: &View<'_>,
    order: &Row<OrderNo, Order>,
    shipment: ShipmentId,
    lines: &List<LineQuantity, 1, 50>,
) -> Result<areas::Event, Refusal> {
    ascending(lines)?;
    for LineQuantity { line: number, quantity } in lines.iter() {
        let line = line(view, order, *number)?;
        if counted(&line, *quantity)? > line.open() {
            let open = Quantity::new(line.open(), line.ordered.unit());
            return Err(refusal::exceeds_order(order.value.id, open, *quantity));
        }
    }
    let (order, lines) = (order.value.id, lines.clone());
    Ok(Event::OrderLinesAllocated(OrderLinesAllocated { order, shipment, lines }).into())
}

/// Goods planned for lines were loaded: no more than the tolerance of each allows in all.
///
/// # Errors
///
/// `NOT_FOUND`, `OVER_FULFILMENT`.
pub fn shipped(
    view: &View<'_>,
    order: &Row<OrderNo, Order>,
    shipment: ShipmentId,
    lines: Vec<ShippedLine>,
) -> Result<areas::Event, Refusal> {
    for listed in &lines {
        let line = line(view, order, listed.line)?;
        let others = line.progress.allocated.saturating_sub(listed.planned.amount());
        let most = line.most().saturating_sub(others);
        if listed.loaded.amount() > most {
            let most = Quantity::new(most, line.ordered.unit());
            return Err(refusal::over_fulfilment(order.value.id, most, listed.loaded));
        }
    }
    let lines = List::new(lines).ok_or(Code::ValidationFailed)?;
    Ok(Event::OrderLinesShipped(OrderLinesShipped { order: order.value.id, shipment, lines })
        .into())
}

/// Goods were delivered: the buyer's inspection begins. Nothing when nothing was delivered.
pub fn fulfilled(
    view: &View<'_>,
    order: &Row<OrderNo, Order>,
    shipment: ShipmentId,
    lines: Vec<LineQuantity>,
    at: &At<'_>,
) -> Option<areas::Event> {
    let fulfilled = OrderLinesFulfilled {
        order: order.value.id,
        shipment,
        lines: some_of(lines)?,
        inspect_until_ms: at.time().after(registries::profile(view).inspection_window_ms),
    };
    Some(Event::OrderLinesFulfilled(fulfilled).into())
}

/// What a shipment held no longer counts. Nothing when it held nothing.
pub fn reopened(
    order: &Row<OrderNo, Order>,
    shipment: ShipmentId,
    lines: Vec<LineQuantity>,
    loaded: bool,
) -> Option<areas::Event> {
    let (order, lines) = (order.value.id, some_of(lines)?);
    Some(Event::OrderLinesReopened(OrderLinesReopened { order, shipment, lines, loaded }).into())
}

fn some_of(mut lines: Vec<LineQuantity>) -> Option<List<LineQuantity, 1, 50>> {
    lines.retain(|line| !line.quantity.is_zero());
    List::new(lines)
}
