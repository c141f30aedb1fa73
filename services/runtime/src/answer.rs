//! What a statement came to, as it is told to callers.

use granary_log::{
    entry::{Entry, EntryResult},
    hash::Hash,
};

/// Where a statement's entry stands and what was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The entry's index.
    pub index: u64,
    /// Its leaf hash.
    pub leaf_hash: Hash,
    /// Its log time, Unix milliseconds.
    pub time_ms: u64,
    /// Clock events and outcome.
    pub result: EntryResult,
}

impl Answer {
    /// The answer that an entry gives to whoever asks for it later.
    pub fn of(entry: Entry, leaf_hash: Hash) -> Self {
        Self { index: entry.index, leaf_hash, time_ms: entry.time_ms, result: entry.result }
    }
}
