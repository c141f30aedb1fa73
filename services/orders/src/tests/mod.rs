use granary_book::{
    areas::Event,
    orders::{
        self, GoodsAccepted, Incoterm, InvoiceSettled, InvoicedLine, LineQuantity,
        OrderCountersigned, OrderFinanceConfirmed, OrderFinanceReserved, OrderInvoiced, OrderLine,
        OrderLinesAllocated, OrderLinesFulfilled, OrderLinesShipped, OrderPlaced, OrderSettled,
        Phrase, ShippedLine, Source, StatedTime,
    },
    prices::Price,
    vocabulary::{
        Code, Currency, Digest, Money, OrderId, PartyId, Ppm, Quantity, ShipmentId, Time, Unit,
    },
    wire::List,
};
use granary_proto::orders::v1 as pb;
use granary_runtime::testing::{self, Chain, START};
use tonic::Status;

use crate::orders::{get_order, list_orders};

const BUYER: u8 = 1;
const SELLER: u8 = 2;
const BANK: u8 = 3;
const ORDER: u8 = 10;
const SHIPMENT: u8 = 11;

fn code(text: &str) -> Code {
    text.parse().expect("a code")
}

fn party(number: u8) -> String {
    testing::id::<PartyId>(number).to_string()
}

fn order_id(number: u8) -> String {
    testing::id::<OrderId>(number).to_string()
}

fn grams(amount: u64) -> Quantity {
    Quantity::new(amount, Unit::Gram)
}

fn chain() -> Chain {
    let mut chain = Chain::new(crate::TABLES, crate::lists());
    chain.entry(vec![], |view| {
        for number in [BUYER, SELLER, BANK] {
            testing::party(view, number);
        }
        testing::commodity(view, "GARLIC");
    });
    chain
}

/// An order for 20 kg at 5.60 yuan a kilogram.
fn placed(number: u8, source: Option<&str>) -> Event {
    let unknown = StatedTime { at_ms: None, on: None, phrase: Some(Phrase::DateNotCaptured) };
    let source = source.map(|key| Source {
        key: code(key),
        digest: Digest([3; 32]),
        quoted: unknown.clone(),
        ordered: unknown.clone(),
    });
    let line = OrderLine {
        commodity: code("GARLIC"),
        grade: Some(code("A")),
        quantity: grams(20_000),
        tolerance_ppm: Ppm::new(50_000),
        price: Some(Price { minor_units: 560, per: grams(1_000) }),
        value_minor_units: None,
        place: code("BEIJING"),
        due: "2026-03-01".parse().expect("a date"),
    };
    happened(OrderPlaced {
        order: testing::id(number),
        buyer: testing::id(BUYER),
        seller: testing::id(SELLER),
        currency: Currency::CNY,
        incoterm: Incoterm::Dap,
        lines: List::new(vec![line]).expect("one"),
        terms: Digest([9; 32]),
        source,
    })
}

fn happened(event: impl Into<orders::Event>) -> Event {
    Event::from(event.into())
}

fn countersigned(number: u8) -> Event {
    happened(OrderCountersigned { order: testing::id(number), related_disclosed: false })
}

fn whole_line() -> List<LineQuantity, 1, 50> {
    List::new(vec![LineQuantity { line: 1, quantity: grams(20_000) }]).expect("one")
}

/// Planned, loaded and delivered, whole.
fn delivered() -> Vec<Event> {
    let (order, shipment) = (testing::id(ORDER), testing::id(SHIPMENT));
    let loaded = ShippedLine { line: 1, planned: grams(20_000), loaded: grams(20_000) };
    let lines = List::new(vec![loaded]).expect("one");
    let inspect_until_ms = Time::from_ms(START.ms() + 7);
    vec![
        happened(OrderLinesAllocated { order, shipment, lines: whole_line() }),
        happened(OrderLinesShipped { order, shipment, lines }),
        happened(OrderLinesFulfilled { order, shipment, lines: whole_line(), inspect_until_ms }),
    ]
}

fn get(chain: &Chain) -> pb::Order {
    let request = pb::GetOrderRequest { id: order_id(ORDER), freshness: None };
    get_order(chain.queries(), &request).expect("an order")
}

fn listed(chain: &Chain, request: pb::ListOrdersRequest) -> Vec<String> {
    let page = list_orders(chain.queries(), &request).expect("a page");
    page.orders.into_iter().map(|order| order.id).collect()
}

fn refused<T: std::fmt::Debug>(result: Result<T, Status>) -> String {
    let status = result.expect_err("is refused");
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
    status.message().to_owned()
}

