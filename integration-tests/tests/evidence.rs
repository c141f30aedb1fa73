//! Whatever is done to a chain's evidence is found, without a server, and said with an index.

use std::{
    fs,
    path::{Path, PathBuf},
};

use granary_book::{chain::ClockKind, parties::Role, vocabulary::Id};
use granary_integration_tests::{Running, Trade, World, config, found};
use granary_log::{
    entry::{Entry, EventBytes, ItemOutcome, Outcome},
    hash::Hash,
    note::VerifierKey,
    segment::{RecoverOptions, Scan, SegmentReader, SegmentSize, SegmentWriter, recover},
};
use granary_runtime::{
    chain::{chain_dir, read_vkey},
    files::FileStorage,
    store::StoreKind,
    time::unix_ms,
    verify::{Checks, Report, verify_directory},
};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};

/// Statements that only make the chain longer.
const FILLERS: usize = 250;
/// Flips in the written part of the segments.
const FLIPS: usize = 200;
/// Flips in the zeros behind it.
const TAIL_FLIPS: usize = 8;
/// The size of the segments, as the tests' configuration says.
const SEGMENT_BYTES: u64 = 1 << 20;

const ALL: Checks = Checks { signatures: true, replay: true };
const STRUCTURE: Checks = Checks { signatures: false, replay: false };

/// A chain that was closed in good order, and its log's key as an auditor keeps it.
struct Closed {
    place: PathBuf,
    vkey: VerifierKey,
    size: u64,
    _dir: tempfile::TempDir,
}

impl Closed {
    /// Goods, receipts, and a few hundred registrations.
    async fn chain() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let config = config(dir.path(), StoreKind::Redb);
        let founded = found(&config, ClockKind::Wall, unix_ms());
        let running = Running::start(&config).await;
        let mut world = World::new(&running, &founded, 0);
        let mut trade = Trade::open(&mut world, "GARLIC").await;
        trade.receipt(&mut world, 20_000_000).await;
        for n in 0..FILLERS {
            world.register(&[(format!("Buyer {n}"), Role::Buyer)]).await;
        }
        let size = running.chain.states.book.head().size;
        drop(world);
        running.stop().await;
        let place = chain_dir(dir.path(), "test");
        let vkey = read_vkey(&place).expect("a key");
        Self { place, vkey, size, _dir: dir }
    }

    fn verify(&self, checks: Checks) -> Report {
        verify_directory(&self.place, Some(&self.vkey), checks, &|_, _| {})
            .expect("the directory can be read")
    }

    fn entries(&self) -> Vec<Entry> {
        let storage = FileStorage::read_only(&self.place.join("log"));
        let recovered = recover(&storage, self.vkey.name(), everything()).expect("whole");
        SegmentReader::new(&storage, &recovered.index, 0, self.size)
            .map(|stored| Entry::decode(&stored.expect("whole").bytes).expect("an entry"))
            .collect()
    }

    /// Writes the log anew, as somebody would who has the whole machine and not the log's key: indexes,
    /// offsets and hashes all fit.
    fn forge(&self, mut entries: Vec<Entry>) {
        // Tiles would be made anew to fit; without them a directory is as a node leaves it that has none yet.
        let tiles = self.place.join("tiles");
        if tiles.exists() {
            fs::remove_dir_all(&tiles).expect("removed");
        }
        let dir = self.place.join("log");
        fs::remove_dir_all(&dir).expect("it is there");
        let storage = FileStorage::open(&dir).expect("a directory");
        let recovered = recover(&storage, self.vkey.name(), everything()).expect("nothing yet");
        let size = SegmentSize::new(SEGMENT_BYTES).expect("a size");
        let mut writer = SegmentWriter::open(storage, recovered, size).expect("opens");
        let mut before: Option<Hash> = None;
        for (index, entry) in (0..).zip(&mut entries) {
            (entry.index, entry.offset) = (index, index);
            entry.prev_leaf_hash = before.unwrap_or(entry.prev_leaf_hash);
            let sealed = entry.seal().expect("an entry of the right size");
            before = Some(sealed.leaf_hash());
            writer.prepare_next([9; 16]).expect("room");
            writer.append_group(&[sealed]).expect("it follows");
        }
    }
}

const fn everything() -> RecoverOptions {
    RecoverOptions { scan: Scan::Everything, cut_damaged_tail: false }
}

/// Numbers that are the same in every run.
struct Dice(TestRunner);

impl Dice {
    fn new() -> Self {
        Self(TestRunner::deterministic())
    }

    fn below(&mut self, end: usize) -> usize {
        (0..end).new_tree(&mut self.0).expect("a number").current()
    }
}

/// Flips bits of one byte of a file for as long as `look` looks.
fn flipped<T>(path: &Path, at: usize, bits: u8, look: impl FnOnce() -> T) -> T {
    let right = fs::read(path).expect("it is there");
    let mut wrong = right.clone();
    wrong[at] ^= bits;
    fs::write(path, wrong).expect("it can be written");
    let seen = look();
    fs::write(path, right).expect("it can be written");
    seen
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let names = fs::read_dir(dir).expect("it is there");
    let mut files: Vec<_> = names.map(|entry| entry.expect("a name").path()).collect();
    files.sort();
    files
}

