//! Segments: nothing acknowledged is lost, whatever happens to the machine; and what decays is
//! found, and never cut off.

#![expect(clippy::unwrap_used, reason = "a helper that fails, fails its test")]

mod support;

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use granary_log::chain::{ChainHead, LinkFault};
use granary_log::entry::SealedEntry;
use granary_log::segment::{
    AppendError, Contradiction, Failure, Loss, MemoryStorage, ReadError, RecoverError,
    RecoverOptions, Recovered, Scan, SegmentReader, SegmentSize, SegmentWriter, Storage, recover,
    segment_name,
};
use granary_log::tree::CompactRange;
use proptest::prelude::*;
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

#[test]
fn a_group_takes_one_write_and_one_sync() {
    let (mut writer, _) = log(&[&[10]]);
    let before = (writer.storage().writes(), writer.storage().syncs());
    let group = entries(&mut writer.head().clone(), &[100, 2000, 30]);
    let appended = writer.append_group(&group).unwrap();
    assert_eq!(appended.size, 4);
    assert_eq!(appended.root, writer.range().root());
    assert_eq!((writer.storage().writes(), writer.storage().syncs()), (before.0 + 1, before.1 + 1));
    writer.append_group(&[]).unwrap();
    assert_eq!(writer.storage().writes(), before.0 + 1, "an empty group writes nothing");
}

#[test]
fn what_was_acknowledged_survives_the_loss_of_everything_unsynced() {
    let (writer, all) = log(&[&[10, 20], &[4000], &[1, 2, 3]]);
    let mut storage = writer.into_storage();
    storage.crash(Loss::Everything);
    let recovered = recover(&storage, ORIGIN, STRICT).unwrap();
    assert_eq!(recovered.cut, None);
    assert_holds(&storage, &recovered, &all);
}

#[test]
fn an_empty_log_is_recovered_as_one() {
    let mut storage = MemoryStorage::new();
    assert_holds(&storage, &recover(&storage, ORIGIN, STRICT).unwrap(), &[]);
    storage.create("notes.txt", 10).unwrap();
    storage.create(&segment_name(0), 5000).unwrap();
    let recovered = recover(&storage, ORIGIN, STRICT).unwrap();
    assert_holds(&storage, &recovered, &[]);
    assert_eq!(recovered.index.position(0), None);
    let mut writer = open(storage);
    append(&mut writer, &[5]);
    assert_eq!(writer.storage().list().unwrap(), [&segment_name(0), "notes.txt"]);
}

#[test]
fn a_log_goes_on_in_the_next_segment_and_is_read_from_any_entry() {
    let mut writer = open(MemoryStorage::new());
    let mut all = Vec::new();
    for n in 0..120 {
        all.extend(append(&mut writer, &vec![200 + n; 1 + n % 17]));
    }
    assert!(writer.index().segments().count() > 2);
    let size = all.len() as u64;
    for scan in [Scan::Everything, Scan::LastSegment] {
        let storage = writer.storage();
        let recovered =
            recover(storage, ORIGIN, RecoverOptions { scan, cut_damaged_tail: false }).unwrap();
        assert_holds(storage, &recovered, &all);
        assert_eq!(&recovered.head, writer.head());
        for index in [&recovered.index, writer.index()] {
            for from in 0..size {
                let until = size.min(from + 70);
                let read: Vec<_> = SegmentReader::new(storage, index, from, until)
                    .map(|entry| entry.unwrap())
                    .collect();
                let place = usize::try_from(from).unwrap();
                let expected = &all[place..usize::try_from(until).unwrap()];
                assert_eq!(read.len(), expected.len());
                for (read, expected) in read.iter().zip(expected) {
                    assert_eq!((read.index, &read.bytes[..]), (expected.index(), expected.bytes()));
                }
            }
        }
    }
    let mut writer = open(writer.into_storage());
    all.extend(append(&mut writer, &[1]));
    let recovered = recover(writer.storage(), ORIGIN, STRICT).unwrap();
    assert_holds(writer.storage(), &recovered, &all);
}

