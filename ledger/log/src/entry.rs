//! Entries: a statement and what was decided about it, one leaf of the log.

mod decode;
mod encode;

pub use crate::codec::{TooLong, WireError};
pub use encode::VERSION;

use crate::hash::{Hash, leaf_hash, sha256_parts};
use crate::statement::Unreadable;

/// The longest entry, in bytes: the limit of a C2SP entry bundle.
pub const ENTRY_MAX: usize = 65_535;

/// The most that header, statement and the statement's own result may take together. With
/// [`CLOCK_EVENTS_MAX`] this is [`ENTRY_MAX`], so whether a statement fits never depends on what
/// else fell due.
pub const OWN_MAX: usize = 49_151;

/// The most that the clock events of one entry may take, with their count.
pub const CLOCK_EVENTS_MAX: usize = 16_384;

/// The bytes of an entry besides statement and result.
pub const HEADER_LEN: usize = 74;

/// The longest facts of a refusal, in bytes.
pub const FACTS_MAX: usize = 1_024;

/// Skipped: the record is not a statement of this chain.
pub const UNREADABLE: u16 = 1;

/// Skipped: a refusal beyond the principal's quota of refused bytes for the day.
pub const QUOTA_EXCEEDED: u16 = 2;

/// The item that a refusal of the statement itself names.
pub const ITEM_STATEMENT: u16 = 0xFFFF;

/// One leaf of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Position in the log, from 0.
    pub index: u64,
    /// Leaf hash of the entry before; of the first, [`genesis_prev_hash`].
    pub prev_leaf_hash: Hash,
    /// Log time, Unix milliseconds; never less than the entry before.
    pub time_ms: u64,
    /// Feature level of the rules that decided the outcome.
    pub rules: u32,
    /// Epoch of the ordering log; 0 locally.
    pub epoch: u32,
    /// Offset in the ordering log; the index locally.
    pub offset: u64,
    /// What was received.
    pub statement: Recorded,
    /// What was decided.
    pub result: EntryResult,
}

/// What an entry keeps of the record it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// Accepted or refused: the statement exactly as received.
    Full(Vec<u8>),
    /// Duplicate or unreadable: its length and SHA-256.
    Digest {
        /// Length of the record in bytes.
        len: u32,
        /// SHA-256 of the record.
        sha256: Hash,
    },
    /// Over quota: the form of [`OverQuota`](crate::statement::OverQuota).
    OverQuota(Vec<u8>),
}

/// What an entry did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryResult {
    /// What fell due before the statement was decided; under every outcome.
    pub clock_events: Vec<EventBytes>,
    /// What was decided about the statement.
    pub outcome: Outcome,
}

/// The decision about a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// One item per command; at least one is accepted.
    Accepted(Vec<ItemOutcome>),
    /// Nothing was accepted.
    Refused {
        /// Which command, from 0; [`ITEM_STATEMENT`] for the statement itself.
        item: u16,
        /// Why.
        refusal: RefusalBytes,
    },
    /// The same was said before.
    Duplicate {
        /// The entry that decided it.
        first_index: u64,
    },
    /// Not decided: [`UNREADABLE`] or [`QUOTA_EXCEEDED`].
    Skipped(u16),
}

/// The decision about one command of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemOutcome {
    /// Accepted, with what happened.
    Events(Vec<EventBytes>),
    /// Refused, while others of an independent batch were accepted.
    Refused(RefusalBytes),
}

/// An event as the book made it: hashed, sent and checked as these bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventBytes {
    /// Full protobuf name. At most 255 bytes.
    pub type_name: String,
    /// Protobuf bytes.
    pub body: Vec<u8>,
}

/// A refusal as the book made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalBytes {
    /// Number in the registry of refusals.
    pub code: u16,
    /// Protobuf bytes of the facts behind it. At most [`FACTS_MAX`] bytes.
    pub facts: Vec<u8>,
}

/// An entry in its final bytes, with the hash that binds the next one: encoded and hashed once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedEntry {
    index: u64,
    prev_leaf_hash: Hash,
    time_ms: u64,
    leaf_hash: Hash,
    bytes: Vec<u8>,
}

/// The parts of an entry that bind it to the one before, read without the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryLink {
    /// Position in the log, from 0.
    pub index: u64,
    /// Leaf hash of the entry before.
    pub prev_leaf_hash: Hash,
    /// Log time, Unix milliseconds.
    pub time_ms: u64,
}

