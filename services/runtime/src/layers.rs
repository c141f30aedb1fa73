//! State in layers: what groups have changed, above what is being written, above the store.
//!
//! The apply thread alone adds; readers see one position for as long as they look. The store lags by
//! seconds, which costs nothing: it is derived, and the log holds what it lacks.

use std::{
    ops::Bound,
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard},
};

use granary_book::state::{Base, Changes};

use crate::store::{Batch, Position, StateStore, StoreError};

/// Where a state stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// How many entries it has applied.
    pub size: u64,
    /// Leaf hash of the last of them; zeros for none.
    pub leaf_hash: [u8; 32],
    /// Log time of the last of them, Unix milliseconds.
    pub time_ms: u64,
}

struct Inner {
    pending: Changes,
    pending_bytes: usize,
    flushing: Option<Arc<Changes>>,
    head: Head,
    /// How many entries the store has applied, or is about to.
    handed_over: u64,
}

/// Layers over a store.
pub struct Layers {
    inner: RwLock<Inner>,
    store: Arc<dyn StateStore>,
    failure: Mutex<Option<StoreError>>,
}

/// What is about to be written to the store, and where it leads.
pub struct Flush {
    changes: Arc<Changes>,
    head: Head,
}

impl Flush {
    /// How many entries the store will have applied.
    pub fn size(&self) -> u64 {
        self.head.size
    }
}

impl Layers {
    /// Over a store that stands at `head`.
    pub fn new(store: Arc<dyn StateStore>, head: Head) -> Self {
        let inner = Inner {
            pending: Changes::new(),
            pending_bytes: 0,
            flushing: None,
            head,
            handed_over: head.size,
        };
        Self { inner: RwLock::new(inner), store, failure: Mutex::new(None) }
    }

    /// One position of the state, for as long as the snapshot lives. Hold it briefly: the apply thread
    /// waits for it when it publishes.
    pub fn snapshot(&self) -> Snapshot<'_> {
        // A panic while the lock was held for writing can't have left half a change: publishing is one
        // `extend` of values already made.
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        Snapshot { inner, layers: self }
    }

    /// Where the state stands.
    pub fn head(&self) -> Head {
        self.snapshot().head()
    }

    /// Makes a group's changes visible.
    pub fn publish(&self, changes: Changes, head: Head) {
        let size = |(key, value): (&Vec<u8>, &Option<Vec<u8>>)| {
            key.len() + value.as_ref().map_or(0, Vec::len)
        };
        let added: usize = changes.iter().map(size).sum();
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        inner.pending.extend(changes);
        inner.pending_bytes += added;
        inner.head = head;
    }

    /// Bytes of changes not yet handed to the store, a bit overstated when keys change again.
    pub fn pending_bytes(&self) -> usize {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).pending_bytes
    }

    /// Takes what is pending for writing; it stays visible until it has been. `None` when the store has
    /// everything, or something is being written.
    pub fn begin_flush(&self) -> Option<Flush> {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        if inner.flushing.is_some() || inner.handed_over == inner.head.size {
            return None;
        }
        inner.handed_over = inner.head.size;
        let changes = Arc::new(std::mem::take(&mut inner.pending));
        inner.pending_bytes = 0;
        inner.flushing = Some(Arc::clone(&changes));
        Some(Flush { changes, head: inner.head })
    }

    /// Writes a flush to the store with its position, in one atomic batch, and drops its layer.
    ///
    /// # Errors
    ///
    /// The store's. The layer stays, so that reads stay right; the node stops.
    pub fn write(&self, flush: &Flush, origin: &str) -> Result<(), StoreError> {
        let position = Position {
            size: flush.head.size,
            leaf_hash: flush.head.leaf_hash,
            chain_origin: origin.to_owned(),
        };
        let changes = flush.changes.iter().map(|(key, value)| (key.clone(), value.clone()));
        self.store.apply(&Batch { position, changes: changes.collect() })?;
        self.inner.write().unwrap_or_else(PoisonError::into_inner).flushing = None;
        Ok(())
    }

    /// The first failure of the store since the last call, if any: looked for before anything that was read
    /// is relied on.
    pub fn take_failure(&self) -> Option<StoreError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn failed(&self, error: StoreError) {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert(error);
    }

    /// The store beneath.
    pub fn store(&self) -> &Arc<dyn StateStore> {
        &self.store
    }
}

/// One position of a state.
pub struct Snapshot<'l> {
    inner: RwLockReadGuard<'l, Inner>,
    layers: &'l Layers,
}

