//! Values that the apply thread reads again and again, at one look each: the chain's facts, parties, keys,
//! counts.
//!
//! Without it each read asks the group's changes, two layers of pending ones and the store's cache, and most
//! find their value in the last. The apply thread alone changes the state and tells this of each change, so
//! what is held here is always the newest.

use std::cell::RefCell;

use granary_book::state::{Base, Changes};
use quick_cache::{Weighter, unsync::Cache};

use crate::layers::Grouped;

/// Bytes of keys and values held at most.
const BYTES_MAX: u64 = 16 << 20;
/// A key and value as they are on average; only sizes the cache's own tables.
const ENTRY_BYTES_EXPECTED: usize = 256;

#[derive(Clone)]
struct ByBytes;

impl Weighter<Vec<u8>, Vec<u8>> for ByBytes {
    fn weight(&self, key: &Vec<u8>, value: &Vec<u8>) -> u64 {
        (key.len() + value.len()) as u64 + 96
    }
}

/// The apply thread's own values.
pub(crate) struct Hot(RefCell<Cache<Vec<u8>, Vec<u8>, ByBytes>>);

impl Default for Hot {
    fn default() -> Self {
        let entries = usize::try_from(BYTES_MAX).unwrap_or(usize::MAX) / ENTRY_BYTES_EXPECTED;
        Self(RefCell::new(Cache::with_weighter(entries, BYTES_MAX, ByBytes)))
    }
}

impl Hot {
    /// What a statement has changed: those values that are held become what they are now.
    pub(crate) fn absorb(&self, changes: &Changes) {
        let mut cache = self.0.borrow_mut();
        for (key, value) in changes {
            match value {
                Some(value) if cache.contains_key(key) => cache.insert(key.clone(), value.clone()),
                Some(_) => {}
                None => drop(cache.remove(key)),
            }
        }
    }
}

/// A group's state, read through the apply thread's own values.
pub(crate) struct Remembered<'h> {
    pub(crate) hot: &'h Hot,
    pub(crate) below: Grouped<'h>,
}

impl Base for Remembered<'_> {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        if let Some(value) = self.hot.0.borrow().get(key) {
            return Some(value.clone());
        }
        let value = self.below.get(key)?;
        self.hot.0.borrow_mut().insert(key.to_vec(), value.clone());
        Some(value)
    }

    fn range(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.below.range(prefix, after, limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        layers::{Head, Layers},
        store::MemoryStore,
    };
    use proptest::prelude::*;
    use std::sync::Arc;

    proptest! {
        /// Whatever is read, changed and published in whatever order: reads are those without it.
        #[test]
        fn what_is_remembered_is_what_stands_below(
            steps in prop::collection::vec((0u8..3, 0u8..8, prop::option::of(any::<u8>())), 1..60),
        ) {
            let layers = Layers::new(Arc::new(MemoryStore::new()), Head::default());
            let (hot, mut group) = (Hot::default(), Changes::new());
            for (size, (step, key, value)) in steps.into_iter().enumerate() {
                match step {
                    0 => {
                        let change = Changes::from([(vec![key], value.map(|value| vec![value]))]);
                        hot.absorb(&change);
                        group.extend(change);
                    }
                    1 => {
                        let head = Head { size: size as u64 + 1, ..Head::default() };
                        layers.publish(std::mem::take(&mut group), head);
                    }
                    _ => {}
                }
                let below = || Grouped { group: &group, layers: &layers };
                let remembered = Remembered { hot: &hot, below: below() };
                for key in [key, key.wrapping_add(1) % 8] {
                    prop_assert_eq!(remembered.get(&[key]), below().get(&[key]));
                }
            }
        }
    }
}
