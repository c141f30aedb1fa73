//! Why something about shipments is refused. Codes 850 to 949.

use crate::{
    refusal::{Code, ObjectKind, Refusal},
    vocabulary::{self, Quantity, ShipmentId, Time},
};

fn about(code: Code, shipment: ShipmentId) -> Refusal {
    Refusal::new(code).subject(ObjectKind::Shipment, shipment)
}

/// The vehicle is taken in that window.
pub(super) fn vehicle_conflict(other: ShipmentId, until: Time) -> Refusal {
    Refusal::new(Code::VehicleConflict).other(ObjectKind::Shipment, other).at(until)
}

/// No goods left the warehouse for this consignor under that ticket, or others, or for another shipment.
pub(super) fn no_release_order(shipment: ShipmentId, ticket: &vocabulary::Code) -> Refusal {
    about(Code::NoReleaseOrder, shipment).field("lots.ticket").required(ticket.as_str())
}

/// Other seals than those on record.
pub(super) fn seal_mismatch(shipment: ShipmentId) -> Refusal {
    about(Code::SealMismatch, shipment).field("seals")
}

/// The consignee has not signed.
pub(super) fn consignee_signature(shipment: ShipmentId) -> Refusal {
    about(Code::ConsigneeSignatureRequired, shipment)
}

/// More, or at closing less, is accounted for than was loaded.
pub(super) fn mass_balance(shipment: ShipmentId, open: Quantity, stated: Quantity) -> Refusal {
    about(Code::MassBalanceError, shipment).quantities(open, stated)
}

/// The goods are in another's custody.
pub(super) fn not_custodian(shipment: ShipmentId) -> Refusal {
    about(Code::NotCustodian, shipment)
}

/// A handover is offered already.
pub(super) fn handover_open(shipment: ShipmentId, until: Time) -> Refusal {
    about(Code::HandoverOpen, shipment).at(until)
}

/// Another digest than the offer's.
pub(super) fn content_mismatch(shipment: ShipmentId) -> Refusal {
    about(Code::ContentMismatch, shipment).field("content")
}

/// The fact lies before what is on record.
pub(super) fn not_monotonic(shipment: ShipmentId, since: Time, field: &'static str) -> Refusal {
    about(Code::TimeNotMonotonic, shipment).field(field).at(since)
}

/// Not the party whose act this is.
pub(super) fn not_party(shipment: ShipmentId, who: &'static str) -> Refusal {
    about(Code::NotAuthorised, shipment).required(who)
}
