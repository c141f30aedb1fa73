//! What every store in a directory needs around it: panics become errors, damage is remembered
//! for the next start, and each flush leaves a note of how far it got.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Batch, Pair, Position, StateStore, StoreError, StoreKind, StoreStats};
use crate::files::{FileError, write_atomically};

/// Exists once the store has been found damaged; holds the reason.
pub(super) const CONDEMNED_FILE: &str = "condemned";

/// The position that the last flush made durable. sled opens a truncated file without a word;
/// a store that stands before this position has lost something.
pub(super) const FLUSHED_FILE: &str = "flushed";

pub(super) struct Guarded {
    inner: Box<dyn StateStore>,
    kind: StoreKind,
    dir: PathBuf,
    condemned: AtomicBool,
}

impl Guarded {
    pub(super) fn new(inner: Box<dyn StateStore>, kind: StoreKind, dir: &Path) -> Self {
        Self { inner, kind, dir: dir.to_owned(), condemned: AtomicBool::new(false) }
    }

    fn run<T>(&self, call: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        if self.condemned.load(Ordering::Acquire) {
            return Err(self.damaged("found damaged before; restart the node to rebuild".into()));
        }
        let answer = match catch_unwind(AssertUnwindSafe(call)) {
            Ok(answer) => answer,
            Err(panic) => Err(self.damaged(panic_message(&*panic))),
        };
        if let Err(StoreError::Damaged { reason, .. }) = &answer {
            self.condemn(reason);
        }
        answer
    }

    fn condemn(&self, reason: &str) {
        self.condemned.store(true, Ordering::Release);
        let path = self.dir.join(CONDEMNED_FILE);
        if let Err(error) = write_atomically(&path, reason.as_bytes(), 0o644) {
            tracing::error!(%error, "damaged store couldn't be marked; it may be opened again");
        }
    }

    fn damaged(&self, reason: String) -> StoreError {
        StoreError::Damaged { kind: self.kind.name(), reason }
    }

    fn io_error(&self, error: FileError) -> StoreError {
        StoreError::Io { kind: self.kind.name(), source: std::io::Error::other(error) }
    }
}

impl StateStore for Guarded {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.run(|| self.inner.get(key))
    }

    fn range(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError> {
        self.run(|| self.inner.range(prefix, after, limit))
    }

    fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
        self.run(|| self.inner.apply(batch))
    }

    fn position(&self) -> Result<Option<Position>, StoreError> {
        self.run(|| self.inner.position())
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.run(|| {
            // Taken first: a batch applied meanwhile may or may not be covered.
            let position = self.inner.position()?;
            self.inner.flush()?;
            let Some(position) = position else { return Ok(()) };
            let line = position.to_string();
            write_atomically(&self.dir.join(FLUSHED_FILE), line.as_bytes(), 0o644)
                .map_err(|error| self.io_error(error))
        })
    }

    fn stats(&self) -> Result<StoreStats, StoreError> {
        self.run(|| self.inner.stats())
    }
}

/// What a panic said, for an error message.
pub(super) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let said = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("it panicked: {}", said.unwrap_or("without a message"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{MemoryStore, OpenError, StoreOptions, open_store};

    /// Panics on every `get`, as sled does on a damaged page, and answers everything else.
    struct Panicking(MemoryStore);

    impl StateStore for Panicking {
        fn get(&self, _key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
            panic!("page 7 is not there");
        }
        fn range(
            &self,
            prefix: &[u8],
            after: Option<&[u8]>,
            limit: usize,
        ) -> Result<Vec<Pair>, StoreError> {
            self.0.range(prefix, after, limit)
        }
        fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
            self.0.apply(batch)
        }
        fn position(&self) -> Result<Option<Position>, StoreError> {
            self.0.position()
        }
        fn flush(&self) -> Result<(), StoreError> {
            self.0.flush()
        }
        fn stats(&self) -> Result<StoreStats, StoreError> {
            self.0.stats()
        }
    }

    #[test]
    fn a_store_that_panicked_answers_nothing_more_and_is_not_opened_again() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        drop(open_store(StoreKind::Redb, &state, &StoreOptions::default()).unwrap());

        let inner = Box::new(Panicking(MemoryStore::new()));
        let store = Guarded::new(inner, StoreKind::Redb, &state);
        assert_eq!(store.position().unwrap(), None, "it answers while it is sound");
        let error = store.get(b"k").unwrap_err().to_string();
        assert_eq!(error, "redb store is damaged: it panicked: page 7 is not there");
        assert!(matches!(store.position(), Err(StoreError::Damaged { .. })));

        let Err(error) = open_store(StoreKind::Redb, &state, &StoreOptions::default()) else {
            panic!("a condemned store was opened");
        };
        assert!(matches!(error, OpenError::Unusable { .. }));
        assert!(error.to_string().ends_with("page 7 is not there"), "{error}");
    }
}
