//! Conditions, suspension and the end of a facility (C3, C4, C7).

use crate::{
    at::At,
    credit::{
        CloseFacility, Event, Facility, FacilityAvailable, FacilityClosed, FacilitySuspended,
        PledgeAttached, ResumeFacility, SatisfyConditions, Stage, SuspendFacility, SuspensionCause,
        margin::resumed,
        refusal,
        state::{MAX_PLEDGES, PLEDGE_FACILITY, live_loans, pledges_of},
    },
    pledges::{self, PLEDGES, Pledge},
    refusal::{Code, Measure, Refusal},
    state::{Row, View},
    vocabulary::{FacilityNo, PledgeNo},
};

use super::{as_lender, wrong_stage};

/// C3: the pledge is active, to the lender, by the borrower, in the facility's currency, until the
/// facility's end, and secures nothing else. A further pledge adds collateral (P10).
pub(super) fn satisfy(
    view: &View<'_>,
    command: &SatisfyConditions,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let facility = as_lender(view, command.facility, at)?;
    let first = match facility.value.stage {
        Stage::Signed => true,
        Stage::Available { .. } => false,
        _ => return Err(wrong_stage(&facility.value)),
    };
    let pledge = pledges::find(view, command.pledge)?;
    check_condition(view, &facility, &pledge)?;
    let attached = pledges_of(view, facility.no).len();
    if attached >= MAX_PLEDGES {
        let (limit, actual) = (MAX_PLEDGES as u64, attached as u64 + 1);
        return Err(Refusal::new(Code::LimitExceeded).limit(limit, actual, Measure::Count));
    }
    let id = command.facility;
    let mut events = vec![PledgeAttached { facility: id, pledge: command.pledge }.into()];
    if first {
        events.push(FacilityAvailable { facility: id }.into());
    }
    Ok(events)
}

fn check_condition(
    view: &View<'_>,
    facility: &Row<FacilityNo, Facility>,
    pledge: &Row<PledgeNo, Pledge>,
) -> Result<(), Refusal> {
    let (lends, secures) = (&facility.value, &pledge.value);
    let missing = |what| Err(refusal::cp_missing(lends.id, secures.id, what));
    if !matches!(secures.stage, pledges::Stage::Active { .. }) {
        return missing("active pledge");
    }
    if secures.pledgee != lends.lender {
        return missing("pledge to the lender");
    }
    if secures.pledgor != lends.borrower {
        return missing("pledge by the borrower");
    }
    if secures.secured_maximum.currency() != lends.limit.currency() {
        return missing("pledge in the facility's currency");
    }
    if secures.matures_on < lends.expires_on {
        return missing("pledge until the facility expires");
    }
    if PLEDGE_FACILITY.has(view, &pledge.no) {
        return missing("pledge that secures nothing else");
    }
    Ok(())
}

/// C4: the lender stops draws.
pub(super) fn suspend(
    view: &View<'_>,
    command: &SuspendFacility,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let facility = as_lender(view, command.facility, at)?.value;
    match facility.stage {
        Stage::Available { by_lender: false, .. } => Ok(vec![
            FacilitySuspended {
                facility: command.facility,
                cause: SuspensionCause::Lender,
                reason: Some(command.reason.clone()),
            }
            .into(),
        ]),
        Stage::Available { by_lender: true, .. } => {
            Err(refusal::facility_suspended(command.facility))
        }
        _ => Err(wrong_stage(&facility)),
    }
}

/// C4: the lender lets draws go on. Other causes of suspension stand for themselves.
pub(super) fn resume(
    view: &View<'_>,
    command: &ResumeFacility,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let facility = as_lender(view, command.facility, at)?.value;
    match facility.stage {
        Stage::Available { by_lender: true, .. } => {
            Ok(vec![resumed(command.facility, SuspensionCause::Lender)])
        }
        _ => Err(wrong_stage(&facility)),
    }
}

/// C7: nothing is lent and nothing is pledged any more.
pub(super) fn close(
    view: &View<'_>,
    command: &CloseFacility,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let facility = as_lender(view, command.facility, at)?;
    match facility.value.stage {
        Stage::Offered { .. } | Stage::Signed | Stage::Available { .. } | Stage::Frozen => {}
        Stage::Closed | Stage::Lapsed => return Err(wrong_stage(&facility.value)),
    }
    let live = live_loans(view, facility.no).len();
    if live > 0 {
        return Err(refusal::exposure_outstanding(command.facility, live as u64));
    }
    for no in pledges_of(view, facility.no) {
        if let Some(pledge) = PLEDGES.get(view, no)
            && pledge.stage != pledges::Stage::Released
        {
            return Err(refusal::pledge_outstanding(command.facility, pledge.id));
        }
    }
    Ok(vec![FacilityClosed { facility: command.facility }.into()])
}
