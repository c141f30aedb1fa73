//! The chain: what binds each entry to the one before, and the rules of log time.

use crate::entry::{EntryLink, genesis_prev_hash};
use crate::hash::Hash;

/// How far log time may run ahead of a node's last claim, in milliseconds. A clock is believed
/// only when broker and node agree.
pub const CLAIM_MARGIN_MS: u64 = 120_000;

/// Where a chain ends: all that its next entry must agree with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainHead {
    /// How many entries there are, the index of the next one.
    pub size: u64,
    /// Leaf hash of the last entry; without entries, [`genesis_prev_hash`].
    pub last_leaf_hash: Hash,
    /// Log time of the last entry, Unix milliseconds; without entries, 0.
    pub last_time_ms: u64,
}

/// How an entry fails to follow the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkFault {
    /// An entry is missing, twice or out of place.
    #[error("index {found} where {expected} follows")]
    Index {
        /// The index that follows.
        expected: u64,
        /// The index that it says.
        found: u64,
    },
    /// It follows another entry than the one before it.
    #[error("follows an entry with hash {found}, and the one before has {expected}")]
    PrevLeafHash {
        /// Leaf hash of the entry before.
        expected: Hash,
        /// The hash that it says.
        found: Hash,
    },
    /// Its log time is less than that of the entry before.
    #[error("log time {found} ms after {previous} ms")]
    TimeFell {
        /// Log time of the entry before, Unix milliseconds.
        previous: u64,
        /// Its log time, Unix milliseconds.
        found: u64,
    },
}

/// A log time that the rules could not have given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("log time {found} ms is outside {earliest} to {latest} ms")]
pub struct TimeOutOfRange {
    /// The earliest log time possible, Unix milliseconds.
    pub earliest: u64,
    /// The latest log time possible, Unix milliseconds.
    pub latest: u64,
    /// The log time found, Unix milliseconds.
    pub found: u64,
}

impl ChainHead {
    /// The head of the chain named `origin` before its first entry.
    pub fn genesis(origin: &str) -> Self {
        Self { size: 0, last_leaf_hash: genesis_prev_hash(origin), last_time_ms: 0 }
    }

    /// Checks that an entry follows: index, hash and time.
    ///
    /// # Errors
    ///
    /// The first [`LinkFault`], in the order index, hash, time.
    pub fn verify_link(&self, link: &EntryLink) -> Result<(), LinkFault> {
        self.link_faults(link).next().map_or(Ok(()), Err)
    }

    /// Every way in which an entry fails to follow.
    pub fn link_faults(&self, link: &EntryLink) -> impl Iterator<Item = LinkFault> + use<> {
        let index = (link.index != self.size)
            .then_some(LinkFault::Index { expected: self.size, found: link.index });
        let hash =
            (link.prev_leaf_hash != self.last_leaf_hash).then_some(LinkFault::PrevLeafHash {
                expected: self.last_leaf_hash,
                found: link.prev_leaf_hash,
            });
        let time = (link.time_ms < self.last_time_ms)
            .then_some(LinkFault::TimeFell { previous: self.last_time_ms, found: link.time_ms });
        [index, hash, time].into_iter().flatten()
    }

    /// Moves on to an entry that follows.
    ///
    /// # Errors
    ///
    /// As [`ChainHead::verify_link`], with the head unchanged.
    pub fn advance(&mut self, link: &EntryLink, leaf_hash: Hash) -> Result<(), LinkFault> {
        self.verify_link(link)?;
        *self = Self::after(link, leaf_hash);
        Ok(())
    }

    /// The head behind an entry, whatever was before it.
    pub(crate) fn after(link: &EntryLink, leaf_hash: Hash) -> Self {
        Self {
            size: link.index.saturating_add(1),
            last_leaf_hash: leaf_hash,
            last_time_ms: link.time_ms,
        }
    }
}

/// Log time of a local chain: the node's clock, made monotonic. All in Unix milliseconds.
pub fn local_log_time(previous_ms: u64, now_ms: u64) -> u64 {
    previous_ms.max(now_ms)
}

/// Log time of a chain on Kafka: the broker's append time, held to two minutes beyond the last
/// claim of a node, made monotonic. All in Unix milliseconds.
///
/// `append_ms` is `None` for a record whose timestamp is not the broker's; it keeps the time.
pub fn kafka_log_time(previous_ms: u64, append_ms: Option<u64>, claim_ms: u64) -> u64 {
    match append_ms {
        Some(append_ms) => previous_ms.max(append_ms.min(latest(claim_ms))),
        None => previous_ms,
    }
}

/// Checks a log time on replay: not before the entry before, and not beyond the last claim of a
/// node by more than two minutes. All in Unix milliseconds.
///
/// # Errors
///
/// [`TimeOutOfRange`], with what was possible.
pub fn check_replayed_time(
    previous_ms: u64,
    time_ms: u64,
    claim_ms: u64,
) -> Result<(), TimeOutOfRange> {
    let (earliest, latest) = (previous_ms, previous_ms.max(latest(claim_ms)));
    if (earliest..=latest).contains(&time_ms) {
        Ok(())
    } else {
        Err(TimeOutOfRange { earliest, latest, found: time_ms })
    }
}

fn latest(claim_ms: u64) -> u64 {
    claim_ms.saturating_add(CLAIM_MARGIN_MS)
}
