//! What is known of the chain itself.

use granary_log::{hash::empty_root, statement::SUITE_ED25519};
use serde::{Deserialize, Serialize};

use super::{ClockKind, Visibility};
use crate::{
    parties, registry,
    state::{BrokenHistory, Table, View},
    vocabulary::{Digest, Label, PartyId, PersonId, ProposalId, Time},
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

/// Who may sign checkpoints, by the newest grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignerGrant {
    /// The node's party.
    pub node: PartyId,
    /// The entry that granted it; 0: the genesis.
    pub index: u64,
    /// How many entries had been signed by then.
    pub previous_size: u64,
    /// Their root.
    pub root: Digest,
}

/// The chain's facts, under the empty key.
pub const CHAIN: Table<(), Chain> = Table::new(registry::CHAIN);
/// Proposals.
pub const PROPOSALS: Table<ProposalId, Proposal> = Table::new(registry::PROPOSALS);

/// The newest grant, under the empty key; none before the first.
pub const SIGNER: Table<(), SignerGrant> = Table::new(registry::SIGNER);

/// Who may sign checkpoints: the node that the newest grant names, or else the one whose party the genesis gave
/// the log key.
///
/// # Errors
///
/// There was no genesis.
pub fn signer(view: &View<'_>) -> Result<SignerGrant, BrokenHistory> {
    if let Some(grant) = SIGNER.get(view, &()) {
        return Ok(grant);
    }
    let log_key = facts(view)?.log_key;
    let key = parties::KEYS.get(view, &(SUITE_ED25519, log_key));
    let node = key.and_then(|key| parties::id_of(view, key.party));
    let node = node.ok_or(BrokenHistory("the log key belongs to nobody"))?;
    Ok(SignerGrant { node, index: 0, previous_size: 0, root: Digest(empty_root().0) })
}

/// The chain's facts; a state without them has no genesis.
///
/// # Errors
///
/// There was no genesis.
pub fn facts(view: &View<'_>) -> Result<Chain, BrokenHistory> {
    CHAIN.get(view, &()).ok_or(BrokenHistory("the chain has no genesis"))
}
