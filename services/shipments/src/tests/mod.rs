mod post;

use granary_book::{
    areas::Event,
    orders::{Incoterm, OrderLine, OrderPlaced, StatedTime},
    prices::Price,
    shipments::{
        self, DeliveredLine, HandoverAccepted, HandoverOffered, LoadedLot, Mode, PlannedLine,
        Position, Scan, ShipmentBooked, ShipmentDelivered, ShipmentLoaded, ShipmentPlanned,
        WaypointsRecorded,
    },
    vocabulary::{
        Code, Currency, Digest, Millis, OrderId, PartyId, Ppm, Quantity, ShipmentId, Unit,
    },
    wire::List,
};
use granary_proto::shipments::v1 as pb;
use granary_runtime::testing::{self, Chain, START};

use crate::shipments::{get_shipment, list_shipments};

const SELLER: u8 = 1;
const BUYER: u8 = 2;
const CARRIER: u8 = 3;
const ORDER: u8 = 10;
const SHIPMENT: u8 = 11;
/// One that its consignor carries, for no order.
const OWN_SHIPMENT: u8 = 12;

fn code(text: &str) -> Code {
    text.parse().expect("a code")
}

fn party(number: u8) -> String {
    testing::id::<PartyId>(number).to_string()
}

fn shipment_id(number: u8) -> String {
    testing::id::<ShipmentId>(number).to_string()
}

fn grams(amount: u64) -> Quantity {
    Quantity::new(amount, Unit::Gram)
}

fn happened(event: impl Into<shipments::Event>) -> Event {
    Event::from(event.into())
}

fn planned(number: u8, order: Option<OrderId>, carrier: Option<PartyId>) -> Event {
    let line = PlannedLine { line: 1, commodity: code("GARLIC"), quantity: grams(20_000) };
    happened(ShipmentPlanned {
        shipment: testing::id(number),
        planner: testing::id(SELLER),
        consignor: testing::id(SELLER),
        consignee: testing::id(BUYER),
        order,
        lines: List::new(vec![line]).expect("one"),
        from_warehouse: None,
        carrier,
        mode: Mode::Truck,
        destination: code("BEIJING"),
        imported: false,
    })
}

/// A chain with two shipments: a carrier's for an order, and the consignor's own.
fn chain() -> Chain {
    let mut chain = Chain::new(crate::TABLES, crate::lists());
    chain.entry(vec![], |view| {
        for number in [SELLER, BUYER, CARRIER] {
            testing::party(view, number);
        }
        testing::commodity(view, "GARLIC");
    });
    let line = OrderLine {
        commodity: code("GARLIC"),
        grade: None,
        quantity: grams(20_000),
        tolerance_ppm: Ppm::ZERO,
        price: Some(Price { minor_units: 560, per: grams(1_000) }),
        value_minor_units: None,
        place: code("BEIJING"),
        due: "2026-03-01".parse().expect("a date"),
    };
    let order = OrderPlaced {
        order: testing::id(ORDER),
        buyer: testing::id(BUYER),
        seller: testing::id(SELLER),
        currency: Currency::CNY,
        incoterm: Incoterm::Dap,
        lines: List::new(vec![line]).expect("one"),
        terms: Digest([9; 32]),
        source: None,
    };
    chain.happened(vec![granary_book::orders::Event::from(order).into()]);
    chain.happened(vec![
        planned(SHIPMENT, Some(testing::id(ORDER)), Some(testing::id(CARRIER))),
        planned(OWN_SHIPMENT, None, None),
    ]);
    chain
}

fn booked() -> Event {
    happened(ShipmentBooked {
        shipment: testing::id(SHIPMENT),
        carrier: testing::id(CARRIER),
        vehicle: code("TRUCK-7"),
        from_ms: START,
        to_ms: START.after(Millis::days(2)),
    })
}

fn loaded() -> Event {
    let lot = LoadedLot { line: 1, ticket: code("T-1"), quantity: grams(19_000) };
    happened(ShipmentLoaded {
        shipment: testing::id(SHIPMENT),
        custodian: testing::id(SELLER),
        lots: List::new(vec![lot]).expect("one"),
        seals: List::new(vec![code("S-1")]).expect("one"),
        loaded: StatedTime::at(START),
        weight: None,
        freight: None,
        insurance: None,
    })
}

fn get(chain: &Chain, number: u8) -> pb::Shipment {
    let request = pb::GetShipmentRequest { id: shipment_id(number), freshness: None };
    get_shipment(chain.queries(), &request).expect("a shipment")
}

fn listed(chain: &Chain, request: pb::ListShipmentsRequest) -> Vec<String> {
    let page = list_shipments(chain.queries(), &request).expect("a page");
    page.shipments.into_iter().map(|shipment| shipment.id).collect()
}

#[test]
fn a_shipment_tells_who_moves_what_for_which_order() {
    let chain = chain();
    let told = get(&chain, SHIPMENT);
    assert_eq!(told.stage(), pb::ShipmentStage::Planned);
    assert_eq!((told.consignor, told.consignee), (party(SELLER), party(BUYER)));
    assert_eq!(told.order, Some(testing::id::<OrderId>(ORDER).to_string()));
    assert_eq!((told.carrier, told.custody), (Some(party(CARRIER)), None));
    assert_eq!(told.history.len(), 1);
    assert_eq!(told.cargo.len(), 1);
    assert_eq!((told.cargo[0].line, told.cargo[0].commodity.as_str()), (1, "GARLIC"));
    assert_eq!((told.cargo[0].planned, told.cargo[0].loaded), (20_000, 0));
    let own = get(&chain, OWN_SHIPMENT);
    assert_eq!((own.order, own.carrier, own.booking), (None, None, None));
}

