//! The contract of `StateStore`, held against every implementation.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::numbered::{batch, position};
use crate::rig::{ALL, Kind, Rig};
use granary_runtime::store::{Change, KEY_BYTES_MAX, Pair, StoreError};
use proptest::prelude::*;
use proptest::sample::Index;

fn pair(key: &[u8], value: &[u8]) -> Pair {
    (key.to_vec(), value.to_vec())
}

#[test]
fn a_new_store_is_empty_and_stands_nowhere() {
    for kind in ALL {
        let rig = Rig::new(kind);
        assert_eq!(rig.store.position().unwrap(), None, "{kind:?}");
        assert_eq!(rig.store.get(b"k").unwrap(), None, "{kind:?}");
        assert_eq!(rig.store.range(b"", None, 10).unwrap(), [], "{kind:?}");
    }
}

#[test]
fn what_was_put_is_there_and_what_was_deleted_is_not() {
    for kind in ALL {
        let rig = Rig::new(kind);
        rig.put(1, &[(b"a", Some(b"1")), (b"b", Some(b"")), (b"c", Some(b"3"))]);
        rig.put(2, &[(b"a", Some(b"one")), (b"c", None), (b"never was", None)]);
        assert_eq!(rig.store.get(b"a").unwrap().as_deref(), Some(&b"one"[..]), "{kind:?}");
        assert_eq!(rig.store.get(b"b").unwrap().as_deref(), Some(&b""[..]), "{kind:?}");
        assert_eq!(rig.store.get(b"c").unwrap(), None, "{kind:?}");
        assert_eq!(rig.store.position().unwrap(), Some(position(2)), "{kind:?}");
    }
}

#[test]
fn of_two_changes_to_one_key_the_later_counts() {
    for kind in ALL {
        let rig = Rig::new(kind);
        rig.put(1, &[(b"a", Some(b"1")), (b"a", None), (b"b", None), (b"b", Some(b"2"))]);
        assert_eq!(rig.store.get(b"a").unwrap(), None, "{kind:?}");
        assert_eq!(rig.store.get(b"b").unwrap().as_deref(), Some(&b"2"[..]), "{kind:?}");
    }
}

