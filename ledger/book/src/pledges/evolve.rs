//! Writes what happened to pledges.

use super::{
    CheckOutcome, ControlConfirmed, Deadline, DuplicateCheck, DuplicateCheckRecorded, Event,
    PLEDGES, Pledge, PledgeProposed, Registration, RegistrationRecorded, Stage,
    state::{CHECKS, REGISTRATIONS},
};
use crate::{
    at::Stamp,
    deadline,
    parties::PARTIES,
    receipts::Publicity,
    state::{BrokenHistory, View},
    vocabulary::{PartyId, PartyNo, PledgeId, PledgeNo},
};

/// Writes an event.
///
/// # Errors
///
/// The event names something that isn't there, or can't follow.
pub fn evolve(view: &mut View<'_>, event: &Event, stamp: &Stamp) -> Result<(), BrokenHistory> {
    match event {
        Event::PledgeProposed(event) => propose(view, event, stamp),
        Event::DuplicateCheckRecorded(event) => record_check(view, event),
        Event::PledgeAccepted(event) => advance(view, event.pledge, |stage| match stage {
            Stage::Reserved { until } => Some(Stage::AwaitingKeeper { until }),
            _ => None,
        }),
        Event::ControlConfirmed(event) => confirm_control(view, event),
        Event::RegistrationRecorded(event) => record_registration(view, event),
        Event::PledgePerfected(event) => {
            let since = Publicity { index: event.published_index, time: event.published_at_ms };
            advance(view, event.pledge, |stage| match stage {
                Stage::AwaitingRegistration { lien, .. } => Some(Stage::Active { since, lien }),
                _ => None,
            })
        }
        Event::PledgeRejected(event) => call_off(view, event.pledge, Stage::Rejected),
        Event::PledgeWithdrawn(event) => call_off(view, event.pledge, Stage::Withdrawn),
        Event::PledgeLapsed(event) => call_off(view, event.pledge, Stage::Lapsed),
        Event::ReleaseRequested(event) => advance(view, event.pledge, |stage| match stage {
            Stage::Active { since, lien } => Some(Stage::Releasing { since, lien }),
            _ => None,
        }),
        Event::PledgeReleased(event) => advance(view, event.pledge, |stage| match stage {
            Stage::Releasing { .. } => Some(Stage::Released),
            _ => None,
        }),
    }
}

/// Moves a pledge to the stage that follows its own; `next` knows none for a history that isn't ours.
fn advance(
    view: &mut View<'_>,
    pledge: PledgeId,
    next: impl FnOnce(Stage) -> Option<Stage>,
) -> Result<(), BrokenHistory> {
    let changed = PLEDGES.update(view, &pledge, |pledge| {
        pledge.stage =
            next(pledge.stage).ok_or(BrokenHistory("a pledge's stages are out of order"))?;
        Ok(())
    });
    changed.map(drop)
}

fn call_off(view: &mut View<'_>, pledge: PledgeId, end: Stage) -> Result<(), BrokenHistory> {
    advance(view, pledge, |stage| stage.until().map(|_| end))
}

fn propose(
    view: &mut View<'_>,
    event: &PledgeProposed,
    stamp: &Stamp,
) -> Result<(), BrokenHistory> {
    let until = event.reserved_until_ms;
    let pledge = Pledge {
        id: event.pledge,
        pledgor: party(view, event.pledgor)?,
        pledgee: party(view, event.pledgee)?,
        keeper: party(view, event.keeper)?,
        secured_maximum: event.secured_maximum,
        matures_on: event.matures_on,
        stage: Stage::Reserved { until },
        open_claims: 0,
    };
    let no = PLEDGES.insert(view, &event.pledge, &pledge)?;
    deadline::set(view, until, stamp.time, Deadline::ReservationEnds { pledge: no });
    Ok(())
}

fn record_check(view: &mut View<'_>, event: &DuplicateCheckRecorded) -> Result<(), BrokenHistory> {
    let no = number(view, event.pledge)?;
    let outcome: CheckOutcome = event.outcome;
    let check =
        DuplicateCheck { outcome, checked_at: event.checked_at_ms, evidence: event.evidence };
    CHECKS.put(view, &no, &check);
    Ok(())
}

/// Where no registration is asked for, `PledgePerfected` follows in the same entry.
fn confirm_control(view: &mut View<'_>, event: &ControlConfirmed) -> Result<(), BrokenHistory> {
    let lien = event.lien;
    advance(view, event.pledge, |stage| match stage {
        Stage::AwaitingKeeper { until } => Some(Stage::AwaitingRegistration { until, lien }),
        _ => None,
    })
}

fn record_registration(
    view: &mut View<'_>,
    event: &RegistrationRecorded,
) -> Result<(), BrokenHistory> {
    let no = number(view, event.pledge)?;
    let registration = Registration {
        registry: event.registry.clone(),
        number: event.number.clone(),
        expires_on: event.expires_on,
    };
    REGISTRATIONS.put(view, &no, &registration);
    Ok(())
}

fn number(view: &View<'_>, pledge: PledgeId) -> Result<PledgeNo, BrokenHistory> {
    PLEDGES.no(view, &pledge).ok_or(BrokenHistory("an event names no pledge"))
}

fn party(view: &View<'_>, party: PartyId) -> Result<PartyNo, BrokenHistory> {
    PARTIES.no(view, &party).ok_or(BrokenHistory("an event names no party"))
}

/// A claim is opened under a pledge: called when credit's events say so.
///
/// # Errors
///
/// There is no such pledge.
pub(crate) fn claim_opened(view: &mut View<'_>, pledge: PledgeNo) -> Result<(), BrokenHistory> {
    change_claims(view, pledge, |claims| claims.checked_add(1))
}

/// A claim under a pledge is settled or given up: called when credit's events say so.
///
/// # Errors
///
/// There is no such pledge, or no such claim.
pub(crate) fn claim_closed(view: &mut View<'_>, pledge: PledgeNo) -> Result<(), BrokenHistory> {
    change_claims(view, pledge, |claims| claims.checked_sub(1))
}

fn change_claims(
    view: &mut View<'_>,
    no: PledgeNo,
    change: impl FnOnce(u32) -> Option<u32>,
) -> Result<(), BrokenHistory> {
    let mut value = PLEDGES.get(view, no).ok_or(BrokenHistory("a claim names no pledge"))?;
    value.open_claims =
        change(value.open_claims).ok_or(BrokenHistory("a claim is closed that was not open"))?;
    PLEDGES.put(view, &crate::state::Row { no, value });
    Ok(())
}
