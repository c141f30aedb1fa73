//! Decay, and files that are not what they should be.

use crate::support::ORIGIN;
use crate::{STRICT, assert_holds, difference, goes_on, log, smallest, three_segments};
use granary_log::segment::{
    Contradiction, MemoryStorage, ReadError, RecoverError, RecoverOptions, Scan, SegmentReader,
    SegmentSize, SegmentWriter, Storage, recover, segment_name,
};
use proptest::prelude::*;

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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

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
