//! Crashes at any moment, in any shape.

use std::cell::RefCell;
use std::rc::Rc;

use crate::support::{ORIGIN, entries};
use crate::{
    STRICT, Shared, append, assert_holds, difference, find_in, goes_on, log, open, prepare,
    smallest, three_segments,
};
use granary_log::entry::SealedEntry;
use granary_log::segment::{
    AppendError, Failure, Loss, MemoryStorage, RecoverError, SegmentWriter, Storage, recover,
    segment_name,
};
use proptest::prelude::*;

#[test]
fn what_was_acknowledged_survives_the_loss_of_everything_unsynced() {
    let (writer, all) = log(&[&[10, 20], &[4000], &[1, 2, 3]]);
    let mut storage = writer.into_storage();
    storage.crash(Loss::Everything);
    let recovered = recover(&storage, ORIGIN, STRICT).unwrap();
    assert_eq!(recovered.cut, None);
    assert_holds(&storage, &recovered, &all);
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
}
