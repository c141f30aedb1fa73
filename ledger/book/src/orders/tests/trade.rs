//! A buyer, a seller, a carrier and two banks who trade garlic.

use sha2::{Digest as _, Sha256};

use crate::{
    areas,
    orders::{
        AcceptGoods, Command, CountersignOrder, Event, Incoterm, InvoiceOrder, LINES, Line,
        LineQuantity, ORDERS, Order, OrderLine, PlaceOrder, Standing, StatedTime, invariants,
        standing,
    },
    parties::Role,
    prices::Price,
    refusal::Refusal,
    shipments::{
        self, DeliveredLine, LoadedLot, Mode, PlanShipment, RecordDelivery, RecordLoading,
    },
    state::Row,
    testing::World,
    vocabulary::{
        Code, Currency, Digest, OrderId, OrderNo, PartyId, Ppm, Quantity, ShipmentId, Unit,
    },
    wire::{List, Message},
};

pub(crate) fn code(text: &str) -> Code {
    text.parse().expect("a code")
}

pub(crate) fn grams(amount: u64) -> Quantity {
    Quantity::new(amount, Unit::Gram)
}

pub(crate) fn digest(n: u8) -> Digest {
    Digest([n; 32])
}

/// A line of so many grams at 1.275 yuan per 500 g, 1% tolerance.
pub(crate) fn garlic(amount: u64) -> OrderLine {
    OrderLine {
        commodity: code("GARLIC"),
        grade: Some(code("A")),
        quantity: grams(amount),
        tolerance_ppm: Ppm::new(10_000),
        price: Some(Price { minor_units: 1_275, per: grams(5_000) }),
        value_minor_units: None,
        place: code("CNJNG"),
        due: "2026-02-01".parse().expect("a date"),
    }
}

pub(crate) fn of_line(line: u32, amount: u64) -> LineQuantity {
    LineQuantity { line, quantity: grams(amount) }
}

pub(crate) fn lines(lines: &[(u32, u64)]) -> List<LineQuantity, 1, 50> {
    let lines = lines.iter().map(|(line, amount)| of_line(*line, *amount)).collect();
    List::new(lines).expect("1 to 50 lines")
}

/// The SHA-256 that a seller cites.
pub(crate) fn terms(command: &PlaceOrder) -> Digest {
    Digest(Sha256::digest(command.encode()).into())
}

/// The order's id, of the events that placed it.
pub(crate) fn placed(events: &[areas::Event]) -> OrderId {
    match events {
        [areas::Event::Orders(Event::OrderPlaced(placed))] => placed.order,
        events => panic!("no order: {events:?}"),
    }
}

/// The shipment's id, of the events that planned it.
pub(crate) fn planned(events: &[areas::Event]) -> ShipmentId {
    match events.first() {
        Some(areas::Event::Shipments(shipments::Event::ShipmentPlanned(planned))) => {
            planned.shipment
        }
        events => panic!("no shipment: {events:?}"),
    }
}

pub(crate) struct Trade {
    pub(crate) world: World,
    pub(crate) buyer: PartyId,
    pub(crate) seller: PartyId,
    pub(crate) carrier: PartyId,
    pub(crate) bank: PartyId,
    pub(crate) other_bank: PartyId,
    tickets: u32,
}

impl Trade {
    pub(crate) fn new() -> Self {
        let mut world = World::new();
        world.commodity("GARLIC");
        let buyer = world.party(1, &[Role::Buyer]);
        let seller = world.party(2, &[Role::Cooperative]);
        Self::within(world, buyer, seller)
    }

    /// In a world where garlic, the buyer and the seller are known.
    pub(crate) fn within(mut world: World, buyer: PartyId, seller: PartyId) -> Self {
        let carrier = world.party(3, &[Role::Carrier]);
        let bank = world.party(4, &[Role::Bank]);
        let other_bank = world.party(5, &[Role::Bank]);
        Self { world, buyer, seller, carrier, bank, other_bank, tickets: 0 }
    }

    pub(crate) fn say(
        &mut self,
        who: PartyId,
        command: impl Into<Command>,
    ) -> Result<Vec<areas::Event>, Refusal> {
        self.world.say(who, command.into())
    }

    /// Signed by several parties, the principal first.
    pub(crate) fn together(
        &mut self,
        who: &[PartyId],
        command: impl Into<Command>,
    ) -> Result<Vec<areas::Event>, Refusal> {
        let signers: Vec<_> = who.iter().map(|party| (*party, Some(1))).collect();
        self.world.say_with(who[0], &signers, command.into())
    }

    pub(crate) fn order(&self, lines: &[OrderLine]) -> PlaceOrder {
        PlaceOrder {
            seller: self.seller,
            currency: Currency::CNY,
            incoterm: Incoterm::Dap,
            lines: List::new(lines.to_vec()).expect("1 to 50 lines"),
            source: None,
        }
    }

