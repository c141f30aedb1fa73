//! The task behind the acknowledgement: makes tiles of what is durable, has it signed, and publishes it.

use std::{
    io,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock, mpsc},
    time::{Duration, Instant},
};

use granary_log::tree::Tree;

use crate::{
    journal::LogEntries,
    publication::Publication,
    queries::Entries,
    signer::{Signed, Signer, SignerError, checkpoint_sizes},
    supervise::Stop,
    telemetry::{Condition, in_metrics, names},
    tiles::{BuildError, TileWriter},
};

/// Entries made into tiles before it is looked whether the node stops, and before they are brought to the disk.
const STEP: u64 = 1 << 16;

/// How long nothing is tried again after a file could not be used.
const REOPEN_AFTER: Duration = Duration::from_secs(1);

/// Why nothing more is published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// Tiles.
    #[error("the log's tiles can't be made")]
    Build(#[from] BuildError),
    /// Checkpoints.
    #[error("checkpoints can't be signed")]
    Sign(#[from] SignerError),
    /// The checkpoints that are kept.
    #[error("the directory of checkpoints can't be read")]
    Checkpoints(#[source] io::Error),
}

impl PublishError {
    /// Whether opening everything again may help.
    const fn is_worth_reopening(&self) -> bool {
        match self {
            Self::Build(error) => !matches!(error, BuildError::Differs { .. }),
            Self::Sign(error) => error.is_worth_reopening(),
            Self::Checkpoints(_) => true,
        }
    }
}

/// Who publishes what is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publishes {
    /// This task, at once.
    Here,
    /// Whoever collects cosignatures.
    Elsewhere,
}

/// Makes, signs and publishes for one chain.
pub struct Publisher {
    chain_dir: PathBuf,
    signer: Signer,
    writer: Option<TileWriter>,
    entries: Arc<LogEntries>,
    tree: Arc<RwLock<Tree>>,
    publication: Publication,
    publishes: Publishes,
    /// Whether the signer has to be opened again too.
    reopen: bool,
    /// When to try again, and what was in the way.
    retry: Option<(Instant, String)>,
}

impl Publisher {
    /// Over a signer that has been opened.
    pub fn new(
        chain_dir: PathBuf,
        signer: Signer,
        entries: Arc<LogEntries>,
        tree: Arc<RwLock<Tree>>,
        publication: Publication,
        publishes: Publishes,
    ) -> Self {
        Self {
            chain_dir,
            signer,
            writer: None,
            entries,
            tree,
            publication,
            publishes,
            reopen: false,
            retry: None,
        }
    }

    /// Publishes whenever there are new entries, at most once in an interval, until `applied` says that no more
    /// come; then once more, so that a clean stop leaves nothing beyond the last checkpoint.
    ///
    /// # Errors
    ///
    /// [`PublishError`]: the node stops. Nothing that should not be was signed.
    pub fn run(
        mut self,
        applied: &mpsc::Receiver<()>,
        stop: &Stop,
        interval: Duration,
        condition: &Condition,
    ) -> Result<(), PublishError> {
        let mut told = None;
        loop {
            let ended = applied.recv_timeout(interval) != Err(mpsc::RecvTimeoutError::Timeout);
            if ended {
                self.retry = None;
            }
            let in_the_way = self.tend(stop)?;
            if told.as_ref() != Some(&in_the_way) {
                match &in_the_way {
                    None => condition.holds(),
                    Some(why) => {
                        tracing::warn!(why, "no checkpoint is signed");
                        condition.fails(why.clone());
                    }
                }
                told = Some(in_the_way);
            }
            if ended {
                return self.conclude();
            }
        }
    }

    /// One round; gives what is in the way of signing, if something is.
    fn tend(&mut self, stop: &Stop) -> Result<Option<String>, PublishError> {
        if let Some((at, why)) = &self.retry
            && Instant::now() < *at
        {
            return Ok(Some(why.clone()));
        }
        match self.round(stop) {
            Ok(()) => {
                self.retry = None;
                Ok(None)
            }
            Err(PublishError::Sign(error)) if error.is_wait() => Ok(Some(error.to_string())),
            Err(error) if error.is_worth_reopening() => {
                // Whatever was half done is forgotten: only what is read from the disk counts.
                (self.writer, self.reopen) = (None, true);
                let why = with_causes(&error);
                self.retry = Some((Instant::now() + REOPEN_AFTER, why.clone()));
                Ok(Some(why))
            }
            Err(error) => Err(error),
        }
    }

    fn round(&mut self, stop: &Stop) -> Result<(), PublishError> {
        if self.reopen {
            self.signer.reopen()?;
            self.reopen = false;
        }
        if self.writer.is_none() {
            self.writer = Some(self.open_writer()?);
            // One that was signed before is published before any other.
            self.publish(self.signer.latest())?;
        }
        let size = self.durable();
        let Some(writer) = &mut self.writer else { return Ok(()) };
        while writer.size() < size {
            writer.extend(size.min(writer.size() + STEP))?;
            if writer.size() < size {
                writer.sync()?;
                // The tiles are far behind, as after they were deleted: the next start goes on with them.
                if stop.is_requested() {
                    return Ok(());
                }
            }
        }
        metrics::gauge!(names::TILES_SIZE).set(in_metrics(writer.size()));
        self.signer.check_right()?;
        if size > self.signer.signed_size() {
            writer.write_partial()?;
            let signed = self.signer.sign(writer.files(), size)?;
            self.publish(signed)?;
        }
        if let Some(writer) = &mut self.writer {
            writer.published(self.publication.size())?;
        }
        Ok(())
    }

    fn open_writer(&self) -> Result<TileWriter, PublishError> {
        let sizes = checkpoint_sizes(&self.chain_dir).map_err(PublishError::Checkpoints)?;
        let files = self.publication.files().clone();
        let (entries, tree) = (Arc::clone(&self.entries), Arc::clone(&self.tree));
        Ok(TileWriter::open(files, entries, tree, &sizes)?)
    }

    fn publish(&self, signed: Option<Signed>) -> Result<(), PublishError> {
        let Some(signed) = signed else { return Ok(()) };
        metrics::gauge!(names::CHECKPOINT_SIZE).set(in_metrics(signed.size));
        metrics::gauge!(names::CHECKPOINT_TIME).set(in_metrics(signed.time_ms / 1_000));
        tracing::debug!(size = signed.size, "checkpoint signed");
        if self.publishes == Publishes::Here {
            self.publication.publish(signed.size, &signed.note).map_err(SignerError::from)?;
        }
        Ok(())
    }

    /// Entries that are durable and whose hashes are known.
    fn durable(&self) -> u64 {
        let hashed = self.tree.read().unwrap_or_else(PoisonError::into_inner).size();
        hashed.min(self.entries.size())
    }

    /// After a clean stop the next start makes no tile anew.
    fn conclude(mut self) -> Result<(), PublishError> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        if let Err(error) = writer.sync() {
            tracing::warn!(%error, "the newest tiles are made again at the next start");
        }
        Ok(())
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
