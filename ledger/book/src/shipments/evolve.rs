//! Writes what happened to shipments.

use super::{
    Booking, CARGO, Cargo, Custody, Deadline, DeliveredLine, Event, Fix, HandoverOffered,
    SHIPMENTS, Shipment, ShipmentBooked, ShipmentDelivered, ShipmentLoaded, ShipmentLost,
    ShipmentPlanned, ShipmentReturned, Stage, VEHICLES, VehicleUse, WaypointsRecorded,
};
use crate::{
    at::Stamp,
    deadline,
    names::{self, Space},
    orders::{LineQuantity, ORDERS, StatedTime},
    parties::PARTIES,
    registries::{self, COMMODITIES},
    state::{BrokenHistory, View},
    vocabulary::{PartyId, PartyNo, ShipmentId, ShipmentNo, Time},
    wire::List,
};

/// Writes an event.
///
/// # Errors
///
/// The event names something that isn't there.
pub fn evolve(view: &mut View<'_>, event: &Event, stamp: &Stamp) -> Result<(), BrokenHistory> {
    match event {
        Event::ShipmentPlanned(event) => plan(view, event),
        Event::ShipmentBooked(event) => book(view, event),
        Event::ShipmentLoaded(event) => load(view, event),
        Event::HandoverOffered(event) => offer(view, event, stamp),
        Event::HandoverAccepted(event) => keep(view, event.shipment, event.to),
        Event::HandoverRejected(event) => keep(view, event.shipment, event.from),
        Event::HandoverExpired(event) => keep(view, event.shipment, event.from),
        Event::SealsReplaced(event) => change(view, event.shipment, |shipment| {
            shipment.seals = event.seals.clone();
        }),
        Event::WaypointsRecorded(event) => see(view, event),
        // A flag: it changes nothing that rules read.
        Event::ImplausibleMovement(_) => Ok(()),
        Event::ShipmentArrived(event) => change(view, event.shipment, |shipment| {
            shipment.stage = Stage::Arrived;
            note(shipment, &event.arrived);
        }),
        Event::ShipmentDelivered(event) => deliver(view, event, stamp),
        Event::ShipmentReturned(event) => give_back(view, event, stamp),
        Event::ShipmentLost(event) => lose(view, event, stamp),
        Event::ShipmentClosed(event) => change(view, event.shipment, |shipment| {
            shipment.stage = Stage::Closed;
        }),
        Event::ShipmentCancelled(event) => {
            free_vehicle(view, event.shipment, None)?;
            change(view, event.shipment, |shipment| shipment.stage = Stage::Cancelled)
        }
    }
}

const UNKNOWN: BrokenHistory = BrokenHistory("an event names no shipment, line or party");
const UNBALANCED: BrokenHistory = BrokenHistory("more is accounted for than was loaded");

fn party(view: &View<'_>, id: PartyId) -> Result<PartyNo, BrokenHistory> {
    PARTIES.no(view, &id).ok_or(UNKNOWN)
}

fn change(
    view: &mut View<'_>,
    shipment: ShipmentId,
    change: impl FnOnce(&mut Shipment),
) -> Result<(), BrokenHistory> {
    let changed = SHIPMENTS.update(view, &shipment, |shipment| {
        change(shipment);
        Ok(())
    });
    changed.map(drop)
}

/// No later fact may certainly lie before this one.
fn note(shipment: &mut Shipment, stated: &StatedTime) {
    if let Some((first, _)) = stated.bounds() {
        shipment.since = shipment.since.max(first);
    }
}

fn plan(view: &mut View<'_>, event: &ShipmentPlanned) -> Result<(), BrokenHistory> {
    let optional = |view: &View<'_>, id: Option<PartyId>| id.map(|id| party(view, id)).transpose();
    let order = event.order.map(|id| ORDERS.no(view, &id).ok_or(UNKNOWN)).transpose()?;
    let shipment = Shipment {
        id: event.shipment,
        planner: party(view, event.planner)?,
        consignor: party(view, event.consignor)?,
        consignee: party(view, event.consignee)?,
        order,
        from_warehouse: optional(view, event.from_warehouse)?,
        carrier: optional(view, event.carrier)?,
        mode: event.mode,
        imported: event.imported,
        stage: Stage::Planned,
        custody: Custody::Nobody,
        booking: None,
        seals: List::empty(),
        since: Time::EPOCH,
        seen: None,
    };
    let no = SHIPMENTS.insert(view, &event.shipment, &shipment)?;
    for line in event.lines.iter() {
        let commodity = COMMODITIES.no(view, &registries::key(&line.commodity)).ok_or(UNKNOWN)?;
        let cargo = Cargo {
            commodity,
            planned: line.quantity,
            loaded: 0,
            delivered: 0,
            short: 0,
            damaged: 0,
            returned: 0,
            lost: 0,
        };
        CARGO.put(view, &(no, line.line), &cargo);
    }
    Ok(())
}

fn book(view: &mut View<'_>, event: &ShipmentBooked) -> Result<(), BrokenHistory> {
    let taken = VehicleUse { from: event.from_ms, shipment: event.shipment };
    VEHICLES.put(view, &(registries::key(&event.vehicle), event.to_ms), &taken);
    change(view, event.shipment, |shipment| {
        shipment.stage = Stage::Booked;
        shipment.booking =
            Some(Booking { vehicle: event.vehicle.clone(), from: event.from_ms, to: event.to_ms });
    })
}

