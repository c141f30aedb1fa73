//! The order, the shipment, the payment.

use anyhow::Context as _;
use granary_book::{
    credit::{LoanSettled, RecordPayment},
    orders::{
        AcceptGoods, CountersignOrder, Incoterm, InvoiceOrder, LineQuantity, OrderLine, PlaceOrder,
        SettleOrder, StatedTime,
    },
    prices::Price,
    receipts::{CompleteDelivery, RecordGateOut, SurrenderReceipt},
    shipments::{
        AcceptHandover, BookCarrier, CloseShipment, DeliveredLine, LoadedLot, Mode, OfferHandover,
        PlanShipment, RecordDelivery, RecordLoading, RecordShipmentArrival, RecordWaypoint, Scan,
    },
    vocabulary::{Currency, Digest, Millis, OrderId, Ppm, ReceiptId, ReleaseOrderId, ShipmentId},
    wire::{List, Message},
};
use granary_log::hash::sha256;

use super::{
    finance::{Loan, yuan_of},
    goods::{LOT_G, date, digest, grams},
    stage::Stage,
    tell::{Teller, yuan},
};

/// 6.00 yuan a kilogram, agreed in spring.
const FEN_PER_KG: u64 = 600;
/// 20 t at that price: 120,000 yuan.
const INVOICE_FEN: u64 = LOT_G / 1_000 * FEN_PER_KG;

fn one<T, const MAX: usize>(member: T) -> anyhow::Result<List<T, 1, MAX>> {
    List::new(vec![member]).context("one member")
}

fn line(quantity: u64) -> anyhow::Result<List<LineQuantity, 1, 50>> {
    one(LineQuantity { line: 1, quantity: grams(quantity) })
}

/// The buyer orders, the cooperative countersigns.
pub(super) async fn order(stage: &mut Stage, teller: &Teller) -> anyhow::Result<OrderId> {
    let (buyer, cooperative) = (stage.actor("buyer")?, stage.actor("cooperative")?);
    let place = PlaceOrder {
        seller: cooperative.id,
        currency: Currency::CNY,
        incoterm: Incoterm::Dap,
        lines: one(OrderLine {
            commodity: "GARLIC".parse()?,
            grade: Some("A".parse()?),
            quantity: grams(LOT_G),
            tolerance_ppm: Ppm::new(10_000),
            price: Some(Price { minor_units: FEN_PER_KG, per: grams(1_000) }),
            value_minor_units: None,
            place: "HARBOUR-7".parse()?,
            due: date("2025-06-30")?,
        })?,
        source: None,
    };
    let said = stage.say(&buyer, &place).await?;
    let order: OrderId = said.made(0);
    teller.act(&said, "Harbour Foods orders 20 tonnes of grade A at 6.00 yuan a kilogram.")?;
    let countersign = CountersignOrder {
        order,
        terms: Digest(sha256(&place.encode()).0),
        related_disclosed: false,
    };
    let said = stage.say(&cooperative, &countersign).await?;
    teller.act(&said, "The cooperative countersigns the very terms it has read.")?;
    Ok(order)
}

/// Surrendered with the bank's consent, through the gate against a release order, and to the buyer.
pub(super) async fn ship(
    stage: &mut Stage,
    teller: &Teller,
    receipt: ReceiptId,
    order: OrderId,
) -> anyhow::Result<ShipmentId> {
    let cooperative = stage.actor("cooperative")?;
    let (bank, warehouse) = (stage.actor("bank")?, stage.actor("warehouse")?);
    let carrier = stage.actor("carrier")?;
    let surrender =
        SurrenderReceipt { receipt, collector: "LONG-ROAD-4411".parse()?, expected_version: None };
    let alone = stage.try_to_say(&cooperative, &surrender).await?;
    anyhow::ensure!(alone.refusal().is_some(), "pledged goods were surrendered without the bank");
    teller.refused(&alone, "The cooperative surrenders the pledged receipt alone.")?;
    let said = stage.say_with(&cooperative, &bank, &surrender).await?;
    let release: ReleaseOrderId = said.made(0);
    teller.act(
        &said,
        "With the bank's signature beside its own it works: a release order is made.",
    )?;
    let plan = PlanShipment {
        order,
        lines: line(LOT_G)?,
        from_warehouse: Some(warehouse.id),
        carrier: Some(carrier.id),
        mode: Mode::Truck,
        destination: "HARBOUR-7".parse()?,
    };
    let said = stage.say(&cooperative, &plan).await?;
    let shipment: ShipmentId = said.made(0);
    let booking = BookCarrier {
        shipment,
        vehicle: "TRUCK-4411".parse()?,
        from_ms: stage.now,
        to_ms: stage.now.after(Millis::days(3)),
    };
    let said = stage.say(&carrier, &booking).await?;
    teller.act(&said, "Long Road Logistics takes the load on.")?;
    let gate_out = RecordGateOut {
        order: release,
        ticket: "G-0001".parse()?,
        quantity: grams(LOT_G),
        collector: "LONG-ROAD-4411".parse()?,
        occurred_at_ms: stage.now,
    };
    let said = stage.say_both(&warehouse, &gate_out).await?;
    teller.act(
        &said,
        "Two persons at the gate let 20 t out, against the release order and no other paper.",
    )?;
    load_and_deliver(stage, teller, shipment).await?;
    let said =
        stage.say_with(&warehouse, &cooperative, &CompleteDelivery { order: release }).await?;
    teller.act(&said, "The warehouse completes the delivery: the receipt has done its work.")?;
    Ok(shipment)
}

