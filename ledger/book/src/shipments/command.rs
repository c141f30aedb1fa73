//! What may be asked about shipments.

use super::{Mode, Position};
use crate::{
    orders::{LineQuantity, StatedAmount, StatedTime, StatedWeight},
    vocabulary::{Code, Digest, OrderId, PartyId, Quantity, ShipmentId, Time},
    wire::{self, List},
};

wire::message! {
    /// Plans a shipment of an order's lines, from its seller to its buyer. Said by either. The shipment's id
    /// is derived id 0; its lines keep the order's numbers.
    pub struct PlanShipment("granary.shipments.v1.PlanShipment") {
        /// Which order.
        1 => order: OrderId,
        /// How much of which lines, ascending: at most what is open of each.
        2 => lines: List<LineQuantity, 1, 50>,
        /// Keeper of the warehouse that the goods leave; absent: they leave a farm or a factory, with the
        /// seller's own loading record.
        3 => from_warehouse: Option<PartyId>,
        /// Who is to carry them; absent: the seller itself.
        4 => carrier: Option<PartyId>,
        /// How they are to travel.
        5 => mode: Mode,
        /// Where to.
        6 => destination: Code,
    }
}

wire::message! {
    /// One line of what is moved to a warehouse.
    pub struct MovedLine("granary.shipments.v1.MovedLine") {
        /// Which commodity.
        1 => commodity: Code,
        /// How much.
        2 => quantity: Quantity,
    }
}

wire::message! {
    /// Plans a move of goods to a warehouse, without an order. Said by whose goods they are. The shipment's
    /// id is derived id 0; its lines are numbered from 1.
    pub struct PlanWarehouseMove("granary.shipments.v1.PlanWarehouseMove") {
        /// Keeper of the warehouse that they go to.
        1 => to_warehouse: PartyId,
        /// What is moved.
        2 => lines: List<MovedLine, 1, 50>,
        /// Keeper of the warehouse that they leave; absent: they leave a farm or a factory.
        3 => from_warehouse: Option<PartyId>,
        /// Who is to carry them; absent: their owner.
        4 => carrier: Option<PartyId>,
        /// How they are to travel.
        5 => mode: Mode,
        /// Where to.
        6 => destination: Code,
    }
}

wire::message! {
    /// Takes a planned shipment on, with a vehicle for a while. Said by the carrier that the plan names.
    pub struct BookCarrier("granary.shipments.v1.BookCarrier") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// Code of the vehicle, vessel or flight; never a number plate in clear (access.md section 4).
        2 => vehicle: Code,
        /// From when it is taken.
        3 => from_ms: Time,
        /// From when it is free again.
        4 => to_ms: Time,
    }
}

wire::message! {
    /// Goods loaded under one weigh ticket.
    pub struct LoadedLot("granary.shipments.v1.LoadedLot") {
        /// Line of the shipment.
        1 => line: u32,
        /// Number of the weigh ticket: of the gate-out where the goods leave a warehouse, else the loader's
        /// own, used once and never again.
        2 => ticket: Code,
        /// How much.
        3 => quantity: Quantity,
    }
}

wire::message! {
    /// Says what was loaded. Said by the consignor, who has the goods in its custody from then on. Lines not
    /// listed stay behind.
    pub struct RecordLoading("granary.shipments.v1.RecordLoading") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// What was loaded.
        2 => lots: List<LoadedLot, 1, 50>,
        /// Numbers of the seals applied.
        3 => seals: List<Code, 0, 8>,
        /// When.
        4 => loaded: StatedTime,
        /// What goods and packing weigh.
        5 => weight: Option<StatedWeight>,
        /// What the carriage costs.
        6 => freight: Option<StatedAmount>,
        /// What the insurance costs.
        7 => insurance: Option<StatedAmount>,
    }
}

wire::message! {
    /// Offers the goods to another party's custody. Said by the custodian.
    pub struct OfferHandover("granary.shipments.v1.OfferHandover") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// To whom.
        2 => to: PartyId,
        /// Digest of what both state about the goods: the consignment note.
        3 => content: Digest,
        /// Until when it may be accepted: at most 7 days.
        4 => expires_at_ms: Time,
    }
}

