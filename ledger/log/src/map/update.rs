//! Changing a map: only the branches on the way to what changed are read and written.

use std::collections::BTreeMap;

use super::{
    digits, empty_map,
    node::{Child, Node, NodeError},
};
use crate::hash::Hash;

/// Longest key: its digits' count has to fit a u16.
const KEY_MAX: usize = 32_000;

/// Where the branches of a map are kept, each under its path.
pub trait Nodes {
    /// The bytes of the branch at a path.
    fn get(&self, path: &[u8]) -> Option<Vec<u8>>;
}

/// Changes to the values of keys: the new value's SHA-256, or `None` for a key that is no more.
pub type MapChanges = BTreeMap<Vec<u8>, Option<Hash>>;

/// Branches that changed: their bytes by path, `None` for one that is no more.
pub type NodeChanges = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// The top of a map.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Root(Option<Child>);

/// Why a map can't be changed. The nodes are derived: make them anew from keys and values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// A branch that another one names is not there.
    #[error("a branch of the map is missing")]
    Missing,
    /// A branch is damaged.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// A key is longer than a key may be.
    #[error("a key of a map has at most {KEY_MAX} bytes")]
    KeyTooLong,
}

impl Root {
    /// The one hash that commits to everything in the map.
    pub fn hash(&self) -> Hash {
        self.0.as_ref().map_or_else(empty_map, Child::hash)
    }

    /// What stands at the top.
    pub fn top(&self) -> Option<&Child> {
        self.0.as_ref()
    }

    /// Bytes that [`Root::decode`] reads: those of a branch with the top as its only child, or none.
    pub fn encode(&self) -> Vec<u8> {
        let Some(child) = &self.0 else { return Vec::new() };
        let (kind, hash) = match child {
            Child::Leaf { value, .. } => (0, value),
            Child::Branch { hash, .. } => (1, hash),
        };
        [&[kind], &hash.0[..], &child.path()].concat()
    }

    /// Reads what [`Root::encode`] wrote.
    ///
    /// # Errors
    ///
    /// [`NodeError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, NodeError> {
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        let (kind, rest) = bytes.split_first().ok_or(NodeError)?;
        let (hash, path) = rest.split_first_chunk::<32>().ok_or(NodeError)?;
        let hash = Hash(*hash);
        match kind {
            0 => Ok(Self(Some(Child::Leaf {
                key: super::key_of(path).ok_or(NodeError)?,
                value: hash,
            }))),
            1 => Ok(Self(Some(Child::Branch { path: path.to_vec(), hash }))),
            _ => Err(NodeError),
        }
    }

    /// The map after some changes, and the branches to be kept so that it can be read and changed again.
    ///
    /// # Errors
    ///
    /// [`MapError`].
    pub fn update(
        &self,
        nodes: &dyn Nodes,
        changes: &MapChanges,
    ) -> Result<(Self, NodeChanges), MapError> {
        if changes.keys().any(|key| key.len() > KEY_MAX) {
            return Err(MapError::KeyTooLong);
        }
        let changes =
            changes.iter().map(|(key, value)| Change { digits: digits(key), key, value: *value });
        let changes: Vec<Change<'_>> = changes.collect();
        let mut update = Update { nodes, changed: NodeChanges::new() };
        let top = update.child(self.0.clone(), &changes)?;
        Ok((Self(top), update.changed))
    }
}

struct Change<'c> {
    digits: Vec<u8>,
    key: &'c [u8],
    value: Option<Hash>,
}

impl Change<'_> {
    fn leaf(&self) -> Option<Child> {
        self.value.map(|value| Child::Leaf { key: self.key.to_vec(), value })
    }
}

struct Update<'n> {
    nodes: &'n dyn Nodes,
    changed: NodeChanges,
}

impl Update<'_> {
    /// A child after changes, ascending, that fall where it stands.
    fn child(
        &mut self,
        child: Option<Child>,
        changes: &[Change<'_>],
    ) -> Result<Option<Child>, MapError> {
        if changes.is_empty() {
            return Ok(child);
        }
        match child {
            None => Ok(self.join(changes.iter().filter_map(Change::leaf).collect())),
            Some(Child::Leaf { key, value }) => {
                let mut leaves: Vec<Child> = changes.iter().filter_map(Change::leaf).collect();
                if let Err(place) = changes.binary_search_by(|change| change.key.cmp(&key)) {
                    let kept = changes[..place].iter().filter(|change| change.value.is_some());
                    leaves.insert(kept.count(), Child::Leaf { key, value });
                }
                Ok(self.join(leaves))
            }
            Some(Child::Branch { path, hash }) => self.branch(path, hash, changes),
        }
    }

    fn branch(
        &mut self,
        path: Vec<u8>,
        hash: Hash,
        changes: &[Change<'_>],
    ) -> Result<Option<Child>, MapError> {
        // Ascending, so what falls below the branch stands together.
        let from = changes.partition_point(|change| change.digits < path);
        let below = changes[from..].iter().take_while(|change| change.digits.starts_with(&path));
        let to = from + below.count();
        let inner = match &changes[from..to] {
            [] => Some(Child::Branch { path, hash }),
            below => self.children(&path, below)?,
        };
        let before = changes[..from].iter().filter_map(Change::leaf);
        let after = changes[to..].iter().filter_map(Change::leaf);
        let all = before.chain(inner).chain(after).collect();
        Ok(self.join(all))
    }

    /// The branch at `path` after changes that all fall below it.
    fn children(
        &mut self,
        path: &[u8],
        mut changes: &[Change<'_>],
    ) -> Result<Option<Child>, MapError> {
        let bytes = match self.changed.get(path) {
            Some(bytes) => bytes.clone(),
            None => self.nodes.get(path),
        };
        let mut node = Node::decode(&bytes.ok_or(MapError::Missing)?)?;
        while let Some(first) = changes.first() {
            let digit = first.digits[path.len()];
            let same = changes.iter().take_while(|change| change.digits[path.len()] == digit);
            let (under, rest) = changes.split_at(same.count());
            let child = node.children.remove(&digit);
            if let Some(child) = self.child(child, under)? {
                node.children.insert(digit, child);
            }
            changes = rest;
        }
        if node.children.len() > 1 {
            // It stands where it stood.
            return Ok(Some(self.keep(node)));
        }
        self.changed.insert(path.to_vec(), None);
        Ok(node.children.pop_first().map(|(_, child)| child))
    }

    fn keep(&mut self, node: Node) -> Child {
        let hash = node.hash();
        self.changed.insert(node.path.clone(), Some(node.encode()));
        Child::Branch { path: node.path, hash }
    }

    /// One child that holds all of these, which stand side by side in ascending order.
    fn join(&mut self, mut all: Vec<Child>) -> Option<Child> {
        if all.len() < 2 {
            return all.pop();
        }
        let (first, last) = (all.first()?.path(), all.last()?.path());
        let shared = first.iter().zip(&last).take_while(|(a, b)| a == b).count();
        let path = first[..shared].to_vec();
        let mut children = BTreeMap::new();
        let mut all = all.into_iter().peekable();
        while let Some(child) = all.next() {
            let digit = child.digit(shared)?;
            let mut under = vec![child];
            while let Some(next) = all.next_if(|next| next.digit(shared) == Some(digit)) {
                under.push(next);
            }
            children.insert(digit, self.join(under)?);
        }
        Some(self.keep(Node { path, children }))
    }
}
