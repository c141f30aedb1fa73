//! The tree against the definitions of RFC 9162, transcribed, and against two other libraries.

use granary_log::hash::{Hash, empty_root, leaf_hash, node_hash};
use granary_log::tree::{
    CompactRange, ProofError, ProveError, Tree, inclusion_path_len, verify_consistency,
    verify_inclusion,
};
use proptest::prelude::*;

/// Every pair of sizes up to this one is tried.
const SMALL: usize = 130;

/// RFC 9162 section 2.1.1, transcribed line by line. Slow, recursive, obviously right.
fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = split(leaves);
            node_hash(&root(left), &root(right))
        }
    }
}

/// RFC 9162 section 2.1.3.1: PATH(m, D[n]).
fn path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = split(leaves);
    if m < left.len() {
        [path(m, left), vec![root(right)]].concat()
    } else {
        [path(m - left.len(), right), vec![root(left)]].concat()
    }
}

/// RFC 9162 section 2.1.4.1: SUBPROOF(m, D[n], b).
fn subproof(m: usize, leaves: &[Hash], complete: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if complete { Vec::new() } else { vec![root(leaves)] };
    }
    let (left, right) = split(leaves);
    if m <= left.len() {
        [subproof(m, left, complete), vec![root(right)]].concat()
    } else {
        [subproof(m - left.len(), right, false), vec![root(left)]].concat()
    }
}

/// At the largest power of two smaller than the number of leaves.
fn split(leaves: &[Hash]) -> (&[Hash], &[Hash]) {
    leaves.split_at(leaves.len().next_power_of_two() / 2)
}

