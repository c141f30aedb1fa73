//! How receipts change hands, and how their goods leave.

use granary_book::{
    receipts::{RECEIPTS, ReleaseOrder, ReleaseStage, Transfer, TransferStage},
    state::Row,
    vocabulary::{Quantity, ReleaseOrderNo, TransferNo},
};
use granary_proto::receipts::v1 as pb;
use granary_runtime::{reading::Reading, wire};

/// A transfer without its history.
pub(crate) fn transfer(reading: &Reading<'_>, row: &Row<TransferNo, Transfer>) -> pb::Transfer {
    let Transfer { id, receipt, from, to, payment_bank, fees_assumed, stage } = &row.value;
    let (until, is_countersigned) = match stage {
        TransferStage::Open { until, countersigned } => (Some(*until), *countersigned),
        TransferStage::Accepted | TransferStage::Lapsed => (None, false),
    };
    pb::Transfer {
        id: id.to_string(),
        receipt: reading.name(&RECEIPTS, *receipt, |receipt| receipt.id),
        from: reading.party(*from),
        to: reading.party(*to),
        payment_bank: payment_bank.map(|no| reading.party(no)),
        fees_assumed: fees_assumed.map(wire::money),
        stage: transfer_stage(stage).into(),
        until_ms: until.map(|until| until.ms()),
        countersigned: is_countersigned,
        as_of_index: reading.as_of_index,
        history: Vec::new(),
    }
}

/// How a transfer stands.
pub(crate) const fn transfer_stage(stage: &TransferStage) -> pb::TransferStage {
    match stage {
        TransferStage::Open { .. } => pb::TransferStage::Open,
        TransferStage::Accepted => pb::TransferStage::Accepted,
        TransferStage::Lapsed => pb::TransferStage::Lapsed,
    }
}

/// A release order without its history.
pub(crate) fn release_order(
    reading: &Reading<'_>,
    row: &Row<ReleaseOrderNo, ReleaseOrder>,
) -> pb::ReleaseOrder {
    let ReleaseOrder { id, receipt, quantity, released, collector, stage } = &row.value;
    let surrendered = RECEIPTS.get(&reading.view, *receipt);
    let party = |no: Option<_>| no.map(|no| reading.party(no)).unwrap_or_default();
    pb::ReleaseOrder {
        id: id.to_string(),
        receipt: surrendered.as_ref().map(|receipt| receipt.id.to_string()).unwrap_or_default(),
        keeper: party(surrendered.as_ref().map(|receipt| receipt.keeper)),
        holder: party(surrendered.as_ref().map(|receipt| receipt.holder)),
        quantity: Some(wire::quantity(*quantity)),
        released: Some(wire::quantity(Quantity::new(*released, quantity.unit()))),
        remaining: Some(wire::quantity(row.value.remaining())),
        collector: collector.to_string(),
        stage: match stage {
            ReleaseStage::Open => pb::ReleaseStage::Open,
            ReleaseStage::Completed => pb::ReleaseStage::Completed,
            ReleaseStage::Withdrawn => pb::ReleaseStage::Withdrawn,
        }
        .into(),
        as_of_index: reading.as_of_index,
        history: Vec::new(),
    }
}
