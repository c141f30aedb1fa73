//! Who may say what: one table, as data. Deny by default.
//!
//! `granary help commands` prints it and a test compares it with the documentation. A command that is
//! not in the table can't be said by anybody.

use crate::{
    at::{At, Signer},
    parties::{self, Role},
    refusal::{Code, Refusal},
    state::View,
};

/// Who must hold the keys that sign for the principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// A person's key or a service's.
    Anyone,
    /// At least one person's key.
    Person,
    /// Keys of two different persons: a maker and a checker.
    TwoPersons,
}

/// One row: what a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Full protobuf name of the command.
    pub command: &'static str,
    /// The principal must be an active party with one of these roles; empty: any active party.
    pub roles: &'static [Role],
    /// Whose keys.
    pub who: Who,
    /// Parties with one of these roles may sign besides the principal. The rules of the area say when one
    /// of them must. Empty: nobody else may sign.
    pub cosigners: &'static [Role],
}

/// The whole table, area by area.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    AREAS.iter().copied().flatten()
}

const AREAS: &[&[Rule]] = &[
    crate::chain::AUTHORITY,
    parties::AUTHORITY,
    crate::registries::AUTHORITY,
    crate::goods::AUTHORITY,
    crate::receipts::AUTHORITY,
    crate::pledges::AUTHORITY,
    crate::prices::AUTHORITY,
    crate::credit::AUTHORITY,
    crate::orders::AUTHORITY,
    crate::shipments::AUTHORITY,
];

/// The row of a command.
pub fn rule(command: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.command == command)
}

/// Whether a row asks for or permits a signer.
pub(crate) fn permits(view: &View<'_>, rule: &Rule, at: &At<'_>, signer: &Signer) -> bool {
    signer.party == at.party || parties::has_role(view, signer.party, rule.cosigners)
}

/// Whether the signers that the row asks for are there.
///
/// # Errors
///
/// `SIGNERS_MISMATCH`, `MAKER_CHECKER_REQUIRED`; these do not take the command id (access.md 3.4).
pub(crate) fn check_signers(rule: &Rule, at: &At<'_>) -> Result<(), Refusal> {
    if !at.signed_by(at.party) {
        return Err(Code::SignersMismatch.into());
    }
    match rule.who {
        Who::Person if at.person().is_none() => Err(Code::SignersMismatch.into()),
        Who::TwoPersons if !at.two_persons() => Err(Code::MakerCheckerRequired.into()),
        Who::Anyone | Who::Person | Who::TwoPersons => Ok(()),
    }
}

/// Whether the principal holds one of the row's roles and is active.
///
/// # Errors
///
/// `PARTY_INACTIVE`, `NOT_AUTHORISED`.
pub(crate) fn check_role(view: &View<'_>, rule: &Rule, at: &At<'_>) -> Result<(), Refusal> {
    parties::require_active(view, at.party)?;
    if rule.roles.is_empty() || parties::has_role(view, at.party, rule.roles) {
        return Ok(());
    }
    let wanted = rule.roles.first().map_or("", |role| role.name());
    Err(Refusal::new(Code::NotAuthorised).required(wanted))
}
