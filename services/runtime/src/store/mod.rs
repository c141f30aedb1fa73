//! Derived state: an ordered map of bytes and the position in the log that it stands for.
//!
//! State is never evidence. It can be deleted and made again from the log, so a store that is
//! damaged is not repaired: it is set aside ([`open_or_set_aside`]) and the caller rebuilds.
//!
//! # Contract
//!
//! Every implementation passes `tests/store/` and `tests/store_kill.rs`:
//!
//! * [`StateStore::apply`] is all or nothing: all changes of a batch and its [`Position`] become
//!   visible, and later durable, together. After a crash the store stands at the position of
//!   some batch that was applied, with exactly the contents of that moment.
//! * What was applied before a [`StateStore::flush`] that returned `Ok` is still there after
//!   that crash. What was applied since may be gone; the log has it.
//! * `get` and `range` see whole batches only, also while a batch is being applied. Two calls in
//!   a row may see different batches.
//! * Keys are ordered as unsigned bytes. They are 1 to [`KEY_BYTES_MAX`] bytes long and don't
//!   start with [`RESERVED_PREFIX`], which is the store's own.

mod cache;
mod guard;
mod memory;
mod open;
mod position;
mod redb;
mod sled;

use std::io;
use std::path::PathBuf;
use std::str::FromStr;

pub use self::cache::{CacheStats, CachedStore};
pub use self::memory::MemoryStore;
pub use self::open::{
    OpenError, Opened, SetAside, Unusable, open_or_set_aside, open_store, set_aside,
};
pub use self::position::{ParsePositionError, Position};
pub use self::redb::RedbStore;
pub use self::sled::SledStore;

/// First byte of keys that belong to the store itself.
pub const RESERVED_PREFIX: u8 = 0xFF;

/// Longest key. Tables use fixed-length keys of some tens of bytes; this only stops a mistake.
pub const KEY_BYTES_MAX: usize = 1024;

/// A key and its value, as [`StateStore::range`] gives them.
pub type Pair = (Vec<u8>, Vec<u8>);

/// One key's new value, or `None` when the key is deleted.
pub type Change = (Vec<u8>, Option<Vec<u8>>);

/// Changes and the position they lead to, written together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Where the store stands once this batch is applied.
    pub position: Position,
    /// In this order; of two changes to one key the later one counts.
    ///
    /// Some thousand are a good size. sled lets nobody read, in any of the process's stores,
    /// while it applies a batch, so a batch of a million would stop the node for seconds.
    pub changes: Vec<Change>,
}

/// What a store costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreStats {
    /// Which implementation: `sled`, `redb` or `memory`.
    pub kind: &'static str,
    /// Bytes of its files, or of its keys and values when it has none.
    pub bytes: u64,
}

/// Why a store couldn't answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The caller's key is one that no table may use. Nothing was read or written.
    #[error("key of {len} bytes is empty, longer than 1024 bytes or reserved")]
    KeyNotAllowed {
        /// Length of the key.
        len: usize,
    },
    /// The operating system refused: no space, no rights, a failing disk.
    #[error("{kind} store can't use its files")]
    Io {
        /// Which implementation.
        kind: &'static str,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// What is stored makes no sense. The store marks itself, and the next
    /// [`open_or_set_aside`] sets it aside; until then nothing it says should be used.
    #[error("{kind} store is damaged: {reason}")]
    Damaged {
        /// Which implementation.
        kind: &'static str,
        /// What it tripped over.
        reason: String,
    },
}