fn log(size: usize) -> Vec<Hash> {
    (0..size).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

fn tree(leaves: &[Hash]) -> Tree {
    let mut tree = Tree::new();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    tree
}

#[test]
fn roots_and_inclusion_proofs_agree_with_the_definition_on_every_small_tree() {
    let leaves = log(SMALL);
    let (tree, mut range) = (tree(&leaves), CompactRange::new());
    assert_eq!(Tree::new().root(), empty_root());
    for size in 1..=SMALL {
        let leaves = &leaves[..size];
        range.push(leaves[size - 1]);
        let expected = root(leaves);
        assert_eq!(range.root(), expected, "{size} leaves");
        assert_eq!(tree.root_at(size as u64), Ok(expected), "{size} leaves");
        for index in 0..size {
            let proof = tree.inclusion_proof(index as u64, size as u64).unwrap();
            assert_eq!(proof, path(index, leaves), "entry {index} of {size}");
            assert_eq!(proof.len(), inclusion_path_len(index as u64, size as u64));
            let verdict =
                verify_inclusion(index as u64, size as u64, leaves[index], &proof, expected);
            assert_eq!(verdict, Ok(()), "entry {index} of {size}");
        }
    }
}

#[test]
fn consistency_proofs_agree_with_the_definition_between_every_two_small_trees() {
    let leaves = log(SMALL);
    let roots: Vec<Hash> = (0..=SMALL).map(|size| root(&leaves[..size])).collect();
    let tree = tree(&leaves);
    for size in 1..=SMALL {
        for old_size in 1..=size {
            let proof = tree.consistency_proof(old_size as u64, size as u64).unwrap();
            assert_eq!(proof, subproof(old_size, &leaves[..size], true), "{old_size} to {size}");
            let verdict = verify_consistency(
                old_size as u64,
                size as u64,
                roots[old_size],
                roots[size],
                &proof,
            );
            assert_eq!(verdict, Ok(()), "{old_size} to {size}");
        }
    }
}

#[test]
fn any_tree_continues_the_empty_one_and_only_with_its_root() {
    let other = leaf_hash(b"other");
    assert_eq!(verify_consistency(0, 7, empty_root(), other, &[]), Ok(()));
    assert_eq!(verify_consistency(0, 7, other, other, &[]), Err(ProofError::OldRootMismatch));
    assert_eq!(
        verify_consistency(0, 7, empty_root(), other, &[other]),
        Err(ProofError::WrongLength { expected: 0, actual: 1 })
    );
    assert_eq!(verify_consistency(0, 0, empty_root(), empty_root(), &[]), Ok(()));
    assert_eq!(verify_consistency(0, 0, empty_root(), other, &[]), Err(ProofError::RootMismatch));
    assert_eq!(verify_consistency(5, 5, other, other, &[]), Ok(()));
    assert_eq!(verify_consistency(5, 5, other, empty_root(), &[]), Err(ProofError::RootMismatch));
}

#[test]
fn no_proof_is_made_beyond_the_tree() {
    let tree = tree(&log(5));
    assert_eq!(tree.inclusion_proof(5, 5), Err(ProveError::OutOfRange { wanted: 5, size: 5 }));
    assert_eq!(tree.inclusion_proof(0, 6), Err(ProveError::OutOfRange { wanted: 6, size: 5 }));
    assert_eq!(tree.consistency_proof(4, 3), Err(ProveError::OutOfRange { wanted: 4, size: 3 }));
    assert_eq!(tree.root_at(6), Err(ProveError::OutOfRange { wanted: 6, size: 5 }));
    assert_eq!(tree.leaf(5), None);
}

#[test]
fn a_compact_range_continues_from_its_nodes() {
    let leaves = log(100);
    let mut whole = CompactRange::new();
    for (size, leaf) in leaves.iter().enumerate() {
        let mut taken_up = CompactRange::from_nodes(size as u64, whole.nodes().to_vec()).unwrap();
        whole.push(*leaf);
        taken_up.push(*leaf);
        assert_eq!(taken_up, whole);
    }
    assert!(CompactRange::from_nodes(7, vec![leaves[0]; 2]).is_err());
    assert!(CompactRange::from_nodes(7, vec![leaves[0]; 4]).is_err());
}

proptest! {
    /// A proof proves one thing only: another index, size, leaf or path fails.
    #[test]
    fn tampering_with_an_inclusion_proof_is_noticed(
        size in 2usize..600,
        pick: u64,
        bit in 0usize..256,
        what in 0u8..5,
    ) {
        let leaves = log(size);
        let index = usize::try_from(pick % size as u64).unwrap();
        let tree = tree(&leaves);
        let mut i = index as u64;
        let (mut leaf, mut proof) = (leaves[index], tree.inclusion_proof(i, size as u64).unwrap());
        match what {
            0 => i = (i + 1 + pick % (size as u64 - 1)) % size as u64,
            1 => flip(&mut leaf, bit),
            2 => {
                let n = proof.len() as u64;
                flip(&mut proof[usize::try_from(pick % n).unwrap()], bit);
            }
            3 => proof.push(leaf),
            _ => { proof.pop(); }
        }
        prop_assert!(verify_inclusion(i, size as u64, leaf, &proof, tree.root()).is_err());
    }

    #[test]
    fn tampering_with_a_consistency_proof_is_noticed(
        size in 2usize..600,
        pick: u64,
        bit in 0usize..256,
        what in 0u8..5,
    ) {
        let tree = tree(&log(size));
        let size = size as u64;
        let old = 1 + pick % (size - 1);
        let (mut old_root, mut new_root) = (tree.root_at(old).unwrap(), tree.root());
        let mut proof = tree.consistency_proof(old, size).unwrap();
        match what {
            0 => flip(&mut old_root, bit),
            1 => flip(&mut new_root, bit),
            2 => {
                let n = proof.len() as u64;
                flip(&mut proof[usize::try_from(pick % n).unwrap()], bit);
            }
            3 => proof.push(old_root),
            _ => { proof.pop(); }
        }
        prop_assert!(verify_consistency(old, size, old_root, new_root, &proof).is_err());
    }

    /// Hostile input gets an error, never a panic or a long loop.
    #[test]
    fn hostile_proofs_are_only_refused(index: u64, size: u64, n in 0usize..130) {
        let junk = vec![Hash([7; 32]); n];
        let (a, b) = (Hash([1; 32]), Hash([2; 32]));
        prop_assert!(verify_inclusion(index, size, a, &junk, b).is_err());
        if index != 0 {
            prop_assert!(verify_consistency(index, size, a, b, &junk).is_err());
        }
        prop_assert!(inclusion_path_len(index, size) <= 128);
    }

    /// A path of the right length for a huge tree is walked, and leads elsewhere.
    #[test]
    fn huge_trees_are_walked_to_the_end(pick: u64, size in 1u64.., old in 1u64..) {
        let (a, b) = (Hash([1; 32]), Hash([2; 32]));
        let index = pick % size;
        let junk = vec![Hash([7; 32]); inclusion_path_len(index, size)];
        let verdict = verify_inclusion(index, size, a, &junk, b);
        prop_assert_eq!(verdict, Err(ProofError::RootMismatch));
        let old = 1 + old % size;
        for n in 0..=65 {
            let verdict = verify_consistency(old, size, a, b, &vec![Hash([7; 32]); n]);
            prop_assert!(verdict.is_err());
        }
    }
}

fn flip(hash: &mut Hash, bit: usize) {
    hash.0[bit / 8] ^= 1 << (bit % 8);
}