#[test]
fn custody_goes_from_hand_to_hand() {
    let mut chain = chain();
    chain.happened(vec![booked(), loaded()]);
    let told = get(&chain, SHIPMENT);
    assert_eq!(told.stage(), pb::ShipmentStage::Loaded);
    assert_eq!(told.seals, ["S-1"]);
    assert_eq!(told.booking.map(|booking| booking.vehicle).as_deref(), Some("TRUCK-7"));
    let custody = told.custody.expect("loaded goods are in somebody's");
    assert_eq!((custody.by, custody.offered_to), (party(SELLER), None));

    let (from, to, content) = (testing::id(SELLER), testing::id(CARRIER), Digest([2; 32]));
    let (shipment, until_ms) = (testing::id(SHIPMENT), START.after(Millis::days(1)));
    chain.happened(vec![happened(HandoverOffered { shipment, from, to, content, until_ms })]);
    let custody = get(&chain, SHIPMENT).custody.expect("as before");
    assert_eq!((custody.by, custody.offered_to), (party(SELLER), Some(party(CARRIER))));
    assert_eq!(custody.content.as_deref(), Some(&[2; 32][..]));
    assert_eq!(custody.offered_until_ms, Some(until_ms.ms()));

    let reservations = List::new(vec![]).expect("none");
    chain.happened(vec![happened(HandoverAccepted { shipment, from, to, content, reservations })]);
    let custody = get(&chain, SHIPMENT).custody.expect("the carrier's");
    assert_eq!((custody.by, custody.offered_to), (party(CARRIER), None));
}

#[test]
fn what_was_loaded_is_accounted_for() {
    let mut chain = chain();
    chain.happened(vec![booked(), loaded()]);
    assert_eq!(get(&chain, SHIPMENT).cargo[0].outstanding, 19_000);
    let seen = Scan {
        at_ms: START.after(Millis::hours(5)),
        place: None,
        position: Some(Position { latitude_e6: 39_904_000, longitude_e6: 116_407_000 }),
    };
    let on_the_way = WaypointsRecorded {
        shipment: testing::id(SHIPMENT),
        custodian: testing::id(SELLER),
        scans: List::new(vec![seen]).expect("one"),
    };
    let line =
        DeliveredLine { line: 1, delivered: grams(18_000), short: grams(300), damaged: grams(200) };
    let delivered = ShipmentDelivered {
        shipment: testing::id(SHIPMENT),
        consignee: testing::id(BUYER),
        lines: List::new(vec![line]).expect("one"),
        delivered: StatedTime::at(START.after(Millis::hours(9))),
        recorded: None,
        evidence: None,
    };
    chain.happened(vec![happened(on_the_way), happened(delivered)]);
    let told = get(&chain, SHIPMENT);
    let cargo = &told.cargo[0];
    assert_eq!((cargo.loaded, cargo.delivered), (19_000, 18_000));
    assert_eq!((cargo.short, cargo.damaged, cargo.outstanding), (300, 200, 500));
    let seen = told.seen.expect("it was seen");
    assert_eq!(seen.at_ms, START.after(Millis::hours(5)).ms());
    assert_eq!(seen.position.map(|position| position.longitude_e6), Some(116_407_000));
}

#[test]
fn a_shipment_is_listed_under_its_parties_and_its_order() {
    let mut chain = chain();
    let all = pb::ListShipmentsRequest::default;
    let both = [shipment_id(SHIPMENT), shipment_id(OWN_SHIPMENT)];
    let of_consignor = pb::ListShipmentsRequest { consignor: Some(party(SELLER)), ..all() };
    let of_consignee = pb::ListShipmentsRequest { consignee: Some(party(BUYER)), ..all() };
    assert_eq!(listed(&chain, of_consignor), both);
    assert_eq!(listed(&chain, of_consignee), both);
    let carried_by = |carrier| pb::ListShipmentsRequest { carrier: Some(party(carrier)), ..all() };
    assert_eq!(listed(&chain, carried_by(CARRIER)), [shipment_id(SHIPMENT)]);
    assert_eq!(listed(&chain, carried_by(SELLER)), [shipment_id(OWN_SHIPMENT)]);
    let order = Some(testing::id::<OrderId>(ORDER).to_string());
    let of_order = pb::ListShipmentsRequest { order, ..all() };
    assert_eq!(listed(&chain, of_order), [shipment_id(SHIPMENT)]);

    let at = |stage: pb::ShipmentStage| pb::ListShipmentsRequest {
        stage: Some(stage.into()),
        ..carried_by(CARRIER)
    };
    assert_eq!(listed(&chain, at(pb::ShipmentStage::Planned)).len(), 1);
    chain.happened(vec![booked()]);
    assert!(listed(&chain, at(pb::ShipmentStage::Planned)).is_empty());
    assert_eq!(listed(&chain, at(pb::ShipmentStage::Booked)).len(), 1);
}

#[test]
fn an_order_and_a_party_are_not_asked_for_together() {
    let request = pb::ListShipmentsRequest {
        consignor: Some(party(SELLER)),
        order: Some(testing::id::<OrderId>(ORDER).to_string()),
        carrier: Some(String::new()),
        ..pb::ListShipmentsRequest::default()
    };
    let status = list_shipments(chain().queries(), &request).expect_err("is refused");
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
    let message = status.message();
    assert!(message.contains("order: ") && message.contains("carrier: "), "{message}");
}
