//! The map against the plainest one there is: every history against a map made at once, every proof against a
//! `BTreeMap`, and the hashes against their definition written out a second time.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::hash::sha256;

#[derive(Default)]
struct Memory(BTreeMap<Vec<u8>, Vec<u8>>);

impl Nodes for Memory {
    fn get(&self, path: &[u8]) -> Option<Vec<u8>> {
        self.0.get(path).cloned()
    }
}

impl Memory {
    fn keep(&mut self, changed: NodeChanges) {
        for (path, bytes) in changed {
            match bytes {
                Some(bytes) => drop(self.0.insert(path, bytes)),
                None => drop(self.0.remove(&path)),
            }
        }
    }
}

type Model = BTreeMap<Vec<u8>, Vec<u8>>;

fn made_at_once(model: &Model) -> (Root, Memory) {
    let all = model.iter().map(|(key, value)| (key.clone(), Some(sha256(value))));
    let mut nodes = Memory::default();
    let (root, changed) = Root::default().update(&nodes, &all.collect()).expect("short keys");
    nodes.keep(changed);
    (root, nodes)
}

/// The definition in the module's text, over all keys, without branches kept anywhere.
fn by_definition(leaves: &[(Vec<u8>, &Vec<u8>, Hash)]) -> Hash {
    match leaves {
        [] => empty_map(),
        [(_, key, value)] => {
            let mut bytes = b"granary/map/leaf/v1\0".to_vec();
            bytes.extend(u16::try_from(key.len()).expect("short").to_be_bytes());
            bytes.extend(key.iter());
            bytes.extend(value.0);
            sha256(&bytes)
        }
        _ => {
            let shared = (0..)
                .take_while(|n| {
                    let digit = leaves[0].0.get(*n);
                    digit.is_some() && leaves.iter().all(|leaf| leaf.0.get(*n) == digit)
                })
                .count();
            let mut bytes = b"granary/map/branch/v1\0".to_vec();
            bytes.extend(u16::try_from(shared).expect("short").to_be_bytes());
            bytes.extend(&leaves[0].0[..shared]);
            for digit in END..=DIGIT_MAX {
                let under: Vec<_> =
                    leaves.iter().filter(|leaf| leaf.0[shared] == digit).cloned().collect();
                if !under.is_empty() {
                    bytes.push(digit);
                    bytes.extend(by_definition(&under).0);
                }
            }
            sha256(&bytes)
        }
    }
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(prop::sample::select(vec![0x00, 0x01, 0x10, 0x11, 0xff]), 0..5),
        (0u64..40).prop_map(|n| [&[0x20], &n.to_be_bytes()[..]].concat()),
    ]
}

proptest! {
    #[test]
    fn the_root_depends_on_keys_and_values_and_not_on_their_history(
        batches in prop::collection::vec(
            prop::collection::btree_map(key(), prop::option::weighted(0.7, any::<u8>()), 0..12), 1..12),
    ) {
        let (mut model, mut root, mut nodes) = (Model::new(), Root::default(), Memory::default());
        for batch in batches {
            let changes = batch.iter().map(|(key, value)| (key.clone(), value.map(|v| sha256(&[v]))));
            let (next, changed) = root.update(&nodes, &changes.collect()).expect("short keys");
            root = Root::decode(&next.encode()).expect("encoded a moment ago");
            prop_assert_eq!(&root, &next);
            nodes.keep(changed);
            for (key, value) in batch {
                match value {
                    Some(value) => drop(model.insert(key, vec![value])),
                    None => drop(model.remove(&key)),
                }
            }
            let (at_once, its_nodes) = made_at_once(&model);
            prop_assert_eq!(&root, &at_once);
            prop_assert_eq!(&nodes.0, &its_nodes.0, "no branch is left behind");
            let leaves: Vec<_> =
                model.iter().map(|(key, value)| (digits(key), key, sha256(value))).collect();
            prop_assert_eq!(root.hash(), by_definition(&leaves));
        }
    }

    #[test]
    fn what_stands_under_a_key_is_proved_and_nothing_else(
        model in prop::collection::btree_map(key(), prop::collection::vec(any::<u8>(), 0..4), 0..30),
        asked in prop::collection::vec(key(), 1..8),
    ) {
        let (root, nodes) = made_at_once(&model);
        let other = made_at_once(&Model::from([(b"other".to_vec(), b"map".to_vec())])).0.hash();
        for key in asked.iter().chain(model.keys().take(8)) {
            let proof = root.prove(&nodes, key).expect("all nodes are there");
            let value = model.get(key).map(Vec::as_slice);
            prop_assert_eq!(proof.check(&root.hash(), key, value), Ok(()));
            let lie = if value.is_some() { None } else { Some(&b"lie"[..]) };
            prop_assert_eq!(proof.check(&root.hash(), key, lie), Err(ProofFault::OtherValue));
            prop_assert_eq!(proof.check(&other, key, value), Err(ProofFault::OtherBranch(0)));
        }
    }

    #[test]
    fn no_bytes_make_a_branch_that_does_not_encode_to_them(
        bytes in prop::collection::vec(prop_oneof![0u8..18, any::<u8>()], 0..120),
    ) {
        if let Ok(node) = Node::decode(&bytes) {
            prop_assert_eq!(node.encode(), bytes);
        }
    }
}

#[test]
fn recent_changes_rewrite_few_branches() {
    let key = |n: u64| [&[0x11], &n.to_be_bytes()[..]].concat();
    let model: Model = (0..100_000).map(|n| (key(n), vec![1])).collect();
    let (root, nodes) = made_at_once(&model);
    let changes: MapChanges = (100_000..100_064).map(|n| (key(n), Some(sha256(&[2])))).collect();
    let (_, changed) = root.update(&nodes, &changes).expect("short keys");
    assert!(changed.len() <= 12, "{} branches for 64 new keys", changed.len());
}

#[test]
fn a_missing_or_damaged_branch_is_an_error_and_no_other_root() {
    let model: Model = (0u8..40).map(|n| (vec![n], vec![n])).collect();
    let (root, mut nodes) = made_at_once(&model);
    let change = MapChanges::from([(vec![3], Some(sha256(&[9])))]);
    let path = nodes.0.keys().next().expect("branches").clone();
    nodes.0.insert(path.clone(), vec![0, 0, 7]);
    assert_eq!(root.update(&nodes, &change), Err(MapError::Node(NodeError)));
    nodes.0.remove(&path);
    assert_eq!(root.update(&nodes, &change), Err(MapError::Missing));
}
