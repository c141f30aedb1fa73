//! What is wrong with a node's storage is found with its place, and mended without inventing anything.

use std::{fs, path::Path};

use granary_log::{
    entry::SealedEntry,
    segment::{RecoverOptions, Scan, SegmentWriter, recover},
    tile::{TILE_WIDTH, Tile, TileKind, encode_bundle},
};
use granary_runtime::{
    files::{DirLock, FileStorage},
    maintain::{
        Area, Examined, MaintainError, Mend, cut_damaged_tail, mend_derived, repair_segments,
    },
};

use crate::chains::{Chain, flip, segment_size, verified};

/// Entries of the chains here.
const ENTRIES: usize = 700;

fn areas(examined: &Examined) -> Vec<Area> {
    let mut areas: Vec<_> = examined.findings.iter().map(|finding| finding.area).collect();
    areas.dedup();
    areas
}

/// Zeroes a sector in the middle of what a segment holds. Which byte it begins at.
fn punch(path: &Path) -> u64 {
    let mut bytes = fs::read(path).expect("it is there");
    let written = bytes.iter().rposition(|byte| *byte != 0).expect("written to");
    let from = written / 2 / 512 * 512;
    bytes[from..from + 512].fill(0);
    fs::write(path, bytes).expect("written");
    from as u64
}

/// The bundles of a chain's entries, as a mirror of tiles has them.
fn write_bundles(entries: &[Vec<u8>], dir: &Path) {
    for (index, part) in (0..).zip(entries.chunks(usize::from(TILE_WIDTH))) {
        let width = u16::try_from(part.len()).expect("at most 256");
        let tile = Tile::new(TileKind::Entries, index, width).expect("a tile");
        let path = dir.join(tile.to_string());
        fs::create_dir_all(path.parent().expect("it has one")).expect("made");
        let bytes = encode_bundle(part.iter().map(Vec::as_slice)).expect("they fit");
        fs::write(path, bytes).expect("written");
    }
}

#[test]
fn a_hole_in_the_log_is_found_and_filled_from_another_nodes_segments_or_from_tiles() {
    let mut chain = Chain::of(ENTRIES);
    assert!(chain.examine().is_good(), "{:?}", chain.examine());
    let (entries, digest) = (chain.entries(), chain.digest());
    let mirror = chain.copy("mirror");
    let bundles = chain.beside("bundles");
    write_bundles(&chain.entries(), &bundles);
    for source in [mirror.clone(), mirror.join("chains/test/log"), bundles] {
        let hole = punch(&chain.segment(0));
        let examined = chain.examine();
        assert_eq!(areas(&examined)[0], Area::Segments, "{examined:?}");
        let finding = &examined.findings[0];
        let (offset, len) = finding.bytes.expect("a place");
        assert!(offset <= hole + 511 && hole < offset + len, "hole at {hole}: {finding:?}");
        assert_eq!(finding.mend, Mend::Source);
        assert!(chain.refusal().contains("mid-log corruption at entry"), "{}", chain.refusal());

        let repaired = repair_segments(&chain.place(), &source, segment_size(), &|_, _| {});
        let repaired = repaired.expect("the source has it");
        let taken: u64 = repaired.taken.iter().map(|range| range.end - range.start).sum();
        assert!(0 < taken && taken < entries.len() as u64 / 4, "{repaired:?}");
        assert!(chain.examine().is_good(), "{:?}", chain.examine());
        assert!(entries.iter().zip(chain.entries()).all(|(before, after)| *before == after));
        assert_eq!(chain.digest(), digest);
        assert!(verified(&chain.place()).is_good());
    }
}

#[test]
fn a_segment_that_is_missing_swapped_or_twice_is_found_and_comes_back_from_a_mirror() {
    let mut chain = Chain::of(4 * ENTRIES);
    let count = chain.entries().len();
    assert!(chain.segment(1).exists(), "it has two segments");
    let mirror = chain.copy("mirror");
    let (first, second) = (chain.segment(0), chain.segment(1));
    let aside = chain.beside("aside");
    type Break<'b> = (&'b str, Box<dyn Fn() + 'b>);
    let breaks: [Break<'_>; 3] = [
        ("missing", Box::new(|| fs::remove_file(&first).expect("removed"))),
        (
            "swapped",
            Box::new(|| {
                fs::rename(&first, &aside).expect("renamed");
                fs::rename(&second, &first).expect("renamed");
                fs::rename(&aside, &second).expect("renamed");
            }),
        ),
        ("twice", Box::new(|| assert!(fs::copy(&first, &second).is_ok()))),
    ];
    for (how, break_it) in breaks {
        break_it();
        let examined = chain.examine();
        assert!(areas(&examined).contains(&Area::Segments), "{how}: {examined:?}");
        repair_segments(&chain.place(), &mirror, segment_size(), &|_, _| {}).expect("mended");
        assert!(chain.examine().is_good(), "{how}: {:?}", chain.examine());
        assert_eq!(chain.entries().len(), count, "{how}");
    }
    chain.digest();
}