impl Snapshot<'_> {
    /// Where it stands.
    pub fn head(&self) -> Head {
        self.inner.head
    }

    /// The index at which everything read from it is true; 0 before the first entry.
    pub fn as_of_index(&self) -> u64 {
        self.inner.head.size.saturating_sub(1)
    }

    /// Whether the store has failed and nobody has taken the failure: what was read may lack something.
    pub fn has_failed(&self) -> bool {
        self.layers.failure.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

impl Base for Snapshot<'_> {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        if let Some(value) = self.inner.pending.get(key) {
            return value.clone();
        }
        if let Some(value) = self.inner.flushing.as_ref().and_then(|layer| layer.get(key)) {
            return value.clone();
        }
        self.layers.store.get(key).unwrap_or_else(|error| {
            self.layers.failed(error);
            None
        })
    }

    fn range(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        let layers = [self.inner.flushing.as_deref(), Some(&self.inner.pending)];
        merged(&layers, prefix, after, limit, |after, limit| {
            self.layers.store.range(prefix, after, limit).unwrap_or_else(|error| {
                self.layers.failed(error);
                Vec::new()
            })
        })
    }
}

/// A group's own changes above the layers: what the next statement of the group sees.
pub struct Grouped<'g> {
    /// Changes of the group so far.
    pub group: &'g Changes,
    /// What was published before.
    pub layers: &'g Layers,
}

impl Base for Grouped<'_> {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        match self.group.get(key) {
            Some(value) => value.clone(),
            None => self.layers.snapshot().get(key),
        }
    }

    fn range(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        merged(&[Some(self.group)], prefix, after, limit, |after, limit| {
            self.layers.snapshot().range(prefix, after, limit)
        })
    }
}

/// A range over layers of changes, lowest first, above pages of what is below: `below(after, limit)`.
///
/// Walks all of them together and stops at `limit`: a table of thousands of pending rows costs no more than
/// the few that are asked for.
fn merged(
    layers: &[Option<&Changes>],
    prefix: &[u8],
    after: Option<&[u8]>,
    limit: usize,
    below: impl Fn(Option<&[u8]>, usize) -> Vec<(Vec<u8>, Vec<u8>)>,
) -> Vec<(Vec<u8>, Vec<u8>)> {
    let from = match after {
        Some(after) if after >= prefix => Bound::Excluded(after),
        _ => Bound::Included(prefix),
    };
    let mut walks: Vec<_> = layers
        .iter()
        .flatten()
        .map(|layer| layer.range::<[u8], _>((from, Bound::Unbounded)).peekable())
        .collect();
    let page = below(after, limit);
    let mut is_last_page = page.len() < limit;
    let mut pairs = page.into_iter().peekable();
    let mut found = Vec::with_capacity(limit.min(64));
    while found.len() < limit {
        let changed = walks.iter_mut().filter_map(|walk| Some(walk.peek()?.0));
        let changed = changed.filter(|key| key.starts_with(prefix)).min().cloned();
        let next = match (changed, pairs.peek()) {
            (Some(changed), Some((pair, _))) => changed.min(pair.clone()),
            (Some(changed), None) => changed,
            (None, Some((pair, _))) => pair.clone(),
            (None, None) => break,
        };
        let mut value = pairs.next_if(|(key, _)| *key == next).map(|(_, value)| value);
        if pairs.peek().is_none() && !is_last_page {
            let more = below(Some(&next), limit);
            is_last_page = more.len() < limit;
            pairs = more.into_iter().peekable();
        }
        for walk in &mut walks {
            // The layers come lowest first: the last one that knows the key counts.
            if let Some((_, change)) = walk.next_if(|(key, _)| **key == next) {
                value.clone_from(change);
            }
        }
        if let Some(value) = value {
            found.push((next, value));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn head(size: u64) -> Head {
        Head { size, ..Head::default() }
    }

    proptest! {
        /// Whatever is pending, being written or written: reads see the sum.
        #[test]
        fn reads_do_not_depend_on_how_far_the_store_is(
            groups in prop::collection::vec(
                prop::collection::btree_map(0u8..12, prop::option::of(any::<u8>()), 0..6), 1..12),
            flush_at in prop::collection::vec(0u8..3, 12),
        ) {
            let layers = Layers::new(Arc::new(MemoryStore::new()), Head::default());
            let mut model: BTreeMap<u8, u8> = BTreeMap::new();
            let mut flush = None;
            for (size, group) in groups.iter().enumerate() {
                let changes = group.iter().map(|(k, v)| (vec![1, *k], v.map(|v| vec![v])));
                layers.publish(changes.collect(), head(size as u64 + 1));
                for (k, v) in group {
                    match v {
                        Some(v) => drop(model.insert(*k, *v)),
                        None => drop(model.remove(k)),
                    }
                }
                match flush_at[size] {
                    0 => flush = layers.begin_flush().or(flush),
                    1 => if let Some(flush) = flush.take() {
                        layers.write(&flush, "test").expect("memory");
                    },
                    _ => {}
                }
                let snapshot = layers.snapshot();
                let expected: Vec<_> = model.iter().map(|(k, v)| (vec![1, *k], vec![*v])).collect();
                prop_assert_eq!(snapshot.range(&[1], None, 100), expected.clone());
                prop_assert_eq!(snapshot.range(&[1], None, 2), expected[..expected.len().min(2)].to_vec());
                for k in 0..12 {
                    prop_assert_eq!(snapshot.get(&[1, k]), model.get(&k).map(|v| vec![*v]));
                }
            }
            prop_assert!(layers.take_failure().is_none());
        }
    }
}
