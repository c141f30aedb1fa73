//! Writes what happened to orders.

use super::{
    DELIVERIES, Deadline, Delivery, Event, Financing, GoodsAccepted, GoodsRejected, IMPORTED,
    INVOICES, Invoice, InvoiceSettled, LINES, Line, LineQuantity, ORDERS, Order, OrderAmended,
    OrderFinanceConfirmed, OrderFinanceReserved, OrderInvoiced, OrderLinesFulfilled,
    OrderLinesReopened, OrderLinesShipped, OrderPlaced, Progress, Stage, rate,
};
use crate::{
    at::Stamp,
    deadline,
    names::{self, Space},
    parties::PARTIES,
    registries::{self, COMMODITIES},
    state::{BrokenHistory, View},
    vocabulary::{OrderId, OrderNo, PartyId, PartyNo, ShipmentId},
};

/// Writes an event.
///
/// # Errors
///
/// The event names something that isn't there.
pub fn evolve(view: &mut View<'_>, event: &Event, stamp: &Stamp) -> Result<(), BrokenHistory> {
    match event {
        Event::OrderPlaced(event) => place(view, event),
        Event::OrderCountersigned(event) => set_stage(view, event.order, Stage::Countersigned),
        Event::OrderRejected(event) => set_stage(view, event.order, Stage::Rejected),
        Event::OrderSettled(event) => set_stage(view, event.order, Stage::Settled),
        Event::OrderCancelled(event) => set_stage(view, event.order, Stage::Cancelled),
        Event::OrderAmended(event) => amend(view, event),
        Event::OrderFinanceReserved(event) => reserve(view, event, stamp),
        Event::OrderFinanceConfirmed(event) => confirm(view, event),
        Event::OrderFinanceReleased(event) => set_financing(view, event.order, Financing::Free),
        Event::OrderFinanceLapsed(event) => set_financing(view, event.order, Financing::Free),
        Event::OrderLinesAllocated(event) => {
            count(view, event.order, &event.lines, |progress, amount| {
                progress.allocated = progress.allocated.checked_add(amount)?;
                Some(())
            })
        }
        Event::OrderLinesShipped(event) => ship(view, event),
        Event::OrderLinesFulfilled(event) => fulfil(view, event, stamp),
        Event::OrderLinesReopened(event) => reopen(view, event),
        Event::GoodsAccepted(event) => accept(view, event),
        Event::GoodsRejected(event) => reject(view, event),
        Event::OrderInvoiced(event) => invoice(view, event),
        Event::InvoiceSettled(event) => settle(view, event),
        // An alarm: it changes nothing that rules read.
        Event::PaymentMisdirected(_) => Ok(()),
    }
}

const UNKNOWN: BrokenHistory = BrokenHistory("an event names no order, line or party");

fn party(view: &View<'_>, id: PartyId) -> Result<PartyNo, BrokenHistory> {
    PARTIES.no(view, &id).ok_or(UNKNOWN)
}

fn place(view: &mut View<'_>, event: &OrderPlaced) -> Result<(), BrokenHistory> {
    let buyer = party(view, event.buyer)?;
    let order = Order {
        id: event.order,
        buyer,
        seller: party(view, event.seller)?,
        currency: event.currency,
        incoterm: event.incoterm,
        terms: event.terms,
        imported: event.source.is_some(),
        stage: Stage::Placed,
        financing: Financing::Free,
        invoices: 0,
        unpaid: 0,
    };
    let no = ORDERS.insert(view, &event.order, &order)?;
    for (number, line) in (1..).zip(event.lines.iter()) {
        let commodity = COMMODITIES.no(view, &registries::key(&line.commodity)).ok_or(UNKNOWN)?;
        let line = Line {
            commodity,
            grade: line.grade.clone(),
            ordered: line.quantity,
            tolerance: line.tolerance_ppm,
            rate: rate(line).ok_or(BrokenHistory("a line of an order has no price"))?,
            place: line.place.clone(),
            due: line.due,
            progress: Progress::default(),
        };
        LINES.put(view, &(no, number), &line);
    }
    if let Some(source) = &event.source {
        names::take(view, Space::ImportKey, buyer, &source.key);
        IMPORTED.put(view, &(buyer, registries::key(&source.key)), &event.order);
    }
    Ok(())
}

