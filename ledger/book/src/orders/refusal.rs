//! Why something about orders is refused. Codes 750 to 849.

use crate::{
    refusal::{Code, ObjectKind, Refusal},
    vocabulary::{Money, OrderId, PartyId, Quantity, ShipmentId, Time},
};

/// Buyer and seller have one beneficial owner and don't say so.
pub(super) fn related_undisclosed(buyer: PartyId) -> Refusal {
    Refusal::new(Code::RelatedPartyUndisclosed).other(ObjectKind::Party, buyer)
}

/// The bank that finances the order has not signed.
pub(super) fn lender_consent(order: OrderId) -> Refusal {
    Refusal::new(Code::LenderConsentRequired).subject(ObjectKind::Order, order)
}

/// Another bank has the order.
pub(super) fn already_financed(order: OrderId) -> Refusal {
    Refusal::new(Code::OrderAlreadyFinanced).subject(ObjectKind::Order, order)
}

/// More of a line than its tolerance allows.
pub(super) fn over_fulfilment(order: OrderId, most: Quantity, asked: Quantity) -> Refusal {
    Refusal::new(Code::OverFulfilment).subject(ObjectKind::Order, order).quantities(most, asked)
}

/// The inspection window is over.
pub(super) fn window_closed(shipment: ShipmentId, until: Time) -> Refusal {
    Refusal::new(Code::WindowClosed).subject(ObjectKind::Shipment, shipment).at(until)
}

/// More than waits for inspection.
pub(super) fn not_delivered(shipment: ShipmentId, waiting: Quantity, asked: Quantity) -> Refusal {
    Refusal::new(Code::QtyNotDelivered)
        .subject(ObjectKind::Shipment, shipment)
        .quantities(waiting, asked)
}

/// More than is accepted and not invoiced.
pub(super) fn not_accepted(order: OrderId, accepted: Quantity, asked: Quantity) -> Refusal {
    Refusal::new(Code::QtyNotAccepted).subject(ObjectKind::Order, order).quantities(accepted, asked)
}

/// Less than is on shipments already.
pub(super) fn below_allocated(order: OrderId, allocated: Quantity, asked: Quantity) -> Refusal {
    Refusal::new(Code::QtyBelowAllocated)
        .subject(ObjectKind::Order, order)
        .quantities(allocated, asked)
}

/// The seller used the number before.
pub(super) fn duplicate_invoice(order: OrderId) -> Refusal {
    Refusal::new(Code::DuplicateInvoice).subject(ObjectKind::Order, order)
}

/// Goods of the order move.
pub(super) fn in_transit(order: OrderId, moving: Quantity) -> Refusal {
    Refusal::new(Code::ShipmentInTransit)
        .subject(ObjectKind::Order, order)
        .quantities(Quantity::zero(moving.unit()), moving)
}

/// The record was imported before.
pub(super) fn imported_already(order: OrderId) -> Refusal {
    Refusal::new(Code::ImportedAlready).other(ObjectKind::Order, order)
}

/// Another amount than the invoice's.
pub(super) fn amount_mismatch(order: OrderId, invoiced: Money, paid: Money) -> Refusal {
    Refusal::new(Code::AmountMismatch).subject(ObjectKind::Order, order).amounts(invoiced, paid)
}

/// The payer used the reference before.
pub(super) fn duplicate_payment(order: OrderId) -> Refusal {
    Refusal::new(Code::DuplicatePayment).subject(ObjectKind::Order, order)
}

/// More of a line than is open.
pub(super) fn exceeds_order(order: OrderId, open: Quantity, asked: Quantity) -> Refusal {
    Refusal::new(Code::QtyExceedsOrder).subject(ObjectKind::Order, order).quantities(open, asked)
}

/// Another digest than that of the terms.
pub(super) fn terms_mismatch(order: OrderId) -> Refusal {
    Refusal::new(Code::TermsMismatch).subject(ObjectKind::Order, order)
}

/// Neither buyer nor seller, or not the one of them who may, or one of them has not signed.
pub(super) fn not_party(order: OrderId, who: &'static str) -> Refusal {
    Refusal::new(Code::NotAuthorised).subject(ObjectKind::Order, order).required(who)
}