/// Why bytes are not an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MalformedEntry {
    /// It does not begin with the magic of an entry.
    #[error("not an entry: it begins with other bytes than one does")]
    Magic,
    /// A version of the format that this build does not know.
    #[error("entry of version {found}; version 1 is known")]
    Version {
        /// The version it names.
        found: u8,
    },
    /// A field is cut short or not text, or bytes are left over.
    #[error("malformed entry")]
    Wire(#[from] WireError),
    /// A part is longer than the format allows.
    #[error("a part of the entry is too long")]
    TooLong(#[from] TooLong),
    /// A code outside the format.
    #[error("{found} is no {field}")]
    Code {
        /// What the code is for.
        field: &'static str,
        /// The code.
        found: u16,
    },
    /// The statement it holds is none.
    #[error("the statement in the entry cannot be read")]
    Statement(#[from] Unreadable),
    /// It says accepted, and no item is.
    #[error("accepted without an accepted item")]
    NothingAccepted,
}

/// Why an entry cannot be put into bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// A part is longer than the format allows.
    #[error("the entry does not fit its format")]
    TooLong(#[from] TooLong),
    /// The outcome needs another form of the statement.
    #[error("an entry with this outcome keeps another form of the statement")]
    FormOfStatement,
    /// The statement it holds is none.
    #[error("the statement in the entry cannot be read")]
    Statement(#[from] Unreadable),
    /// It says accepted, and no item is.
    #[error("accepted without an accepted item")]
    NothingAccepted,
}

/// What stands for the entry before the first: SHA-256("granary/genesis/v1\0" || origin).
pub fn genesis_prev_hash(origin: &str) -> Hash {
    sha256_parts([b"granary/genesis/v1\0".as_slice(), origin.as_bytes()])
}

impl Entry {
    /// Reads an entry.
    ///
    /// # Errors
    ///
    /// [`MalformedEntry`] if the bytes are not exactly those that [`Entry::encode`] gives for some
    /// entry. Never panics.
    pub fn decode(bytes: &[u8]) -> Result<Self, MalformedEntry> {
        decode::entry(bytes)
    }

    /// The entry's bytes, the leaf of the log.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if a part or the whole is too long, if the statement is in another form
    /// than the outcome asks for or cannot be read, or if nothing is accepted in an accepted entry.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        encode::entry(self)
    }

    /// Hash of the leaf. It encodes the entry: who needs the bytes too should [`seal`](Self::seal).
    ///
    /// # Errors
    ///
    /// Those of [`Entry::encode`].
    pub fn leaf_hash(&self) -> Result<Hash, EncodeError> {
        Ok(leaf_hash(&self.encode()?))
    }

    /// Encodes and hashes the entry, once.
    ///
    /// # Errors
    ///
    /// Those of [`Entry::encode`].
    pub fn seal(&self) -> Result<SealedEntry, EncodeError> {
        let bytes = self.encode()?;
        Ok(SealedEntry {
            index: self.index,
            prev_leaf_hash: self.prev_leaf_hash,
            time_ms: self.time_ms,
            leaf_hash: leaf_hash(&bytes),
            bytes,
        })
    }

    /// What binds it to the entry before.
    pub fn link(&self) -> EntryLink {
        EntryLink { index: self.index, prev_leaf_hash: self.prev_leaf_hash, time_ms: self.time_ms }
    }

    /// All events in the order of their numbers: the clock's first, then the items', from 0.
    pub fn events(&self) -> impl Iterator<Item = &EventBytes> {
        self.result.events()
    }
}

impl EntryResult {
    /// All events in the order of their numbers: the clock's first, then the items', from 0.
    pub fn events(&self) -> impl Iterator<Item = &EventBytes> {
        let items = match &self.outcome {
            Outcome::Accepted(items) => items.as_slice(),
            Outcome::Refused { .. } | Outcome::Duplicate { .. } | Outcome::Skipped(_) => &[],
        };
        let events = items.iter().flat_map(|item| match item {
            ItemOutcome::Events(events) => events.as_slice(),
            ItemOutcome::Refused(_) => &[],
        });
        self.clock_events.iter().chain(events)
    }

    /// Length of the clock events with their count, in bytes; at most [`CLOCK_EVENTS_MAX`] fit.
    pub fn clock_len(&self) -> usize {
        encode::events_len(&self.clock_events)
    }
}

impl Outcome {
    /// Length of the statement's own result in bytes.
    pub fn encoded_len(&self) -> usize {
        encode::outcome_len(self)
    }

    /// Whether an entry holds this outcome beside a statement of `statement_len` bytes; if not,
    /// the statement is refused as too large instead.
    pub fn fits(&self, statement_len: usize) -> bool {
        HEADER_LEN + statement_len + self.encoded_len() <= OWN_MAX
    }
}

impl EventBytes {
    /// Its length inside a result, in bytes.
    pub fn encoded_len(&self) -> usize {
        1 + self.type_name.len() + 2 + self.body.len()
    }
}

impl SealedEntry {
    /// Takes over bytes that were encoded elsewhere, such as an entry read from another node.
    ///
    /// # Errors
    ///
    /// [`MalformedEntry`] if they are not an entry.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, MalformedEntry> {
        let link = Entry::decode(&bytes)?.link();
        Ok(Self {
            index: link.index,
            prev_leaf_hash: link.prev_leaf_hash,
            time_ms: link.time_ms,
            leaf_hash: leaf_hash(&bytes),
            bytes,
        })
    }

    /// Position in the log, from 0.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Hash of the leaf.
    pub fn leaf_hash(&self) -> Hash {
        self.leaf_hash
    }

    /// The entry's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The entry's bytes, given away.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// What binds it to the entry before.
    pub fn link(&self) -> EntryLink {
        EntryLink { index: self.index, prev_leaf_hash: self.prev_leaf_hash, time_ms: self.time_ms }
    }
}

impl EntryLink {
    /// Reads what binds an entry to the one before, and nothing after it.
    ///
    /// # Errors
    ///
    /// [`MalformedEntry`] if the bytes do not begin as an entry does.
    pub fn decode(bytes: &[u8]) -> Result<Self, MalformedEntry> {
        decode::link(bytes).map(|(link, _, _)| link)
    }
}
