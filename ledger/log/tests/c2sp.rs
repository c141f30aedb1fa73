//! Notes, checkpoints, cosignatures, proof files and tiles against known answers: examples of the
//! specifications, and logs of which Go's `sumdb` packages and Tessera's `fsck` said that they are
//! right.

#![expect(clippy::unwrap_used, reason = "a helper that fails, fails its test")]

use granary_log::checkpoint::{Checkpoint, CheckpointError};
use granary_log::cosignature::{self, CosignatureError, CosignerKey};
use granary_log::hash::{Hash, leaf_hash, node_hash, sha256};
use granary_log::note::{KeyError, Note, NoteError, NoteSignature, SignerKey, VerifierKey};
use granary_log::proof_file::{NotProved, ProofFile};
use granary_log::signature::SigningKey;
use granary_log::tile::{Tile, TileKind, encode_bundle, encode_hash_tile, new_tiles};
use granary_log::tree::Tree;

const ORIGIN: &str = "ledger.example.com/scf/log1";
const LOG_KEY: &str =
    "ledger.example.com/scf/log1+c2df6636+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";

/// The bytes 0 to 31.
const KNOWN_SEED: [u8; 32] = {
    let mut seed = [0; 32];
    let mut i = 0_u8;
    while i < 32 {
        seed[i as usize] = i;
        i += 1;
    }
    seed
};

fn log_key() -> SignerKey {
    SignerKey::new(ORIGIN, SigningKey::from_bytes(&KNOWN_SEED)).unwrap()
}

fn entry(index: u64) -> Vec<u8> {
    format!("entry-{index}").into_bytes()
}

fn known_log(size: u64) -> Tree {
    let mut tree = Tree::new();
    (0..size).for_each(|index| tree.push(leaf_hash(&entry(index))));
    tree
}

fn checkpoint(tree: &Tree, size: u64) -> Checkpoint {
    Checkpoint::new(ORIGIN, size, tree.root_at(size).unwrap()).unwrap()
}

#[test]
fn the_example_of_the_signed_note_specification_is_believed() {
    let key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    let text = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    let note = Note::parse(text.as_bytes()).unwrap();
    let key: VerifierKey = key.parse().unwrap();
    assert_eq!(note.text(), "This is an example message.\n");
    assert_eq!(note.verify(std::slice::from_ref(&key)).unwrap().len(), 1);
    assert_eq!(note.to_string(), text);
}

