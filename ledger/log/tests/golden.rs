//! Bytes that never change, whatever is refactored. They were made by a program in Python from the
//! description of the format (`integration-tests/python/golden.py`), not by this crate.

use std::fs;
use std::path::Path;

use granary_log::chain::ChainHead;
use granary_log::checkpoint::Checkpoint;
use granary_log::cosignature;
use granary_log::entry::{
    Entry, ItemOutcome, Outcome, QUOTA_EXCEEDED, Recorded, SealedEntry, UNREADABLE,
    genesis_prev_hash,
};
use granary_log::hash::{Hash, leaf_hash, sha256};
use granary_log::ids::{derive_clock_id, derive_id};
use granary_log::note::{Note, VerifierKey};
use granary_log::proof_file::ProofFile;
use granary_log::record::{Record, classify};
use granary_log::signature::{SigningKey, Verdict, check_over, check_signatures};
use granary_log::statement::{OverQuota, Statement, digest_of};
use granary_log::tile::encode_bundle;
use granary_log::tree::Tree;
use granary_log::verify::verify;

const ORIGIN: &str = "grain.example.org/rice-0badcafe";
const NAMES: [&str; 6] =
    ["genesis", "accepted", "refused", "duplicate", "unreadable", "over_quota"];

fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn bytes(name: &str) -> Vec<u8> {
    hex::decode(text(name).replace('\n', "")).expect("hex digits")
}

fn hash(name: &str) -> Hash {
    known(name).parse().expect("a hash")
}

/// What `hashes.txt` says of a name.
fn known(name: &str) -> String {
    let hashes = text("hashes.txt");
    let mut lines = hashes.lines().filter_map(|line| line.split_once(' '));
    lines.find(|(known, _)| *known == name).expect("a known name").1.to_owned()
}

fn entries() -> [Vec<u8>; 6] {
    NAMES.map(|name| bytes(&format!("entry_{name}.hex")))
}

#[test]
fn the_statements_are_read_checked_and_written_back() {
    for (name, count) in [("statement", 1), ("statement_batch", 2)] {
        let bytes = bytes(&format!("{name}.hex"));
        let read = Statement::decode(&bytes).unwrap();
        assert_eq!(read.encode().unwrap(), bytes, "{name}");
        assert_eq!(digest_of(&bytes), hash(&format!("{name}/received")));
        assert_eq!(read.signed_digest(), hash(&format!("{name}/signed")));
        assert_eq!(check_signatures(&read), vec![Verdict::Valid; count]);
        assert_eq!(classify(&bytes, ORIGIN), Record::Statement(read));
    }
}

#[test]
fn the_same_statement_signed_here_has_the_same_bytes() {
    let bytes = bytes("statement_batch.hex");
    let read = Statement::decode(&bytes).unwrap();
    assert_eq!(read.type_name, "granary.statement.v1.Batch");
    let mut said = Statement { signatures: Vec::new(), ..read };
    for seed in [3, 4] {
        said.sign_with(&SigningKey::from_bytes(&[seed; 32])).unwrap();
    }
    assert_eq!(said.encode().unwrap(), bytes);
}

#[test]
fn the_entries_are_read_and_written_back() {
    for (name, bytes) in NAMES.iter().zip(entries()) {
        let read = Entry::decode(&bytes).unwrap();
        assert_eq!(read.encode().unwrap(), bytes, "{name}");
        let leaf = hash(&format!("leaf/{name}"));
        assert_eq!((leaf_hash(&bytes), read.leaf_hash()), (leaf, Ok(leaf)), "{name}");
    }
}

