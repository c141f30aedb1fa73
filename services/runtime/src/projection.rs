//! Projections: what queries need and rules don't. Folded from applied entries on a thread of their own, with
//! their own position; they decide nothing and may be deleted.
//!
//! One query state holds, at one position: copies of the book's object tables (so that the book's own typed
//! tables read them), the lists that objects stand in, the history of each object, and for ever the entry
//! of each (principal, command id). A page read from one snapshot is true at one index.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, mpsc::Receiver},
};

use granary_book::{
    registry,
    state::{Base, Changes, Prefix, View, decode_value},
    vocabulary::No,
    wire::{Raw, Reader},
};
use granary_log::map::MapError;
use granary_proto::{POOL, id_prefix};
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use crate::{
    apply::{AppliedEntry, AppliedGroup},
    layers::{Grouped, Head, Layers},
    state_root::{self, Changed, StateRoot},
};

/// First key byte of list rows: table, list, value, number.
const LISTS: u8 = 0xE0;
/// First key byte of history rows: kind, id, index, event.
const HISTORY: u8 = 0xE1;

/// Which lists an object stands in: how a service makes its objects findable.
pub trait Lists: Send + Sync {
    /// First key byte of the object's rows in the book's state.
    fn table(&self) -> u8;
    /// The lists that a row stands in, as (list, value); values of one list have one length. What is looked
    /// up elsewhere must never change: a row is put into its lists when it changes itself.
    fn of(&self, row: &[u8], view: &View<'_>) -> Vec<(u8, Vec<u8>)>;
}

/// The list of all objects of a table, in order of creation.
pub const ALL: u8 = 0;
/// Marks the lists of objects at one stage; other lists have numbers below it.
const AT_STAGE: u8 = 0x80;

/// A list that an object stands in, and its value there: another object's number; none in [`ALL`].
pub type Place = (u8, Option<u64>);

/// The places of an object; what is looked up elsewhere must never change.
pub type Places<V> = fn(&V, &View<'_>) -> Vec<Place>;

/// Lists made from the rows of one table.
pub struct ListsOf<V> {
    table: Prefix,
    places: Places<V>,
    stage: Option<fn(&V) -> u8>,
}

impl<V> ListsOf<V> {
    /// Besides [`ALL`], each row stands in the lists that `places` tells.
    pub const fn new(table: Prefix, places: Places<V>) -> Self {
        Self { table, places, stage: None }
    }

    /// Each list, also by stage: a number other than zero.
    #[must_use]
    pub const fn by_stage(self, stage: fn(&V) -> u8) -> Self {
        Self { stage: Some(stage), ..self }
    }
}

impl<V: DeserializeOwned> Lists for ListsOf<V> {
    fn table(&self) -> u8 {
        self.table.byte
    }

    fn of(&self, row: &[u8], view: &View<'_>) -> Vec<(u8, Vec<u8>)> {
        let Some(object) = decode_value::<V>(row) else { return Vec::new() };
        let mut stages = vec![None];
        stages.extend(self.stage.map(|stage| Some(stage(&object))));
        let mut places = vec![(ALL, None)];
        places.extend((self.places)(&object, view));
        let at = |stage: Option<u8>| {
            let places = places.iter();
            places.map(move |(list, of)| (list_at_stage(*list, stage), list_value(*of, stage)))
        };
        stages.into_iter().flat_map(at).collect()
    }
}

/// The place under another object.
pub fn under<N: No>(list: u8, no: N) -> Place {
    (list, Some(no.to_u64()))
}

/// The list of those objects of a list that are at a stage, where one is asked for.
pub(crate) const fn list_at_stage(list: u8, stage: Option<u8>) -> u8 {
    match stage {
        Some(_) => list | AT_STAGE,
        None => list,
    }
}

/// The value of a list: the number of another object, a stage, both or neither.
pub(crate) fn list_value(of: Option<u64>, stage: Option<u8>) -> Vec<u8> {
    let mut value = of.map_or_else(Vec::new, |of| of.to_be_bytes().to_vec());
    value.extend(stage);
    value
}

/// What is known of where an event names an object: (tag, prefix of the id's text form).
pub type Mentions = HashMap<String, Vec<(u32, String)>>;

/// Which fields of which messages name objects, by the id options in the descriptors.
pub fn mentions() -> Mentions {
    let mut mentions = Mentions::new();
    for message in POOL.all_messages() {
        let ids = message.fields().filter_map(|f| Some((f.number(), id_prefix(&f)?)));
        mentions.insert(message.full_name().to_owned(), ids.collect());
    }
    mentions
}

/// What to fold.
pub struct Plan {
    /// First key bytes of the book's tables to copy.
    pub tables: Vec<u8>,
    /// The lists.
    pub lists: Vec<Box<dyn Lists>>,
    /// Which fields of which events name objects.
    pub mentions: Mentions,
}

/// One line of an object's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLine {
    /// The entry.
    pub index: u64,
    /// Which of its events.
    pub number: u16,
    /// Full protobuf name of the event.
    pub type_name: String,
}

impl Plan {
    fn fold(&self, entry: &AppliedEntry, layers: &Layers, out: &mut Changes) {
        for (key, value) in &entry.changes {
            let Some(&table) = key.first() else { continue };
            if table == registry::COMMANDS.byte {
                // Kept when the book forgets: GetStatement answers for ever.
                if value.is_some() {
                    out.insert(key.clone(), value.clone());
                }
            } else if self.tables.contains(&table) {
                self.relist(table, key, value.as_deref(), layers, out);
                out.insert(key.clone(), value.clone());
            }
        }
        self.remember(entry, out);
    }

