//! Derived state in sled 0.34.
//!
//! Four things about sled shape this file. Its `flush` is not an fsync on Linux (it calls
//! `sync_file_range`), so the barrier here syncs the file itself. It panics on most damage, so
//! the guard around every store catches panics. A batch is atomic within one tree only, so the
//! position lives in the same tree as the data, under the reserved prefix. And it gives up its
//! file lock from a thread of its own, some time after the database was dropped.

use std::fs::File;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use ::sled::{Db, Mode};

use super::{
    Batch, Pair, Position, RESERVED_PREFIX, StateStore, StoreError, StoreOptions, StoreStats,
    check_batch, check_key, directory_bytes, scan_start, scan_wants,
};

const KIND: &str = "sled";

/// How often the lock is tried: a second in all, for a former database of this process to let go.
const LOCK_ATTEMPTS_MAX: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

const POSITION_KEY: [u8; 2] = [RESERVED_PREFIX, b'p'];

/// A sled database of one tree.
pub struct SledStore {
    db: Db,
    dir: PathBuf,
    /// Held for writing while a batch is applied. sled's own lock covers one step of an
    /// iterator, so without this a scan could see half of a batch.
    whole_batches: RwLock<()>,
}

impl SledStore {
    /// Opens or creates the database in `dir`. Use [`open_store`](super::open_store), which also
    /// survives sled's panics and checks the directory's format.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] or [`StoreError::Damaged`].
    ///
    /// # Panics
    ///
    /// sled does, on most kinds of damage.
    pub fn open(dir: &Path, options: &StoreOptions) -> Result<Self, StoreError> {
        let config = ::sled::Config::new()
            .path(dir)
            .mode(Mode::HighThroughput)
            .cache_capacity(options.cache_bytes)
            // The log is durable already; a flusher would only add syncs that nobody waits for,
            // and it merely logs their failures.
            .flush_every_ms(None);
        let mut attempts = 1;
        let db = loop {
            match config.open() {
                Err(locked) if is_locked(&locked) && attempts < LOCK_ATTEMPTS_MAX => {
                    attempts += 1;
                    thread::sleep(LOCK_PAUSE);
                }
                opened => break opened.map_err(error)?,
            }
        };
        Ok(Self { db, dir: dir.to_owned(), whole_batches: RwLock::new(()) })
    }
}

impl StateStore for SledStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        check_key(key)?;
        Ok(self.db.get(key).map_err(error)?.map(|value| value.to_vec()))
    }

    fn range(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError> {
        let _whole = self.whole_batches.read().unwrap_or_else(PoisonError::into_inner);
        let mut pairs = Vec::new();
        let scan = self.db.range::<&[u8], _>((scan_start(prefix, after), Bound::Unbounded));
        for pair in scan.take(limit) {
            let (key, value) = pair.map_err(error)?;
            if !scan_wants(prefix, &key) {
                break;
            }
            pairs.push((key.to_vec(), value.to_vec()));
        }
        Ok(pairs)
    }

    fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
        check_batch(batch)?;
        let mut writes = ::sled::Batch::default();
        for (key, value) in &batch.changes {
            match value {
                Some(value) => writes.insert(&key[..], &value[..]),
                None => writes.remove(&key[..]),
            }
        }
        writes.insert(&POSITION_KEY, batch.position.to_string().as_bytes());
        let _whole = self.whole_batches.write().unwrap_or_else(PoisonError::into_inner);
        self.db.apply_batch(writes).map_err(error)
    }

    fn position(&self) -> Result<Option<Position>, StoreError> {
        let Some(line) = self.db.get(POSITION_KEY).map_err(error)? else { return Ok(None) };
        std::str::from_utf8(&line)
            .ok()
            .and_then(|line| line.parse().ok())
            .map(Some)
            .ok_or_else(|| StoreError::Damaged { kind: KIND, reason: "bad position".to_owned() })
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.db.flush().map_err(error)?;
        File::open(self.dir.join("db"))
            .and_then(|file| file.sync_data())
            .map_err(|source| StoreError::Io { kind: KIND, source })
    }

    fn stats(&self) -> Result<StoreStats, StoreError> {
        let bytes =
            directory_bytes(&self.dir).map_err(|source| StoreError::Io { kind: KIND, source })?;
        Ok(StoreStats { kind: KIND, bytes })
    }
}

fn is_locked(error: &::sled::Error) -> bool {
    // sled has no variant for it: it wraps the system's error in one of its own with this text.
    matches!(error, ::sled::Error::Io(source) if source.to_string().contains("acquire lock"))
}

/// Sorts sled's errors by who must act: the operator (`Io`) or nobody, as it is rebuilt.
fn error(error: ::sled::Error) -> StoreError {
    let locked = is_locked(&error);
    match error {
        // A number comes from the system, and says nothing about the data.
        ::sled::Error::Io(source) if locked || source.raw_os_error().is_some() => {
            StoreError::Io { kind: KIND, source }
        }
        other => StoreError::Damaged { kind: KIND, reason: other.to_string() },
    }
}
