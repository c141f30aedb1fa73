//! What follows from a valuation: suspensions, margin calls and their cure, default at the last line.
//! One place, for whoever relies on a value (domain.md section 6.4).

use super::{
    CALLS, CallStage, Event, EventOfDefault, Facility, FacilityFrozen, FacilityResumed,
    FacilitySuspended, MarginCallCured, MarginCallExpired, MarginCallOpened, MarginCallPartlyCured,
    Product, Stage, Status, SuspensionCause, Valuation, ValuationComputed, event::DefaultCause,
    ratios,
};
use crate::{
    registries,
    state::View,
    vocabulary::{CallId, CallNo, FacilityId, Money, Time},
    wire::List,
};

/// The valuation itself, and all that follows from it at `now`. A margin call that it opens gets `new_call`;
/// where none may be opened (`None`), as when a deadline fires, the next valuation opens it.
pub(super) fn follow(
    view: &View<'_>,
    facility: &Facility,
    product: &Product,
    valuation: &Valuation,
    now: Time,
    new_call: Option<CallId>,
) -> Vec<Event> {
    let mut events = vec![computed(facility, product, valuation).into()];
    let Stage::Available { by_valuation, call, .. } = facility.stage else {
        return events;
    };
    let id = facility.id;
    let Ok(collateral) = &valuation.collateral else {
        if !by_valuation {
            events.push(suspended(id, SuspensionCause::Valuation));
        }
        return events;
    };
    if by_valuation {
        events.push(resumed(id, SuspensionCause::Valuation));
    }
    let status = valuation.status(product);
    let owed = valuation.exposure.total;
    let missing = ratios::cash_to_line(owed, collateral.value, product.ltv_warning_ppm);
    let missing = Money::new(missing, facility.limit.currency());
    if status == Status::Liquidation && product.default_at_liquidation {
        events.extend(default(view, id, call, DefaultCause::LiquidationLine));
    } else if let Some(call) = call {
        events.extend(cure(view, id, call, missing));
    } else if matches!(status, Status::Call | Status::Liquidation)
        && let Some(call) = new_call
    {
        let deadline_ms = now.after(registries::profile(view).margin_call_ms);
        let opened = MarginCallOpened { call, facility: id, amount: missing, deadline_ms };
        events.push(opened.into());
        events.push(suspended(id, SuspensionCause::MarginCall));
    }
    events
}

/// The figures as an event.
fn computed(facility: &Facility, product: &Product, valuation: &Valuation) -> ValuationComputed {
    let currency = facility.limit.currency();
    let owed = valuation.exposure.total;
    let (value, prices, obstacle) = match &valuation.collateral {
        Ok(collateral) => (Some(collateral.value), collateral.prices.clone(), None),
        Err(no) => (None, vec![], Some(no.obstacle.clone())),
    };
    ValuationComputed {
        facility: facility.id,
        business_date: valuation.date,
        exposure: Money::new(owed, currency),
        status: valuation.status(product),
        value: value.map(|value| Money::new(value, currency)),
        ltv_ppm: value.and_then(|value| ratios::ltv_ppm(owed, value)),
        prices: List::new(prices).expect("one for each feed of the product at most"),
        obstacle,
    }
}

/// A call is cured by what the ratio is now, never by what was added (domain.md section 3.3).
fn cure(view: &View<'_>, facility: FacilityId, call: CallNo, missing: Money) -> Vec<Event> {
    let Some(call) = CALLS.get(view, call) else { return vec![] };
    let CallStage::Open { outstanding } = call.stage else { return vec![] };
    if missing.is_zero() {
        let cured = MarginCallCured { call: call.id, facility };
        vec![cured.into(), resumed(facility, SuspensionCause::MarginCall)]
    } else if missing.minor() < outstanding {
        vec![MarginCallPartlyCured { call: call.id, facility, outstanding: missing }.into()]
    } else {
        vec![]
    }
}

/// An event of default: the call, if one is open, is over, and the facility is frozen.
pub(super) fn default(
    view: &View<'_>,
    facility: FacilityId,
    call: Option<CallNo>,
    cause: DefaultCause,
) -> Vec<Event> {
    let expired = call.and_then(|no| CALLS.get(view, no)).map(|call| {
        let expired = MarginCallExpired { call: call.id, facility };
        Event::from(expired)
    });
    let default = EventOfDefault { facility, cause };
    expired.into_iter().chain([default.into(), FacilityFrozen { facility }.into()]).collect()
}

fn suspended(facility: FacilityId, cause: SuspensionCause) -> Event {
    FacilitySuspended { facility, cause, reason: None }.into()
}

/// A cause of suspension has gone.
pub(super) fn resumed(facility: FacilityId, cause: SuspensionCause) -> Event {
    FacilityResumed { facility, cause }.into()
}
