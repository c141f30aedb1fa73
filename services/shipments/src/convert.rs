//! Shipments of the book as they go over the wire.

use granary_book::{
    orders::ORDERS,
    shipments::{Booking, Cargo, Custody, Fix, Position, Shipment, Stage, cargo_of},
    state::Row,
    vocabulary::ShipmentNo,
};
use granary_proto::shipments::v1 as pb;
use granary_runtime::reading::Reading;

/// A shipment without its history.
pub(crate) fn shipment(reading: &Reading<'_>, row: &Row<ShipmentNo, Shipment>) -> pb::Shipment {
    let Shipment {
        id,
        planner,
        consignor,
        consignee,
        order,
        from_warehouse,
        carrier,
        mode,
        imported,
        stage: reached,
        custody: held,
        booking: booked,
        seals,
        // What the next fact is held against, not a fact itself.
        since: _,
        seen,
    } = &row.value;
    pb::Shipment {
        id: id.to_string(),
        planner: reading.party(*planner),
        consignor: reading.party(*consignor),
        consignee: reading.party(*consignee),
        order: order.map(|no| reading.name(&ORDERS, no, |order| order.id)),
        from_warehouse: from_warehouse.map(|no| reading.party(no)),
        carrier: carrier.map(|no| reading.party(no)),
        mode: mode.number().cast_signed(),
        imported: *imported,
        stage: stage(*reached).into(),
        custody: custody(reading, held),
        booking: booked.as_ref().map(booking),
        seals: seals.iter().map(ToString::to_string).collect(),
        seen: seen.as_ref().map(sighting),
        cargo: cargo_of(&reading.view, row.no)
            .iter()
            .map(|(number, line)| cargo(reading, *number, line))
            .collect(),
        as_of_index: reading.as_of_index,
        history: Vec::new(),
    }
}

/// Where a shipment is in its transport.
pub(crate) const fn stage(stage: Stage) -> pb::ShipmentStage {
    match stage {
        Stage::Planned => pb::ShipmentStage::Planned,
        Stage::Booked => pb::ShipmentStage::Booked,
        Stage::Loaded => pb::ShipmentStage::Loaded,
        Stage::InTransit => pb::ShipmentStage::InTransit,
        Stage::Arrived => pb::ShipmentStage::Arrived,
        Stage::Delivered => pb::ShipmentStage::Delivered,
        Stage::Returned => pb::ShipmentStage::Returned,
        Stage::Lost => pb::ShipmentStage::Lost,
        Stage::Closed => pb::ShipmentStage::Closed,
        Stage::Cancelled => pb::ShipmentStage::Cancelled,
    }
}

fn custody(reading: &Reading<'_>, custody: &Custody) -> Option<pb::Custody> {
    match custody {
        Custody::Nobody => None,
        Custody::Held { by } => {
            Some(pb::Custody { by: reading.party(*by), ..pb::Custody::default() })
        }
        Custody::Offered { by, to, content, until } => Some(pb::Custody {
            by: reading.party(*by),
            offered_to: Some(reading.party(*to)),
            content: Some(content.0.to_vec().into()),
            offered_until_ms: Some(until.ms()),
        }),
    }
}

fn booking(booking: &Booking) -> pb::Booking {
    let Booking { vehicle, from, to } = booking;
    pb::Booking { vehicle: vehicle.to_string(), from_ms: from.ms(), to_ms: to.ms() }
}

fn sighting(fix: &Fix) -> pb::Sighting {
    let Fix { position: Position { latitude_e6, longitude_e6 }, at } = fix;
    let position = pb::Position { latitude_e6: *latitude_e6, longitude_e6: *longitude_e6 };
    pb::Sighting { position: Some(position), at_ms: at.ms() }
}

fn cargo(reading: &Reading<'_>, number: u32, cargo: &Cargo) -> pb::Cargo {
    let Cargo { commodity, planned, loaded, delivered, short, damaged, returned, lost } = cargo;
    pb::Cargo {
        line: number,
        commodity: reading.commodity(*commodity),
        unit: planned.unit().number().cast_signed(),
        planned: planned.amount(),
        loaded: *loaded,
        delivered: *delivered,
        short: *short,
        damaged: *damaged,
        returned: *returned,
        lost: *lost,
        outstanding: cargo.outstanding(),
    }
}
