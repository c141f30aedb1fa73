//! Shipments: goods on their way, from a plan to the last gram accounted for.
//!
//! Invariants: what was loaded = delivered + short + damaged + returned + lost when a shipment is closed
//! (INV-07), and never less before; what is loaded from a warehouse is what left by its gate, ticket by
//! ticket; loaded goods that are not yet delivered, back or lost are in exactly one party's custody, which
//! changes only when the party named accepts what the custodian offered, over the same content; a vehicle is
//! taken for one shipment at a time; a weigh ticket is used once (INV-09). Where goods are in their transport
//! and in whose custody are two questions with two answers.

mod authority;
mod command;
mod decide;
mod event;
mod evolve;
pub mod invariants;
mod refusal;
mod state;
#[cfg(test)]
mod tests;
mod track;

pub use authority::AUTHORITY;
pub use command::{
    AcceptHandover, BookCarrier, CancelShipment, CloseShipment, Command, DeclareLost,
    DeliveredLine, LoadedLot, MovedLine, OfferHandover, PlanShipment, PlanWarehouseMove,
    RecordDelivery, RecordLoading, RecordReturn, RecordShipmentArrival, RecordWaypoint,
    RejectHandover, ReplaceSeals, Scan,
};
pub use decide::{decide, fire};
pub use event::{
    Event, HandoverAccepted, HandoverExpired, HandoverOffered, HandoverRejected,
    ImplausibleMovement, PlannedLine, SealsReplaced, ShipmentArrived, ShipmentBooked,
    ShipmentCancelled, ShipmentClosed, ShipmentDelivered, ShipmentLoaded, ShipmentLost,
    ShipmentPlanned, ShipmentReturned, WaypointsRecorded,
};
pub use evolve::evolve;
pub use state::{
    Booking, CARGO, Cargo, Custody, Deadline, MAX_LINES, SHIPMENTS, Shipment, Stage, VEHICLES,
    VehicleUse, cargo_of, find, in_stage,
};
pub use track::{Fix, Mode, Position};
