//! What happens to shipments.

use super::{DeliveredLine, LoadedLot, Mode, Scan};
use crate::{
    orders::{LineQuantity, StatedAmount, StatedTime, StatedWeight},
    vocabulary::{Code, Digest, OrderId, PartyId, Quantity, ShipmentId, Time},
    wire::{self, List},
};

wire::message! {
    /// One line of a planned shipment.
    pub struct PlannedLine("granary.shipments.v1.PlannedLine") {
        /// Its number: the order's, where there is one.
        1 => line: u32,
        /// Which commodity.
        2 => commodity: Code,
        /// How much.
        3 => quantity: Quantity,
    }
}

wire::message! {
    /// A shipment is planned.
    pub struct ShipmentPlanned("granary.shipments.v1.ShipmentPlanned") {
        /// Its id.
        1 => shipment: ShipmentId,
        /// Who planned it.
        2 => planner: PartyId,
        /// Who sends.
        3 => consignor: PartyId,
        /// Who is to receive.
        4 => consignee: PartyId,
        /// For which order; absent: a move to a warehouse.
        5 => order: Option<OrderId>,
        /// What is to be sent.
        6 => lines: List<PlannedLine, 1, 50>,
        /// Keeper of the warehouse that the goods leave; absent: they leave a farm or a factory.
        7 => from_warehouse: Option<PartyId>,
        /// Who is to carry; absent: the consignor.
        8 => carrier: Option<PartyId>,
        /// How they are to travel.
        9 => mode: Mode,
        /// Where to.
        10 => destination: Code,
        /// Of an order that was imported: phrases may stand for facts.
        11 => imported: bool,
    }
}

wire::message! {
    /// The carrier took it on.
    pub struct ShipmentBooked("granary.shipments.v1.ShipmentBooked") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// Who carries.
        2 => carrier: PartyId,
        /// Code of the vehicle.
        3 => vehicle: Code,
        /// From when it is taken.
        4 => from_ms: Time,
        /// From when it is free again.
        5 => to_ms: Time,
    }
}

wire::message! {
    /// The goods are loaded.
    pub struct ShipmentLoaded("granary.shipments.v1.ShipmentLoaded") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// In whose custody they are: the consignor's.
        2 => custodian: PartyId,
        /// What was loaded.
        3 => lots: List<LoadedLot, 1, 50>,
        /// Numbers of the seals.
        4 => seals: List<Code, 0, 8>,
        /// When.
        5 => loaded: StatedTime,
        /// What goods and packing weigh.
        6 => weight: Option<StatedWeight>,
        /// What the carriage costs.
        7 => freight: Option<StatedAmount>,
        /// What the insurance costs.
        8 => insurance: Option<StatedAmount>,
    }
}

wire::message! {
    /// The custodian offers the goods to another party.
    pub struct HandoverOffered("granary.shipments.v1.HandoverOffered") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// Who has them.
        2 => from: PartyId,
        /// Who is to have them.
        3 => to: PartyId,
        /// Digest of what both state.
        4 => content: Digest,
        /// Until when it may be accepted.
        5 => until_ms: Time,
    }
}

wire::message! {
    /// The goods are in another party's custody.
    pub struct HandoverAccepted("granary.shipments.v1.HandoverAccepted") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// Who had them.
        2 => from: PartyId,
        /// Who has them.
        3 => to: PartyId,
        /// Digest of what both stated.
        4 => content: Digest,
        /// What the acceptor reserves.
        5 => reservations: List<Code, 0, 8>,
    }
}

wire::message! {
    /// An offer was declined or taken back: the goods stay where they were.
    pub struct HandoverRejected("granary.shipments.v1.HandoverRejected") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// Who has them.
        2 => from: PartyId,
        /// Who was to have them.
        3 => to: PartyId,
        /// Which of the two said so.
        4 => by: PartyId,
        /// Why.
        5 => reason: Code,
    }
}

wire::message! {
    /// An offer was not answered in time: the goods stay where they were.
    pub struct HandoverExpired("granary.shipments.v1.HandoverExpired") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// Who has them.
        2 => from: PartyId,
        /// Who did not answer.
        3 => to: PartyId,
    }
}

wire::message! {
    /// Other seals are on.
    pub struct SealsReplaced("granary.shipments.v1.SealsReplaced") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// By whom.
        2 => custodian: PartyId,
        /// Numbers before.
        3 => before: List<Code, 0, 8>,
        /// Numbers from now on.
        4 => seals: List<Code, 0, 8>,
        /// Why.
        5 => reason: Code,
    }
}

wire::message! {
    /// Where the goods were on their way.
    pub struct WaypointsRecorded("granary.shipments.v1.WaypointsRecorded") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// By whom.
        2 => custodian: PartyId,
        /// Scans, oldest first.
        3 => scans: List<Scan, 1, 64>,
    }
}

wire::message! {
    /// Flag: between two scans the goods would have moved faster than anything of the kind does.
    pub struct ImplausibleMovement("granary.shipments.v1.ImplausibleMovement") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// Moment of the later scan.
        2 => at_ms: Time,
        /// How far from the earlier one, in metres.
        3 => metres: u64,
        /// In how long.
        4 => span_ms: u64,
        /// The greatest speed believed, in metres per second.
        5 => limit_metres_per_second: u32,
    }
}

wire::message! {
    /// The goods came to where they go.
    pub struct ShipmentArrived("granary.shipments.v1.ShipmentArrived") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// Code of the place.
        2 => place: Code,
        /// When.
        3 => arrived: StatedTime,
    }
}

wire::message! {
    /// The consignee has them.
    pub struct ShipmentDelivered("granary.shipments.v1.ShipmentDelivered") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// Who has them.
        2 => consignee: PartyId,
        /// What became of each line.
        3 => lines: List<DeliveredLine, 1, 50>,
        /// When.
        4 => delivered: StatedTime,
        /// When the consignee's own books say so.
        5 => recorded: Option<StatedTime>,
        /// Digest of the evidence.
        6 => evidence: Option<Digest>,
    }
}

wire::message! {
    /// Goods came back.
    pub struct ShipmentReturned("granary.shipments.v1.ShipmentReturned") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// How much of which lines.
        2 => lines: List<LineQuantity, 1, 50>,
        /// When.
        3 => returned: StatedTime,
        /// Nothing was delivered and nothing is left: the shipment is over.
        4 => whole: bool,
    }
}

wire::message! {
    /// Goods were lost.
    pub struct ShipmentLost("granary.shipments.v1.ShipmentLost") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// How much of which lines.
        2 => lines: List<LineQuantity, 1, 50>,
        /// Why.
        3 => reason: Code,
        /// When it was found.
        4 => found: StatedTime,
        /// Nothing was delivered and nothing is left: the shipment is over.
        5 => whole: bool,
    }
}

wire::message! {
    /// All goods are accounted for.
    pub struct ShipmentClosed("granary.shipments.v1.ShipmentClosed") {
        /// Which shipment.
        1 => shipment: ShipmentId,
    }
}

wire::message! {
    /// The plan was given up.
    pub struct ShipmentCancelled("granary.shipments.v1.ShipmentCancelled") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// Why.
        2 => reason: Code,
    }
}

wire::events! {
    /// What happens to shipments.
    pub enum Event {
        ShipmentPlanned, ShipmentBooked, ShipmentLoaded, HandoverOffered, HandoverAccepted,
        HandoverRejected, HandoverExpired, SealsReplaced, WaypointsRecorded, ImplausibleMovement,
        ShipmentArrived, ShipmentDelivered, ShipmentReturned, ShipmentLost, ShipmentClosed,
        ShipmentCancelled,
    }
}
