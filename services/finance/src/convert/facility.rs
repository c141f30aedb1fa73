//! Facilities and their margin calls.

use granary_book::{
    credit::{CALLS, Call, CallStage, FACILITIES, Facility, Stage, pledges_of},
    pledges::PLEDGES,
    state::Row,
    vocabulary::{CallNo, FacilityNo, Money},
};
use granary_proto::finance::v1 as pb;
use granary_runtime::{reading::Reading, wire};

/// A facility without its history.
pub(crate) fn facility(reading: &Reading<'_>, row: &Row<FacilityNo, Facility>) -> pb::Facility {
    let Facility {
        id,
        lender,
        borrower,
        product,
        product_version,
        limit,
        expires_on,
        accounts,
        stage,
    } = &row.value;
    let pledges = pledges_of(&reading.view, row.no).into_iter();
    pb::Facility {
        id: id.to_string(),
        lender: reading.party(*lender),
        borrower: reading.party(*borrower),
        product: product.to_string(),
        product_version: *product_version,
        limit: Some(wire::money(*limit)),
        expires_on: expires_on.to_string(),
        accounts: accounts.iter().map(ToString::to_string).collect(),
        stage: facility_stage(stage).into(),
        offer_until_ms: match stage {
            Stage::Offered { until } => Some(until.ms()),
            Stage::Signed
            | Stage::Available { .. }
            | Stage::Frozen
            | Stage::Closed
            | Stage::Lapsed => None,
        },
        suspension: suspension(reading, stage),
        pledges: pledges.map(|no| reading.name(&PLEDGES, no, |pledge| pledge.id)).collect(),
        as_of_index: reading.as_of_index,
        history: Vec::new(),
    }
}

/// How far a facility has come.
pub(crate) const fn facility_stage(stage: &Stage) -> pb::FacilityStage {
    match stage {
        Stage::Offered { .. } => pb::FacilityStage::Offered,
        Stage::Signed => pb::FacilityStage::Signed,
        Stage::Available { .. } => pb::FacilityStage::Available,
        Stage::Frozen => pb::FacilityStage::Frozen,
        Stage::Closed => pb::FacilityStage::Closed,
        Stage::Lapsed => pb::FacilityStage::Lapsed,
    }
}

fn suspension(reading: &Reading<'_>, stage: &Stage) -> Option<pb::Suspension> {
    match stage {
        Stage::Available { by_lender: false, by_valuation: false, call: None } => None,
        Stage::Available { by_lender, by_valuation, call } => Some(pb::Suspension {
            by_lender: *by_lender,
            by_valuation: *by_valuation,
            by_call: call.map(|no| reading.name(&CALLS, no, |call| call.id)),
        }),
        Stage::Offered { .. } | Stage::Signed | Stage::Frozen | Stage::Closed | Stage::Lapsed => {
            None
        }
    }
}

/// A margin call without its history.
pub(crate) fn call(reading: &Reading<'_>, row: &Row<CallNo, Call>) -> pb::Call {
    let Call { id, facility, deadline, stage } = &row.value;
    let of = FACILITIES.get(&reading.view, *facility);
    let outstanding = match stage {
        CallStage::Open { outstanding } => {
            of.as_ref().map(|facility| Money::new(*outstanding, facility.limit.currency()))
        }
        CallStage::Cured | CallStage::Expired | CallStage::Withdrawn => None,
    };
    pb::Call {
        id: id.to_string(),
        facility: of.map(|facility| facility.id.to_string()).unwrap_or_default(),
        deadline_ms: deadline.ms(),
        stage: call_stage(*stage).into(),
        outstanding: outstanding.map(wire::money),
        as_of_index: reading.as_of_index,
        history: Vec::new(),
    }
}

/// How a margin call stands.
pub(crate) const fn call_stage(stage: CallStage) -> pb::CallStage {
    match stage {
        CallStage::Open { .. } => pb::CallStage::Open,
        CallStage::Cured => pb::CallStage::Cured,
        CallStage::Expired => pb::CallStage::Expired,
        CallStage::Withdrawn => pb::CallStage::Withdrawn,
    }
}
