//! Writes what happened to products, facilities and margin calls.

use crate::{
    at::Stamp,
    credit::{
        CALLS, Call, CallStage, Deadline, FACILITIES, Facility, FacilityOffered, MarginCallOpened,
        MarginCallPartlyCured, PledgeAttached, ProductSet, Stage, SuspensionCause,
        state::{FACILITY_PLEDGES, PLEDGE_FACILITY, PRODUCT_VERSIONS, PRODUCTS, live_loans},
    },
    deadline,
    parties::PARTIES,
    pledges::{self, PLEDGES},
    registries,
    state::{BrokenHistory, View},
    vocabulary::{CallId, CallNo, FacilityId, FacilityNo, PartyId, PartyNo},
};

const OUT_OF_ORDER: BrokenHistory = BrokenHistory("a facility's stages are out of order");

fn party(view: &View<'_>, party: PartyId) -> Result<PartyNo, BrokenHistory> {
    PARTIES.no(view, &party).ok_or(BrokenHistory("an event names no party"))
}

pub(super) fn number(view: &View<'_>, facility: FacilityId) -> Result<FacilityNo, BrokenHistory> {
    FACILITIES.no(view, &facility).ok_or(BrokenHistory("an event names no facility"))
}

/// Moves a facility to the stage that follows its own; `next` knows none for a history that isn't ours.
fn advance(
    view: &mut View<'_>,
    facility: FacilityId,
    next: impl FnOnce(Stage) -> Option<Stage>,
) -> Result<(), BrokenHistory> {
    let changed = FACILITIES.update(view, &facility, |facility| {
        facility.stage = next(facility.stage).ok_or(OUT_OF_ORDER)?;
        Ok(())
    });
    changed.map(drop)
}

pub(super) fn set_product(view: &mut View<'_>, event: &ProductSet) -> Result<(), BrokenHistory> {
    let lender = party(view, event.lender)?;
    let code = registries::key(&event.product.code);
    PRODUCTS.put(view, &(lender, code, event.version), &event.product);
    PRODUCT_VERSIONS.put(view, &(lender, code), &event.version);
    Ok(())
}

pub(super) fn offer(
    view: &mut View<'_>,
    event: &FacilityOffered,
    stamp: &Stamp,
) -> Result<(), BrokenHistory> {
    let until = event.offer_until_ms;
    let facility = Facility {
        id: event.facility,
        lender: party(view, event.lender)?,
        borrower: party(view, event.borrower)?,
        product: event.product.clone(),
        product_version: event.product_version,
        limit: event.limit,
        expires_on: event.expires_on,
        accounts: event.accounts.clone(),
        stage: Stage::Offered { until },
    };
    let no = FACILITIES.insert(view, &event.facility, &facility)?;
    deadline::set(view, until, stamp.time, Deadline::OfferEnds { facility: no });
    Ok(())
}

pub(super) fn sign(view: &mut View<'_>, facility: FacilityId) -> Result<(), BrokenHistory> {
    advance(view, facility, |stage| match stage {
        Stage::Offered { .. } => Some(Stage::Signed),
        _ => None,
    })
}

pub(super) fn lapse(view: &mut View<'_>, facility: FacilityId) -> Result<(), BrokenHistory> {
    advance(view, facility, |stage| match stage {
        Stage::Offered { .. } => Some(Stage::Lapsed),
        _ => None,
    })
}

/// The claims that run already are claims under the new pledge too.
pub(super) fn attach(view: &mut View<'_>, event: &PledgeAttached) -> Result<(), BrokenHistory> {
    let facility = number(view, event.facility)?;
    let pledge =
        PLEDGES.no(view, &event.pledge).ok_or(BrokenHistory("an event names no pledge"))?;
    FACILITY_PLEDGES.put(view, &(facility, pledge), &());
    PLEDGE_FACILITY.put(view, &pledge, &facility);
    for _ in live_loans(view, facility) {
        pledges::claim_opened(view, pledge)?;
    }
    Ok(())
}

