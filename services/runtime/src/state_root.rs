//! The state root: one hash that commits to the book's whole state, kept up to date as entries are folded.
//!
//! It is the root of an authenticated map (`granary_log::map`) over all keys and values of the book's state.
//! The map's branches live in the query state, under their paths, at the query state's position: they are
//! derived, and made anew with it. Roots at multiples of [`EVERY`] entries are kept, told, and put on the
//! chain by nodes, so that replicas see that they agree and a snapshot can be checked against the chain.

use std::collections::{BTreeMap, HashMap};

use granary_book::{
    areas::Event,
    chain,
    state::{Base, Changes},
};
use granary_log::{
    hash::{Hash, sha256},
    map::{MapChanges, MapError, Nodes, Root},
};

use crate::{
    apply::AppliedEntry,
    layers::{Grouped, Layers},
};

/// Roots are kept and told at multiples of this many entries.
pub const EVERY: u64 = granary_book::chain::STATE_ROOT_EVERY;

/// First key byte of the map's branches: path.
const BRANCHES: u8 = 0xE2;
/// First key byte of roots: nothing (the newest, with what is needed to go on) or the size.
const ROOTS: u8 = 0xE3;

/// The state after some entries, as one hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateRoot {
    /// How many entries it is after.
    pub size: u64,
    /// The map's root.
    pub root: Hash,
}

/// The branches of the map in a query state.
struct Branches<'b>(&'b dyn Base);

impl Nodes for Branches<'_> {
    fn get(&self, path: &[u8]) -> Option<Vec<u8>> {
        self.0.get(&branch_key(path))
    }
}

fn branch_key(path: &[u8]) -> Vec<u8> {
    [&[BRANCHES], path].concat()
}

fn root_key(size: u64) -> Vec<u8> {
    [&[ROOTS], &size.to_be_bytes()[..]].concat()
}

/// What entries changed since the map was brought up to date.
#[derive(Default)]
pub(crate) struct Changed(MapChanges);

impl Changed {
    /// Adds what an entry changed.
    pub(crate) fn add(&mut self, entry: &AppliedEntry) {
        for (key, value) in &entry.changes {
            self.0.insert(key.clone(), value.as_deref().map(sha256));
        }
    }

    /// Brings the map to where `size` entries have been folded, in `out` above `layers`; its root, where it is
    /// one to be kept.
    ///
    /// # Errors
    ///
    /// The map contradicts itself.
    pub(crate) fn fold(
        &mut self,
        size: u64,
        layers: &Layers,
        out: &mut Changes,
    ) -> Result<Option<StateRoot>, MapError> {
        let (root, branches) = {
            let state = Grouped { group: out, layers };
            let root = Root::decode(&state.get(&[ROOTS]).unwrap_or_default())?;
            root.update(&Branches(&state), &std::mem::take(&mut self.0))?
        };
        out.extend(branches.into_iter().map(|(path, bytes)| (branch_key(&path), bytes)));
        out.insert(vec![ROOTS], Some(root.encode()));
        if !size.is_multiple_of(EVERY) {
            return Ok(None);
        }
        let root = root.hash();
        out.insert(root_key(size), Some(root.0.to_vec()));
        Ok(Some(StateRoot { size, root }))
    }
}

/// The state root after `size` entries, when it was kept: a multiple of [`EVERY`].
pub fn kept(queries: &dyn Base, size: u64) -> Option<Hash> {
    queries.get(&root_key(size))?.try_into().ok().map(Hash)
}

/// The state root where the query state stands.
pub fn present(queries: &dyn Base) -> Option<Hash> {
    Root::decode(&queries.get(&[ROOTS])?).ok().map(|root| root.hash())
}

/// The roots of a chain that is replayed, against those that its nodes have put on it.
#[derive(Default)]
pub struct Replayed {
    changed: MapChanges,
    branches: Held,
    root: Root,
    found: BTreeMap<u64, Hash>,
}

/// Branches in memory.
#[derive(Default)]
struct Held(HashMap<Vec<u8>, Vec<u8>>);

impl Nodes for Held {
    fn get(&self, path: &[u8]) -> Option<Vec<u8>> {
        self.0.get(path).cloned()
    }
}

