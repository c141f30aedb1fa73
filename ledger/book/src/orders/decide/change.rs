//! Changing an order that binds, and ending one.

use super::require_buyer;
use crate::{
    at::At,
    orders::{
        AmendOrder, CancelOrder, Event, Financing, Line, Order, OrderAmended, OrderCancelled,
        OrderSettled, Stage, binding, find, line, lines_of, refusal, standing,
    },
    refusal::{Code, ObjectKind, Refusal},
    state::{Row, View},
    vocabulary::{OrderNo, Quantity},
};

/// Row "AmendOrder": both sign, the bank that finances it too, and what is on shipments stays.
pub(super) fn amend(
    view: &View<'_>,
    command: &AmendOrder,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let order = binding(view, command.order)?;
    require_both(&order, at)?;
    require_lender(&order, at)?;
    let mut line = line(view, &order, command.line)?;
    if command.quantity.unit() != line.ordered.unit() {
        return Err(Refusal::new(Code::UnitMismatch).field("quantity"));
    }
    line.ordered = command.quantity;
    if line.most() < line.progress.allocated {
        let allocated = Quantity::new(line.progress.allocated, line.ordered.unit());
        return Err(refusal::below_allocated(command.order, allocated, command.quantity));
    }
    if line.charge(line.most()).is_none() {
        return Err(Refusal::new(Code::Overflow).field("quantity"));
    }
    let amended = OrderAmended {
        order: command.order,
        line: command.line,
        quantity: command.quantity,
        due: command.due,
    };
    let mut events = vec![amended.into()];
    if is_settled(view, &order, order.value.unpaid, Some((command.line, &line))) {
        events.push(OrderSettled { order: command.order }.into());
    }
    Ok(events)
}

/// Whether all of an order is done, when so many invoices are unpaid and a line is as given.
pub(super) fn is_settled(
    view: &View<'_>,
    order: &Row<OrderNo, Order>,
    unpaid: u32,
    changed: Option<(u32, &Line)>,
) -> bool {
    let complete = |(number, line): (u32, Line)| match changed {
        Some((other, changed)) if other == number => changed.is_complete(),
        Some(_) | None => line.is_complete(),
    };
    order.value.invoices > 0 && unpaid == 0 && lines_of(view, order.no).into_iter().all(complete)
}

/// Row "Cancel": nothing was delivered, no goods move, and who is bound agrees.
pub(super) fn cancel(
    view: &View<'_>,
    command: &CancelOrder,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let order = find(view, command.order)?;
    let invalid = || {
        let state = standing(view, &order).name();
        Err(Refusal::state(ObjectKind::Order, command.order, state))
    };
    match order.value.stage {
        Stage::Placed => require_buyer(&order, at)?,
        Stage::Countersigned => {
            let lines = lines_of(view, order.no);
            if lines.iter().any(|(_, line)| line.progress.delivered > 0) {
                return invalid();
            }
            require_both(&order, at)?;
            require_lender(&order, at)?;
            if let Some((_, line)) = lines.iter().find(|(_, line)| line.progress.shipped > 0) {
                let moving = Quantity::new(line.progress.shipped, line.ordered.unit());
                return Err(refusal::in_transit(command.order, moving));
            }
        }
        Stage::Settled | Stage::Rejected | Stage::Cancelled => return invalid(),
    }
    Ok(vec![OrderCancelled { order: command.order, reason: command.reason.clone() }.into()])
}

/// Said by buyer or seller, signed by both.
fn require_both(order: &Row<OrderNo, Order>, at: &At<'_>) -> Result<(), Refusal> {
    let Order { id, buyer, seller, .. } = order.value;
    if at.party != buyer && at.party != seller {
        return Err(refusal::not_party(id, "buyer"));
    }
    for (party, name) in [(buyer, "buyer"), (seller, "seller")] {
        if !at.signed_by(party) {
            return Err(refusal::not_party(id, name));
        }
    }
    Ok(())
}

/// The bank that finances the order consents by its signature.
fn require_lender(order: &Row<OrderNo, Order>, at: &At<'_>) -> Result<(), Refusal> {
    match order.value.financing {
        Financing::Confirmed { bank, .. } if !at.signed_by(bank) => {
            Err(refusal::lender_consent(order.value.id))
        }
        Financing::Confirmed { .. } | Financing::Offered { .. } | Financing::Free => Ok(()),
    }
}