fn set_stage(view: &mut View<'_>, order: OrderId, stage: Stage) -> Result<(), BrokenHistory> {
    let changed = ORDERS.update(view, &order, |order| {
        order.stage = stage;
        Ok(())
    });
    changed.map(drop)
}

fn set_financing(
    view: &mut View<'_>,
    order: OrderId,
    financing: Financing,
) -> Result<(), BrokenHistory> {
    let changed = ORDERS.update(view, &order, |order| {
        order.financing = financing;
        Ok(())
    });
    changed.map(drop)
}

fn reserve(
    view: &mut View<'_>,
    event: &OrderFinanceReserved,
    stamp: &Stamp,
) -> Result<(), BrokenHistory> {
    let bank = party(view, event.bank)?;
    let until = event.until_ms;
    set_financing(view, event.order, Financing::Offered { bank, until })?;
    let order = no(view, event.order)?;
    deadline::set(view, until, stamp.time, Deadline::FinanceOfferEnds { order });
    Ok(())
}

fn confirm(view: &mut View<'_>, event: &OrderFinanceConfirmed) -> Result<(), BrokenHistory> {
    let bank = party(view, event.bank)?;
    set_financing(view, event.order, Financing::Confirmed { bank, account: event.account })
}

fn no(view: &View<'_>, order: OrderId) -> Result<OrderNo, BrokenHistory> {
    ORDERS.no(view, &order).ok_or(UNKNOWN)
}

fn change_line(
    view: &mut View<'_>,
    key: (OrderNo, u32),
    change: impl FnOnce(&mut Line) -> Result<(), BrokenHistory>,
) -> Result<(), BrokenHistory> {
    let mut line = LINES.get(view, &key).ok_or(UNKNOWN)?;
    change(&mut line)?;
    LINES.put(view, &key, &line);
    Ok(())
}

/// Changes the counts of each line listed, by its quantity.
fn count(
    view: &mut View<'_>,
    order: OrderId,
    lines: &[LineQuantity],
    change: impl Fn(&mut Progress, u64) -> Option<()>,
) -> Result<(), BrokenHistory> {
    let no = no(view, order)?;
    for LineQuantity { line, quantity } in lines {
        change_line(view, (no, *line), |line| {
            line.progress = line.progress.changed(|p| change(p, quantity.amount()))?;
            Ok(())
        })?;
    }
    Ok(())
}

fn amend(view: &mut View<'_>, event: &OrderAmended) -> Result<(), BrokenHistory> {
    let no = no(view, event.order)?;
    change_line(view, (no, event.line), |line| {
        line.ordered = event.quantity;
        line.due = event.due;
        Ok(())
    })
}

fn ship(view: &mut View<'_>, event: &OrderLinesShipped) -> Result<(), BrokenHistory> {
    let no = no(view, event.order)?;
    for shipped in event.lines.iter() {
        let (planned, loaded) = (shipped.planned.amount(), shipped.loaded.amount());
        change_line(view, (no, shipped.line), |line| {
            line.progress = line.progress.changed(|progress| {
                let others = progress.allocated.checked_sub(planned)?;
                progress.allocated = others.checked_add(loaded)?;
                progress.shipped = progress.shipped.checked_add(loaded)?;
                Some(())
            })?;
            Ok(())
        })?;
    }
    Ok(())
}

fn fulfil(
    view: &mut View<'_>,
    event: &OrderLinesFulfilled,
    stamp: &Stamp,
) -> Result<(), BrokenHistory> {
    count(view, event.order, &event.lines, |progress, amount| {
        progress.delivered = progress.delivered.checked_add(amount)?;
        Some(())
    })?;
    let (order, until) = (no(view, event.order)?, event.inspect_until_ms);
    for LineQuantity { line, quantity } in event.lines.iter() {
        let delivery = Delivery { waiting: quantity.amount(), until };
        DELIVERIES.put(view, &(order, event.shipment, *line), &delivery);
    }
    let ends = Deadline::InspectionEnds { order, shipment: event.shipment };
    deadline::set(view, until, stamp.time, ends);
    Ok(())
}

