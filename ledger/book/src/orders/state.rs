//! Orders, their lines, what was delivered on them and what was invoiced.

use serde::{Deserialize, Serialize};

use super::Incoterm;
use crate::{
    prices::Price,
    refusal::{Code as RefusalCode, ObjectKind, Refusal},
    registries::CodeKey,
    registry,
    state::{BrokenHistory, Objects, Row, Table, View},
    vocabulary::{
        Code, CommodityNo, Currency, Date, Digest, OrderId, OrderNo, PartyNo, Ppm, Quantity,
        ShipmentId, Time,
    },
};

/// Most that a line may be over or under, and still complete: 10%, as "about" means in letters of credit
/// (UCP 600, art. 30a).
pub const MAX_TOLERANCE: Ppm = Ppm::new(100_000);

/// Most lines of an order.
pub const MAX_LINES: usize = 50;

/// What was said of an order. How far it is with its goods follows from its lines: see [`standing`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// By the buyer.
    Placed,
    /// By both: it binds them.
    Countersigned,
    /// All of it is delivered, accepted, invoiced and paid. Terminal.
    Settled,
    /// The seller declined. Terminal.
    Rejected,
    /// It ended before anything was delivered. Terminal.
    Cancelled,
}

/// Who finances an order: one bank at a time (INV-39).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Financing {
    /// Nobody.
    Free,
    /// Held for a bank that has not answered.
    Offered {
        /// Which bank.
        bank: PartyNo,
        /// Until when it may confirm.
        until: Time,
    },
    /// A bank does.
    Confirmed {
        /// Which bank.
        bank: PartyNo,
        /// Commitment to the account that invoices must be paid into.
        account: Digest,
    },
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// Who buys.
    pub buyer: PartyNo,
    /// Who sells.
    pub seller: PartyNo,
    /// Of its prices.
    pub currency: Currency,
    /// Who carries which cost and risk.
    pub incoterm: Incoterm,
    /// SHA-256 of the body that placed it.
    pub terms: Digest,
    /// Taken from records kept before: phrases may stand for facts.
    pub imported: bool,
    /// What was said of it.
    pub stage: Stage,
    /// Who finances it.
    pub financing: Financing,
    /// How many invoices there are.
    pub invoices: u32,
    /// How many of them are not paid.
    pub unpaid: u32,
}

/// How far a line is with its goods, in base units. What comes short, damaged, back or not at all, and what
/// the buyer rejects, is taken out of the counts again and may be shipped anew.
///
/// INV-08: each count is at most the one before it, and `allocated` at most [`Line::most`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// On shipments, planned or further.
    pub allocated: u64,
    /// Loaded or further.
    pub shipped: u64,
    /// Delivered or further.
    pub delivered: u64,
    /// Accepted or further.
    pub accepted: u64,
    /// Invoiced.
    pub invoiced: u64,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Which commodity.
    pub commodity: CommodityNo,
    /// Which grade; none: any.
    pub grade: Option<Code>,
    /// How much.
    pub ordered: Quantity,
    /// How much more or less completes it.
    pub tolerance: Ppm,
    /// What it costs: a line with a value for the whole costs so much per quantity first ordered.
    pub rate: Price,
    /// Where to deliver.
    pub place: Code,
    /// Last day of delivery.
    pub due: Date,
    /// How far it is.
    pub progress: Progress,
}

impl Line {
    /// The most that may be loaded for it: quantity and tolerance, rounded **down**.
    pub fn most(&self) -> u64 {
        Self::with_tolerance(self.ordered.amount(), self.tolerance)
    }

    /// [`Line::most`] for a quantity and a tolerance.
    pub(super) fn with_tolerance(ordered: u64, tolerance: Ppm) -> u64 {
        let parts = u128::from(Ppm::ONE.get()) + u128::from(tolerance.get());
        let most = u128::from(ordered) * parts / u128::from(Ppm::ONE.get());
        u64::try_from(most).unwrap_or(u64::MAX)
    }