    /// Takes an object out of the lists it left and puts it into those it joined.
    fn relist(
        &self,
        table: u8,
        key: &[u8],
        value: Option<&[u8]>,
        layers: &Layers,
        out: &mut Changes,
    ) {
        let Some(lists) = self.lists.iter().find(|lists| lists.table() == table) else { return };
        let (old, new) = {
            let state = Grouped { group: out, layers };
            let view = View::new(&state);
            let places = |row: Option<&[u8]>| row.map_or_else(Vec::new, |row| lists.of(row, &view));
            (places(state.get(key).as_deref()), places(value))
        };
        let number = &key[1..];
        for (list, value) in old.iter().filter(|entry| !new.contains(entry)) {
            out.insert(list_key(table, *list, value, number), None);
        }
        for (list, value) in new.iter().filter(|entry| !old.contains(entry)) {
            out.insert(list_key(table, *list, value, number), Some(Vec::new()));
        }
    }

    fn remember(&self, entry: &AppliedEntry, out: &mut Changes) {
        for (number, event) in entry.events.iter().enumerate() {
            let type_name = event.type_name();
            let Some(mentions) = self.mentions.get(type_name) else { continue };
            let body = event.encode();
            let mut reader = Reader::new(&body);
            while let Ok(Some((tag, raw))) = reader.next_field() {
                let named = mentions.iter().find(|(known, _)| *known == tag);
                if let (Some((_, prefix)), Raw::Bytes(id)) = (named, raw) {
                    let number = u16::try_from(number).unwrap_or(u16::MAX);
                    let key = history_key(prefix, id, Some((entry.index, number)));
                    out.insert(key, Some(type_name.as_bytes().to_vec()));
                }
            }
        }
    }
}

fn list_key(table: u8, list: u8, value: &[u8], number: &[u8]) -> Vec<u8> {
    [&[LISTS, table, list], value, number].concat()
}

fn history_key(prefix: &str, id: &[u8], place: Option<(u64, u16)>) -> Vec<u8> {
    let mut key = vec![HISTORY];
    key.extend_from_slice(prefix.as_bytes());
    key.push(0);
    key.extend_from_slice(id);
    if let Some((index, number)) = place {
        key.extend_from_slice(&index.to_be_bytes());
        key.extend_from_slice(&number.to_be_bytes());
    }
    key
}

/// Up to `limit` numbers of the objects in a list, ascending, those after `after`.
pub fn list(
    state: &dyn Base,
    table: u8,
    list: u8,
    value: &[u8],
    after: Option<u64>,
    limit: usize,
) -> Vec<u64> {
    let prefix = list_key(table, list, value, &[]);
    let after = after.map(|number| list_key(table, list, value, &number.to_be_bytes()));
    let number =
        |(key, _): (Vec<u8>, Vec<u8>)| key[prefix.len()..].try_into().ok().map(u64::from_be_bytes);
    state.range(&prefix, after.as_deref(), limit).into_iter().filter_map(number).collect()
}

/// Up to `limit` lines of an object's history, oldest first.
pub fn history(state: &dyn Base, prefix: &str, id: &[u8; 16], limit: usize) -> Vec<HistoryLine> {
    let key = history_key(prefix, id, None);
    let line = |(found, type_name): (Vec<u8>, Vec<u8>)| {
        let place = found.get(key.len()..)?;
        let (index, number) = place.split_at_checked(8)?;
        Some(HistoryLine {
            index: u64::from_be_bytes(index.try_into().ok()?),
            number: u16::from_be_bytes(number.try_into().ok()?),
            type_name: String::from_utf8(type_name).ok()?,
        })
    };
    state.range(&key, None, limit).into_iter().filter_map(line).collect()
}

/// The query state contradicts itself. It is derived: nothing is lost.
#[derive(Debug, thiserror::Error)]
#[error(
    "the query state is damaged; stop the node and remove the chain's `queries` directory to have it made anew"
)]
pub struct QueriesBroken(#[from] MapError);

/// The projections' thread.
pub struct Projector {
    plan: Plan,
    layers: Arc<Layers>,
    size: watch::Sender<u64>,
    roots: watch::Sender<Option<StateRoot>>,
    // One thread folds; it is locked once for each group.
    changed: Mutex<Changed>,
}

impl Projector {
    /// Over a query state, telling how far it is.
    ///
    /// # Errors
    ///
    /// The query state contradicts itself.
    pub fn new(
        plan: Plan,
        layers: Arc<Layers>,
    ) -> Result<(Self, watch::Receiver<u64>), QueriesBroken> {
        let (size, told) = watch::channel(layers.head().size);
        let changed = Mutex::new(Changed::recall(&layers.snapshot())?);
        let roots = watch::Sender::new(None);
        Ok((Self { plan, layers, size, roots, changed }, told))
    }

    /// The newest state root that was kept since it began.
    pub fn roots(&self) -> watch::Receiver<Option<StateRoot>> {
        self.roots.subscribe()
    }

    /// Folds a group. Entries that the query state has already are passed over.
    ///
    /// # Errors
    ///
    /// The query state contradicts itself.
    pub fn fold(&self, group: &AppliedGroup) -> Result<(), QueriesBroken> {
        let mut head = self.layers.head();
        let mut changes = Changes::new();
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in group {
            if entry.index < head.size {
                continue;
            }
            self.plan.fold(entry, &self.layers, &mut changes);
            changed.add(entry);
            head = Head {
                size: entry.index + 1,
                leaf_hash: entry.leaf_hash.0,
                time_ms: entry.time_ms,
            };
            if head.size.is_multiple_of(state_root::EVERY) {
                let root = changed.fold(head.size, &self.layers, &mut changes)?;
                self.roots.send_replace(Some(root));
            }
        }
        changed.keep(head.size, &mut changes);
        self.layers.publish(changes, head);
        self.size.send_replace(head.size);
        Ok(())
    }

    /// Folds groups until the apply thread is gone.
    ///
    /// # Errors
    ///
    /// As [`Projector::fold`]: the node stops.
    pub fn run(self, groups: &Receiver<AppliedGroup>) -> Result<(), QueriesBroken> {
        while let Ok(group) = groups.recv() {
            self.fold(&group)?;
        }
        Ok(())
    }
}
