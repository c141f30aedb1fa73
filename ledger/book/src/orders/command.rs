//! What may be asked about orders.

use super::{Source, StatedTime};
use crate::{
    prices::Price,
    vocabulary::{
        Code, Currency, Date, Digest, Money, OrderId, PartyId, Ppm, Quantity, ShipmentId,
    },
    wire::{self, List},
};

wire::enumeration! {
    /// Who carries which cost and risk: the rules of the International Chamber of Commerce, those of
    /// earlier editions included, since records name them.
    pub enum Incoterm("granary.orders.v1.Incoterm") {
        /// The record names none: goods from stock, or an agreement of other form.
        1 => NotStated,
        /// Ex works.
        2 => Exw,
        /// Free carrier.
        3 => Fca,
        /// Free alongside ship.
        4 => Fas,
        /// Free on board.
        5 => Fob,
        /// Cost and freight.
        6 => Cfr,
        /// Cost, insurance and freight.
        7 => Cif,
        /// Carriage paid to.
        8 => Cpt,
        /// Carriage and insurance paid to.
        9 => Cip,
        /// Delivered at place.
        10 => Dap,
        /// Delivered at place unloaded (2020).
        11 => Dpu,
        /// Delivered duty paid.
        12 => Ddp,
        /// Delivered at terminal (2010).
        13 => Dat,
        /// Delivered duty unpaid (2000).
        14 => Ddu,
    }
}

wire::message! {
    /// One line of an order. It is priced by `price`, or by `value` for the whole line; when both stand,
    /// `value` counts and `price` is what the record states beside it.
    pub struct OrderLine("granary.orders.v1.OrderLine") {
        /// Which commodity.
        1 => commodity: Code,
        /// Which grade; absent: any.
        2 => grade: Option<Code>,
        /// How much.
        3 => quantity: Quantity,
        /// How much more or less completes the line: at most 100,000 (10%).
        4 => tolerance_ppm: Ppm,
        /// Exact price, in minor units of the order's currency.
        5 => price: Option<Price>,
        /// Value of the whole line, in minor units of the order's currency.
        6 => value_minor_units: Option<u64>,
        /// Where to deliver.
        7 => place: Code,
        /// Last day of delivery.
        8 => due: Date,
    }
}

wire::message! {
    /// Places an order. Said by the buyer. The order's id is derived id 0. Lines are numbered from 1.
    pub struct PlaceOrder("granary.orders.v1.PlaceOrder") {
        /// From whom.
        1 => seller: PartyId,
        /// Of prices and values.
        2 => currency: Currency,
        /// Who carries which cost and risk.
        3 => incoterm: Incoterm,
        /// What is ordered.
        4 => lines: List<OrderLine, 1, 50>,
        /// The record that the order was imported from.
        5 => source: Option<Source>,
    }
}

wire::message! {
    /// Agrees to an order. Said by the seller.
    pub struct CountersignOrder("granary.orders.v1.CountersignOrder") {
        /// Which order.
        1 => order: OrderId,
        /// SHA-256 of the body of the `PlaceOrder` agreed to.
        2 => terms: Digest,
        /// Says that buyer and seller have one beneficial owner, where they do.
        3 => related_disclosed: bool,
    }
}

wire::message! {
    /// Declines an order. Said by the seller.
    pub struct RejectOrder("granary.orders.v1.RejectOrder") {
        /// Which order.
        1 => order: OrderId,
        /// Why, as a code.
        2 => reason: Code,
    }
}

wire::message! {
    /// Changes quantity and day of a line; the rate stays. Said by buyer or seller and signed by both, and
    /// by the bank that finances the order. A quantity of nothing strikes the line out.
    pub struct AmendOrder("granary.orders.v1.AmendOrder") {
        /// Which order.
        1 => order: OrderId,
        /// Which line, from 1.
        2 => line: u32,
        /// How much, from now on.
        3 => quantity: Quantity,
        /// Last day of delivery, from now on.
        4 => due: Date,
    }
}

