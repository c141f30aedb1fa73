//! What must be true of all shipments at every index, also beside the orders they are for.

use std::collections::BTreeMap;

use super::{Cargo, Custody, SHIPMENTS, Shipment, Stage, cargo_of};
use crate::{
    orders::{LINES, Line},
    receipts::GATE_OUTS,
    state::{Row, View},
    vocabulary::{OrderNo, ShipmentId, ShipmentNo},
};

/// A shipment that contradicts an invariant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("contradicted by {shipment:?}: {invariant}")]
pub struct Breach {
    /// Which invariant.
    pub invariant: &'static str,
    /// Which shipment; none: an order's line and its shipments together.
    pub shipment: Option<ShipmentId>,
}

/// How many rows are read at a time.
const PAGE: usize = 256;

/// What shipments hold of an order's line.
#[derive(Debug, Default, Clone, Copy)]
struct Held {
    /// Planned and not loaded.
    planned: u64,
    /// Loaded and not accounted for.
    moving: u64,
}

/// Checks every shipment, and every order's line against its shipments.
///
/// # Errors
///
/// The first breach found.
pub fn check(view: &View<'_>) -> Result<(), Breach> {
    let mut held = BTreeMap::new();
    let mut after = None;
    loop {
        let page = SHIPMENTS.scan(view, after, PAGE);
        for row in &page {
            let breach = |invariant| Breach { invariant, shipment: Some(row.value.id) };
            check_custody(&row.value).map_err(breach)?;
            check_cargo(view, row, &mut held).map_err(breach)?;
        }
        let Some(last) = page.last() else { break };
        after = Some(last.no);
    }
    check_gates(view)?;
    check_orders(view, &held).map_err(|invariant| Breach { invariant, shipment: None })
}

fn check_custody(shipment: &Shipment) -> Result<(), &'static str> {
    let expected = match shipment.stage {
        Stage::Planned | Stage::Booked | Stage::Cancelled | Stage::Lost => {
            shipment.custody == Custody::Nobody
        }
        Stage::Loaded | Stage::InTransit | Stage::Arrived => shipment.custody.holder().is_some(),
        Stage::Delivered => shipment.custody == Custody::Held { by: shipment.consignee },
        Stage::Returned => shipment.custody == Custody::Held { by: shipment.consignor },
        Stage::Closed => !matches!(shipment.custody, Custody::Offered { .. }),
    };
    if expected { Ok(()) } else { Err("loaded goods are in one party's custody") }
}

fn check_cargo(
    view: &View<'_>,
    row: &Row<ShipmentNo, Shipment>,
    held: &mut BTreeMap<(OrderNo, u32), Held>,
) -> Result<(), &'static str> {
    for (line, cargo) in cargo_of(view, row.no) {
        let accounted = cargo.accounted().unwrap_or(u64::MAX);
        if accounted > cargo.loaded {
            return Err("INV-07: no more is accounted for than was loaded");
        }
        if row.value.stage == Stage::Closed && accounted != cargo.loaded {
            return Err("INV-07: loaded = delivered + short + damaged + returned + lost");
        }
        if let Some(order) = row.value.order {
            add(held.entry((order, line)).or_default(), row.value.stage, &cargo);
        }
    }
    Ok(())
}

fn add(held: &mut Held, stage: Stage, cargo: &Cargo) {
    match stage {
        Stage::Planned | Stage::Booked => held.planned += cargo.planned.amount(),
        Stage::Cancelled => {}
        Stage::Loaded
        | Stage::InTransit
        | Stage::Arrived
        | Stage::Delivered
        | Stage::Returned
        | Stage::Lost
        | Stage::Closed => held.moving += cargo.outstanding(),
    }
}

/// What shipments loaded from warehouses is what left by their gates for them.
fn check_gates(view: &View<'_>) -> Result<(), Breach> {
    let mut matched: BTreeMap<ShipmentId, u64> = BTreeMap::new();
    let mut after = None;
    loop {
        let page = GATE_OUTS.scan(view, &(), after.as_ref(), PAGE);
        for (_, gate_out) in &page {
            if let Some(shipment) = gate_out.matched {
                *matched.entry(shipment).or_default() += gate_out.quantity.amount();
            }
        }
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
    }
    let mut after = None;
    loop {
        let page = SHIPMENTS.scan(view, after, PAGE);
        for row in page.iter().filter(|row| row.value.from_warehouse.is_some()) {
            let loaded: u64 = cargo_of(view, row.no).iter().map(|(_, cargo)| cargo.loaded).sum();
            if matched.get(&row.value.id).copied().unwrap_or(0) != loaded {
                let invariant = "INV-07: loaded from a warehouse = matched gate-outs";
                return Err(Breach { invariant, shipment: Some(row.value.id) });
            }
        }
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.no);
    }
}

fn check_orders(
    view: &View<'_>,
    held: &BTreeMap<(OrderNo, u32), Held>,
) -> Result<(), &'static str> {
    let mut after = None;
    loop {
        let page = LINES.scan(view, &(), after.as_ref(), PAGE);
        for (key, Line { progress, .. }) in &page {
            let Held { planned, moving } = held.get(key).copied().unwrap_or_default();
            if progress.allocated - progress.shipped != planned {
                return Err("INV-08: what is allocated and not shipped is planned");
            }
            if progress.shipped - progress.delivered != moving {
                return Err("INV-08: what is shipped and not delivered is outstanding");
            }
        }
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = Some(*last);
    }
}