/// The group in flight is on the disk up to any byte: what was acknowledged before is there, and
/// the group is there whole or not at all.
#[test]
fn a_group_cut_off_at_any_byte_is_taken_off_and_the_log_goes_on() {
    for first in [true, false] {
        let (mut writer, mut before) = if first { log(&[]) } else { log(&[&[10, 600], &[30]]) };
        prepare(&mut writer);
        let group = entries(&mut writer.head().clone(), &[5, 700, 3]);
        let mut torn = writer.storage().clone();
        writer.append_group(&group).unwrap();
        let whole = writer.storage().clone();
        // The same write, not synced.
        let (name, start, bytes) = difference(&torn, &whole);
        torn.write_at(&name, start as u64, &bytes).unwrap();
        for len in 0..=bytes.len() {
            let mut storage = torn.clone();
            storage.crash(Loss::After { bytes: len });
            let recovered = recover(&storage, ORIGIN, STRICT)
                .unwrap_or_else(|error| panic!("{len} of {} bytes: {error}", bytes.len()));
            if len == bytes.len() {
                assert_holds(&storage, &recovered, &[&before[..], &group].concat());
                continue;
            }
            assert_holds(&storage, &recovered, &before);
            // A header stays when it is whole; alone it is no torn group.
            let header_stays = first && recovered.index.segments().count() == 1;
            let header_len = writer.index().position(0).unwrap().offset;
            let cut_from = if header_stays { header_len } else { start as u64 };
            let nothing = len == 0 || (header_stays && len as u64 <= header_len);
            assert_eq!(recovered.cut.is_none(), nothing, "{len} bytes");
            if let Some(cut) = &recovered.cut {
                assert_eq!((cut.first_index, cut.offset), (before.len() as u64, cut_from));
            }
            if len % 7 == 0 {
                goes_on(storage, &mut before.clone());
            }
        }
        before.clear();
    }
}

