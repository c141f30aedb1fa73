//! What may be asked about parties. Said by the registrar unless the authority table says otherwise.

use super::{Purpose, Role};
use crate::{
    vocabulary::{Code, Date, Label, PartyId, PersonId},
    wire::{self, List},
};

wire::message! {
    /// Registers a party. Its id is the statement's derived id 0.
    pub struct RegisterParty("granary.parties.v1.RegisterParty") {
        /// The legal entity's public name.
        1 => name: Label,
        /// Its roles. Operators are named at genesis and by operators only.
        2 => roles: List<Role, 1, 8>,
        /// Code shared by parties with one beneficial owner.
        3 => owner_group: Option<Code>,
        /// Made by an importer that keeps its service key.
        4 => custodial: bool,
    }
}

wire::message! {
    /// Gives a party more roles.
    pub struct GrantRoles("granary.parties.v1.GrantRoles") {
        /// Which party.
        1 => party: PartyId,
        /// The roles it has besides, from now on.
        2 => roles: List<Role, 1, 8>,
    }
}

wire::message! {
    /// Adds a person who acts for a party. The person's id is derived id 0.
    pub struct AddPerson("granary.parties.v1.AddPerson") {
        /// For whom.
        1 => party: PartyId,
    }
}

wire::message! {
    /// Ends a person's acting for a party, and with it all the person's keys.
    pub struct EndPerson("granary.parties.v1.EndPerson") {
        /// Who.
        1 => person: PersonId,
    }
}

wire::message! {
    /// Who holds a key: a person, or (absent) a service of the party.
    pub struct KeyHolder("granary.parties.v1.KeyHolder") {
        /// Person.
        1 => person: Option<PersonId>,
    }
}

wire::message! {
    /// Registers a key. The key itself signs too, which shows possession (access.md section 5).
    pub struct RegisterKey("granary.parties.v1.RegisterKey") {
        /// Whose.
        1 => party: PartyId,
        /// Held by whom.
        2 => holder: KeyHolder,
        /// For what.
        3 => purpose: Purpose,
        /// Signature suite: 1 is Ed25519.
        4 => suite: u32,
        /// Key id: of suite 1, the raw public key.
        5 => key: [u8; 32],
    }
}

wire::message! {
    /// Revokes a key, from the next entry on. Said by the registrar or by the party itself.
    pub struct RevokeKey("granary.parties.v1.RevokeKey") {
        /// Signature suite.
        1 => suite: u32,
        /// Key id.
        2 => key: [u8; 32],
    }
}

wire::message! {
    /// Licenses a warehouse, in the place of any licence before.
    pub struct GrantLicence("granary.parties.v1.GrantLicence") {
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
    /// Revokes a warehouse's licence.
    pub struct RevokeLicence("granary.parties.v1.RevokeLicence") {
        /// The warehouse.
        1 => party: PartyId,
    }
}

wire::message! {
    /// Suspends a party: it may not act until reinstated.
    pub struct SuspendParty("granary.parties.v1.SuspendParty") {
        /// Which party.
        1 => party: PartyId,
    }
}

wire::message! {
    /// Ends a suspension.
    pub struct ReinstateParty("granary.parties.v1.ReinstateParty") {
        /// Which party.
        1 => party: PartyId,
    }
}

wire::commands! {
    /// What may be asked about parties.
    pub enum Command {
        RegisterParty, GrantRoles, AddPerson, EndPerson, RegisterKey, RevokeKey, GrantLicence,
        RevokeLicence, SuspendParty, ReinstateParty,
    }
}
