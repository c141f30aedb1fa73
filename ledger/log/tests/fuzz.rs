//! Every decoder over a small corpus that is changed at random: it never panics, and what it reads it
//! writes back as it was. The corpus is `testdata` and what the crate makes of it.
//!
//! `GRANARY_MUTATIONS=n` changes each decoder's corpus n times (20,000 when not set), with the seed
//! `GRANARY_SEED`; an input that goes wrong is printed.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::str::FromStr;
use std::{env, fs};

use granary_log::barrier;
use granary_log::chain::ChainHead;
use granary_log::checkpoint::Checkpoint;
use granary_log::entry::{Entry, EntryLink, SealedEntry};
use granary_log::note::{Note, VerifierKey};
use granary_log::proof_file::ProofFile;
use granary_log::segment::{
    MemoryStorage, RecoverOptions, Scan, SegmentSize, SegmentWriter, Storage, Survey, recover,
    segment_name,
};
use granary_log::statement::{OverQuota, Statement};
use granary_log::tile::{Tile, TileKind, decode_bundle, encode_bundle};

const ORIGIN: &str = "grain.example.org/rice-0badcafe";

/// Numbers that look random: SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let n = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        n ^ (n >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).expect("below a length")
    }

    fn byte(&mut self) -> u8 {
        self.next().to_be_bytes()[0]
    }
}

/// Changes an input in one to four places, as fuzzers do.
fn mutate(random: &mut Random, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = corpus[random.below(corpus.len())].clone();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let len = random.below(9).min(bytes.len() - at);
        match random.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            1 if at < bytes.len() => bytes[at] = random.byte(),
            // Lengths and counts: what decoders trip over.
            2 if at < bytes.len() => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
            3 => drop(bytes.drain(at..at + len)),
            4 => bytes.insert(at, random.byte()),
            5 => {
                let part = bytes[at..at + len].to_vec();
                let to = random.below(bytes.len() + 1);
                bytes.splice(to..to, part);
            }
            6 => bytes.truncate(at),
            _ => {
                let other = &corpus[random.below(corpus.len())];
                let from = random.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
        }
    }
    bytes
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text}")))
}

/// Changes a corpus over and over. `decode` gives what it read, written back; nothing if it refused.
fn fuzz(corpus: &[Vec<u8>], share: u64, decode: impl Fn(&[u8]) -> Option<Vec<u8>>) {
    let seed = number("GRANARY_SEED").unwrap_or(1);
    let mut random = Random(seed);
    for good in corpus {
        assert_eq!(decode(good).as_ref(), Some(good), "the corpus is read");
    }
    let mut read = 0;
    for n in 0..number("GRANARY_MUTATIONS").unwrap_or(20_000) / share {
        let input = mutate(&mut random, corpus);
        let decoded = catch_unwind(AssertUnwindSafe(|| decode(&input)));
        let decoded = decoded.unwrap_or_else(|_| {
            panic!("GRANARY_SEED={seed}, mutation {n}: it panicked on {}", hex::encode(&input))
        });
        if let Some(written) = decoded {
            read += 1;
            let same = written == input;
            assert!(same, "GRANARY_SEED={seed}, mutation {n}: {}", hex::encode(&input));
        }
    }
    eprintln!("{read} were read");
}

fn file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn from_hex(name: &str) -> Vec<u8> {
    let text = String::from_utf8(file(name)).expect("text");
    hex::decode(text.replace('\n', "")).expect("hex digits")
}

fn entries() -> Vec<Vec<u8>> {
    ["genesis", "accepted", "refused", "duplicate", "unreadable", "over_quota"]
        .map(|name| from_hex(&format!("entry_{name}.hex")))
        .to_vec()
}

fn text<T: FromStr + Display>(bytes: &[u8]) -> Option<Vec<u8>> {
    let read: T = std::str::from_utf8(bytes).ok()?.parse().ok()?;
    Some(read.to_string().into_bytes())
}

#[test]
fn entries_are_read_or_refused() {
    fuzz(&entries(), 1, |bytes| {
        let entry = Entry::decode(bytes);
        // The quick reading of an entry's head takes whatever the whole one takes.
        let link = EntryLink::decode(bytes);
        assert!(entry.is_err() || link.is_ok());
        entry.ok().map(|entry| entry.encode().expect("it was read"))
    });
}

