//! Brings the derived states up to date with the log.

use std::io;

use granary_book::{apply::replay, state::Changes, vocabulary::Time};
use granary_log::{
    entry::Entry,
    hash::{Hash, leaf_hash},
    tree::Tree,
};

use super::{ChainError, Options};
use crate::{
    apply::{AppliedEntry, AppliedGroup},
    flush::States,
    journal::LogEntries,
    layers::{Grouped, Head},
    projection::Projector,
};

/// Entries replayed in one group.
const REPLAY_GROUP: usize = 1_024;

/// Reads the whole log once: every leaf goes into the tree, and what the states lack is applied again.
pub(crate) fn bring_up_to_date(
    states: &States,
    projector: &Projector,
    entries: &LogEntries,
    from: Head,
    log: Head,
    options: &Options,
) -> Result<Tree, ChainError> {
    let mut tree = Tree::new();
    let mut replaying = Replaying { states, projector, head: from, group: Vec::new() };
    let mut fault = None;
    let read = entries.scan(0, log.size, |stored| {
        let leaf = leaf_hash(&stored.bytes);
        tree.push(leaf);
        if stored.index >= from.size
            && let Err(error) = replaying.entry(&stored.bytes, stored.index, leaf)
        {
            fault = Some(error);
            return Err(io::Error::other("stopped"));
        }
        if stored.index.is_multiple_of(65_536) {
            (options.progress)(stored.index, log.size);
        }
        Ok(())
    });
    match fault {
        Some(fault) => return Err(fault),
        None => read?,
    }
    replaying.conclude()?;
    (options.progress)(log.size, log.size);
    Ok(tree)
}

struct Replaying<'r> {
    states: &'r States,
    projector: &'r Projector,
    head: Head,
    group: AppliedGroup,
}

impl Replaying<'_> {
    fn entry(&mut self, bytes: &[u8], index: u64, leaf: Hash) -> Result<(), ChainError> {
        let entry = Entry::decode(bytes).map_err(|_| ChainError::Entry { index })?;
        let applied = if index == 0 {
            crate::apply::replay_genesis(&entry).map_err(ChainError::Genesis)?
        } else {
            let pending = Changes::new();
            let base = Grouped { group: &pending, layers: &self.states.book };
            replay(&base, Time::from_ms(self.head.time_ms), &entry, false)?
        };
        self.head = Head { size: index + 1, leaf_hash: leaf.0, time_ms: entry.time_ms };
        self.states.book.publish(applied.changes.clone(), self.head);
        self.group.push(AppliedEntry {
            index,
            time_ms: entry.time_ms,
            leaf_hash: leaf,
            events: applied.events,
            changes: applied.changes,
        });
        if self.group.len() >= REPLAY_GROUP { self.conclude() } else { Ok(()) }
    }

    fn conclude(&mut self) -> Result<(), ChainError> {
        if let Some(failure) = self.states.book.take_failure() {
            return Err(failure.into());
        }
        self.projector.fold(&std::mem::take(&mut self.group))?;
        Ok(self.states.write()?)
    }
}
