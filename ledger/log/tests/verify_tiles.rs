//! What an auditor finds in tiles: which of two that differ is wrong, and how far the rest still proves.

mod support;

use std::collections::BTreeMap;

use granary_log::checkpoint::Checkpoint;
use granary_log::tile::{BundleError, Tile, TileBuilder, TileKind, decode_bundle};
use granary_log::verify::{
    EntryChecker, Fault, FaultKind, Summary, TileFault, TileSource, Verifier,
};
use support::{ORIGIN, chain};

const SIZE: u64 = 600;

/// A published log: its files by their paths, and what it signed.
#[derive(Clone)]
struct Published {
    files: BTreeMap<String, Vec<u8>>,
    size: u64,
    checkpoints: Vec<Checkpoint>,
}

impl Published {
    /// The right log, with checkpoints in the middle of a tile, at its end, and at the log's.
    fn right() -> Self {
        let (mut files, mut checkpoints) = (BTreeMap::new(), Vec::new());
        let mut builder = TileBuilder::new();
        for entry in chain(SIZE) {
            let entry = entry.encode().expect("an entry that fits");
            let put = |file: granary_log::tile::TileFile| {
                files.insert(file.tile.to_string(), file.bytes);
            };
            builder.push(&entry, put).expect("an entry that fits");
            if [300, 512, SIZE].contains(&builder.size()) {
                let checkpoint = Checkpoint::new(ORIGIN, builder.size(), builder.root());
                checkpoints.push(checkpoint.expect("a checkpoint"));
            }
        }
        for file in builder.partial() {
            files.insert(file.tile.to_string(), file.bytes);
        }
        Self { files, size: SIZE, checkpoints }
    }

    fn get(&self, tile: &Tile) -> Option<&[u8]> {
        self.files.get(&tile.to_string()).map(Vec::as_slice)
    }

    /// Checks as whoever reads tiles does.
    fn faults(&self) -> (Vec<Fault>, Summary) {
        let mut faults = Vec::new();
        let mut checker = EntryChecker::new(ORIGIN, false);
        let report = |fault| faults.push(fault);
        let mut verifier = Verifier::new(ORIGIN, self.checkpoints.clone(), Some(self), report);
        for index in 0..SIZE.div_ceil(256) {
            let bundle = Tile::in_log(TileKind::Entries, index, SIZE).expect("a bundle");
            let mut checked = checker.check_bundle(&bundle, Ok(self.get(&bundle)));
            if let Ok(tile) = Tile::in_log(TileKind::Hashes { level: 0 }, index, self.size) {
                checked.compare_hashes(&tile, Ok(self.get(&tile)));
            }
            verifier.join(checked);
        }
        let summary = verifier.finish();
        assert_eq!(summary.faults, faults.len() as u64);
        (faults, summary)
    }

    fn flip(&mut self, path: &str, at: usize) {
        self.files.get_mut(path).expect("a file")[at] ^= 0x20;
    }
}

impl TileSource for Published {
    fn size(&self) -> u64 {
        self.size
    }

    fn read(&self, tile: &Tile) -> Result<Option<Vec<u8>>, String> {
        Ok(self.get(tile).map(<[u8]>::to_vec))
    }
}

const LAST: &str = "tile/entries/002.p/88";

/// Where the last byte of an entry stands in its bundle: in a signature or a digest, so that the entry is
/// still one.
fn last_byte_of(published: &Published, path: &str, position: usize) -> usize {
    let width = path.parse::<Tile>().expect("a tile").width();
    let entries = decode_bundle(&published.files[path], width).expect("right");
    entries[..=position].iter().map(|entry| 2 + entry.len()).sum::<usize>() - 1
}

#[test]
fn a_right_log_has_no_faults_at_whatever_size_its_tiles_were_published() {
    let mut published = Published::right();
    let (faults, summary) = published.faults();
    assert_eq!((faults, summary.entries, summary.proved), (Vec::new(), SIZE, SIZE));
    // Entries beyond what was published are checked; the tiles over them are not due.
    for size in [256, 512, 513] {
        let mut builder = TileBuilder::new();
        for entry in chain(size) {
            let entry = entry.encode().expect("an entry that fits");
            builder.push(&entry, |_| ()).expect("an entry that fits");
        }
        published.size = size;
        for file in builder.partial() {
            published.files.insert(file.tile.to_string(), file.bytes);
        }
        assert_eq!(published.faults().0, [], "{size}");
    }
}

