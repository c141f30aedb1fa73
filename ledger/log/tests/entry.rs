//! Entries: one encoding, limits that do not depend on what else fell due, and the chain.

mod support;

use granary_log::chain::{
    CLAIM_MARGIN_MS, ChainHead, LinkFault, TimeOutOfRange, check_replayed_time, kafka_log_time,
    local_log_time,
};
use granary_log::entry::{
    CLOCK_EVENTS_MAX, ENTRY_MAX, EncodeError, Entry, EntryLink, EntryResult, EventBytes, FACTS_MAX,
    HEADER_LEN, ITEM_STATEMENT, ItemOutcome, MalformedEntry, OWN_MAX, Outcome, QUOTA_EXCEEDED,
    Recorded, RefusalBytes, SealedEntry, TooLong, UNREADABLE, WireError, genesis_prev_hash,
};
use granary_log::hash::{Hash, leaf_hash, sha256};
use granary_log::statement::{OverQuota, Unreadable};
use proptest::prelude::*;
use support::{ORIGIN, chain, following, statement};

fn encode(entry: &Entry) -> Vec<u8> {
    entry.encode().expect("an entry that fits")
}

fn event(len: usize) -> EventBytes {
    EventBytes { type_name: "granary.test.v1.Done".into(), body: vec![7; len] }
}

fn refusal(facts: usize) -> RefusalBytes {
    RefusalBytes { code: 300, facts: vec![1; facts] }
}

/// An entry about a real statement.
fn entry(outcome: Outcome, clock_events: Vec<EventBytes>) -> Entry {
    let bytes = statement(1, "granary.test.v1.Do", b"body").encode().expect("a statement");
    let recorded = match outcome {
        Outcome::Accepted(_) | Outcome::Refused { .. } => Recorded::Full(bytes),
        Outcome::Skipped(QUOTA_EXCEEDED) => {
            Recorded::OverQuota(OverQuota::encode(&bytes).expect("a statement"))
        }
        Outcome::Duplicate { .. } | Outcome::Skipped(_) => {
            Recorded::Digest { len: 300, sha256: sha256(&bytes) }
        }
    };
    following(&ChainHead::genesis(ORIGIN), recorded, EntryResult { clock_events, outcome })
}

fn outcomes() -> Vec<Outcome> {
    vec![
        Outcome::Accepted(vec![ItemOutcome::Events(vec![event(3), event(0)])]),
        Outcome::Accepted(vec![ItemOutcome::Events(Vec::new())]),
        Outcome::Accepted(vec![
            ItemOutcome::Refused(refusal(5)),
            ItemOutcome::Events(vec![event(1)]),
        ]),
        Outcome::Refused { item: ITEM_STATEMENT, refusal: refusal(FACTS_MAX) },
        Outcome::Duplicate { first_index: 77 },
        Outcome::Skipped(UNREADABLE),
        Outcome::Skipped(QUOTA_EXCEEDED),
    ]
}

#[test]
fn an_entry_of_every_outcome_is_read_back() {
    for outcome in outcomes() {
        for clock_events in [Vec::new(), vec![event(9), event(2)]] {
            let entry = entry(outcome.clone(), clock_events);
            let bytes = encode(&entry);
            assert_eq!(Entry::decode(&bytes), Ok(entry.clone()));
            assert_eq!(EntryLink::decode(&bytes), Ok(entry.link()));
            let sealed = entry.seal().unwrap();
            assert_eq!(sealed.bytes(), bytes);
            assert_eq!(sealed.leaf_hash(), leaf_hash(&bytes));
            assert_eq!(entry.leaf_hash(), Ok(sealed.leaf_hash()));
            assert_eq!((sealed.index(), sealed.link()), (entry.index, entry.link()));
            assert_eq!(SealedEntry::from_bytes(bytes.clone()), Ok(sealed.clone()));
            assert_eq!(sealed.into_bytes(), bytes);
        }
    }
}

#[test]
fn the_header_has_the_stated_length() {
    for outcome in outcomes() {
        let entry = entry(outcome, vec![event(4)]);
        let statement = match &entry.statement {
            Recorded::Full(bytes) | Recorded::OverQuota(bytes) => bytes.len(),
            Recorded::Digest { .. } => 36,
        };
        let result = entry.result.clock_len() + entry.result.outcome.encoded_len();
        assert_eq!(encode(&entry).len(), HEADER_LEN + statement + result);
    }
}