#[test]
fn nothing_is_taken_over_that_nothing_vouches_for() {
    let chain = Chain::of(ENTRIES);
    let before = chain.entries();
    // A mirror that goes on with an entry of its own, and one that has changed one in the hole.
    let longer = chain.copy("longer");
    append_forged(&longer.join("chains/test"), &before);
    let hole = punch(&chain.segment(0));
    let repaired = repair_segments(&chain.place(), &longer, segment_size(), &|_, _| {});
    let repaired = repaired.expect("the hole is filled");
    assert_eq!((repaired.size, repaired.left), (before.len() as u64, 1), "hole at {hole}");
    assert_eq!(chain.entries(), before);

    let changed = chain.beside("changed");
    let mut entries = before;
    let mut forged = granary_log::entry::Entry::decode(&entries[300]).expect("an entry");
    forged.time_ms += 1;
    entries[300] = forged.encode().expect("it fits");
    write_bundles(&entries, &changed);
    fs::write(chain.segment(0), vec![0; 4_096]).expect("the segment is gone");
    let log = fs::read_dir(chain.place().join("log")).expect("listed").count();
    let refused = repair_segments(&chain.place(), &changed, segment_size(), &|_, _| {});
    assert!(
        matches!(
            refused,
            Err(MaintainError::OtherHistory { .. } | MaintainError::StillMissing { .. })
        ),
        "{refused:?}"
    );
    assert_eq!(fs::read_dir(chain.place().join("log")).expect("listed").count(), log);
}

/// An entry behind the last that follows by its hash and that nobody signed for.
fn append_forged(place: &Path, entries: &[Vec<u8>]) {
    let key = crate::chains::vkey(place);
    let storage = FileStorage::open(&place.join("log")).expect("opened");
    let options = RecoverOptions { scan: Scan::Everything, cut_damaged_tail: false };
    let recovered = recover(&storage, key.name(), options).expect("whole");
    let mut writer = SegmentWriter::open(storage, recovered, segment_size()).expect("opened");
    let head = *writer.head();
    let last = entries.last().expect("one");
    let mut forged = granary_log::entry::Entry::decode(last).expect("an entry");
    (forged.index, forged.offset) = (head.size, head.size);
    forged.prev_leaf_hash = head.last_leaf_hash;
    let sealed: SealedEntry = forged.seal().expect("it fits");
    writer.append_group(&[sealed]).expect("it follows");
}

#[test]
fn derived_parts_are_made_anew_and_are_the_same() {
    let mut chain = Chain::of(ENTRIES);
    let digest = chain.digest();
    let place = chain.place();
    // States that don't open, and tiles that don't hold what the entries say.
    fs::write(place.join("state/db/state.redb"), b"no database").ok();
    fs::write(place.join("state/format"), b"granary-state redb 99\n").expect("written");
    write_bundles(&chain.entries(), &place.join("tiles"));
    let bundle = place.join("tiles/tile/entries/001");
    let right = fs::read(&bundle).expect("there");
    flip(&bundle, 4_000);
    let examined = chain.examine();
    assert_eq!(areas(&examined), [Area::Tiles, Area::State], "{examined:?}");
    assert!(examined.findings.iter().all(|finding| finding.mend == Mend::Derived));
    let done = mend_derived(&place, &examined).expect("mended");
    assert!(done.iter().any(|line| line.contains("state was set aside as")), "{done:?}");
    assert_eq!(fs::read(&bundle).expect("there"), right);
    assert!(chain.examine().is_good(), "{:?}", chain.examine());
    let rebuilt = granary_node::rebuild(&chain.config, Box::new(|_, _| {})).expect("rebuilt");
    assert_eq!(rebuilt.digest, digest);

    // Everything derived is gone, and so are the checkpoints: they come back from a mirror.
    let mirror = chain.copy("mirror");
    for name in ["state", "queries", "tiles", "checkpoints"] {
        fs::remove_dir_all(place.join(name)).expect("removed");
    }
    fs::create_dir(place.join("checkpoints")).expect("made");
    assert!(chain.examine().is_good(), "the signer knows what was signed");
    assert_eq!(chain.digest(), digest);
    assert!(mirror.exists());
}

