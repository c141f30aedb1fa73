//! Why something about pledges is refused. Codes 500 to 599.

use crate::{
    refusal::{Code, Measure, ObjectKind, Refusal},
    vocabulary::{Date, Millis, PledgeId, ReceiptId, Time},
};

/// Somebody pledges a receipt that another holds.
pub(super) fn not_holder(receipt: ReceiptId) -> Refusal {
    Refusal::new(Code::NotHolder).subject(ObjectKind::Receipt, receipt)
}

/// A receipt that is not valid until the claim matures.
pub(super) fn validity_too_short(
    receipt: ReceiptId,
    valid_until: Date,
    matures_on: Date,
) -> Refusal {
    let missing = u64::from(matures_on.days_since(valid_until));
    Refusal::new(Code::ValidityTooShort).subject(ObjectKind::Receipt, receipt).limit(
        0,
        missing,
        Measure::Day,
    )
}

/// No duplicate check is recorded.
pub(super) fn check_missing(pledge: PledgeId) -> Refusal {
    Refusal::new(Code::CheckStale).subject(ObjectKind::Pledge, pledge)
}

/// A duplicate check older than the profile allows.
pub(super) fn check_stale(
    pledge: PledgeId,
    max_age: Millis,
    checked_at: Time,
    now: Time,
) -> Refusal {
    Refusal::new(Code::CheckStale)
        .subject(ObjectKind::Pledge, pledge)
        .limit(max_age.0, now.since(checked_at).0, Measure::Millisecond)
        .at(checked_at)
}

/// The goods are financed by another lender.
pub(super) fn duplicate_financed(pledge: PledgeId) -> Refusal {
    Refusal::new(Code::DuplicateFinanced).subject(ObjectKind::Pledge, pledge)
}

/// Keeper and pledgor have one beneficial owner, and the pledgee gave no reason to accept that.
pub(super) fn related_party_warehouse(pledge: PledgeId) -> Refusal {
    Refusal::new(Code::RelatedPartyWarehouse)
        .subject(ObjectKind::Pledge, pledge)
        .field("related_party_reason")
}

/// The keeper didn't say what it may retain the goods for.
pub(super) fn lien_not_disclosed(pledge: PledgeId) -> Refusal {
    Refusal::new(Code::LienNotDisclosed).subject(ObjectKind::Pledge, pledge).field("lien")
}

/// The report shows an earlier filing over the same goods.
pub(super) fn prior_registration_found(pledge: PledgeId, number: &str) -> Refusal {
    Refusal::new(Code::PriorRegistrationFound).subject(ObjectKind::Pledge, pledge).required(number)
}

/// Only the pledgee may do this.
pub(super) fn not_pledgee(pledge: PledgeId) -> Refusal {
    Refusal::new(Code::NotPledgee).subject(ObjectKind::Pledge, pledge)
}

/// Somebody acts for a pledge in which it has another part.
pub(super) fn not_party(pledge: PledgeId, part: &'static str) -> Refusal {
    Refusal::new(Code::NotAuthorised).subject(ObjectKind::Pledge, pledge).required(part)
}

/// Claims are open under the pledge.
pub(super) fn exposure_outstanding(pledge: PledgeId, claims: u32) -> Refusal {
    Refusal::new(Code::ExposureOutstanding).subject(ObjectKind::Pledge, pledge).limit(
        0,
        u64::from(claims),
        Measure::Count,
    )
}
