//! Why something about receipts is refused. Codes 400 to 499.

use super::{Encumbrance, Lifecycle, PLEDGE_RECEIPTS_MAX, Receipt};
use crate::{
    refusal::{Code, Measure, ObjectKind, Refusal},
    vocabulary::{Code as Text, LotId, Money, PartyId, Quantity, ReceiptId, ReleaseOrderId, Time},
};

/// More than is left of the lot without a receipt.
pub(super) fn qty_exceeds_unreceipted(lot: LotId, left: Quantity, asked: Quantity) -> Refusal {
    let refusal = Refusal::new(Code::QtyExceedsUnreceipted).subject(ObjectKind::Lot, lot);
    refusal.quantities(left, asked)
}

/// An assay older than the profile allows.
pub(super) fn inspection_stale(lot: LotId, assayed_at: Time) -> Refusal {
    Refusal::new(Code::InspectionStale).subject(ObjectKind::Lot, lot).at(assayed_at)
}

/// Goods that are not their owner's own to sell and pledge.
pub(super) fn ownership_restricted(lot: LotId) -> Refusal {
    Refusal::new(Code::OwnershipRestricted).subject(ObjectKind::Lot, lot)
}

/// No number left, or one stated that isn't the keeper's yet.
pub(super) fn number_out_of_range() -> Refusal {
    Refusal::new(Code::NumberOutOfRange).field("number")
}

/// A number that was taken or allotted before.
pub(super) fn number_reused(field: &'static str) -> Refusal {
    Refusal::new(Code::NumberReused).field(field)
}

/// An offer that ran out before it was accepted.
pub(super) fn timeout_expired(receipt: ReceiptId) -> Refusal {
    Refusal::new(Code::TimeoutExpired).subject(ObjectKind::Receipt, receipt)
}

/// Fees due to the keeper and not taken over.
pub(super) fn fees_outstanding(receipt: ReceiptId, due: Money) -> Refusal {
    let refusal = Refusal::new(Code::FeesOutstanding).subject(ObjectKind::Receipt, receipt);
    refusal.limit(0, due.minor(), Measure::MinorUnit)
}

/// Somebody who can't become the holder.
pub(super) fn transferee_ineligible(party: PartyId) -> Refusal {
    Refusal::new(Code::TransfereeIneligible).subject(ObjectKind::Party, party)
}

/// A receipt that isn't free, in the words of `code`; names the pledge or transfer in the way and no party
/// (access.md section 3.3).
pub(super) fn not_free(code: Code, receipt: &Receipt) -> Refusal {
    let refusal = Refusal::new(code).subject(ObjectKind::Receipt, receipt.id);
    match receipt.encumbrance {
        Encumbrance::Free => refusal,
        Encumbrance::Reserved { pledge, .. }
        | Encumbrance::Pledged { pledge, .. }
        | Encumbrance::Enforcing { pledge, .. } => refusal.other(ObjectKind::Pledge, pledge),
        Encumbrance::TransferPending { transfer, .. } => {
            refusal.other(ObjectKind::Transfer, transfer)
        }
    }
}

/// A transfer or a change of medium that the keeper hasn't signed.
pub(super) fn keeper_signature_required(receipt: ReceiptId) -> Refusal {
    Refusal::new(Code::KeeperSignatureRequired).subject(ObjectKind::Receipt, receipt)
}

/// An act of the keeper's that the holder hasn't signed.
pub(super) fn holder_signature_required(receipt: ReceiptId) -> Refusal {
    Refusal::new(Code::HolderSignatureRequired).subject(ObjectKind::Receipt, receipt)
}

/// An act that the pledgee hasn't signed.
pub(super) fn pledgee_consent_required(receipt: &Receipt) -> Refusal {
    not_free(Code::PledgeeConsentRequired, receipt)
}

/// A payment that no bank has confirmed.
pub(super) fn payment_not_locked(receipt: ReceiptId) -> Refusal {
    Refusal::new(Code::PaymentNotLocked).subject(ObjectKind::Receipt, receipt)
}

/// Parts that don't add up.
pub(super) fn split_sum_mismatch(whole: Quantity, parts: Quantity) -> Refusal {
    Refusal::new(Code::SplitSumMismatch).quantities(whole, parts)
}

