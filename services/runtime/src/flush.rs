//! Writes what the apply thread and the projections have changed to their stores, seconds behind, each in one
//! atomic batch with its position.
//!
//! The order matters. Both states hold only what is durable in the log, so neither store can be ahead of it.
//! And the query state is always written further than the book's: so a restart, which replays the log from
//! where the book's state stands, gives the projections every change that they lack.

use std::{
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use crate::{
    layers::Layers,
    store::StoreError,
    telemetry::{in_metrics, names},
};

/// How long changes wait when there are few.
const EVERY: Duration = Duration::from_millis(1_000);

/// How often what was written is made durable: what a restart after a crash has to replay at most. redb keeps
/// nothing before that, sled something.
const DURABLE_EVERY: Duration = Duration::from_secs(5);

/// Changes that are written at once. sled lets nobody read while it applies a batch, so batches stay in the
/// thousands of keys; redb gains little from larger ones.
const BATCH_BYTES: usize = 4 << 20;

/// Changes in memory at which the apply thread waits for the store.
pub const BEHIND_MAX: usize = 64 << 20;

/// The two states of a chain.
#[derive(Clone)]
pub struct States {
    /// The chain's origin.
    pub origin: Arc<str>,
    /// The book's state.
    pub book: Arc<Layers>,
    /// The query state.
    pub queries: Arc<Layers>,
}

impl States {
    /// Writes until told to stop, and then once more all there is.
    ///
    /// # Errors
    ///
    /// A store failed: the node stops. The log has everything.
    pub fn run(&self, stop: &mpsc::Receiver<()>) -> Result<(), StoreError> {
        self.measure()?;
        let mut durable_at = Instant::now();
        loop {
            let pause =
                if self.book.pending_bytes() >= BATCH_BYTES { Duration::ZERO } else { EVERY };
            match stop.recv_timeout(pause) {
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    self.write()?;
                    if durable_at.elapsed() >= DURABLE_EVERY {
                        self.make_durable()?;
                        durable_at = Instant::now();
                    }
                }
                Ok(()) | Err(mpsc::RecvTimeoutError::Disconnected) => return self.finish(),
            }
        }
    }

    /// Writes what is pending in both, the query state first and at least as far.
    ///
    /// # Errors
    ///
    /// A store failed.
    pub fn write(&self) -> Result<(), StoreError> {
        let Some(book) = self.book.begin_flush() else { return Ok(()) };
        while self.queries.head().size < book.size() {
            std::thread::sleep(Duration::from_millis(1));
        }
        if let Some(queries) = self.queries.begin_flush() {
            self.queries.write(&queries, &self.origin)?;
        }
        self.book.write(&book, &self.origin)?;
        metrics::gauge!(names::STATE_SIZE).set(in_metrics(book.size()));
        Ok(())
    }

    /// Writes everything and makes it durable: a restart after this replays nothing.
    pub(crate) fn finish(&self) -> Result<(), StoreError> {
        self.write()?;
        self.make_durable()
    }

    /// The query state first, so that it never stands behind.
    fn make_durable(&self) -> Result<(), StoreError> {
        self.queries.store().flush()?;
        self.book.store().flush()?;
        self.measure()
    }

    fn measure(&self) -> Result<(), StoreError> {
        let (queries, book) = (self.queries.store().stats()?, self.book.store().stats()?);
        let bytes = queries.bytes.saturating_add(book.bytes);
        metrics::gauge!(names::STORE_BYTES, "kind" => book.kind).set(in_metrics(bytes));
        Ok(())
    }
}