#[test]
fn events_are_counted_from_the_clocks_on() {
    let named = |name: &str| EventBytes { type_name: name.into(), body: Vec::new() };
    let outcome = Outcome::Accepted(vec![
        ItemOutcome::Events(vec![named("2"), named("3")]),
        ItemOutcome::Refused(refusal(0)),
        ItemOutcome::Events(Vec::new()),
        ItemOutcome::Events(vec![named("4")]),
    ]);
    let entry = entry(outcome, vec![named("0"), named("1")]);
    let names: Vec<_> = entry.events().map(|event| event.type_name.as_str()).collect();
    assert_eq!(names, ["0", "1", "2", "3", "4"]);
    let refused =
        self::entry(Outcome::Refused { item: 0, refusal: refusal(0) }, vec![named("due")]);
    assert_eq!(refused.events().count(), 1, "what the clock did counts under every outcome");
}

#[test]
fn the_outcome_says_which_form_of_the_statement_is_kept() {
    let forms: Vec<_> = outcomes().iter().map(|o| entry(o.clone(), Vec::new())).collect();
    for outcome in &forms {
        for statement in &forms {
            let mixed = Entry { statement: statement.statement.clone(), ..outcome.clone() };
            let same = std::mem::discriminant(&mixed.statement)
                == std::mem::discriminant(&outcome.statement);
            let expected = if same { None } else { Some(EncodeError::FormOfStatement) };
            assert_eq!(mixed.encode().err(), expected);
        }
    }
    let unknown =
        Entry { statement: forms[5].statement.clone(), ..entry(Outcome::Skipped(3), Vec::new()) };
    assert_eq!(unknown.encode(), Err(EncodeError::FormOfStatement));
}

#[test]
fn an_entry_holds_no_statement_that_cannot_be_read() {
    let mut entry = entry(outcomes()[0].clone(), Vec::new());
    entry.statement = Recorded::Full(b"GRNSjunk".to_vec());
    assert!(matches!(entry.encode(), Err(EncodeError::Statement(Unreadable::Version { .. }))));
    let mut bytes = encode(&self::entry(outcomes()[0].clone(), Vec::new()));
    bytes[72] = b'X';
    assert_eq!(Entry::decode(&bytes), Err(MalformedEntry::Statement(Unreadable::Magic)));
}

#[test]
fn accepted_means_that_something_is() {
    for items in [Vec::new(), vec![ItemOutcome::Refused(refusal(0))]] {
        let entry = entry(Outcome::Accepted(items), Vec::new());
        assert_eq!(entry.encode(), Err(EncodeError::NothingAccepted));
    }
    let accepted = Outcome::Accepted(vec![ItemOutcome::Events(Vec::new())]);
    let mut bytes = encode(&entry(accepted, Vec::new()));
    let at = bytes.len() - 5;
    assert_eq!(bytes[at..], [0, 1, 1, 0, 0]);
    // The one item refused, with a code and no facts: two bytes longer.
    bytes.splice(at + 2.., [2, 0, 7, 0, 0]);
    let result_len = at - entry_result_start(&bytes) + 7;
    let len_at = entry_result_start(&bytes) - 2;
    bytes[len_at..len_at + 2].copy_from_slice(&u16::try_from(result_len).unwrap().to_be_bytes());
    assert_eq!(Entry::decode(&bytes), Err(MalformedEntry::NothingAccepted));
}

fn entry_result_start(bytes: &[u8]) -> usize {
    72 + usize::from(u16::from_be_bytes([bytes[70], bytes[71]])) + 2
}

#[test]
fn what_a_statement_may_do_does_not_depend_on_what_else_fell_due() {
    let events = |len: usize| vec![event(len - 2 - event(0).encoded_len())];
    let most_clock = events(CLOCK_EVENTS_MAX);
    let statement_len = entry(outcomes()[0].clone(), Vec::new());
    let Recorded::Full(statement) = &statement_len.statement else { unreachable!() };
    let own = |len: usize| {
        let rest = len - HEADER_LEN - statement.len() - 3;
        Outcome::Accepted(vec![ItemOutcome::Events(events(rest))])
    };
    assert!(own(OWN_MAX).fits(statement.len()) && !own(OWN_MAX + 1).fits(statement.len()));
    let largest = entry(own(OWN_MAX), most_clock.clone());
    let bytes = encode(&largest);
    assert_eq!(bytes.len(), ENTRY_MAX);
    assert_eq!(Entry::decode(&bytes), Ok(largest));

    let too_long = |field, len, max| Err(EncodeError::TooLong(TooLong { field, len, max }));
    let own_field = "header, statement and own result";
    for clock in [Vec::new(), most_clock] {
        assert_eq!(
            entry(own(OWN_MAX + 1), clock).encode(),
            too_long(own_field, OWN_MAX + 1, OWN_MAX)
        );
    }
    let clock = events(CLOCK_EVENTS_MAX + 1);
    let field = "the clock events";
    for outcome in outcomes() {
        let refused = entry(outcome, clock.clone()).encode();
        assert_eq!(refused, too_long(field, CLOCK_EVENTS_MAX + 1, CLOCK_EVENTS_MAX));
    }
    let facts = Outcome::Refused { item: 0, refusal: refusal(FACTS_MAX + 1) };
    let field = "the facts of a refusal";
    assert_eq!(entry(facts, Vec::new()).encode(), too_long(field, FACTS_MAX + 1, FACTS_MAX));
}

