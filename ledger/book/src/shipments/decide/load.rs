//! Loading: what the scale says, ticket by ticket (row "RecordLoading").

use std::collections::{BTreeMap, BTreeSet};

use super::{cargo, check_time, check_unit, order_of, orders, refusal};
use crate::{
    areas,
    at::At,
    goods::refusal::duplicate_weigh_ticket,
    names::{self, Space},
    orders::ShippedLine,
    parties,
    receipts::{self, GateOutMatched, RECEIPTS, RELEASE_ORDERS},
    refusal::{Code, ObjectKind, Refusal},
    shipments::{
        Cargo, Event, LoadedLot, RecordLoading, Shipment, ShipmentLoaded, Stage, cargo_of, in_stage,
    },
    state::{Row, View},
    vocabulary::{PartyNo, ShipmentNo},
};

/// The consignor says what was loaded.
pub(super) fn load(
    view: &View<'_>,
    command: &RecordLoading,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let shipment = loadable(view, command, at)?;
    let (loaded, mut events) = lots(view, &shipment, &command.lots)?;
    let shipped = order_of(view, &shipment.value)
        .map(|order| {
            let order = orders::binding(view, order.value.id)?;
            let lines = shipped_lines(view, &shipment, &loaded);
            orders::shipped(view, &order, command.shipment, lines)
        })
        .transpose()?;
    let event = ShipmentLoaded {
        shipment: command.shipment,
        custodian: at.party_id,
        lots: command.lots.clone(),
        seals: command.seals.clone(),
        loaded: command.loaded.clone(),
        weight: command.weight.clone(),
        freight: command.freight.clone(),
        insurance: command.insurance.clone(),
    };
    events.push(Event::ShipmentLoaded(event).into());
    events.extend(shipped);
    Ok(events)
}

/// Planned and, where a carrier is named, booked; said by its consignor; with facts that may be stated.
fn loadable(
    view: &View<'_>,
    command: &RecordLoading,
    at: &At<'_>,
) -> Result<Row<ShipmentNo, Shipment>, Refusal> {
    let shipment = in_stage(view, command.shipment, &[Stage::Planned, Stage::Booked])?;
    let Shipment { stage, carrier, consignor, imported, .. } = shipment.value;
    if stage == Stage::Planned && carrier.is_some() {
        return Err(Refusal::state(ObjectKind::Shipment, command.shipment, stage.name()));
    }
    if at.party != consignor {
        return Err(refusal::not_party(command.shipment, "consignor"));
    }
    check_time(view, at, &shipment.value, &command.loaded, "loaded")?;
    if let Some(weight) = &command.weight {
        weight.check("weight", imported)?;
    }
    if let Some(freight) = &command.freight {
        freight.check("freight", imported)?;
    }
    if let Some(insurance) = &command.insurance {
        insurance.check("insurance", imported)?;
    }
    Ok(shipment)
}

/// What was loaded of each line, and what the gates of a warehouse have to note.
fn lots(
    view: &View<'_>,
    shipment: &Row<ShipmentNo, Shipment>,
    lots: &[LoadedLot],
) -> Result<(BTreeMap<u32, u64>, Vec<areas::Event>), Refusal> {
    let (mut tickets, mut loaded) = (BTreeSet::new(), BTreeMap::new());
    let mut matched = Vec::new();
    for lot in lots {
        let cargo = cargo(view, shipment, lot.line)?;
        if lot.quantity.is_zero() {
            return Err(Refusal::new(Code::QuantityZero).field("lots.quantity"));
        }
        check_unit(&cargo, lot.quantity, "lots.quantity")?;
        if !tickets.insert(&lot.ticket) {
            return Err(duplicate_weigh_ticket(&lot.ticket));
        }
        match shipment.value.from_warehouse {
            Some(keeper) => {
                matched.push(match_gate_out(view, &shipment.value, keeper, &cargo, lot)?);
            }
            None => check_own_ticket(view, &shipment.value, lot)?,
        }
        let sum: &mut u64 = loaded.entry(lot.line).or_default();
        *sum = sum.checked_add(lot.quantity.amount()).ok_or(Code::Overflow)?;
    }
    Ok((loaded, matched))
}

/// A farm or a factory numbers its own tickets, each once (INV-09).
fn check_own_ticket(view: &View<'_>, shipment: &Shipment, lot: &LoadedLot) -> Result<(), Refusal> {
    if names::is_taken(view, Space::WeighTicket, shipment.consignor, &lot.ticket) {
        return Err(duplicate_weigh_ticket(&lot.ticket));
    }
    Ok(())
}

/// What is loaded from a warehouse is what left by its gate under that ticket, on an order that the
/// consignor gave up a receipt of its own for, and that no other shipment has loaded (INV-07).
fn match_gate_out(
    view: &View<'_>,
    shipment: &Shipment,
    keeper: PartyNo,
    cargo: &Cargo,
    lot: &LoadedLot,
) -> Result<areas::Event, Refusal> {
    let refused = || refusal::no_release_order(shipment.id, &lot.ticket);
    let gate_out = receipts::gate_out(view, keeper, &lot.ticket).ok_or_else(refused)?;
    let order = RELEASE_ORDERS.get(view, gate_out.release_order).ok_or_else(refused)?;
    let receipt = RECEIPTS.get(view, order.receipt).ok_or_else(refused)?;
    let is_it = gate_out.matched.is_none()
        && gate_out.quantity == lot.quantity
        && receipt.holder == shipment.consignor
        && receipt.commodity == cargo.commodity;
    if !is_it {
        return Err(refused());
    }
    Ok(receipts::Event::GateOutMatched(GateOutMatched {
        keeper: parties::id_of(view, keeper).ok_or(Code::NotFound)?,
        ticket: lot.ticket.clone(),
        shipment: shipment.id,
    })
    .into())
}

/// Every planned line: what was not loaded of it stays behind.
fn shipped_lines(
    view: &View<'_>,
    shipment: &Row<ShipmentNo, Shipment>,
    loaded: &BTreeMap<u32, u64>,
) -> Vec<ShippedLine> {
    let shipped = |(line, cargo): (u32, Cargo)| {
        let loaded = cargo.quantity(loaded.get(&line).copied().unwrap_or(0));
        ShippedLine { line, planned: cargo.planned, loaded }
    };
    cargo_of(view, shipment.no).into_iter().map(shipped).collect()
}
