//! What happens to the chain itself.

use super::{ClockKind, Visibility};
use crate::{
    vocabulary::{Digest, Label, PartyId, PersonId, ProposalId, Time},
    wire,
};

wire::message! {
    /// The chain begins.
    pub struct ChainFounded("granary.chain.v1.ChainFounded") {
        /// Its origin.
        1 => origin: Label,
        /// What moves its clock.
        2 => clock: ClockKind,
        /// Who may read whole entries.
        3 => entries: Visibility,
        /// How many persons an operators' act needs.
        4 => operators_needed: u32,
        /// How many nodes must agree against one.
        5 => nodes_needed: u32,
        /// The key that signs checkpoints.
        6 => log_key: [u8; 32],
        /// Feature level.
        7 => level: u32,
        /// The clock's first time.
        8 => time_ms: Time,
    }
}

wire::message! {
    /// A node's claim counts from the next entry on.
    pub struct Ticked("granary.chain.v1.Ticked") {
        /// Unix milliseconds.
        1 => claim_ms: Time,
    }
}

wire::message! {
    /// A node said what it found the book's state to be.
    pub struct StateRootReported("granary.chain.v1.StateRootReported") {
        /// The node's party.
        1 => node: PartyId,
        /// After how many entries.
        2 => size: u64,
        /// The root it found.
        3 => root: Digest,
    }
}

wire::message! {
    /// A simulated clock stands at another time from the next entry on.
    pub struct ClockAdvanced("granary.chain.v1.ClockAdvanced") {
        /// Unix milliseconds.
        1 => to_ms: Time,
    }
}

wire::message! {
    /// A node has the right to sign checkpoints from here on, and no other one has.
    pub struct SignerGranted("granary.chain.v1.SignerGranted") {
        /// The node's party.
        1 => node: PartyId,
        /// How many entries had been signed.
        2 => previous_size: u64,
        /// Their root.
        3 => root: Digest,
    }
}

wire::message! {
    /// An act of the operators waits for approvals.
    pub struct OperatorActProposed("granary.chain.v1.OperatorActProposed") {
        /// Its id.
        1 => proposal: ProposalId,
        /// Full protobuf name of the act.
        2 => act_type: Label,
        /// The act's body.
        3 => act_body: Vec<u8>,
        /// Who proposed, and thereby approved.
        4 => person: PersonId,
    }
}

wire::message! {
    /// A person approved a proposal.
    pub struct OperatorActApproved("granary.chain.v1.OperatorActApproved") {
        /// Which.
        1 => proposal: ProposalId,
        /// Who.
        2 => person: PersonId,
        /// SHA-256 of the body approved.
        3 => body_sha256: Digest,
    }
}

wire::message! {
    /// A proposal had the approvals it needs; what it does follows in the same entry.
    pub struct OperatorActExecuted("granary.chain.v1.OperatorActExecuted") {
        /// Which.
        1 => proposal: ProposalId,
    }
}

wire::events! {
    /// What happens to the chain itself.
    pub enum Event {
        ChainFounded, Ticked, StateRootReported, ClockAdvanced, SignerGranted,
        OperatorActProposed, OperatorActApproved, OperatorActExecuted,
    }
}
