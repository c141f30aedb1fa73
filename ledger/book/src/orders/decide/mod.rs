//! The rules about orders (domain.md section 6.6): one file for each process.

mod bill;
mod change;
mod finance;
mod inspect;
mod movement;
mod place;

pub use movement::{allocated, fulfilled, reopened, shipped};
pub(crate) use place::rate;

use super::{
    Command, Deadline, Event, Financing, LineQuantity, ORDERS, Order, OrderFinanceLapsed, refusal,
};
use crate::{
    areas,
    at::{At, Stamp},
    parties,
    refusal::{Code, Refusal},
    state::{Row, View},
    vocabulary::{OrderNo, PartyNo},
};

/// Decides a command about orders.
///
/// # Errors
///
/// The first guard that says no.
pub fn decide(
    view: &View<'_>,
    command: &Command,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let events = match command {
        Command::PlaceOrder(command) => place::place(view, command, at)?,
        Command::CountersignOrder(command) => place::countersign(view, command, at)?,
        Command::RejectOrder(command) => place::reject(view, command, at)?,
        Command::AmendOrder(command) => change::amend(view, command, at)?,
        Command::CancelOrder(command) => change::cancel(view, command, at)?,
        Command::OfferOrderForFinance(command) => finance::offer(view, command, at)?,
        Command::ConfirmOrderFinance(command) => finance::confirm(view, command, at)?,
        Command::ReleaseOrderFinance(command) => finance::release(view, command, at)?,
        Command::AcceptGoods(command) => inspect::accept(view, command, at)?,
        Command::RejectGoods(command) => inspect::reject(view, command, at)?,
        Command::InvoiceOrder(command) => bill::invoice(view, command, at)?,
        Command::SettleOrder(command) => bill::settle(view, command, at)?,
    };
    Ok(events.into_iter().map(Into::into).collect())
}

/// What a deadline of orders comes to.
pub fn fire(view: &View<'_>, deadline: &Deadline, stamp: &Stamp) -> Vec<areas::Event> {
    let event = match deadline {
        Deadline::InspectionEnds { order, shipment } => inspect::silence(view, *order, *shipment),
        Deadline::FinanceOfferEnds { order } => finance_lapsed(view, *order, stamp),
    };
    event.into_iter().map(Into::into).collect()
}

fn finance_lapsed(view: &View<'_>, order: OrderNo, stamp: &Stamp) -> Option<Event> {
    let order = ORDERS.get(view, order)?;
    match order.financing {
        // An offer made after this one was released has a later end.
        Financing::Offered { bank, until } if until <= stamp.time => {
            let bank = parties::id_of(view, bank)?;
            Some(OrderFinanceLapsed { order: order.id, bank }.into())
        }
        Financing::Offered { .. } | Financing::Free | Financing::Confirmed { .. } => None,
    }
}

/// Lines listed in a body stand in order, each once.
///
/// # Errors
///
/// `VALIDATION_FAILED`.
pub(crate) fn ascending(lines: &[LineQuantity]) -> Result<(), Refusal> {
    if lines.windows(2).all(|pair| pair[0].line < pair[1].line) {
        return Ok(());
    }
    Err(Refusal::new(Code::ValidationFailed).field("lines.line"))
}

fn require_buyer(order: &Row<OrderNo, Order>, at: &At<'_>) -> Result<(), Refusal> {
    require(order, at, order.value.buyer, "buyer")
}

fn require_seller(order: &Row<OrderNo, Order>, at: &At<'_>) -> Result<(), Refusal> {
    require(order, at, order.value.seller, "seller")
}

fn require(
    order: &Row<OrderNo, Order>,
    at: &At<'_>,
    who: PartyNo,
    name: &'static str,
) -> Result<(), Refusal> {
    if at.party == who {
        return Ok(());
    }
    Err(refusal::not_party(order.value.id, name))
}
