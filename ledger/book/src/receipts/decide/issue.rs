//! Issue: a clerk drafts, another person signs, the depositor accepts (R1 to R4).

use super::Names;
use crate::{
    at::At,
    goods::{self, Account, Lot, OwnershipClass, Storage},
    parties,
    receipts::{
        AcceptReceipt, Cancellation, DRAFTS, DeclineReceipt, Draft, DraftReceipt, DraftWithdrawn,
        Ending, Event, Lifecycle, RECEIPTS, Receipt, ReceiptDeclined, ReceiptDrafted,
        ReceiptIssued, ReceiptKind, ReceiptSigned, SignReceipt, WithdrawDraft, find, guards,
        number, refusal,
    },
    refusal::{Code, ObjectKind, Refusal},
    registries::{self, COMMODITIES},
    state::View,
    vocabulary::{self, Quantity, ReceiptId},
};

/// R1 DraftReceipt: no more than the lot holds without a receipt, on goods that were brought, graded lately
/// enough and insured for as long as the receipt is valid.
pub(super) fn draft(
    view: &View<'_>,
    command: &DraftReceipt,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let receipt: ReceiptId = at.id(0);
    if RECEIPTS.has(view, &receipt) || DRAFTS.has(view, &receipt) {
        return Err(Refusal::new(Code::IdTaken).subject(ObjectKind::Receipt, receipt));
    }
    let lot = goods::find(view, command.lot)?.value;
    if at.party != lot.warehouse {
        return Err(goods::refusal::not_the_keeper(lot.id));
    }
    parties::require_licence(view, lot.warehouse, lot.commodity, at.time())?;
    let storage = lot.storage()?;
    require_sound(view, command, &lot, storage, at)?;
    require_covered(view, command, &lot)?;
    require_ownership(command, &lot)?;
    let commodity = COMMODITIES.get(view, lot.commodity).ok_or(Code::NotRegistered)?;
    Ok(Event::ReceiptDrafted(ReceiptDrafted {
        receipt,
        lot: lot.id,
        keeper: at.party_id,
        depositor: goods::party_id(view, lot.depositor)?,
        kind: command.kind,
        commodity: commodity.code,
        grade: storage.assay.grade.clone(),
        quantity: command.quantity,
        valid_until: command.valid_until,
        loss_standard_ppm: commodity.shrink_allowance,
        drafter: at.person(),
        declared_value: command.declared_value,
        particulars: command.particulars,
    }))
}

/// Assayed lately enough, insured to the receipt's last day, and valid at least today.
fn require_sound(
    view: &View<'_>,
    command: &DraftReceipt,
    lot: &Lot,
    storage: &Storage,
    at: &At<'_>,
) -> Result<(), Refusal> {
    let assayed_at = storage.assay.assayed_at;
    if at.time().since(assayed_at) > registries::profile(view).assay_max_age_ms {
        return Err(refusal::inspection_stale(lot.id, assayed_at));
    }
    require_valid_today(command.valid_until, at)?;
    if storage.insured_until < command.valid_until {
        return Err(goods::refusal::insurance_missing(lot.id));
    }
    Ok(())
}

fn require_valid_today(valid_until: vocabulary::Date, at: &At<'_>) -> Result<(), Refusal> {
    if valid_until < at.time().date_at(0) {
        return Err(Refusal::new(Code::ValidationFailed).field("valid_until").at(at.time()));
    }
    Ok(())
}

fn require_covered(view: &View<'_>, command: &DraftReceipt, lot: &Lot) -> Result<(), Refusal> {
    let unreceipted = lot.accounts.balance(Account::Unreceipted);
    if command.quantity.unit() != unreceipted.unit() {
        return Err(Refusal::new(Code::UnitMismatch).field("quantity"));
    }
    require_minimum(view, command.quantity)?;
    if command.quantity.amount() > unreceipted.amount() {
        let (left, asked) = (unreceipted, command.quantity);
        return Err(refusal::qty_exceeds_unreceipted(lot.id, left, asked));
    }
    Ok(())
}

/// At least the profile's smallest receipt, and something.
pub(super) fn require_minimum(view: &View<'_>, quantity: Quantity) -> Result<(), Refusal> {
    let minimum = registries::profile(view).minimum_receipt.max(1);
    if quantity.amount() < minimum {
        let minimum = Quantity::new(minimum, quantity.unit());
        return Err(refusal::below_minimum(minimum, quantity));
    }
    Ok(())
}

/// The depositor is the owner, and only goods that are the owner's own are put into a negotiable receipt
/// (INV-16).
fn require_ownership(command: &DraftReceipt, lot: &Lot) -> Result<(), Refusal> {
    let free = lot.ownership == OwnershipClass::Own;
    let negotiable = command.kind == ReceiptKind::Negotiable;
    if lot.depositor != lot.owner || (negotiable && !free) {
        return Err(refusal::ownership_restricted(lot.id));
    }
    Ok(())
}

