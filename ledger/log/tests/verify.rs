//! What an auditor finds: a log that is right, and everything that can be done to one.

mod support;

use granary_log::chain::LinkFault;
use granary_log::checkpoint::Checkpoint;
use granary_log::entry::{Entry, EventBytes, ItemOutcome, Outcome, Recorded, RefusalBytes};
use granary_log::hash::{Hash, leaf_hash};
use granary_log::tree::CompactRange;
use granary_log::verify::{Fault, FaultKind, Summary, verify};
use support::{ORIGIN, chain, statement};

const SIZE: u64 = 41;

fn bytes(entries: &[Entry]) -> Vec<Vec<u8>> {
    entries.iter().map(|entry| entry.encode().expect("an entry that fits")).collect()
}

fn checkpoint(entries: &[Vec<u8>], size: usize) -> Checkpoint {
    let mut range = CompactRange::new();
    entries[..size].iter().for_each(|entry| range.push(leaf_hash(entry)));
    Checkpoint::new(ORIGIN, range.size(), range.root()).expect("a checkpoint")
}

/// The right log, and what the log signed of it.
fn right() -> (Vec<Entry>, Vec<Checkpoint>) {
    let entries = chain(SIZE);
    let bytes = bytes(&entries);
    let checkpoints = [41, 0, 20].map(|size| checkpoint(&bytes, size)).to_vec();
    (entries, checkpoints)
}

fn faults(entries: &[Vec<u8>], checkpoints: Vec<Checkpoint>) -> (Vec<Fault>, Summary) {
    let mut faults = Vec::new();
    let summary = verify(ORIGIN, entries, checkpoints, true, |fault| faults.push(fault));
    assert_eq!(summary.faults, faults.len() as u64);
    assert!(faults.is_sorted_by_key(|fault| fault.index), "in the order of their places");
    (faults, summary)
}

/// Gives every entry the hash of the one before, as a forger with all the entries would.
fn rehash(entries: &mut [Entry]) {
    for i in 1..entries.len() {
        entries[i].prev_leaf_hash = entries[i - 1].leaf_hash().expect("an entry that fits");
    }
}

