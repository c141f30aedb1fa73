//! Who may say what about the chain itself. Genesis is not in the table: it is judged by itself.

use super::{AdvanceClock, ApproveOperatorAct, GrantSigner, ProposeOperatorAct, StateRoot, Tick};
use crate::{
    authority::{Rule, Who},
    parties::Role,
    wire::Message,
};

const fn operators(command: &'static str) -> Rule {
    Rule { command, roles: &[Role::Operator], who: Who::Person, cosigners: &[] }
}

/// The rows of this area.
pub const AUTHORITY: &[Rule] = &[
    Rule { command: Tick::NAME, roles: &[Role::Node], who: Who::Anyone, cosigners: &[] },
    Rule { command: StateRoot::NAME, roles: &[Role::Node], who: Who::Anyone, cosigners: &[] },
    operators(AdvanceClock::NAME),
    operators(GrantSigner::NAME),
    operators(ProposeOperatorAct::NAME),
    operators(ApproveOperatorAct::NAME),
];