    /// The least that completes it: quantity less tolerance, rounded **up**.
    pub fn least(&self) -> u64 {
        let parts = Ppm::ONE.get().saturating_sub(self.tolerance.get());
        let least = u128::from(self.ordered.amount()) * u128::from(parts);
        u64::try_from(least.div_ceil(u128::from(Ppm::ONE.get()))).unwrap_or(u64::MAX)
    }

    /// What may still be planned: what is ordered and on no shipment. The tolerance is for what the scale
    /// says at loading, not for planning.
    pub fn open(&self) -> u64 {
        self.ordered.amount().saturating_sub(self.progress.allocated)
    }

    /// What a quantity of it costs in all, in minor units: rate times quantity, rounded once, **half up**.
    /// `None` when it doesn't fit in 64 bits. An invoice asks for the difference that it makes to what was
    /// invoiced before, so the invoices of a line add up to this however it is cut up.
    pub fn charge(&self, amount: u64) -> Option<u64> {
        Self::charge_at(&self.rate, amount)
    }

    /// [`Line::charge`] at a rate.
    pub(super) fn charge_at(rate: &Price, amount: u64) -> Option<u64> {
        let per = u128::from(rate.per.amount());
        let exact = u128::from(rate.minor_units).checked_mul(u128::from(amount))?;
        u64::try_from(exact.checked_add(per / 2)?.checked_div(per)?).ok()
    }

    /// Nothing of it moves or waits for inspection, all accepted goods are invoiced, and it is enough.
    pub fn is_complete(&self) -> bool {
        let Progress { shipped, delivered, accepted, invoiced, .. } = self.progress;
        delivered >= self.least()
            && shipped == delivered
            && delivered == accepted
            && accepted == invoiced
    }
}

/// Goods delivered on a line by a shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Neither accepted nor rejected, in base units.
    pub waiting: u64,
    /// Until when the buyer may say so.
    pub until: Time,
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// For how much, in minor units of the order's currency.
    pub minor_units: u64,
    /// Whether it was paid.
    pub paid: bool,
}

/// What falls due with orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deadline {
    /// The buyer's time to reject a delivery is over.
    InspectionEnds {
        /// Of which order.
        order: OrderNo,
        /// Delivered by which shipment.
        shipment: ShipmentId,
    },
    /// A bank's time to confirm is over.
    FinanceOfferEnds {
        /// Which order.
        order: OrderNo,
    },
}

/// Orders.
pub const ORDERS: Objects<OrderId, OrderNo, Order> =
    Objects::new(registry::ORDER_IDS, registry::ORDERS);
/// Lines by order and number from 1.
pub const LINES: Table<(OrderNo, u32), Line> = Table::new(registry::ORDER_LINES);
/// Deliveries by order, shipment and line.
pub const DELIVERIES: Table<(OrderNo, ShipmentId, u32), Delivery> =
    Table::new(registry::DELIVERIES);
/// Invoices by order and number.
pub const INVOICES: Table<(OrderNo, CodeKey), Invoice> = Table::new(registry::INVOICES);
/// Imported orders by buyer and key of the record.
pub const IMPORTED: Table<(PartyNo, CodeKey), OrderId> = Table::new(registry::IMPORTED_ORDERS);

/// The order with an id.
///
/// # Errors
///
/// `NOT_FOUND`.
pub fn find(view: &View<'_>, id: OrderId) -> Result<Row<OrderNo, Order>, Refusal> {
    ORDERS.find(view, &id).ok_or_else(|| Refusal::not_found(ObjectKind::Order, id))
}

/// The order with an id, when it binds both parties and isn't over.
///
/// # Errors
///
/// `NOT_FOUND`, `INVALID_STATE`.
pub fn binding(view: &View<'_>, id: OrderId) -> Result<Row<OrderNo, Order>, Refusal> {
    let row = find(view, id)?;
    match row.value.stage {
        Stage::Countersigned => Ok(row),
        Stage::Placed | Stage::Settled | Stage::Rejected | Stage::Cancelled => {
            let state = standing(view, &row).name();
            Err(Refusal::state(ObjectKind::Order, id, state))
        }
    }
}

