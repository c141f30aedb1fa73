//! What happens to orders.

use super::{Incoterm, LineQuantity, OrderLine, Source, StatedTime};
use crate::{
    vocabulary::{
        Code, Currency, Date, Digest, Money, OrderId, PartyId, Quantity, ShipmentId, Time,
    },
    wire::{self, List},
};

wire::message! {
    /// A buyer ordered.
    pub struct OrderPlaced("granary.orders.v1.OrderPlaced") {
        /// The order's id.
        1 => order: OrderId,
        /// Who buys.
        2 => buyer: PartyId,
        /// Who is to sell.
        3 => seller: PartyId,
        /// Of prices and values.
        4 => currency: Currency,
        /// Who carries which cost and risk.
        5 => incoterm: Incoterm,
        /// What is ordered; line 1 is the first.
        6 => lines: List<OrderLine, 1, 50>,
        /// SHA-256 of the body: what the seller must agree to.
        7 => terms: Digest,
        /// The record that it was imported from.
        8 => source: Option<Source>,
    }
}

wire::message! {
    /// The seller agreed: the order binds both.
    pub struct OrderCountersigned("granary.orders.v1.OrderCountersigned") {
        /// Which order.
        1 => order: OrderId,
        /// Whether buyer and seller disclosed that they have one beneficial owner.
        2 => related_disclosed: bool,
    }
}

wire::message! {
    /// The seller declined.
    pub struct OrderRejected("granary.orders.v1.OrderRejected") {
        /// Which order.
        1 => order: OrderId,
        /// Why.
        2 => reason: Code,
    }
}

wire::message! {
    /// A line has another quantity and day.
    pub struct OrderAmended("granary.orders.v1.OrderAmended") {
        /// Which order.
        1 => order: OrderId,
        /// Which line.
        2 => line: u32,
        /// How much.
        3 => quantity: Quantity,
        /// Last day of delivery.
        4 => due: Date,
    }
}

wire::message! {
    /// An order is held for a bank.
    pub struct OrderFinanceReserved("granary.orders.v1.OrderFinanceReserved") {
        /// Which order.
        1 => order: OrderId,
        /// For whom.
        2 => bank: PartyId,
        /// Until when the bank may confirm.
        3 => until_ms: Time,
    }
}

wire::message! {
    /// A bank finances the order.
    pub struct OrderFinanceConfirmed("granary.orders.v1.OrderFinanceConfirmed") {
        /// Which order.
        1 => order: OrderId,
        /// Who.
        2 => bank: PartyId,
        /// Commitment to the controlled account.
        3 => account: Digest,
    }
}

wire::message! {
    /// The order is free to be financed again.
    pub struct OrderFinanceReleased("granary.orders.v1.OrderFinanceReleased") {
        /// Which order.
        1 => order: OrderId,
        /// By or from whom.
        2 => bank: PartyId,
    }
}

wire::message! {
    /// The bank did not answer in time.
    pub struct OrderFinanceLapsed("granary.orders.v1.OrderFinanceLapsed") {
        /// Which order.
        1 => order: OrderId,
        /// Who did not.
        2 => bank: PartyId,
    }
}

wire::message! {
    /// A shipment is planned for lines of an order.
    pub struct OrderLinesAllocated("granary.orders.v1.OrderLinesAllocated") {
        /// Which order.
        1 => order: OrderId,
        /// Which shipment.
        2 => shipment: ShipmentId,
        /// How much of which lines.
        3 => lines: List<LineQuantity, 1, 50>,
    }
}

wire::message! {
    /// What was planned of a line and what was loaded.
    pub struct ShippedLine("granary.orders.v1.ShippedLine") {
        /// Line of the order.
        1 => line: u32,
        /// Planned.
        2 => planned: Quantity,
        /// Loaded: what is allocated from now on.
        3 => loaded: Quantity,
    }
}

wire::message! {
    /// Goods of an order move.
    pub struct OrderLinesShipped("granary.orders.v1.OrderLinesShipped") {
        /// Which order.
        1 => order: OrderId,
        /// On which shipment.
        2 => shipment: ShipmentId,
        /// How much of which lines.
        3 => lines: List<ShippedLine, 1, 50>,
    }
}

wire::message! {
    /// Goods were delivered: the buyer may inspect them.
    pub struct OrderLinesFulfilled("granary.orders.v1.OrderLinesFulfilled") {
        /// Which order.
        1 => order: OrderId,
        /// By which shipment.
        2 => shipment: ShipmentId,
        /// How much of which lines.
        3 => lines: List<LineQuantity, 1, 50>,
        /// Until when the buyer may reject; afterwards silence accepts.
        4 => inspect_until_ms: Time,
    }
}