/// A draft of the principal's, with its lot.
fn own_draft(view: &View<'_>, id: ReceiptId, at: &At<'_>) -> Result<(Draft, Lot), Refusal> {
    let Some(draft) = DRAFTS.get(view, &id) else {
        let receipt = find(view, id)?.value;
        return Err(refusal::in_state(id, receipt.lifecycle));
    };
    let lot = goods::LOTS.get(view, draft.lot).ok_or(Code::NotFound)?;
    if at.party != lot.warehouse {
        return Err(refusal::not_the_keeper(id));
    }
    Ok((draft, lot))
}

/// WithdrawDraft: what was reserved has no receipt on it again.
pub(super) fn withdraw_draft(
    view: &View<'_>,
    command: &WithdrawDraft,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let (draft, lot) = own_draft(view, command.receipt, at)?;
    Ok(Event::DraftWithdrawn(DraftWithdrawn {
        receipt: command.receipt,
        lot: lot.id,
        quantity: draft.quantity,
    }))
}

/// R2 SignReceipt: another person than the drafter (INV-62); the keeper's next number.
pub(super) fn sign(view: &View<'_>, command: &SignReceipt, at: &At<'_>) -> Result<Event, Refusal> {
    let (draft, lot) = own_draft(view, command.receipt, at)?;
    parties::require_licence(view, lot.warehouse, lot.commodity, at.time())?;
    require_valid_today(draft.valid_until, at)?;
    let checker = at.persons().find(|person| Some(*person) != draft.drafter);
    let signer = checker.ok_or(Code::MakerCheckerRequired)?;
    let number = next_number(view, command, &lot)?;
    Ok(Event::ReceiptSigned(ReceiptSigned {
        receipt: command.receipt,
        number,
        keeper: at.party_id,
        signer,
        depositor: goods::party_id(view, lot.depositor)?,
        accept_by_ms: at.time().after(registries::profile(view).receipt_offer_ms),
    }))
}

/// The keeper's next number, which is the one that the signer expects if it expects one.
fn next_number(
    view: &View<'_>,
    command: &SignReceipt,
    lot: &Lot,
) -> Result<vocabulary::Code, Refusal> {
    let mut numbers = number::next(view, lot.warehouse, 1)?;
    let next = numbers.pop().ok_or_else(refusal::number_out_of_range)?;
    match &command.number {
        Some(stated) if *stated != next => {
            // Twelve digits of the same length sort as the serials do.
            let before = number::serial(stated).is_some() && *stated < next;
            Err(refusal::unexpected_number(before, &next))
        }
        Some(_) | None => Ok(next),
    }
}

/// A receipt that is offered to the principal.
fn offered(view: &View<'_>, id: ReceiptId, at: &At<'_>) -> Result<Receipt, Refusal> {
    let receipt = find(view, id)?.value;
    guards::require_holder(&receipt, at)?;
    match receipt.lifecycle {
        Lifecycle::PendingAcceptance { until } if at.time() <= until => Ok(receipt),
        Lifecycle::PendingAcceptance { .. } | Lifecycle::Cancelled(Cancellation::Lapsed) => {
            Err(refusal::timeout_expired(id))
        }
        other => Err(refusal::in_state(id, other)),
    }
}

/// R3 AcceptReceipt: within the window; no hold was placed meanwhile.
pub(super) fn accept(
    view: &View<'_>,
    command: &AcceptReceipt,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let receipt = offered(view, command.receipt, at)?;
    guards::require_no_hold(&receipt, at.time())?;
    let names = Names::of(view, &receipt)?;
    Ok(Event::ReceiptIssued(ReceiptIssued {
        receipt: receipt.id,
        number: receipt.number,
        kind: receipt.kind,
        keeper: names.keeper,
        holder: names.holder,
        lot: names.lot,
        commodity: names.commodity,
        grade: receipt.grade,
        quantity: receipt.nominal,
        valid_until: receipt.valid_until,
    }))
}

/// R4 DeclineReceipt: what was reserved has no receipt on it again.
pub(super) fn decline(
    view: &View<'_>,
    command: &DeclineReceipt,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let receipt = offered(view, command.receipt, at)?;
    declined(view, &receipt, Ending::Rejected)
}

/// The event of an offer that came to nothing.
pub(super) fn declined(
    view: &View<'_>,
    receipt: &Receipt,
    ending: Ending,
) -> Result<Event, Refusal> {
    let lot = Names::of(view, receipt)?.lot;
    let quantity = receipt.nominal;
    Ok(Event::ReceiptDeclined(ReceiptDeclined { receipt: receipt.id, lot, quantity, ending }))
}
