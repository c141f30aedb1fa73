//! A bit flips anywhere among the published files.

use std::{env, fs, path::Path};

use granary_log::tile::{Tile, TileKind, decode_bundle};
use granary_runtime::verify::Report;
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};

use crate::log::{Log, PUBLISHED, STRUCTURE, files};

/// Flips in the short form; `GRANARY_FLIPS` says how many in the long one.
const FLIPS: usize = 1_000;

/// Numbers that are the same in every run.
struct Dice(TestRunner);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        (0..end).new_tree(&mut self.0).expect("a number").current()
    }
}

/// Where a flip must show: at an entry, in a tile, or at a checkpoint's size.
#[derive(Debug)]
struct Place {
    index: u64,
    kind: &'static str,
    /// What must be named.
    names: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_bit_of_the_published_log_is_flipped_it_is_found_where_it_is() {
    let log = Log::write().await;
    assert!(log.verify_tiles(STRUCTURE).is_good());
    let flips = env::var("GRANARY_FLIPS").ok().and_then(|text| text.parse().ok()).unwrap_or(FLIPS);
    let files: Vec<_> = files(&log.tiles)
        .into_iter()
        .map(|path| (fs::read(&path).expect("it is there"), path))
        .collect();
    let mut dice = Dice(TestRunner::deterministic());
    let mut unused = 0;
    for flip in 0..flips {
        // Every file as often as another: most bytes lie in two of them.
        let (bytes, path) = &files[flip % files.len()];
        let at = dice.below(bytes.len());
        let mut wrong = bytes.clone();
        wrong[at] ^= 1 << dice.below(8);
        let name = path.strip_prefix(&log.tiles).expect("below it").to_str().expect("a name");
        fs::write(path, &wrong).expect("written");
        let report = log.verify_tiles(STRUCTURE);
        fs::write(path, bytes).expect("written");
        let what = format!("byte {at} of {name}");
        match place(&log, name, bytes, at) {
            Some(place) => assert_found_at(&report, &place, &what),
            // The line feed behind the key: `vkey` says the same without it, and with a space there.
            None => {
                let is_key = name == "vkey" && at == bytes.len() - 1;
                assert!(is_key, "{what} is a byte that something depends on");
                unused += 1;
            }
        }
    }
    assert!(log.verify_tiles(STRUCTURE).is_good(), "all put right again");
    eprintln!("{flips} flips: {} found where they are, {unused} behind the key", flips - unused);
}

#[track_caller]
fn assert_found_at(report: &Report, place: &Place, what: &str) {
    let found = report.faults.iter().find(|found| {
        found.index == place.index && found.kind == place.kind && found.what.contains(&place.names)
    });
    assert!(found.is_some(), "{what} is wrong at {place:?}, and found was {:#?}", report.faults);
}

/// Where a byte's change must be found.
fn place(log: &Log, name: &str, bytes: &[u8], at: usize) -> Option<Place> {
    let Ok(tile) = name.parse::<Tile>() else { return place_of_note(log, name, bytes, at) };
    let size = log.size();
    let start = tile.index() * 256;
    let in_use = Tile::in_log(tile.kind(), tile.index(), size) == Ok(tile);
    Some(match tile.kind() {
        // Of an earlier size: it no longer is how the present one begins.
        _ if !in_use => {
            let level = if let TileKind::Hashes { level } = tile.kind() { level } else { 0 };
            Place { index: start << (8 * level), kind: "tile", names: tile.to_string() }
        }
        TileKind::Entries => {
            let entries = decode_bundle(bytes, tile.width()).expect("it was right");
            let mut end = 0;
            let within = |entry: &&[u8]| {
                end += 2 + entry.len();
                at < end
            };
            let position = entries.iter().position(within).expect("within an entry") as u64;
            let hashes = Tile::in_log(TileKind::Hashes { level: 0 }, tile.index(), size);
            let names = hashes.expect("as long as the log").to_string();
            Place { index: start + position, kind: "entry-hash", names }
        }
        TileKind::Hashes { level } => {
            let index = (start + at as u64 / 32) << (8 * level);
            Place { index, kind: "tile", names: tile.to_string() }
        }
    })
}

fn place_of_note(log: &Log, name: &str, bytes: &[u8], at: usize) -> Option<Place> {
    let names = "does not open".to_owned();
    match name {
        "checkpoint" => Some(Place { index: 0, kind: "checkpoint", names }),
        "vkey" => {
            (at < bytes.len() - 1).then(|| Place { index: 0, kind: "key", names: String::new() })
        }
        _ => {
            let size = Path::new(name).file_name().expect("a name").to_str().expect("a size");
            let size: u64 = size.parse().expect("a size");
            assert!(PUBLISHED.contains(&size) || size == log.size());
            Some(Place { index: size, kind: "checkpoint", names })
        }
    }
}
