//! The pledgee asks a duplicate-finance registry and accepts (P3, P4).

use super::{as_pledgee, wrong_stage};
use crate::{
    areas,
    at::At,
    parties,
    pledges::{
        AcceptPledge, CheckOutcome, DuplicateCheckRecorded, Event, PledgeAccepted,
        RecordDuplicateCheck, Stage, refusal, require_clear_check,
    },
    refusal::{Code, Refusal},
    registries,
    state::View,
};

/// P3: while the pledge is live, and again before each disbursement. An answer that the goods are financed
/// is recorded like any other: it is evidence, and stops acceptance and every draw.
pub(super) fn record_check(
    view: &View<'_>,
    command: &RecordDuplicateCheck,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let pledge = as_pledgee(view, command.pledge, at)?;
    let stage = pledge.value.stage;
    if stage.until().is_none() && stage.since().is_none() {
        return Err(wrong_stage(&pledge.value));
    }
    registries::check_occurred_at(view, at, command.checked_at_ms)?;
    let max_age = registries::profile(view).duplicate_check_max_age_ms;
    if at.time().since(command.checked_at_ms) > max_age {
        return Err(refusal::check_stale(
            command.pledge,
            max_age,
            command.checked_at_ms,
            at.time(),
        ));
    }
    if command.outcome == CheckOutcome::NearMatch && command.reason.is_none() {
        return Err(Refusal::new(Code::ValidationFailed).field("reason"));
    }
    let recorded = DuplicateCheckRecorded {
        pledge: command.pledge,
        registry: command.registry.clone(),
        outcome: command.outcome,
        checked_at_ms: command.checked_at_ms,
        evidence: command.evidence,
        reason: command.reason.clone(),
    };
    Ok(vec![Event::from(recorded).into()])
}

/// P4: the check is recorded, fresh and clear; keeper and pledgor are independent, or the pledgee says why
/// it accepts that they are not (INV-63).
pub(super) fn accept(
    view: &View<'_>,
    command: &AcceptPledge,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let pledge = as_pledgee(view, command.pledge, at)?;
    let Stage::Reserved { .. } = pledge.value.stage else {
        return Err(wrong_stage(&pledge.value));
    };
    require_clear_check(view, &pledge, at.time())?;
    let related_parties = parties::related(view, pledge.value.keeper, pledge.value.pledgor);
    if related_parties && command.related_party_reason.is_none() {
        return Err(refusal::related_party_warehouse(command.pledge));
    }
    let accepted = PledgeAccepted {
        pledge: command.pledge,
        related_parties,
        related_party_reason: command.related_party_reason.clone(),
    };
    Ok(vec![Event::from(accepted).into()])
}
