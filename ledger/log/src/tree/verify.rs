//! Checks of proofs. Every input may come from an adversary: nothing panics, and the work is
//! bounded by the depth of a tree of 2^64 leaves.

use crate::hash::{Hash, empty_root, node_hash};

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The tree has no such entry, or is smaller than the old one.
    #[error("{wanted} is beyond a tree of {size} entries")]
    OutOfRange {
        /// The index, or the old size.
        wanted: u64,
        /// Number of leaves that the root commits to.
        size: u64,
    },
    /// The path cannot belong to a tree of that size.
    #[error("a path of {actual} hashes where {expected} are needed")]
    WrongLength {
        /// How many hashes such a path has.
        expected: usize,
        /// How many it has.
        actual: usize,
    },
    /// The path does not lead to the root.
    #[error("the hashes lead to another root")]
    RootMismatch,
    /// The path does not lead to the old root.
    #[error("the hashes lead to another root of the older tree")]
    OldRootMismatch,
}

/// Checks that `leaf` is entry number `index` of the log whose first `size` entries hash to
/// `root`.
///
/// * `index`: position of the entry, from 0.
/// * `size`: number of entries (**not** the last index) that the root commits to.
/// * `path`: sibling hashes from the leaf upwards.
///
/// # Errors
///
/// [`ProofError::OutOfRange`] if `index >= size`; [`ProofError::WrongLength`] if the path cannot
/// belong to a tree of that size, before any hashing is done; [`ProofError::RootMismatch`] if the
/// hashes disagree. Never panics: all inputs may come from an adversary.
///
/// Algorithm: RFC 9162 section 2.1.3.2.
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: Hash,
    path: &[Hash],
    root: Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutOfRange { wanted: index, size });
    }
    check_len(inclusion_path_len(index, size), path)?;
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in path {
        if at % 2 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            while at % 2 == 0 && at != 0 {
                (at, last) = (at / 2, last / 2);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (at, last) = (at / 2, last / 2);
    }
    if hash == root { Ok(()) } else { Err(ProofError::RootMismatch) }
}

/// Checks that the log whose first `size` entries hash to `root` begins with the `old_size`
/// entries that hash to `old_root`.
///
/// # Errors
///
/// [`ProofError::OutOfRange`] if `old_size > size`; [`ProofError::WrongLength`] if the path cannot
/// belong to trees of those sizes, before any hashing is done; then
/// [`ProofError::OldRootMismatch`] or [`ProofError::RootMismatch`]. Never panics: all inputs may
/// come from an adversary.
///
/// Algorithm: RFC 9162 section 2.1.4.2. From the empty tree, which the RFC leaves out, the path is
/// empty and the old root that of the empty tree.
pub fn verify_consistency(
    old_size: u64,
    size: u64,
    old_root: Hash,
    root: Hash,
    path: &[Hash],
) -> Result<(), ProofError> {
    if old_size > size {
        return Err(ProofError::OutOfRange { wanted: old_size, size });
    }
    if old_size == size || old_size == 0 {
        check_len(0, path)?;
        if old_size == 0 && old_root != empty_root() {
            return Err(ProofError::OldRootMismatch);
        }
        let same = old_size != size || old_root == root;
        return if same { Ok(()) } else { Err(ProofError::RootMismatch) };
    }
    // The old tree's last complete subtree: from its root upwards both trees are built.
    let level = (old_size - 1).trailing_ones();
    let (mut at, mut last) = ((old_size - 1) >> level, (size - 1) >> level);
    let whole = old_size.is_power_of_two();
    check_len(usize::from(!whole) + path_len(at, last), path)?;
    let (seed, rest) = match path.split_first() {
        Some((seed, rest)) if !whole => (*seed, rest),
        _ => (old_root, path),
    };
    let (mut old_hash, mut hash) = (seed, seed);
    for sibling in rest {
        if at % 2 == 1 || at == last {
            old_hash = node_hash(sibling, &old_hash);
            hash = node_hash(sibling, &hash);
            while at % 2 == 0 && at != 0 {
                (at, last) = (at / 2, last / 2);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (at, last) = (at / 2, last / 2);
    }
    if old_hash != old_root {
        Err(ProofError::OldRootMismatch)
    } else if hash != root {
        Err(ProofError::RootMismatch)
    } else {
        Ok(())
    }
}

/// How many hashes prove that entry `index` is in a tree of `size` leaves; at most 64.
/// Of an index beyond the tree there is no proof, and the number means nothing.
pub fn inclusion_path_len(index: u64, size: u64) -> usize {
    path_len(index, size.saturating_sub(1))
}

/// The path from node `at` to the root, where `last` is the last node of the same level: one hash
/// for each level below the one where the two meet, and above it one wherever `at` is to the right.
fn path_len(at: u64, last: u64) -> usize {
    let below = u64::BITS - (at ^ last).leading_zeros();
    let above = at.checked_shr(below).map_or(0, u64::count_ones);
    (below + above) as usize
}

fn check_len(expected: usize, path: &[Hash]) -> Result<(), ProofError> {
    if path.len() == expected {
        Ok(())
    } else {
        Err(ProofError::WrongLength { expected, actual: path.len() })
    }
}
