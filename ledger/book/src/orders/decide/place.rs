//! Placing an order, and the seller's answer.

use sha2::{Digest as _, Sha256};

use super::require_seller;
use crate::{
    at::At,
    names::{self, Space},
    orders::{
        CountersignOrder, Event, IMPORTED, Line, MAX_TOLERANCE, ORDERS, Order, OrderCountersigned,
        OrderLine, OrderPlaced, OrderRejected, PlaceOrder, RejectOrder, Source, Stage, find,
        refusal, standing,
    },
    parties,
    prices::Price,
    refusal::{Code, Measure, ObjectKind, Refusal},
    registries::{self, Commodity},
    state::{Row, View},
    vocabulary::{Digest, OrderId, OrderNo},
    wire::Message,
};

/// Row "PlaceOrder" of domain.md section 6.6.
pub(super) fn place(
    view: &View<'_>,
    command: &PlaceOrder,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let seller = parties::active(view, command.seller, &[])?;
    if seller.no == at.party {
        return Err(Refusal::new(Code::ValidationFailed).field("seller"));
    }
    if let Some(source) = &command.source {
        check_source(view, source, at)?;
    }
    for line in command.lines.iter() {
        check_line(view, line)?;
    }
    let order: OrderId = at.id(0);
    if ORDERS.has(view, &order) {
        return Err(Refusal::new(Code::IdTaken).subject(ObjectKind::Order, order));
    }
    let placed = OrderPlaced {
        order,
        buyer: at.party_id,
        seller: command.seller,
        currency: command.currency,
        incoterm: command.incoterm,
        lines: command.lines.clone(),
        terms: Digest(Sha256::digest(command.encode()).into()),
        source: command.source.clone(),
    };
    Ok(vec![placed.into()])
}

/// A record is imported once: an importer that runs again learns which order it made.
fn check_source(view: &View<'_>, source: &Source, at: &At<'_>) -> Result<(), Refusal> {
    if names::is_taken(view, Space::ImportKey, at.party, &source.key) {
        let earlier = IMPORTED.get(view, &(at.party, registries::key(&source.key)));
        return Err(match earlier {
            Some(order) => refusal::imported_already(order),
            None => Code::ImportedAlready.into(),
        });
    }
    source.quoted.check(view, at, "source.quoted", true)?;
    source.ordered.check(view, at, "source.ordered", true)
}

fn check_line(view: &View<'_>, line: &OrderLine) -> Result<(), Refusal> {
    let commodity = registries::commodity_checked(view, &line.commodity, line.quantity)?;
    if let Some(grade) = &line.grade
        && !commodity.value.grades.iter().any(|known| known.code == *grade)
    {
        return Err(Refusal::new(Code::NotRegistered)
            .field("lines.grade")
            .required(grade.as_str()));
    }
    if line.tolerance_ppm > MAX_TOLERANCE {
        let (limit, actual) = (MAX_TOLERANCE.get(), line.tolerance_ppm.get());
        return Err(Refusal::new(Code::ValidationFailed).field("lines.tolerance_ppm").limit(
            limit.into(),
            actual.into(),
            Measure::Ppm,
        ));
    }
    check_price(line, &commodity.value)
}

fn check_price(line: &OrderLine, commodity: &Commodity) -> Result<(), Refusal> {
    if let Some(price) = &line.price {
        check_amount(price.minor_units, "lines.price.minor_units")?;
        if price.per.is_zero() {
            return Err(Refusal::new(Code::QuantityZero).field("lines.price.per"));
        }
        if price.per.unit() != commodity.unit {
            return Err(Refusal::new(Code::UnitMismatch).field("lines.price.per"));
        }
    }
    if let Some(value) = line.value_minor_units {
        check_amount(value, "lines.value_minor_units")?;
    }
    let rate =
        rate(line).ok_or_else(|| Refusal::new(Code::ValidationFailed).field("lines.price"))?;
    // The whole line, tolerance included, must cost what fits: then so does every invoice of it.
    let most = Line::with_tolerance(line.quantity.amount(), line.tolerance_ppm);
    if Line::charge_at(&rate, most).is_none() {
        return Err(Refusal::new(Code::Overflow).field("lines.price"));
    }
    Ok(())
}

fn check_amount(minor_units: u64, field: &'static str) -> Result<(), Refusal> {
    if minor_units == 0 {
        return Err(Refusal::new(Code::AmountZero).field(field));
    }
    if minor_units > Price::MAX_MINOR_UNITS {
        return Err(Refusal::new(Code::ValidationFailed).field(field).limit(
            Price::MAX_MINOR_UNITS,
            minor_units,
            Measure::MinorUnit,
        ));
    }
    Ok(())
}

/// What a line costs: its value for its whole quantity where it states one, else its price.
pub(crate) fn rate(line: &OrderLine) -> Option<Price> {
    match line.value_minor_units {
        Some(minor_units) => Some(Price { minor_units, per: line.quantity }),
        None => line.price.clone(),
    }
}

/// Row "Countersign".
pub(super) fn countersign(
    view: &View<'_>,
    command: &CountersignOrder,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let order = placed(view, command.order)?;
    require_seller(&order, at)?;
    if command.terms != order.value.terms {
        return Err(refusal::terms_mismatch(command.order));
    }
    parties::require_active(view, order.value.buyer)?;
    let related = parties::related(view, order.value.buyer, order.value.seller);
    if related && !command.related_disclosed {
        let buyer = parties::id_of(view, order.value.buyer).ok_or(Code::NotFound)?;
        return Err(refusal::related_undisclosed(buyer));
    }
    let related_disclosed = command.related_disclosed;
    Ok(vec![OrderCountersigned { order: command.order, related_disclosed }.into()])
}

/// The seller declines.
pub(super) fn reject(
    view: &View<'_>,
    command: &RejectOrder,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let order = placed(view, command.order)?;
    require_seller(&order, at)?;
    Ok(vec![OrderRejected { order: command.order, reason: command.reason.clone() }.into()])
}

/// The order with an id, when its seller has not answered.
fn placed(view: &View<'_>, id: OrderId) -> Result<Row<OrderNo, Order>, Refusal> {
    let order = find(view, id)?;
    match order.value.stage {
        Stage::Placed => Ok(order),
        Stage::Countersigned | Stage::Settled | Stage::Rejected | Stage::Cancelled => {
            Err(Refusal::state(ObjectKind::Order, id, standing(view, &order).name()))
        }
    }
}
