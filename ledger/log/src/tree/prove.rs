//! Proofs, made from the nodes of a tree. RFC 9162 sections 2.1.3.1 and 2.1.4.1, unrolled.

use super::compact_range::fold_right;
use crate::hash::{Hash, empty_root};

/// Where the nodes of a tree can be read.
pub trait HashReader {
    /// Why a node cannot be read.
    type Error;

    /// The hash of the complete subtree over the `2^level` leaves from `index * 2^level`.
    ///
    /// # Errors
    ///
    /// Whatever keeps the node from being read; that it is not there is one.
    fn node(&self, level: u8, index: u64) -> Result<Hash, Self::Error>;
}

/// Why there is no proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProveError<E> {
    /// The tree has no such entry, or never had that size.
    #[error("{wanted} is beyond a tree of {size} entries")]
    OutOfRange {
        /// The index or size asked for.
        wanted: u64,
        /// Number of leaves.
        size: u64,
    },
    /// A node cannot be read.
    #[error("a node of the tree cannot be read")]
    Read(#[source] E),
}

/// Root of the tree of `size` leaves.
///
/// # Errors
///
/// The reader's.
pub fn root_at<R: HashReader>(reader: &R, size: u64) -> Result<Hash, R::Error> {
    range_root(reader, 0, size)
}

/// Proof that entry `index` is in the tree of `size` leaves: sibling hashes from the leaf upwards.
/// It reads at most two nodes for each level of the tree.
///
/// # Errors
///
/// [`ProveError::OutOfRange`] if `index >= size`; [`ProveError::Read`] if a node cannot be read.
pub fn inclusion_proof<R: HashReader>(
    reader: &R,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, ProveError<R::Error>> {
    if index >= size {
        return Err(ProveError::OutOfRange { wanted: index, size });
    }
    let mut siblings = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            siblings.push((middle, end));
            end = middle;
        } else {
            siblings.push((start, middle));
            start = middle;
        }
    }
    hashes_upwards(reader, &siblings)
}

/// Proof that the tree of `size` leaves continues the one of `old_size`. Empty when the sizes are
/// equal, and for `old_size` 0, which any tree continues. It reads at most two nodes for each
/// level of the tree.
///
/// # Errors
///
/// [`ProveError::OutOfRange`] if `old_size > size`; [`ProveError::Read`] if a node cannot be read.
pub fn consistency_proof<R: HashReader>(
    reader: &R,
    old_size: u64,
    size: u64,
) -> Result<Vec<Hash>, ProveError<R::Error>> {
    if old_size > size {
        return Err(ProveError::OutOfRange { wanted: old_size, size });
    }
    if old_size == 0 || old_size == size {
        return Ok(Vec::new());
    }
    let mut ranges = Vec::new();
    let (mut start, mut end) = (0, size);
    // Down to the subtree whose right edge is the right edge of the old tree.
    while end != old_size {
        let middle = start + split(end - start);
        if old_size <= middle {
            ranges.push((middle, end));
            end = middle;
        } else {
            ranges.push((start, middle));
            start = middle;
        }
    }
    // From 0 it is the whole old tree, whose root the verifier has.
    if start != 0 {
        ranges.push((start, end));
    }
    hashes_upwards(reader, &ranges)
}

/// The largest power of two below `len`, which is 2 or more: where RFC 9162 splits a tree.
fn split(len: u64) -> u64 {
    1 << (len - 1).ilog2()
}

/// The roots of ranges listed from the root downwards, from the leaf upwards.
fn hashes_upwards<R: HashReader>(
    reader: &R,
    ranges: &[(u64, u64)],
) -> Result<Vec<Hash>, ProveError<R::Error>> {
    let hashes = ranges.iter().rev().map(|&(start, end)| range_root(reader, start, end));
    hashes.collect::<Result<_, _>>().map_err(ProveError::Read)
}

/// Root over the leaves from `start` to before `end`, where the tree splits at `start`.
fn range_root<R: HashReader>(reader: &R, start: u64, end: u64) -> Result<Hash, R::Error> {
    let mut nodes = Vec::new();
    let mut at = start;
    while at < end {
        let level = (end - at).ilog2();
        // An ilog2 of a u64 is at most 63.
        nodes.push(reader.node(u8::try_from(level).unwrap_or(u8::MAX), at >> level)?);
        at += 1 << level;
    }
    Ok(fold_right(&nodes).unwrap_or_else(empty_root))
}
