//! The state root: one hash that commits to the book's whole state, kept up to date as entries are folded.
//!
//! It is the root of an authenticated map (`granary_log::map`) over all keys and values of the book's state.
//! The map's branches live in the query state, under their paths: they are derived, and made anew with it.
//! Roots at multiples of [`EVERY`] entries are kept, told, and put on the chain by nodes, so that replicas see
//! that they agree and a snapshot can be checked against the chain.
//!
//! The map is changed at those multiples only, all that changed in between at once: a branch on the way to many
//! changes is then written once. What changed since is kept beside it, a row for each group, until it is folded;
//! under load it is folded before the store is written. (Measured on `bench grpc`, unary, in one run each:
//! changing the map with each group took 60 us of CPU a statement.)

use std::collections::{BTreeMap, HashMap};

use granary_book::{
    areas::Event,
    chain,
    state::{Base, Changes},
};
use granary_log::{
    hash::{Hash, sha256},
    map::{MapChanges, MapError, NodeError, Nodes, Root},
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
/// First key byte of what groups changed since the newest root: the size after the group.
const SINCE: u8 = 0xE4;

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

/// What entries changed since the newest root.
#[derive(Default)]
pub(crate) struct Changed {
    /// Of the entries that are being folded.
    fresh: MapChanges,
    /// Of the groups before them.
    since: MapChanges,
    /// The rows that hold `since`.
    rows: Vec<Vec<u8>>,
}

impl Changed {
    /// What a query state holds of it.
    ///
    /// # Errors
    ///
    /// A row is damaged.
    pub(crate) fn recall(queries: &dyn Base) -> Result<Self, MapError> {
        let mut changed = Self::default();
        for (key, row) in queries.range(&[SINCE], None, usize::MAX) {
            changed.since.extend(read_row(&row).ok_or(NodeError)?);
            changed.rows.push(key);
        }
        Ok(changed)
    }

    /// Adds what an entry changed.
    pub(crate) fn add(&mut self, entry: &AppliedEntry) {
        for (key, value) in &entry.changes {
            self.fresh.insert(key.clone(), value.as_deref().map(sha256));
        }
    }

    /// Brings the map to where `size` entries have been folded, a multiple of [`EVERY`], in `out` above `layers`.
    ///
    /// # Errors
    ///
    /// The map contradicts itself.
    pub(crate) fn fold(
        &mut self,
        size: u64,
        layers: &Layers,
        out: &mut Changes,
    ) -> Result<StateRoot, MapError> {
        let mut changes = std::mem::take(&mut self.since);
        changes.append(&mut self.fresh);
        let (root, branches) = {
            let state = Grouped { group: out, layers };
            let root = Root::decode(&state.get(&[ROOTS]).unwrap_or_default())?;
            root.update(&Branches(&state), &changes)?
        };
        out.extend(branches.into_iter().map(|(path, bytes)| (branch_key(&path), bytes)));
        out.extend(self.rows.drain(..).map(|row| (row, None)));
        out.insert(vec![ROOTS], Some(root.encode()));
        let root = root.hash();
        out.insert(root_key(size), Some(root.0.to_vec()));
        Ok(StateRoot { size, root })
    }

    /// Keeps what a group, which ended at `size` entries, changed since the newest root.
    pub(crate) fn keep(&mut self, size: u64, out: &mut Changes) {
        if self.fresh.is_empty() {
            return;
        }
        let row = [&[SINCE], &size.to_be_bytes()[..]].concat();
        out.insert(row.clone(), Some(row_of(&self.fresh)));
        self.rows.push(row);
        self.since.append(&mut self.fresh);
    }
}

/// For each key: u16 length, key, and the value's hash, or zeros where the key is no more.
fn row_of(changes: &MapChanges) -> Vec<u8> {
    let mut row = Vec::with_capacity(changes.len() * 64);
    for (key, value) in changes {
        // A store's keys are far shorter.
        let len = u16::try_from(key.len()).unwrap_or(u16::MAX);
        row.extend_from_slice(&len.to_be_bytes());
        row.extend_from_slice(key);
        row.extend_from_slice(&value.map_or([0; 32], |hash| hash.0));
    }
    row
}

fn read_row(mut row: &[u8]) -> Option<MapChanges> {
    let mut changes = MapChanges::new();
    while !row.is_empty() {
        let (len, rest) = row.split_first_chunk::<2>()?;
        let (key, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
        let (hash, rest) = rest.split_first_chunk::<32>()?;
        changes.insert(key.to_vec(), (*hash != [0; 32]).then_some(Hash(*hash)));
        row = rest;
    }
    Some(changes)
}

/// The state root after `size` entries, when it was kept: a multiple of [`EVERY`].
pub fn kept(queries: &dyn Base, size: u64) -> Option<Hash> {
    queries.get(&root_key(size))?.try_into().ok().map(Hash)
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

/// The state root of a whole state at once: what the one that was kept is compared with.
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

    /// Groups of any size, with the stores behind or not and the thread begun anew now and then, give the root
    /// of the state itself.
    #[test]
    fn the_root_is_that_of_the_state_however_entries_came() {
        for group_of in [1, 7, 1_000, 3_000] {
            let layers = Arc::new(Layers::new(Arc::new(MemoryStore::new()), Head::default()));
            let projector = || {
                let plan = Plan { tables: Vec::new(), lists: Vec::new(), mentions: HashMap::new() };
                Projector::new(plan, Arc::clone(&layers)).expect("whole").0
            };
            let mut folding = projector();
            let mut state = Changes::new();
            let mut roots = HashMap::new();
            let entries: Vec<u64> = (0..2_500).collect();
            for (number, group) in entries.chunks(group_of).enumerate() {
                let group: Vec<AppliedEntry> = group.iter().map(|index| entry(*index)).collect();
                for applied in &group {
                    state.extend(applied.changes.clone());
                    let size = applied.index + 1;
                    if size.is_multiple_of(EVERY) {
                        roots.insert(size, of_state(&state).expect("short keys"));
                    }
                }
                folding.fold(&group).expect("the map is whole");
                if let Some(flush) = layers.begin_flush() {
                    layers.write(&flush, "test").expect("memory");
                }
                if number % 5 == 4 {
                    folding = projector();
                }
            }
            let snapshot = layers.snapshot();
            assert_eq!(roots.len(), 2);
            for (size, root) in roots {
                assert_eq!(kept(&snapshot, size), Some(root), "groups of {group_of}");
            }
        }
    }

    #[test]
    fn a_row_is_read_as_it_was_written_and_not_when_it_is_cut() {
        let changes = MapChanges::from([(vec![1, 2], Some(sha256(b"a"))), (vec![3], None)]);
        let row = row_of(&changes);
        assert_eq!(read_row(&row), Some(changes));
        for cut in 1..row.len() {
            assert!(read_row(&row[..cut]).is_none_or(|read| read.len() == 1), "{cut}");
        }
    }
}
