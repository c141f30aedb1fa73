//! What is known of the chain itself.

use serde::{Deserialize, Serialize};

use super::{ClockKind, Visibility};
use crate::{
    registry,
    state::{BrokenHistory, Table, View},
    vocabulary::{Label, PersonId, ProposalId, Time},
};

/// The chain's own facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// Its origin.
    pub origin: Label,
    /// What moves its clock.
    pub clock: ClockKind,
    /// Who may read whole entries.
    pub entries: Visibility,
    /// How many persons an operators' act needs.
    pub operators_needed: u32,
    /// How many nodes must agree against one.
    pub nodes_needed: u32,
    /// The key that signs checkpoints.
    pub log_key: [u8; 32],
    /// Feature level.
    pub level: u32,
    /// The last tick's claim, or what a simulated clock stands at.
    pub claim: Time,
}

/// An act of the operators that waits for approvals. As many approvals as there are operators, at most 4.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Full protobuf name of the act.
    pub act_type: Label,
    /// Its body.
    pub act_body: Vec<u8>,
    /// Who approved so far.
    pub approvals: Vec<PersonId>,
    /// Whether it is done.
    pub executed: bool,
}

/// The chain's facts, under the empty key.
pub const CHAIN: Table<(), Chain> = Table::new(registry::CHAIN);
/// Proposals.
pub const PROPOSALS: Table<ProposalId, Proposal> = Table::new(registry::PROPOSALS);

/// The chain's facts; a state without them has no genesis.
///
/// # Errors
///
/// There was no genesis.
pub fn facts(view: &View<'_>) -> Result<Chain, BrokenHistory> {
    CHAIN.get(view, &()).ok_or(BrokenHistory("the chain has no genesis"))
}
