//! Pledges.

use granary_book::{
    pledges::{self, Pledge, Stage},
    receipts::RECEIPTS,
    state::Row,
    vocabulary::{Money, PledgeNo},
};
use granary_proto::finance::v1 as pb;
use granary_runtime::{reading::Reading, wire};

/// A pledge without its history.
pub(crate) fn pledge(reading: &Reading<'_>, row: &Row<PledgeNo, Pledge>) -> pb::Pledge {
    let Pledge { id, pledgor, pledgee, keeper, secured_maximum, matures_on, stage, open_claims } =
        &row.value;
    let view = &reading.view;
    let receipts = pledges::members(view, row.no);
    let since = stage.since();
    pb::Pledge {
        id: id.to_string(),
        pledgor: reading.party(*pledgor),
        pledgee: reading.party(*pledgee),
        keeper: reading.party(*keeper),
        receipts: receipts
            .into_iter()
            .map(|no| reading.name(&RECEIPTS, no, |receipt| receipt.id))
            .collect(),
        secured_maximum: Some(wire::money(*secured_maximum)),
        matures_on: matures_on.to_string(),
        stage: pledge_stage(*stage).into(),
        until_ms: stage.until().map(|until| until.ms()),
        since_index: since.map(|since| since.index),
        since_ms: since.map(|since| since.time.ms()),
        lien: lien(*stage).map(wire::money),
        open_claims: *open_claims,
        duplicate_check: pledges::duplicate_check(view, row.no).as_ref().map(duplicate_check),
        registration: pledges::registration(view, row.no).as_ref().map(registration),
        as_of_index: reading.as_of_index,
        history: Vec::new(),
    }
}

/// How far a pledge has come.
pub(crate) const fn pledge_stage(stage: Stage) -> pb::PledgeStage {
    match stage {
        Stage::Reserved { .. } => pb::PledgeStage::Reserved,
        Stage::AwaitingKeeper { .. } => pb::PledgeStage::AwaitingKeeper,
        Stage::AwaitingRegistration { .. } => pb::PledgeStage::AwaitingRegistration,
        Stage::Active { .. } => pb::PledgeStage::Active,
        Stage::Releasing { .. } => pb::PledgeStage::Releasing,
        Stage::Released => pb::PledgeStage::Released,
        Stage::Rejected => pb::PledgeStage::Rejected,
        Stage::Withdrawn => pb::PledgeStage::Withdrawn,
        Stage::Lapsed => pb::PledgeStage::Lapsed,
    }
}

const fn lien(stage: Stage) -> Option<Money> {
    match stage {
        Stage::AwaitingRegistration { lien, .. }
        | Stage::Active { lien, .. }
        | Stage::Releasing { lien, .. } => Some(lien),
        Stage::Reserved { .. }
        | Stage::AwaitingKeeper { .. }
        | Stage::Released
        | Stage::Rejected
        | Stage::Withdrawn
        | Stage::Lapsed => None,
    }
}

fn duplicate_check(check: &pledges::DuplicateCheck) -> pb::DuplicateCheck {
    let pledges::DuplicateCheck { outcome, checked_at, evidence } = check;
    pb::DuplicateCheck {
        outcome: outcome.number().cast_signed(),
        checked_at_ms: checked_at.ms(),
        evidence: evidence.0.to_vec().into(),
    }
}

fn registration(registration: &pledges::Registration) -> pb::Registration {
    let pledges::Registration { registry, number, expires_on } = registration;
    pb::Registration {
        registry: registry.to_string(),
        number: number.to_string(),
        expires_on: expires_on.to_string(),
    }
}
