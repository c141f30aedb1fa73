//! The apply thread: one for each chain. Decides statements in their order, seals them into entries, makes a
//! group durable with one sync, and only then lets anybody see or hear of it.

use std::{
    collections::HashMap,
    io,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        mpsc::{self, SyncSender},
    },
};

use granary_book::{
    apply::{self as book, Moment, Place, Received},
    areas::Event,
    chain::Clock,
    state::{BrokenHistory, Changes, EmptyBase},
    vocabulary::Time,
};
use granary_log::{
    entry::{Entry, Outcome, Recorded, SealedEntry},
    hash::Hash,
    record,
    signature::{KeyCache, check_signatures},
    statement::Statement,
    tree::Tree,
};
use tokio::sync::{mpsc as tokio_mpsc, oneshot};

use crate::{
    answer::Answer,
    flush,
    hot::{Hot, Remembered},
    layers::{Grouped, Head, Layers},
    sequence::{Checked, Delivery, Held, Ordered, Record},
    store::StoreError,
    telemetry::{in_metrics, names},
    time::TimeSource,
    waiters::{Waiters, Woken},
};

/// Parsed keys kept for records that no door has checked.
const KEYS_MAX: usize = 4_096;

/// Makes groups of entries durable.
pub trait Journal: Send {
    /// Appends a group and returns once all of it is durable.
    ///
    /// # Errors
    ///
    /// Nothing of the group may be told to anybody; the node stops. A sync that fails ends the process.
    fn append_group(&mut self, entries: &[SealedEntry]) -> io::Result<()>;
}

/// An entry with what projections need of it.
#[derive(Debug)]
pub struct AppliedEntry {
    /// Its index.
    pub index: u64,
    /// Its log time.
    pub time_ms: u64,
    /// Its leaf hash.
    pub leaf_hash: Hash,
    /// Its events in their order.
    pub events: Vec<Event>,
    /// What it changed in the book's state.
    pub changes: Changes,
}

/// Entries made durable together.
pub type AppliedGroup = Vec<AppliedEntry>;

