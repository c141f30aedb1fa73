//! What may be said about the chain itself.

use crate::{
    registries::SetProfile,
    vocabulary::{Digest, Label, PartyId, ProposalId, Time},
    wire::{self, List},
};

wire::enumeration! {
    /// What moves the chain's clock.
    pub enum ClockKind("granary.chain.v1.ClockKind") {
        /// The time of day, as node and ordering log agree on it.
        1 => Wall,
        /// Only the operators' `AdvanceClock`: for demonstrations, tests and replays of old data.
        2 => Simulated,
    }
}

wire::enumeration! {
    /// Who may read whole entries.
    pub enum Visibility("granary.chain.v1.Visibility") {
        /// Members with the scope `entries`.
        1 => Members,
        /// Everybody.
        2 => Public,
    }
}

wire::message! {
    /// Entry 0. Signed by all operator keys, ordered by key id; the principal is 16 zero bytes and the command
    /// id the chain's nonce. The ids it makes are derived with n = 0, 1, ..: the operators' party, one person
    /// for each operator key, the registrar's party, its person, the node's party.
    pub struct Genesis("granary.chain.v1.Genesis") {
        /// The chain's origin: `<domain>/<name>-<8 hex digits>`. Never changes.
        1 => origin: Label,
        /// What moves the clock.
        2 => clock: ClockKind,
        /// Who may read whole entries.
        3 => entries: Visibility,
        /// Public name of the operators' party.
        4 => operators_name: Label,
        /// One key for each operating person, ascending.
        5 => operator_keys: List<[u8; 32], 1, 4>,
        /// How many persons an operators' act needs.
        6 => operators_needed: u32,
        /// Public name of the registrar.
        7 => registrar_name: Label,
        /// The key of the registrar's first person.
        8 => registrar_key: [u8; 32],
        /// Public name of the first node.
        9 => node_name: Label,
        /// The node's key: signs ticks.
        10 => node_key: [u8; 32],
        /// The key that signs checkpoints.
        11 => log_key: [u8; 32],
        /// How many nodes must agree against one before it stops.
        12 => nodes_needed: u32,
        /// Feature level at which the chain begins.
        13 => level: u32,
        /// The profile; absent: the generic one.
        14 => profile: Option<SetProfile>,
    }
}

wire::message! {
    /// A node's claim of the time of day.
    pub struct Tick("granary.chain.v1.Tick") {
        /// Unix milliseconds.
        1 => claim_ms: Time,
    }
}

wire::message! {
    /// What a node found the book's whole state to be, as one hash: replicas that disagree are seen, and a
    /// snapshot can be checked. The book can't tell whether it is right; whoever replays the chain can.
    pub struct StateRoot("granary.chain.v1.StateRoot") {
        /// After how many entries: a multiple of 1,024.
        1 => size: u64,
        /// Root of the authenticated map over all keys and values.
        2 => root: Digest,
    }
}

wire::message! {
    /// Moves a simulated clock, from the next entry on.
    pub struct AdvanceClock("granary.chain.v1.AdvanceClock") {
        /// Unix milliseconds, not before the clock's present time.
        1 => to_ms: Time,
    }
}

wire::message! {
    /// Gives a node the right to sign checkpoints, and takes it from every other one. An act of the operators,
    /// who name the newest checkpoint that anybody has seen: the node signs nothing that does not continue it.
    pub struct GrantSigner("granary.chain.v1.GrantSigner") {
        /// The node's party.
        1 => node: PartyId,
        /// How many entries that checkpoint covers.
        2 => previous_size: u64,
        /// Its root; without any checkpoint that of the empty log.
        3 => root: Digest,
    }
}

wire::message! {
    /// Proposes an act of the operators; counts as the proposer's approval. Its id is derived id 0.
    pub struct ProposeOperatorAct("granary.chain.v1.ProposeOperatorAct") {
        /// Full protobuf name of the act.
        1 => act_type: Label,
        /// The act's body.
        2 => act_body: Vec<u8>,
    }
}

wire::message! {
    /// Approves a proposal. The last approval needed executes it.
    pub struct ApproveOperatorAct("granary.chain.v1.ApproveOperatorAct") {
        /// Which proposal.
        1 => proposal: ProposalId,
        /// SHA-256 of the proposed body: what the approver has read.
        2 => body_sha256: Digest,
    }
}

wire::commands! {
    /// What may be said about the chain itself.
    pub enum Command {
        Genesis, Tick, StateRoot, AdvanceClock, GrantSigner, ProposeOperatorAct, ApproveOperatorAct,
    }
}
