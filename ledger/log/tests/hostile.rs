//! Whatever bytes come from outside: they are read or refused, and what is read is written back.

use granary_log::checkpoint::Checkpoint;
use granary_log::hash::{Hash, leaf_hash};
use granary_log::note::{SignerKey, VerifierKey};
use granary_log::proof_file::ProofFile;
use granary_log::signature::SigningKey;
use granary_log::tile::{Tile, check_bundle, decode_bundle, decode_hash_tile, encode_bundle};
use granary_log::tree::Tree;
use granary_log::verify::verify;
use proptest::prelude::*;

/// A proof file of a log of seven entries.
fn proof_file() -> String {
    let key = SignerKey::new("log.example", SigningKey::from_bytes(&[5; 32])).expect("a name");
    let mut tree = Tree::new();
    (0..7_u8).for_each(|n| tree.push(leaf_hash(&[n])));
    let checkpoint = Checkpoint::new("log.example", 7, tree.root()).expect("a checkpoint");
    ProofFile {
        extra: b"extra".to_vec(),
        index: 3,
        path: tree.inclusion_proof(3, 7).expect("a proof"),
        checkpoint: checkpoint.sign(&key).expect("the log's key"),
    }
    .to_string()
}

proptest! {
    #[test]
    fn proof_files(
        at: prop::sample::Index,
        with in "[ -~\n\u{2014}]{0,4}",
        take in 0usize..4,
        bytes: Vec<u8>,
    ) {
        let _ = ProofFile::parse(&bytes);
        let mut text = proof_file().into_bytes();
        let start = at.index(text.len());
        text.splice(start..(start + take).min(text.len()), with.into_bytes());
        if let Ok(read) = ProofFile::parse(&text) {
            prop_assert_eq!(read.to_string().into_bytes(), text);
        }
    }

    /// A proof that was changed anywhere, and is still read, proves nothing else: it is refused, or
    /// the change touched nothing that is vouched for.
    #[test]
    fn changed_proofs(bit: prop::sample::Index) {
        let good = proof_file();
        let key = SignerKey::new("log.example", SigningKey::from_bytes(&[5; 32])).expect("a name");
        let mut bytes = good.clone().into_bytes();
        let bit = bit.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(read) = ProofFile::parse(&bytes) {
            let extra = good.lines().nth(1).expect("the extra line").len() + 1;
            let vouched_for = bit / 8 > good.lines().next().expect("a line").len() + extra;
            let proved = read.verify(leaf_hash(&[3]), key.verifier()).is_ok();
            prop_assert_eq!(proved, !vouched_for, "{}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn texts(text in "[ -~\n]{0,80}", path in "tile/(entries|[0-9]{1,2})/(x?[0-9]{3}/?){1,7}(.p/[0-9]{1,3})?") {
        if let Ok(read) = text.parse::<Checkpoint>() {
            prop_assert_eq!(read.to_string(), text.clone());
        }
        prop_assert!(text.parse::<VerifierKey>().is_err());
        prop_assert!(text.parse::<SignerKey>().is_err());
        prop_assert!(text.parse::<Hash>().is_err());
        for text in [text, path] {
            if let Ok(tile) = text.parse::<Tile>() {
                prop_assert_eq!(tile.to_string(), text);
            }
        }
    }

    #[test]
    fn tiles_and_bundles(bytes: Vec<u8>, width in 0u16..300) {
        if let Ok(entries) = decode_bundle(&bytes, width) {
            prop_assert_eq!(entries.len(), usize::from(width));
            prop_assert_eq!(encode_bundle(entries.iter().copied()), Ok(bytes.clone()));
            let hashes: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
            prop_assert_eq!(check_bundle(&entries, &hashes), Ok(()));
        }
        if let Some(hashes) = decode_hash_tile(&bytes, width) {
            prop_assert_eq!(hashes.len() * 32, bytes.len());
        }
    }

    #[test]
    fn whole_logs(entries in prop::collection::vec(any::<Vec<u8>>(), 0..20)) {
        let mut faults = 0;
        let summary = verify("log.example", &entries, Vec::new(), true, |_| faults += 1);
        prop_assert_eq!((summary.entries, summary.faults), (entries.len() as u64, faults));
        prop_assert!(faults >= entries.len() as u64);
    }
}
