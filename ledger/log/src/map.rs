//! An authenticated map: one hash that commits to any keys and their values, kept up to date at the cost of
//! what changes, from which presence and absence of a key can be proved.
//!
//! It is a radix tree over the keys' half bytes with paths compressed, so its shape, and with it the root,
//! depends on the keys and values alone and not on the order in which they came. Keys that stand next to each
//! other (dense numbers, ids that begin with a time) share their paths, so a batch of recent changes rewrites
//! few nodes; a tree over hashes of keys would touch a path of its own for each. No key can be chosen such
//! that a node grows: a node has at most 17 children, and paths get longer only with prefixes found by work.
//!
//! A key is written as digits: each half byte plus one, high one first, and 0 as its end, so that no key's digits
//! begin with another's and digits sort as keys do. The hashes, `||` joining bytes, a path being one byte for each digit:
//!
//! ```text
//! leaf   SHA-256("granary/map/leaf/v1\0"   || u16 length || key || SHA-256(value))
//! branch SHA-256("granary/map/branch/v1\0" || u16 length || path || for each child, ascending: u8 digit || hash)
//! empty  SHA-256("granary/map/empty/v1\0")
//! ```
//!
//! A branch stands at the longest path that all keys below it begin with; its children differ in the digit
//! after that.

mod node;
mod proof;
mod update;

pub use node::{Child, Node, NodeError};
pub use proof::{MapProof, ProofFault};
pub use update::{MapChanges, MapError, NodeChanges, Nodes, Root};

use crate::hash::{Hash, sha256_parts};

/// The digit that ends a key.
const END: u8 = 0;
/// The greatest digit.
const DIGIT_MAX: u8 = 16;

/// A key's digits.
fn digits(key: &[u8]) -> Vec<u8> {
    digits_from(key, 0).collect()
}

/// A key's digits, those from a place on.
fn digits_from(key: &[u8], place: usize) -> impl Iterator<Item = u8> {
    let digit = |n: usize| match key.get(n / 2) {
        Some(byte) if n.is_multiple_of(2) => (byte >> 4) + 1,
        Some(byte) => (byte & 0x0f) + 1,
        None => END,
    };
    (place..key.len() * 2 + 1).map(digit)
}

/// The key that some digits are; `None` when they are no whole key.
fn key_of(digits: &[u8]) -> Option<Vec<u8>> {
    let (&END, halves) = digits.split_last()? else { return None };
    if !halves.len().is_multiple_of(2) || !are_inside(halves) {
        return None;
    }
    Some(halves.chunks_exact(2).map(|pair| (pair[0] - 1) << 4 | (pair[1] - 1)).collect())
}

/// Whether digits are half bytes, without an end.
fn are_inside(digits: &[u8]) -> bool {
    digits.iter().all(|digit| (END + 1..=DIGIT_MAX).contains(digit))
}

fn len16(bytes: &[u8]) -> [u8; 2] {
    // A longer key has no encoding: `MapError::KeyTooLong`.
    u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes()
}

fn leaf_hash(key: &[u8], value: &Hash) -> Hash {
    sha256_parts([b"granary/map/leaf/v1\0", &len16(key)[..], key, &value.0])
}

/// The root of the map that holds nothing.
pub fn empty_map() -> Hash {
    sha256_parts([&b"granary/map/empty/v1\0"[..]])
}

#[cfg(test)]
mod tests;