#[test]
fn where_a_tile_and_its_entries_differ_the_one_that_does_not_lead_to_the_root_is_wrong() {
    let right = Published::right();
    for (position, path, tile) in
        [(7, "tile/entries/000", "tile/0/000"), (261, "tile/entries/001", "tile/0/001")]
    {
        let index: u64 = position;
        let position = u16::try_from(position % 256).expect("within a tile");
        let mut wrong = right.clone();
        wrong.flip(tile, usize::from(position) * 32);
        let what = TileFault::Hash(position);
        let kind = FaultKind::Tile { tile: tile.parse().expect("a tile"), what };
        let (faults, summary) = wrong.faults();
        assert_eq!((faults, summary.proved), (vec![Fault { index, kind }], SIZE));

        let mut wrong = right.clone();
        wrong.flip(path, last_byte_of(&right, path, position.into()));
        let (faults, summary) = wrong.faults();
        let [Fault { index: at, kind: FaultKind::EntryHash { .. } }] = faults[..] else {
            panic!("the entry alone: {faults:?}")
        };
        assert_eq!((at, summary.proved), (index, SIZE));
    }
    // In the last tile, which has none above it, the checkpoint tells.
    let mut wrong = right.clone();
    wrong.flip("tile/0/002.p/88", 33);
    assert!(matches!(
        wrong.faults().0[..],
        [Fault { index: 513, kind: FaultKind::Tile { what: TileFault::Hash(1), .. } }]
    ));
    let mut wrong = right.clone();
    wrong.flip(LAST, last_byte_of(&right, LAST, 4));
    assert!(matches!(
        wrong.faults().0[..],
        [Fault { index: 516, kind: FaultKind::EntryHash { .. } }]
    ));
}

#[test]
fn a_tile_above_is_held_against_what_is_below_it() {
    let mut wrong = Published::right();
    wrong.flip("tile/1/000.p/2", 32);
    let tile = "tile/1/000.p/2".parse().expect("a tile");
    let kind = FaultKind::Tile { tile, what: TileFault::Hash(1) };
    assert_eq!(wrong.faults().0, [Fault { index: 256, kind }]);
    for (path, what) in [
        ("tile/1/000.p/2", TileFault::Missing),
        ("tile/0/000", TileFault::Missing),
        ("tile/0/002.p/88", TileFault::Missing),
    ] {
        let mut wrong = Published::right();
        wrong.files.remove(path);
        let tile: Tile = path.parse().expect("a tile");
        let kind = FaultKind::Tile { tile, what };
        let index = if tile.index() == 2 { 512 } else { 0 };
        assert_eq!(wrong.faults().0, [Fault { index, kind }], "{path}");
        let mut wrong = Published::right();
        wrong.files.get_mut(path).expect("a file").push(0);
        let (faults, summary) = wrong.faults();
        assert!(matches!(
            faults[..],
            [Fault { kind: FaultKind::Tile { what: TileFault::Length(_), .. }, .. }]
        ));
        assert_eq!(summary.proved, SIZE);
    }
}

#[test]
fn what_is_missing_is_one_fault_and_the_rest_is_proved_by_what_is_above_it() {
    let mut wrong = Published::right();
    wrong.files.remove("tile/entries/001");
    let tile: Tile = "tile/entries/001".parse().expect("a tile");
    let missing = |tile| FaultKind::Tile { tile, what: TileFault::Missing };
    let (faults, summary) = wrong.faults();
    assert_eq!(faults, [Fault { index: 256, kind: missing(tile) }]);
    assert_eq!((summary.entries, summary.proved), (SIZE, SIZE));

    // Without its hashes too, the checkpoint within it can't be compared, and the later ones can.
    wrong.files.remove("tile/0/001");
    let hashes: Tile = "tile/0/001".parse().expect("a tile");
    let (faults, summary) = wrong.faults();
    assert_eq!(
        faults,
        [
            Fault { index: 256, kind: missing(tile) },
            Fault { index: 256, kind: missing(hashes) },
            Fault { index: 256, kind: FaultKind::Unproved { size: 300, lost: 256, count: 1 } },
        ]
    );
    assert_eq!(summary.proved, SIZE);

    let mut wrong = Published::right();
    wrong.files.remove(LAST);
    wrong.files.remove("tile/0/002.p/88");
    let (faults, summary) = wrong.faults();
    assert_eq!(faults.len(), 3);
    let kind = FaultKind::Unproved { size: 600, lost: 512, count: 1 };
    let lost = Fault { index: 512, kind };
    assert_eq!((faults.last(), summary.proved), (Some(&lost), 512));
}

#[test]
fn a_bundle_cut_short_or_too_long_is_named_with_the_first_entry_that_is_lost() {
    let right = Published::right();
    let whole = right.files["tile/entries/000"].clone();
    let end_of = |position| last_byte_of(&right, "tile/entries/000", position) + 1;
    for (bytes, index) in [
        (whole[..end_of(9) + 20].to_vec(), 10),
        (whole[..end_of(9)].to_vec(), 10),
        ([&whole[..], &[0]].concat(), 255),
    ] {
        let mut wrong = right.clone();
        wrong.files.insert("tile/entries/000".to_owned(), bytes);
        let (faults, summary) = wrong.faults();
        assert!(
            matches!(
                faults[..],
                [Fault {
                    index: at,
                    kind: FaultKind::Tile { what: TileFault::Bundle(BundleError::Wire(_)), .. }
                }] if at == index
            ),
            "{faults:?}"
        );
        assert_eq!(summary.proved, SIZE, "the hashes are all there");
    }
}
