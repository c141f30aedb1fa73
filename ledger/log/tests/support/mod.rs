//! Chains to test with.

use granary_log::chain::ChainHead;
use granary_log::entry::{
    Entry, EntryResult, EventBytes, Outcome, Recorded, SealedEntry, UNREADABLE,
};
use granary_log::hash::sha256;

pub(crate) const ORIGIN: &str = "grain.example.org/rice-0badcafe";

/// Appends skipped entries, each with one clock event of the given length, to a chain.
pub(crate) fn entries(head: &mut ChainHead, event_lens: &[usize]) -> Vec<SealedEntry> {
    event_lens.iter().map(|len| entry(head, *len)).collect()
}

fn entry(head: &mut ChainHead, event_len: usize) -> SealedEntry {
    // No zeros, so that no sector looks as if it had never been written.
    let body = (0..event_len).map(|i| u8::try_from(i % 251).unwrap_or(0) | 1).collect();
    let sealed = Entry {
        index: head.size,
        prev_leaf_hash: head.last_leaf_hash,
        time_ms: head.last_time_ms + 10,
        rules: 1,
        epoch: 0,
        offset: head.size,
        statement: Recorded::Digest { len: 5, sha256: sha256(&head.size.to_be_bytes()) },
        result: EntryResult {
            clock_events: vec![EventBytes { type_name: "granary.test.v1.Due".into(), body }],
            outcome: Outcome::Skipped(UNREADABLE),
        },
    }
    .seal()
    .expect("an entry that fits");
    head.advance(&sealed.link(), sealed.leaf_hash()).expect("an entry that follows");
    sealed
}
