//! Pages while entries are applied: each is what the list was at the index it names, whatever happens
//! meanwhile and wherever the changes are: in memory, being written, in the store.

use std::{sync::Arc, thread};

use granary_proto::receipts::v1 as pb;
use granary_runtime::{
    queries::Queries,
    store::{StoreKind, StoreOptions, open_store},
};
use proptest::prelude::*;

use super::*;
use crate::receipts::list_lots;

const PAGE: usize = 3;

/// What an entry does to lots.
#[derive(Debug, Clone)]
enum Act {
    Announce,
    Arrive(usize),
    Sell(usize, u8),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::Announce),
        2 => any::<usize>().prop_map(Act::Arrive),
        2 => (any::<usize>(), prop::sample::select(vec![FARMER, TRADER]))
            .prop_map(|(lot, to)| Act::Sell(lot, to)),
    ]
}

/// A lot as the tests' own account of the history has it: the number of its owner, and whether it arrived.
type Told = (u8, bool);

/// The lots after each entry: the oracle.
fn accounts_of(entries: &[Vec<Act>]) -> Vec<Vec<Told>> {
    let mut lots: Vec<Told> = Vec::new();
    let mut after = vec![lots.clone()];
    for acts in entries {
        for act in acts {
            let count = lots.len();
            match act {
                Act::Announce => lots.push((FARMER, false)),
                Act::Arrive(lot) if count > 0 => lots[lot % count].1 = true,
                Act::Sell(lot, to) if count > 0 => lots[lot % count].0 = *to,
                Act::Arrive(_) | Act::Sell(..) => {}
            }
        }
        after.push(lots.clone());
    }
    after
}

fn write(chain: &mut Chain, ground: &Ground, entries: &[Vec<Act>]) {
    let mut flush = None;
    for (done, acts) in entries.iter().enumerate() {
        chain.entry(vec![], |view| {
            for act in acts {
                do_act(view, ground, act);
            }
        });
        // Begun at one entry and written at a later one, so that pages meet all three layers.
        match (done % 3, flush.take()) {
            (0, None) => flush = chain.layers().begin_flush(),
            (2, Some(begun)) => chain.layers().write(&begun, "test").expect("the store takes it"),
            (_, begun) => flush = begun,
        }
        thread::yield_now();
    }
}

fn do_act(view: &mut View<'_>, ground: &Ground, act: &Act) {
    let count = usize::try_from(LOTS.count(view)).expect("few");
    let no = |lot: usize| No::from_u64((lot % count) as u64);
    match act {
        Act::Announce => {
            let number = u8::try_from(count).expect("few");
            add_lot(view, &announced(ground, number));
        }
        Act::Arrive(lot) if count > 0 => {
            change_lot(view, no(*lot), |lot| lot.stage = Stage::Arrived);
        }
        Act::Sell(lot, to) if count > 0 => {
            let owner = if *to == FARMER { ground.farmer } else { ground.trader };
            change_lot(view, no(*lot), |lot| lot.owner = owner);
        }
        Act::Arrive(_) | Act::Sell(..) => {}
    }
}

/// Reads a list to its end and holds each page against the history.
fn check_list(
    queries: &Queries,
    after: &[Vec<Told>],
    owner: Option<u8>,
    arrived: bool,
) -> Result<(), TestCaseError> {
    let stage = arrived.then(|| pb::LotStage::Arrived.into());
    let mut request = pb::ListLotsRequest {
        page_size: i32::try_from(PAGE).expect("few"),
        owner: owner.map(party),
        stage,
        ..pb::ListLotsRequest::default()
    };
    let mut next = 0;
    loop {
        let page = list_lots(queries, &request).expect("a page");
        let lots = &after[usize::try_from(page.as_of_index).expect("few")];
        let expected: Vec<(String, String)> = (0..)
            .zip(lots)
            .skip(next)
            .filter(|(_, lot)| owner.is_none_or(|o| lot.0 == o) && (!arrived || lot.1))
            .map(|(number, lot)| (lot_id(number), party(lot.0)))
            .take(PAGE)
            .collect();
        let found: Vec<(String, String)> =
            page.lots.iter().map(|lot| (lot.id.clone(), lot.owner.clone())).collect();
        prop_assert_eq!(&found, &expected, "at index {}", page.as_of_index);
        prop_assert_eq!(page.next_page_token.is_empty(), found.len() < PAGE);
        let Some((last, _)) = found.last().filter(|_| found.len() == PAGE) else { return Ok(()) };
        let place = (0..).zip(lots).position(|(number, _)| lot_id(number) == *last);
        next = place.expect("it is one of them") + 1;
        request.page_token = page.next_page_token;
    }
}

fn check_while_writing(kind: StoreKind, entries: &[Vec<Act>]) -> Result<(), TestCaseError> {
    let dir = tempfile::tempdir().expect("a directory");
    let options = StoreOptions { cache_bytes: 1 << 20, ..StoreOptions::default() };
    let store = open_store(kind, dir.path(), &options).expect("opens");
    let mut chain = Chain::over(Arc::from(store), crate::TABLES, crate::lists());
    let ground = ground(&mut chain);
    let after = accounts_of(entries);
    let queries = Arc::clone(chain.queries());
    thread::scope(|scope| {
        let writer = scope.spawn(|| write(&mut chain, &ground, entries));
        let mut is_last = false;
        while !is_last {
            // Once more after the last entry.
            is_last = writer.is_finished();
            for (owner, arrived) in [(None, false), (Some(FARMER), false), (Some(TRADER), true)] {
                check_list(&queries, &after, owner, arrived)?;
            }
        }
        Ok(())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn a_page_is_true_at_its_index_whatever_happens_meanwhile(
        entries in prop::collection::vec(prop::collection::vec(act(), 1..5), 1..40),
    ) {
        for kind in [StoreKind::Sled, StoreKind::Redb] {
            check_while_writing(kind, &entries)?;
        }
    }
}
