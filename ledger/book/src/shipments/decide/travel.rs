//! On the way: waypoints and arrival (rows "RecordWaypoint", "RecordArrival").

use super::{check_time, refusal, require_custodian};
use crate::{
    areas,
    at::At,
    orders::StatedTime,
    refusal::{Code, Refusal},
    shipments::{
        Event, Fix, ImplausibleMovement, RecordShipmentArrival, RecordWaypoint, Scan, Shipment,
        ShipmentArrived, Stage, WaypointsRecorded, in_stage, track,
    },
    state::View,
};

/// The stages in which goods may be seen on their way.
const MOVING: &[Stage] = &[Stage::Loaded, Stage::InTransit];

/// The custodian records where the goods were. What is too fast is flagged, not refused: it is evidence.
pub(super) fn waypoints(
    view: &View<'_>,
    command: &RecordWaypoint,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let shipment = in_stage(view, command.shipment, MOVING)?.value;
    require_custodian(&shipment, at)?;
    let mut before = shipment.since;
    for scan in command.scans.iter() {
        check_scan(scan)?;
        StatedTime::at(scan.at_ms).check(view, at, "scans.at_ms", shipment.imported)?;
        if scan.at_ms < before {
            return Err(refusal::not_monotonic(command.shipment, before, "scans.at_ms"));
        }
        before = scan.at_ms;
    }
    let recorded = WaypointsRecorded {
        shipment: command.shipment,
        custodian: at.party_id,
        scans: command.scans.clone(),
    };
    let mut events = vec![Event::WaypointsRecorded(recorded).into()];
    events.extend(leaps(&shipment, &command.scans).map(Into::into));
    Ok(events)
}

fn check_scan(scan: &Scan) -> Result<(), Refusal> {
    let somewhere = scan.place.is_some() || scan.position.is_some();
    let possible = scan.position.as_ref().is_none_or(|position| position.is_on_earth());
    if somewhere && possible {
        return Ok(());
    }
    Err(Refusal::new(Code::ValidationFailed).field("scans.position"))
}

fn leaps(shipment: &Shipment, scans: &[Scan]) -> impl Iterator<Item = Event> {
    let mut seen = shipment.seen.clone();
    let mode = shipment.mode;
    let shipment = shipment.id;
    scans.iter().filter_map(move |scan| {
        let fix = Fix { position: scan.position.clone()?, at: scan.at_ms };
        let earlier = seen.replace(fix.clone())?;
        let leap = track::leap(mode, &earlier, &fix)?;
        Some(Event::ImplausibleMovement(ImplausibleMovement {
            shipment,
            at_ms: scan.at_ms,
            metres: leap.metres,
            span_ms: leap.span.0,
            limit_metres_per_second: mode.speed_limit(),
        }))
    })
}

/// Custodian or consignee records that the goods came to where they go. What was not recorded on the way
/// is not invented: goods may arrive that nobody saw moving.
pub(super) fn arrive(
    view: &View<'_>,
    command: &RecordShipmentArrival,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let shipment = in_stage(view, command.shipment, MOVING)?.value;
    if at.party != shipment.consignee {
        require_custodian(&shipment, at)?;
    }
    check_time(view, at, &shipment, &command.arrived, "arrived")?;
    let arrived = ShipmentArrived {
        shipment: command.shipment,
        place: command.place.clone(),
        arrived: command.arrived.clone(),
    };
    Ok(vec![Event::ShipmentArrived(arrived).into()])
}
