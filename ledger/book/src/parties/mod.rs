//! Parties: who takes part, with which roles, persons, keys and licences.
//!
//! Invariants: a key belongs to one party for ever and counts only from its first index to its last; a
//! role is held by a party, never by a person; a person belongs to one party. Names of persons are not
//! here: they live sealed, outside the chain.

mod authority;
mod command;
mod decide;
mod event;
mod evolve;
mod refusal;
mod state;
#[cfg(test)]
mod tests;

pub use authority::AUTHORITY;
pub use command::{
    AddPerson, Command, EndPerson, GrantLicence, GrantRoles, KeyHolder, RegisterKey, RegisterParty,
    ReinstateParty, RevokeKey, RevokeLicence, SuspendParty,
};
pub use decide::{decide, fire};
pub use event::{
    Event, KeyRegistered, KeyRevoked, LicenceGranted, LicenceLapsed, LicenceRevoked,
    PartyRegistered, PartyReinstated, PartySuspended, PersonAdded, PersonEnded, RolesGranted,
};
pub use evolve::evolve;
pub use state::{
    Deadline, Holder, KEYS, KeyRecord, LICENCES, Licence, PARTIES, PERSONS, Party, PartyStatus,
    Person, Purpose, Role, Roles, active, find, has_role, id_of, related, require_active,
    require_licence,
};