/// A receipt for too little.
pub(super) fn below_minimum(minimum: Quantity, asked: Quantity) -> Refusal {
    Refusal::new(Code::BelowMinimum).quantities(minimum, asked)
}

/// More children than a split may have, or than the pledge has room for.
pub(super) fn too_many_children(limit: usize, asked: usize) -> Refusal {
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    Refusal::new(Code::TooManyChildren).limit(count(limit), count(asked), Measure::Count)
}

/// No such release order, or none that is open.
pub(super) fn no_release_order(order: ReleaseOrderId) -> Refusal {
    Refusal::new(Code::NoReleaseOrder).subject(ObjectKind::ReleaseOrder, order)
}

/// Not the collector whom the holder named.
pub(super) fn collector_mismatch(order: ReleaseOrderId) -> Refusal {
    Refusal::new(Code::CollectorMismatch).subject(ObjectKind::ReleaseOrder, order)
}

/// More than the order, its tolerance and the lot allow.
pub(super) fn over_release(order: ReleaseOrderId, limit: Quantity, asked: Quantity) -> Refusal {
    let refusal = Refusal::new(Code::OverRelease).subject(ObjectKind::ReleaseOrder, order);
    refusal.quantities(limit, asked)
}

/// More is still to leave than may be missing.
pub(super) fn delivery_incomplete(
    order: ReleaseOrderId,
    tolerated: Quantity,
    remaining: Quantity,
) -> Refusal {
    let refusal = Refusal::new(Code::DeliveryIncomplete).subject(ObjectKind::ReleaseOrder, order);
    refusal.quantities(tolerated, remaining)
}

/// A surrender on which goods have left.
pub(super) fn goods_already_released(order: ReleaseOrderId, released: Quantity) -> Refusal {
    let refusal = Refusal::new(Code::GoodsAlreadyReleased).subject(ObjectKind::ReleaseOrder, order);
    refusal.quantities(Quantity::zero(released.unit()), released)
}

/// Not an authority that places or lifts such holds.
pub(super) fn authority_unknown(receipt: ReceiptId) -> Refusal {
    Refusal::new(Code::AuthorityUnknown).subject(ObjectKind::Receipt, receipt)
}

/// A receipt on the other medium, or on another form.
pub(super) fn medium_conflict(receipt: ReceiptId) -> Refusal {
    Refusal::new(Code::MediumConflict).subject(ObjectKind::Receipt, receipt)
}

/// A cancellation of what somebody else holds.
pub(super) fn operator_not_holder(receipt: ReceiptId) -> Refusal {
    Refusal::new(Code::OperatorNotHolder).subject(ObjectKind::Receipt, receipt)
}

/// Not the holder.
pub(super) fn not_the_holder(receipt: ReceiptId) -> Refusal {
    Refusal::new(Code::NotAuthorised).subject(ObjectKind::Receipt, receipt).required("holder")
}

/// Not the keeper of the goods.
pub(super) fn not_the_keeper(receipt: ReceiptId) -> Refusal {
    Refusal::new(Code::NotAuthorised).subject(ObjectKind::Receipt, receipt).required("warehouse")
}

/// A receipt in a state that doesn't allow the act.
pub(super) fn in_state(receipt: ReceiptId, lifecycle: Lifecycle) -> Refusal {
    Refusal::state(ObjectKind::Receipt, receipt, lifecycle.name())
}

/// A hold that covers the act.
pub(super) fn hold_in_force(receipt: ReceiptId) -> Refusal {
    Refusal::new(Code::HoldInForce).subject(ObjectKind::Receipt, receipt)
}

/// A number that the signer stated and that isn't the next one.
pub(super) fn unexpected_number(stated_before: bool, next: &Text) -> Refusal {
    let refusal = if stated_before { number_reused("number") } else { number_out_of_range() };
    refusal.required(next.as_str())
}

/// A pledge with no room for more receipts.
pub(super) fn pledge_is_full(members: usize) -> Refusal {
    too_many_children(PLEDGE_RECEIPTS_MAX, members)
}
