//! Proofs that a map holds a value under a key, or nothing.

use super::{
    Root, digits, leaf_hash,
    node::{Child, Node},
    update::{MapError, Nodes},
};
use crate::hash::{Hash, sha256};

/// The way from a map's root towards a key: enough to tell what stands under it, and that nothing does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapProof {
    /// The branches on the way, from the top.
    branches: Vec<Node>,
    /// The only key of the map, when it has one only.
    alone: Option<(Vec<u8>, Hash)>,
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofFault {
    /// A branch is not the one that is named above it.
    #[error("branch {0} of the proof is not the one that is named above it")]
    OtherBranch(usize),
    /// It ends before it is clear what stands under the key.
    #[error("the proof ends before it says what stands under the key")]
    TooShort,
    /// It goes on after that.
    #[error("the proof goes on after it has said what stands under the key")]
    TooLong,
    /// The key holds something else.
    #[error("another value stands under the key, or none")]
    OtherValue,
}

impl Root {
    /// The proof of what stands under a key.
    ///
    /// # Errors
    ///
    /// [`MapError`].
    pub fn prove(&self, nodes: &dyn Nodes, key: &[u8]) -> Result<MapProof, MapError> {
        let digits = digits(key);
        let mut proof = MapProof { branches: Vec::new(), alone: None };
        let mut next = self.top().cloned();
        while let Some(child) = next {
            match child {
                Child::Leaf { key, value } => {
                    if proof.branches.is_empty() {
                        proof.alone = Some((key, value));
                    }
                    break;
                }
                Child::Branch { path, .. } => {
                    let node = Node::decode(&nodes.get(&path).ok_or(MapError::Missing)?)?;
                    next = node.towards(&digits).cloned();
                    proof.branches.push(node);
                }
            }
        }
        Ok(proof)
    }
}

impl MapProof {
    /// Checks that under `root` the key holds `value`, or nothing when `value` is `None`.
    ///
    /// # Errors
    ///
    /// [`ProofFault`].
    pub fn check(&self, root: &Hash, key: &[u8], value: Option<&[u8]>) -> Result<(), ProofFault> {
        let found = self.under(root, key)?;
        if found == value.map(sha256) { Ok(()) } else { Err(ProofFault::OtherValue) }
    }

    /// What stands under the key.
    fn under(&self, root: &Hash, key: &[u8]) -> Result<Option<Hash>, ProofFault> {
        let Some((top, below)) = self.branches.split_first() else {
            return self.under_alone(root, key);
        };
        if self.alone.is_some() {
            return Err(ProofFault::TooLong);
        }
        if top.hash() != *root {
            return Err(ProofFault::OtherBranch(0));
        }
        let digits = digits(key);
        let mut below = below.iter().enumerate();
        let mut at = top;
        let found = loop {
            match at.towards(&digits) {
                None => break None,
                Some(Child::Leaf { key: other, value }) => break (other == key).then_some(*value),
                Some(Child::Branch { path, hash }) => {
                    let (number, next) = below.next().ok_or(ProofFault::TooShort)?;
                    if next.hash() != *hash || next.path != *path {
                        return Err(ProofFault::OtherBranch(number + 1));
                    }
                    at = next;
                }
            }
        };
        if below.next().is_some() { Err(ProofFault::TooLong) } else { Ok(found) }
    }

    fn under_alone(&self, root: &Hash, key: &[u8]) -> Result<Option<Hash>, ProofFault> {
        let hash = match &self.alone {
            Some((key, value)) => leaf_hash(key, value),
            None => super::empty_map(),
        };
        if hash != *root {
            return Err(ProofFault::OtherBranch(0));
        }
        Ok(self.alone.as_ref().filter(|(other, _)| other == key).map(|(_, value)| *value))
    }
}
