//! Who may say what about pledges.

use super::{
    AcceptPledge, ConfirmControl, ConfirmRelease, ProposePledge, RecordDuplicateCheck,
    RecordRegistration, RejectPledge, RequestRelease, WithdrawPledge,
};
use crate::{
    authority::{Rule, Who},
    parties::Role,
    wire::Message,
};

/// Who may be a pledgee.
pub(super) const LENDERS: &[Role] = &[Role::Bank, Role::Guarantor];

const fn rule(command: &'static str, roles: &'static [Role], who: Who) -> Rule {
    Rule { command, roles, who, cosigners: &[] }
}

/// The rows of this area. Where no role is named, the rules ask which part the principal has in the pledge.
pub const AUTHORITY: &[Rule] = &[
    rule(ProposePledge::NAME, &[], Who::Person),
    rule(RecordDuplicateCheck::NAME, LENDERS, Who::Anyone),
    rule(AcceptPledge::NAME, LENDERS, Who::Person),
    rule(ConfirmControl::NAME, &[Role::Warehouse], Who::Person),
    rule(RecordRegistration::NAME, LENDERS, Who::Anyone),
    rule(RejectPledge::NAME, &[Role::Bank, Role::Guarantor, Role::Warehouse], Who::Person),
    rule(WithdrawPledge::NAME, &[], Who::Person),
    rule(RequestRelease::NAME, &[], Who::Person),
    // A release gives security away: a maker and a checker (INV-62).
    rule(ConfirmRelease::NAME, LENDERS, Who::TwoPersons),
];
