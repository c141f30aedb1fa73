//! The right edge of a tree: all that is needed to append to it and to know its root.

use crate::hash::{Hash, empty_root, node_hash};

/// The roots of the complete subtrees that a tree of some size falls into, largest first: one for
/// each set bit of the size, so at most 64 hashes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CompactRange {
    size: u64,
    nodes: Vec<Hash>,
}

/// The nodes cannot be those of a tree of that size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tree of {size} entries has {} nodes on its right edge, not {found}", size.count_ones())]
pub struct WrongNodeCount {
    /// Number of leaves.
    pub size: u64,
    /// How many nodes there were.
    pub found: usize,
}

impl CompactRange {
    /// Of the tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// From what [`CompactRange::nodes`] gave for a tree of `size` leaves.
    ///
    /// # Errors
    ///
    /// [`WrongNodeCount`]. That the hashes are the right ones shows in the root alone.
    pub fn from_nodes(size: u64, nodes: Vec<Hash>) -> Result<Self, WrongNodeCount> {
        if u32::try_from(nodes.len()) == Ok(size.count_ones()) {
            Ok(Self { size, nodes })
        } else {
            Err(WrongNodeCount { size, found: nodes.len() })
        }
    }

    /// From the roots of the complete subtrees that `size` falls into, largest first, which the
    /// caller has made from a tree of that size.
    pub(crate) fn of_right_edge(size: u64, nodes: Vec<Hash>) -> Self {
        Self { size, nodes }
    }

    /// Appends a leaf. Amortised, one node is hashed for each.
    pub fn push(&mut self, leaf: Hash) {
        self.push_subtree(0, leaf);
    }

    /// Appends a complete subtree of `2^level` leaves by its root. The size is a multiple of that.
    pub(crate) fn push_subtree(&mut self, level: u8, root: Hash) {
        let mut node = root;
        // A set bit next to the bottom of the size is a complete subtree as large as the new one.
        for _ in 0..(self.size >> level).trailing_ones() {
            if let Some(left) = self.nodes.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.nodes.push(node);
        self.size += 1 << level;
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the complete subtrees, largest first.
    pub fn nodes(&self) -> &[Hash] {
        &self.nodes
    }

    /// Root of the tree.
    pub fn root(&self) -> Hash {
        fold_right(&self.nodes).unwrap_or_else(empty_root)
    }
}

/// The root over complete subtrees that stand side by side, largest first.
pub(super) fn fold_right(nodes: &[Hash]) -> Option<Hash> {
    nodes.iter().copied().rev().reduce(|right, left| node_hash(&left, &right))
}

/// Root over a power of two of hashes that stand side by side.
pub(crate) fn subtree_root(hashes: &[Hash]) -> Hash {
    match hashes {
        [hash] => *hash,
        _ => {
            let (left, right) = hashes.split_at(hashes.len() / 2);
            node_hash(&subtree_root(left), &subtree_root(right))
        }
    }
}
