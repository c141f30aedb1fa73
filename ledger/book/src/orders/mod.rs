//! Orders: what a buyer and a seller agreed, and how far it is with the goods and the money.
//!
//! Invariants: per line, what may be loaded >= allocated >= shipped >= delivered >= accepted >= invoiced
//! (INV-08); what is delivered and not accepted waits for inspection, until the buyer judges it or the
//! window ends; an order is financed by one bank at a time (INV-39); invoice numbers, payment references
//! and keys of imported records are used once (INV-09); the invoices of a line add up to its rate times
//! what they cover, rounded once. Shipments say how goods move; orders say what that means to the order.

mod authority;
mod command;
mod decide;
mod event;
mod evolve;
pub mod invariants;
mod refusal;
mod state;
mod stated;
#[cfg(test)]
pub(crate) mod tests;

pub use authority::AUTHORITY;
pub use command::{
    AcceptGoods, AmendOrder, CancelOrder, Command, ConfirmOrderFinance, CountersignOrder, Incoterm,
    InvoiceOrder, LineQuantity, OfferOrderForFinance, OrderLine, PlaceOrder, RejectGoods,
    RejectOrder, ReleaseOrderFinance, SettleOrder,
};
pub use decide::{allocated, decide, fire, fulfilled, reopened, shipped};
pub(crate) use decide::{ascending, rate};
pub use event::{
    Event, GoodsAccepted, GoodsRejected, InvoiceSettled, InvoicedLine, OrderAmended,
    OrderCancelled, OrderCountersigned, OrderFinanceConfirmed, OrderFinanceLapsed,
    OrderFinanceReleased, OrderFinanceReserved, OrderInvoiced, OrderLinesAllocated,
    OrderLinesFulfilled, OrderLinesReopened, OrderLinesShipped, OrderPlaced, OrderRejected,
    OrderSettled, PaymentMisdirected, ShippedLine,
};
pub use evolve::evolve;
pub use state::{
    DELIVERIES, Deadline, Delivery, Financing, IMPORTED, INVOICES, Invoice, LINES, Line, MAX_LINES,
    MAX_TOLERANCE, ORDERS, Order, Progress, Stage, Standing, binding, counted, find, line,
    lines_of, standing,
};
pub use stated::{Phrase, Source, StatedAmount, StatedTime, StatedWeight};