/// A line of an order.
///
/// # Errors
///
/// `NOT_FOUND` with the order and the field.
pub fn line(view: &View<'_>, order: &Row<OrderNo, Order>, line: u32) -> Result<Line, Refusal> {
    LINES
        .get(view, &(order.no, line))
        .ok_or_else(|| Refusal::not_found(ObjectKind::Order, order.value.id).field("lines.line"))
}

/// A quantity of a line, when it is counted in the line's unit and isn't nothing.
///
/// # Errors
///
/// `QUANTITY_ZERO`, `UNIT_MISMATCH`.
pub fn counted(line: &Line, quantity: Quantity) -> Result<u64, Refusal> {
    if quantity.is_zero() {
        return Err(Refusal::new(RefusalCode::QuantityZero).field("lines.quantity"));
    }
    if quantity.unit() != line.ordered.unit() {
        return Err(Refusal::new(RefusalCode::UnitMismatch).field("lines.quantity"));
    }
    Ok(quantity.amount())
}

/// The lines of an order, ascending.
pub fn lines_of(view: &View<'_>, order: OrderNo) -> Vec<(u32, Line)> {
    let rows = LINES.scan(view, &order, None, MAX_LINES);
    rows.into_iter().map(|((_, number), line)| (number, line)).collect()
}

/// How far an order is: what was said of it, and what follows from its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The seller has not answered.
    Placed,
    /// Nothing is delivered.
    Countersigned,
    /// Something is delivered, not yet enough of every line.
    PartlyFulfilled,
    /// Enough of every line is delivered.
    Fulfilled,
    /// And accepted, with nothing moving.
    Accepted,
    /// And invoiced.
    Invoiced,
    /// And paid.
    Settled,
    /// The seller declined.
    Rejected,
    /// Ended before delivery.
    Cancelled,
}

impl Standing {
    /// Its name in the facts of a refusal.
    pub const fn name(self) -> &'static str {
        match self {
            Standing::Placed => "PLACED",
            Standing::Countersigned => "COUNTERSIGNED",
            Standing::PartlyFulfilled => "PARTLY_FULFILLED",
            Standing::Fulfilled => "FULFILLED",
            Standing::Accepted => "ACCEPTED",
            Standing::Invoiced => "INVOICED",
            Standing::Settled => "SETTLED",
            Standing::Rejected => "REJECTED",
            Standing::Cancelled => "CANCELLED",
        }
    }
}

/// How far an order is.
pub fn standing(view: &View<'_>, order: &Row<OrderNo, Order>) -> Standing {
    match order.value.stage {
        Stage::Placed => Standing::Placed,
        Stage::Settled => Standing::Settled,
        Stage::Rejected => Standing::Rejected,
        Stage::Cancelled => Standing::Cancelled,
        Stage::Countersigned => {
            let lines: Vec<Line> =
                lines_of(view, order.no).into_iter().map(|(_, line)| line).collect();
            let all = |holds: fn(&Line) -> bool| lines.iter().all(holds);
            if !lines.iter().any(|line| line.progress.delivered > 0) {
                Standing::Countersigned
            } else if !all(|line| line.progress.delivered >= line.least()) {
                Standing::PartlyFulfilled
            } else if all(Line::is_complete) {
                Standing::Invoiced
            } else if all(|line| line.progress.shipped == line.progress.accepted) {
                Standing::Accepted
            } else {
                Standing::Fulfilled
            }
        }
    }
}

impl Progress {
    /// These counts with one of them changed by a closure that returns `None` below nothing.
    pub(super) fn changed(
        mut self,
        change: impl FnOnce(&mut Progress) -> Option<()>,
    ) -> Result<Self, BrokenHistory> {
        let broken = BrokenHistory("a line's count goes below nothing");
        change(&mut self).ok_or(broken)?;
        Ok(self)
    }
}