    pub(crate) fn countersign(&self, order: OrderId, command: &PlaceOrder) -> CountersignOrder {
        CountersignOrder { order, terms: terms(command), related_disclosed: false }
    }

    /// An order that binds both.
    pub(crate) fn agreed(&mut self, lines: &[OrderLine]) -> OrderId {
        let command = self.order(lines);
        let order = placed(&self.say(self.buyer, command.clone()).expect("accepted"));
        self.say(self.seller, self.countersign(order, &command)).expect("accepted");
        order
    }

    /// The seller plans to bring its own goods in its own vehicle.
    pub(crate) fn plain_plan(&self, order: OrderId, of: &[(u32, u64)]) -> PlanShipment {
        PlanShipment {
            order,
            lines: lines(of),
            from_warehouse: None,
            carrier: None,
            mode: Mode::Truck,
            destination: code("CNJNG"),
        }
    }

    pub(crate) fn plan(&self, order: OrderId, of: &[(u32, u64)]) -> shipments::Command {
        self.plain_plan(order, of).into()
    }

    pub(crate) fn planned(&mut self, order: OrderId, of: &[(u32, u64)]) -> ShipmentId {
        let plan = self.plan(order, of);
        planned(&self.world.say(self.seller, plan).expect("accepted"))
    }

    /// A loading under new tickets of the seller's own.
    pub(crate) fn loading(&mut self, shipment: ShipmentId, of: &[(u32, u64)]) -> RecordLoading {
        let lot = |(line, amount): &(u32, u64)| {
            self.tickets += 1;
            let ticket = code(&format!("T-{}", self.tickets));
            LoadedLot { line: *line, ticket, quantity: grams(*amount) }
        };
        RecordLoading {
            shipment,
            lots: List::new(of.iter().map(lot).collect()).expect("1 to 50 lots"),
            seals: List::new(vec![code("S-1"), code("S-2")]).expect("two"),
            loaded: StatedTime::at(self.world.now),
            weight: None,
            freight: None,
            insurance: None,
        }
    }

    pub(crate) fn loaded(&mut self, order: OrderId, of: &[(u32, u64)]) -> ShipmentId {
        let shipment = self.planned(order, of);
        let loading = shipments::Command::from(self.loading(shipment, of));
        self.world.say(self.seller, loading).expect("accepted");
        shipment
    }

    pub(crate) fn delivery(&self, shipment: ShipmentId, of: &[(u32, u64)]) -> RecordDelivery {
        let line = |(line, amount): &(u32, u64)| DeliveredLine {
            line: *line,
            delivered: grams(*amount),
            short: grams(0),
            damaged: grams(0),
        };
        RecordDelivery {
            shipment,
            lines: List::new(of.iter().map(line).collect()).expect("1 to 50 lines"),
            delivered: StatedTime::at(self.world.now),
            recorded: None,
            evidence: None,
        }
    }

    pub(crate) fn delivered(&mut self, order: OrderId, of: &[(u32, u64)]) -> ShipmentId {
        let shipment = self.loaded(order, of);
        let delivery = shipments::Command::from(self.delivery(shipment, of));
        self.world.say(self.buyer, delivery).expect("accepted");
        shipment
    }

    pub(crate) fn accepted(&mut self, order: OrderId, of: &[(u32, u64)]) -> ShipmentId {
        let shipment = self.delivered(order, of);
        let accept = AcceptGoods { order, shipment, lines: lines(of) };
        self.say(self.buyer, accept).expect("accepted");
        shipment
    }

    pub(crate) fn invoice(order: OrderId, invoice: &str, of: &[(u32, u64)]) -> InvoiceOrder {
        InvoiceOrder { order, invoice: code(invoice), lines: lines(of) }
    }

    pub(crate) fn row(&self, order: OrderId) -> Row<OrderNo, Order> {
        ORDERS.find(&self.world.view, &order).expect("placed")
    }

    pub(crate) fn standing(&self, order: OrderId) -> Standing {
        standing(&self.world.view, &self.row(order))
    }

    pub(crate) fn line_if(&self, order: OrderId, line: u32) -> Option<Line> {
        LINES.get(&self.world.view, &(self.row(order).no, line))
    }

    pub(crate) fn line(&self, order: OrderId, line: u32) -> Line {
        self.line_if(order, line).expect("a line")
    }

    /// Counts of a line: allocated, shipped, delivered, accepted, invoiced.
    pub(crate) fn progress(&self, order: OrderId, line: u32) -> [u64; 5] {
        let progress = self.line(order, line).progress;
        [
            progress.allocated,
            progress.shipped,
            progress.delivered,
            progress.accepted,
            progress.invoiced,
        ]
    }

    /// The whole state, to compare.
    pub(crate) fn state(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.world.view.range(&[], None, usize::MAX)
    }

    pub(crate) fn check(&self) {
        invariants::check(&self.world.view).expect("no invariant of orders is broken");
        shipments::invariants::check(&self.world.view).expect("nor of shipments");
    }
}
