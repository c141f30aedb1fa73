//! A branch of the map, as it is stored and hashed.

use std::collections::BTreeMap;

use super::{are_inside, digits, digits_from, key_of, leaf_hash, len16};
use crate::hash::{Hash, sha256_parts};

/// What stands below a branch under one digit, or at the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Child {
    /// One key.
    Leaf {
        /// The key.
        key: Vec<u8>,
        /// SHA-256 of its value.
        value: Hash,
    },
    /// Several keys, that begin with one path.
    Branch {
        /// The digits they share.
        path: Vec<u8>,
        /// The branch's hash.
        hash: Hash,
    },
}

/// Bytes that are no branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are no branch of a map")]
pub struct NodeError;

impl Child {
    /// Its hash.
    pub fn hash(&self) -> Hash {
        match self {
            Child::Leaf { key, value } => leaf_hash(key, value),
            Child::Branch { hash, .. } => *hash,
        }
    }

    /// A digit of its path.
    pub(super) fn digit(&self, place: usize) -> Option<u8> {
        match self {
            Child::Leaf { key, .. } => digits_from(key, place).next(),
            Child::Branch { path, .. } => path.get(place).copied(),
        }
    }

    /// The digits that all keys in it begin with: of a leaf, all of them.
    pub(super) fn path(&self) -> Vec<u8> {
        match self {
            Child::Leaf { key, .. } => digits(key),
            Child::Branch { path, .. } => path.clone(),
        }
    }
}

/// A branch: two children at least, by the digit after its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub(super) path: Vec<u8>,
    pub(super) children: BTreeMap<u8, Child>,
}

impl Node {
    /// Its hash.
    pub fn hash(&self) -> Hash {
        let mut children = Vec::with_capacity(self.children.len() * 33);
        for (digit, child) in &self.children {
            children.push(*digit);
            children.extend_from_slice(&child.hash().0);
        }
        sha256_parts([b"granary/map/branch/v1\0", &len16(&self.path)[..], &self.path, &children])
    }

    /// The child that keys with these digits would stand in.
    pub(super) fn towards(&self, digits: &[u8]) -> Option<&Child> {
        let digit = digits.strip_prefix(self.path.as_slice())?.first()?;
        self.children.get(digit)
    }

    /// Its bytes: path, then each child as kind, rest of its key or path, and hash. Lengths are u16.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.path.len() + self.children.len() * 48);
        put(&mut bytes, &self.path);
        for child in self.children.values() {
            let (kind, hash) = match child {
                Child::Leaf { value, .. } => (0, value),
                Child::Branch { hash, .. } => (1, hash),
            };
            bytes.push(kind);
            match child {
                Child::Leaf { key, .. } => {
                    let at = bytes.len();
                    bytes.extend_from_slice(&[0, 0]);
                    bytes.extend(digits_from(key, self.path.len()));
                    let len = len16(&bytes[at + 2..]);
                    bytes[at..at + 2].copy_from_slice(&len);
                }
                Child::Branch { path, .. } => put(&mut bytes, &path[self.path.len()..]),
            }
            bytes.extend_from_slice(&hash.0);
        }
        bytes
    }

    /// Reads what [`Node::encode`] wrote, and nothing else.
    ///
    /// # Errors
    ///
    /// [`NodeError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, NodeError> {
        let (path, mut rest) = take(bytes).ok_or(NodeError)?;
        let mut children = BTreeMap::new();
        while let Some((kind, after)) = rest.split_first() {
            let (tail, after) = take(after).ok_or(NodeError)?;
            let (hash, after) = after.split_first_chunk::<32>().ok_or(NodeError)?;
            let digit = *tail.first().ok_or(NodeError)?;
            let whole = [path, tail].concat();
            let child = match kind {
                0 => Child::Leaf { key: key_of(&whole).ok_or(NodeError)?, value: Hash(*hash) },
                1 => Child::Branch { path: whole, hash: Hash(*hash) },
                _ => return Err(NodeError),
            };
            if children.last_key_value().is_some_and(|(last, _)| *last >= digit) {
                return Err(NodeError);
            }
            children.insert(digit, child);
            rest = after;
        }
        let node = Self { path: path.to_vec(), children };
        let bad = |child: &Child| matches!(child, Child::Branch { path, .. } if !are_inside(path));
        if node.children.len() < 2 || !are_inside(path) || node.children.values().any(bad) {
            return Err(NodeError);
        }
        Ok(node)
    }
}

fn put(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend_from_slice(&len16(part));
    bytes.extend_from_slice(part);
}

fn take(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*len)))
}
