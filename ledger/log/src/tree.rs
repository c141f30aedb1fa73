//! The Merkle tree of RFC 9162 section 2.1: roots, inclusion proofs and consistency proofs.
//!
//! A *size* counts leaves; an *index* is the position of one, from 0. A *node* is the hash of a
//! complete subtree: the one at (level, index) covers the `2^level` leaves from
//! `index * 2^level`. Whatever is proved is proved from nodes, so anything that can read nodes
//! (the [`Tree`] in memory, tiles on disk) can prove.

mod compact_range;
mod memory;
mod prove;
mod verify;

pub(crate) use compact_range::subtree_root;
pub use compact_range::{CompactRange, WrongNodeCount};
pub use memory::{MissingNode, Tree};
pub use prove::{HashReader, ProveError, consistency_proof, inclusion_proof, root_at};
pub use verify::{ProofError, inclusion_path_len, verify_consistency, verify_inclusion};
