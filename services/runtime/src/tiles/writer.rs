//! Makes tiles from the segments.

use std::{
    io,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use granary_log::{
    hash::Hash,
    tile::{Tile, TileBuilder, TileFile, TileKind, decode_hash_tile, new_tiles},
    tree::Tree,
};

use super::TileFiles;
use crate::{files::FileError, journal::LogEntries};

/// Entries of a bundle.
const WIDTH: u64 = granary_log::tile::TILE_WIDTH as u64;

/// After so many entries tiles are brought to the disk: a restart after a crash makes at most these anew, which
/// takes some tenths of a second.
const SYNC_ENTRIES: u64 = 1 << 16;

/// And after this time, so that an idle log has few checkpoints whose partial tiles are made anew.
const SYNC_AFTER: Duration = Duration::from_secs(60);

/// Why tiles can't be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A file.
    #[error("a tile can't be written")]
    File(#[from] FileError),
    /// The segments.
    #[error("the log can't be read")]
    Log(#[source] io::Error),
    /// What the segments hold isn't what was acknowledged.
    #[error(
        "{tile}: what the segments hold is not what was acknowledged: the disk or the memory of this machine \
         changes data. Nothing of it is signed; check the machine, then run granary verify"
    )]
    Differs {
        /// The tile of hashes in which it shows.
        tile: Tile,
    },
}

/// Makes the tiles of one chain as it grows. Memory is that of the tiles which aren't full.
pub struct TileWriter {
    files: TileFiles,
    entries: Arc<LogEntries>,
    tree: Arc<RwLock<Tree>>,
    builder: TileBuilder,
    published: u64,
    synced: u64,
    synced_at: Instant,
}

impl TileWriter {
    /// Goes on behind the tiles that are known to be on the disk and still are those of this log; without any,
    /// from the first entry. `checkpoints` are the sizes of all that were published.
    ///
    /// # Errors
    ///
    /// [`BuildError`].
    pub fn open(
        files: TileFiles,
        entries: Arc<LogEntries>,
        tree: Arc<RwLock<Tree>>,
        checkpoints: &[u64],
    ) -> Result<Self, BuildError> {
        files.make()?;
        let synced = files.synced();
        let resumed = resume(&files, &tree, synced);
        if resumed.is_none() && synced > 0 {
            tracing::warn!("the tiles aren't those of this log; all are made anew");
            files.forget()?;
        }
        let builder = resumed.unwrap_or_default();
        let from = builder.size();
        let mut writer = Self {
            files,
            entries,
            tree,
            builder,
            published: from,
            synced: from,
            synced_at: Instant::now(),
        };
        // A power cut may have taken their partial tiles, which have to be there.
        for size in checkpoints.iter().filter(|size| **size > from) {
            writer.extend(*size)?;
            writer.write_partial()?;
            writer.published(*size)?;
        }
        Ok(writer)
    }

    /// How many entries the tiles hold.
    pub fn size(&self) -> u64 {
        self.builder.size()
    }

    /// The files.
    pub fn files(&self) -> &TileFiles {
        &self.files
    }

    /// Writes the full tiles of the first `size` entries, which are durable.
    ///
    /// # Errors
    ///
    /// [`BuildError`]: this builder is of no use any more, open another.
    pub fn extend(&mut self, size: u64) -> Result<(), BuildError> {
        let Self { files, entries, tree, builder, .. } = self;
        let mut stopped = None;
        let read = entries.scan(builder.size(), size, |stored| {
            let mut full = Vec::new();
            builder.push(&stored.bytes, |file| full.push(file)).map_err(io::Error::other)?;
            for TileFile { tile, bytes } in &full {
                let written = check(tree, tile, bytes)
                    .and_then(|()| files.write(tile, bytes).map_err(BuildError::from));
                if let Err(error) = written {
                    stopped = Some(error);
                    return Err(io::Error::other("stopped"));
                }
            }
            Ok(())
        });
        match stopped {
            Some(error) => Err(error),
            None => read.map_err(BuildError::Log),
        }
    }

    /// Writes the tiles that aren't full, as a checkpoint of the present size needs them.
    ///
    /// # Errors
    ///
    /// [`BuildError`]: this builder is of no use any more, open another.
    pub fn write_partial(&self) -> Result<(), BuildError> {
        for TileFile { tile, bytes } in self.builder.partial() {
            check(&self.tree, &tile, &bytes)?;
            self.files.write(&tile, &bytes)?;
        }
        Ok(())
    }

    /// A checkpoint of `size` entries is published: the partial tiles whose full ones it covers are removed.
    ///
    /// # Errors
    ///
    /// [`BuildError::File`].
    pub fn published(&mut self, size: u64) -> Result<(), BuildError> {
        for tile in new_tiles(self.published, size).filter(Tile::is_full) {
            self.files.remove_partials(&tile)?;
        }
        self.published = self.published.max(size);
        if self.published - self.synced >= SYNC_ENTRIES || self.synced_at.elapsed() >= SYNC_AFTER {
            self.sync()?;
        }
        Ok(())
    }

    /// Brings the tiles to the disk: also at the end, so that the next start makes none anew.
    ///
    /// # Errors
    ///
    /// [`BuildError::File`].
    pub fn sync(&mut self) -> Result<(), BuildError> {
        if self.builder.size() > self.synced {
            self.write_partial()?;
            self.files.sync(self.builder.size())?;
            self.synced = self.builder.size();
        }
        self.synced_at = Instant::now();
        Ok(())
    }
}

/// Goes on at `size` entries, if the tiles are those of the log.
fn resume(files: &TileFiles, tree: &RwLock<Tree>, size: u64) -> Option<TileBuilder> {
    let expected = tree.read().unwrap_or_else(PoisonError::into_inner).root_at(size).ok()?;
    let builder = TileBuilder::resume(size, |tile| files.read_or_cut(tile)).ok()?;
    (builder.root() == expected).then_some(builder)
}

/// The leaves of a tile are those that were acknowledged.
fn check(tree: &RwLock<Tree>, tile: &Tile, bytes: &[u8]) -> Result<(), BuildError> {
    if tile.kind() != (TileKind::Hashes { level: 0 }) {
        return Ok(());
    }
    let first = tile.index() * WIDTH;
    let tree = tree.read().unwrap_or_else(PoisonError::into_inner);
    let same = decode_hash_tile(bytes, tile.width()).is_some_and(|hashes: Vec<Hash>| {
        (first..).zip(hashes).all(|(index, hash)| tree.leaf(index) == Some(hash))
    });
    if same { Ok(()) } else { Err(BuildError::Differs { tile: *tile }) }
}