#[test]
fn the_example_of_gos_note_package_is_signed_alike() {
    let secret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    let key: SignerKey = secret.parse().unwrap();
    assert_eq!(key.to_secret_text(), secret);
    assert_eq!(
        key.verifier().to_string(),
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    );
    let text = "If you think cryptography is the answer to your problem,\n\
                then you don't know what your problem is.\n";
    assert_eq!(
        key.sign(text).to_string(),
        "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    );
    assert!(!format!("{key:?}").contains("GyNhPJ"), "no secret in a log line");
}

#[test]
fn a_log_of_five_entries_is_the_known_one() {
    let tree = known_log(5);
    let hex = |hash: Hash| hash.to_string();
    let (leaf_0, leaf_1) = (leaf_hash(&entry(0)), leaf_hash(&entry(1)));
    assert_eq!(hex(leaf_0), "40766b2033429026f53d54502679a839706b4741f8dcaf3a8bba5f41b5ffe075");
    assert_eq!(
        hex(node_hash(&leaf_0, &leaf_1)),
        "2f27a5082c1d42afa488ac350a9fc4390c084f54f71ecdff859e98db8429b479"
    );
    assert_eq!(
        hex(tree.root()),
        "1aa68d3074905a581f84cbbd0f753794904fd80451bc4c13e69d9a53bc59502c"
    );
    let note = checkpoint(&tree, 5).sign(&log_key()).unwrap();
    assert_eq!(
        note.signatures()[0].to_string(),
        format!(
            "\u{2014} {ORIGIN} wt9mNtP1d0IvX4GeuaH2GBluTWysJ50igaCdEIpQ04/N/5WIPirEk4VdjSlBKClQCgEWP1bUtjeRcRQMNfK9gDOkrQA=\n"
        )
    );
    assert_eq!(log_key().verifier().to_string(), LOG_KEY);
}

#[test]
fn a_log_of_seventy_thousand_entries_has_the_known_tiles() {
    const SIZE: u64 = 70_000;
    let tree = known_log(SIZE);
    let note = checkpoint(&tree, SIZE).sign(&log_key()).unwrap();
    assert_eq!(
        note.to_string(),
        format!(
            "{ORIGIN}\n70000\npipUvjMpT/1aXExjf9dUYwtxqJLoNW46Zmpcin/9FRg=\n\n\u{2014} {ORIGIN} \
             wt9mNpUDTNhD77AuvIw9LkIf9d2IJvnJWxyd+IFzzE1QQyiizsykqtnYR3PqNZL1rMSKr+/egMD5jB56XHhaUXYCGwA=\n"
        )
    );
    let tiles: Vec<Tile> = new_tiles(0, SIZE).collect();
    let of = |kind| tiles.iter().filter(|tile| tile.kind() == kind).collect::<Vec<_>>();
    for (level, full, partial) in [(0, 273, 112), (1, 1, 17), (2, 0, 1)] {
        let level = of(TileKind::Hashes { level });
        assert_eq!(level.iter().filter(|tile| tile.is_full()).count(), full);
        assert_eq!(level.last().unwrap().width(), partial);
    }
    assert!(of(TileKind::Hashes { level: 3 }).is_empty());
    let content = |path: &str| {
        let tile: Tile = path.parse().unwrap();
        assert!(tiles.contains(&tile), "{path}");
        match tile.kind() {
            TileKind::Hashes { level } => {
                encode_hash_tile(&tree, level, tile.index(), tile.width()).unwrap()
            }
            TileKind::Entries => {
                let first = tile.index() * 256;
                let entries: Vec<_> = (first..first + u64::from(tile.width())).map(entry).collect();
                encode_bundle(entries.iter().map(Vec::as_slice)).unwrap()
            }
        }
    };
    for (path, known) in [
        ("tile/0/000", "8921c57d2f65271c82bf0f686c002793863c80c8d1cbbbf5db6046ff59e8b590"),
        ("tile/1/000", "3f2180f39b716a1f9ba5b330e55deac1781861f2854c705884f31806688285e0"),
        ("tile/2/000.p/1", "a39abb517974ee0fe428abf332453555ac40e6bdf705bb4a4bf919dfa6b3b24c"),
        (
            "tile/entries/273.p/112",
            "e2ad61b1c0a68bb3fb91d5ddf19152cad4365671577e11ab31558aa5feb8d0ed",
        ),
    ] {
        assert_eq!(sha256(&content(path)).to_string(), known, "{path}");
    }
}

#[test]
fn a_note_with_one_bad_signature_by_a_known_key_is_not_believed_at_all() {
    let (ours, other) = (log_key(), named("other.example", 1));
    let mut note = Note::new("harvest\n".into()).unwrap();
    note.sign_with(&ours);
    let forged = named("other.example", 1).sign("another text\n");
    note.add(forged);
    let verify = |keys: &[&SignerKey]| {
        let keys: Vec<VerifierKey> = keys.iter().map(|key| key.verifier().clone()).collect();
        note.verify(&keys).map(|signatures| signatures.len())
    };
    assert_eq!(verify(&[&ours]), Ok(1), "the other key is not known");
    assert_eq!(
        verify(&[&ours, &other]),
        Err(NoteError::BadSignature { name: "other.example".into() })
    );
    assert_eq!(verify(&[&named("third.example", 2)]), Err(NoteError::Unverified));
    assert_eq!(verify(&[]), Err(NoteError::Unverified));
}

#[test]
fn a_new_signature_replaces_an_older_one_by_the_same_key() {
    let witness = CosignerKey::new("witness.example", seed(3)).unwrap();
    let mut note = Note::new("harvest\n".into()).unwrap();
    note.add(witness.cosign("harvest\n", 100));
    note.sign_with(&log_key());
    note.add(witness.cosign("harvest\n", 200));
    assert_eq!(note.signatures().len(), 2);
    assert_eq!(
        cosignature::verify(&note.signatures()[1], "harvest\n", witness.verifier()),
        Ok(200)
    );
}

#[test]
fn malformed_notes_are_refused() {
    let good = {
        let mut note = Note::new("harvest\n\nof rice\n".into()).unwrap();
        note.sign_with(&log_key());
        note.to_string()
    };
    assert_eq!(Note::parse(good.as_bytes()).unwrap().text(), "harvest\n\nof rice\n");
    let signature = good.lines().last().unwrap();
    for (wrong, why) in [
        (good.trim_end().to_owned(), NoteError::Text),
        (good.replace("rice", "ri\tce"), NoteError::Text),
        ("harvest\n".to_owned(), NoteError::NoSignatures),
        ("harvest\n\n".to_owned(), NoteError::NoSignatures),
        (format!("{good}\n"), NoteError::NoSignatures),
        (good.replace('\u{2014}', "-"), NoteError::Line { line: 1 }),
        (format!("{good}{signature} \n"), NoteError::Line { line: 2 }),
        ("harvest\n\n\u{2014} name AAAAAA==\n".to_owned(), NoteError::Line { line: 1 }),
        ("harvest\n\n\u{2014} na+me AAAAAAA=\n".to_owned(), NoteError::Line { line: 1 }),
        ("harvest\n\n\u{2014} name AAAAAAB=\n".to_owned(), NoteError::Line { line: 1 }),
        (good.clone() + &format!("{signature}\n").repeat(100), NoteError::TooManySignatures),
        ("x".repeat(1_000_001), NoteError::TooLong { len: 1_000_001 }),
    ] {
        assert_eq!(Note::parse(wrong.as_bytes()), Err(why), "{wrong:.80}");
    }
    assert_eq!(Note::parse(b"\xff\n\n\xe2\x80\x94 name AAAAAAA=\n"), Err(NoteError::Text));
}

#[test]
fn sixteen_signatures_are_read() {
    let mut note = Note::new("harvest\n".into()).unwrap();
    (0..16).for_each(|n| note.sign_with(&named(&format!("k{n}.example"), n)));
    let note = Note::parse(note.to_string().as_bytes()).unwrap();
    let keys: Vec<_> =
        (0..16).map(|n| named(&format!("k{n}.example"), n).verifier().clone()).collect();
    assert_eq!(note.verify(&keys).unwrap().len(), 16);
}

#[test]
fn keys_have_one_text_form() {
    for (wrong, why) in [
        (
            "ledger.example.com/scf/log1+c2df6637+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
            KeyError::Id,
        ),
        (
            "ledger.example.com/scf/log2+c2df6636+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
            KeyError::Id,
        ),
        (
            "ledger.example.com/scf/log1+C2DF6636+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
            KeyError::Form,
        ),
        (
            "ledger.example.com/scf/log1+c2df6636+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG",
            KeyError::Form,
        ),
        (
            "ledger.example.com/scf/log1+c2df6636+AgOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
            KeyError::Type,
        ),
        ("+c2df6636+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4", KeyError::Name),
        ("a b+c2df6636+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4", KeyError::Name),
        ("name", KeyError::Form),
        ("", KeyError::Form),
    ] {
        assert_eq!(wrong.parse::<VerifierKey>(), Err(why), "{wrong}");
    }
    assert_eq!(LOG_KEY.parse::<VerifierKey>().unwrap().to_string(), LOG_KEY);
    assert_eq!(LOG_KEY.parse::<SignerKey>().unwrap_err(), KeyError::Form);
}

#[test]
fn a_checkpoint_has_one_text_form() {
    let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let good = format!("{ORIGIN}\n0\n{root}\n");
    assert_eq!(good.parse::<Checkpoint>().unwrap().to_string(), good);
    let other_root = "0123456789+/0123456789+/0123456789+/01234567890=";
    for wrong in [
        format!("{ORIGIN}\n0\n{root}"),
        format!("{ORIGIN}\n00\n{root}\n"),
        format!("{ORIGIN}\n+0\n{root}\n"),
        format!("{ORIGIN}\n\n{root}\n"),
        format!("{ORIGIN}\n1\n{root}\nextension\n"),
        format!("{ORIGIN}\n1\n{root}\n\n"),
        format!("{ORIGIN}\n1\n{other_root}\n"),
        format!("{ORIGIN}\n9223372036854775808\n{root}\n"),
        format!("\n1\n{root}\n"),
        format!("{ORIGIN}\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"),
        String::new(),
    ] {
        assert!(wrong.parse::<Checkpoint>().is_err(), "{wrong}");
    }
    assert!(Checkpoint::new("two words", 1, Hash([1; 32])).is_err());
    assert!(Checkpoint::new("lines\n1", 1, Hash([1; 32])).is_err());
    assert!(Checkpoint::new(ORIGIN, 1 << 63, Hash([1; 32])).is_err());
}

#[test]
fn a_checkpoint_is_opened_with_its_own_logs_key_only() {
    let checkpoint = checkpoint(&known_log(5), 5);
    let note = checkpoint.sign(&log_key()).unwrap();
    assert_eq!(Checkpoint::open(&note, log_key().verifier()), Ok(checkpoint.clone()));

    let other = named("other.example/log", 9);
    let refused =
        CheckpointError::OtherOrigin { expected: "other.example/log".into(), found: ORIGIN.into() };
    assert_eq!(checkpoint.sign(&other), Err(refused.clone()));
    let mut note = Note::new(checkpoint.to_string()).unwrap();
    note.sign_with(&other);
    assert_eq!(Checkpoint::open(&note, other.verifier()), Err(refused));
    assert_eq!(
        Checkpoint::open(&note, log_key().verifier()),
        Err(CheckpointError::Note(NoteError::Unverified))
    );
}

#[test]
fn a_cosignature_binds_key_time_and_checkpoint() {
    let witness = CosignerKey::new("witness.example/w1", seed(7)).unwrap();
    let text = checkpoint(&known_log(5), 5).to_string();
    let signature = witness.cosign(&text, 1_700_000_000);
    assert_eq!(signature.bytes().len(), 72);
    assert_eq!(cosignature::verify(&signature, &text, witness.verifier()), Ok(1_700_000_000));

    let mut note = Note::new(text.clone()).unwrap();
    note.sign_with(&log_key());
    note.add(signature.clone());
    let note = Note::parse(note.to_string().as_bytes()).unwrap();
    let keys = [log_key().verifier().clone(), witness.verifier().clone()];
    assert_eq!(note.verify(&keys).unwrap().len(), 2);

    let key_text = witness.verifier().to_string();
    assert_eq!(key_text.parse::<VerifierKey>().as_ref(), Ok(witness.verifier()));

    let verify = |signature: &NoteSignature, text: &str, key: &VerifierKey| {
        cosignature::verify(signature, text, key).unwrap_err()
    };
    let larger = text.replace("\n5\n", "\n6\n");
    assert_eq!(verify(&signature, &larger, witness.verifier()), CosignatureError::BadSignature);
    let plain_key = SignerKey::new("witness.example/w1", seed(7)).unwrap();
    assert_eq!(verify(&signature, &text, plain_key.verifier()), CosignatureError::OtherKey);
    assert_eq!(
        verify(&plain_key.sign(&text), &text, witness.verifier()),
        CosignatureError::OtherKey,
        "type is part of the id"
    );
    let mut later = signature.to_string();
    let blob = later.rsplit_once(' ').unwrap().1.trim_end().to_owned();
    // The ninth byte of the blob is the first of the time's last four: base64 characters 12, 13.
    later = later.replace(&blob, &format!("{}AAAA{}", &blob[..8], &blob[12..]));
    let later = NoteSignature::parse(later.trim_end()).unwrap();
    assert_eq!(verify(&later, &text, witness.verifier()), CosignatureError::BadSignature);
}

#[test]
fn a_proof_file_proves_one_entry_at_one_place() {
    let tree = known_log(300);
    let mut note = checkpoint(&tree, 300).sign(&log_key()).unwrap();
    note.add(CosignerKey::new("witness.example", seed(7)).unwrap().cosign(note.text(), 5));
    for (index, extra) in [(0, &b""[..]), (256, b"receipt"), (299, b"\0")] {
        let file = ProofFile {
            extra: extra.to_vec(),
            index,
            path: tree.inclusion_proof(index, 300).unwrap(),
            checkpoint: note.clone(),
        };
        let text = file.to_string();
        assert_eq!(text.contains("\nextra "), !extra.is_empty());
        let file = ProofFile::parse(text.as_bytes()).unwrap();
        assert_eq!(file.to_string(), text);
        let key = log_key().verifier().clone();
        let leaf = leaf_hash(&entry(index));
        assert_eq!(file.verify(leaf, &key).unwrap().size(), 300);
        let other = leaf_hash(&entry(index + 1));
        assert!(matches!(file.verify(other, &key), Err(NotProved::Inclusion(_))));
        let other_log = named("other.example", 4);
        assert!(matches!(file.verify(leaf, other_log.verifier()), Err(NotProved::Checkpoint(_))));
    }
}

#[test]
fn malformed_proof_files_are_refused() {
    let tree = known_log(3);
    let good = ProofFile {
        extra: b"receipt".to_vec(),
        index: 2,
        path: tree.inclusion_proof(2, 3).unwrap(),
        checkpoint: checkpoint(&tree, 3).sign(&log_key()).unwrap(),
    }
    .to_string();
    let hash = good.lines().nth(3).unwrap();
    for wrong in [
        good.replace("@v1", "@v2"),
        good.replace("index 2", "index 02"),
        good.replace("index 2", "index"),
        good.replace("extra cmVjZWlwdA==", "extra "),
        good.replace("extra cmVjZWlwdA==", "extra cmVjZWlwdA"),
        good.replace(hash, &hash[1..]),
        good.replace(hash, &format!("{hash}\n").repeat(64)),
        good.replace("\n\nledger", "\nledger"),
        good[..good.len() / 2].to_owned(),
        String::new(),
    ] {
        assert_ne!(wrong, good);
        assert!(ProofFile::parse(wrong.as_bytes()).is_err(), "{wrong:.120}");
    }
}

fn seed(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

fn named(name: &str, n: u8) -> SignerKey {
    SignerKey::new(name, seed(n)).unwrap()
}
