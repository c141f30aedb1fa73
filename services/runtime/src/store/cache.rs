//! A bounded cache of values in front of a store.
//!
//! A read from the store alone is as much as a whole statement may cost. Measured with 300,000
//! values of 200 bytes read in random order, on two cores busy with other work: redb 6.5 µs,
//! sled 16 µs, from here 2 to 3 µs. Objects decoded and ready are the book's own cache, above
//! this.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::Weighter;
use quick_cache::sync::{Cache, GuardResult};

use crate::telemetry::names;

use super::{Batch, Pair, Position, StateStore, StoreError, StoreStats, check_key};

/// What an entry costs besides its key and value: map slot, two allocations, reference counts.
const ENTRY_OVERHEAD_BYTES: u64 = 112;

/// A table's key and value are some 20 and 200 bytes; only used to size the cache's own tables.
const ENTRY_BYTES_EXPECTED: u64 = 256;

/// A store with its recently read and written values in memory, at most a number of bytes.
///
/// It keeps the contract of the store below it: a `get` never returns a value older than one
/// that an `apply` which had returned before wrote. Scans, and keys that don't exist, always go
/// to the store. Everything must be written through this one object.
pub struct CachedStore<S> {
    inner: S,
    values: Cache<Vec<u8>, Arc<[u8]>, ByBytes>,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// How well a cache does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheStats {
    /// Reads answered from memory, since it was made.
    pub hits: u64,
    /// Reads that went to the store, since it was made.
    pub misses: u64,
    /// Bytes held now: keys, values and an estimate of what holding them costs.
    pub bytes: u64,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Vec<u8>, Arc<[u8]>> for ByBytes {
    fn weight(&self, key: &Vec<u8>, value: &Arc<[u8]>) -> u64 {
        (key.len() + value.len()) as u64 + ENTRY_OVERHEAD_BYTES
    }
}

impl<S: StateStore> CachedStore<S> {
    /// Puts a cache of at most `capacity_bytes` in front of `inner`. 0 caches nothing.
    pub fn new(inner: S, capacity_bytes: u64) -> Self {
        let entries = usize::try_from(capacity_bytes / ENTRY_BYTES_EXPECTED).unwrap_or(usize::MAX);
        let values = Cache::with_weighter(entries, capacity_bytes, ByBytes);
        Self { inner, values, hits: AtomicU64::new(0), misses: AtomicU64::new(0) }
    }

    /// How well it does.
    pub fn cache_stats(&self) -> CacheStats {
        CacheStats {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            bytes: self.values.weight(),
        }
    }

    fn forget(&self, batch: &Batch) {
        for (key, _) in &batch.changes {
            self.values.remove(key);
        }
    }

    fn keep(&self, batch: &Batch) {
        for (key, value) in &batch.changes {
            match value {
                Some(value) => self.values.insert(key.clone(), Arc::from(&value[..])),
                None => drop(self.values.remove(key)),
            }
        }
    }
}

impl<S: StateStore> StateStore for CachedStore<S> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        check_key(key)?;
        // A guard stands in the cache while the store is read. If an `apply` writes the key
        // meanwhile, its value replaces the guard, and ours, perhaps older, isn't inserted.
        let place = match self.values.get_value_or_guard(key, None) {
            GuardResult::Value(value) => {
                self.hits.fetch_add(1, Ordering::Relaxed);
                return Ok(Some(value.to_vec()));
            }
            GuardResult::Guard(place) => Some(place),
            GuardResult::Timeout => None,
        };
        self.misses.fetch_add(1, Ordering::Relaxed);
        let value = self.inner.get(key)?;
        if let (Some(place), Some(value)) = (place, &value) {
            // An error says just that: somebody newer was there first.
            let _ = place.insert(Arc::from(&value[..]));
        }
        Ok(value)
    }

    fn range(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError> {
        self.inner.range(prefix, after, limit)
    }

    fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
        metrics::counter!(names::CACHE_HITS).absolute(self.hits.load(Ordering::Relaxed));
        metrics::counter!(names::CACHE_MISSES).absolute(self.misses.load(Ordering::Relaxed));
        // Store first: whoever reads it from here on finds the new values, and whoever had read
        // it before finds its guard replaced.
        let applied = self.inner.apply(batch);
        match applied {
            Ok(()) => self.keep(batch),
            // Which of the two the store holds isn't known; let it say so itself.
            Err(_) => self.forget(batch),
        }
        applied
    }

    fn position(&self) -> Result<Option<Position>, StoreError> {
        self.inner.position()
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.inner.flush()
    }

    fn stats(&self) -> Result<StoreStats, StoreError> {
        self.inner.stats()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    fn put(store: &impl StateStore, size: u64, keys: std::ops::Range<u32>) {
        let position = Position { size, leaf_hash: [0; 32], chain_origin: "o".to_owned() };
        let changes = keys.map(|key| (key.to_be_bytes().to_vec(), Some(vec![7; 200]))).collect();
        store.apply(&Batch { position, changes }).expect("memory takes everything");
    }

    #[test]
    fn it_never_holds_more_bytes_than_it_was_given() {
        let capacity = 1 << 20;
        let store = CachedStore::new(MemoryStore::new(), capacity);
        for round in 0..10 {
            put(&store, u64::from(round) + 1, round * 2_000..(round + 1) * 2_000);
            for key in 0..(round + 1) * 2_000 {
                assert!(store.get(&key.to_be_bytes()).expect("reads").is_some());
            }
            assert!(store.cache_stats().bytes <= capacity, "{:?}", store.cache_stats());
        }
        // 20,000 entries of 316 bytes can't all have fitted, and it isn't empty either.
        assert!(store.cache_stats().bytes > capacity / 2, "{:?}", store.cache_stats());
    }

    #[test]
    fn what_was_just_written_and_what_was_read_twice_are_hits() {
        let store = CachedStore::new(MemoryStore::new(), 1 << 20);
        put(&store, 1, 0..100);
        put(&store.inner, 2, 100..200);
        for key in (0..200u32).chain(100..200) {
            assert!(store.get(&key.to_be_bytes()).expect("reads").is_some());
        }
        let CacheStats { hits, misses, .. } = store.cache_stats();
        assert_eq!((hits, misses), (200, 100), "written, read first, read again");
    }

    #[test]
    fn one_without_room_only_passes_on() {
        let store = CachedStore::new(MemoryStore::new(), 0);
        put(&store, 1, 0..10);
        assert!(store.get(&3u32.to_be_bytes()).expect("reads").is_some());
        assert_eq!(store.cache_stats(), CacheStats { hits: 0, misses: 1, bytes: 0 });
    }
}
