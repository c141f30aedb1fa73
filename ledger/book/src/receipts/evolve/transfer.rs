//! A receipt on its way from one holder to the next.

use super::{change, party, receipt};
use crate::{
    at::Stamp,
    deadline,
    receipts::{
        Deadline, Encumbrance, ReceiptTransferred, TRANSFERS, Transfer, TransferCountersigned,
        TransferLapsed, TransferProposed, TransferStage,
    },
    state::{BrokenHistory, View},
    vocabulary::TransferId,
};

pub(super) fn propose(
    view: &mut View<'_>,
    event: &TransferProposed,
    stamp: &Stamp,
) -> Result<(), BrokenHistory> {
    let payment_bank = match &event.payment {
        Some(payment) => Some(party(view, payment.bank)?),
        None => None,
    };
    let transfer = Transfer {
        id: event.transfer,
        receipt: receipt(view, event.receipt)?.0,
        from: party(view, event.from)?,
        to: party(view, event.to)?,
        fees_assumed: event.fees_assumed,
        payment_bank,
        stage: TransferStage::Open { until: event.accept_by_ms, countersigned: false },
    };
    let no = TRANSFERS.insert(view, &event.transfer, &transfer)?;
    let lapses = Deadline::TransferLapses { transfer: no };
    deadline::set(view, event.accept_by_ms, stamp.time, lapses);
    change(view, event.receipt, |receipt| {
        receipt.encumbrance =
            Encumbrance::TransferPending { transfer: event.transfer, until: event.accept_by_ms };
    })
}

pub(super) fn countersign(
    view: &mut View<'_>,
    event: &TransferCountersigned,
) -> Result<(), BrokenHistory> {
    let signed = TRANSFERS.update(view, &event.transfer, |transfer| match transfer.stage {
        TransferStage::Open { until, .. } => {
            transfer.stage = TransferStage::Open { until, countersigned: true };
            Ok(())
        }
        TransferStage::Accepted | TransferStage::Lapsed => {
            Err(BrokenHistory("a transfer is countersigned that isn't open"))
        }
    });
    signed.map(drop)
}

pub(super) fn accept(view: &mut View<'_>, event: &ReceiptTransferred) -> Result<(), BrokenHistory> {
    let to = party(view, event.to)?;
    close(view, event.transfer, TransferStage::Accepted)?;
    change(view, event.receipt, |receipt| {
        receipt.holder = to;
        receipt.encumbrance = Encumbrance::Free;
    })
}

pub(super) fn lapse(view: &mut View<'_>, event: &TransferLapsed) -> Result<(), BrokenHistory> {
    close(view, event.transfer, TransferStage::Lapsed)?;
    change(view, event.receipt, |receipt| receipt.encumbrance = Encumbrance::Free)
}

fn close(
    view: &mut View<'_>,
    transfer: TransferId,
    stage: TransferStage,
) -> Result<(), BrokenHistory> {
    let closed = TRANSFERS.update(view, &transfer, |transfer| {
        transfer.stage = stage;
        Ok(())
    });
    closed.map(drop)
}
