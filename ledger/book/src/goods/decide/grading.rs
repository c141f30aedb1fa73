//! Sample and assay: a grade comes from the published table and from somebody who doesn't profit by it.

use crate::{
    at::At,
    goods::{
        Event, Lot, LotGraded, NOT_GRADED, RecordAssay, SampleTaken, Stage, TakeSample, find,
        party_id, refusal,
    },
    parties,
    refusal::{Code, Refusal},
    registries::{self, COMMODITIES, grade_of},
    state::View,
    vocabulary,
};

/// TakeSample: the inspector is neither issuer nor depositor nor owner, nor one of theirs (INV-60).
pub(super) fn take_sample(
    view: &View<'_>,
    command: &TakeSample,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let lot = find(view, command.lot)?.value;
    match &lot.stage {
        Stage::Weighed { .. } => {}
        stage => return Err(lot.in_another_stage(stage)),
    }
    require_independent(view, &lot, at)?;
    registries::check_occurred_at(view, at, command.occurred_at_ms)?;
    Ok(Event::SampleTaken(SampleTaken {
        lot: lot.id,
        inspector: at.party_id,
        sample: command.sample.clone(),
        occurred_at_ms: command.occurred_at_ms,
    }))
}

/// RecordAssay: the grade is derived, never typed.
pub(super) fn record_assay(
    view: &View<'_>,
    command: &RecordAssay,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let lot = find(view, command.lot)?.value;
    let inspector = match &lot.stage {
        Stage::Sampled { inspector, .. } => *inspector,
        stage => return Err(lot.in_another_stage(stage)),
    };
    require_independent(view, &lot, at)?;
    registries::check_occurred_at(view, at, command.occurred_at_ms)?;
    let grade = derived_grade(view, command, &lot)?;
    if command.grade.as_ref().is_some_and(|stated| *stated != grade) {
        return Err(refusal::grade_table_mismatch(Some(&grade)));
    }
    Ok(Event::LotGraded(LotGraded {
        lot: lot.id,
        laboratory: at.party_id,
        inspector: party_id(view, inspector)?,
        method: command.method.clone(),
        values: command.values.clone(),
        grade,
        occurred_at_ms: command.occurred_at_ms,
    }))
}

fn derived_grade(
    view: &View<'_>,
    command: &RecordAssay,
    lot: &Lot,
) -> Result<vocabulary::Code, Refusal> {
    if lot.not_graded {
        return NOT_GRADED.parse().map_err(|_| Code::ValidationFailed.into());
    }
    let commodity = COMMODITIES.get(view, lot.commodity).ok_or(Code::NotRegistered)?;
    let values: Vec<_> =
        command.values.iter().map(|value| (value.parameter.clone(), value.value)).collect();
    let grade = grade_of(&commodity.grades, &values);
    grade.cloned().ok_or_else(|| refusal::grade_table_mismatch(None))
}

fn require_independent(view: &View<'_>, lot: &Lot, at: &At<'_>) -> Result<(), Refusal> {
    let parties = [lot.warehouse, lot.depositor, lot.owner];
    match parties.into_iter().find(|party| parties::related(view, at.party, *party)) {
        Some(related) => Err(refusal::inspector_not_independent(lot.id, party_id(view, related)?)),
        None => Ok(()),
    }
}
