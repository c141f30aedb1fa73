//! Why something about goods is refused. Codes 300 to 399.

use crate::{
    parties::Role,
    refusal::{Code, ObjectKind, Refusal},
    vocabulary::{self, Date, LotId, PartyId, Quantity, Time},
};

/// A warehouse without a licence for the commodity.
pub(super) fn commodity_not_accepted(warehouse: PartyId, commodity: &vocabulary::Code) -> Refusal {
    let refusal = Refusal::new(Code::CommodityNotAccepted);
    refusal.subject(ObjectKind::Party, warehouse).required(commodity.as_str())
}

/// The warehouse itself, as depositor of what it is to keep (INV-60).
pub(super) fn depositor_is_keeper(warehouse: PartyId) -> Refusal {
    Refusal::new(Code::DepositorIsKeeper).subject(ObjectKind::Party, warehouse)
}

/// A party that isn't the lot's own warehouse.
pub(crate) fn not_the_keeper(lot: LotId) -> Refusal {
    let refusal = Refusal::new(Code::NotAuthorised).subject(ObjectKind::Lot, lot);
    refusal.required(Role::Warehouse.name())
}

/// A scale whose calibration ended before it was used.
pub(super) fn calibration_expired(last_day: Date) -> Refusal {
    Refusal::new(Code::ScaleCalibrationExpired).at(Time::start_of(last_day))
}

/// A ticket that was used already.
pub(crate) fn duplicate_weigh_ticket(ticket: &vocabulary::Code) -> Refusal {
    Refusal::new(Code::DuplicateWeighTicket).field("ticket").required(ticket.as_str())
}

/// An inspector or laboratory that belongs to the keeper, the depositor or the owner (INV-60).
pub(super) fn inspector_not_independent(lot: LotId, related: PartyId) -> Refusal {
    let refusal = Refusal::new(Code::InspectorNotIndependent).subject(ObjectKind::Lot, lot);
    refusal.other(ObjectKind::Party, related)
}

/// Another grade than the table gives; none where it gives none.
pub(super) fn grade_table_mismatch(by_table: Option<&vocabulary::Code>) -> Refusal {
    let refusal = Refusal::new(Code::GradeTableMismatch).field("grade");
    match by_table {
        Some(grade) => refusal.required(grade.as_str()),
        None => refusal,
    }
}

/// Goods without insurance, or insured for too short.
pub(crate) fn insurance_missing(lot: LotId) -> Refusal {
    Refusal::new(Code::InsuranceMissing).subject(ObjectKind::Lot, lot)
}

/// More than there is room for.
pub(super) fn capacity_exceeded(free: Quantity, asked: Quantity) -> Refusal {
    Refusal::new(Code::CapacityExceeded).quantities(free, asked)
}

/// A scale or store that isn't registered.
pub(super) fn not_registered(field: &'static str, code: &vocabulary::Code) -> Refusal {
    Refusal::new(Code::NotRegistered).field(field).required(code.as_str())
}
