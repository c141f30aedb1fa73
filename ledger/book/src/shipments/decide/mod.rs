//! The rules about shipments (domain.md section 6.7, trace.md section 4.2): one file for each process.

mod custody;
mod deliver;
mod end;
mod load;
mod plan;
mod travel;

use super::{
    CARGO, Cargo, Command, Custody, Deadline, Event, HandoverExpired, SHIPMENTS, Shipment, refusal,
};
use crate::{
    areas,
    at::{At, Stamp},
    orders::{self, ORDERS, Order, StatedTime},
    parties,
    refusal::{Code, ObjectKind, Refusal},
    state::{Row, View},
    vocabulary::{OrderNo, Quantity, ShipmentNo},
};

/// Decides a command about shipments.
///
/// # Errors
///
/// The first guard that says no.
pub fn decide(
    view: &View<'_>,
    command: &Command,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    match command {
        Command::PlanShipment(command) => plan::plan(view, command, at),
        Command::PlanWarehouseMove(command) => plan::plan_move(view, command, at),
        Command::BookCarrier(command) => plan::book(view, command, at),
        Command::RecordLoading(command) => load::load(view, command, at),
        Command::OfferHandover(command) => custody::offer(view, command, at),
        Command::AcceptHandover(command) => custody::accept(view, command, at),
        Command::RejectHandover(command) => custody::reject(view, command, at),
        Command::ReplaceSeals(command) => custody::replace_seals(view, command, at),
        Command::RecordWaypoint(command) => travel::waypoints(view, command, at),
        Command::RecordShipmentArrival(command) => travel::arrive(view, command, at),
        Command::RecordDelivery(command) => deliver::deliver(view, command, at),
        Command::RecordReturn(command) => deliver::give_back(view, command, at),
        Command::DeclareLost(command) => deliver::lose(view, command, at),
        Command::CloseShipment(command) => end::close(view, command, at),
        Command::CancelShipment(command) => end::cancel(view, command, at),
    }
}

/// What a deadline of shipments comes to.
pub fn fire(view: &View<'_>, deadline: &Deadline, stamp: &Stamp) -> Vec<areas::Event> {
    let Deadline::HandoverEnds { shipment } = deadline;
    let expired = SHIPMENTS.get(view, *shipment).and_then(|shipment| match shipment.custody {
        // An offer made after this one was declined may have a later end.
        Custody::Offered { by, to, until, .. } if until <= stamp.time => {
            let (from, to) = (parties::id_of(view, by)?, parties::id_of(view, to)?);
            Some(Event::HandoverExpired(HandoverExpired { shipment: shipment.id, from, to }))
        }
        Custody::Offered { .. } | Custody::Held { .. } | Custody::Nobody => None,
    });
    expired.into_iter().map(Into::into).collect()
}

/// The order of a shipment, if it has one.
fn order_of(view: &View<'_>, shipment: &Shipment) -> Option<Row<OrderNo, Order>> {
    let no = shipment.order?;
    ORDERS.get(view, no).map(|value| Row { no, value })
}

fn require_custodian(shipment: &Shipment, at: &At<'_>) -> Result<(), Refusal> {
    if shipment.custody.holder() == Some(at.party) {
        return Ok(());
    }
    Err(refusal::not_custodian(shipment.id))
}

/// A fact may be stated, and doesn't certainly lie before what is on record.
fn check_time(
    view: &View<'_>,
    at: &At<'_>,
    shipment: &Shipment,
    stated: &StatedTime,
    field: &'static str,
) -> Result<(), Refusal> {
    stated.check(view, at, field, shipment.imported)?;
    match stated.bounds() {
        Some((_, last)) if last < shipment.since => {
            Err(refusal::not_monotonic(shipment.id, shipment.since, field))
        }
        Some(_) | None => Ok(()),
    }
}

/// A line of a shipment.
fn cargo(
    view: &View<'_>,
    shipment: &Row<ShipmentNo, Shipment>,
    line: u32,
) -> Result<Cargo, Refusal> {
    CARGO.get(view, &(shipment.no, line)).ok_or_else(|| {
        Refusal::not_found(ObjectKind::Shipment, shipment.value.id).field("lines.line")
    })
}

fn check_unit(cargo: &Cargo, quantity: Quantity, field: &'static str) -> Result<(), Refusal> {
    if quantity.unit() == cargo.planned.unit() {
        return Ok(());
    }
    Err(Refusal::new(Code::UnitMismatch).field(field))
}