impl Replayed {
    /// Takes an entry with what its replay changed, and compares the roots that it reports.
    ///
    /// # Errors
    ///
    /// What is wrong, in one line: a node reported another root than the replay's.
    pub fn entry(&mut self, index: u64, changes: &Changes, events: &[Event]) -> Result<(), String> {
        for event in events {
            if let Event::Chain(chain::Event::StateRootReported(reported)) = event
                && self.found.get(&reported.size).is_some_and(|found| found.0 != reported.root.0)
            {
                let (size, node) = (reported.size, reported.node);
                return Err(format!(
                    "node {node} reports another state root after {size} entries than the rules give"
                ));
            }
        }
        let values = changes.iter().map(|(key, value)| (key.clone(), value.as_deref().map(sha256)));
        self.changed.extend(values);
        let size = index + 1;
        if size.is_multiple_of(EVERY) {
            let changed = std::mem::take(&mut self.changed);
            let updated = self.root.update(&self.branches, &changed);
            let (root, branches) = updated.map_err(|error| error.to_string())?;
            for (path, bytes) in branches {
                match bytes {
                    Some(bytes) => drop(self.branches.0.insert(path, bytes)),
                    None => drop(self.branches.0.remove(&path)),
                }
            }
            self.found.insert(size, root.hash());
            self.root = root;
        }
        Ok(())
    }
}

/// The state root of a whole state at once: what [`present`] is compared with.
///
/// # Errors
///
/// A key is longer than a map's key may be.
pub fn of_state(state: &Changes) -> Result<Hash, MapError> {
    struct Nowhere;
    impl Nodes for Nowhere {
        fn get(&self, _: &[u8]) -> Option<Vec<u8>> {
            None
        }
    }
    let values = state.iter().map(|(key, value)| (key.clone(), value.as_deref().map(sha256)));
    Root::default().update(&Nowhere, &values.collect()).map(|(root, _)| root.hash())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        layers::Head,
        projection::{Plan, Projector},
        store::MemoryStore,
    };
    use std::sync::Arc;

    fn entry(index: u64) -> AppliedEntry {
        let number = |n: u64| [&[0x11], &n.to_be_bytes()[..]].concat();
        let mut changes = Changes::from([(number(index), Some(vec![7; 20]))]);
        changes.insert(vec![0x01, 0x11], Some(index.to_be_bytes().to_vec()));
        changes.insert(number(index / 2), (!index.is_multiple_of(3)).then(|| vec![1]));
        AppliedEntry { index, time_ms: 1, leaf_hash: Hash([0; 32]), events: Vec::new(), changes }
    }

    /// Groups of any size, with the stores behind or not, give the root of the state itself.
    #[test]
    fn the_root_is_that_of_the_state_however_entries_came() {
        for group_of in [1, 7, 1_000, 3_000] {
            let layers = Arc::new(Layers::new(Arc::new(MemoryStore::new()), Head::default()));
            let plan = Plan { tables: Vec::new(), lists: Vec::new(), mentions: HashMap::new() };
            let (projector, _) = Projector::new(plan, Arc::clone(&layers));
            let roots = projector.roots();
            let mut state = Changes::new();
            let mut kept_then = HashMap::new();
            let entries: Vec<u64> = (0..2_500).collect();
            for group in entries.chunks(group_of) {
                let group: Vec<AppliedEntry> = group.iter().map(|index| entry(*index)).collect();
                for applied in &group {
                    state.extend(applied.changes.clone());
                    let size = applied.index + 1;
                    if size.is_multiple_of(EVERY) {
                        kept_then.insert(size, of_state(&state).expect("short keys"));
                    }
                }
                projector.fold(&group).expect("the map is whole");
                if let Some(flush) = layers.begin_flush() {
                    layers.write(&flush, "test").expect("memory");
                }
            }
            let snapshot = layers.snapshot();
            assert_eq!(present(&snapshot), of_state(&state).ok(), "groups of {group_of}");
            assert_eq!(kept_then.len(), 2);
            for (size, root) in kept_then {
                assert_eq!(kept(&snapshot, size), Some(root), "groups of {group_of}");
            }
            assert_eq!(roots.borrow().map(|told| told.size), Some(2_048));
        }
    }
}