async fn load_and_deliver(
    stage: &mut Stage,
    teller: &Teller,
    shipment: ShipmentId,
) -> anyhow::Result<()> {
    let cooperative = stage.actor("cooperative")?;
    let (carrier, buyer) = (stage.actor("carrier")?, stage.actor("buyer")?);
    let seals = List::new(vec!["SEAL-9001".parse()?]).context("one seal")?;
    let loading = RecordLoading {
        shipment,
        lots: one(LoadedLot { line: 1, ticket: "G-0001".parse()?, quantity: grams(LOT_G) })?,
        seals: seals.clone(),
        loaded: StatedTime::at(stage.now),
        weight: None,
        freight: None,
        insurance: None,
    };
    let said = stage.say(&cooperative, &loading).await?;
    teller.act(
        &said,
        "Loaded under the gate's own ticket: what left the warehouse is what travels.",
    )?;
    let content = digest("consignment note 4411");
    let offer = OfferHandover {
        shipment,
        to: carrier.id,
        content,
        expires_at_ms: stage.now.after(Millis::hours(6)),
    };
    stage.say(&cooperative, &offer).await?;
    let none = || List::new(Vec::new()).context("none");
    let take = AcceptHandover { shipment, content, seals, reservations: none()? };
    let said = stage.say(&carrier, &take).await?;
    teller.act(&said, "The carrier takes custody: both signed the same note.")?;
    stage.pass(Millis::hours(30)).await?;
    let scan = Scan { at_ms: stage.now, place: Some("TOLL-17".parse()?), position: None };
    let said = stage.say(&carrier, &RecordWaypoint { shipment, scans: one(scan)? }).await?;
    teller.act(&said, "A scan on the road.")?;
    stage.pass(Millis::hours(8)).await?;
    let arrival = RecordShipmentArrival {
        shipment,
        place: "HARBOUR-7".parse()?,
        arrived: StatedTime::at(stage.now),
    };
    stage.say(&carrier, &arrival).await?;
    let delivery = RecordDelivery {
        shipment,
        lines: one(DeliveredLine {
            line: 1,
            delivered: grams(LOT_G - 20_000),
            short: grams(20_000),
            damaged: grams(0),
        })?,
        delivered: StatedTime::at(stage.now),
        recorded: None,
        evidence: Some(digest("photos at the ramp")),
    };
    let said = stage.say(&buyer, &delivery).await?;
    teller.act(&said, "Harbour Foods signs for the delivery with its own key: 20 kg short.")?;
    let said = stage.say(&carrier, &CloseShipment { shipment }).await?;
    teller.act(&said, "Loaded = delivered + short: the shipment closes to zero.")
}

/// Accepted, invoiced, paid to the bank; the loan is repaid and the rest goes to the cooperative.
pub(super) async fn settle(
    stage: &mut Stage,
    teller: &Teller,
    order: OrderId,
    shipment: ShipmentId,
    loan: &Loan,
) -> anyhow::Result<()> {
    let (buyer, cooperative) = (stage.actor("buyer")?, stage.actor("cooperative")?);
    let bank = stage.actor("bank")?;
    let delivered = LOT_G - 20_000;
    let accept = AcceptGoods { order, shipment, lines: line(delivered)? };
    let said = stage.say(&buyer, &accept).await?;
    teller.act(&said, "The buyer accepts what was delivered.")?;
    let invoice = InvoiceOrder { order, invoice: "TR-2025-001".parse()?, lines: line(delivered)? };
    let said = stage.say(&cooperative, &invoice).await?;
    let amount = INVOICE_FEN - 20 * FEN_PER_KG;
    teller
        .act(&said, &format!("The cooperative invoices {}; the book computed it.", yuan(amount)))?;
    stage.pass(Millis::days(2)).await?;
    let settle = SettleOrder {
        order,
        invoice: "TR-2025-001".parse()?,
        amount: yuan_of(amount),
        reference: "HF-77120".parse()?,
        account: digest("the controlled account at First Valley Bank"),
        paid: StatedTime::at(stage.now),
    };
    let said = stage.say(&buyer, &settle).await?;
    teller.act(&said, "The buyer pays the invoice into the controlled account.")?;
    let payment = RecordPayment {
        loan: loan.id,
        amount: yuan_of(amount),
        bank_reference: "FV-20250506-9".parse()?,
    };
    let said = stage.say(&bank, &payment).await?;
    anyhow::ensure!(said.has::<LoanSettled>(), "the sale did not repay the loan");
    teller.act(
        &said,
        "The bank takes interest and principal in the agreed order; the rest is the cooperative's.",
    )
}