wire::message! {
    /// Offers a countersigned order to a bank to finance. Said by the seller. Until the bank answers or the
    /// profile's reservation time is over, no other bank can have it.
    pub struct OfferOrderForFinance("granary.orders.v1.OfferOrderForFinance") {
        /// Which order.
        1 => order: OrderId,
        /// To whom.
        2 => bank: PartyId,
    }
}

wire::message! {
    /// Takes an order that was offered. Said by the bank.
    pub struct ConfirmOrderFinance("granary.orders.v1.ConfirmOrderFinance") {
        /// Which order.
        1 => order: OrderId,
        /// Commitment to the controlled account that the buyer must pay into (access.md section 4: account
        /// numbers never stand on the chain in clear).
        2 => account: Digest,
    }
}

wire::message! {
    /// Frees an order. Said by the bank; while it has not confirmed, by the seller too.
    pub struct ReleaseOrderFinance("granary.orders.v1.ReleaseOrderFinance") {
        /// Which order.
        1 => order: OrderId,
    }
}

wire::message! {
    /// So much of a line.
    pub struct LineQuantity("granary.orders.v1.LineQuantity") {
        /// Line of the order, from 1.
        1 => line: u32,
        /// How much.
        2 => quantity: Quantity,
    }
}

wire::message! {
    /// Accepts delivered goods, all or some. Said by the buyer, until the inspection window ends; what is
    /// neither accepted nor rejected by then is accepted in silence.
    pub struct AcceptGoods("granary.orders.v1.AcceptGoods") {
        /// Which order.
        1 => order: OrderId,
        /// Delivered by which shipment.
        2 => shipment: ShipmentId,
        /// Lines, ascending.
        3 => lines: List<LineQuantity, 1, 50>,
    }
}

wire::message! {
    /// Rejects delivered goods, all or some. Said by the buyer, until the inspection window ends.
    pub struct RejectGoods("granary.orders.v1.RejectGoods") {
        /// Which order.
        1 => order: OrderId,
        /// Delivered by which shipment.
        2 => shipment: ShipmentId,
        /// Lines, ascending.
        3 => lines: List<LineQuantity, 1, 50>,
        /// Why, as a code.
        4 => reason: Code,
        /// Digest of the evidence.
        5 => evidence: Digest,
    }
}

wire::message! {
    /// Invoices accepted goods. Said by the seller; the book computes the amounts.
    pub struct InvoiceOrder("granary.orders.v1.InvoiceOrder") {
        /// Which order.
        1 => order: OrderId,
        /// The seller's number of the invoice, used once and never again.
        2 => invoice: Code,
        /// Lines, ascending.
        3 => lines: List<LineQuantity, 1, 50>,
    }
}

wire::message! {
    /// Says that an invoice was paid. Said by the buyer or by the bank that finances the order.
    pub struct SettleOrder("granary.orders.v1.SettleOrder") {
        /// Which order.
        1 => order: OrderId,
        /// Which invoice.
        2 => invoice: Code,
        /// How much: exactly what was invoiced.
        3 => amount: Money,
        /// The payment's reference, used once by who pays.
        4 => reference: Code,
        /// Commitment to the account paid into.
        5 => account: Digest,
        /// When it was paid.
        6 => paid: StatedTime,
    }
}

wire::message! {
    /// Ends an order of which nothing was delivered. Said by the buyer while the seller has not signed;
    /// afterwards by either and signed by both, and by the bank that finances it.
    pub struct CancelOrder("granary.orders.v1.CancelOrder") {
        /// Which order.
        1 => order: OrderId,
        /// Why, as a code.
        2 => reason: Code,
    }
}

wire::commands! {
    /// What may be asked about orders.
    pub enum Command {
        PlaceOrder, CountersignOrder, RejectOrder, AmendOrder, OfferOrderForFinance,
        ConfirmOrderFinance, ReleaseOrderFinance, AcceptGoods, RejectGoods, InvoiceOrder, SettleOrder,
        CancelOrder,
    }
}
