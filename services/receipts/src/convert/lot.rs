//! Lots.

use granary_book::{
    goods::{Account, Accounts, Assay, Lot, Stage, Storage},
    state::Row,
    vocabulary::{LotNo, PartyNo, Quantity},
};
use granary_proto::receipts::v1 as pb;
use granary_runtime::{reading::Reading, wire};

/// A lot without its history.
pub(crate) fn lot(reading: &Reading<'_>, row: &Row<LotNo, Lot>) -> pb::Lot {
    let Lot {
        id,
        depositor,
        owner,
        warehouse,
        commodity,
        ownership,
        not_graded,
        accounts: held,
        stage,
    } = &row.value;
    pb::Lot {
        id: id.to_string(),
        depositor: reading.party(*depositor),
        owner: reading.party(*owner),
        warehouse: reading.party(*warehouse),
        commodity: reading.commodity(*commodity),
        ownership: ownership.number().cast_signed(),
        not_graded: *not_graded,
        stage: lot_stage(stage).into(),
        net: net(stage, held).map(wire::quantity),
        inspector: inspector(stage).map(|no| reading.party(no)),
        assay: found(stage).map(|found| assay(reading, found)),
        storage: stored(stage).map(storage),
        accounts: Some(accounts(held)),
        exhausted: row.value.is_exhausted(),
        as_of_index: reading.as_of_index,
        history: Vec::new(),
    }
}

/// How far a lot has come.
pub(crate) const fn lot_stage(stage: &Stage) -> pb::LotStage {
    match stage {
        Stage::Announced => pb::LotStage::Announced,
        Stage::Arrived => pb::LotStage::Arrived,
        Stage::Weighed { .. } => pb::LotStage::Weighed,
        Stage::Sampled { .. } => pb::LotStage::Sampled,
        Stage::Graded { .. } => pb::LotStage::Graded,
        Stage::Stored(_) => pb::LotStage::Stored,
        Stage::Refused => pb::LotStage::Refused,
    }
}

fn net(stage: &Stage, accounts: &Accounts) -> Option<Quantity> {
    match stage {
        Stage::Weighed { net } | Stage::Sampled { net, .. } | Stage::Graded { net, .. } => {
            Some(*net)
        }
        // What was weighed is what was received.
        Stage::Stored(_) => Some(accounts.balance(Account::Received)),
        Stage::Announced | Stage::Arrived | Stage::Refused => None,
    }
}

fn inspector(stage: &Stage) -> Option<PartyNo> {
    match stage {
        Stage::Sampled { inspector, .. } => Some(*inspector),
        Stage::Graded { .. } | Stage::Stored(_) => found(stage).map(|assay| assay.inspector),
        Stage::Announced | Stage::Arrived | Stage::Weighed { .. } | Stage::Refused => None,
    }
}

fn found(stage: &Stage) -> Option<&Assay> {
    match stage {
        Stage::Graded { assay, .. } => Some(assay),
        Stage::Stored(storage) => Some(&storage.assay),
        Stage::Announced
        | Stage::Arrived
        | Stage::Weighed { .. }
        | Stage::Sampled { .. }
        | Stage::Refused => None,
    }
}

fn stored(stage: &Stage) -> Option<&Storage> {
    match stage {
        Stage::Stored(storage) => Some(storage),
        Stage::Announced
        | Stage::Arrived
        | Stage::Weighed { .. }
        | Stage::Sampled { .. }
        | Stage::Graded { .. }
        | Stage::Refused => None,
    }
}

fn assay(reading: &Reading<'_>, assay: &Assay) -> pb::LotAssay {
    let Assay { grade, assayed_at, inspector } = assay;
    pb::LotAssay {
        grade: grade.to_string(),
        assayed_at_ms: assayed_at.ms(),
        inspector: reading.party(*inspector),
    }
}

fn storage(storage: &Storage) -> pb::LotStorage {
    // The assay stands beside it.
    let Storage { store, assay: _, insured_until, commingling } = storage;
    pb::LotStorage {
        store: store.to_string(),
        insured_until: insured_until.to_string(),
        commingling: commingling.number().cast_signed(),
    }
}

fn accounts(accounts: &Accounts) -> pb::LotAccounts {
    let amount = |account| accounts.balance(account).amount();
    pb::LotAccounts {
        unit: accounts.balance(Account::Received).unit().number().cast_signed(),
        received: amount(Account::Received),
        unreceipted: amount(Account::Unreceipted),
        issue_reserved: amount(Account::IssueReserved),
        receipted: amount(Account::Receipted),
        delivery_reserved: amount(Account::DeliveryReserved),
        impaired: amount(Account::Impaired),
        delivered: amount(Account::Delivered),
        shrink_allowed: amount(Account::ShrinkAllowed),
        loss_recognised: amount(Account::LossRecognised),
        disposed: amount(Account::Disposed),
    }
}
