//! The check of a whole log: every entry, the chain between them, the tree and its tiles, and the
//! roots that the log signed. It goes on after a fault, and lists them all.
//!
//! It believes nothing but the checkpoints given to it, whose signatures the caller has checked
//! with [`Checkpoint::open`]. Whether the book decided rightly is not its business; that takes a
//! replay.
//!
//! The work is cut in two. An [`EntryChecker`] looks at up to a tile of entries by themselves, which takes
//! nearly all of the time and can be done by many at once. The [`Verifier`] joins what they found,
//! in order: the chain, the tree, the tiles above, and the checkpoints. What it holds does not grow
//! with the log.

mod check;
mod join;
mod tiles;

use crate::chain::LinkFault;
use crate::checkpoint::Checkpoint;
use crate::entry::MalformedEntry;
use crate::hash::Hash;
use crate::tile::{BundleError, Tile};

pub use check::{Checked, EntryChecker};
pub use join::Verifier;
pub use tiles::TileSource;

/// Full protobuf name of the first entry's statement.
pub const GENESIS_TYPE: &str = "granary.chain.v1.Genesis";

/// How many entries [`verify`] checks at a time: those of a tile.
const BATCH: usize = 256;

/// Something wrong with a log, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The position at which it shows, counted from 0 over the entries given.
    pub index: u64,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What can be wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// The bytes are not an entry.
    #[error("not an entry")]
    Malformed(#[source] MalformedEntry),
    /// The entry does not follow the one before.
    #[error("does not follow the entry before")]
    Link(#[source] LinkFault),
    /// The ordering log holds the statement at or before the place of the one before.
    #[error("epoch {epoch}, offset {offset} is not after that of the entry before")]
    Order {
        /// Epoch of the ordering log.
        epoch: u32,
        /// Offset in the epoch.
        offset: u64,
    },
    /// The statement is for another chain.
    #[error("the statement is for {found}, another chain")]
    OtherOrigin {
        /// The chain that it names.
        found: String,
    },
    /// An accepted statement, or one over quota, has a signature that is not valid.
    #[error("signature {number} of the statement is not valid")]
    Signature {
        /// Which signature, from 0.
        number: usize,
    },
    /// A duplicate of an entry that is not before it.
    #[error("duplicate of entry {first_index}, which is not before it")]
    DuplicateOfLater {
        /// The entry that it names.
        first_index: u64,
    },
    /// The first entry is not what the first of a chain must be.
    #[error("the first entry is not a genesis: {0}")]
    Genesis(&'static str),
    /// The entries hash to another root than the log signed: one of them was changed.
    #[error(
        "the first {size} entries hash to {found}, and the log signed {expected}; the first {good} are right"
    )]
    Root {
        /// Number of entries that the checkpoint commits to.
        size: u64,
        /// The root in the checkpoint.
        expected: Hash,
        /// The root of the entries.
        found: Hash,
        /// The largest size below at which the root was the signed one.
        good: u64,
    },
    /// The log signed roots that can't be compared, because an entry before them is not there. It
    /// is reported once, at the end.
    #[error(
        "{count} checkpoints, up to that of {size} entries, can't be compared: entry {lost} can't be had"
    )]
    Unproved {
        /// Number of entries that the last of them commits to.
        size: u64,
        /// The first entry of which not even the hash can be had.
        lost: u64,
        /// How many.
        count: u64,
    },
    /// The log signed two checkpoints that no one log can have.
    #[error(
        "the log signed two histories: {} entries with root {}, and {} entries that don't continue \
         them, with root {}", earlier.size(), earlier.root(), later.size(), later.root()
    )]
    TwoHistories {
        /// The checkpoint that these entries contradict.
        earlier: Checkpoint,
        /// One that they lead to, or another of the same size.
        later: Checkpoint,
    },
    /// An entry is not the one that the tile beside it has.
    #[error("its hash is {found}, and {tile} has {expected}")]
    EntryHash {
        /// The tile of level 0.
        tile: Tile,
        /// The hash in the tile.
        expected: Hash,
        /// The entry's.
        found: Hash,
    },
    /// A tile or bundle is not what it must be.
    #[error("{tile} {what}")]
    Tile {
        /// Its place.
        tile: Tile,
        /// What is wrong with it.
        what: TileFault,
    },
    /// The log signed more entries than there are.
    #[error("the log signed {size} entries, and only {found} are here")]
    Missing {
        /// Number of entries that the checkpoint commits to.
        size: u64,
        /// Number of entries here.
        found: u64,
    },
}