/// An ordered map of bytes that knows its position in the log. See the module for the contract.
///
/// Synchronous: the apply thread, which alone writes, is a thread of its own.
pub trait StateStore: Send + Sync {
    /// The value of `key`, or `None`.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// The first `limit` pairs whose keys start with `prefix` and, where `after` is given, are
    /// greater than it; ascending. An empty prefix means every key.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] or [`StoreError::Damaged`].
    fn range(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError>;

    /// Applies all changes of `batch` and takes on its position, or does nothing.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; after one the store is as it was before, or damaged.
    fn apply(&self, batch: &Batch) -> Result<(), StoreError>;

    /// The position of the last batch applied; `None` in a store that is new.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] or [`StoreError::Damaged`].
    fn position(&self) -> Result<Option<Position>, StoreError>;

    /// Returns once everything applied before is on the disk. Takes milliseconds to seconds.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] or [`StoreError::Damaged`]; then what is on the disk isn't known, and
    /// only a new [`open_or_set_aside`] can tell.
    fn flush(&self) -> Result<(), StoreError>;

    /// What it costs now. Walks the directory: for metrics, not for a hot path.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`].
    fn stats(&self) -> Result<StoreStats, StoreError>;
}

impl<S: StateStore + ?Sized> StateStore for Box<S> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        (**self).get(key)
    }

    fn range(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError> {
        (**self).range(prefix, after, limit)
    }

    fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
        (**self).apply(batch)
    }

    fn position(&self) -> Result<Option<Position>, StoreError> {
        (**self).position()
    }

    fn flush(&self) -> Result<(), StoreError> {
        (**self).flush()
    }

    fn stats(&self) -> Result<StoreStats, StoreError> {
        (**self).stats()
    }
}

/// Which store holds the derived state. Changing it costs a rebuild, nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoreKind {
    /// [`SledStore`].
    Sled,
    /// [`RedbStore`].
    Redb,
}

impl StoreKind {
    /// Its name in configuration, metrics and the directory's `format` file.
    pub const fn name(self) -> &'static str {
        match self {
            StoreKind::Sled => "sled",
            StoreKind::Redb => "redb",
        }
    }
}

/// A store that doesn't exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("store `{0}` is neither `sled` nor `redb`")]
pub struct ParseStoreKindError(String);

impl FromStr for StoreKind {
    type Err = ParseStoreKindError;

    fn from_str(text: &str) -> Result<Self, ParseStoreKindError> {
        match text {
            "sled" => Ok(StoreKind::Sled),
            "redb" => Ok(StoreKind::Redb),
            other => Err(ParseStoreKindError(other.to_owned())),
        }
    }
}

/// How a store is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreOptions {
    /// Memory for the store's own cache of pages, in bytes.
    ///
    /// For sled it should exceed the data: with a smaller one its memory grows without bound
    /// (measured: 1 M keys of 300 B take 574 MB with 512 MB of cache and 3.5 GB with 64 MB).
    pub cache_bytes: u64,
    /// Verify every checksum before trusting the file. redb only; reads the whole file.
    pub verify_at_open: bool,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { cache_bytes: 512 << 20, verify_at_open: false }
    }
}

fn check_key(key: &[u8]) -> Result<(), StoreError> {
    let allowed = (1..=KEY_BYTES_MAX).contains(&key.len()) && key.first() != Some(&RESERVED_PREFIX);
    if allowed { Ok(()) } else { Err(StoreError::KeyNotAllowed { len: key.len() }) }
}

fn check_batch(batch: &Batch) -> Result<(), StoreError> {
    batch.changes.iter().try_for_each(|(key, _)| check_key(key))
}

/// Where a scan starts, so that each store turns it into bounds in the same way.
fn scan_start<'a>(prefix: &'a [u8], after: Option<&'a [u8]>) -> std::ops::Bound<&'a [u8]> {
    match after {
        Some(after) if after >= prefix => std::ops::Bound::Excluded(after),
        _ => std::ops::Bound::Included(prefix),
    }
}

/// Whether a scan of `prefix` still wants `key`: every key after the first that it doesn't is
/// unwanted too.
fn scan_wants(prefix: &[u8], key: &[u8]) -> bool {
    key.starts_with(prefix) && key.first() != Some(&RESERVED_PREFIX)
}

/// Files of a store's directory, shared by the two that have one.
fn directory_bytes(dir: &std::path::Path) -> io::Result<u64> {
    let mut bytes = 0u64;
    let mut pending: Vec<PathBuf> = vec![dir.to_owned()];
    while let Some(dir) = pending.pop() {
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            match entry.metadata() {
                Ok(found) if found.is_dir() => pending.push(entry.path()),
                Ok(found) => bytes = bytes.saturating_add(found.len()),
                // Both stores remove files of their own while they run.
                Err(gone) if gone.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(bytes)
}