/// Prefix, after, limit, and which of the keys below are expected.
type Scan = (&'static [u8], Option<&'static [u8]>, usize, &'static [usize]);

#[test]
fn a_scan_is_in_order_of_unsigned_bytes_and_stays_in_its_prefix() {
    let full = [&b"\x01"[..], b"\x01\x00", b"\x01\x7f", b"\x01\x80", b"\x01\xff\xff", b"\x02"];
    let cases: [Scan; 12] = [
        (b"", None, 99, &[0, 1, 2, 3, 4, 5]),
        (b"", None, 2, &[0, 1]),
        (b"", Some(b"\x01\x7f"), 99, &[3, 4, 5]),
        (b"\x01", None, 99, &[0, 1, 2, 3, 4]),
        (b"\x01", None, 0, &[]),
        (b"\x01", Some(b"\x01"), 99, &[1, 2, 3, 4]),
        (b"\x01", Some(b"\x01\x00"), 2, &[2, 3]),
        // `after` need not exist, nor lie within the prefix.
        (b"\x01", Some(b"\x01\x10"), 99, &[2, 3, 4]),
        (b"\x01", Some(b"\x00"), 99, &[0, 1, 2, 3, 4]),
        (b"\x01", Some(b"\x01\xff\xff"), 99, &[]),
        (b"\x01", Some(b"\x02"), 99, &[]),
        (b"\x03", None, 99, &[]),
    ];
    for kind in ALL {
        let rig = Rig::new(kind);
        let shuffled = [3, 0, 5, 1, 4, 2].map(|i| (full[i], Some(&b"v"[..])));
        rig.put(1, &shuffled);
        for (prefix, after, limit, expected) in cases {
            let found = rig.store.range(prefix, after, limit).unwrap();
            let expected: Vec<Pair> = expected.iter().map(|&i| pair(full[i], b"v")).collect();
            assert_eq!(found, expected, "{kind:?} {prefix:?} after {after:?} limit {limit}");
        }
    }
}

#[test]
fn the_stores_own_keys_are_neither_shown_nor_writable() {
    let too_long = vec![1; KEY_BYTES_MAX + 1];
    for kind in ALL {
        let rig = Rig::new(kind);
        rig.put(1, &[(b"\xfe\xff", Some(b"last"))]);
        assert_eq!(rig.store.range(b"", None, 9).unwrap(), [pair(b"\xfe\xff", b"last")]);
        assert_eq!(rig.store.range(b"\xff", None, 9).unwrap(), [], "{kind:?}");
        for key in [&b""[..], b"\xff", b"\xffp", &too_long] {
            let refused =
                |e: StoreError| matches!(e, StoreError::KeyNotAllowed { len } if len == key.len());
            assert!(refused(rig.store.get(key).unwrap_err()), "{kind:?}");
            let bad = batch(2, vec![(b"a".to_vec(), Some(vec![1])), (key.to_vec(), Some(vec![1]))]);
            assert!(refused(rig.store.apply(&bad).unwrap_err()), "{kind:?}");
            // All or nothing: the good half of the batch isn't there, nor is its position.
            assert_eq!(rig.store.get(b"a").unwrap(), None, "{kind:?}");
            assert_eq!(rig.store.position().unwrap(), Some(position(1)), "{kind:?}");
        }
        let longest = vec![1; KEY_BYTES_MAX];
        rig.put(2, &[(&longest, Some(b"v"))]);
        assert_eq!(rig.store.get(&longest).unwrap().as_deref(), Some(&b"v"[..]), "{kind:?}");
    }
}

#[test]
fn values_from_empty_to_larger_than_any_entry_survive_reopening() {
    let sizes = [0usize, 1, 200, 4_096, 65_536, 1 << 20];
    for kind in ALL {
        let mut rig = Rig::new(kind);
        let value = |size: usize| (0..=250u8).cycle().take(size).collect::<Vec<u8>>();
        let changes: Vec<Change> =
            sizes.iter().map(|&n| (n.to_be_bytes().to_vec(), Some(value(n)))).collect();
        rig.store.apply(&batch(7, changes)).unwrap();
        rig.store.flush().unwrap();
        rig.reopen();
        assert_eq!(rig.store.position().unwrap(), Some(position(7)), "{kind:?}");
        for n in sizes {
            let found = rig.store.get(&n.to_be_bytes()).unwrap();
            assert_eq!(found.map(|v| v == value(n)), Some(true), "{kind:?} {n}");
        }
    }
}

#[test]
fn a_scan_sees_whole_batches_only_while_batches_are_applied() {
    const KEYS: u16 = 200;
    const BATCHES: u64 = 120;
    for kind in ALL {
        let rig = Rig::new(kind);
        let generation = |n: u64| {
            let put = |i: u16| (i.to_be_bytes().to_vec(), Some(n.to_be_bytes().to_vec()));
            batch(n, (0..KEYS).map(put).collect())
        };
        rig.store.apply(&generation(1)).unwrap();
        let done = AtomicBool::new(false);
        let seen = std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let (mut seen, mut last) = (0u32, Vec::new());
                while !done.load(Ordering::Acquire) {
                    let page = rig.store.range(b"", None, usize::from(KEYS)).unwrap();
                    assert_eq!(page.len(), usize::from(KEYS), "{kind:?}");
                    let torn = page.iter().find(|(_, value)| *value != page[0].1);
                    assert_eq!(torn, None, "{kind:?}: the first is {:?}", page[0]);
                    assert!(page[0].1 >= last, "{kind:?}: time went back");
                    last.clone_from(&page[0].1);
                    seen += 1;
                }
                seen
            });
            for n in 2..=BATCHES {
                rig.store.apply(&generation(n)).unwrap();
            }
            done.store(true, Ordering::Release);
            reader.join().expect("the reader saw whole batches")
        });
        assert!(seen > 0, "{kind:?}: the reader never ran");
    }
}

