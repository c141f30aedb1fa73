//! What the tests of shipments say besides the trade's own words.

use crate::{
    areas,
    orders::StatedTime,
    orders::tests::trade::{Trade, code, grams, lines},
    refusal::Refusal,
    shipments::{
        AcceptHandover, BookCarrier, CARGO, Cargo, CloseShipment, Command, DeclareLost,
        OfferHandover, PlanShipment, RecordReturn, RecordShipmentArrival, SHIPMENTS, Shipment,
        Stage,
    },
    testing::START,
    vocabulary::{Code, Digest, Millis, OrderId, PartyId, ShipmentId, Time},
    wire::List,
};

impl Trade {
    /// Says a command about shipments.
    pub(crate) fn ship(
        &mut self,
        who: PartyId,
        command: impl Into<Command>,
    ) -> Result<Vec<areas::Event>, Refusal> {
        self.world.say(who, command.into())
    }

    pub(crate) fn shipment(&self, id: ShipmentId) -> Shipment {
        SHIPMENTS.find(&self.world.view, &id).expect("planned").value
    }

    pub(crate) fn stage(&self, id: ShipmentId) -> Stage {
        self.shipment(id).stage
    }

    pub(crate) fn cargo_if(&self, id: ShipmentId, line: u32) -> Option<Cargo> {
        let no = SHIPMENTS.no(&self.world.view, &id).expect("planned");
        CARGO.get(&self.world.view, &(no, line))
    }

    pub(crate) fn cargo(&self, id: ShipmentId, line: u32) -> Cargo {
        self.cargo_if(id, line).expect("a line")
    }

    /// A shipment of an order that the carrier is to carry.
    pub(crate) fn for_carrier(&mut self, order: OrderId, of: &[(u32, u64)]) -> ShipmentId {
        let plan = PlanShipment { carrier: Some(self.carrier), ..self.plain_plan(order, of) };
        let events = self.ship(self.seller, plan).expect("accepted");
        crate::orders::tests::trade::planned(&events)
    }

    /// Booked with a vehicle for a day, and loaded.
    pub(crate) fn on_the_truck(&mut self, order: OrderId, of: &[(u32, u64)]) -> ShipmentId {
        let shipment = self.for_carrier(order, of);
        self.ship(self.carrier, booking(shipment, 0, 24)).expect("accepted");
        let loading = self.loading(shipment, of);
        self.ship(self.seller, loading).expect("accepted");
        shipment
    }
}

/// The truck `V-1`, from and to so many hours after the start.
pub(crate) fn booking(shipment: ShipmentId, from: u32, to: u32) -> BookCarrier {
    let (from_ms, to_ms) = (hour(from), hour(to));
    BookCarrier { shipment, vehicle: code("V-1"), from_ms, to_ms }
}

pub(crate) fn hour(hours: u32) -> Time {
    START.after(Millis::hours(hours))
}

pub(crate) fn offer(shipment: ShipmentId, to: PartyId, content: Digest) -> OfferHandover {
    OfferHandover { shipment, to, content, expires_at_ms: hour(24) }
}

pub(crate) fn seals(seals: &[&str]) -> List<Code, 0, 8> {
    List::new(seals.iter().map(|seal| code(seal)).collect()).expect("at most 8")
}

pub(crate) fn accept(shipment: ShipmentId, content: Digest) -> AcceptHandover {
    let reservations = List::empty();
    AcceptHandover { shipment, content, seals: seals(&["S-1", "S-2"]), reservations }
}

pub(crate) fn arrival(shipment: ShipmentId, at: Time) -> RecordShipmentArrival {
    RecordShipmentArrival { shipment, place: code("CNJNG"), arrived: StatedTime::at(at) }
}

pub(crate) fn lost(shipment: ShipmentId, of: &[(u32, u64)]) -> DeclareLost {
    let found = StatedTime::at(START);
    DeclareLost { shipment, lines: lines(of), reason: code("FLOOD"), found }
}

pub(crate) fn returned(shipment: ShipmentId, of: &[(u32, u64)]) -> RecordReturn {
    RecordReturn { shipment, lines: lines(of), returned: StatedTime::at(START) }
}

pub(crate) fn close(shipment: ShipmentId) -> CloseShipment {
    CloseShipment { shipment }
}

/// What became of line 1: delivered, short, damaged.
pub(crate) fn of_line_1(
    trade: &Trade,
    shipment: ShipmentId,
    [delivered, short, damaged]: [u64; 3],
) -> crate::shipments::RecordDelivery {
    let line = crate::shipments::DeliveredLine {
        line: 1,
        delivered: grams(delivered),
        short: grams(short),
        damaged: grams(damaged),
    };
    let lines = List::new(vec![line]).expect("one");
    crate::shipments::RecordDelivery { lines, ..trade.delivery(shipment, &[(1, 0)]) }
}
