//! State in memory: the oracle of the other stores, and the store of tests.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use super::{
    Batch, Pair, Position, StateStore, StoreError, StoreStats, check_batch, check_key, scan_start,
    scan_wants,
};

/// A store that forgets everything when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryStore {
    contents: RwLock<Contents>,
}

#[derive(Debug, Default)]
struct Contents {
    map: BTreeMap<Vec<u8>, Vec<u8>>,
    position: Option<Position>,
}

impl MemoryStore {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    fn read(&self) -> RwLockReadGuard<'_, Contents> {
        // No panic can happen while the lock is held for writing, so poison means nothing here.
        self.contents.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StateStore for MemoryStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        check_key(key)?;
        Ok(self.read().map.get(key).cloned())
    }

    fn range(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError> {
        let contents = self.read();
        let pairs = contents
            .map
            .range::<[u8], _>((scan_start(prefix, after), Bound::Unbounded))
            .take_while(|(key, _)| scan_wants(prefix, key))
            .take(limit)
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        Ok(pairs)
    }

    fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
        check_batch(batch)?;
        let mut contents = self.contents.write().unwrap_or_else(PoisonError::into_inner);
        for (key, value) in &batch.changes {
            match value {
                Some(value) => contents.map.insert(key.clone(), value.clone()),
                None => contents.map.remove(key),
            };
        }
        contents.position = Some(batch.position.clone());
        Ok(())
    }

    fn position(&self) -> Result<Option<Position>, StoreError> {
        Ok(self.read().position.clone())
    }

    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn stats(&self) -> Result<StoreStats, StoreError> {
        let bytes =
            self.read().map.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>();
        Ok(StoreStats { kind: "memory", bytes: bytes as u64 })
    }
}