/// The vehicle is free from `end` on; altogether when that is none.
fn free_vehicle(
    view: &mut View<'_>,
    shipment: ShipmentId,
    end: Option<Time>,
) -> Result<(), BrokenHistory> {
    let row = SHIPMENTS.find(view, &shipment).ok_or(UNKNOWN)?;
    let Some(Booking { vehicle, from, to }) = row.value.booking else { return Ok(()) };
    let vehicle = registries::key(&vehicle);
    if end.is_some_and(|end| end >= to) {
        return Ok(());
    }
    VEHICLES.delete(view, &(vehicle, to));
    if let Some(end) = end.filter(|end| *end > from) {
        VEHICLES.put(view, &(vehicle, end), &VehicleUse { from, shipment });
    }
    Ok(())
}

fn load(view: &mut View<'_>, event: &ShipmentLoaded) -> Result<(), BrokenHistory> {
    let by = party(view, event.custodian)?;
    let mut own_tickets = false;
    let no = SHIPMENTS.update(view, &event.shipment, |shipment| {
        shipment.stage = Stage::Loaded;
        shipment.custody = Custody::Held { by };
        shipment.seals = event.seals.clone();
        note(shipment, &event.loaded);
        own_tickets = shipment.from_warehouse.is_none();
        Ok(())
    })?;
    for lot in event.lots.iter() {
        change_cargo(view, (no, lot.line), |cargo| {
            cargo.loaded = cargo.loaded.checked_add(lot.quantity.amount())?;
            Some(())
        })?;
        if own_tickets {
            names::take(view, Space::WeighTicket, by, &lot.ticket);
        }
    }
    Ok(())
}

/// Changes a line; what is accounted for stays within what was loaded (INV-07).
fn change_cargo(
    view: &mut View<'_>,
    key: (ShipmentNo, u32),
    change: impl FnOnce(&mut Cargo) -> Option<()>,
) -> Result<(), BrokenHistory> {
    let mut cargo = CARGO.get(view, &key).ok_or(UNKNOWN)?;
    change(&mut cargo).ok_or(UNBALANCED)?;
    if cargo.accounted().is_none_or(|accounted| accounted > cargo.loaded) {
        return Err(UNBALANCED);
    }
    CARGO.put(view, &key, &cargo);
    Ok(())
}

fn offer(view: &mut View<'_>, event: &HandoverOffered, stamp: &Stamp) -> Result<(), BrokenHistory> {
    let (by, to) = (party(view, event.from)?, party(view, event.to)?);
    let no = SHIPMENTS.update(view, &event.shipment, |shipment| {
        shipment.custody =
            Custody::Offered { by, to, content: event.content, until: event.until_ms };
        Ok(())
    })?;
    deadline::set(view, event.until_ms, stamp.time, Deadline::HandoverEnds { shipment: no });
    Ok(())
}

/// The goods are in one party's custody, with no offer.
fn keep(view: &mut View<'_>, shipment: ShipmentId, by: PartyId) -> Result<(), BrokenHistory> {
    let by = party(view, by)?;
    change(view, shipment, |shipment| shipment.custody = Custody::Held { by })
}

fn see(view: &mut View<'_>, event: &WaypointsRecorded) -> Result<(), BrokenHistory> {
    change(view, event.shipment, |shipment| {
        shipment.stage = Stage::InTransit;
        for scan in event.scans.iter() {
            shipment.since = shipment.since.max(scan.at_ms);
            if let Some(position) = &scan.position {
                shipment.seen = Some(Fix { position: position.clone(), at: scan.at_ms });
            }
        }
    })
}

fn deliver(
    view: &mut View<'_>,
    event: &ShipmentDelivered,
    stamp: &Stamp,
) -> Result<(), BrokenHistory> {
    let by = party(view, event.consignee)?;
    free_vehicle(view, event.shipment, Some(stamp.time))?;
    let no = SHIPMENTS.update(view, &event.shipment, |shipment| {
        shipment.stage = Stage::Delivered;
        shipment.custody = Custody::Held { by };
        note(shipment, &event.delivered);
        Ok(())
    })?;
    for DeliveredLine { line, delivered, short, damaged } in event.lines.iter() {
        change_cargo(view, (no, *line), |cargo| {
            cargo.delivered = cargo.delivered.checked_add(delivered.amount())?;
            cargo.short = cargo.short.checked_add(short.amount())?;
            cargo.damaged = cargo.damaged.checked_add(damaged.amount())?;
            Some(())
        })?;
    }
    Ok(())
}

fn give_back(
    view: &mut View<'_>,
    event: &ShipmentReturned,
    stamp: &Stamp,
) -> Result<(), BrokenHistory> {
    if event.whole {
        free_vehicle(view, event.shipment, Some(stamp.time))?;
    }
    let no = SHIPMENTS.update(view, &event.shipment, |shipment| {
        note(shipment, &event.returned);
        if event.whole {
            shipment.stage = Stage::Returned;
            shipment.custody = Custody::Held { by: shipment.consignor };
        }
        Ok(())
    })?;
    for LineQuantity { line, quantity } in event.lines.iter() {
        change_cargo(view, (no, *line), |cargo| {
            cargo.returned = cargo.returned.checked_add(quantity.amount())?;
            Some(())
        })?;
    }
    Ok(())
}

fn lose(view: &mut View<'_>, event: &ShipmentLost, stamp: &Stamp) -> Result<(), BrokenHistory> {
    if event.whole {
        free_vehicle(view, event.shipment, Some(stamp.time))?;
    }
    let no = SHIPMENTS.update(view, &event.shipment, |shipment| {
        note(shipment, &event.found);
        if event.whole {
            shipment.stage = Stage::Lost;
            shipment.custody = Custody::Nobody;
        }
        Ok(())
    })?;
    for LineQuantity { line, quantity } in event.lines.iter() {
        change_cargo(view, (no, *line), |cargo| {
            cargo.lost = cargo.lost.checked_add(quantity.amount())?;
            Some(())
        })?;
    }
    Ok(())
}
