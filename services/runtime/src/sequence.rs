//! The ordering log: puts statements into one total order.
//!
//! Two halves. A [`Sequencer`] takes records from many callers; an [`Ordered`] gives them to the apply thread
//! in their order, in groups of whatever queued while the last group was made durable. The local pair is in
//! here; one over a Kafka topic fits behind the same traits: it produces in `append`, consumes in
//! `next_group`, and fills in the position and the broker's time that the local one leaves to the apply
//! thread.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use granary_book::chain::Clock;
use granary_log::{hash::Hash, signature::Verdict, statement::Statement};

use crate::telemetry::{in_metrics, names};

/// A record with what was already found out about it on its way in.
#[derive(Debug)]
pub struct Record {
    /// The bytes as received.
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes: what waiters are keyed by.
    pub digest: Hash,
    /// What a door has found; records that come from elsewhere have none and are checked before they are
    /// applied.
    pub checked: Option<Box<Checked>>,
}

/// A decoded statement with the verdicts of its signatures.
#[derive(Debug)]
pub struct Checked {
    /// The statement.
    pub statement: Statement,
    /// One verdict for each signature.
    pub verdicts: Vec<Verdict>,
}

/// Where the ordering log held a record, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// In the local log: the position is the entry's own index, the time is taken when it is applied.
    Here,
    /// In a log of its own.
    At {
        /// Its epoch.
        epoch: u32,
        /// The offset within the epoch.
        offset: u64,
        /// The log's time for it.
        clock: Clock,
    },
}

/// What comes out of the ordering log.
#[derive(Debug)]
pub enum Delivery {
    /// A record in its place.
    Record(Record, Held),
    /// A barrier: everything before it has been delivered.
    Barrier([u8; 16]),
}

/// Why a record was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The queue is full. Nothing was appended; trying again later helps.
    #[error("the queue of {queued} statements is full")]
    Full {
        /// How many wait.
        queued: usize,
    },
    /// The node is stopping. Nothing was appended.
    #[error("the node is stopping")]
    Stopping,
}

/// The callers' half.
pub trait Sequencer: Send + Sync {
    /// Appends a record. Returning says that it is on its way, not that it has been decided.
    ///
    /// # Errors
    ///
    /// [`AppendError`]; then nothing was appended.
    fn append(&self, record: Record) -> Result<(), AppendError>;

    /// Appends a barrier: it makes no entry and moves no clock.
    ///
    /// # Errors
    ///
    /// [`AppendError::Stopping`].
    fn barrier(&self, nonce: [u8; 16]) -> Result<(), AppendError>;

    /// Takes no more records; what was taken is still delivered.
    fn close(&self);
}

/// The apply thread's half.
pub trait Ordered: Send {
    /// The next deliveries in order: all that wait, within the limits, or as soon as there is one. `None` once
    /// the log is closed and drained.
    fn next_group(&mut self) -> Option<Vec<Delivery>>;
}

/// Bounds of the local queue and of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most statements waiting.
    pub queue_statements: usize,
    /// Most bytes waiting.
    pub queue_bytes: usize,
    /// Most statements of one group: bounds how long the first waits for the last.
    pub group_statements: usize,
    /// Most bytes of one group.
    pub group_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            queue_statements: 65_536,
            queue_bytes: 64 << 20,
            group_statements: 4_096,
            group_bytes: 4 << 20,
        }
    }
}

#[derive(Default)]
struct Queue {
    deliveries: VecDeque<Delivery>,
    bytes: usize,
    closed: bool,
}

impl Queue {
    fn tell(&self) {
        metrics::gauge!(names::QUEUE_STATEMENTS).set(in_metrics(self.deliveries.len() as u64));
        metrics::gauge!(names::QUEUE_BYTES).set(in_metrics(self.bytes as u64));
    }
}

