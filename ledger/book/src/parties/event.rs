//! What happens to parties.

use super::{KeyHolder, Purpose, Role};
use crate::{
    vocabulary::{Code, Date, Label, PartyId, PersonId},
    wire::{self, List},
};

wire::message! {
    /// A party takes part from now on.
    pub struct PartyRegistered("granary.parties.v1.PartyRegistered") {
        /// Its id.
        1 => party: PartyId,
        /// The legal entity's public name.
        2 => name: Label,
        /// Its roles.
        3 => roles: List<Role, 1, 8>,
        /// Code shared by parties with one beneficial owner.
        4 => owner_group: Option<Code>,
        /// Made by an importer that keeps its service key.
        5 => custodial: bool,
    }
}

wire::message! {
    /// A party has more roles.
    pub struct RolesGranted("granary.parties.v1.RolesGranted") {
        /// Which party.
        1 => party: PartyId,
        /// The roles added.
        2 => roles: List<Role, 1, 8>,
    }
}

wire::message! {
    /// A person acts for a party.
    pub struct PersonAdded("granary.parties.v1.PersonAdded") {
        /// The person.
        1 => person: PersonId,
        /// The party.
        2 => party: PartyId,
    }
}

wire::message! {
    /// A person acts for the party no more.
    pub struct PersonEnded("granary.parties.v1.PersonEnded") {
        /// The person.
        1 => person: PersonId,
        /// The party.
        2 => party: PartyId,
    }
}

wire::message! {
    /// A key counts from the next entry on.
    pub struct KeyRegistered("granary.parties.v1.KeyRegistered") {
        /// Whose.
        1 => party: PartyId,
        /// Held by whom.
        2 => holder: KeyHolder,
        /// For what.
        3 => purpose: Purpose,
        /// Signature suite.
        4 => suite: u32,
        /// Key id.
        5 => key: [u8; 32],
        /// First index at which it counts.
        6 => from_index: u64,
    }
}

wire::message! {
    /// A key counts no more from an index on.
    pub struct KeyRevoked("granary.parties.v1.KeyRevoked") {
        /// Whose.
        1 => party: PartyId,
        /// Signature suite.
        2 => suite: u32,
        /// Key id.
        3 => key: [u8; 32],
        /// First index at which it no longer counts.
        4 => to_index: u64,
    }
}

wire::message! {
    /// A warehouse is licensed.
    pub struct LicenceGranted("granary.parties.v1.LicenceGranted") {
        /// The warehouse.
        1 => party: PartyId,
        /// The authority's number.
        2 => number: Code,
        /// Commodities allowed; none named: all.
        3 => commodities: List<Code, 0, 64>,
        /// Last day, in UTC.
        4 => valid_until: Date,
    }
}

wire::message! {
    /// A licence was revoked.
    pub struct LicenceRevoked("granary.parties.v1.LicenceRevoked") {
        /// The warehouse.
        1 => party: PartyId,
        /// The authority's number.
        2 => number: Code,
    }
}

wire::message! {
    /// A licence ran out.
    pub struct LicenceLapsed("granary.parties.v1.LicenceLapsed") {
        /// The warehouse.
        1 => party: PartyId,
        /// The authority's number.
        2 => number: Code,
    }
}

wire::message! {
    /// A party may not act.
    pub struct PartySuspended("granary.parties.v1.PartySuspended") {
        /// Which party.
        1 => party: PartyId,
    }
}

wire::message! {
    /// A party may act again.
    pub struct PartyReinstated("granary.parties.v1.PartyReinstated") {
        /// Which party.
        1 => party: PartyId,
    }
}

wire::events! {
    /// What happens to parties.
    pub enum Event {
        PartyRegistered, RolesGranted, PersonAdded, PersonEnded, KeyRegistered, KeyRevoked,
        LicenceGranted, LicenceRevoked, LicenceLapsed, PartySuspended, PartyReinstated,
    }
}
