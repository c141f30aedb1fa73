//! What becomes of loaded goods: delivered, short, damaged, back, or lost (rows "RecordDelivery",
//! "Return/DeclareLost").

use super::{
    cargo, check_time, check_unit, custody::ON_THE_WAY, order_of, orders, refusal,
    require_custodian,
};
use crate::{
    areas,
    at::At,
    orders::LineQuantity,
    refusal::{Code, Refusal},
    shipments::{
        Cargo, DeclareLost, DeliveredLine, Event, RecordDelivery, RecordReturn, Shipment,
        ShipmentDelivered, ShipmentLost, ShipmentReturned, Stage, cargo_of, in_stage,
    },
    state::{Row, View},
    vocabulary::ShipmentNo,
};

/// Stages in which goods may still be unaccounted for.
const UNACCOUNTED: &[Stage] = &[Stage::Loaded, Stage::InTransit, Stage::Arrived, Stage::Delivered];

/// The consignee has the goods: by its own key, and no more than was loaded.
pub(super) fn deliver(
    view: &View<'_>,
    command: &RecordDelivery,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let shipment = in_stage(view, command.shipment, ON_THE_WAY)?;
    let consignee = shipment.value.consignee;
    if !at.signed_by(consignee) {
        return Err(refusal::consignee_signature(command.shipment));
    }
    if at.party != consignee {
        require_custodian(&shipment.value, at)?;
    }
    check_time(view, at, &shipment.value, &command.delivered, "delivered")?;
    if let Some(recorded) = &command.recorded {
        recorded.check(view, at, "recorded", shipment.value.imported)?;
    }
    if !command.lines.windows(2).all(|pair| pair[0].line < pair[1].line) {
        return Err(Refusal::new(Code::ValidationFailed).field("lines.line"));
    }
    let (mut delivered, mut missing) = (Vec::new(), Vec::new());
    for line in command.lines.iter() {
        let cargo = cargo(view, &shipment, line.line)?;
        check_delivered(&shipment.value, &cargo, line)?;
        delivered.push(LineQuantity { line: line.line, quantity: line.delivered });
        // Both are bounded by what was loaded.
        let amount = line.short.amount().saturating_add(line.damaged.amount());
        missing.push(LineQuantity { line: line.line, quantity: cargo.quantity(amount) });
    }
    let event = ShipmentDelivered {
        shipment: command.shipment,
        consignee: crate::parties::id_of(view, consignee).ok_or(Code::NotFound)?,
        lines: command.lines.clone(),
        delivered: command.delivered.clone(),
        recorded: command.recorded.clone(),
        evidence: command.evidence,
    };
    let mut events = vec![Event::ShipmentDelivered(event).into()];
    if let Some(order) = order_of(view, &shipment.value) {
        events.extend(orders::fulfilled(view, &order, command.shipment, delivered, at));
        events.extend(orders::reopened(&order, command.shipment, missing, true));
    }
    Ok(events)
}

fn check_delivered(
    shipment: &Shipment,
    cargo: &Cargo,
    line: &DeliveredLine,
) -> Result<(), Refusal> {
    let mut stated = cargo.quantity(0);
    for (quantity, field) in [
        (line.delivered, "lines.delivered"),
        (line.short, "lines.short"),
        (line.damaged, "lines.damaged"),
    ] {
        check_unit(cargo, quantity, field)?;
        stated =
            stated.checked_add(quantity).map_err(|_| Refusal::new(Code::Overflow).field(field))?;
    }
    let open = cargo.quantity(cargo.outstanding());
    if stated.amount() > open.amount() {
        return Err(refusal::mass_balance(shipment.id, open, stated));
    }
    Ok(())
}

/// Goods came back to the consignor.
pub(super) fn give_back(
    view: &View<'_>,
    command: &RecordReturn,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let shipment = in_stage(view, command.shipment, UNACCOUNTED)?;
    if at.party != shipment.value.consignor {
        return Err(refusal::not_party(command.shipment, "consignor"));
    }
    check_time(view, at, &shipment.value, &command.returned, "returned")?;
    let whole = check_taken(view, &shipment, &command.lines)?;
    let returned = ShipmentReturned {
        shipment: command.shipment,
        lines: command.lines.clone(),
        returned: command.returned.clone(),
        whole,
    };
    let returned = Event::ShipmentReturned(returned).into();
    Ok(with_order(view, &shipment.value, returned, &command.lines))
}

/// Whoever has them, or had them as carrier, declares goods lost.
pub(super) fn lose(
    view: &View<'_>,
    command: &DeclareLost,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let shipment = in_stage(view, command.shipment, UNACCOUNTED)?;
    let carrier = shipment.value.carrier.unwrap_or(shipment.value.consignor);
    if at.party != carrier {
        require_custodian(&shipment.value, at)?;
    }
    check_time(view, at, &shipment.value, &command.found, "found")?;
    let whole = check_taken(view, &shipment, &command.lines)?;
    let lost = ShipmentLost {
        shipment: command.shipment,
        lines: command.lines.clone(),
        reason: command.reason.clone(),
        found: command.found.clone(),
        whole,
    };
    let lost = Event::ShipmentLost(lost).into();
    Ok(with_order(view, &shipment.value, lost, &command.lines))
}

/// No more is taken than is outstanding. Says whether that is all, and nothing was delivered.
fn check_taken(
    view: &View<'_>,
    shipment: &Row<ShipmentNo, Shipment>,
    lines: &[LineQuantity],
) -> Result<bool, Refusal> {
    orders::ascending(lines)?;
    let mut taken = 0_u64;
    for LineQuantity { line, quantity } in lines {
        let cargo = cargo(view, shipment, *line)?;
        if quantity.is_zero() {
            return Err(Refusal::new(Code::QuantityZero).field("lines.quantity"));
        }
        check_unit(&cargo, *quantity, "lines.quantity")?;
        let open = cargo.quantity(cargo.outstanding());
        if quantity.amount() > open.amount() {
            return Err(refusal::mass_balance(shipment.value.id, open, *quantity));
        }
        // At most what was loaded on 50 lines.
        taken = taken.saturating_add(quantity.amount());
    }
    let outstanding: u64 =
        cargo_of(view, shipment.no).iter().map(|(_, cargo)| cargo.outstanding()).sum();
    Ok(taken == outstanding && shipment.value.stage != Stage::Delivered)
}

fn with_order(
    view: &View<'_>,
    shipment: &Shipment,
    event: areas::Event,
    lines: &[LineQuantity],
) -> Vec<areas::Event> {
    let reopened = order_of(view, shipment)
        .and_then(|order| orders::reopened(&order, shipment.id, lines.to_vec(), true));
    std::iter::once(event).chain(reopened).collect()
}
