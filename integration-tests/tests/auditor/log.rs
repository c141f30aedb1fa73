//! A real log in the form in which the world reads it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use granary_book::{chain::ClockKind, parties::Role};
use granary_integration_tests::{Running, Trade, World, config, found};
use granary_log::{
    checkpoint::Checkpoint,
    note::{Note, SignerKey, VerifierKey},
    segment::{RecoverOptions, Scan, SegmentReader, recover},
    signature::SigningKey,
    tile::{TileBuilder, TileFile},
};
use granary_runtime::{
    chain::{chain_dir, read_vkey},
    files::FileStorage,
    store::StoreKind,
    time::unix_ms,
    verify::{Checks, Found, Kept, Report, Source, verify},
};

/// Statements that only make the chain longer: more than a tile's worth.
const FILLERS: usize = 300;

/// The fifth secret of a founding is the log's.
const LOG_SEED: [u8; 32] = [5; 32];

/// The sizes at which the tiles were published, besides the last.
pub(crate) const PUBLISHED: [u64; 3] = [1, 100, 256];

pub(crate) const ALL: Checks = Checks { signatures: true, replay: true };
pub(crate) const STRUCTURE: Checks = Checks { signatures: false, replay: false };

/// A chain that was closed in good order, and its tiles with `checkpoint`, `checkpoints` and `vkey` beside
/// them.
pub(crate) struct Log {
    /// The chain's directory.
    pub(crate) chain: PathBuf,
    /// The tiles' directory.
    pub(crate) tiles: PathBuf,
    pub(crate) vkey: VerifierKey,
    pub(crate) key: SignerKey,
    pub(crate) entries: Vec<Vec<u8>>,
    dir: tempfile::TempDir,
}

impl Log {
    /// Goods, a receipt, and a few hundred registrations.
    pub(crate) async fn write() -> Self {
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
        drop(world);
        running.stop().await;
        let chain = chain_dir(dir.path(), "test");
        let vkey = read_vkey(&chain).expect("a key");
        let key = SigningKey::from_bytes(&LOG_SEED);
        let key = SignerKey::new(vkey.name(), key).expect("the log's name");
        assert_eq!(*key.verifier(), vkey);
        let entries = read(&chain, &vkey);
        let log = Self { chain, tiles: dir.path().join("export"), vkey, key, entries, dir };
        log.export();
        log
    }

    /// Writes the tiles as they were published at every size, and what was signed.
    fn export(&self) {
        fs::create_dir_all(self.tiles.join("checkpoints")).expect("made");
        let mut builder = TileBuilder::new();
        for entry in &self.entries {
            builder.push(entry, |file| self.put(&file)).expect("an entry that fits");
            let size = builder.size();
            if PUBLISHED.contains(&size) || size == self.size() {
                builder.partial().for_each(|file| self.put(&file));
                let checkpoint = Checkpoint::new(self.vkey.name(), size, builder.root());
                let note = self.sign(&checkpoint.expect("a checkpoint")).to_string();
                self.write_file(&format!("checkpoints/{size}"), note.as_bytes());
                self.write_file("checkpoint", note.as_bytes());
            }
        }
        self.write_file("vkey", format!("{}\n", self.vkey).as_bytes());
    }

    fn put(&self, file: &TileFile) {
        self.write_file(&file.tile.to_string(), &file.bytes);
    }

    fn write_file(&self, path: &str, bytes: &[u8]) {
        let path = self.tiles.join(path);
        fs::create_dir_all(path.parent().expect("below the directory")).expect("made");
        fs::write(path, bytes).expect("written");
    }

    pub(crate) fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    /// What the log signs, also what it should not.
    pub(crate) fn sign(&self, checkpoint: &Checkpoint) -> Note {
        checkpoint.sign(&self.key).expect("its key")
    }

    pub(crate) fn kept(&self) -> Kept {
        Kept { vkey: Some(self.vkey.clone()), ..Kept::default() }
    }

    /// Verifies the tiles with the key that the auditor keeps.
    pub(crate) fn verify_tiles(&self, checks: Checks) -> Report {
        of(&Source::Tiles(self.tiles.clone()), &self.kept(), checks)
    }

    /// A path of the test's own.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

/// Verifies, and holds what was told against what is reported.
pub(crate) fn of(source: &Source, kept: &Kept, checks: Checks) -> Report {
    let mut told: Vec<Found> = Vec::new();
    let report = verify(source, kept, checks, &mut |found| told.push(found.clone()), &|_, _| {})
        .expect("runs");
    assert_eq!(told.len() as u64, report.fault_count);
    told.sort_by_key(|found| found.index);
    assert_eq!(told, report.faults);
    report
}

fn read(chain: &Path, vkey: &VerifierKey) -> Vec<Vec<u8>> {
    let storage = FileStorage::read_only(&chain.join("log"));
    let options = RecoverOptions { scan: Scan::Everything, cut_damaged_tail: false };
    let recovered = recover(&storage, vkey.name(), options).expect("whole");
    SegmentReader::new(&storage, &recovered.index, 0, recovered.head.size)
        .map(|stored| stored.expect("whole").bytes)
        .collect()
}

/// Every file below a directory, in order.
pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("it is there") {
        let path = entry.expect("a name").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