fn reopen(view: &mut View<'_>, event: &OrderLinesReopened) -> Result<(), BrokenHistory> {
    count(view, event.order, &event.lines, |progress, amount| {
        progress.allocated = progress.allocated.checked_sub(amount)?;
        if event.loaded {
            progress.shipped = progress.shipped.checked_sub(amount)?;
        }
        Some(())
    })
}

/// Takes what was judged out of what waits.
fn judged(
    view: &mut View<'_>,
    order: OrderId,
    shipment: ShipmentId,
    lines: &[LineQuantity],
) -> Result<(), BrokenHistory> {
    let no = no(view, order)?;
    for LineQuantity { line, quantity } in lines {
        let key = (no, shipment, *line);
        let mut delivery = DELIVERIES.get(view, &key).ok_or(UNKNOWN)?;
        delivery.waiting = delivery
            .waiting
            .checked_sub(quantity.amount())
            .ok_or(BrokenHistory("more goods are judged than wait"))?;
        DELIVERIES.put(view, &key, &delivery);
    }
    Ok(())
}

fn accept(view: &mut View<'_>, event: &GoodsAccepted) -> Result<(), BrokenHistory> {
    judged(view, event.order, event.shipment, &event.lines)?;
    count(view, event.order, &event.lines, |progress, amount| {
        progress.accepted = progress.accepted.checked_add(amount)?;
        Some(())
    })
}

fn reject(view: &mut View<'_>, event: &GoodsRejected) -> Result<(), BrokenHistory> {
    judged(view, event.order, event.shipment, &event.lines)?;
    count(view, event.order, &event.lines, |progress, amount| {
        progress.allocated = progress.allocated.checked_sub(amount)?;
        progress.shipped = progress.shipped.checked_sub(amount)?;
        progress.delivered = progress.delivered.checked_sub(amount)?;
        Some(())
    })
}

fn invoice(view: &mut View<'_>, event: &OrderInvoiced) -> Result<(), BrokenHistory> {
    let no = no(view, event.order)?;
    for invoiced in event.lines.iter() {
        change_line(view, (no, invoiced.line), |line| {
            line.progress = line.progress.changed(|progress| {
                progress.invoiced = progress.invoiced.checked_add(invoiced.quantity.amount())?;
                Some(())
            })?;
            Ok(())
        })?;
    }
    let value = Invoice { minor_units: event.total.minor(), paid: false };
    INVOICES.put(view, &(no, registries::key(&event.invoice)), &value);
    let mut seller = None;
    ORDERS.update(view, &event.order, |order| {
        let more = |n: u32| n.checked_add(1).ok_or(BrokenHistory("too many invoices"));
        order.invoices = more(order.invoices)?;
        order.unpaid = more(order.unpaid)?;
        seller = Some(order.seller);
        Ok(())
    })?;
    names::take(view, Space::Invoice, seller.ok_or(UNKNOWN)?, &event.invoice);
    Ok(())
}

fn settle(view: &mut View<'_>, event: &InvoiceSettled) -> Result<(), BrokenHistory> {
    let no = ORDERS.update(view, &event.order, |order| {
        let paid = BrokenHistory("more invoices are paid than there are");
        order.unpaid = order.unpaid.checked_sub(1).ok_or(paid)?;
        Ok(())
    })?;
    let key = (no, registries::key(&event.invoice));
    let invoice = INVOICES.get(view, &key).ok_or(UNKNOWN)?;
    INVOICES.put(view, &key, &Invoice { paid: true, ..invoice });
    let payer = party(view, event.payer)?;
    names::take(view, Space::Settlement, payer, &event.reference);
    Ok(())
}