struct Shared {
    queue: Mutex<Queue>,
    arrived: Condvar,
    limits: Limits,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing between lock and unlock can panic half way.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The local log's callers' half.
pub struct LocalSequencer(Arc<Shared>);

/// The local log's apply half.
pub struct LocalOrder(Arc<Shared>);

/// A local ordering log. The entry segments are the only log there is: what stands in the queue has not been
/// acknowledged to anybody.
pub fn local(limits: Limits) -> (LocalSequencer, LocalOrder) {
    let shared = Arc::new(Shared { queue: Mutex::default(), arrived: Condvar::new(), limits });
    (LocalSequencer(Arc::clone(&shared)), LocalOrder(shared))
}

impl Sequencer for LocalSequencer {
    fn append(&self, record: Record) -> Result<(), AppendError> {
        let mut queue = self.0.lock();
        if queue.closed {
            return Err(AppendError::Stopping);
        }
        let limits = self.0.limits;
        let full = queue.deliveries.len() >= limits.queue_statements
            || queue.bytes + record.bytes.len() > limits.queue_bytes;
        if full {
            return Err(AppendError::Full { queued: queue.deliveries.len() });
        }
        queue.bytes += record.bytes.len();
        queue.deliveries.push_back(Delivery::Record(record, Held::Here));
        queue.tell();
        drop(queue);
        self.0.arrived.notify_one();
        Ok(())
    }

    fn barrier(&self, nonce: [u8; 16]) -> Result<(), AppendError> {
        let mut queue = self.0.lock();
        if queue.closed {
            return Err(AppendError::Stopping);
        }
        queue.deliveries.push_back(Delivery::Barrier(nonce));
        drop(queue);
        self.0.arrived.notify_one();
        Ok(())
    }

    fn close(&self) {
        self.0.lock().closed = true;
        self.0.arrived.notify_all();
    }
}

impl Ordered for LocalOrder {
    fn next_group(&mut self) -> Option<Vec<Delivery>> {
        let mut queue = self.0.lock();
        while queue.deliveries.is_empty() {
            if queue.closed {
                return None;
            }
            queue = self.0.arrived.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        let limits = self.0.limits;
        let mut group = Vec::new();
        let mut bytes = 0;
        while group.len() < limits.group_statements && bytes < limits.group_bytes {
            let Some(delivery) = queue.deliveries.pop_front() else { break };
            if let Delivery::Record(record, _) = &delivery {
                bytes += record.bytes.len();
            }
            group.push(delivery);
        }
        queue.bytes -= bytes;
        queue.tell();
        Some(group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(len: usize) -> Record {
        Record { bytes: vec![0; len], digest: Hash([0; 32]), checked: None }
    }

    fn limits() -> Limits {
        Limits { queue_statements: 3, queue_bytes: 100, group_statements: 2, group_bytes: 50 }
    }

    #[test]
    fn a_full_queue_takes_nothing_more_and_says_so() {
        let (sequencer, mut order) = local(limits());
        for _ in 0..3 {
            sequencer.append(record(1)).expect("there is room");
        }
        assert_eq!(sequencer.append(record(1)), Err(AppendError::Full { queued: 3 }));
        assert_eq!(order.next_group().map(|group| group.len()), Some(2));
        sequencer.append(record(99)).expect("there is room again");
        assert_eq!(sequencer.append(record(1)), Err(AppendError::Full { queued: 2 }), "bytes");
    }

    #[test]
    fn a_closed_log_delivers_what_it_took_and_then_ends() {
        let (sequencer, mut order) = local(limits());
        sequencer.append(record(60)).expect("there is room");
        sequencer.barrier([1; 16]).expect("open");
        sequencer.close();
        assert_eq!(sequencer.append(record(1)), Err(AppendError::Stopping));
        // 60 bytes are more than a group's 50, so the barrier comes with the next.
        assert!(matches!(order.next_group().as_deref(), Some([Delivery::Record(..)])));
        assert!(matches!(order.next_group().as_deref(), Some([Delivery::Barrier(_)])));
        assert!(order.next_group().is_none());
    }
}
