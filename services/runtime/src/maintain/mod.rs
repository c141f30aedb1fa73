//! What operators do with a node's storage: examine it, mend it, copy it, bring a copy back.
//!
//! The segments are the evidence and everything else is derived from them or vouches for them. So
//! derived parts may be made anew at any time, and an entry is only ever taken from elsewhere when
//! what is here proves that it is the one that was lost: a checkpoint signed by the log's key, or
//! an entry behind it that holds its hash.
//!
//! Nothing in here takes a lock: whoever changes something holds the node's directory
//! ([`DirLock`](crate::files::DirLock)).

mod backup;
mod copy;
mod evidence;
mod examine;
mod mirror;
mod rebuild;
mod repair;
mod restore;
mod signing;
mod tiles;

use std::{io, path::PathBuf};

use granary_log::{
    checkpoint::CheckpointError,
    entry::MalformedEntry,
    note::NoteError,
    segment::{AppendError, RecoverError, SegmentSizeOutOfRange, StorageError},
};

pub use self::backup::{BACKUP_FILE, BackedUp, backup};
pub use self::examine::{Area, Examined, Finding, Mend, examine};
pub use self::rebuild::{Rebuilt, rebuild};
pub use self::repair::{
    Repaired, cut_damaged_tail, finish_interrupted, mend_derived, repair_segments,
};
pub use self::restore::{Restored, restore};

use crate::{
    chain::ChainError,
    files::{FileError, LockError},
    store::OpenError,
};

/// Told how far something has come: (entries done, entries in all).
pub type Progress<'p> = &'p dyn Fn(u64, u64);

/// How often progress is told, in entries.
const TELL_EVERY: u64 = 4_096;

/// Why storage was not examined, mended, copied or brought back. Nothing was changed, unless the
/// text says so.
#[derive(Debug, thiserror::Error)]
pub enum MaintainError {
    /// A node uses the directory.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// There is no chain, or no key.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file.
    #[error("{} can't be read", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The segments.
    #[error("the log can't be read")]
    Log(#[from] RecoverError),
    /// A segment's file.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A segment that is written.
    #[error("the entries can't be written")]
    Append(#[from] AppendError),
    /// The segments' size.
    #[error(transparent)]
    SegmentSize(#[from] SegmentSizeOutOfRange),
    /// A derived state.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// Bytes that are no entry.
    #[error("entry {index} is none")]
    NotAnEntry {
        /// Which.
        index: u64,
        /// Why.
        #[source]
        source: MalformedEntry,
    },
    /// There is nothing to take entries from.
    #[error(
        "{} holds neither segments nor entry bundles of this chain; name another node's directory, its log \
         directory, or a directory of tiles with tile/entries", .0.display()
    )]
    NoSource(PathBuf),
    /// Entries that nobody has.
    #[error(
        "entries {first} to {last} are neither here nor in the source; name a source that has them (nothing \
         was changed)"
    )]
    StillMissing {
        /// The first of them.
        first: u64,
        /// The last of them.
        last: u64,
    },
    /// What would be put together is not what was signed.
    #[error(
        "with what the source has, the first {size} entries don't hash to the checkpoint that the log signed: \
         the source is another history, or was changed (nothing was changed here)"
    )]
    OtherHistory {
        /// How many entries the checkpoint covers.
        size: u64,
    },
    /// What would be cut off was signed, or applied.
    #[error(
        "the damaged group can't be cut off: {size} entries would be left, and {known} are {how}. Take them from \
         a mirror: granary fsck DIR --repair-from SOURCE"
    )]
    TailIsKnown {
        /// Entries that would be left.
        size: u64,
        /// Entries known of.
        known: u64,
        /// By what.
        how: &'static str,
    },
    /// A checkpoint that is needed is none.
    #[error("{} is no checkpoint that this chain's log key signed", .path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: CheckpointError,
    },
    /// A checkpoint that is needed is none.
    #[error("{} is no signed note", .path.display())]
    Note {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: NoteError,
    },
    /// The target is in use for something else.
    #[error("{} is not empty{holds}; choose another directory (nothing was changed)", .path.display())]
    NotEmpty {
        /// The directory.
        path: PathBuf,
        /// Whose it is, if a chain's.
        holds: String,
    },
    /// A backup goes on only where it began.
    #[error(
        "{} holds a backup of {found}, and this is {expected}; choose another directory", .path.display()
    )]
    OtherBackup {
        /// The directory.
        path: PathBuf,
        /// The chain it holds.
        found: String,
        /// The chain that is backed up.
        expected: String,
    },
    /// The directory is no backup, or not a whole one.
    #[error("{} is no whole backup: {why}", .path.display())]
    NoBackup {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl MaintainError {
    fn read(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Read { path, source }
    }
}