#[test]
fn an_order_tells_its_parties_and_its_lines() {
    let mut chain = chain();
    chain.happened(vec![placed(ORDER, None)]);
    let told = get(&chain);
    assert_eq!((told.buyer.clone(), told.seller.clone()), (party(BUYER), party(SELLER)));
    assert_eq!((told.currency.as_str(), told.incoterm()), ("CNY", pb::Incoterm::Dap));
    assert_eq!(told.terms[..], [9; 32]);
    assert!(!told.imported && told.financing.is_none());
    assert_eq!(told.lines.len(), 1);
    let line = &told.lines[0];
    assert_eq!(
        (line.line, line.commodity.as_str(), line.grade.as_deref()),
        (1, "GARLIC", Some("A"))
    );
    assert_eq!(line.ordered.map(|ordered| ordered.amount), Some(20_000));
    assert_eq!((line.tolerance_ppm, line.due.as_str()), (50_000, "2026-03-01"));
    let rate = line.rate.expect("always");
    assert_eq!((rate.minor_units, rate.per.map(|per| per.amount)), (560, Some(1_000)));
    assert_eq!(line.progress, Some(pb::LineProgress::default()));
}

#[test]
fn an_order_goes_from_standing_to_standing() {
    let mut chain = chain();
    let (order, shipment) = (testing::id(ORDER), testing::id(SHIPMENT));
    let invoiced = InvoicedLine { line: 1, quantity: grams(20_000), minor_units: 11_200 };
    let total = Money::new(11_200, Currency::CNY);
    let steps = [
        (vec![placed(ORDER, None)], pb::OrderStanding::Placed),
        (vec![countersigned(ORDER)], pb::OrderStanding::Countersigned),
        (delivered(), pb::OrderStanding::Fulfilled),
        (
            vec![happened(GoodsAccepted { order, shipment, lines: whole_line(), silent: false })],
            pb::OrderStanding::Accepted,
        ),
        (
            vec![happened(OrderInvoiced {
                order,
                invoice: code("INV-1"),
                lines: List::new(vec![invoiced]).expect("one"),
                total,
            })],
            pb::OrderStanding::Invoiced,
        ),
        (
            vec![
                happened(InvoiceSettled {
                    order,
                    invoice: code("INV-1"),
                    amount: total,
                    payer: testing::id(BUYER),
                    reference: code("PAY-1"),
                    account: Digest([4; 32]),
                    paid: StatedTime::at(START),
                }),
                happened(OrderSettled { order }),
            ],
            pb::OrderStanding::Settled,
        ),
    ];
    for (events, standing) in steps {
        chain.happened(events);
        let told = get(&chain);
        assert_eq!(told.standing(), standing);
        let is_waiting = standing == pb::OrderStanding::Fulfilled;
        assert_eq!(told.inspections.len(), usize::from(is_waiting), "{standing:?}");
        let is_settled = standing == pb::OrderStanding::Settled;
        let is_invoiced = is_settled || standing == pb::OrderStanding::Invoiced;
        assert_eq!(told.invoice_count, u32::from(is_invoiced), "{standing:?}");
        assert_eq!(told.unpaid_count, u32::from(is_invoiced && !is_settled), "{standing:?}");
        let invoices: Vec<_> = told.invoices.iter().map(|i| (i.number.as_str(), i.paid)).collect();
        let expected = if is_invoiced { vec![("INV-1", is_settled)] } else { vec![] };
        assert_eq!(invoices, expected, "{standing:?}");
    }
    assert_eq!(get(&chain).history.len(), 9);
}

#[test]
fn goods_that_wait_for_inspection_are_told_with_their_end() {
    let mut chain = chain();
    chain.happened(vec![placed(ORDER, None), countersigned(ORDER)]);
    chain.happened(delivered());
    let told = get(&chain);
    let waiting = &told.inspections[0];
    assert_eq!(waiting.shipment, testing::id::<ShipmentId>(SHIPMENT).to_string());
    assert_eq!((waiting.line, waiting.until_ms), (1, START.ms() + 7));
    assert_eq!(waiting.waiting.map(|waiting| waiting.amount), Some(20_000));
    let progress = told.lines[0].progress.expect("always");
    assert_eq!(
        (progress.allocated, progress.shipped, progress.delivered),
        (20_000, 20_000, 20_000)
    );
    assert_eq!((progress.accepted, progress.invoiced), (0, 0));
    let page = list_orders(chain.queries(), &pb::ListOrdersRequest::default()).expect("a page");
    let listed = &page.orders[0];
    assert_eq!(listed.lines, told.lines);
    assert!(listed.inspections.is_empty() && listed.history.is_empty());
}

