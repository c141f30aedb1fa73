//! Why something about parties is refused. Codes 200 to 249.

use crate::{
    refusal::{Code, ObjectKind, Refusal},
    vocabulary::PartyId,
};

/// A key that must not be registered: of small order, or not the canonical encoding of its point.
pub(super) fn key_weak() -> Refusal {
    Refusal::new(Code::KeyWeak).field("key")
}

/// A key that is registered already, for this party or another.
pub(super) fn key_taken() -> Refusal {
    Refusal::new(Code::KeyTaken).field("key")
}

/// A role that only operators may give.
pub(super) fn role_reserved() -> Refusal {
    Refusal::new(Code::NotAuthorised).field("roles").required("operator")
}

/// A party without the licence asked for.
pub(super) fn no_licence(party: PartyId) -> Refusal {
    Refusal::new(Code::WarehouseNotLicensed).subject(ObjectKind::Party, party)
}