#[test]
fn the_entries_say_what_they_should() {
    let read = entries().map(|bytes| Entry::decode(&bytes).unwrap());
    let [genesis, accepted, refused, duplicate, unreadable, over_quota] = &read;
    assert_eq!(genesis.prev_leaf_hash, genesis_prev_hash(ORIGIN));
    assert_eq!(genesis.prev_leaf_hash, hash("genesis_prev"));

    let Outcome::Accepted(items) = &accepted.result.outcome else { panic!("{accepted:?}") };
    let [ItemOutcome::Events(done), ItemOutcome::Refused(not_done)] = &items[..] else {
        panic!("{items:?}");
    };
    assert_eq!((done.len(), not_done.code), (2, 0x0305));
    let names: Vec<_> = accepted.events().map(|event| event.type_name.as_str()).collect();
    assert_eq!(
        names,
        [
            "granary.receipts.v1.ReceiptExpired",
            "granary.receipts.v1.ReceiptTransferred",
            "granary.receipts.v1.PriceRecorded"
        ]
    );
    let batch = bytes("statement_batch.hex");
    assert_eq!(accepted.statement, Recorded::Full(batch.clone()));

    assert!(matches!(&refused.result.outcome,
        Outcome::Refused { item: 0, refusal } if refusal.code == 0x0401));
    assert_eq!(refused.events().count(), 2);
    assert_eq!(duplicate.result.outcome, Outcome::Duplicate { first_index: 1 });
    let len = u32::try_from(batch.len()).unwrap();
    assert_eq!(duplicate.statement, Recorded::Digest { len, sha256: sha256(&batch) });
    assert_eq!(unreadable.result.outcome, Outcome::Skipped(UNREADABLE));
    assert_eq!((unreadable.epoch, unreadable.offset, unreadable.rules), (1, 0, 1));
    assert_eq!(over_quota.result.outcome, Outcome::Skipped(QUOTA_EXCEEDED));
    assert_eq!((over_quota.epoch, over_quota.offset, over_quota.rules), (1, 9, 2));
    let Recorded::OverQuota(form) = &over_quota.statement else { panic!("{over_quota:?}") };
    let form = OverQuota::decode(form).unwrap();
    assert_eq!(form.signed_digest(), hash("over_quota/signed"));
    assert_eq!(check_over(&form.signing_bytes(), &form.signatures), [Verdict::Valid]);
}

#[test]
fn the_chain_and_every_root_are_the_known_ones() {
    let (mut head, mut tree) = (ChainHead::genesis(ORIGIN), Tree::new());
    assert_eq!(tree.root(), hash("root/0"));
    for (size, bytes) in (1..).zip(entries()) {
        let entry = SealedEntry::from_bytes(bytes).unwrap();
        head.advance(&entry.link(), entry.leaf_hash()).unwrap();
        tree.push(entry.leaf_hash());
        assert_eq!(tree.root(), hash(&format!("root/{size}")));
    }
    let bundle = encode_bundle(entries().iter().map(Vec::as_slice)).unwrap();
    assert_eq!(sha256(&bundle), hash("bundle"));
}

#[test]
fn the_checkpoint_and_the_proof_are_believed_and_written_back() {
    let keys: Vec<VerifierKey> =
        text("keys.txt").lines().map(|key| key.parse().expect("a key")).collect();
    let note = text("checkpoint.txt");
    let read = Note::parse(note.as_bytes()).unwrap();
    assert_eq!(read.to_string(), note);
    assert_eq!(read.verify(&keys).unwrap().len(), 2);
    let checkpoint = Checkpoint::open(&read, &keys[0]).unwrap();
    assert_eq!((checkpoint.size(), checkpoint.root()), (6, hash("root/6")));
    let cosigned = cosignature::verify(&read.signatures()[1], read.text(), &keys[1]);
    assert_eq!(cosigned, Ok(1_764_000_005));

    let file = text("entry_accepted.tlog-proof");
    let proof = ProofFile::parse(file.as_bytes()).unwrap();
    assert_eq!(proof.to_string(), file);
    assert_eq!((proof.index, &proof.extra[..]), (1, &b"receipt 7"[..]));
    assert_eq!(proof.verify(hash("leaf/accepted"), &keys[0]), Ok(checkpoint.clone()));

    let summary = verify(ORIGIN, entries(), vec![checkpoint], true, |fault| panic!("{fault:?}"));
    assert_eq!((summary.entries, summary.proved, summary.signatures), (6, 6, 5));
}

#[test]
fn the_ids_are_the_known_ones() {
    let batch = Statement::decode(&bytes("statement_batch.hex")).unwrap();
    let id = derive_id(&batch.principal, &batch.command_id, 1, 2);
    assert_eq!(hex::encode(id), known("id/batch/1/2"));
    let refused = Entry::decode(&bytes("entry_refused.hex")).unwrap();
    let id = derive_clock_id(refused.time_ms, ORIGIN, refused.index, 1);
    assert_eq!(hex::encode(id), known("id/clock/2/1"));
}