pub(super) fn make_available(
    view: &mut View<'_>,
    facility: FacilityId,
) -> Result<(), BrokenHistory> {
    advance(view, facility, |stage| match stage {
        Stage::Signed => {
            Some(Stage::Available { by_lender: false, by_valuation: false, call: None })
        }
        _ => None,
    })
}

/// Sets or clears a cause of suspension. That a margin call is open is set by the call itself.
pub(super) fn suspend(
    view: &mut View<'_>,
    facility: FacilityId,
    cause: SuspensionCause,
    on: bool,
) -> Result<(), BrokenHistory> {
    advance(view, facility, |stage| match (stage, cause) {
        (Stage::Available { by_valuation, call, .. }, SuspensionCause::Lender) => {
            Some(Stage::Available { by_lender: on, by_valuation, call })
        }
        (Stage::Available { by_lender, call, .. }, SuspensionCause::Valuation) => {
            Some(Stage::Available { by_lender, by_valuation: on, call })
        }
        (Stage::Available { call, .. }, SuspensionCause::MarginCall) if call.is_some() == on => {
            Some(stage)
        }
        _ => None,
    })
}

pub(super) fn freeze(view: &mut View<'_>, facility: FacilityId) -> Result<(), BrokenHistory> {
    advance(view, facility, |stage| match stage {
        Stage::Available { call: None, .. } => Some(Stage::Frozen),
        _ => None,
    })
}

pub(super) fn close(view: &mut View<'_>, facility: FacilityId) -> Result<(), BrokenHistory> {
    advance(view, facility, |stage| match stage {
        Stage::Offered { .. } | Stage::Signed | Stage::Available { .. } | Stage::Frozen => {
            Some(Stage::Closed)
        }
        Stage::Closed | Stage::Lapsed => None,
    })
}

fn set_call(
    view: &mut View<'_>,
    facility: FacilityId,
    expected: Option<CallNo>,
    new: Option<CallNo>,
) -> Result<(), BrokenHistory> {
    advance(view, facility, |stage| match stage {
        Stage::Available { by_lender, by_valuation, call } if call == expected => {
            Some(Stage::Available { by_lender, by_valuation, call: new })
        }
        _ => None,
    })
}

pub(super) fn open_call(
    view: &mut View<'_>,
    event: &MarginCallOpened,
    stamp: &Stamp,
) -> Result<(), BrokenHistory> {
    let call = Call {
        id: event.call,
        facility: number(view, event.facility)?,
        deadline: event.deadline_ms,
        stage: CallStage::Open { outstanding: event.amount.minor() },
    };
    let no = CALLS.insert(view, &event.call, &call)?;
    deadline::set(view, event.deadline_ms, stamp.time, Deadline::CallEnds { call: no });
    set_call(view, event.facility, None, Some(no))
}

pub(super) fn cure_partly(
    view: &mut View<'_>,
    event: &MarginCallPartlyCured,
) -> Result<(), BrokenHistory> {
    let outstanding = event.outstanding.minor();
    let changed = CALLS.update(view, &event.call, |call| {
        call.stage = CallStage::Open { outstanding };
        Ok(())
    });
    changed.map(drop)
}

pub(super) fn end_call(
    view: &mut View<'_>,
    call: CallId,
    end: CallStage,
) -> Result<(), BrokenHistory> {
    let mut facility = None;
    let no = CALLS.update(view, &call, |call| {
        let CallStage::Open { .. } = call.stage else {
            return Err(BrokenHistory("a call ends twice"));
        };
        call.stage = end;
        facility = Some(call.facility);
        Ok(())
    })?;
    let facility = facility
        .and_then(|no| FACILITIES.get(view, no))
        .ok_or(BrokenHistory("a call names no facility"))?;
    set_call(view, facility.id, Some(no), None)
}
