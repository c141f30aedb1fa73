//! The checkpoint that the world is told: the newest one that was published.

use std::sync::Arc;

use granary_log::{checkpoint::Checkpoint, note::Note};
use tokio::sync::watch;

use crate::{files::FileError, tiles::TileFiles};

/// A checkpoint as it is published: signed by the log, and cosigned by whoever did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// How many entries it covers.
    pub size: u64,
    /// The signed note.
    pub note: Arc<str>,
}

/// Where checkpoints are published: in the directory of the tiles and to whoever asks in this process.
#[derive(Debug, Clone)]
pub struct Publication {
    files: TileFiles,
    newest: watch::Sender<Option<Published>>,
}

impl Publication {
    /// Beside the tiles. What stands there already stays published, unless the log is shorter.
    pub fn open(files: TileFiles, log_size: u64) -> Self {
        let note = files.checkpoint().ok().flatten();
        let size = note.as_ref().and_then(|note| size_of(note)).filter(|size| *size <= log_size);
        let newest = note.zip(size).map(|(note, size)| Published { size, note: note.into() });
        Self { files, newest: watch::Sender::new(newest) }
    }

    /// Publishes a signed note over `size` entries, unless a larger checkpoint is published already.
    ///
    /// # Errors
    ///
    /// [`FileError`]: the one before is still published.
    pub fn publish(&self, size: u64, note: &Arc<str>) -> Result<(), FileError> {
        let is_new = |newest: &Option<Published>| {
            newest.as_ref().is_none_or(|p| p.size < size || (p.size == size && p.note != *note))
        };
        if !is_new(&self.newest.borrow()) {
            return Ok(());
        }
        self.files.publish(note)?;
        self.newest.send_replace(Some(Published { size, note: Arc::clone(note) }));
        Ok(())
    }

    /// The newest one.
    pub fn newest(&self) -> Option<Published> {
        self.newest.borrow().clone()
    }

    /// How many entries the newest one covers.
    pub fn size(&self) -> u64 {
        self.newest.borrow().as_ref().map_or(0, |published| published.size)
    }

    /// Told of each.
    pub fn watch(&self) -> watch::Receiver<Option<Published>> {
        self.newest.subscribe()
    }

    /// The tiles beside it.
    pub const fn files(&self) -> &TileFiles {
        &self.files
    }
}

/// The size in a signed note. Nobody's signature is checked: the file is this node's own.
fn size_of(note: &str) -> Option<u64> {
    let note = Note::parse(note.as_bytes()).ok()?;
    note.text().parse().ok().map(|checkpoint: Checkpoint| checkpoint.size())
}
