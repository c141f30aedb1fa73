//! The same answers as other implementations: `ct-merkle`, `tlog_tiles`, `signed_note`.

#![expect(clippy::unwrap_used, reason = "a helper that fails, fails its test")]

use std::cell::RefCell;

use granary_log::checkpoint::Checkpoint;
use granary_log::hash::{Hash, leaf_hash};
use granary_log::note::{Note, NoteSignature, SignerKey};
use granary_log::signature::SigningKey;
use granary_log::tree::{CompactRange, Tree, verify_consistency, verify_inclusion};
use proptest::prelude::*;
use sha2::Sha256;
use signed_note::{Signer, StandardSigner, StandardVerifier, VerifierList};

fn entries() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..300)
}

fn tree(entries: &[Vec<u8>]) -> Tree {
    let mut tree = Tree::new();
    entries.iter().for_each(|entry| tree.push(leaf_hash(entry)));
    tree
}

/// The hashes that `tlog_tiles` keeps of a log.
struct Stored(RefCell<Vec<tlog_tiles::Hash>>);

impl tlog_tiles::HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        let stored = self.0.borrow();
        Ok(indexes.iter().map(|&i| stored[usize::try_from(i).unwrap()]).collect())
    }
}

fn stored(entries: &[Vec<u8>]) -> Stored {
    let stored = Stored(RefCell::new(Vec::new()));
    for (n, entry) in entries.iter().enumerate() {
        let hashes = tlog_tiles::stored_hashes(n as u64, entry, &stored).unwrap();
        stored.0.borrow_mut().extend(hashes);
    }
    stored
}

fn theirs(hash: Hash) -> tlog_tiles::Hash {
    tlog_tiles::Hash(hash.0)
}