/// What can be wrong with a tile or bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TileFault {
    /// There is none.
    Missing,
    /// It can't be read.
    Unreadable(String),
    /// A tile of hashes has another length.
    Length(usize),
    /// A hash, counted from 0, is not that of what is below it.
    Hash(u16),
    /// A bundle does not hold whole entries, or holds more than its width.
    Bundle(BundleError),
    /// An entry of a bundle, counted from 0, is another than the log has.
    Entry(u16),
    /// It is not the beginning of the wider one.
    NoPrefix,
}

impl std::fmt::Display for TileFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("is not there"),
            Self::Unreadable(why) => write!(f, "can't be read: {why}"),
            Self::Length(len) => write!(f, "has {len} bytes"),
            Self::Hash(position) => write!(f, "has a wrong hash at position {position}"),
            Self::Bundle(error) => write!(f, "does not hold its entries: {error}"),
            Self::Entry(position) => write!(f, "has another entry at position {position}"),
            Self::NoPrefix => f.write_str("is not how the wider one begins"),
        }
    }
}

impl FaultKind {
    /// One word for what is wrong, the same in every version.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Link(LinkFault::Index { .. }) => "index",
            Self::Link(LinkFault::PrevLeafHash { .. }) => "chain",
            Self::Link(LinkFault::TimeFell { .. }) => "time",
            Self::Order { .. } => "order",
            Self::OtherOrigin { .. } => "origin",
            Self::Signature { .. } => "signature",
            Self::DuplicateOfLater { .. } => "duplicate",
            Self::Genesis(_) => "genesis",
            Self::Root { .. } => "root",
            Self::Unproved { .. } => "unproved",
            Self::TwoHistories { .. } => "two-histories",
            Self::EntryHash { .. } => "entry-hash",
            Self::Tile { .. } => "tile",
            Self::Missing { .. } => "missing",
        }
    }
}

/// What was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Entries read, faulty ones too.
    pub entries: u64,
    /// Entries under a checkpoint whose root was right.
    pub proved: u64,
    /// Faults found.
    pub faults: u64,
    /// Entries accepted.
    pub accepted: u64,
    /// Entries refused.
    pub refused: u64,
    /// Duplicates, taken as recorded.
    pub duplicates: u64,
    /// Unreadable records, taken as recorded.
    pub unreadable: u64,
    /// Refusals over quota, taken as recorded.
    pub over_quota: u64,
    /// Events of all entries.
    pub events: u64,
    /// Signatures checked.
    pub signatures: u64,
    /// Log time of the last entry, Unix milliseconds.
    pub last_time_ms: u64,
}

impl Summary {
    /// Counts what `other` counts too; places are not counts.
    fn count(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.duplicates += other.duplicates;
        self.unreadable += other.unreadable;
        self.over_quota += other.over_quota;
        self.events += other.events;
        self.signatures += other.signatures;
    }
}

/// Checks a log from its first entry.
///
/// * `origin`: the log's name.
/// * `entries`: their bytes, in order.
/// * `checkpoints`: what the log signed, in any order; their signatures are checked already.
/// * `check_signatures`: whether the statements' signatures are checked, which takes most of the
///   time.
/// * `report`: is called for each fault, in the order of their places.
pub fn verify<B: AsRef<[u8]>>(
    origin: &str,
    entries: impl IntoIterator<Item = B>,
    checkpoints: Vec<Checkpoint>,
    check_signatures: bool,
    report: impl FnMut(Fault),
) -> Summary {
    let mut checker = EntryChecker::new(origin, check_signatures);
    let mut verifier = Verifier::new(origin, checkpoints, None, report);
    let mut entries = entries.into_iter().map(Some).peekable();
    while entries.peek().is_some() {
        let batch: Vec<Option<B>> = entries.by_ref().take(BATCH).collect();
        verifier.join(checker.check(verifier.size(), &batch));
    }
    verifier.finish()
}
