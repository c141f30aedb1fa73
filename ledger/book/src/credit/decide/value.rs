//! Valuations that anybody may ask for, the waiver of a call, and what falls due (domain.md section 6.4).

use crate::{
    areas,
    at::{At, Stamp},
    credit::{
        CALLS, CallStage, Deadline, Event, FACILITIES, Facility, FacilityLapsed,
        MarginCallWithdrawn, Stage, SuspensionCause, Valuation, ValueFacility, WithdrawCall,
        event::DefaultCause, find, margin, state::product_of,
    },
    refusal::{Code, ObjectKind, Refusal},
    state::{Row, View},
    vocabulary::{CallId, CallNo, FacilityNo, Time},
};

use super::{require_lender, wrong_stage};

/// Values a facility that is or was drawn upon, with all that follows.
pub(super) fn value(
    view: &View<'_>,
    command: &ValueFacility,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let facility = find(view, command.facility)?;
    match facility.value.stage {
        Stage::Available { .. } | Stage::Frozen => {}
        Stage::Offered { .. } | Stage::Signed | Stage::Closed | Stage::Lapsed => {
            return Err(wrong_stage(&facility.value));
        }
    }
    let call: CallId = at.id(0);
    if CALLS.has(view, &call) {
        return Err(Refusal::new(Code::IdTaken).subject(ObjectKind::Call, call));
    }
    let product = product_of(view, &facility.value)?;
    let valuation = Valuation::of(view, facility.no, &product, at.time())?;
    Ok(margin::follow(view, &facility.value, &product, &valuation, at.time(), Some(call)))
}

/// The lender waives an open call: the recorded waiver of INV-41.
pub(super) fn withdraw_call(
    view: &View<'_>,
    command: &WithdrawCall,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let not_found = || Refusal::not_found(ObjectKind::Call, command.call);
    let call = CALLS.find(view, &command.call).ok_or_else(not_found)?.value;
    let facility = FACILITIES.get(view, call.facility).ok_or_else(not_found)?;
    require_lender(&facility, at)?;
    let CallStage::Open { .. } = call.stage else {
        return Err(Refusal::state(ObjectKind::Call, command.call, call.stage.name()));
    };
    let withdrawn = MarginCallWithdrawn {
        call: command.call,
        facility: facility.id,
        reason: command.reason.clone(),
    };
    Ok(vec![withdrawn.into(), margin::resumed(facility.id, SuspensionCause::MarginCall)])
}

/// What a deadline of credit comes to.
pub fn fire(view: &View<'_>, deadline: &Deadline, stamp: &Stamp) -> Vec<areas::Event> {
    let events = match *deadline {
        Deadline::OfferEnds { facility } => offer_ends(view, facility),
        Deadline::CallEnds { call } => call_ends(view, call, stamp.time),
    };
    events.into_iter().map(Into::into).collect()
}

fn offer_ends(view: &View<'_>, facility: FacilityNo) -> Vec<Event> {
    match FACILITIES.get(view, facility) {
        Some(Facility { id, stage: Stage::Offered { .. }, .. }) => {
            vec![FacilityLapsed { facility: id }.into()]
        }
        Some(_) | None => vec![],
    }
}

/// The value at the end decides: a call that the market has cured is cured. One that can't be shown to be
/// is not, and is an event of default (INV-41).
fn call_ends(view: &View<'_>, no: CallNo, now: Time) -> Vec<Event> {
    let Some(call) = CALLS.get(view, no) else { return vec![] };
    let CallStage::Open { .. } = call.stage else { return vec![] };
    let Some(facility) = FACILITIES.get(view, call.facility) else { return vec![] };
    let row = Row { no: call.facility, value: facility };
    let valued = product_of(view, &row.value)
        .and_then(|product| Ok((Valuation::of(view, row.no, &product, now)?, product)));
    let mut events = match valued {
        Ok((valuation, product)) => {
            margin::follow(view, &row.value, &product, &valuation, now, None)
        }
        Err(_) => vec![],
    };
    let over = events
        .iter()
        .any(|event| matches!(event, Event::MarginCallCured(_) | Event::MarginCallExpired(_)));
    if !over {
        events.extend(margin::default(view, row.value.id, Some(no), DefaultCause::CallExpired));
    }
    events
}
