//! What must be true of all orders at every index.

use super::{DELIVERIES, INVOICES, Line, MAX_LINES, ORDERS, Progress, lines_of};
use crate::{
    state::View,
    vocabulary::{OrderId, OrderNo},
};

/// An order that contradicts an invariant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{order} contradicts: {invariant}")]
pub struct Breach {
    /// Which invariant.
    pub invariant: &'static str,
    /// Which order.
    pub order: OrderId,
}

/// How many rows are read at a time.
const PAGE: usize = 256;

/// Checks every order.
///
/// # Errors
///
/// The first breach found.
pub fn check(view: &View<'_>) -> Result<(), Breach> {
    let mut after = None;
    loop {
        let page = ORDERS.scan(view, after, PAGE);
        for order in &page {
            let breach = |invariant| Breach { invariant, order: order.value.id };
            check_lines(view, order.no).map_err(breach)?;
            check_invoices(view, order.no, order.value.invoices, order.value.unpaid)
                .map_err(breach)?;
        }
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.no);
    }
}

fn check_lines(view: &View<'_>, order: OrderNo) -> Result<(), &'static str> {
    let lines = lines_of(view, order);
    if lines.is_empty() || lines.len() > MAX_LINES {
        return Err("an order has 1 to 50 lines");
    }
    for (number, line) in lines {
        if !is_in_order(&line) {
            return Err(
                "INV-08: most >= allocated >= shipped >= delivered >= accepted >= invoiced",
            );
        }
        let Progress { delivered, accepted, .. } = line.progress;
        if delivered - accepted != waiting(view, order, number) {
            return Err("what is delivered and not accepted waits for inspection");
        }
    }
    Ok(())
}

fn is_in_order(line: &Line) -> bool {
    let Progress { allocated, shipped, delivered, accepted, invoiced } = line.progress;
    [line.most(), allocated, shipped, delivered, accepted, invoiced].is_sorted_by(|a, b| a >= b)
}

fn waiting(view: &View<'_>, order: OrderNo, line: u32) -> u64 {
    let (mut sum, mut after) = (0, None);
    loop {
        let page = DELIVERIES.scan(view, &order, after.as_ref(), PAGE);
        sum += page
            .iter()
            .filter(|((_, _, number), _)| *number == line)
            .map(|(_, delivery)| delivery.waiting)
            .sum::<u64>();
        let Some((last, _)) = page.last() else { return sum };
        after = Some(*last);
    }
}

fn check_invoices(
    view: &View<'_>,
    order: OrderNo,
    invoices: u32,
    unpaid: u32,
) -> Result<(), &'static str> {
    let (mut counts, mut after) = ((0, 0), None);
    loop {
        let page = INVOICES.scan(view, &order, after.as_ref(), PAGE);
        for (_, invoice) in &page {
            counts = (counts.0 + 1, counts.1 + u32::from(!invoice.paid));
        }
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
    }
    if counts == (invoices, unpaid) { Ok(()) } else { Err("an order counts its invoices") }
}
