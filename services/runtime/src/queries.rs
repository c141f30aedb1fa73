//! What queries read: one query state, and the entries themselves.

use std::sync::Arc;

use granary_book::{
    apply::{Seen, seen},
    state::View,
};
use granary_log::{entry::Entry, hash::leaf_hash};
use tokio::sync::watch;

use crate::{
    answer::Answer,
    door::Failure,
    layers::{Layers, Snapshot},
};

/// How fresh a read must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Freshness {
    /// Wait until this index has been applied.
    pub min_index: Option<u64>,
    /// Wait for everything accepted before the read arrived.
    pub linearizable: bool,
}

/// Reads entries that are durable.
pub trait Entries: Send + Sync {
    /// The bytes of an entry; `None` beyond the end, or when the log can't be read there.
    fn bytes(&self, index: u64) -> Option<Vec<u8>>;
    /// How many entries there are.
    fn size(&self) -> u64;
}

/// What queries read.
pub struct Queries {
    layers: Arc<Layers>,
    size: watch::Receiver<u64>,
    entries: Arc<dyn Entries>,
}

impl Queries {
    /// Over a query state and the entries of its chain.
    pub fn new(layers: Arc<Layers>, size: watch::Receiver<u64>, entries: Arc<dyn Entries>) -> Self {
        Self { layers, size, entries }
    }

    /// One position of the query state: everything read from it is true at the same index.
    pub fn snapshot(&self) -> Snapshot<'_> {
        self.layers.snapshot()
    }

    /// The entries.
    pub fn entries(&self) -> &Arc<dyn Entries> {
        &self.entries
    }

    /// Waits until the query state has folded `size` entries.
    ///
    /// # Errors
    ///
    /// [`Failure::Stopped`] when the projections have ended.
    pub async fn wait_for(&self, size: u64) -> Result<(), Failure> {
        let mut told = self.size.clone();
        let reached = told.wait_for(|have| *have >= size).await;
        reached.map(drop).map_err(|_| Failure::Stopped("the projections have ended".to_owned()))
    }

    /// The entry that decided a command id, whenever that was.
    pub fn decided(&self, principal: [u8; 16], command_id: [u8; 16]) -> Option<Seen> {
        let snapshot = self.snapshot();
        seen(&View::new(&snapshot), principal, command_id)
    }

    /// What the entry at an index answers.
    pub fn answer_at(&self, index: u64) -> Option<Answer> {
        let bytes = self.entries.bytes(index)?;
        let entry = Entry::decode(&bytes).ok()?;
        Some(Answer::of(entry, leaf_hash(&bytes)))
    }
}
