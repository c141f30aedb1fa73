//! A tree in memory with every node kept, so that a proof is a walk from leaf to root.

use super::{HashReader, ProveError, consistency_proof, inclusion_proof, root_at};
use crate::hash::{Hash, node_hash};

/// A Merkle tree in memory: 64 bytes for each leaf.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// `levels[l][i]` is the node at level `l`, index `i`.
    levels: Vec<Vec<Hash>>,
}

/// The tree has no such node yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the tree has no node {index} at level {level}")]
pub struct MissingNode {
    /// Level, from the leaves at 0.
    pub level: u8,
    /// Position in the level, from 0.
    pub index: u64,
}

impl Tree {
    /// The tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        for level in 0.. {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let nodes = &mut self.levels[level];
            nodes.push(node);
            // Every second node completes a pair, and with it a node one level up.
            let [.., left, right] = nodes[..] else { break };
            if !nodes.len().is_multiple_of(2) {
                break;
            }
            node = node_hash(&left, &right);
        }
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// The leaf hash at `index`.
    pub fn leaf(&self, index: u64) -> Option<Hash> {
        self.node(0, index).ok()
    }

    /// Root of the whole tree.
    pub fn root(&self) -> Hash {
        root_at(self, self.size()).expect("every node up to the size is there")
    }

    /// Root when the tree had `size` leaves.
    ///
    /// # Errors
    ///
    /// [`ProveError`] if it never had as many.
    pub fn root_at(&self, size: u64) -> Result<Hash, ProveError<MissingNode>> {
        self.check_size(size)?;
        root_at(self, size).map_err(ProveError::Read)
    }

    /// Proof that entry `index` is in the tree of `size` leaves.
    ///
    /// # Errors
    ///
    /// [`ProveError`] if the tree never had `size` leaves, or that tree has no such entry.
    pub fn inclusion_proof(
        &self,
        index: u64,
        size: u64,
    ) -> Result<Vec<Hash>, ProveError<MissingNode>> {
        self.check_size(size)?;
        inclusion_proof(self, index, size)
    }

    /// Proof that the tree of `size` leaves continues the one of `old_size`.
    ///
    /// # Errors
    ///
    /// [`ProveError`] if the tree never had `size` leaves, or `old_size` is larger.
    pub fn consistency_proof(
        &self,
        old_size: u64,
        size: u64,
    ) -> Result<Vec<Hash>, ProveError<MissingNode>> {
        self.check_size(size)?;
        consistency_proof(self, old_size, size)
    }

    fn check_size(&self, size: u64) -> Result<(), ProveError<MissingNode>> {
        if size > self.size() {
            return Err(ProveError::OutOfRange { wanted: size, size: self.size() });
        }
        Ok(())
    }
}

impl HashReader for Tree {
    type Error = MissingNode;

    fn node(&self, level: u8, index: u64) -> Result<Hash, MissingNode> {
        let missing = MissingNode { level, index };
        let nodes = self.levels.get(usize::from(level)).ok_or(missing)?;
        usize::try_from(index).ok().and_then(|i| nodes.get(i)).copied().ok_or(missing)
    }
}
