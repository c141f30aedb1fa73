//! Orders of the book as they go over the wire.

use granary_book::{
    orders::{
        DELIVERIES, Delivery, Financing, INVOICES, Invoice, Line, Order, Progress, Stage, Standing,
        lines_of, standing,
    },
    registries::CodeKey,
    state::Row,
    vocabulary::{Money, OrderNo, Quantity, ShipmentId},
};
use granary_proto::orders::v1 as pb;
use granary_runtime::{reading::Reading, wire};

/// Most invoices, and most lines that wait for inspection, in one answer.
const PARTS_MAX: usize = 1_000;

/// Most deliveries looked through for those that wait: 200 shipments of 50 lines each.
const DELIVERIES_MAX: usize = 10_000;

/// An order with its lines.
pub(crate) fn order(reading: &Reading<'_>, row: &Row<OrderNo, Order>) -> pb::Order {
    let Order {
        id,
        buyer,
        seller,
        currency,
        incoterm,
        terms,
        imported,
        stage: said,
        financing: financed_by,
        invoices,
        unpaid,
    } = &row.value;
    let lines = lines_of(&reading.view, row.no);
    pb::Order {
        id: id.to_string(),
        buyer: reading.party(*buyer),
        seller: reading.party(*seller),
        currency: currency.to_string(),
        incoterm: incoterm.number().cast_signed(),
        terms: terms.0.to_vec().into(),
        imported: *imported,
        stage: stage(*said).into(),
        standing: order_standing(standing(&reading.view, row)).into(),
        lines: lines.iter().map(|(number, ordered)| line(reading, *number, ordered)).collect(),
        financing: financing(reading, financed_by),
        invoice_count: *invoices,
        unpaid_count: *unpaid,
        invoices: Vec::new(),
        inspections: Vec::new(),
        as_of_index: reading.as_of_index,
        history: Vec::new(),
    }
}

/// An order with everything that hangs on it.
pub(crate) fn whole_order(reading: &Reading<'_>, row: &Row<OrderNo, Order>) -> pb::Order {
    pb::Order {
        invoices: invoices(reading, row),
        inspections: inspections(reading, row.no),
        history: reading.history(row.value.id),
        ..order(reading, row)
    }
}

/// What was said of an order.
pub(crate) const fn stage(stage: Stage) -> pb::OrderStage {
    match stage {
        Stage::Placed => pb::OrderStage::Placed,
        Stage::Countersigned => pb::OrderStage::Countersigned,
        Stage::Settled => pb::OrderStage::Settled,
        Stage::Rejected => pb::OrderStage::Rejected,
        Stage::Cancelled => pb::OrderStage::Cancelled,
    }
}

const fn order_standing(standing: Standing) -> pb::OrderStanding {
    match standing {
        Standing::Placed => pb::OrderStanding::Placed,
        Standing::Countersigned => pb::OrderStanding::Countersigned,
        Standing::PartlyFulfilled => pb::OrderStanding::PartlyFulfilled,
        Standing::Fulfilled => pb::OrderStanding::Fulfilled,
        Standing::Accepted => pb::OrderStanding::Accepted,
        Standing::Invoiced => pb::OrderStanding::Invoiced,
        Standing::Settled => pb::OrderStanding::Settled,
        Standing::Rejected => pb::OrderStanding::Rejected,
        Standing::Cancelled => pb::OrderStanding::Cancelled,
    }
}

fn line(reading: &Reading<'_>, number: u32, line: &Line) -> pb::Line {
    let Line { commodity, grade, ordered, tolerance, rate, place, due, progress } = line;
    let Progress { allocated, shipped, delivered, accepted, invoiced } = *progress;
    pb::Line {
        line: number,
        commodity: reading.commodity(*commodity),
        grade: grade.as_ref().map(ToString::to_string),
        ordered: Some(wire::quantity(*ordered)),
        tolerance_ppm: tolerance.get(),
        rate: Some(wire::price(rate)),
        place: place.to_string(),
        due: due.to_string(),
        progress: Some(pb::LineProgress { allocated, shipped, delivered, accepted, invoiced }),
    }
}

fn financing(reading: &Reading<'_>, financing: &Financing) -> Option<pb::OrderFinancing> {
    match financing {
        Financing::Free => None,
        Financing::Offered { bank, until } => Some(pb::OrderFinancing {
            bank: reading.party(*bank),
            offered_until_ms: Some(until.ms()),
            account: None,
        }),
        Financing::Confirmed { bank, account } => Some(pb::OrderFinancing {
            bank: reading.party(*bank),
            offered_until_ms: None,
            account: Some(account.0.to_vec().into()),
        }),
    }
}

fn invoices(reading: &Reading<'_>, row: &Row<OrderNo, Order>) -> Vec<pb::Invoice> {
    let rows = INVOICES.scan(&reading.view, &row.no, None, PARTS_MAX);
    let invoice = |((_, number), invoice): ((OrderNo, CodeKey), Invoice)| {
        let amount = Money::new(invoice.minor_units, row.value.currency);
        pb::Invoice {
            number: wire::code(&number),
            amount: Some(wire::money(amount)),
            paid: invoice.paid,
        }
    };
    rows.into_iter().map(invoice).collect()
}

fn inspections(reading: &Reading<'_>, order: OrderNo) -> Vec<pb::Inspection> {
    let lines = lines_of(&reading.view, order);
    let unit = |number: u32| {
        let line = lines.iter().find(|(other, _)| *other == number)?;
        Some(line.1.ordered.unit())
    };
    let rows = DELIVERIES.scan(&reading.view, &order, None, DELIVERIES_MAX);
    let inspection = |((_, shipment, line), delivery): ((OrderNo, ShipmentId, u32), Delivery)| {
        let Delivery { waiting, until } = delivery;
        let waiting = Quantity::new(waiting, unit(line)?);
        Some(pb::Inspection {
            shipment: shipment.to_string(),
            line,
            waiting: Some(wire::quantity(waiting)),
            until_ms: until.ms(),
        })
    };
    // A delivery that was judged whole stays on record, with nothing waiting.
    let waiting = rows.into_iter().filter(|(_, delivery)| delivery.waiting > 0);
    waiting.filter_map(inspection).take(PARTS_MAX).collect()
}
