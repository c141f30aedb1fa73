//! Derived state in redb 4.

use std::fmt::Display;
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use ::redb::{
    Builder, Database, DatabaseError, Durability, ReadOnlyTable, ReadableDatabase, StorageError,
    TableDefinition,
};

use super::{
    Batch, Pair, Position, StateStore, StoreError, StoreOptions, StoreStats, check_batch,
    check_key, directory_bytes, scan_start, scan_wants,
};

const KIND: &str = "redb";
const STATE: TableDefinition<'static, &[u8], &[u8]> = TableDefinition::new("state");
const POSITION: TableDefinition<'static, (), &str> = TableDefinition::new("position");

/// A redb database of two tables: the state and, alone in the other, its position.
pub struct RedbStore {
    /// The state as the last batch left it. Opening a table costs a descent of its own, so
    /// readers share one snapshot per batch instead of opening one per read.
    snapshot: RwLock<Arc<Snapshot>>,
    /// After the snapshot, so that no reader is left when it closes.
    db: Database,
    dir: PathBuf,
}

struct Snapshot {
    state: ReadOnlyTable<&'static [u8], &'static [u8]>,
    position: Option<Position>,
}

impl RedbStore {
    /// Opens or creates the database in `dir`, which exists. Use
    /// [`open_store`](super::open_store), which also checks the directory's format.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] or [`StoreError::Damaged`].
    pub fn open(dir: &Path, options: &StoreOptions) -> Result<Self, StoreError> {
        let db = Builder::new()
            .set_cache_size(usize::try_from(options.cache_bytes).unwrap_or(usize::MAX))
            .set_check_integrity_on_open(options.verify_at_open)
            .create(dir.join("state.redb"))
            .map_err(database)?;
        let mut write = db.begin_write().map_err(storage)?;
        // Saves redb from walking the whole file after a crash.
        write.set_quick_repair(true);
        write.open_table(STATE).map_err(storage)?;
        write.open_table(POSITION).map_err(storage)?;
        write.commit().map_err(storage)?;
        let snapshot = RwLock::new(Arc::new(snapshot(&db)?));
        Ok(Self { db, dir: dir.to_owned(), snapshot })
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Commits `batch`, or nothing but a barrier when there is none.
    fn commit(&self, batch: Option<&Batch>, durability: Durability) -> Result<(), StoreError> {
        let mut write = self.db.begin_write().map_err(storage)?;
        write.set_durability(durability).map_err(storage)?;
        write.set_quick_repair(matches!(durability, Durability::Immediate));
        if let Some(batch) = batch {
            let mut state = write.open_table(STATE).map_err(storage)?;
            for (key, value) in &batch.changes {
                match value {
                    Some(value) => state.insert(&key[..], &value[..]),
                    None => state.remove(&key[..]),
                }
                .map_err(storage)?;
            }
            let mut position = write.open_table(POSITION).map_err(storage)?;
            position.insert((), batch.position.to_string().as_str()).map_err(storage)?;
        }
        write.commit().map_err(storage)
    }
}

fn snapshot(db: &Database) -> Result<Snapshot, StoreError> {
    let read = db.begin_read().map_err(storage)?;
    let state = read.open_table(STATE).map_err(storage)?;
    let positions = read.open_table(POSITION).map_err(storage)?;
    let line = positions.get(()).map_err(storage)?;
    let position = line.map(|line| line.value().parse()).transpose().map_err(damaged)?;
    Ok(Snapshot { state, position })
}

impl StateStore for RedbStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        check_key(key)?;
        // Held until the value is copied: contrary to its documentation the guard that redb 4.6
        // gives out doesn't keep the transaction, and so the page, alive by itself.
        let snapshot = self.snapshot();
        let value = snapshot.state.get(key).map_err(storage)?;
        Ok(value.map(|value| value.value().to_vec()))
    }

    fn range(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError> {
        let snapshot = self.snapshot();
        let bounds = (scan_start(prefix, after), Bound::Unbounded);
        let scan = snapshot.state.range::<&[u8]>(bounds).map_err(storage)?;
        let mut pairs = Vec::new();
        for pair in scan.take(limit) {
            let (key, value) = pair.map_err(storage)?;
            if !scan_wants(prefix, key.value()) {
                break;
            }
            pairs.push((key.value().to_vec(), value.value().to_vec()));
        }
        Ok(pairs)
    }

    fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
        check_batch(batch)?;
        // Not durable by itself: after a crash redb stands where the last `flush` left it.
        self.commit(Some(batch), Durability::None)?;
        let fresh = Arc::new(snapshot(&self.db)?);
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    fn position(&self) -> Result<Option<Position>, StoreError> {
        Ok(self.snapshot().position.clone())
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.commit(None, Durability::Immediate)
    }

    fn stats(&self) -> Result<StoreStats, StoreError> {
        let bytes =
            directory_bytes(&self.dir).map_err(|source| StoreError::Io { kind: KIND, source })?;
        Ok(StoreStats { kind: KIND, bytes })
    }
}

/// Sorts redb's errors by who must act: the operator (`Io`) or nobody, as it is rebuilt.
fn storage(error: impl Into<::redb::Error>) -> StoreError {
    match error.into() {
        ::redb::Error::Io(source) if source.raw_os_error().is_some() => {
            StoreError::Io { kind: KIND, source }
        }
        ::redb::Error::PreviousIo => {
            let source = io::Error::other("an earlier operation failed; restart the node");
            StoreError::Io { kind: KIND, source }
        }
        other => damaged(other),
    }
}

fn database(error: DatabaseError) -> StoreError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => StoreError::Io {
            kind: KIND,
            source: io::Error::new(io::ErrorKind::ResourceBusy, "another process has it open"),
        },
        DatabaseError::Storage(StorageError::Io(source)) if source.raw_os_error().is_some() => {
            StoreError::Io { kind: KIND, source }
        }
        other => damaged(other),
    }
}

fn damaged(reason: impl Display) -> StoreError {
    StoreError::Damaged { kind: KIND, reason: reason.to_string() }
}