fn roots_of(faults: &[Fault]) -> Vec<(u64, u64)> {
    faults
        .iter()
        .filter_map(|fault| match fault.kind {
            FaultKind::Root { size, good, .. } => Some((size, good)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_right_log_has_no_faults() {
    let (entries, checkpoints) = right();
    let (faults, summary) = faults(&bytes(&entries), checkpoints);
    assert_eq!(faults, []);
    assert_eq!(
        summary,
        Summary {
            entries: 41,
            proved: 41,
            faults: 0,
            accepted: 9,
            refused: 8,
            duplicates: 8,
            unreadable: 8,
            over_quota: 8,
            events: 9,
            signatures: 18,
            last_time_ms: entries[40].time_ms,
        }
    );
}

#[test]
fn an_entry_removed_is_found() {
    let (entries, checkpoints) = right();
    let mut bytes = bytes(&entries);
    bytes.remove(10);
    let (faults, _) = faults(&bytes, checkpoints);
    assert_eq!(faults[0].index, 10);
    assert_eq!(faults[0].kind, FaultKind::Link(LinkFault::Index { expected: 10, found: 11 }));
    assert!(matches!(faults[1].kind, FaultKind::Link(LinkFault::PrevLeafHash { .. })));
    assert_eq!(roots_of(&faults), [(20, 0)]);
    assert_eq!(
        faults.last().map(|f| f.kind.clone()),
        Some(FaultKind::Missing { size: 41, found: 40 })
    );
}

#[test]
fn an_entry_removed_with_all_later_ones_made_to_fit_is_found() {
    let (mut entries, checkpoints) = right();
    entries.remove(30);
    for (index, entry) in (0..).zip(&mut entries) {
        entry.index = index;
    }
    rehash(&mut entries);
    let (faults, summary) = faults(&bytes(&entries), checkpoints);
    assert_eq!(
        faults.last().map(|f| f.kind.clone()),
        Some(FaultKind::Missing { size: 41, found: 40 })
    );
    assert_eq!(summary.proved, 20);
}

#[test]
fn two_entries_swapped_are_found() {
    let (entries, checkpoints) = right();
    let mut bytes = bytes(&entries);
    bytes.swap(6, 7);
    let (found, _) = faults(&bytes, checkpoints.clone());
    assert_eq!(
        found[0],
        Fault { index: 6, kind: FaultKind::Link(LinkFault::Index { expected: 6, found: 7 }) }
    );
    assert_eq!(roots_of(&found), [(20, 0), (41, 0)]);

    // Also when the forger makes everything fit.
    let (mut entries, _) = right();
    let (a, b) = (entries[6].clone(), entries[7].clone());
    entries[6] = Entry { index: 6, time_ms: a.time_ms, offset: 6, ..b.clone() };
    entries[7] = Entry { index: 7, time_ms: b.time_ms, offset: 7, ..a };
    rehash(&mut entries);
    let (found, summary) = faults(&self::bytes(&entries), checkpoints);
    assert_eq!(roots_of(&found), [(20, 0), (41, 0)]);
    assert_eq!(found.len(), 2);
    assert_eq!(summary.proved, 0);
}

#[test]
fn a_result_changed_with_all_later_hashes_computed_again_is_found() {
    let (mut entries, checkpoints) = right();
    let event = EventBytes { type_name: "granary.test.v1.Done".into(), body: b"more".to_vec() };
    entries[21].result.outcome = Outcome::Accepted(vec![ItemOutcome::Events(vec![event])]);
    rehash(&mut entries);
    let (faults, summary) = faults(&bytes(&entries), checkpoints);
    assert_eq!(faults.len(), 1, "the chain itself fits: {faults:?}");
    assert_eq!(faults[0].index, 40);
    assert_eq!(roots_of(&faults), [(41, 20)], "it lies between the two checkpoints");
    assert_eq!(summary.proved, 20);
}

#[test]
fn a_result_changed_alone_is_found_where_it_is() {
    let (mut entries, _) = right();
    entries[22].result.outcome =
        Outcome::Refused { item: 1, refusal: RefusalBytes { code: 8, facts: Vec::new() } };
    let (faults, _) = faults(&bytes(&entries), Vec::new());
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].index, 23, "the next entry follows another");
    assert!(matches!(faults[0].kind, FaultKind::Link(LinkFault::PrevLeafHash { .. })));
}

#[test]
fn every_flipped_bit_of_an_entry_is_found() {
    let (entries, checkpoints) = right();
    let good = bytes(&entries);
    for bit in 0..good[21].len() * 8 {
        let mut bytes = good.clone();
        bytes[21][bit / 8] ^= 1 << (bit % 8);
        let mut roots = 0;
        let summary = verify(ORIGIN, &bytes, checkpoints.clone(), false, |fault| {
            roots += u32::from(matches!(fault.kind, FaultKind::Root { size: 41, good: 20, .. }));
        });
        assert!(roots == 1 && summary.faults > 1, "bit {bit}");
    }
}

#[test]
fn the_check_goes_on_after_bytes_that_are_no_entry() {
    let (entries, _) = right();
    let mut bytes = bytes(&entries);
    bytes[5].truncate(50);
    bytes[30] = Vec::new();
    let (faults, summary) = faults(&bytes, Vec::new());
    let places: Vec<_> = faults.iter().map(|fault| fault.index).collect();
    assert_eq!(places, [5, 6, 30, 31]);
    assert!(matches!(faults[2].kind, FaultKind::Malformed(_)));
    assert_eq!(summary.entries, 41);
}

#[test]
fn a_forged_signature_is_found_and_one_of_a_refused_statement_does_not_count() {
    let (mut entries, _) = right();
    for (index, counts) in [(21, true), (22, false), (25, true)] {
        let (Recorded::Full(bytes) | Recorded::OverQuota(bytes)) = &mut entries[index].statement
        else {
            unreachable!()
        };
        *bytes.last_mut().expect("a signature") ^= 1;
        rehash(&mut entries);
        let (faults, _) = faults(&self::bytes(&entries), Vec::new());
        let at = index as u64;
        let expected = Fault { index: at, kind: FaultKind::Signature { number: 0 } };
        assert_eq!(faults.contains(&expected), counts, "{faults:?}");
        let summary = verify(ORIGIN, self::bytes(&entries), Vec::new(), false, |_| ());
        assert_eq!((summary.faults, summary.signatures), (0, 0));
    }
}

#[test]
fn what_the_codec_lets_pass_and_no_node_writes_is_found() {
    type Change = fn(&mut Entry);
    let table: [(usize, Change, FaultKind); 6] = [
        (
            11,
            |entry| {
                let mut other = statement(1, "granary.test.v1.Do", b"");
                other.origin = "other.example/chain".into();
                other.signatures.clear();
                other.sign_with(&support::key(1)).expect("one signature");
                entry.statement = support::accepted(&other).0;
            },
            FaultKind::OtherOrigin { found: "other.example/chain".into() },
        ),
        (
            13,
            |entry| entry.result.outcome = Outcome::Duplicate { first_index: 13 },
            FaultKind::DuplicateOfLater { first_index: 13 },
        ),
        (12, |entry| entry.offset = 11, FaultKind::Order { epoch: 0, offset: 11 }),
        (0, |entry| entry.epoch = 1, FaultKind::Genesis("not in epoch 0")),
        (0, |entry| entry.time_ms += 1, FaultKind::Genesis("log time is not the time of signing")),
        (
            0,
            |entry| entry.statement = support::accepted(&statement(3, "a", b"")).0,
            FaultKind::Genesis("another type of statement"),
        ),
    ];
    for (index, change, expected) in table {
        let (mut entries, _) = right();
        change(&mut entries[index]);
        if index == 0 {
            entries.iter_mut().for_each(|entry| entry.epoch = entries_epoch(entry));
        }
        rehash(&mut entries);
        let (faults, _) = faults(&bytes(&entries), Vec::new());
        let expected = Fault { index: index as u64, kind: expected };
        assert_eq!(faults, [expected]);
    }
}

/// Later entries stay behind a first one in a later epoch.
fn entries_epoch(entry: &Entry) -> u32 {
    entry.epoch.max(u32::from(entry.index > 0))
}

#[test]
fn a_log_cannot_fall_back_in_time() {
    let (mut entries, _) = right();
    entries[9].time_ms = entries[8].time_ms - 1;
    rehash(&mut entries);
    let (faults, _) = faults(&bytes(&entries), Vec::new());
    assert!(matches!(
        faults[..],
        [Fault { index: 9, kind: FaultKind::Link(LinkFault::TimeFell { .. }) }]
    ));
}

#[test]
fn two_signed_roots_of_one_size_are_a_fault() {
    let (entries, mut checkpoints) = right();
    checkpoints.push(Checkpoint::new(ORIGIN, 20, Hash([9; 32])).expect("a checkpoint"));
    let (faults, _) = faults(&bytes(&entries), checkpoints);
    assert_eq!(faults.len(), 2);
    assert!(matches!(faults[0].kind, FaultKind::Root { size: 20, .. }));
    assert!(matches!(faults[1].kind, FaultKind::TwoHistories { .. }));
}

#[test]
fn a_signed_root_that_a_later_signed_one_does_not_continue_is_a_second_history() {
    let (entries, mut checkpoints) = right();
    let hidden = Checkpoint::new(ORIGIN, 30, Hash([9; 32])).expect("a checkpoint");
    checkpoints.push(hidden.clone());
    let later = checkpoint(&bytes(&entries), 41);
    let (found, _) = faults(&bytes(&entries), checkpoints);
    assert!(matches!(found[0], Fault { index: 29, kind: FaultKind::Root { size: 30, .. } }));
    let kind = FaultKind::TwoHistories { earlier: hidden, later };
    assert_eq!(found[1..], [Fault { index: 40, kind }]);
}

#[test]
fn nothing_at_all_is_a_log_without_entries() {
    assert_eq!(faults(&[], Vec::new()), (Vec::new(), Summary::default()));
    let (_, checkpoints) = right();
    let (faults, _) = faults(&[], checkpoints);
    let kinds: Vec<_> = faults.into_iter().map(|fault| fault.kind).collect();
    assert_eq!(kinds, [20, 41].map(|size| FaultKind::Missing { size, found: 0 }));
}