#[track_caller]
fn assert_found(closed: &Closed, report: &Report, what: &str) {
    let first = report.faults.first().unwrap_or_else(|| panic!("{what} was not found"));
    assert!(first.index <= closed.size && !first.what.is_empty(), "{what}: {first:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_byte_of_the_evidence_is_flipped_it_is_found() {
    let closed = Closed::chain().await;
    let report = closed.verify(ALL);
    assert!(report.is_good(), "{:?}", report.faults);
    assert_eq!((report.summary.entries, report.beyond), (closed.size, 0));
    assert!(report.checkpoints > 0 && closed.size > FILLERS as u64);
    let mut dice = Dice::new();
    flip_segments(&closed, &mut dice);
    flip_checkpoints(&closed, &mut dice);
    flip_key(&closed);
    assert!(closed.verify(ALL).is_good(), "all put right again");
}

fn flip_segments(closed: &Closed, dice: &mut Dice) {
    let (mut flips, mut tails) = (0, 0);
    for path in files(&closed.place.join("log")) {
        let bytes = fs::read(&path).expect("it is there");
        let Some(last) = bytes.iter().rposition(|byte| *byte != 0) else { continue };
        let mut places: Vec<usize> = (0..FLIPS).map(|_| dice.below(last + 1)).collect();
        // The ends, where mistakes live: magic, header, the last group's frame and commit.
        places.extend([0, 4, 5, 12, 26, last, last - 60, last - 90]);
        for at in places {
            let bits = 1 << dice.below(8);
            let report = flipped(&path, at, bits, || closed.verify(STRUCTURE));
            assert_found(closed, &report, &format!("byte {at} of {}", path.display()));
            flips += 1;
        }
        // Nothing depends on the zeros behind the last group: they are where the next one goes, and a node
        // takes what stands there without a commit for an interrupted write, which it cuts off.
        for _ in 0..TAIL_FLIPS {
            let at = last + 64 + dice.below(bytes.len() - last - 64);
            let report = flipped(&path, at, 0x55, || closed.verify(STRUCTURE));
            assert!(report.is_good(), "byte {at} holds nothing: {:?}", report.faults);
            tails += 1;
        }
    }
    assert!(flips >= FLIPS && tails >= TAIL_FLIPS, "segments were there");
    eprintln!("{flips} flips of written bytes found, {tails} of unused zeros without consequence");
}

fn flip_checkpoints(closed: &Closed, dice: &mut Dice) {
    for path in files(&closed.place.join("checkpoints")) {
        let len = fs::metadata(&path).expect("it is there").len();
        let len = usize::try_from(len).expect("a small file");
        let mut places: Vec<usize> = (0..20).map(|_| dice.below(len)).collect();
        places.extend([0, len - 1]);
        for at in places {
            let bits = 1 << dice.below(8);
            let report = flipped(&path, at, bits, || closed.verify(STRUCTURE));
            assert_found(closed, &report, &format!("byte {at} of {}", path.display()));
        }
    }
}

/// Every byte of the directory's own copy of the key, for an auditor who keeps one and for one who doesn't.
/// The line feed at its end says nothing.
fn flip_key(closed: &Closed) {
    let path = closed.place.join("vkey");
    let key = fs::read_to_string(&path).expect("it is there");
    for at in 0..key.trim_end().len() {
        for kept in [Some(&closed.vkey), None] {
            let report = flipped(&path, at, 1, || {
                verify_directory(&closed.place, kept, STRUCTURE, &|_, _| {}).expect("it runs")
            });
            assert_found(closed, &report, &format!("byte {at} of the key, kept: {kept:?}"));
        }
    }
}

/// The faults that an auditor finds with nothing but the directory and the log's key, and whether they are
/// the signed checkpoints'.
#[track_caller]
fn assert_found_by_checkpoint(closed: &Closed, forgery: &str) {
    let report = closed.verify(STRUCTURE);
    assert_found(closed, &report, forgery);
    let by_checkpoint = |what: &str| what.contains("the log signed");
    assert!(
        report.faults.iter().all(|found| by_checkpoint(&found.what)),
        "{forgery}: all but the signed roots was made to fit: {:?}",
        report.faults
    );
    eprintln!("{forgery}: entry {}, {}", report.faults[0].index, report.faults[0].what);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_forged_with_all_its_hashes_is_found_through_what_was_signed() {
    let closed = Closed::chain().await;
    let right = closed.entries();
    let middle = right.len() / 2;

    closed.forge(right.clone());
    let report = closed.verify(ALL);
    assert!(report.is_good(), "the forger's tools write a right log rightly: {:?}", report.faults);

    let mut entries = right.clone();
    entries.remove(middle);
    closed.forge(entries);
    assert_found_by_checkpoint(&closed, "one entry removed");

    let mut entries = right.clone();
    let times = (entries[middle].time_ms, entries[middle + 1].time_ms);
    entries.swap(middle, middle + 1);
    (entries[middle].time_ms, entries[middle + 1].time_ms) = times;
    closed.forge(entries);
    assert_found_by_checkpoint(&closed, "two entries swapped");

    let mut entries = right;
    let Outcome::Accepted(items) = &mut entries[middle].result.outcome else {
        panic!("fillers are accepted")
    };
    let [ItemOutcome::Events(events)] = items.as_mut_slice() else { panic!("one command") };
    let event = EventBytes { type_name: events[0].type_name.clone(), body: other_name(&events[0]) };
    events[0] = event;
    closed.forge(entries);
    assert_found_by_checkpoint(&closed, "a result changed");

    // And without any checkpoint, by the rules: they give another result.
    let report = closed.verify(ALL);
    assert!(report.faults.iter().any(|found| found.index == middle as u64), "{:?}", report.faults);
}

/// The registration of another name.
fn other_name(event: &EventBytes) -> Vec<u8> {
    use granary_book::{parties::PartyRegistered, wire::Message};
    let mut registered = PartyRegistered::decode(&event.body).expect("a filler");
    assert_ne!(registered.party.to_bytes(), [0; 16]);
    registered.name = "Somebody Else".parse().expect("a label");
    registered.encode()
}
