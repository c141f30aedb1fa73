//! A chain in memory, and those who speak on it.

use granary_log::{
    entry::Outcome,
    hash::Hash,
    signature::{SigningKey, check_signatures},
    statement::Statement,
};

use super::super::{Applied, Moment, Place, Received, apply};
use crate::{
    chain::{Clock, ClockKind, Genesis, Visibility},
    parties::{RegisterParty, Role},
    refusal::Code,
    registries::SetProfile,
    state::Changes,
    vocabulary::{Millis, Time},
    wire::{List, Message},
};

pub(super) const ORIGIN: &str = "ledger.example.org/test-01234567";
pub(super) const NOW: Time = Time::from_ms(1_767_571_200_000);

pub(super) fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

pub(super) fn public(n: u8) -> [u8; 32] {
    key(n).verifying_key().to_bytes()
}

pub(super) const REGISTRAR_KEY: u8 = 10;
pub(super) const NODE_KEY: u8 = 11;

/// A chain in memory that takes encoded statements.
pub(super) struct Chain {
    pub(super) state: Changes,
    pub(super) index: u64,
    pub(super) now: Time,
    pub(super) operators: Vec<u8>,
}

pub(super) fn genesis_id(n: u8) -> [u8; 16] {
    granary_log::ids::derive_id(&[0; 16], &[7; 16], 0, n)
}

impl Chain {
    pub(super) fn new(
        operators_needed: u32,
        clock: ClockKind,
        profile: Option<SetProfile>,
    ) -> Self {
        let mut operators = vec![1, 2, 3];
        operators.sort_by_key(|n| public(*n));
        let keys = operators.iter().map(|n| public(*n)).collect();
        let genesis = Genesis {
            origin: ORIGIN.parse().expect("a label"),
            clock,
            entries: Visibility::Members,
            operators_name: "Operators".parse().expect("a label"),
            operator_keys: List::new(keys).expect("three"),
            operators_needed,
            registrar_name: "Registrar".parse().expect("a label"),
            registrar_key: public(REGISTRAR_KEY),
            node_name: "Node".parse().expect("a label"),
            node_key: public(NODE_KEY),
            log_key: public(12),
            nodes_needed: 1,
            level: 1,
            profile,
        };
        let mut statement = statement_of([0; 16], [7; 16], &genesis, NOW);
        for n in &operators {
            statement.sign_with(&key(*n)).expect("signs");
        }
        let mut chain = Self { state: Changes::new(), index: 0, now: NOW, operators };
        chain.submit(&statement);
        chain
    }

    pub(super) fn operators_party(&self) -> [u8; 16] {
        genesis_id(0)
    }

    pub(super) fn registrar(&self) -> [u8; 16] {
        genesis_id(4)
    }

    pub(super) fn node(&self) -> [u8; 16] {
        genesis_id(6)
    }

    pub(super) fn submit(&mut self, statement: &Statement) -> Applied {
        let received = statement.encode().expect("encodes");
        let decoded = Statement::decode(&received).expect("reads back");
        let verdicts = check_signatures(&decoded);
        let moment =
            Moment { index: self.index, previous: self.now, clock: Clock::Local(self.now) };
        let received_as = Received::Statement { statement: &decoded, verdicts: &verdicts };
        let applied = apply(&self.state, &moment, received_as).expect("no broken history");
        let place = Place {
            index: self.index,
            prev_leaf_hash: Hash([0; 32]),
            epoch: 0,
            offset: self.index,
        };
        applied.clone().into_entry(place, &received).expect("an entry").encode().expect("fits");
        self.state.extend(applied.changes.clone());
        self.state.retain(|_, value| value.is_some());
        self.index += 1;
        applied
    }

    /// Says a command with one key.
    pub(super) fn say(
        &mut self,
        principal: [u8; 16],
        signer: u8,
        command: &impl Message,
    ) -> Applied {
        let mut statement = statement_of(principal, self.fresh(), command, self.now);
        statement.sign_with(&key(signer)).expect("signs");
        self.submit(&statement)
    }

    pub(super) fn fresh(&self) -> [u8; 16] {
        let mut id = [0x40; 16];
        id[..6].copy_from_slice(&self.now.ms().to_be_bytes()[2..]);
        id[8..].copy_from_slice(&self.index.to_be_bytes());
        id
    }
}

pub(super) fn statement_of(
    principal: [u8; 16],
    id: [u8; 16],
    body: &impl Message,
    now: Time,
) -> Statement {
    fn name_of<M: Message>(_: &M) -> &'static str {
        M::NAME
    }
    Statement {
        origin: ORIGIN.to_owned(),
        principal,
        command_id: id,
        signed_at_ms: now.ms(),
        expires_at_ms: now.after(Millis::hours(1)).ms(),
        type_name: name_of(body).to_owned(),
        body: body.encode(),
        signatures: Vec::new(),
    }
}

pub(super) fn registration(name: &str) -> RegisterParty {
    RegisterParty {
        name: name.parse().expect("a label"),
        roles: List::new(vec![Role::Buyer]).expect("one"),
        owner_group: None,
        custodial: false,
    }
}

#[track_caller]
pub(super) fn refusal(applied: &Applied) -> Code {
    match &applied.result.outcome {
        Outcome::Refused { refusal, .. } => Code::from_number(refusal.code).expect("known"),
        other => panic!("not refused: {other:?}"),
    }
}

#[track_caller]
pub(super) fn assert_accepted(applied: &Applied) {
    assert!(matches!(applied.result.outcome, Outcome::Accepted(_)), "{:?}", applied.result.outcome);
}

pub(super) fn local() -> Chain {
    Chain::new(1, ClockKind::Wall, None)
}
