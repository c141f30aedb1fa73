//! What the store tests share: every kind of store, opened the same way.

use std::path::PathBuf;

use granary_runtime::store::{CachedStore, MemoryStore, StateStore, StoreKind, open_store};
use tempfile::TempDir;

use crate::numbered::{batch, small};

/// Each is held to the same contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Memory,
    CachedMemory,
    Sled,
    Redb,
    CachedRedb,
}

pub(crate) const ALL: [Kind; 5] =
    [Kind::Memory, Kind::CachedMemory, Kind::Sled, Kind::Redb, Kind::CachedRedb];

/// Small enough that entries are evicted all the time.
const CACHE_BYTES: u64 = 2_000;

/// A store in a directory of its own.
pub(crate) struct Rig {
    pub(crate) kind: Kind,
    pub(crate) store: Box<dyn StateStore>,
    pub(crate) dir: TempDir,
}

impl Rig {
    pub(crate) fn new(kind: Kind) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let store = open(kind, &dir.path().join("state"));
        Self { kind, store, dir }
    }

    pub(crate) fn state_dir(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    /// Closes the store and opens it again; one in memory just goes on.
    pub(crate) fn reopen(&mut self) {
        if !matches!(self.kind, Kind::Memory | Kind::CachedMemory) {
            self.store = Box::new(MemoryStore::new());
            self.store = open(self.kind, &self.state_dir());
        }
    }

    pub(crate) fn put(&self, size: u64, changes: &[(&[u8], Option<&[u8]>)]) {
        let changes =
            changes.iter().map(|(key, value)| (key.to_vec(), value.map(<[u8]>::to_vec))).collect();
        self.store.apply(&batch(size, changes)).expect("applies");
    }
}

fn open(kind: Kind, dir: &std::path::Path) -> Box<dyn StateStore> {
    let options = small();
    let redb = || open_store(StoreKind::Redb, dir, &options).expect("opens");
    match kind {
        Kind::Memory => Box::new(MemoryStore::new()),
        Kind::CachedMemory => Box::new(CachedStore::new(MemoryStore::new(), CACHE_BYTES)),
        Kind::Sled => open_store(StoreKind::Sled, dir, &options).expect("opens"),
        Kind::Redb => redb(),
        Kind::CachedRedb => Box::new(CachedStore::new(redb(), CACHE_BYTES)),
    }
}
