//! The end of a shipment: closed when all is accounted for, or cancelled before loading (rows
//! "CloseShipment", "Cancel").

use super::{order_of, orders, refusal};
use crate::{
    areas,
    at::At,
    orders::LineQuantity,
    refusal::{Code, Refusal},
    shipments::{
        CancelShipment, CloseShipment, Event, ShipmentCancelled, ShipmentClosed, Stage, cargo_of,
        in_stage,
    },
    state::View,
};

/// loaded = delivered + short + damaged + returned + lost, line by line (INV-07).
pub(super) fn close(
    view: &View<'_>,
    command: &CloseShipment,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let ended = &[Stage::Delivered, Stage::Returned, Stage::Lost];
    let shipment = in_stage(view, command.shipment, ended)?;
    let may =
        [Some(shipment.value.consignor), Some(shipment.value.consignee), shipment.value.carrier];
    if !may.contains(&Some(at.party)) {
        return Err(refusal::not_party(command.shipment, "consignor"));
    }
    for (_, cargo) in cargo_of(view, shipment.no) {
        let accounted = cargo.accounted().ok_or(Code::Overflow)?;
        if accounted != cargo.loaded {
            let (loaded, accounted) = (cargo.quantity(cargo.loaded), cargo.quantity(accounted));
            return Err(refusal::mass_balance(command.shipment, loaded, accounted));
        }
    }
    Ok(vec![Event::ShipmentClosed(ShipmentClosed { shipment: command.shipment }).into()])
}

/// A plan is given up, and what it held of an order is open again.
pub(super) fn cancel(
    view: &View<'_>,
    command: &CancelShipment,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let shipment = in_stage(view, command.shipment, &[Stage::Planned, Stage::Booked])?;
    if at.party != shipment.value.consignor && at.party != shipment.value.planner {
        return Err(refusal::not_party(command.shipment, "consignor"));
    }
    let reason = command.reason.clone();
    let cancelled = ShipmentCancelled { shipment: command.shipment, reason };
    let lines: Vec<LineQuantity> = cargo_of(view, shipment.no)
        .into_iter()
        .map(|(line, cargo)| LineQuantity { line, quantity: cargo.planned })
        .collect();
    let reopened = order_of(view, &shipment.value)
        .and_then(|order| orders::reopened(&order, command.shipment, lines, false));
    let cancelled = Event::ShipmentCancelled(cancelled).into();
    Ok(std::iter::once(cancelled).chain(reopened).collect())
}
