//! Segments: nothing acknowledged is lost, whatever happens to the machine; and what decays is
//! found, and never cut off.

#![expect(clippy::unwrap_used, reason = "a helper that fails, fails its test")]

mod append;
mod crash;
mod decay;
#[path = "../support/mod.rs"]
mod support;

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use granary_log::chain::ChainHead;
use granary_log::entry::SealedEntry;
use granary_log::segment::{
    Loss, MemoryStorage, RecoverOptions, Recovered, Scan, SegmentReader, SegmentSize,
    SegmentWriter, Storage, recover, segment_name,
};
use granary_log::tree::CompactRange;
use support::{ORIGIN, entries};

const STRICT: RecoverOptions = RecoverOptions { scan: Scan::Everything, cut_damaged_tail: false };

type Writer = SegmentWriter<MemoryStorage>;

fn smallest() -> SegmentSize {
    SegmentSize::new(SegmentSize::MIN).unwrap()
}

fn open(storage: MemoryStorage) -> Writer {
    let recovered = recover(&storage, ORIGIN, STRICT).unwrap();
    SegmentWriter::open(storage, recovered, smallest()).unwrap()
}

/// A uuid for each segment.
fn uuid(writer: &Writer) -> [u8; 16] {
    let mut uuid = [0xA5; 16];
    uuid[..10].copy_from_slice(&writer.next_segment().unwrap().name.as_bytes()[..10]);
    uuid
}

fn prepare(writer: &mut Writer) {
    if writer.next_segment().is_some() {
        let uuid = uuid(writer);
        writer.prepare_next(uuid).unwrap();
    }
}

fn append(writer: &mut Writer, event_lens: &[usize]) -> Vec<SealedEntry> {
    prepare(writer);
    let group = entries(&mut writer.head().clone(), event_lens);
    writer.append_group(&group).unwrap();
    group
}

/// A log of these groups.
fn log(groups: &[&[usize]]) -> (Writer, Vec<SealedEntry>) {
    let mut writer = open(MemoryStorage::new());
    let all = groups.iter().flat_map(|group| append(&mut writer, group)).collect();
    (writer, all)
}

fn read(storage: &MemoryStorage, recovered: &Recovered) -> Vec<Vec<u8>> {
    SegmentReader::new(storage, &recovered.index, 0, recovered.head.size)
        .map(|entry| entry.unwrap().bytes)
        .collect()
}

/// Asserts that the log is exactly these entries.
fn assert_holds(storage: &MemoryStorage, recovered: &Recovered, expected: &[SealedEntry]) {
    assert_eq!(recovered.head.size, expected.len() as u64);
    let bytes: Vec<_> = expected.iter().map(|entry| entry.bytes().to_vec()).collect();
    assert!(read(storage, recovered) == bytes, "other entries than were written");
    let mut range = CompactRange::new();
    expected.iter().for_each(|entry| range.push(entry.leaf_hash()));
    assert_eq!(recovered.range, range);
    let last = expected.last().map(SealedEntry::leaf_hash);
    assert_eq!(
        last.unwrap_or(ChainHead::genesis(ORIGIN).last_leaf_hash),
        recovered.head.last_leaf_hash
    );
}

/// The log is opened, appended to, crashes once more while it is, and still holds everything.
fn goes_on(storage: MemoryStorage, all: &mut Vec<SealedEntry>) {
    let mut writer = open(storage);
    all.extend(append(&mut writer, &[40, 50]));
    let mut storage = writer.into_storage();
    storage.crash(Loss::Everything);
    let recovered = recover(&storage, ORIGIN, STRICT).unwrap();
    assert_eq!(recovered.cut, None, "a torn tail is taken off for good");
    assert_holds(&storage, &recovered, all);
}

/// Where two states of the files differ: the file, the place, and the bytes in the second.
fn difference(a: &MemoryStorage, b: &MemoryStorage) -> (String, usize, Vec<u8>) {
    for name in b.list().unwrap() {
        let len = usize::try_from(b.len(&name).unwrap()).unwrap();
        let (a, b) = (a.read_at(&name, 0, len).unwrap(), b.read_at(&name, 0, len).unwrap());
        if a != b {
            let start = a.iter().zip(&b).position(|(a, b)| a != b).unwrap();
            let end = a.iter().zip(&b).rposition(|(a, b)| a != b).unwrap();
            return (name, start, b[start..=end].to_vec());
        }
    }
    panic!("the files are the same");
}

fn find_in(storage: &MemoryStorage, ordinal: u64, bytes: &[u8]) -> usize {
    let file = storage.read_at(&segment_name(ordinal), 0, usize::MAX).unwrap();
    file.windows(bytes.len()).position(|window| window == bytes).unwrap()
}

/// A log of three segments.
fn three_segments() -> (MemoryStorage, Vec<SealedEntry>) {
    let mut writer = open(MemoryStorage::new());
    let mut all = Vec::new();
    while writer.index().segments().count() < 3 {
        all.extend(append(&mut writer, &[9000, 9000]));
    }
    all.extend(append(&mut writer, &[1]));
    // Opened again, it has no empty segment behind.
    (open(writer.into_storage()).into_storage(), all)
}

/// Files that others can reach too.
#[derive(Clone, Default)]
struct Shared(Rc<RefCell<MemoryStorage>>);

impl Storage for Shared {
    fn list(&self) -> io::Result<Vec<String>> {
        self.0.borrow().list()
    }
    fn create(&mut self, name: &str, size: u64) -> io::Result<()> {
        self.0.borrow_mut().create(name, size)
    }
    fn write_at(&mut self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.borrow_mut().write_at(name, offset, bytes)
    }
    fn read_at(&self, name: &str, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        self.0.borrow().read_at(name, offset, len)
    }
    fn sync_data(&mut self, name: &str) -> io::Result<()> {
        self.0.borrow_mut().sync_data(name)
    }
    fn len(&self, name: &str) -> io::Result<u64> {
        self.0.borrow().len(name)
    }
    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.0.borrow_mut().remove(name)
    }
}
