//! Shipments: where they are in their transport, and in whose custody.

use serde::{Deserialize, Serialize};

use super::{Fix, Mode};
use crate::{
    refusal::{ObjectKind, Refusal},
    registries::CodeKey,
    registry,
    state::{Objects, Row, Table, View},
    vocabulary::{
        Code, CommodityNo, Digest, OrderNo, PartyNo, Quantity, ShipmentId, ShipmentNo, Time,
    },
    wire::List,
};

/// Most lines of a shipment.
pub const MAX_LINES: usize = 50;

/// Where a shipment is in its transport. In whose custody the goods are is another question: [`Custody`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Stage {
    /// Nobody has taken it on.
    Planned,
    /// A carrier has, with a vehicle.
    Booked,
    /// The goods are on the vehicle.
    Loaded,
    /// They were seen on their way.
    InTransit,
    /// They came to where they go.
    Arrived,
    /// The consignee has what there is of them.
    Delivered,
    /// Nothing was delivered, and the last of them came back.
    Returned,
    /// Nothing was delivered, and the last of them was lost.
    Lost,
    /// All are accounted for. Terminal.
    Closed,
    /// Given up before loading. Terminal.
    Cancelled,
}

impl Stage {
    /// Its name in the facts of a refusal.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Planned => "PLANNED",
            Stage::Booked => "BOOKED",
            Stage::Loaded => "LOADED",
            Stage::InTransit => "IN_TRANSIT",
            Stage::Arrived => "ARRIVED",
            Stage::Delivered => "DELIVERED",
            Stage::Returned => "RETURNED",
            Stage::Lost => "LOST",
            Stage::Closed => "CLOSED",
            Stage::Cancelled => "CANCELLED",
        }
    }
}

/// In whose custody the goods are: exactly one party's, from loading until they are delivered, back or lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Custody {
    /// Not on the way: not loaded, or lost.
    Nobody,
    /// A party's.
    Held {
        /// Whose.
        by: PartyNo,
    },
    /// A party's that offers them to another: one offer at a time.
    Offered {
        /// Whose they are until the offer is accepted.
        by: PartyNo,
        /// Who may accept.
        to: PartyNo,
        /// Digest of what both state.
        content: Digest,
        /// Until when.
        until: Time,
    },
}

impl Custody {
    /// Who has the goods.
    pub const fn holder(self) -> Option<PartyNo> {
        match self {
            Custody::Nobody => None,
            Custody::Held { by } | Custody::Offered { by, .. } => Some(by),
        }
    }
}

/// A vehicle taken for a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// Its code.
    pub vehicle: Code,
    /// From when it is taken.
    pub from: Time,
    /// From when it is free again.
    pub to: Time,
}

/// A shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// Its id.
    pub id: ShipmentId,
    /// Who planned it.
    pub planner: PartyNo,
    /// Who sends.
    pub consignor: PartyNo,
    /// Who is to receive.
    pub consignee: PartyNo,
    /// For which order; none: a move to a warehouse.
    pub order: Option<OrderNo>,
    /// Keeper of the warehouse that the goods leave; none: they leave a farm or a factory.
    pub from_warehouse: Option<PartyNo>,
    /// Who is to carry; none: the consignor.
    pub carrier: Option<PartyNo>,
    /// How they travel.
    pub mode: Mode,
    /// Of an order that was imported.
    pub imported: bool,
    /// Where it is in its transport.
    pub stage: Stage,
    /// In whose custody.
    pub custody: Custody,
    /// The vehicle; none while there is none, and when the consignor carries.
    pub booking: Option<Booking>,
    /// Numbers of the seals on record.
    pub seals: List<Code, 0, 8>,
    /// The first moment that the last recorded fact can have been.
    pub since: Time,
    /// Where the goods were last seen; none: they were not.
    pub seen: Option<Fix>,
}

/// A line of a shipment, in base units of its commodity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cargo {
    /// Which commodity.
    pub commodity: CommodityNo,
    /// Planned.
    pub planned: Quantity,
    /// Loaded.
    pub loaded: u64,
    /// Handed over sound.
    pub delivered: u64,
    /// Missing at delivery.
    pub short: u64,
    /// Damaged at delivery.
    pub damaged: u64,
    /// Came back.
    pub returned: u64,
    /// Lost on the way.
    pub lost: u64,
}

impl Cargo {
    /// What is accounted for of what was loaded (INV-07); `None` when it doesn't fit.
    pub fn accounted(&self) -> Option<u64> {
        [self.delivered, self.short, self.damaged, self.returned, self.lost]
            .into_iter()
            .try_fold(0, u64::checked_add)
    }

    /// What was loaded and is not accounted for.
    pub fn outstanding(&self) -> u64 {
        self.accounted().map_or(0, |accounted| self.loaded.saturating_sub(accounted))
    }

    /// An amount in the line's unit.
    pub const fn quantity(&self, amount: u64) -> Quantity {
        Quantity::new(amount, self.planned.unit())
    }
}

/// When and for what a vehicle is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VehicleUse {
    /// From when.
    pub from: Time,
    /// For which shipment.
    pub shipment: ShipmentId,
}

/// What falls due with shipments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deadline {
    /// An offered handover runs out.
    HandoverEnds {
        /// Of which shipment.
        shipment: ShipmentNo,
    },
}

/// Shipments.
pub const SHIPMENTS: Objects<ShipmentId, ShipmentNo, Shipment> =
    Objects::new(registry::SHIPMENT_IDS, registry::SHIPMENTS);
/// Lines by shipment and number.
pub const CARGO: Table<(ShipmentNo, u32), Cargo> = Table::new(registry::CARGO);
/// What vehicles are taken for, by code and the moment from which they are free again. Windows of one
/// vehicle never overlap, so the first that ends after a moment is the only one that can be in the way.
pub const VEHICLES: Table<(CodeKey, Time), VehicleUse> = Table::new(registry::VEHICLES);

/// The shipment with an id.
///
/// # Errors
///
/// `NOT_FOUND`.
pub fn find(view: &View<'_>, id: ShipmentId) -> Result<Row<ShipmentNo, Shipment>, Refusal> {
    SHIPMENTS.find(view, &id).ok_or_else(|| Refusal::not_found(ObjectKind::Shipment, id))
}

/// The shipment with an id, when it is in one of the stages.
///
/// # Errors
///
/// `NOT_FOUND`, `INVALID_STATE`.
pub fn in_stage(
    view: &View<'_>,
    id: ShipmentId,
    stages: &[Stage],
) -> Result<Row<ShipmentNo, Shipment>, Refusal> {
    let row = find(view, id)?;
    if stages.contains(&row.value.stage) {
        return Ok(row);
    }
    Err(Refusal::state(ObjectKind::Shipment, id, row.value.stage.name()))
}

/// The lines of a shipment, ascending.
pub fn cargo_of(view: &View<'_>, shipment: ShipmentNo) -> Vec<(u32, Cargo)> {
    let rows = CARGO.scan(view, &shipment, None, MAX_LINES);
    rows.into_iter().map(|((_, number), cargo)| (number, cargo)).collect()
}