wire::message! {
    /// Takes the goods into custody. Said by the party that the offer names.
    pub struct AcceptHandover("granary.shipments.v1.AcceptHandover") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// The same digest as in the offer.
        2 => content: Digest,
        /// Numbers of the seals found: those on record, in any order.
        3 => seals: List<Code, 0, 8>,
        /// What the acceptor reserves, as codes: damp, torn, not counted.
        4 => reservations: List<Code, 0, 8>,
    }
}

wire::message! {
    /// Declines an offered handover. Said by the party that the offer names, or by who made it, which takes
    /// it back.
    pub struct RejectHandover("granary.shipments.v1.RejectHandover") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// Why, as a code.
        2 => reason: Code,
    }
}

wire::message! {
    /// Puts other seals on: after an inspection at a border, or when one broke. Said by the custodian.
    pub struct ReplaceSeals("granary.shipments.v1.ReplaceSeals") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// Numbers of the seals from now on.
        2 => seals: List<Code, 0, 8>,
        /// Why, as a code.
        3 => reason: Code,
    }
}

wire::message! {
    /// Where the goods were at a moment: a place, a position, or both.
    pub struct Scan("granary.shipments.v1.Scan") {
        /// When.
        1 => at_ms: Time,
        /// Code of the place.
        2 => place: Option<Code>,
        /// Position.
        3 => position: Option<Position>,
    }
}

wire::message! {
    /// Records where the goods were on their way, oldest first. Said by the custodian.
    pub struct RecordWaypoint("granary.shipments.v1.RecordWaypoint") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// Scans: none before what is on record.
        2 => scans: List<Scan, 1, 64>,
    }
}

wire::message! {
    /// Records that the goods came to where they go. Said by the custodian or the consignee.
    pub struct RecordShipmentArrival("granary.shipments.v1.RecordShipmentArrival") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// Code of the place.
        2 => place: Code,
        /// When.
        3 => arrived: StatedTime,
    }
}

wire::message! {
    /// What became of a line at its delivery. Together at most what was loaded of it.
    pub struct DeliveredLine("granary.shipments.v1.DeliveredLine") {
        /// Line of the shipment.
        1 => line: u32,
        /// Handed over sound.
        2 => delivered: Quantity,
        /// Missing.
        3 => short: Quantity,
        /// There, and damaged.
        4 => damaged: Quantity,
    }
}

wire::message! {
    /// Records the delivery. Said by the consignee, or by the custodian and signed by the consignee too.
    pub struct RecordDelivery("granary.shipments.v1.RecordDelivery") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// Lines, ascending. What is neither delivered, short nor damaged has still to come back or be lost.
        2 => lines: List<DeliveredLine, 1, 50>,
        /// When.
        3 => delivered: StatedTime,
        /// When the consignee's own books say so, where that is another day.
        4 => recorded: Option<StatedTime>,
        /// Digest of the evidence: photos, the signed note.
        5 => evidence: Option<Digest>,
    }
}

wire::message! {
    /// Records goods that came back. Said by the consignor.
    pub struct RecordReturn("granary.shipments.v1.RecordReturn") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// How much of which lines, ascending.
        2 => lines: List<LineQuantity, 1, 50>,
        /// When.
        3 => returned: StatedTime,
    }
}

wire::message! {
    /// Declares goods lost on the way. Said by the custodian.
    pub struct DeclareLost("granary.shipments.v1.DeclareLost") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// How much of which lines, ascending.
        2 => lines: List<LineQuantity, 1, 50>,
        /// Why, as a code.
        3 => reason: Code,
        /// When it was found.
        4 => found: StatedTime,
    }
}

wire::message! {
    /// Closes a shipment all of whose goods are accounted for. Said by consignor, consignee or carrier.
    pub struct CloseShipment("granary.shipments.v1.CloseShipment") {
        /// Which shipment.
        1 => shipment: ShipmentId,
    }
}

wire::message! {
    /// Gives a plan up, before loading. Said by the consignor or by who planned it.
    pub struct CancelShipment("granary.shipments.v1.CancelShipment") {
        /// Which shipment.
        1 => shipment: ShipmentId,
        /// Why, as a code.
        2 => reason: Code,
    }
}

wire::commands! {
    /// What may be asked about shipments.
    pub enum Command {
        PlanShipment, PlanWarehouseMove, BookCarrier, RecordLoading, OfferHandover, AcceptHandover,
        RejectHandover, ReplaceSeals, RecordWaypoint, RecordShipmentArrival, RecordDelivery,
        RecordReturn, DeclareLost, CloseShipment, CancelShipment,
    }
}
