//! Transfer: the holder offers, the keeper countersigns, the transferee accepts (R5 to R8).

use crate::{
    at::At,
    goods,
    parties::{self, Role},
    receipts::{
        AcceptTransfer, CountersignTransfer, Ending, Event, HOLDERS, ProposeTransfer, RECEIPTS,
        Receipt, ReceiptKind, ReceiptTransferred, RejectTransfer, TRANSFERS, Transfer,
        TransferCountersigned, TransferLapsed, TransferProposed, TransferStage, WithdrawTransfer,
        find, guards, refusal,
    },
    refusal::{Code, ObjectKind, Refusal},
    registries,
    state::View,
    vocabulary::TransferId,
};

/// R5 ProposeTransfer: an operable, free receipt; somebody who may hold it; fees settled or taken over.
pub(super) fn propose(
    view: &View<'_>,
    command: &ProposeTransfer,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let transfer: TransferId = at.id(0);
    if TRANSFERS.has(view, &transfer) {
        return Err(Refusal::new(Code::IdTaken).subject(ObjectKind::Transfer, transfer));
    }
    let receipt = find(view, command.receipt)?.value;
    guards::require_holder(&receipt, at)?;
    guards::require_version(&receipt, command.expected_version)?;
    guards::require_operable(view, &receipt, at)?;
    guards::require_free_or(&receipt, Code::Encumbered)?;
    let to = parties::active(view, command.to, HOLDERS)
        .ok()
        .filter(|to| to.no != receipt.holder)
        .ok_or_else(|| refusal::transferee_ineligible(command.to))?;
    if !command.fees_assumed {
        guards::require_fees_settled(&receipt)?;
    }
    if let Some(payment) = &command.payment {
        parties::active(view, payment.bank, &[Role::Bank])?;
        if payment.price.minor() == 0 {
            return Err(Refusal::new(Code::AmountZero).field("payment.price"));
        }
    }
    Ok(Event::TransferProposed(TransferProposed {
        transfer,
        receipt: receipt.id,
        from: at.party_id,
        to: to.value.id,
        fees_assumed: receipt.fees_due,
        payment: command.payment.clone(),
        accept_by_ms: at.time().after(registries::profile(view).transfer_offer_ms),
    }))
}

/// An open transfer with its receipt, and whether the keeper has signed it.
struct Open {
    transfer: Transfer,
    receipt: Receipt,
    countersigned: bool,
}

fn open(view: &View<'_>, id: TransferId, at: &At<'_>) -> Result<Open, Refusal> {
    let row =
        TRANSFERS.find(view, &id).ok_or_else(|| Refusal::not_found(ObjectKind::Transfer, id))?;
    let transfer = row.value;
    let countersigned = match transfer.stage {
        TransferStage::Open { until, countersigned } if at.time() <= until => countersigned,
        TransferStage::Open { .. } | TransferStage::Lapsed => {
            return Err(Refusal::state(ObjectKind::Transfer, id, "LAPSED"));
        }
        TransferStage::Accepted => {
            return Err(Refusal::state(ObjectKind::Transfer, id, "ACCEPTED"));
        }
    };
    let receipt = RECEIPTS.get(view, transfer.receipt).ok_or(Code::NotFound)?;
    Ok(Open { transfer, receipt, countersigned })
}

/// R6 CountersignTransfer: once, by the keeper.
pub(super) fn countersign(
    view: &View<'_>,
    command: &CountersignTransfer,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let open = open(view, command.transfer, at)?;
    guards::require_keeper(&open.receipt, at)?;
    if open.countersigned {
        let id = command.transfer;
        return Err(Refusal::state(ObjectKind::Transfer, id, "COUNTERSIGNED"));
    }
    Ok(Event::TransferCountersigned(TransferCountersigned {
        transfer: open.transfer.id,
        receipt: open.receipt.id,
        keeper: at.party_id,
    }))
}

/// R7 AcceptTransfer: the receipt still operable, every signature there, the payment locked: the bank says
/// so by signing the very statement (or linked batch) that moves title.
pub(super) fn accept(
    view: &View<'_>,
    command: &AcceptTransfer,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let Open { transfer, receipt, countersigned } = open(view, command.transfer, at)?;
    if at.party != transfer.to {
        let refusal = Refusal::new(Code::NotAuthorised);
        let refusal = refusal.subject(ObjectKind::Transfer, transfer.id);
        return Err(refusal.required("transferee"));
    }
    guards::require_operable(view, &receipt, at)?;
    let needs_keeper = registries::profile(view).keeper_countersigns_transfer
        || receipt.kind == ReceiptKind::NonNegotiable;
    if needs_keeper && !countersigned {
        return Err(refusal::keeper_signature_required(receipt.id));
    }
    // What became due since the offer was nobody's to take over.
    if receipt.fees_due != transfer.fees_assumed {
        guards::require_fees_settled(&receipt)?;
    }
    if transfer.payment_bank.is_some_and(|bank| !at.signed_by(bank)) {
        return Err(refusal::payment_not_locked(receipt.id));
    }
    Ok(Event::ReceiptTransferred(ReceiptTransferred {
        receipt: receipt.id,
        transfer: transfer.id,
        from: goods::party_id(view, transfer.from)?,
        to: at.party_id,
    }))
}

/// R8 WithdrawTransfer: by whoever proposed it.
pub(super) fn withdraw(
    view: &View<'_>,
    command: &WithdrawTransfer,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let open = open(view, command.transfer, at)?;
    if at.party != open.transfer.from {
        return Err(refusal::not_the_holder(open.receipt.id));
    }
    Ok(lapsed(&open.transfer, &open.receipt, Ending::Withdrawn))
}

/// R8 RejectTransfer: by whom it is offered to.
pub(super) fn reject(
    view: &View<'_>,
    command: &RejectTransfer,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let open = open(view, command.transfer, at)?;
    if at.party != open.transfer.to {
        let refusal = Refusal::new(Code::NotAuthorised);
        let refusal = refusal.subject(ObjectKind::Transfer, open.transfer.id);
        return Err(refusal.required("transferee"));
    }
    Ok(lapsed(&open.transfer, &open.receipt, Ending::Rejected))
}

/// The event of a transfer that came to nothing.
pub(super) fn lapsed(transfer: &Transfer, receipt: &Receipt, ending: Ending) -> Event {
    let (transfer, receipt) = (transfer.id, receipt.id);
    Event::TransferLapsed(TransferLapsed { transfer, receipt, ending })
}
