//! The signer against its files: what it signs, what it refuses, and what a crash leaves.

use granary_log::{
    hash::{empty_root, leaf_hash},
    signature::SigningKey,
    tile::{TileBuilder, TileFile},
};

use super::*;

const ORIGIN: &str = "ledger.example.org/test-01234567";
const NODE: [u8; 16] = [9; 16];

fn key() -> SignerKey {
    SignerKey::new(ORIGIN, SigningKey::from_bytes(&[3; 32])).expect("a good name")
}

fn by_genesis() -> Grant {
    Grant { node: NODE, index: 0, size: 0, root: empty_root() }
}

/// A chain's directory with tiles of some entries, each a few bytes.
struct Log {
    dir: tempfile::TempDir,
    entries: Vec<Vec<u8>>,
}

impl Log {
    fn new(count: u32) -> Self {
        let log = Self { dir: tempfile::tempdir().expect("a directory"), entries: Vec::new() };
        fs::create_dir(log.dir.path().join("checkpoints")).expect("made");
        fs::create_dir(log.dir.path().join("signer")).expect("made");
        found(log.dir.path()).expect("written");
        log.with(count)
    }

    /// The same directory with as many entries.
    fn with(mut self, count: u32) -> Self {
        self.entries = (0..count).map(|n| n.to_be_bytes().to_vec()).collect();
        self.write_tiles();
        self
    }

    fn write_tiles(&self) {
        let write = |file: TileFile| self.tiles().write(&file.tile, &file.bytes).expect("written");
        let mut builder = TileBuilder::new();
        for entry in &self.entries {
            builder.push(entry, write).expect("short");
        }
        builder.partial().for_each(write);
    }

    fn tiles(&self) -> TileFiles {
        TileFiles::of_chain(self.dir.path())
    }

    fn tree(&self) -> Arc<RwLock<Tree>> {
        let mut tree = Tree::new();
        self.entries.iter().for_each(|entry| tree.push(leaf_hash(entry)));
        Arc::new(RwLock::new(tree))
    }

    fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    fn open_with(&self, grants: Grants) -> Result<Signer, SignerError> {
        let identity = Identity { key: key(), node: NODE, grants };
        Signer::open(self.dir.path(), identity, self.tree()).map(|(signer, _)| signer)
    }

    fn open(&self) -> Result<Signer, SignerError> {
        self.open_with(Box::new(|| Some(by_genesis())))
    }

    fn sign(&self, signer: &mut Signer) -> Result<Option<Signed>, SignerError> {
        signer.sign(&self.tiles(), self.size())
    }

    fn checkpoint(&self, size: u64) -> PathBuf {
        self.dir.path().join("checkpoints").join(size.to_string())
    }

    fn state(&self) -> PathBuf {
        self.dir.path().join("signer/last-signed")
    }
}

#[test]
fn a_checkpoint_is_signed_once_for_each_size_and_opens_with_the_log_key() {
    for count in [1, 3, 256, 257, 700] {
        let log = Log::new(count);
        let mut signer = log.open().expect("opens");
        let signed = log.sign(&mut signer).expect("signs").expect("something new");
        assert_eq!(signed.size, u64::from(count));
        let note = Note::parse(signed.note.as_bytes()).expect("a note");
        let opened = Checkpoint::open(&note, key().verifier()).expect("opens");
        assert_eq!((opened.size(), opened.root()), (signed.size, signed.root));
        assert_eq!(signed.root, log.tree().read().expect("whole").root());
        assert_eq!(log.sign(&mut signer).expect("signs"), None, "nothing new");
        let kept = newest_checkpoint(log.dir.path()).expect("reads").expect("one");
        assert_eq!(kept.0, signed.size);
    }
}

#[test]
fn the_signer_goes_on_with_the_edge_it_knows_and_with_one_read_from_tiles() {
    let mut log = Log::new(5);
    let mut signer = log.open().expect("opens");
    log.sign(&mut signer).expect("signs").expect("5");
    for (count, anew) in [(200, false), (300, true), (513, false), (1_000, true)] {
        log = log.with(count);
        if anew {
            signer = log.open().expect("opens");
        } else {
            signer.tree = log.tree();
        }
        let signed = log.sign(&mut signer).expect("signs").expect("more");
        assert_eq!(signed.root, log.tree().read().expect("whole").root(), "{count}");
    }
    assert_eq!(checkpoint_sizes(log.dir.path()).expect("reads"), [5, 200, 300, 513, 1_000]);
}

#[test]
fn a_log_that_is_shorter_or_another_than_what_was_signed_is_refused() {
    let log = Log::new(3);
    log.sign(&mut log.open().expect("opens")).expect("signs");
    let log = log.with(2);
    let refused = log.open().map(drop);
    assert!(matches!(refused, Err(SignerError::LogTooShort { size: 2, signed: 3 })));
    let mut other = log.with(4);
    other.entries[1] = b"another".to_vec();
    let refused = other.open().map(drop);
    assert!(matches!(refused, Err(SignerError::OtherHistory { signed: 3 })));
    let longer = other.with(4);
    assert_eq!(longer.open().expect("the same history, longer").signed_size(), 3);
}