#[test]
fn a_bank_is_told_while_it_is_asked_and_when_it_has_confirmed() {
    let mut chain = chain();
    let (order, bank) = (testing::id(ORDER), testing::id(BANK));
    chain.happened(vec![placed(ORDER, None), countersigned(ORDER)]);
    chain.happened(vec![happened(OrderFinanceReserved { order, bank, until_ms: START })]);
    let asked = get(&chain).financing.expect("a bank is asked");
    assert_eq!((asked.bank, asked.offered_until_ms), (party(BANK), Some(START.ms())));
    assert_eq!(asked.account, None);
    let account = Digest([6; 32]);
    chain.happened(vec![happened(OrderFinanceConfirmed { order, bank, account })]);
    let confirmed = get(&chain).financing.expect("a bank confirmed");
    assert_eq!((confirmed.bank, confirmed.offered_until_ms), (party(BANK), None));
    assert_eq!(confirmed.account.as_deref(), Some(&[6; 32][..]));
}

#[test]
fn an_order_is_listed_under_buyer_and_seller_and_leaves_its_stage() {
    let mut chain = chain();
    chain.happened(vec![placed(ORDER, None)]);
    let all = pb::ListOrdersRequest::default;
    let (buyer, seller) = (Some(party(BUYER)), Some(party(SELLER)));
    let stage = |stage: pb::OrderStage| Some(stage.into());
    let of_buyer = |stage| pb::ListOrdersRequest { buyer: Some(party(BUYER)), stage, ..all() };
    assert_eq!(listed(&chain, pb::ListOrdersRequest { seller: seller.clone(), ..all() }).len(), 1);
    assert!(listed(&chain, pb::ListOrdersRequest { buyer: seller, ..all() }).is_empty());
    assert!(listed(&chain, pb::ListOrdersRequest { seller: buyer, ..all() }).is_empty());
    assert_eq!(listed(&chain, of_buyer(stage(pb::OrderStage::Placed))), [order_id(ORDER)]);
    chain.happened(vec![countersigned(ORDER)]);
    assert!(listed(&chain, of_buyer(stage(pb::OrderStage::Placed))).is_empty());
    assert_eq!(listed(&chain, of_buyer(stage(pb::OrderStage::Countersigned))), [order_id(ORDER)]);
    assert_eq!(listed(&chain, of_buyer(None)), [order_id(ORDER)]);
}

#[test]
fn an_imported_order_is_found_by_its_buyer_and_its_records_key() {
    let mut chain = chain();
    chain.happened(vec![placed(ORDER, Some("SCMS-1")), placed(ORDER + 1, Some("SCMS-2"))]);
    let by_key = |buyer: Option<u8>, key: &str| pb::ListOrdersRequest {
        buyer: buyer.map(party),
        source_key: Some(key.to_owned()),
        ..pb::ListOrdersRequest::default()
    };
    assert_eq!(listed(&chain, by_key(Some(BUYER), "SCMS-2")), [order_id(ORDER + 1)]);
    assert!(listed(&chain, by_key(Some(BUYER), "SCMS-3")).is_empty());
    assert!(listed(&chain, by_key(Some(SELLER), "SCMS-1")).is_empty());
    assert!(listed(&chain, by_key(Some(99), "SCMS-1")).is_empty());
    assert!(get(&chain).imported);
    let alone = refused(list_orders(chain.queries(), &by_key(None, "no key")));
    assert!(alone.contains("buyer: ") && alone.contains("source_key: "), "{alone}");
    let with_more = pb::ListOrdersRequest {
        seller: Some(party(SELLER)),
        stage: Some(1),
        page_token: "x".to_owned(),
        ..by_key(Some(BUYER), "SCMS-1")
    };
    let with_more = refused(list_orders(chain.queries(), &with_more));
    for field in ["seller: ", "stage: ", "page_token: "] {
        assert!(with_more.contains(field), "{with_more}");
    }
}

#[test]
fn a_page_of_orders_is_bounded_lower_than_others() {
    let mut chain = chain();
    let number = |place: usize| u8::try_from(place).expect("few");
    chain.happened((0..=200).map(|place| placed(number(place), None)).collect());
    let request = pb::ListOrdersRequest { page_size: 1_000, ..pb::ListOrdersRequest::default() };
    let first = list_orders(chain.queries(), &request).expect("a page");
    assert_eq!(first.orders.len(), 200);
    let rest = pb::ListOrdersRequest { page_token: first.next_page_token, ..request };
    let rest = list_orders(chain.queries(), &rest).expect("a page");
    assert_eq!(rest.orders.len(), 1);
    assert_eq!(rest.next_page_token, "");
}
