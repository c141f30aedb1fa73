//! Who may say what about parties.

use super::{
    AddPerson, EndPerson, GrantLicence, GrantRoles, RegisterKey, RegisterParty, ReinstateParty,
    RevokeKey, RevokeLicence, Role, SuspendParty,
};
use crate::{
    authority::{Rule, Who},
    wire::Message,
};

const fn registrar(command: &'static str) -> Rule {
    Rule { command, roles: &[Role::Registrar], who: Who::Anyone, cosigners: &[] }
}

/// The rows of this area.
pub const AUTHORITY: &[Rule] = &[
    registrar(RegisterParty::NAME),
    registrar(GrantRoles::NAME),
    registrar(AddPerson::NAME),
    registrar(EndPerson::NAME),
    registrar(RegisterKey::NAME),
    // A party may always revoke a key of its own.
    Rule { command: RevokeKey::NAME, roles: &[], who: Who::Anyone, cosigners: &[] },
    Rule {
        command: GrantLicence::NAME,
        roles: &[Role::Registrar, Role::Regulator],
        who: Who::Anyone,
        cosigners: &[],
    },
    Rule {
        command: RevokeLicence::NAME,
        roles: &[Role::Registrar, Role::Regulator],
        who: Who::Anyone,
        cosigners: &[],
    },
    registrar(SuspendParty::NAME),
    registrar(ReinstateParty::NAME),
];
