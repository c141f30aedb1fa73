//! Appending, rolling over to the next segment, and reading.

use crate::support::{ORIGIN, entries};
use crate::{STRICT, Shared, append, assert_holds, log, open, prepare, smallest, uuid};
use granary_log::chain::{ChainHead, LinkFault};
use granary_log::segment::{
    AppendError, Failure, MemoryStorage, ReadError, RecoverOptions, Scan, SegmentReader,
    SegmentSize, SegmentWriter, Storage, recover, segment_name,
};

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