#[test]
fn malformed_entries_say_why() {
    let good = encode(&entry(outcomes()[5].clone(), vec![event(3)]));
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        Entry::decode(&bytes).unwrap_err()
    };
    let last = good.len() - 1;
    let code = |field, found| MalformedEntry::Code { field, found };
    assert_eq!(with(&|b| b[0] = b'X'), MalformedEntry::Magic);
    assert_eq!(with(&|b| b[4] = 2), MalformedEntry::Version { found: 2 });
    assert_eq!(with(&|b| b[5] = 5), code("outcome", 5));
    assert_eq!(with(&|b| b[last] = 9), code("reason to skip", 9));
    assert_eq!(with(&|b| b.push(0)), MalformedEntry::Wire(WireError::Trailing { count: 1 }));
    assert_eq!(
        with(&|b| b.truncate(60)),
        MalformedEntry::Wire(WireError::Truncated { field: "the epoch" })
    );
    assert_eq!(
        with(&|b| b.clear()),
        MalformedEntry::Wire(WireError::Truncated { field: "the magic" })
    );
    let item = encode(&entry(outcomes()[1].clone(), Vec::new()));
    let mut item_bytes = item.clone();
    item_bytes[item.len() - 3] = 3;
    assert_eq!(Entry::decode(&item_bytes), Err(code("item's outcome", 3)));
}

#[test]
fn a_chain_begins_with_its_name_and_every_entry_binds_the_next() {
    let mut head = ChainHead::genesis(ORIGIN);
    assert_eq!(head.last_leaf_hash, genesis_prev_hash(ORIGIN));
    assert_eq!(
        genesis_prev_hash(ORIGIN),
        sha256(format!("granary/genesis/v1\0{ORIGIN}").as_bytes())
    );
    for entry in chain(12) {
        assert_eq!(head.verify_link(&entry.link()), Ok(()));
        head.advance(&entry.link(), entry.leaf_hash().unwrap()).unwrap();
    }
    assert_eq!(head.size, 12);
    let good =
        EntryLink { index: 12, prev_leaf_hash: head.last_leaf_hash, time_ms: head.last_time_ms };
    assert_eq!(head.verify_link(&good), Ok(()), "the same moment is late enough");
    let wrong = EntryLink { index: 13, prev_leaf_hash: Hash([0; 32]), time_ms: 5 };
    let faults: Vec<_> = head.link_faults(&wrong).collect();
    assert_eq!(
        faults,
        [
            LinkFault::Index { expected: 12, found: 13 },
            LinkFault::PrevLeafHash { expected: head.last_leaf_hash, found: Hash([0; 32]) },
            LinkFault::TimeFell { previous: head.last_time_ms, found: 5 },
        ]
    );
    let before = head;
    assert_eq!(head.advance(&wrong, Hash([1; 32])), Err(faults[0]));
    assert_eq!(head, before);
}

