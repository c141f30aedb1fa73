//! What follows from a receipt's four dimensions: questions that its own rules and those of pledges ask.

use super::{Encumbrance, Lifecycle, Medium, Receipt, refusal};
use crate::{
    at::At,
    goods::{LOTS, OwnershipClass},
    parties,
    refusal::{Code, Measure, ObjectKind, Refusal},
    state::View,
    vocabulary::Time,
};

/// Whether a receipt may be disposed of: active, electronic, without holds, valid today, its keeper licensed
/// (domain.md section 6.2, OPERABLE).
///
/// # Errors
///
/// `INVALID_STATE`, `MEDIUM_CONFLICT`, `HOLD_IN_FORCE`, `WAREHOUSE_NOT_LICENSED`, in this order.
pub fn require_operable(view: &View<'_>, receipt: &Receipt, at: &At<'_>) -> Result<(), Refusal> {
    require_operable_at(view, receipt, at.time())
}

/// As [`require_operable`], at a moment of the book: what a valuation asks when a deadline fires.
///
/// # Errors
///
/// As [`require_operable`].
pub fn require_operable_at(view: &View<'_>, receipt: &Receipt, now: Time) -> Result<(), Refusal> {
    if receipt.lifecycle != Lifecycle::Active {
        return Err(refusal::in_state(receipt.id, receipt.lifecycle));
    }
    if now.date_at(0) > receipt.valid_until {
        return Err(refusal::in_state(receipt.id, Lifecycle::Expired));
    }
    require_unhindered(receipt, now)?;
    parties::require_licence(view, receipt.keeper, receipt.commodity, now)
}

/// Whether nothing stands between anybody and this receipt (domain.md section 6.2, FREE).
///
/// # Errors
///
/// `ALREADY_ENCUMBERED` with the pledge or transfer in the way.
pub fn require_free(receipt: &Receipt) -> Result<(), Refusal> {
    require_free_or(receipt, Code::AlreadyEncumbered)
}

/// As [`require_free`], refused with another code.
pub(super) fn require_free_or(receipt: &Receipt, code: Code) -> Result<(), Refusal> {
    match receipt.encumbrance {
        Encumbrance::Free => Ok(()),
        Encumbrance::Reserved { .. }
        | Encumbrance::Pledged { .. }
        | Encumbrance::Enforcing { .. }
        | Encumbrance::TransferPending { .. } => Err(refusal::not_free(code, receipt)),
    }
}

/// Whether the goods behind a receipt are their owner's own: others back no pledge (INV-16).
///
/// # Errors
///
/// `OWNERSHIP_RESTRICTED`.
pub fn require_unrestricted(view: &View<'_>, receipt: &Receipt) -> Result<(), Refusal> {
    let lot = LOTS.get(view, receipt.lot).ok_or(Code::NotFound)?;
    match lot.ownership {
        OwnershipClass::Own => Ok(()),
        OwnershipClass::Agency | OwnershipClass::StateReserve | OwnershipClass::Bonded => {
            Err(refusal::ownership_restricted(lot.id))
        }
    }
}

/// Electronic and without holds.
pub(super) fn require_unhindered(receipt: &Receipt, now: Time) -> Result<(), Refusal> {
    if receipt.medium != Medium::Electronic {
        return Err(refusal::medium_conflict(receipt.id));
    }
    require_no_hold(receipt, now)
}

/// Without holds (INV-14).
pub(super) fn require_no_hold(receipt: &Receipt, now: Time) -> Result<(), Refusal> {
    if receipt.holds.any_in_force(now) {
        return Err(refusal::hold_in_force(receipt.id));
    }
    Ok(())
}

/// The principal holds the receipt.
pub(super) fn require_holder(receipt: &Receipt, at: &At<'_>) -> Result<(), Refusal> {
    if at.party == receipt.holder { Ok(()) } else { Err(refusal::not_the_holder(receipt.id)) }
}

/// The principal keeps the goods.
pub(super) fn require_keeper(receipt: &Receipt, at: &At<'_>) -> Result<(), Refusal> {
    if at.party == receipt.keeper { Ok(()) } else { Err(refusal::not_the_keeper(receipt.id)) }
}

/// The receipt is as its holder last saw it.
pub(super) fn require_version(receipt: &Receipt, expected: Option<u64>) -> Result<(), Refusal> {
    match expected {
        Some(expected) if expected != receipt.version => {
            let refusal = Refusal::new(Code::StaleVersion);
            let refusal = refusal.subject(ObjectKind::Receipt, receipt.id);
            Err(refusal.limit(expected, receipt.version, Measure::Count))
        }
        Some(_) | None => Ok(()),
    }
}

/// Nothing is due to the keeper.
pub(super) fn require_fees_settled(receipt: &Receipt) -> Result<(), Refusal> {
    match receipt.fees_due {
        Some(due) => Err(refusal::fees_outstanding(receipt.id, due)),
        None => Ok(()),
    }
}

/// Free, or pledged with the pledgee's signature on this very act.
pub(super) fn require_pledgee_agrees(receipt: &Receipt, at: &At<'_>) -> Result<(), Refusal> {
    match receipt.encumbrance {
        Encumbrance::Free => Ok(()),
        Encumbrance::Pledged { pledgee, .. } if at.signed_by(pledgee) => Ok(()),
        Encumbrance::Pledged { .. } => Err(refusal::pledgee_consent_required(receipt)),
        Encumbrance::Reserved { .. }
        | Encumbrance::Enforcing { .. }
        | Encumbrance::TransferPending { .. } => Err(refusal::not_free(Code::Encumbered, receipt)),
    }
}
