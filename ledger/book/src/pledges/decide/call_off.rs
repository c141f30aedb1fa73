//! Before a pledge is active it can be turned down, taken back, or lapse (P7).

use super::{for_each_receipt, wrong_stage};
use crate::{
    areas,
    at::{At, Stamp},
    pledges::{
        Deadline, Event, PLEDGES, Pledge, PledgeLapsed, PledgeRejected, PledgeWithdrawn,
        RejectPledge, Stage, WithdrawPledge, find, refusal,
    },
    receipts::ReservationCancelled,
    refusal::Refusal,
    state::{Row, View},
    vocabulary::PledgeNo,
};

/// P7: the pledgee turns it down; so may the keeper when asked to confirm.
pub(super) fn reject(
    view: &View<'_>,
    command: &RejectPledge,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let pledge = find(view, command.pledge)?;
    let asked = matches!(pledge.value.stage, Stage::AwaitingKeeper { .. });
    let as_keeper = asked && pledge.value.keeper == at.party;
    if pledge.value.pledgee != at.party && !as_keeper {
        return Err(refusal::not_pledgee(command.pledge));
    }
    if pledge.value.stage.until().is_none() {
        return Err(wrong_stage(&pledge.value));
    }
    let by = at.party_id;
    let rejected = PledgeRejected { pledge: command.pledge, by, reason: command.reason.clone() };
    Ok(set_free(view, &pledge, rejected))
}

/// P7: the pledgor takes it back.
pub(super) fn withdraw(
    view: &View<'_>,
    command: &WithdrawPledge,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let pledge = find(view, command.pledge)?;
    if pledge.value.pledgor != at.party {
        return Err(refusal::not_party(command.pledge, "pledgor"));
    }
    if pledge.value.stage.until().is_none() {
        return Err(wrong_stage(&pledge.value));
    }
    Ok(set_free(view, &pledge, PledgeWithdrawn { pledge: command.pledge }))
}

/// What a deadline of pledges comes to (P7): a reservation resolves by its own end (INV-21).
pub fn fire(view: &View<'_>, deadline: &Deadline, _: &Stamp) -> Vec<areas::Event> {
    let Deadline::ReservationEnds { pledge: no } = *deadline;
    match PLEDGES.get(view, no) {
        Some(pledge) if pledge.stage.until().is_some() => {
            let lapsed = PledgeLapsed { pledge: pledge.id };
            set_free(view, &Row { no, value: pledge }, lapsed)
        }
        Some(_) | None => vec![],
    }
}

fn set_free(
    view: &View<'_>,
    pledge: &Row<PledgeNo, Pledge>,
    ended: impl Into<Event>,
) -> Vec<areas::Event> {
    let id = pledge.value.id;
    let receipts =
        for_each_receipt(view, pledge.no, |receipt| ReservationCancelled { receipt, pledge: id });
    std::iter::once(ended.into().into()).chain(receipts).collect()
}