#[test]
fn log_time_follows_neither_broker_nor_node_alone_and_never_falls() {
    const MIN: u64 = 60_000;
    for (previous, append, claim, expected) in [
        (100 * MIN, Some(101 * MIN), 101 * MIN, 101 * MIN),
        // The broker's clock is ahead: the node's claim and two minutes.
        (100 * MIN, Some(500 * MIN), 101 * MIN, 103 * MIN),
        // The node's clock is ahead: the broker's.
        (100 * MIN, Some(101 * MIN), 500 * MIN, 101 * MIN),
        // Either is behind.
        (100 * MIN, Some(50 * MIN), 101 * MIN, 100 * MIN),
        (100 * MIN, Some(101 * MIN), 50 * MIN, 100 * MIN),
        // The broker didn't stamp the record.
        (100 * MIN, None, 101 * MIN, 100 * MIN),
        (0, Some(u64::MAX), u64::MAX, u64::MAX),
    ] {
        assert_eq!(kafka_log_time(previous, append, claim), expected);
        assert_eq!(check_replayed_time(previous, expected, claim), Ok(()));
        assert!(local_log_time(previous, expected) >= previous);
    }
    assert_eq!(local_log_time(7, 5), 7);
    assert_eq!(local_log_time(5, 7), 7);
    let latest = 10 + CLAIM_MARGIN_MS;
    for (time, expected) in [
        (9, Err(TimeOutOfRange { earliest: 10, latest, found: 9 })),
        (10, Ok(())),
        (latest, Ok(())),
        (latest + 1, Err(TimeOutOfRange { earliest: 10, latest, found: latest + 1 })),
    ] {
        assert_eq!(check_replayed_time(10, time, 10), expected);
    }
}

prop_compose! {
    fn any_event()(
        type_name in "[a-z.é]{0,20}",
        body in prop::collection::vec(any::<u8>(), 0..60),
    ) -> EventBytes {
        EventBytes { type_name, body }
    }
}

prop_compose! {
    fn any_refusal()(
        code: u16,
        facts in prop::collection::vec(any::<u8>(), 0..60),
    ) -> RefusalBytes {
        RefusalBytes { code, facts }
    }
}

fn any_outcome() -> impl Strategy<Value = Outcome> {
    let events = || prop::collection::vec(any_event(), 0..4);
    let item = prop_oneof![
        events().prop_map(ItemOutcome::Events),
        any_refusal().prop_map(ItemOutcome::Refused)
    ];
    prop_oneof![
        (events(), prop::collection::vec(item, 0..5)).prop_map(|(events, mut items)| {
            items.push(ItemOutcome::Events(events));
            Outcome::Accepted(items)
        }),
        (any::<u16>(), any_refusal())
            .prop_map(|(item, refusal)| Outcome::Refused { item, refusal }),
        any::<u64>().prop_map(|first_index| Outcome::Duplicate { first_index }),
        Just(Outcome::Skipped(UNREADABLE)),
        Just(Outcome::Skipped(QUOTA_EXCEEDED)),
    ]
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let clock = prop::collection::vec(any_event(), 0..4);
    let numbers = any::<(u64, [u8; 32], u64, u32, u32, u64)>();
    (any_outcome(), clock, numbers).prop_map(|(outcome, clock_events, numbers)| {
        let (index, prev, time_ms, rules, epoch, offset) = numbers;
        let prev_leaf_hash = Hash(prev);
        let like = entry(outcome, clock_events);
        Entry { index, prev_leaf_hash, time_ms, rules, epoch, offset, ..like }
    })
}

proptest! {
    #[test]
    fn any_entry_is_read_back(entry in any_entry()) {
        prop_assert_eq!(Entry::decode(&encode(&entry)), Ok(entry));
    }

    /// One encoding: bytes that differ are refused, or say something else.
    #[test]
    fn changed_bytes_are_refused_or_encode_to_themselves(
        entry in any_entry(),
        at: prop::sample::Index,
        with in prop::collection::vec(any::<u8>(), 0..4),
        take in 0usize..4,
    ) {
        let mut bytes = encode(&entry);
        let start = at.index(bytes.len());
        bytes.splice(start..(start + take).min(bytes.len()), with);
        if let Ok(read) = Entry::decode(&bytes) {
            prop_assert_eq!(encode(&read), bytes);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        tail in prop::collection::vec(any::<u8>(), 0..300),
        outcome in 0u8..6,
    ) {
        let _ = Entry::decode(&tail);
        let bytes = [b"GRNE\x01", &[outcome][..], &tail].concat();
        if let Ok(read) = Entry::decode(&bytes) {
            prop_assert_eq!(encode(&read), bytes);
        }
    }

    /// A result of nothing but counts makes no large allocation and no long loop.
    #[test]
    fn counts_that_lie_are_refused(count: u16, outcome in 1u8..5) {
        let result = [count.to_be_bytes(), count.to_be_bytes()].concat();
        let mut bytes = encode(&entry(outcomes()[5].clone(), Vec::new()));
        let start = entry_result_start(&bytes);
        bytes.truncate(start - 2);
        bytes.extend_from_slice(&[0, 4]);
        bytes.extend_from_slice(&result);
        bytes[5] = outcome;
        if count > 2 {
            prop_assert!(Entry::decode(&bytes).is_err());
        }
    }
}