#[test]
fn a_read_is_never_older_than_an_apply_that_returned() {
    // Four readers keep loading the same few keys into the caches while they change.
    for kind in ALL {
        let rig = Rig::new(kind);
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for reader in 0..4u8 {
                let (rig, done) = (&rig, &done);
                scope.spawn(move || {
                    while !done.load(Ordering::Acquire) {
                        rig.store.get(&[reader % 2]).unwrap();
                    }
                });
            }
            for n in 1..=300u64 {
                let value = (n % 5 != 0).then(|| n.to_be_bytes().to_vec());
                let changes = vec![(vec![0], value.clone()), (vec![1], value.clone())];
                rig.store.apply(&batch(n, changes)).unwrap();
                assert_eq!(rig.store.get(&[0]).unwrap(), value, "{kind:?} at {n}");
                assert_eq!(rig.store.get(&[1]).unwrap(), value, "{kind:?} at {n}");
            }
            done.store(true, Ordering::Release);
        });
    }
}

#[test]
fn statistics_name_the_store_and_its_size() {
    for kind in ALL {
        let rig = Rig::new(kind);
        rig.put(1, &[(b"a", Some(&[7; 1_000]))]);
        rig.store.flush().unwrap();
        let stats = rig.store.stats().unwrap();
        let name = match kind {
            Kind::Memory | Kind::CachedMemory => "memory",
            Kind::Sled => "sled",
            Kind::Redb | Kind::CachedRedb => "redb",
        };
        assert_eq!(stats.kind, name);
        assert!(stats.bytes >= 1_000, "{kind:?}: {stats:?}");
    }
}

/// What may happen to a store.
#[derive(Debug, Clone)]
enum Step {
    Apply(Vec<(u16, Option<u8>)>),
    Range { prefix: Vec<u8>, after: Option<u16>, limit: usize },
    Flush,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0u16..600;
    let change = (key.clone(), proptest::option::weighted(0.7, any::<u8>()));
    let prefix = proptest::collection::vec(0u8..3, 0..2);
    prop_oneof![
        6 => proptest::collection::vec(change, 0..30).prop_map(Step::Apply),
        4 => (prefix, proptest::option::of(key), 0usize..40)
            .prop_map(|(prefix, after, limit)| Step::Range { prefix, after, limit }),
        1 => Just(Step::Flush),
        1 => Just(Step::Reopen),
    ]
}

/// Values long enough that pages split and caches overflow.
fn value(seed: u8) -> Vec<u8> {
    vec![seed; usize::from(seed) * 3]
}

fn run(kind: Kind, steps: &[Step], probe: Index) -> Result<(), TestCaseError> {
    let mut rig = Rig::new(kind);
    let mut model: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    let mut size = 0;
    for step in steps {
        match step {
            Step::Apply(changes) => {
                size += 1;
                let changes: Vec<Change> = changes
                    .iter()
                    .map(|(key, seed)| (key.to_be_bytes().to_vec(), seed.map(value)))
                    .collect();
                for (key, value) in changes.clone() {
                    match value {
                        Some(value) => model.insert(key, value),
                        None => model.remove(&key),
                    };
                }
                rig.store.apply(&batch(size, changes)).expect("applies");
            }
            Step::Range { prefix, after, limit } => {
                let after = after.map(u16::to_be_bytes);
                let after = after.as_ref().map(<[u8; 2]>::as_slice);
                let expected: Vec<Pair> = model
                    .iter()
                    .filter(|(key, _)| {
                        key.starts_with(prefix) && after.is_none_or(|a| &key[..] > a)
                    })
                    .take(*limit)
                    .map(|(key, value)| (key.clone(), value.clone()))
                    .collect();
                prop_assert_eq!(rig.store.range(prefix, after, *limit).expect("scans"), expected);
            }
            Step::Flush => rig.store.flush().expect("flushes"),
            Step::Reopen => rig.reopen(),
        }
        prop_assert_eq!(rig.store.position().expect("stands"), (size > 0).then(|| position(size)));
        let key = u16::try_from(probe.index(600)).expect("below 600").to_be_bytes();
        prop_assert_eq!(rig.store.get(&key).expect("reads"), model.get(&key[..]).cloned());
    }
    let all: Vec<Pair> = model.into_iter().collect();
    prop_assert_eq!(rig.store.range(b"", None, usize::MAX).expect("scans"), all);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn every_store_agrees_with_an_ordered_map(
        steps in proptest::collection::vec(step(), 1..25),
        probe: Index,
    ) {
        for kind in ALL {
            run(kind, &steps, probe)?;
        }
    }
}