#[test]
fn statements_are_read_or_refused() {
    let corpus = ["statement.hex", "statement_batch.hex"].map(from_hex);
    fuzz(&corpus, 1, |bytes| {
        Statement::decode(bytes).ok().map(|statement| statement.encode().expect("it was read"))
    });
    let short: Vec<Vec<u8>> =
        corpus.iter().map(|bytes| OverQuota::encode(bytes).expect("a statement")).collect();
    fuzz(&short, 1, |bytes| OverQuota::decode(bytes).ok().map(|_| bytes.to_vec()));
}

#[test]
fn notes_and_checkpoints_are_read_or_refused() {
    let note = file("checkpoint.txt");
    fuzz(std::slice::from_ref(&note), 1, |bytes| {
        Note::parse(bytes).ok().map(|note| note.to_string().into_bytes())
    });
    let checkpoint = Note::parse(&note).expect("a note").text().as_bytes().to_vec();
    fuzz(&[checkpoint], 1, text::<Checkpoint>);
}

#[test]
fn verifier_keys_are_read_or_refused() {
    let keys = String::from_utf8(file("keys.txt")).expect("text");
    let corpus: Vec<Vec<u8>> = keys
        .split_whitespace()
        .filter(|word| word.parse::<VerifierKey>().is_ok())
        .map(|word| word.as_bytes().to_vec())
        .collect();
    fuzz(&corpus, 1, text::<VerifierKey>);
}

#[test]
fn proof_files_are_read_or_refused() {
    fuzz(&[file("entry_accepted.tlog-proof")], 1, |bytes| {
        ProofFile::parse(bytes).ok().map(|file| file.to_string().into_bytes())
    });
}

#[test]
fn bundles_and_tile_paths_are_read_or_refused() {
    let entries = entries();
    let bundle = encode_bundle(entries.iter().map(Vec::as_slice)).expect("they fit");
    fuzz(&[bundle], 1, |bytes| {
        let read = decode_bundle(bytes, 6).ok()?;
        Some(encode_bundle(read).expect("they fit"))
    });
    let tile = |kind, index, width| Tile::new(kind, index, width).expect("a tile");
    let paths = [
        tile(TileKind::Entries, 1_234_067, 256),
        tile(TileKind::Hashes { level: 0 }, 0, 1),
        tile(TileKind::Hashes { level: 63 }, 999_999, 255),
    ];
    fuzz(&paths.map(|path| path.to_string().into_bytes()), 1, text::<Tile>);
}

#[test]
fn barriers_are_read_or_refused() {
    let corpus = [barrier::encode([7; 16]).to_vec()];
    fuzz(&corpus, 1, |bytes| Some(barrier::encode(barrier::decode(bytes)?).to_vec()));
}

/// A segment's frames, as a file that anything may have happened to.
#[test]
fn frames_are_read_or_refused() {
    let size = SegmentSize::new(SegmentSize::MIN).expect("the smallest");
    let options = RecoverOptions { scan: Scan::Everything, cut_damaged_tail: false };
    let recovered = recover(&MemoryStorage::new(), ORIGIN, options).expect("an empty log");
    let mut writer = SegmentWriter::open(MemoryStorage::new(), recovered, size).expect("opened");
    writer.prepare_next([7; 16]).expect("there is room");
    let mut head = ChainHead::genesis(ORIGIN);
    let group: Vec<SealedEntry> = entries()
        .into_iter()
        .map(|bytes| SealedEntry::from_bytes(bytes).expect("an entry"))
        .take_while(|entry| head.advance(&entry.link(), entry.leaf_hash()).is_ok())
        .collect();
    writer.append_group(&group).expect("they follow");
    let name = segment_name(0);
    let storage = writer.into_storage();
    let whole = storage.read_at(&name, 0, usize::MAX).expect("read");
    let used = whole.iter().rposition(|byte| *byte != 0).expect("written to") + 1;
    fuzz(&[whole[..used].to_vec()], 40, |bytes| {
        let mut storage = MemoryStorage::new();
        storage.create(&name, (bytes.len() + 200) as u64).expect("new");
        storage.overwrite(&name, 0, bytes).expect("within");
        let found = recover(&storage, ORIGIN, options);
        let surveyed = Survey::new(&storage, ORIGIN).expect("in memory").count();
        assert!(surveyed <= bytes.len());
        // Only what was written is ever taken for whole.
        let is_whole = found.is_ok_and(|found| found.head.size == group.len() as u64);
        assert!(!is_whole || bytes.starts_with(&whole[..used]));
        is_whole.then(|| bytes.to_vec())
    });
}