wire::message! {
    /// What a shipment held of lines no longer counts towards them, and may be shipped anew: the plan was
    /// cancelled, or goods came short, damaged, back, or not at all.
    pub struct OrderLinesReopened("granary.orders.v1.OrderLinesReopened") {
        /// Which order.
        1 => order: OrderId,
        /// Which shipment.
        2 => shipment: ShipmentId,
        /// How much of which lines.
        3 => lines: List<LineQuantity, 1, 50>,
        /// Whether the goods had been loaded.
        4 => loaded: bool,
    }
}

wire::message! {
    /// The buyer has the goods as its own.
    pub struct GoodsAccepted("granary.orders.v1.GoodsAccepted") {
        /// Which order.
        1 => order: OrderId,
        /// Delivered by which shipment.
        2 => shipment: ShipmentId,
        /// How much of which lines.
        3 => lines: List<LineQuantity, 1, 50>,
        /// Nobody said so: the inspection window ended.
        4 => silent: bool,
    }
}

wire::message! {
    /// The buyer rejected goods; they no longer count towards the order.
    pub struct GoodsRejected("granary.orders.v1.GoodsRejected") {
        /// Which order.
        1 => order: OrderId,
        /// Delivered by which shipment.
        2 => shipment: ShipmentId,
        /// How much of which lines.
        3 => lines: List<LineQuantity, 1, 50>,
        /// Why.
        4 => reason: Code,
        /// Digest of the evidence.
        5 => evidence: Digest,
    }
}

wire::message! {
    /// One line of an invoice.
    pub struct InvoicedLine("granary.orders.v1.InvoicedLine") {
        /// Line of the order.
        1 => line: u32,
        /// How much.
        2 => quantity: Quantity,
        /// For how much, in minor units of the order's currency.
        3 => minor_units: u64,
    }
}

wire::message! {
    /// The seller invoiced accepted goods.
    pub struct OrderInvoiced("granary.orders.v1.OrderInvoiced") {
        /// Which order.
        1 => order: OrderId,
        /// The invoice's number.
        2 => invoice: Code,
        /// Its lines.
        3 => lines: List<InvoicedLine, 1, 50>,
        /// Their sum.
        4 => total: Money,
    }
}

wire::message! {
    /// An invoice was paid.
    pub struct InvoiceSettled("granary.orders.v1.InvoiceSettled") {
        /// Which order.
        1 => order: OrderId,
        /// Which invoice.
        2 => invoice: Code,
        /// How much.
        3 => amount: Money,
        /// By whose word.
        4 => payer: PartyId,
        /// The payment's reference.
        5 => reference: Code,
        /// Commitment to the account paid into.
        6 => account: Digest,
        /// When.
        7 => paid: StatedTime,
    }
}

wire::message! {
    /// Alarm: an invoice of a financed order was paid into another account than the controlled one.
    pub struct PaymentMisdirected("granary.orders.v1.PaymentMisdirected") {
        /// Which order.
        1 => order: OrderId,
        /// Which invoice.
        2 => invoice: Code,
        /// The bank that finances the order.
        3 => bank: PartyId,
        /// Commitment to the account it should have been.
        4 => expected: Digest,
        /// Commitment to the account it was.
        5 => actual: Digest,
    }
}

wire::message! {
    /// All of an order is delivered, accepted, invoiced and paid.
    pub struct OrderSettled("granary.orders.v1.OrderSettled") {
        /// Which order.
        1 => order: OrderId,
    }
}

wire::message! {
    /// An order ended before anything was delivered.
    pub struct OrderCancelled("granary.orders.v1.OrderCancelled") {
        /// Which order.
        1 => order: OrderId,
        /// Why.
        2 => reason: Code,
    }
}

wire::events! {
    /// What happens to orders.
    pub enum Event {
        OrderPlaced, OrderCountersigned, OrderRejected, OrderAmended, OrderFinanceReserved,
        OrderFinanceConfirmed, OrderFinanceReleased, OrderFinanceLapsed, OrderLinesAllocated,
        OrderLinesShipped, OrderLinesFulfilled, OrderLinesReopened, GoodsAccepted, GoodsRejected,
        OrderInvoiced, InvoiceSettled, PaymentMisdirected, OrderSettled, OrderCancelled,
    }
}