/// Why the apply thread ended by itself. The node stops; nothing that was not durable was told to anybody.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The state contradicts itself.
    #[error("the book's state contradicts its history; verify the chain and rebuild the state")]
    Broken(#[from] BrokenHistory),
    /// The state store failed.
    #[error("the state store failed")]
    Store(#[from] StoreError),
    /// The log could not be written.
    #[error("the log could not be written; nothing acknowledged was lost")]
    Journal(#[source] io::Error),
    /// The clock of the machine can't be believed.
    #[error(transparent)]
    Clock(#[from] crate::time::ClockJumped),
    /// An entry could not be encoded.
    #[error("entry {index} does not fit its form")]
    Encode {
        /// Which entry.
        index: u64,
    },
}

/// Callers waiting for a barrier: they are told how many entries had been applied when it came.
#[derive(Default)]
pub struct Barriers(Mutex<HashMap<[u8; 16], oneshot::Sender<u64>>>);

impl Barriers {
    /// Registers a caller.
    pub fn join(&self, nonce: [u8; 16]) -> oneshot::Receiver<u64> {
        let (tell, waiting) = oneshot::channel();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(nonce, tell);
        waiting
    }

    fn reached(&self, nonce: &[u8; 16], size: u64) {
        let caller = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(nonce);
        if let Some(caller) = caller {
            // A caller that gave up is gone; that is its right.
            let _ = caller.send(size);
        }
    }
}

/// What the apply thread shares with everybody else.
#[derive(Clone)]
pub struct Shared {
    /// The chain's origin.
    pub origin: Arc<str>,
    /// The book's state.
    pub layers: Arc<Layers>,
    /// Leaf hashes and inner nodes.
    pub tree: Arc<RwLock<Tree>>,
    /// Callers waiting for statements.
    pub waiters: Arc<Waiters>,
    /// Callers waiting for barriers.
    pub barriers: Arc<Barriers>,
}

/// The apply thread's own.
pub struct Applier {
    shared: Shared,
    order: Box<dyn Ordered>,
    journal: Box<dyn Journal>,
    time: Box<dyn TimeSource>,
    answers: tokio_mpsc::UnboundedSender<Vec<Woken>>,
    groups: SyncSender<AppliedGroup>,
    keys: KeyCache,
    hot: Hot,
    head: Head,
}

/// Bytes of entries at which a group is made durable, though more wait: what is taken from the queue is
/// bounded by the bytes of statements, and their results may be many times as long. A group has to fit into
/// the smallest segment a node may have, 1 MiB, with a last entry of greatest length.
const GROUP_ENTRY_BYTES: usize = 512 << 10;

/// A group while it is decided.
#[derive(Default)]
struct Group {
    entry_bytes: usize,
    changes: Changes,
    entries: Vec<SealedEntry>,
    applied: AppliedGroup,
    answers: Vec<(Hash, Arc<Answer>)>,
    barriers: Vec<[u8; 16]>,
}

impl Applier {
    /// Ready to run from where the state stands.
    pub fn new(
        shared: Shared,
        order: Box<dyn Ordered>,
        journal: Box<dyn Journal>,
        time: Box<dyn TimeSource>,
        answers: tokio_mpsc::UnboundedSender<Vec<Woken>>,
        groups: SyncSender<AppliedGroup>,
    ) -> Self {
        let head = shared.layers.head();
        let (keys, hot) = (KeyCache::new(KEYS_MAX), Hot::default());
        Self { shared, order, journal, time, answers, groups, keys, hot, head }
    }

    /// Runs until the ordering log is closed and drained.
    ///
    /// # Errors
    ///
    /// [`ApplyError`]: the node must stop.
    pub fn run(mut self) -> Result<(), ApplyError> {
        while let Some(deliveries) = self.order.next_group() {
            let mut group = Group::default();
            for delivery in deliveries {
                match delivery {
                    Delivery::Record(record, held) => self.decide(record, held, &mut group)?,
                    Delivery::Barrier(nonce) => group.barriers.push(nonce),
                }
                if group.entry_bytes >= GROUP_ENTRY_BYTES {
                    self.conclude(std::mem::take(&mut group))?;
                }
            }
            self.conclude(group)?;
        }
        Ok(())
    }

    fn decide(&mut self, record: Record, held: Held, group: &mut Group) -> Result<(), ApplyError> {
        let index = self.head.size;
        let (epoch, offset, clock) = match held {
            Held::Here => (0, index, Clock::Local(self.time.now()?)),
            Held::At { epoch, offset, clock } => (epoch, offset, clock),
        };
        let checked = match record.checked {
            Some(checked) => Some(checked),
            None => self.check(&record.bytes),
        };
        let received = match &checked {
            Some(checked) => {
                Received::Statement { statement: &checked.statement, verdicts: &checked.verdicts }
            }
            None => Received::Unreadable,
        };
        let moment = Moment { index, previous: Time::from_ms(self.head.time_ms), clock };
        let below = Grouped { group: &group.changes, layers: &self.shared.layers };
        let base = Remembered { hot: &self.hot, below };
        let mut applied = book::apply(&base, &moment, received)?;

        let changes = std::mem::take(&mut applied.changes);
        let events = std::mem::take(&mut applied.events);
        let place = Place { index, prev_leaf_hash: Hash(self.head.leaf_hash), epoch, offset };
        let entry = applied.into_entry(place, &record.bytes)?;
        let sealed = entry.seal().map_err(|_| ApplyError::Encode { index })?;
        let leaf_hash = sealed.leaf_hash();
        let time_ms = entry.time_ms;
        self.head = Head { size: index + 1, leaf_hash: leaf_hash.0, time_ms };
        self.hot.absorb(&changes);
        group.changes.extend(changes.iter().map(|(key, value)| (key.clone(), value.clone())));
        group.applied.push(AppliedEntry { index, time_ms, leaf_hash, events, changes });
        group.answers.push((record.digest, Arc::new(Answer::of(entry, leaf_hash))));
        group.entry_bytes += sealed.bytes().len();
        group.entries.push(sealed);
        Ok(())
    }

    /// Records that no door has seen: decoded and checked here.
    fn check(&mut self, bytes: &[u8]) -> Option<Box<Checked>> {
        match record::classify(bytes, &self.shared.origin) {
            record::Record::Statement(statement) => {
                let verdicts = self.keys.check_signatures(&statement);
                Some(Box::new(Checked { statement, verdicts }))
            }
            record::Record::Barrier(_) | record::Record::Unreadable(_) => None,
        }
    }

    /// Holds the chain back while the store is too far behind: memory is bounded, and callers see a full
    /// queue instead of a dying node.
    fn wait_for_store(&self) {
        while self.shared.layers.pending_bytes() > flush::BEHIND_MAX {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    /// Durable first, then visible, then told.
    fn conclude(&mut self, group: Group) -> Result<(), ApplyError> {
        // Whatever the store failed to read may have decided something: nothing of it is kept.
        if let Some(failure) = self.shared.layers.take_failure() {
            return Err(failure.into());
        }
        if !group.entries.is_empty() {
            self.journal.append_group(&group.entries).map_err(ApplyError::Journal)?;
            {
                let mut tree = self.shared.tree.write().unwrap_or_else(PoisonError::into_inner);
                for entry in &group.entries {
                    tree.push(entry.leaf_hash());
                }
            }
            self.shared.layers.publish(group.changes, self.head);
            count(&group.answers, self.head.size);
            self.wait_for_store();
            let woken = self.shared.waiters.take(group.answers);
            if !woken.is_empty() {
                // The receiver lives as long as the node; without it nobody is left to tell.
                drop(self.answers.send(woken));
            }
            // Waits when projections are far behind: this is what bounds them.
            drop(self.groups.send(group.applied));
        }
        for nonce in &group.barriers {
            self.shared.barriers.reached(nonce, self.head.size);
        }
        Ok(())
    }
}

/// A group's worth of metrics, after it is durable.
fn count(answers: &[(Hash, Arc<Answer>)], size: u64) {
    for (_, answer) in answers {
        let outcome = match answer.result.outcome {
            Outcome::Accepted(_) => "accepted",
            Outcome::Refused { .. } => "refused",
            Outcome::Duplicate { .. } => "duplicate",
            Outcome::Skipped(_) => "skipped",
        };
        metrics::counter!(names::STATEMENTS, "outcome" => outcome).increment(1);
    }
    metrics::histogram!(names::GROUP_STATEMENTS).record(in_metrics(answers.len() as u64));
    metrics::gauge!(names::APPLIED_SIZE).set(in_metrics(size));
}

/// Groups that projections may be behind before the apply thread waits for them.
pub const GROUPS_BEHIND_MAX: usize = 64;

/// The channel from the apply thread to the projections.
pub fn group_channel() -> (SyncSender<AppliedGroup>, mpsc::Receiver<AppliedGroup>) {
    mpsc::sync_channel(GROUPS_BEHIND_MAX)
}

/// The first entry of a chain, made of its genesis statement.
///
/// # Errors
///
/// What is wrong with the statement.
pub fn genesis_entry(origin: &str, received: &[u8]) -> Result<SealedEntry, String> {
    let record::Record::Statement(statement) = record::classify(received, origin) else {
        return Err("it is no statement of this chain".to_owned());
    };
    let applied = apply_genesis(&statement)?;
    let place = Place {
        index: 0,
        prev_leaf_hash: granary_log::entry::genesis_prev_hash(origin),
        epoch: 0,
        offset: 0,
    };
    let entry = applied.into_entry(place, received).map_err(|error| error.to_string())?;
    entry.seal().map_err(|error| error.to_string())
}

fn apply_genesis(statement: &Statement) -> Result<book::Applied, String> {
    let verdicts = check_signatures(statement);
    let signed_at = Time::from_ms(statement.signed_at_ms);
    let moment = Moment { index: 0, previous: Time::EPOCH, clock: Clock::Local(signed_at) };
    let received = Received::Statement { statement, verdicts: &verdicts };
    book::apply(&EmptyBase, &moment, received).map_err(|error| error.to_string())
}

/// Applies entry 0 again and compares the result.
///
/// # Errors
///
/// What is wrong with it.
pub fn replay_genesis(entry: &Entry) -> Result<book::Applied, String> {
    let Recorded::Full(bytes) = &entry.statement else {
        return Err("it keeps no statement".to_owned());
    };
    let statement = Statement::decode(bytes).map_err(|error| error.to_string())?;
    let applied = apply_genesis(&statement)?;
    if applied.result == entry.result {
        Ok(applied)
    } else {
        Err("it records another result than its rules give".to_owned())
    }
}
