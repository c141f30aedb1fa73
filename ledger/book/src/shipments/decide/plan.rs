//! Planning a shipment, and a carrier's taking it on (rows "PlanShipment", "BookCarrier").

use super::refusal;
use crate::{
    areas,
    at::At,
    orders,
    parties::{self, Role},
    refusal::{Code, ObjectKind, Refusal},
    registries::{self, COMMODITIES},
    shipments::{
        BookCarrier, Event, PlanShipment, PlanWarehouseMove, PlannedLine, SHIPMENTS,
        ShipmentBooked, ShipmentPlanned, Stage, VEHICLES, in_stage,
    },
    state::View,
    vocabulary::{Millis, PartyId, ShipmentId, Time},
    wire::List,
};

/// The longest that a vehicle is taken at once: a voyage round a continent, with its delays.
const BOOKING_MAX: Millis = Millis::days(90);

/// Buyer or seller plans what is open of an order.
pub(super) fn plan(
    view: &View<'_>,
    command: &PlanShipment,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let order = orders::binding(view, command.order)?;
    let (buyer, seller) = (order.value.buyer, order.value.seller);
    if at.party != buyer && at.party != seller {
        return Err(Refusal::new(Code::NotAuthorised)
            .subject(ObjectKind::Order, command.order)
            .required("seller"));
    }
    check_parties(view, command.from_warehouse, command.carrier)?;
    let shipment = new_id(view, at)?;
    let allocated = orders::allocated(view, &order, shipment, &command.lines)?;
    let planned = |listed: &orders::LineQuantity| -> Result<PlannedLine, Refusal> {
        let line = orders::line(view, &order, listed.line)?;
        let commodity = COMMODITIES.get(view, line.commodity).ok_or(Code::NotRegistered)?.code;
        Ok(PlannedLine { line: listed.line, commodity, quantity: listed.quantity })
    };
    let lines = command.lines.iter().map(planned).collect::<Result<Vec<_>, _>>()?;
    let planned = ShipmentPlanned {
        shipment,
        planner: at.party_id,
        consignor: parties::id_of(view, seller).ok_or(Code::NotFound)?,
        consignee: parties::id_of(view, buyer).ok_or(Code::NotFound)?,
        order: Some(command.order),
        lines: List::new(lines).ok_or(Code::ValidationFailed)?,
        from_warehouse: command.from_warehouse,
        carrier: command.carrier,
        mode: command.mode,
        destination: command.destination.clone(),
        imported: order.value.imported,
    };
    Ok(vec![Event::ShipmentPlanned(planned).into(), allocated])
}

/// Whose goods they are plans to bring them to a warehouse.
pub(super) fn plan_move(
    view: &View<'_>,
    command: &PlanWarehouseMove,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    parties::active(view, command.to_warehouse, &[Role::Warehouse])?;
    check_parties(view, command.from_warehouse, command.carrier)?;
    let shipment = new_id(view, at)?;
    let mut lines = Vec::with_capacity(command.lines.len());
    for (line, moved) in (1..).zip(command.lines.iter()) {
        registries::commodity_checked(view, &moved.commodity, moved.quantity)?;
        let (commodity, quantity) = (moved.commodity.clone(), moved.quantity);
        lines.push(PlannedLine { line, commodity, quantity });
    }
    let planned = ShipmentPlanned {
        shipment,
        planner: at.party_id,
        consignor: at.party_id,
        consignee: command.to_warehouse,
        order: None,
        lines: List::new(lines).ok_or(Code::ValidationFailed)?,
        from_warehouse: command.from_warehouse,
        carrier: command.carrier,
        mode: command.mode,
        destination: command.destination.clone(),
        imported: false,
    };
    Ok(vec![Event::ShipmentPlanned(planned).into()])
}

fn check_parties(
    view: &View<'_>,
    from_warehouse: Option<PartyId>,
    carrier: Option<PartyId>,
) -> Result<(), Refusal> {
    if let Some(keeper) = from_warehouse {
        parties::active(view, keeper, &[Role::Warehouse])?;
    }
    if let Some(carrier) = carrier {
        parties::active(view, carrier, &[Role::Carrier])?;
    }
    Ok(())
}

fn new_id(view: &View<'_>, at: &At<'_>) -> Result<ShipmentId, Refusal> {
    let shipment = at.id(0);
    if SHIPMENTS.has(view, &shipment) {
        return Err(Refusal::new(Code::IdTaken).subject(ObjectKind::Shipment, shipment));
    }
    Ok(shipment)
}

/// The carrier that the plan names takes it on, with a vehicle that is free in that window.
pub(super) fn book(
    view: &View<'_>,
    command: &BookCarrier,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let shipment = in_stage(view, command.shipment, &[Stage::Planned])?;
    if shipment.value.carrier != Some(at.party) {
        return Err(refusal::not_party(command.shipment, Role::Carrier.name()));
    }
    let span = command.to_ms.since(command.from_ms);
    if span == Millis(0) || span > BOOKING_MAX {
        return Err(Refusal::new(Code::ValidationFailed).field("to_ms"));
    }
    check_vehicle(view, command)?;
    let booked = ShipmentBooked {
        shipment: command.shipment,
        carrier: at.party_id,
        vehicle: command.vehicle.clone(),
        from_ms: command.from_ms,
        to_ms: command.to_ms,
    };
    Ok(vec![Event::ShipmentBooked(booked).into()])
}

/// The first window of the vehicle that ends after the new one begins must begin where that one ends, or
/// later.
fn check_vehicle(view: &View<'_>, command: &BookCarrier) -> Result<(), Refusal> {
    let vehicle = registries::key(&command.vehicle);
    let ended: (_, Time) = (vehicle, command.from_ms);
    match VEHICLES.scan(view, &vehicle, Some(&ended), 1).first() {
        Some(((_, until), taken)) if taken.from < command.to_ms => {
            Err(refusal::vehicle_conflict(taken.shipment, *until))
        }
        Some(_) | None => Ok(()),
    }
}
