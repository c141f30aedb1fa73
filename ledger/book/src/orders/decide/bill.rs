//! Invoices and their payment (rows "Invoice" and "Settle").

use super::{ascending, change::is_settled, require_seller};
use crate::{
    at::At,
    names::{self, Space},
    orders::{
        Event, Financing, INVOICES, InvoiceOrder, InvoiceSettled, InvoicedLine, LineQuantity,
        Order, OrderInvoiced, OrderSettled, PaymentMisdirected, SettleOrder, binding, counted,
        line, refusal,
    },
    parties,
    refusal::{Code, ObjectKind, Refusal},
    registries,
    state::{Row, View},
    vocabulary::{Money, OrderNo, Quantity},
    wire::List,
};

/// The seller invoices accepted goods.
pub(super) fn invoice(
    view: &View<'_>,
    command: &InvoiceOrder,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let order = binding(view, command.order)?;
    require_seller(&order, at)?;
    if names::is_taken(view, Space::Invoice, at.party, &command.invoice) {
        return Err(refusal::duplicate_invoice(command.order));
    }
    ascending(&command.lines)?;
    let mut lines = Vec::with_capacity(command.lines.len());
    let mut total = Money::zero(order.value.currency);
    for listed in command.lines.iter() {
        let invoiced = invoice_line(view, &order, listed)?;
        let amount = Money::new(invoiced.minor_units, order.value.currency);
        total = total
            .checked_add(amount)
            .map_err(|_| Refusal::new(Code::Overflow).field("lines.quantity"))?;
        lines.push(invoiced);
    }
    if total.is_zero() {
        return Err(Refusal::new(Code::AmountZero).field("lines.quantity"));
    }
    let lines = List::new(lines).ok_or(Code::ValidationFailed)?;
    let (order, invoice) = (command.order, command.invoice.clone());
    Ok(vec![OrderInvoiced { order, invoice, lines, total }.into()])
}

/// The amount is the difference that the quantity makes to the line's running total.
fn invoice_line(
    view: &View<'_>,
    order: &Row<OrderNo, Order>,
    listed: &LineQuantity,
) -> Result<InvoicedLine, Refusal> {
    let line = line(view, order, listed.line)?;
    let amount = counted(&line, listed.quantity)?;
    let before = line.progress.invoiced;
    let open = line.progress.accepted.saturating_sub(before);
    if amount > open {
        let open = Quantity::new(open, line.ordered.unit());
        return Err(refusal::not_accepted(order.value.id, open, listed.quantity));
    }
    let overflow = || Refusal::new(Code::Overflow).field("lines.quantity");
    let after = before.checked_add(amount).and_then(|sum| line.charge(sum));
    let minor_units = after
        .zip(line.charge(before))
        .and_then(|(after, before)| after.checked_sub(before))
        .ok_or_else(overflow)?;
    Ok(InvoicedLine { line: listed.line, quantity: listed.quantity, minor_units })
}

/// The buyer, or the bank that finances the order, says that an invoice was paid.
pub(super) fn settle(
    view: &View<'_>,
    command: &SettleOrder,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let order = binding(view, command.order)?;
    let lender = match order.value.financing {
        Financing::Confirmed { bank, account } => Some((bank, account)),
        Financing::Offered { .. } | Financing::Free => None,
    };
    if at.party != order.value.buyer && lender.is_none_or(|(bank, _)| bank != at.party) {
        return Err(refusal::not_party(command.order, "buyer"));
    }
    check_payment(view, &order, command, at)?;
    let settled = InvoiceSettled {
        order: command.order,
        invoice: command.invoice.clone(),
        amount: command.amount,
        payer: at.party_id,
        reference: command.reference.clone(),
        account: command.account,
        paid: command.paid.clone(),
    };
    let mut events = vec![settled.into()];
    if let Some((bank, expected)) = lender
        && expected != command.account
    {
        let misdirected = PaymentMisdirected {
            order: command.order,
            invoice: command.invoice.clone(),
            bank: parties::id_of(view, bank).ok_or(Code::NotFound)?,
            expected,
            actual: command.account,
        };
        events.push(misdirected.into());
    }
    if is_settled(view, &order, order.value.unpaid.saturating_sub(1), None) {
        events.push(OrderSettled { order: command.order }.into());
    }
    Ok(events)
}

fn check_payment(
    view: &View<'_>,
    order: &Row<OrderNo, Order>,
    command: &SettleOrder,
    at: &At<'_>,
) -> Result<(), Refusal> {
    let invoice = INVOICES
        .get(view, &(order.no, registries::key(&command.invoice)))
        .ok_or_else(|| Refusal::not_found(ObjectKind::Order, command.order).field("invoice"))?;
    if invoice.paid {
        return Err(Refusal::state(ObjectKind::Order, command.order, "PAID").field("invoice"));
    }
    if command.amount.currency() != order.value.currency {
        return Err(Refusal::new(Code::CurrencyMismatch).field("amount"));
    }
    let invoiced = Money::new(invoice.minor_units, order.value.currency);
    if command.amount != invoiced {
        return Err(refusal::amount_mismatch(command.order, invoiced, command.amount));
    }
    if names::is_taken(view, Space::Settlement, at.party, &command.reference) {
        return Err(refusal::duplicate_payment(command.order));
    }
    command.paid.check(view, at, "paid", order.value.imported)
}