/// Every byte that a checkpoint rests on and that is new since the last one.
#[test]
fn nothing_is_signed_when_a_tile_on_disk_is_not_what_was_acknowledged() {
    let sound = Log::new(300);
    let paths = ["entries/000", "entries/001.p/44", "0/000", "0/001.p/44", "1/000.p/1"];
    for path in paths {
        let path = sound.dir.path().join("tiles/tile").join(path);
        let good = fs::read(&path).expect("there");
        let last = good.len() - 1;
        for change in [
            |bytes: &mut Vec<u8>, at: usize| bytes[at] ^= 1,
            |bytes: &mut Vec<u8>, at: usize| bytes.truncate(at),
            |bytes: &mut Vec<u8>, _| bytes.push(0),
        ] {
            let mut bad = good.clone();
            change(&mut bad, last);
            fs::write(&path, &bad).expect("written");
            let refused = sound.sign(&mut sound.open().expect("opens"));
            let refused = refused.expect_err("it must not be signed");
            assert!(refused.is_worth_reopening(), "{refused}");
        }
        fs::remove_file(&path).expect("removed");
        sound.sign(&mut sound.open().expect("opens")).expect_err("a tile is missing");
        fs::write(&path, good).expect("written");
    }
    assert_eq!(checkpoint_sizes(sound.dir.path()).expect("reads"), [0_u64; 0]);
    sound.sign(&mut sound.open().expect("opens")).expect("signs").expect("all is there again");
}

#[test]
fn tiles_that_agree_with_each_other_and_not_with_what_was_acknowledged_end_the_node() {
    let mut log = Log::new(300);
    let acknowledged = log.tree();
    log.entries[299] = b"changed on its way to the disk".to_vec();
    log.write_tiles();
    let mut signer = log.open().expect("opens");
    signer.tree = acknowledged;
    let refused = log.sign(&mut signer).expect_err("it must not be signed");
    assert!(matches!(refused, SignerError::Differs { size: 300 }), "{refused}");
    assert!(!refused.is_worth_reopening() && !refused.is_wait());
}

#[test]
fn after_a_crash_between_state_and_checkpoint_the_same_checkpoint_is_signed_again() {
    let log = Log::new(3);
    let signed = log.sign(&mut log.open().expect("opens")).expect("signs").expect("new");
    fs::remove_file(log.checkpoint(3)).expect("as if it had never been written");
    let log = log.with(5);
    let again = log.open().expect("opens").latest().expect("signed again");
    assert_eq!((again.note, again.size), (signed.note, 3));
    assert!(log.checkpoint(3).exists());
}

#[test]
fn a_state_that_somebody_else_wrote_stops_the_signer() {
    let log = Log::new(3);
    let mut first = log.open().expect("opens");
    let mut second = log.open().expect("opens: the directory's lock is not the signer's matter");
    log.sign(&mut first).expect("signs").expect("new");
    let log = log.with(4);
    second.tree = log.tree();
    let refused = log.sign(&mut second).expect_err("it was overtaken");
    assert!(matches!(refused, SignerError::StateChanged { .. }), "{refused}");
    assert!(!refused.is_worth_reopening());
    assert!(!log.checkpoint(4).exists());
}

#[test]
fn only_the_node_that_the_chain_names_signs() {
    let log = Log::new(3);
    let other = Grant { node: [1; 16], ..by_genesis() };
    let shared = Arc::new(std::sync::Mutex::new(other));
    let asked = Arc::clone(&shared);
    let mut signer =
        log.open_with(Box::new(move || asked.lock().ok().map(|grant| *grant))).expect("opens");
    let set = |grant| *shared.lock().expect("whole") = grant;
    let refused = log.sign(&mut signer).expect_err("another node's right");
    assert!(refused.is_wait(), "{refused}");

    let root = log.tree().read().expect("whole").root_at(2).expect("there");
    set(Grant { node: NODE, index: 2, size: 2, root: empty_root() });
    let refused = log.sign(&mut signer).expect_err("the grant is for another history");
    assert!(matches!(refused, SignerError::GrantMisfits { size: 2, .. }), "{refused}");
    set(Grant { node: NODE, index: 2, size: 9, root });
    let refused = log.sign(&mut signer).expect_err("the other node has signed more");
    assert!(matches!(refused, SignerError::GrantMisfits { size: 9, .. }), "{refused}");
    set(Grant { node: NODE, index: 2, size: 2, root });
    log.sign(&mut signer).expect("signs").expect("new");
}

#[test]
fn a_signer_without_memory_waits_for_a_grant_that_is_newer_than_the_loss() {
    let log = Log::new(3);
    log.sign(&mut log.open().expect("opens")).expect("signs");
    fs::remove_file(log.state()).expect("lost");
    let log = log.with(5);
    let refused = log.sign(&mut log.open().expect("opens")).expect_err("what was signed?");
    assert!(matches!(refused, SignerError::StateMissing), "{refused}");

    // Told again after a restart, with a longer log: the loss was at 5 entries.
    let log = log.with(8);
    let root = log.tree().read().expect("whole").root_at(3).expect("there");
    let grant = move |index| Grant { node: NODE, index, size: 3, root };
    let mut signer = log.open_with(Box::new(move || Some(grant(4)))).expect("opens");
    log.sign(&mut signer).expect_err("a grant from before the loss says nothing");
    let mut signer = log.open_with(Box::new(move || Some(grant(6)))).expect("opens");
    assert_eq!(log.sign(&mut signer).expect("signs").expect("new").size, 8);
    assert_eq!(log.open().expect("opens").signed_size(), 8);
}

#[test]
fn a_damaged_state_is_named_and_not_forgotten() {
    let log = Log::new(1);
    for text in ["", "3", "3 abc\n", "03 0000\n"] {
        fs::write(log.state(), text).expect("written");
        assert!(matches!(log.open().map(drop), Err(SignerError::Damaged { .. })));
    }
}
