//! Objects: things with a 128-bit id outside and a dense number inside.

use serde::{Serialize, de::DeserializeOwned};

use super::{BrokenHistory, Key, Prefix, Table, View};
use crate::{registry, vocabulary::No};

/// An object with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<N, V> {
    /// Its number: what other tables refer to.
    pub no: N,
    /// What is known of it.
    pub value: V,
}

/// How many objects of each kind there are, by the prefix byte of the kind's rows.
pub(crate) const COUNTS: Table<u8, u64> = Table::new(registry::COUNTS);

/// A table of objects: one table from id to number, one from number to value.
pub struct Objects<I, N, V> {
    ids: Table<I, N>,
    rows: Table<N, V>,
}

impl<I, N, V> Objects<I, N, V>
where
    I: Key,
    N: Key + No + Serialize + DeserializeOwned,
    V: Serialize + DeserializeOwned,
{
    /// Over two prefixes of the registry.
    pub const fn new(ids: Prefix, rows: Prefix) -> Self {
        Self { ids: Table::new(ids), rows: Table::new(rows) }
    }

    /// The prefix of the rows by number.
    pub const fn rows(&self) -> Prefix {
        self.rows.prefix()
    }

    /// The number of an object.
    pub fn no(&self, view: &View<'_>, id: &I) -> Option<N> {
        self.ids.get(view, id)
    }

    /// Whether there is such an object.
    pub fn has(&self, view: &View<'_>, id: &I) -> bool {
        self.ids.has(view, id)
    }

    /// The object with an id.
    pub fn find(&self, view: &View<'_>, id: &I) -> Option<Row<N, V>> {
        let no = self.no(view, id)?;
        self.get(view, no).map(|value| Row { no, value })
    }

    /// The object with a number. A number that refers to nothing is a broken history.
    pub fn get(&self, view: &View<'_>, no: N) -> Option<V> {
        let value = self.rows.get(view, &no);
        if value.is_none() {
            view.report_broken(BrokenHistory("a number refers to no object"));
        }
        value
    }

    /// How many objects there are.
    pub fn count(&self, view: &View<'_>) -> u64 {
        COUNTS.get(view, &self.rows.prefix().byte).unwrap_or(0)
    }

    /// Adds an object under the next number.
    ///
    /// # Errors
    ///
    /// The id exists already: decide should have refused it as `ID_TAKEN`.
    pub fn insert(&self, view: &mut View<'_>, id: &I, value: &V) -> Result<N, BrokenHistory> {
        if self.ids.has(view, id) {
            return Err(BrokenHistory("an object is made twice"));
        }
        let count = self.count(view);
        let no = N::from_u64(count);
        COUNTS.put(view, &self.rows.prefix().byte, &(count + 1));
        self.ids.put(view, id, &no);
        self.rows.put(view, &no, value);
        Ok(no)
    }

    /// Replaces the value of an object.
    pub fn put(&self, view: &mut View<'_>, row: &Row<N, V>) {
        self.rows.put(view, &row.no, &row.value);
    }

    /// Changes an object in place: what `evolve` does with nearly every event.
    ///
    /// # Errors
    ///
    /// There is no such object, or `change` says that the event can't follow.
    pub fn update(
        &self,
        view: &mut View<'_>,
        id: &I,
        change: impl FnOnce(&mut V) -> Result<(), BrokenHistory>,
    ) -> Result<N, BrokenHistory> {
        let mut row = self.find(view, id).ok_or(BrokenHistory("an event names no object"))?;
        change(&mut row.value)?;
        self.put(view, &row);
        Ok(row.no)
    }

    /// Up to `limit` objects in order of creation, those after `after` when given.
    pub fn scan(&self, view: &View<'_>, after: Option<N>, limit: usize) -> Vec<Row<N, V>> {
        self.rows
            .scan(view, &(), after.as_ref(), limit)
            .into_iter()
            .map(|(no, value)| Row { no, value })
            .collect()
    }
}
