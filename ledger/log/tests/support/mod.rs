//! Chains to test with.

#![expect(dead_code, reason = "each test uses the part that it needs")]

use granary_log::chain::ChainHead;
use granary_log::entry::{
    Entry, EntryResult, EventBytes, ItemOutcome, Outcome, QUOTA_EXCEEDED, Recorded, RefusalBytes,
    SealedEntry, UNREADABLE,
};
use granary_log::hash::sha256;
use granary_log::signature::SigningKey;
use granary_log::statement::{OverQuota, Statement};

pub(crate) const ORIGIN: &str = "grain.example.org/rice-0badcafe";

/// Appends skipped entries, each with one clock event of the given length, to a chain.
pub(crate) fn entries(head: &mut ChainHead, event_lens: &[usize]) -> Vec<SealedEntry> {
    event_lens.iter().map(|len| entry(head, *len)).collect()
}

fn entry(head: &mut ChainHead, event_len: usize) -> SealedEntry {
    // No zeros, so that no sector looks as if it had never been written.
    let body = (0..event_len).map(|i| u8::try_from(i % 251).unwrap_or(0) | 1).collect();
    let statement = Recorded::Digest { len: 5, sha256: sha256(&head.size.to_be_bytes()) };
    let clock_events = vec![EventBytes { type_name: "granary.test.v1.Due".into(), body }];
    seal(head, statement, EntryResult { clock_events, outcome: Outcome::Skipped(UNREADABLE) })
}

/// Appends an entry to a chain.
pub(crate) fn seal(head: &mut ChainHead, statement: Recorded, result: EntryResult) -> SealedEntry {
    let sealed = following(head, statement, result).seal().expect("an entry that fits");
    head.advance(&sealed.link(), sealed.leaf_hash()).expect("an entry that follows");
    sealed
}

/// The entry that follows.
pub(crate) fn following(head: &ChainHead, statement: Recorded, result: EntryResult) -> Entry {
    Entry {
        index: head.size,
        prev_leaf_hash: head.last_leaf_hash,
        time_ms: head.last_time_ms.max(GENESIS_TIME_MS) + 10 * head.size.min(1),
        rules: 1,
        epoch: 0,
        offset: head.size,
        statement,
        result,
    }
}

pub(crate) const GENESIS_TIME_MS: u64 = 1_764_000_000_000;

pub(crate) fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

/// A statement by the party with that number.
pub(crate) fn statement(n: u8, type_name: &str, body: &[u8]) -> Statement {
    let mut statement = Statement {
        origin: ORIGIN.into(),
        principal: [n; 16],
        command_id: [n.wrapping_add(100); 16],
        signed_at_ms: GENESIS_TIME_MS,
        expires_at_ms: GENESIS_TIME_MS + 60_000,
        type_name: type_name.into(),
        body: body.to_vec(),
        signatures: Vec::new(),
    };
    statement.sign_with(&key(n)).expect("a statement that fits");
    statement
}

pub(crate) fn accepted(statement: &Statement) -> (Recorded, EntryResult) {
    let event = EventBytes { type_name: "granary.test.v1.Done".into(), body: b"done".to_vec() };
    let outcome = Outcome::Accepted(vec![ItemOutcome::Events(vec![event])]);
    let bytes = statement.encode().expect("a statement that fits");
    (Recorded::Full(bytes), EntryResult { clock_events: Vec::new(), outcome })
}

pub(crate) fn genesis() -> (Recorded, EntryResult) {
    let mut statement = statement(0, "granary.chain.v1.Genesis", b"genesis");
    statement.signatures.clear();
    let mut keys = [key(1), key(2)];
    keys.sort_by_key(|key| key.verifying_key().to_bytes());
    keys.iter().for_each(|key| statement.sign_with(key).expect("two signatures"));
    accepted(&statement)
}

/// A chain with a genesis and entries of every outcome after it.
pub(crate) fn chain(size: u64) -> Vec<Entry> {
    let mut head = ChainHead::genesis(ORIGIN);
    let mut entries = Vec::new();
    for index in 0..size {
        let n = u8::try_from(index % 50).unwrap_or(0) + 10;
        let said = statement(n, "granary.test.v1.Do", &index.to_be_bytes());
        let bytes = said.encode().expect("a statement that fits");
        let digest = Recorded::Digest { len: 9, sha256: sha256(&bytes) };
        let refusal = RefusalBytes { code: 7, facts: b"why".to_vec() };
        let result = |outcome| EntryResult { clock_events: Vec::new(), outcome };
        let (recorded, result) = match index {
            0 => genesis(),
            _ if index % 5 == 1 => accepted(&said),
            _ if index % 5 == 2 => {
                (Recorded::Full(bytes), result(Outcome::Refused { item: 0, refusal }))
            }
            _ if index % 5 == 3 => (digest, result(Outcome::Duplicate { first_index: index - 1 })),
            _ if index % 5 == 4 => (digest, result(Outcome::Skipped(UNREADABLE))),
            _ => {
                let form = OverQuota::encode(&bytes).expect("a statement");
                (Recorded::OverQuota(form), result(Outcome::Skipped(QUOTA_EXCEEDED)))
            }
        };
        let entry = following(&head, recorded, result);
        head.advance(&entry.link(), entry.leaf_hash().expect("fits")).expect("follows");
        entries.push(entry);
    }
    entries
}