fn ours(hashes: &[tlog_tiles::Hash]) -> Vec<Hash> {
    hashes.iter().map(|hash| Hash(hash.0)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn ct_merkle_has_the_same_roots_and_proofs(entries in entries(), pick: u64) {
        let size = entries.len();
        let tree = tree(&entries);
        let mut other = ct_merkle::mem_backed_tree::MemoryBackedTree::<Sha256, Vec<u8>>::new();
        let mut range = CompactRange::new();
        for entry in &entries {
            other.push(entry.clone());
            range.push(leaf_hash(entry));
        }
        let root = other.root();
        prop_assert_eq!(Hash((*root.as_bytes()).into()), tree.root());
        prop_assert_eq!(range.root(), tree.root());

        let index = usize::try_from(pick % size as u64).unwrap();
        let proof = tree.inclusion_proof(index as u64, size as u64).unwrap();
        let joined: Vec<u8> = proof.iter().flat_map(|hash| hash.0).collect();
        let their_proof = other.prove_inclusion(index);
        prop_assert_eq!(their_proof.as_bytes(), &joined);
        let verified = verify_inclusion(
            index as u64, size as u64, leaf_hash(&entries[index]), &proof, tree.root(),
        );
        prop_assert_eq!(verified, Ok(()));
    }

    #[test]
    fn tlog_tiles_makes_and_believes_the_same_proofs(entries in entries(), a: u64, b: u64) {
        let tree = tree(&entries);
        let stored = stored(&entries);
        let size = 1 + a % entries.len() as u64;
        let (index, old) = (b % size, 1 + b % size);
        let (root, old_root) = (tree.root_at(size).unwrap(), tree.root_at(old).unwrap());
        prop_assert_eq!(tlog_tiles::tree_hash(size, &stored).unwrap(), theirs(root));

        let inclusion = tree.inclusion_proof(index, size).unwrap();
        let their_inclusion = tlog_tiles::prove_record(size, index, &stored).unwrap();
        prop_assert_eq!(&ours(&their_inclusion), &inclusion);
        let leaf = tree.leaf(index).unwrap();
        prop_assert!(
            tlog_tiles::check_record(&their_inclusion, size, theirs(root), index, theirs(leaf))
                .is_ok()
        );

        let consistency = tree.consistency_proof(old, size).unwrap();
        let their_consistency = tlog_tiles::prove_tree(size, old, &stored).unwrap();
        prop_assert_eq!(ours(&their_consistency), &consistency[..]);
        prop_assert_eq!(verify_consistency(old, size, old_root, root, &consistency), Ok(()));
    }

    /// Whatever is done to a proof, both believe it or neither does.
    #[test]
    fn tlog_tiles_disbelieves_the_same_proofs(
        entries in entries(),
        a: u64,
        b: u64,
        wrong_index: u64,
        cut in 0usize..3,
    ) {
        let tree = tree(&entries);
        let size = 1 + a % entries.len() as u64;
        let (index, claimed) = (b % size, wrong_index % size);
        let root = tree.root_at(size).unwrap();
        let leaf = tree.leaf(index).unwrap();
        let mut path = tree.inclusion_proof(index, size).unwrap();
        path.truncate(path.len().saturating_sub(cut));
        let their_path: tlog_tiles::RecordProof = path.iter().copied().map(theirs).collect();
        let verdict = verify_inclusion(claimed, size, leaf, &path, root);
        let theirs =
            tlog_tiles::check_record(&their_path, size, theirs(root), claimed, theirs(leaf));
        prop_assert_eq!(verdict.is_ok(), theirs.is_ok());
    }

    #[test]
    fn checkpoints_are_read_alike(
        origin in "[a-z]{1,8}(\\.[a-z]{1,5})?(/[a-z0-9-]{1,9})?",
        size in 1u64..(1 << 63),
        root: [u8; 32],
        place: prop::sample::Index,
        with in "[ -~\n]{0,2}",
    ) {
        let good = Checkpoint::new(&origin, size, Hash(root)).unwrap();
        let text = good.to_string();
        let other = tlog_tiles::Checkpoint::from_bytes(text.as_bytes()).unwrap();
        prop_assert_eq!((other.origin(), other.size()), (good.origin(), size));
        prop_assert_eq!(other.hash(), &theirs(Hash(root)));

        // What we read, they read; they also read extensions and origins that are no key's name.
        let at = place.index(text.len());
        let changed = format!("{}{with}{}", &text[..at], &text[at + 1..]);
        if let Ok(read) = changed.parse::<Checkpoint>() {
            prop_assert_eq!(read.to_string(), changed.clone());
            let other = tlog_tiles::Checkpoint::from_bytes(changed.as_bytes()).unwrap();
            prop_assert_eq!((other.origin(), other.size()), (read.origin(), read.size()));
        }
    }

    #[test]
    fn signed_note_makes_and_believes_the_same_notes(
        text in "([ -~é仓]{0,20}\n){1,5}",
        seed: [u8; 32],
        name in "[a-z]{1,9}\\.example(/[a-z]{1,9})?",
    ) {
        let key = SignerKey::new(&name, SigningKey::from_bytes(&seed)).unwrap();
        let signer = StandardSigner::new(&key.to_secret_text()).unwrap();
        let verifier = StandardVerifier::new(&key.verifier().to_string()).unwrap();
        prop_assert_eq!(signer.key_id(), key.verifier().key_id());

        let mut note = Note::new(text.clone()).unwrap();
        note.sign_with(&key);
        let mut other = signed_note::Note::new(text.as_bytes(), &[]).unwrap();
        other.add_sigs(&[&signer]).unwrap();
        prop_assert_eq!(other.to_bytes(), note.to_string().into_bytes());

        let read = Note::parse(&other.to_bytes()).unwrap();
        prop_assert!(read.verify(std::slice::from_ref(key.verifier())).is_ok());
        let read = signed_note::Note::from_bytes(note.to_string().as_bytes()).unwrap();
        prop_assert!(read.verify(&VerifierList::new(vec![Box::new(verifier)])).is_ok());
    }

    /// One byte of a note changed, or taken out, or put in: both read it or neither does, and both
    /// believe it or neither does.
    #[test]
    fn signed_note_disbelieves_the_same_notes(
        place: prop::sample::Index,
        with in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\n'), Just(b' ')], 0..3),
        take in 0usize..3,
    ) {
        let key = SignerKey::new("log.example", SigningKey::from_bytes(&[5; 32])).unwrap();
        let mut note = Note::new("harvest\n\nof rice\n".into()).unwrap();
        note.sign_with(&key);
        let other_key = SignerKey::new("other.example", SigningKey::from_bytes(&[6; 32])).unwrap();
        note.sign_with(&other_key);
        let mut bytes = note.to_string().into_bytes();
        let at = place.index(bytes.len());
        bytes.splice(at..(at + take).min(bytes.len()), with);

        let known = VerifierList::new(vec![Box::new(
            StandardVerifier::new(&key.verifier().to_string()).unwrap(),
        )]);
        let ours = Note::parse(&bytes);
        let theirs = signed_note::Note::from_bytes(&bytes);
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{}", String::from_utf8_lossy(&bytes));
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            prop_assert_eq!(ours.to_string().into_bytes(), bytes);
            prop_assert_eq!(
                ours.verify(std::slice::from_ref(key.verifier())).is_ok(),
                theirs.verify(&known).is_ok()
            );
        }
    }

    #[test]
    fn any_bytes_are_read_as_a_note_or_refused(bytes: Vec<u8>, line in "[ -~\u{2014}\n]{0,60}") {
        let _ = Note::parse(&bytes);
        let _ = NoteSignature::parse(&line);
        if let Ok(note) = Note::parse(line.as_bytes()) {
            prop_assert_eq!(note.to_string(), line);
        }
    }
}