#[test]
fn a_state_ahead_of_the_log_is_no_repair_but_a_loss() {
    let mut chain = Chain::of(100);
    let older = chain.copy("older");
    chain.run(|running, world| Box::pin(crate::chains::fill(running, world, 100)));
    let newer = chain.copy("newer");
    fs::remove_dir_all(chain.place().join("log")).expect("removed");
    crate::chains::copy_dir(&older.join("chains/test/log"), &chain.place().join("log"));
    let examined = chain.examine();
    let lost: Vec<_> = examined.findings.iter().filter(|f| f.what.contains("were lost")).collect();
    assert!(lost.len() >= 3 && lost.iter().all(|f| f.mend == Mend::Source), "{examined:?}");
    assert!(chain.refusal().contains("durable entries were lost"), "{}", chain.refusal());
    repair_segments(&chain.place(), &newer, segment_size(), &|_, _| {}).expect("brought back");
    assert!(chain.examine().is_good());
    chain.digest();
}

#[test]
fn a_running_node_is_not_touched() {
    let mut chain = Chain::of(10);
    let config = chain.config.clone();
    chain.run(move |_, _| {
        Box::pin(async move {
            let refused = granary_node::rebuild(&config, Box::new(|_, _| {}));
            let said = refused.expect_err("a node uses it").to_string();
            assert!(said.contains(&format!("in use by process {}", std::process::id())), "{said}");
            assert!(DirLock::acquire(&config.dir).is_err(), "which fsck takes");
        })
    });
}

#[test]
fn a_damaged_last_group_is_cut_off_only_if_nobody_was_told() {
    let chain = Chain::of(50);
    let segment = chain.segment(0);
    let bytes = fs::read(&segment).expect("there");
    let written = bytes.iter().rposition(|byte| *byte != 0).expect("written to");
    flip(&segment, (written - 200) * 8);
    let examined = chain.examine();
    assert_eq!(areas(&examined)[0], Area::Segments, "{examined:?}");
    let refused = cut_damaged_tail(&chain.place(), &examined, segment_size());
    assert!(
        matches!(refused, Err(MaintainError::TailIsKnown { how: "signed", .. })),
        "{refused:?}"
    );
    for name in ["checkpoints", "signer", "state", "queries", "tiles"] {
        fs::remove_dir_all(chain.place().join(name)).expect("removed");
    }
    let left = cut_damaged_tail(&chain.place(), &chain.examine(), segment_size()).expect("cut");
    assert_eq!(chain.entries().len() as u64, left);
    assert_eq!(areas(&chain.examine()), [Area::Signer], "what was signed is not known any more");
}

#[test]
fn a_node_without_its_signers_state_serves_and_signs_nothing() {
    let mut chain = Chain::of(50);
    let place = chain.place();
    let newest = chain.examine().size;
    fs::remove_file(place.join("signer/last-signed")).expect("removed");
    let examined = chain.examine();
    assert_eq!((examined.findings.len(), examined.findings[0].mend), (1, Mend::Grant));
    chain.run(|running, world| Box::pin(crate::chains::fill(running, world, 5)));
    let report = verified(&place);
    assert!(
        report.is_good() && report.summary.proved == newest && report.beyond == 5,
        "{report:?}"
    );
}

#[test]
fn a_signers_state_older_than_a_checkpoint_or_damaged_is_found() {
    let mut chain = Chain::of(20);
    let state = chain.place().join("signer/last-signed");
    let older = fs::read(&state).expect("there");
    chain.run(|running, world| Box::pin(crate::chains::fill(running, world, 5)));
    fs::write(&state, &older).expect("written");
    let examined = chain.examine();
    assert!(examined.findings[0].what.contains("older than what was signed"), "{examined:?}");
    fs::write(&state, [b"0", &older[..]].concat()).expect("written");
    assert!(chain.examine().findings[0].what.contains("damaged"), "{:?}", chain.examine());
}
