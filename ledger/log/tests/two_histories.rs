//! Evidence against a log that shows different people different histories.

use granary_log::checkpoint::{Checkpoint, CheckpointError};
use granary_log::hash::leaf_hash;
use granary_log::note::{Note, SignerKey};
use granary_log::signature::SigningKey;
use granary_log::tree::{ProofError, Tree};
use granary_log::two_histories::{NotShown, TwoHistories, TwoHistoriesError};

const ORIGIN: &str = "grain.example.org/rice-0badcafe";

fn key(seed: u8) -> SignerKey {
    SignerKey::new(ORIGIN, SigningKey::from_bytes(&[seed; 32])).expect("a good name")
}

/// The log whose entry 3 is `third`.
fn tree(third: &str, size: u64) -> Tree {
    let mut tree = Tree::new();
    for index in 0..size {
        let entry = if index == 3 { third.to_owned() } else { format!("entry {index}") };
        tree.push(leaf_hash(entry.as_bytes()));
    }
    tree
}

fn signed(tree: &Tree) -> (u64, Note) {
    let checkpoint = Checkpoint::new(ORIGIN, tree.size(), tree.root()).expect("a checkpoint");
    (tree.size(), checkpoint.sign(&key(1)).expect("its key"))
}

#[test]
fn two_roots_of_one_size_are_evidence_by_themselves() {
    let (shown, hidden) = (tree("paid", 9), tree("unpaid", 9));
    let found = TwoHistories::gather(signed(&shown), signed(&hidden), &hidden).expect("gathers");
    assert_eq!(found.between, None);
    let read = TwoHistories::parse(found.to_string().as_bytes()).expect("its own text");
    assert_eq!(read, found);
    assert!(TwoHistories::is_one(found.to_string().as_bytes()));
    let (earlier, later) = read.verify(key(1).verifier()).expect("shows it");
    assert_eq!((earlier.root(), later.root()), (shown.root(), hidden.root()));
}

#[test]
fn of_different_sizes_the_proof_shows_that_the_later_does_not_continue_the_earlier() {
    for (size, later_size) in [(4, 5), (4, 8), (5, 9), (7, 300), (8, 300), (256, 300)] {
        let (shown, hidden) = (tree("paid", size), tree("unpaid", later_size));
        let found = TwoHistories::gather(signed(&shown), signed(&hidden), &hidden).expect("reads");
        let read = TwoHistories::parse(found.to_string().as_bytes()).expect("its own text");
        assert_eq!(read, found);
        let (earlier, later) = read.verify(key(1).verifier()).expect("shows it");
        assert_eq!((earlier.size(), later.size()), (size, later_size));
    }
}

#[test]
fn a_log_with_one_history_can_not_be_accused() {
    let (earlier, later) = (tree("paid", 5), tree("paid", 9));
    let verifier = key(1).verifier().clone();
    let gather = |a: &Tree, b: &Tree| TwoHistories::gather(signed(a), signed(b), b).expect("reads");
    let shown = |found: &TwoHistories| found.verify(&verifier).map(drop);

    assert_eq!(shown(&gather(&earlier, &later)), Err(NotShown::Continues));
    assert_eq!(shown(&gather(&later, &later)), Err(NotShown::Same));
    let bare = TwoHistories { between: None, ..gather(&earlier, &later) };
    assert_eq!(shown(&bare), Err(NotShown::NothingBetween));
    // A root that was made up, with the true proof.
    let mut forged = gather(&earlier, &later);
    forged.between.as_mut().expect("sizes differ").root = tree("unpaid", 5).root();
    let refused = NotShown::Between(ProofError::OldRootMismatch);
    assert_eq!(shown(&forged), Err(refused));
    // The other way round.
    let swapped = TwoHistories {
        earlier: forged.later.clone(),
        later: forged.earlier.clone(),
        between: forged.between.clone(),
    };
    let refused = NotShown::Between(ProofError::OutOfRange { wanted: 9, size: 5 });
    assert_eq!(shown(&swapped), Err(refused));
    // Signed by somebody else.
    let (_, foreign) = signed(&tree("unpaid", 9));
    let text = foreign.text().to_owned();
    let mut foreign = Note::new(text).expect("a text");
    foreign.sign_with(&key(2));
    let found = TwoHistories { earlier: foreign, ..gather(&later, &later) };
    assert!(matches!(shown(&found), Err(NotShown::Checkpoint(CheckpointError::Note(_)))));
}

#[test]
fn whatever_byte_of_the_evidence_is_changed_it_shows_nothing_any_more() {
    let (shown, hidden) = (tree("paid", 5), tree("unpaid", 9));
    let found = TwoHistories::gather(signed(&shown), signed(&hidden), &hidden).expect("reads");
    let text = found.to_string().into_bytes();
    for at in 0..text.len() {
        for bit in [0, 4] {
            let mut wrong = text.clone();
            wrong[at] ^= 1 << bit;
            let holds = TwoHistories::parse(&wrong)
                .is_ok_and(|read| read.verify(key(1).verifier()).is_ok());
            assert!(!holds, "byte {at}, bit {bit}");
        }
    }
    for len in 0..text.len() {
        assert!(TwoHistories::parse(&text[..len]).is_err(), "{len} bytes");
    }
    let twice = [&text[..], b"\n", &text[..]].concat();
    assert_eq!(TwoHistories::parse(&twice), Err(TwoHistoriesError::Form("not two checkpoints")));
}
