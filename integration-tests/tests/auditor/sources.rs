//! The same evidence from a directory, a server, a file; and what an auditor brings along.

use std::fs;

use granary_log::{
    checkpoint::Checkpoint,
    cosignature::CosignerKey,
    hash::Hash,
    hash::leaf_hash,
    note::Note,
    proof_file::ProofFile,
    signature::SigningKey,
    tile::{Tile, TileKind},
    tree::Tree,
};
use granary_runtime::verify::{Kept, Proved, Report, Source, VerifyError, verify, verify_proof};

use crate::{
    log::{ALL, Log, STRUCTURE, of},
    served::serve,
};

fn kinds(report: &Report) -> Vec<(u64, &'static str)> {
    report.faults.iter().map(|found| (found.index, found.kind)).collect()
}

fn over_http(log: &Log, address: &str) -> Report {
    let source = Source::find(address).expect("an address");
    of(&source[0], &log.kept(), ALL)
}

#[tokio::test(flavor = "multi_thread")]
async fn segments_tiles_and_a_server_tell_the_same() {
    let log = Log::write().await;
    let size = log.size();
    let tiles = log.verify_tiles(ALL);
    assert!(tiles.is_good(), "{:?}", tiles.faults);
    let address = serve(&log.tiles);
    let (served, log) = tokio::task::spawn_blocking(move || (over_http(&log, &address), log))
        .await
        .expect("no panic");
    assert!(served.is_good(), "{:?}", served.faults);
    let segments = of(&Source::Chain(log.chain.clone()), &log.kept(), ALL);
    assert!(segments.is_good(), "{:?}", segments.faults);
    for report in [&tiles, &served, &segments] {
        assert_eq!((report.summary.entries, report.summary.proved), (size, size));
        assert_eq!(report.beyond, 0);
        assert_eq!(report.summary.accepted, segments.summary.accepted);
        assert_eq!(report.summary.signatures, segments.summary.signatures);
    }
    assert!(segments.summary.signatures > size);

    // A node's directory with its tiles in it: they are held against the segments.
    fs::remove_dir_all(log.chain.join("tiles")).expect("it is there");
    fs::rename(&log.tiles, log.chain.join("tiles")).expect("moved");
    let whole = of(&Source::Chain(log.chain.clone()), &log.kept(), ALL);
    assert!(whole.is_good(), "{:?}", whole.faults);
    let bundle = log.chain.join("tiles/tile/entries/000");
    let mut bytes = fs::read(&bundle).expect("it is there");
    bytes[2] ^= 1;
    fs::write(&bundle, bytes).expect("written");
    let whole = of(&Source::Chain(log.chain.clone()), &log.kept(), STRUCTURE);
    // And the partial bundles of earlier sizes are no longer how it begins.
    assert_eq!(kinds(&whole), [(0, "tile"); 3], "{:?}", whole.faults);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_missing_or_does_not_belong_is_named_and_the_rest_still_checked() {
    let log = Log::write().await;
    let size = log.size();
    let tile =
        |kind, index| Tile::in_log(kind, index, size).expect("a tile of the log").to_string();
    let rest = tile(TileKind::Entries, 1);
    let leaves = tile(TileKind::Hashes { level: 0 }, 1);
    for (path, expected) in [
        ("tile/entries/000", 0),
        (&rest, 256),
        ("tile/0/000", 0),
        (&leaves, 256),
        ("tile/1/000.p/1", 0),
    ] {
        let path = log.tiles.join(path);
        let aside = log.scratch("aside");
        fs::rename(&path, &aside).expect("moved");
        let report = log.verify_tiles(STRUCTURE);
        fs::rename(&aside, &path).expect("moved");
        assert!(kinds(&report).contains(&(expected, "tile")), "{path:?}: {:?}", report.faults);
        // The hashes beside it lead to the signed root all the same.
        assert_eq!(report.summary.proved, size, "{path:?}");
    }
    for stray in [
        "tile/0/1",
        "tile/0/x000/001",
        "tile/entries/notes.txt",
        "tile/9/001",
        "tile/entries/x999/x999/x999/999",
    ] {
        let path = log.tiles.join(stray);
        fs::create_dir_all(path.parent().expect("below it")).expect("made");
        fs::write(&path, [0; 32]).expect("written");
        let report = log.verify_tiles(STRUCTURE);
        fs::remove_file(&path).expect("removed");
        assert_eq!(report.fault_count, 1, "{stray}: {:?}", report.faults);
        assert!(report.faults[0].what.contains(stray), "{stray}: {:?}", report.faults);
    }
    // Tiles that are built and not under a checkpoint yet.
    let earlier = fs::read(log.tiles.join("checkpoints/256")).expect("it is there");
    fs::write(log.tiles.join("checkpoint"), earlier).expect("written");
    fs::remove_file(log.tiles.join(format!("checkpoints/{size}"))).expect("removed");
    let report = log.verify_tiles(STRUCTURE);
    assert!(report.is_good(), "{:?}", report.faults);
    assert_eq!((report.summary.entries, report.summary.proved), (size, 256));
    assert_eq!(report.beyond, size - 256);
    let mut bytes = fs::read(log.tiles.join(&leaves)).expect("it is there");
    bytes[40] ^= 1;
    fs::write(log.tiles.join(&leaves), bytes).expect("written");
    assert_eq!(kinds(&log.verify_tiles(STRUCTURE)), [(256, "tile")]);

    let (none, log) = tokio::task::spawn_blocking(move || {
        let nobody = Source::find("http://127.0.0.1:1").expect("an address");
        let none = verify(&nobody[0], &log.kept(), STRUCTURE, &mut |_| (), &|_, _| {});
        (none, log)
    })
    .await
    .expect("no panic");
    assert!(matches!(none, Err(VerifyError::Http { .. })), "{none:?}");
    assert!(matches!(Source::find("https://example.org"), Err(VerifyError::NoSource { .. })));
    let nowhere = log.scratch("nowhere");
    assert!(Source::find(nowhere.to_str().expect("a path")).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_signed_two_histories_is_shown_to_have_with_evidence_that_convinces_others() {
    let log = Log::write().await;
    let hidden =
        |size| Checkpoint::new(log.vkey.name(), size, Hash([9; 32])).expect("a checkpoint");
    for size in [100, 200, log.size()] {
        let since = vec![log.sign(&hidden(size))];
        let report =
            of(&Source::Tiles(log.tiles.clone()), &Kept { since, ..log.kept() }, STRUCTURE);
        let said: Vec<_> = kinds(&report).into_iter().map(|(_, kind)| kind).collect();
        assert_eq!(said, ["root", "two-histories"], "{:?}", report.faults);
        assert!(report.faults[1].what.starts_with("the log signed two histories"));
        let file = report.two_histories[0].to_string();
        let proved = verify_proof(file.as_bytes(), &log.vkey, &[]).expect("evidence");
        let Proved::TwoHistories { earlier, later } = proved else { panic!("{proved:?}") };
        assert!([&earlier, &later].iter().any(|said| said.root() == Hash([9; 32])));
    }
    // One that the log still has to reach is no contradiction, and not kept either.
    let since = vec![log.sign(&hidden(log.size() + 7))];
    let report = of(&Source::Tiles(log.tiles.clone()), &Kept { since, ..log.kept() }, STRUCTURE);
    assert_eq!(kinds(&report), [(log.size(), "missing")]);
    // One that another key signed is not this log's.
    let mut foreign = Note::new(hidden(100).to_string()).expect("a text");
    let other =
        granary_log::note::SignerKey::new(log.vkey.name(), SigningKey::from_bytes(&[77; 32]));
    foreign.sign_with(&other.expect("a name"));
    let kept = Kept { since: vec![foreign], ..log.kept() };
    let refused =
        verify(&Source::Tiles(log.tiles.clone()), &kept, STRUCTURE, &mut |_| (), &|_, _| {});
    assert!(matches!(refused, Err(VerifyError::Since(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_required_witness_must_have_cosigned_and_rightly() {
    let log = Log::write().await;
    let witness = |seed: u8| {
        let name = format!("witness-{seed}.example.org");
        CosignerKey::new(&name, SigningKey::from_bytes(&[seed; 32])).expect("a good name")
    };
    let (bank, absent) = (witness(51), witness(52));
    let path = log.tiles.join("checkpoints/256");
    let mut note = Note::parse(&fs::read(&path).expect("it is there")).expect("a note");
    note.add(bank.cosign(note.text(), 1_764_000_000));
    fs::write(&path, note.to_string()).expect("written");
    let with = |witnesses: &[&CosignerKey]| {
        let witnesses = witnesses.iter().map(|key| key.verifier().clone()).collect();
        let kept = Kept { witnesses, ..log.kept() };
        of(&Source::Tiles(log.tiles.clone()), &kept, STRUCTURE)
    };
    let report = with(&[&bank]);
    assert!(report.is_good(), "{:?}", report.faults);
    assert_eq!(report.beyond, log.size() - 256, "what the witness has not seen yet");
    assert_eq!(kinds(&with(&[&bank, &absent])), [(log.size(), "witness")]);
    // A cosignature that is not over this checkpoint.
    let other = fs::read(log.tiles.join("checkpoints/100")).expect("it is there");
    let other = Note::parse(&other).expect("a note");
    note.add(bank.cosign(other.text(), 1_764_000_000));
    fs::write(&path, note.to_string()).expect("written");
    assert_eq!(kinds(&with(&[&bank])), [(256, "checkpoint"), (log.size(), "witness")]);

    // And in a file that carries one entry's proof.
    let mut tree = Tree::new();
    log.entries.iter().for_each(|entry| tree.push(leaf_hash(entry)));
    let checkpoint =
        Checkpoint::new(log.vkey.name(), tree.size(), tree.root()).expect("a checkpoint");
    let mut note = log.sign(&checkpoint);
    note.add(bank.cosign(note.text(), 1_764_000_000));
    let path = tree.inclusion_proof(7, tree.size()).expect("in the tree");
    let file = ProofFile { extra: log.entries[7].clone(), index: 7, path, checkpoint: note };
    let proved = |witness: &CosignerKey| {
        let witness = witness.verifier().clone();
        verify_proof(file.to_string().as_bytes(), &log.vkey, &[witness]).expect("a proof file")
    };
    assert_eq!(proved(&bank), Proved::Entry { index: 7, size: log.size() });
    assert!(matches!(proved(&absent), Proved::Not { index: 7, .. }));
}