/// The group in flight is on the disk in any combination of sectors.
#[test]
fn a_group_with_sectors_missing_is_taken_off_and_the_log_goes_on() {
    let (mut writer, before) = log(&[&[10, 600], &[30]]);
    for lens in [vec![5, 700, 3], vec![4000], vec![900; 9], vec![1]] {
        let mut writer_before = writer.storage().clone();
        let group = entries(&mut writer.head().clone(), &lens);
        let mut on = open(writer_before.clone());
        on.append_group(&group).unwrap();
        let (name, start, bytes) = difference(&writer_before, on.storage());
        writer_before.write_at(&name, start as u64, &bytes).unwrap();
        let (mut whole, mut none) = (0, 0);
        for seed in 0..60 {
            let mut storage = writer_before.clone();
            storage.crash(Loss::Sectors { seed });
            let recovered = recover(&storage, ORIGIN, STRICT)
                .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            let mut all = before.clone();
            if recovered.head.size == before.len() as u64 {
                none += 1;
            } else {
                whole += 1;
                all.extend_from_slice(&group);
            }
            assert_holds(&storage, &recovered, &all);
            goes_on(storage, &mut all);
        }
        assert!(none > 0 && whole + none == 60);
    }
    append(&mut writer, &[1]);
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

#[test]
fn a_crash_while_the_torn_tail_is_taken_off_does_no_harm() {
    let (writer, before) = log(&[&[10, 600], &[30]]);
    let mut storage = writer.into_storage();
    let group = entries(&mut open(storage.clone()).head().clone(), &[700; 8]);
    let mut on = open(storage.clone());
    on.append_group(&group).unwrap();
    let (name, start, bytes) = difference(&storage, on.storage());
    storage.write_at(&name, start as u64, &bytes).unwrap();
    storage.crash(Loss::Sectors { seed: 3 });
    let torn = recover(&storage, ORIGIN, STRICT).unwrap().cut.unwrap();
    for seed in 0..100 {
        let mut storage = storage.clone();
        let zeros = vec![0; usize::try_from(torn.len).unwrap()];
        storage.write_at(&name, torn.offset, &zeros).unwrap();
        storage.crash(Loss::Sectors { seed });
        let recovered = recover(&storage, ORIGIN, STRICT).unwrap();
        assert_holds(&storage, &recovered, &before);
        goes_on(storage, &mut before.clone());
    }
}

#[test]
fn every_flipped_bit_is_found_or_changes_nothing() {
    let (writer, all) = log(&[&[10], &[300, 20], &[30]]);
    let last_group_first = 3;
    let storage = writer.into_storage();
    let (_, start, bytes) = {
        let mut blank = MemoryStorage::new();
        blank.create(&segment_name(0), SegmentSize::MIN).unwrap();
        difference(&blank, &storage)
    };
    let mut found = [0; 3];
    for bit in start * 8..(start + bytes.len()) * 8 {
        let mut damaged = storage.clone();
        damaged.flip(&segment_name(0), bit).unwrap();
        match recover(&damaged, ORIGIN, STRICT) {
            Err(RecoverError::MidLogCorruption { index, .. }) => {
                assert!(index <= last_group_first, "bit {bit}");
                found[0] += 1;
            }
            Err(RecoverError::DamagedTail { index, .. }) => {
                assert!(index >= last_group_first, "bit {bit}");
                found[1] += 1;
            }
            // A byte that was the only one in its sector, and had one bit.
            Ok(recovered) => {
                assert_eq!(
                    recovered.cut.as_ref().map(|cut| cut.first_index),
                    Some(last_group_first)
                );
                assert_holds(&damaged, &recovered, &all[..3]);
                found[2] += 1;
            }
            Err(other) => panic!("bit {bit}: {other}"),
        }
    }
    assert!(found[0] > 0 && found[1] > 0 && found[2] <= 8, "{found:?}");
}

#[test]
fn a_hole_before_the_tail_is_corruption_with_its_place() {
    let (writer, _) = log(&[&[10], &[600, 700], &[30], &[40]]);
    let place = writer.index().position(0).unwrap().offset;
    let mut storage = writer.into_storage();
    // Entry 1 begins behind entry 0 and its COMMIT; its second sector is zeroed.
    storage.overwrite(&segment_name(0), 1024, &[0; 512]).unwrap();
    match recover(&storage, ORIGIN, STRICT) {
        Err(error @ RecoverError::MidLogCorruption { index: 1 | 2, offset, .. }) => {
            assert!(offset > place && offset < 1536);
            let said = error.to_string();
            assert!(said.contains("mid-log corruption at entry") && said.contains("restore"));
        }
        other => panic!("{other:?}"),
    }
    let cutting = RecoverOptions { scan: Scan::Everything, cut_damaged_tail: true };
    assert!(
        matches!(recover(&storage, ORIGIN, cutting), Err(RecoverError::MidLogCorruption { .. })),
        "not even an operator has acknowledged entries cut off from the middle"
    );
}

#[test]
fn a_damaged_last_group_is_cut_off_only_when_an_operator_says_so() {
    let (writer, all) = log(&[&[10], &[300, 20]]);
    let mut storage = writer.into_storage();
    let place = find(&storage, all[2].bytes());
    storage.flip(&segment_name(0), (place + 60) * 8).unwrap();
    match recover(&storage, ORIGIN, STRICT) {
        Err(RecoverError::DamagedTail { index: 2, .. }) => {}
        other => panic!("{other:?}"),
    }
    let cutting = RecoverOptions { scan: Scan::Everything, cut_damaged_tail: true };
    let recovered = recover(&storage, ORIGIN, cutting).unwrap();
    assert_holds(&storage, &recovered, &all[..1]);
    let writer = SegmentWriter::open(storage, recovered, smallest()).unwrap();
    goes_on(writer.into_storage(), &mut all[..1].to_vec());
}

fn find(storage: &MemoryStorage, bytes: &[u8]) -> usize {
    let file = storage.read_at(&segment_name(0), 0, usize::MAX).unwrap();
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

#[test]
fn a_segment_missing_swapped_or_twice_is_noticed() {
    let (storage, _) = three_segments();
    for scan in [Scan::Everything, Scan::LastSegment] {
        let options = RecoverOptions { scan, cut_damaged_tail: false };
        let broken = |change: &dyn Fn(&mut MemoryStorage)| {
            let mut storage = storage.clone();
            change(&mut storage);
            recover(&storage, ORIGIN, options).unwrap_err()
        };
        let missing = broken(&|storage| storage.remove(&segment_name(1)).unwrap());
        assert!(matches!(missing, RecoverError::Missing { name } if name == segment_name(1)));
        let contradicts = |error: RecoverError| {
            matches!(error, RecoverError::Contradiction { what: Contradiction::Header, .. })
        };
        assert!(contradicts(broken(&|storage| {
            storage.rename(&segment_name(1), "aside").unwrap();
            storage.rename(&segment_name(2), &segment_name(1)).unwrap();
            storage.rename("aside", &segment_name(2)).unwrap();
        })));
        assert!(contradicts(broken(&|storage| {
            storage.rename(&segment_name(1), &segment_name(0)).unwrap();
            storage.rename(&segment_name(2), &segment_name(1)).unwrap();
        })));
    }
}

#[test]
fn damage_in_an_earlier_segment_is_found_by_a_full_scan_or_when_it_is_read() {
    let (mut storage, all) = three_segments();
    let place = find(&storage, all[2].bytes());
    storage.flip(&segment_name(0), (place + 100) * 8).unwrap();
    assert!(matches!(
        recover(&storage, ORIGIN, STRICT),
        Err(RecoverError::MidLogCorruption { index: 2, .. })
    ));
    let quick = RecoverOptions { scan: Scan::LastSegment, cut_damaged_tail: false };
    let recovered = recover(&storage, ORIGIN, quick).unwrap();
    let read: Vec<_> =
        SegmentReader::new(&storage, &recovered.index, 0, recovered.head.size).collect();
    assert_eq!(read.len(), 3, "the reader ends at the damage");
    assert!(matches!(&read[2], Err(ReadError::Damaged { index: 2, .. })));
}

#[test]
fn the_last_segment_torn_to_nothing_is_taken_off_only_if_the_one_before_is_whole() {
    let (mut storage, all) = three_segments();
    let index = recover(&storage, ORIGIN, STRICT).unwrap().index;
    let third = usize::try_from(index.segments().nth(2).unwrap().1).unwrap();
    // The header's first sector never reached the disk, and groups follow: it was there once.
    storage.overwrite(&segment_name(2), 0, &[0; 512]).unwrap();
    assert!(matches!(
        recover(&storage, ORIGIN, STRICT),
        Err(RecoverError::MidLogCorruption { index, .. }) if index == third as u64
    ));
    // Nothing but pieces of the first group: it was in flight.
    storage.overwrite(&segment_name(2), 512, &vec![0; 100_000]).unwrap();
    storage.overwrite(&segment_name(2), 600, b"something was written").unwrap();
    let recovered = recover(&storage, ORIGIN, STRICT).unwrap();
    assert_holds(&storage, &recovered, &all[..third]);
    assert_eq!(recovered.cut.as_ref().map(|cut| cut.first_index), Some(third as u64));
    goes_on(storage.clone(), &mut all[..third].to_vec());

    let place = find_in(&storage, 1, all[third - 1].bytes());
    storage.flip(&segment_name(1), (place + 70) * 8).unwrap();
    assert!(matches!(
        recover(&storage, ORIGIN, STRICT),
        Err(RecoverError::MidLogCorruption { index, .. }) if index == third as u64 - 1
    ));
}

fn find_in(storage: &MemoryStorage, ordinal: u64, bytes: &[u8]) -> usize {
    let file = storage.read_at(&segment_name(ordinal), 0, usize::MAX).unwrap();
    file.windows(bytes.len()).position(|window| window == bytes).unwrap()
}

#[test]
fn segments_of_another_log_are_not_opened() {
    let (writer, _) = log(&[&[10]]);
    let error = recover(writer.storage(), "grain.example.org/rice-00000000", STRICT).unwrap_err();
    assert!(matches!(&error, RecoverError::OtherOrigin { found, .. } if found == ORIGIN));
    assert!(error.to_string().contains("right directory"));
    assert!(matches!(
        recover(writer.storage(), &"x".repeat(256), STRICT),
        Err(RecoverError::Origin(_))
    ));
}

#[test]
fn a_newer_format_is_refused_with_the_version_that_is_needed() {
    let (writer, _) = log(&[&[10]]);
    let mut storage = writer.into_storage();
    let name = segment_name(0);
    let mut header = storage.read_at(&name, 0, 400).unwrap();
    let len = u32::from_be_bytes(header[8..12].try_into().unwrap()) as usize;
    header.truncate(24 + len);
    header[24..26].copy_from_slice(&7_u16.to_be_bytes());
    let covered = [&header[..12], &header[16..], &header[26..42]].concat();
    header[12..16].copy_from_slice(&crc32c::crc32c(&covered).to_be_bytes());
    storage.overwrite(&name, 0, &header).unwrap();
    let error = recover(&storage, ORIGIN, STRICT).unwrap_err();
    assert!(matches!(error, RecoverError::NewerFormat { found: 7, known: 1, .. }), "{error}");
}

#[test]
fn without_room_for_a_segment_the_log_stops_writing_and_goes_on_when_there_is_room() {
    let mut writer = open(MemoryStorage::new());
    let group = entries(&mut writer.head().clone(), &[10]);
    assert!(matches!(writer.append_group(&group), Err(AppendError::NoSegmentPrepared)));
    let mut storage = writer.into_storage();
    storage.fail_next(Failure::Create);
    let mut writer = open(storage);
    let uuid = uuid(&writer);
    assert!(writer.prepare_next(uuid).unwrap_err().to_string().contains("cannot create"));
    assert!(matches!(writer.append_group(&group), Err(AppendError::NoSegmentPrepared)));
    writer.prepare_next(uuid).unwrap();
    assert_eq!(writer.append_group(&group).unwrap().size, 1);
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

#[test]
fn a_segment_made_elsewhere_is_taken_over() {
    let mut files = Shared::default();
    let recovered = recover(&files, ORIGIN, STRICT).unwrap();
    let mut writer = SegmentWriter::open(files.clone(), recovered, smallest()).unwrap();
    assert!(writer.adopt_next([1; 16]).is_err(), "it is not there yet");
    let next = writer.next_segment().unwrap();
    files.create(&next.name, next.size).unwrap();
    writer.adopt_next([1; 16]).unwrap();
    assert_eq!(writer.next_segment(), None);
    let group = entries(&mut writer.head().clone(), &[10]);
    writer.append_group(&group).unwrap();
    assert_eq!(writer.next_segment().unwrap().name, segment_name(1));
}

#[test]
fn after_a_failed_write_or_sync_nothing_more_is_written() {
    for failure in [Failure::Write, Failure::Sync] {
        let (writer, before) = log(&[&[10]]);
        let files = Shared(Rc::new(RefCell::new(writer.into_storage())));
        let recovered = recover(&files, ORIGIN, STRICT).unwrap();
        let mut writer = SegmentWriter::open(files.clone(), recovered, smallest()).unwrap();
        files.0.borrow_mut().fail_next(failure);
        let group = entries(&mut writer.head().clone(), &[20]);
        assert!(matches!(writer.append_group(&group), Err(AppendError::Storage(_))));
        assert!(matches!(writer.append_group(&group), Err(AppendError::Stopped)));
        assert_eq!(writer.head().size, 1);
        let mut storage = files.0.take();
        storage.crash(Loss::Everything);
        assert_holds(&storage, &recover(&storage, ORIGIN, STRICT).unwrap(), &before);
    }
}

#[test]
fn a_log_whose_end_cannot_be_made_durable_is_not_opened() {
    let (writer, _) = log(&[&[10]]);
    let mut storage = writer.into_storage();
    storage.fail_next(Failure::Sync);
    let recovered = recover(&storage, ORIGIN, STRICT).unwrap();
    let error = SegmentWriter::open(storage, recovered, smallest()).unwrap_err();
    assert_eq!(error.to_string(), "cannot sync 0000000000.segment");
}

#[test]
fn a_group_that_does_not_follow_is_not_written() {
    let (mut writer, _) = log(&[&[10, 20]]);
    let mut head = *writer.head();
    let [first, second] = &entries(&mut head, &[1, 2])[..] else { unreachable!() };
    let writes = writer.storage().writes();
    let refused = writer.append_group(std::slice::from_ref(second)).unwrap_err();
    assert!(matches!(refused, AppendError::Link(LinkFault::Index { expected: 2, found: 3 })));
    let other = entries(&mut ChainHead { size: 2, ..ChainHead::genesis("other") }, &[1]);
    assert!(matches!(
        writer.append_group(&other),
        Err(AppendError::Link(LinkFault::PrevLeafHash { .. }))
    ));
    let twice = [first.clone(), first.clone()];
    assert!(matches!(writer.append_group(&twice), Err(AppendError::Link(LinkFault::Index { .. }))));
    assert_eq!(writer.storage().writes(), writes);
    assert_eq!(writer.head().size, 2);
}

#[test]
fn a_group_beyond_a_segment_is_refused_and_may_be_sent_in_parts() {
    let (mut writer, _) = log(&[&[10]]);
    prepare(&mut writer);
    let group = entries(&mut writer.head().clone(), &[16_000; 9]);
    assert!(matches!(
        writer.append_group(&group),
        Err(AppendError::TooLarge { len, max }) if len > max && max < SegmentSize::MIN
    ));
    for part in group.chunks(3) {
        prepare(&mut writer);
        writer.append_group(part).unwrap();
    }
    assert_eq!(writer.head().size, 10);
}

#[test]
fn nothing_is_read_beyond_the_end() {
    let (writer, _) = log(&[&[10, 20]]);
    let mut reader = SegmentReader::new(writer.storage(), writer.index(), 1, 5);
    assert!(reader.next().unwrap().is_ok());
    assert!(matches!(reader.next(), Some(Err(ReadError::Damaged { index: 2, .. }))));
    assert!(reader.next().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Groups, crashes and reopenings in any order: what was acknowledged is there.
    #[test]
    fn any_history_of_groups_and_crashes_loses_nothing_acknowledged(
        steps in prop::collection::vec(
            (prop::collection::vec(0usize..3000, 1..6), any::<Option<u64>>()), 1..12,
        ),
    ) {
        let mut storage = MemoryStorage::new();
        let mut all: Vec<SealedEntry> = Vec::new();
        for (lens, crash) in steps {
            let mut writer = open(storage);
            prop_assert_eq!(writer.head().size, all.len() as u64);
            all.extend(append(&mut writer, &lens));
            let mut before = writer.storage().clone();
            storage = match crash {
                None => writer.into_storage(),
                // The machine goes down with a further group in flight.
                Some(seed) => {
                    prepare(&mut writer);
                    let unacknowledged = entries(&mut writer.head().clone(), &lens);
                    let segments = writer.index().segments().count();
                    writer.append_group(&unacknowledged).unwrap();
                    if writer.index().segments().count() == segments {
                        let (name, start, bytes) = difference(&before, writer.storage());
                        before.write_at(&name, start as u64, &bytes).unwrap();
                        before.crash(Loss::Sectors { seed });
                        let recovered = recover(&before, ORIGIN, STRICT).unwrap();
                        if recovered.head.size > all.len() as u64 {
                            all.extend(unacknowledged);
                        }
                        before
                    } else {
                        all.extend(unacknowledged);
                        writer.into_storage()
                    }
                }
            };
            let recovered = recover(&storage, ORIGIN, STRICT).unwrap();
            assert_holds(&storage, &recovered, &all);
        }
    }

    /// Whatever a file holds, recovery says so and does not panic.
    #[test]
    fn any_bytes_are_recovered_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..3000),
        offset in 0usize..3000,
    ) {
        let (writer, _) = log(&[&[10, 600], &[30]]);
        let mut storage = writer.into_storage();
        storage.overwrite(&segment_name(0), offset, &bytes).unwrap();
        let _ = recover(&storage, ORIGIN, STRICT);
        let mut alone = MemoryStorage::new();
        alone.create(&segment_name(0), 3000).unwrap();
        alone.overwrite(&segment_name(0), 0, &bytes).unwrap();
        prop_assert_ne!(recover(&alone, ORIGIN, STRICT).map_or(0, |found| found.head.size), 1);
    }
}
