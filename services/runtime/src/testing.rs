//! A query state for tests of services: changed entry by entry, with the book's own tables.

use std::sync::Arc;

use granary_book::{
    areas::{self, Event},
    at::Stamp,
    parties::{PARTIES, Party, PartyStatus, Roles},
    registries::{self, COMMODITIES, Commodity, Grade},
    state::{Changes, View},
    vocabulary::{CommodityNo, Id, Millis, PartyNo, Ppm, Time, Unit},
    wire::List,
};
use granary_log::hash::Hash;

use crate::{
    apply::AppliedEntry,
    layers::{Head, Layers},
    projection::{self, Lists, Plan, Projector},
    queries::{Entries, Queries},
    store::{MemoryStore, StateStore},
};

/// When a chain begins: 2026-01-05T00:00:00Z, a Monday.
pub const START: Time = Time::from_ms(1_767_571_200_000);

/// A chain whose entries are whatever a test wants them to be.
pub struct Chain {
    book: Changes,
    size: u64,
    now: Time,
    layers: Arc<Layers>,
    projector: Projector,
    queries: Arc<Queries>,
}

impl Chain {
    /// In memory, with what a service needs of the query state.
    pub fn new(tables: &[u8], lists: Vec<Box<dyn Lists>>) -> Self {
        Self::over(Arc::new(MemoryStore::new()), tables, lists)
    }

    /// Over a store.
    pub fn over(store: Arc<dyn StateStore>, tables: &[u8], lists: Vec<Box<dyn Lists>>) -> Self {
        let layers = Arc::new(Layers::new(store, Head::default()));
        let plan = Plan { tables: tables.to_vec(), lists, mentions: projection::mentions() };
        let (projector, size) =
            Projector::new(plan, Arc::clone(&layers)).expect("nothing is damaged");
        let queries = Arc::new(Queries::new(Arc::clone(&layers), size, Arc::new(NoEntries)));
        Self { book: Changes::new(), size: 0, now: START, layers, projector, queries }
    }

    /// Appends an entry that changes the state and has events.
    pub fn entry<T>(&mut self, events: Vec<Event>, change: impl FnOnce(&mut View<'_>) -> T) -> T {
        let mut view = View::new(&self.book);
        let told = change(&mut view);
        let changes = view.into_changes();
        self.book.extend(changes.clone());
        let folded = self.projector.fold(&vec![AppliedEntry {
            index: self.size,
            time_ms: self.now.ms(),
            leaf_hash: Hash([0; 32]),
            events,
            changes,
        }]);
        folded.expect("memory holds the map");
        self.size += 1;
        told
    }

    /// Appends an entry in which events happen: the state is what the book makes of them.
    pub fn happened(&mut self, events: Vec<Event>) {
        let stamp = Stamp { index: self.size, time: self.now };
        let happening = events.clone();
        let happen = |view: &mut View<'_>| {
            for event in &happening {
                areas::evolve(view, event, &stamp).expect("the events fit");
            }
        };
        self.entry(events, happen);
    }

    /// Lets time pass before the next entry.
    pub fn wait(&mut self, span: Millis) {
        self.now = self.now.after(span);
    }

    /// What services read.
    pub fn queries(&self) -> &Arc<Queries> {
        &self.queries
    }

    /// The layers, for tests that flush them.
    pub fn layers(&self) -> &Arc<Layers> {
        &self.layers
    }
}

struct NoEntries;

impl Entries for NoEntries {
    fn bytes(&self, _: u64) -> Option<Vec<u8>> {
        None
    }

    fn size(&self) -> u64 {
        0
    }
}

/// An id that a test chooses.
pub fn id<I: Id>(number: u8) -> I {
    let mut bytes = [0; 16];
    bytes[15] = number;
    I::from_bytes(bytes)
}

/// A party with the id of a number.
pub fn party(view: &mut View<'_>, number: u8) -> PartyNo {
    let party = Party {
        id: id(number),
        name: format!("Party {number}").parse().expect("a label"),
        roles: Roles::default(),
        status: PartyStatus::Active,
        owner_group: None,
        custodial: false,
    };
    PARTIES.insert(view, &party.id, &party).expect("a new party")
}

/// A commodity counted in grams.
pub fn commodity(view: &mut View<'_>, code: &str) -> CommodityNo {
    let grade = Grade {
        code: "A".parse().expect("a code"),
        limits: List::new(vec![]).expect("none needed"),
    };
    let commodity = Commodity {
        code: code.parse().expect("a code"),
        name: code.parse().expect("a label"),
        unit: Unit::Gram,
        grades: List::new(vec![grade]).expect("one grade"),
        shrink_allowance: Ppm::ZERO,
    };
    COMMODITIES
        .insert(view, &registries::key(&commodity.code), &commodity)
        .expect("a new commodity")
}
