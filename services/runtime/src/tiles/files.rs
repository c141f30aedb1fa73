//! Tiles as files.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use granary_log::tile::{Tile, TileKind, TileNodes, decode_bundle_prefix};

use crate::files::{FileError, write_atomically};

/// Bytes of a hash.
const HASH_LEN: usize = 32;

/// Bytes before each entry of a bundle.
const ENTRY_PREFIX_LEN: usize = 2;

/// How many entries' tiles are known to have reached the disk itself: one line.
const SYNCED: &str = ".synced";

/// The newest checkpoint.
const CHECKPOINT: &str = "checkpoint";

/// A directory of tiles, with the newest checkpoint beside them.
#[derive(Debug, Clone)]
pub struct TileFiles {
    dir: PathBuf,
}

impl TileFiles {
    /// The tiles of a chain, below its directory.
    pub fn of_chain(chain_dir: &Path) -> Self {
        Self { dir: chain_dir.join("tiles") }
    }

    /// The bytes of a tile, as they are.
    ///
    /// # Errors
    ///
    /// There is no such file, or it can't be read.
    pub fn read(&self, tile: &Tile) -> io::Result<Vec<u8>> {
        fs::read(self.dir.join(tile.to_string()))
    }

    /// The bytes of a tile; of a partial one that was removed when it became full, the beginning of the full one.
    ///
    /// # Errors
    ///
    /// Neither can be read.
    pub fn read_or_cut(&self, tile: &Tile) -> io::Result<Vec<u8>> {
        match self.read(tile) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !tile.is_full() => {
                cut(tile, self.read(&tile.full())?)
            }
            read => read,
        }
    }

    /// The nodes of a log of `size` entries, read from the files each time.
    pub fn nodes(&self, size: u64) -> TileNodes<impl Fn(&Tile) -> io::Result<Vec<u8>> + use<>> {
        let files = self.clone();
        TileNodes::new(size, move |tile| files.read(tile))
    }

    /// The newest checkpoint that was published, as its signed note.
    ///
    /// # Errors
    ///
    /// It can't be read.
    pub fn checkpoint(&self) -> io::Result<Option<String>> {
        match fs::read_to_string(self.dir.join(CHECKPOINT)) {
            Ok(note) => Ok(Some(note)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Publishes a signed note as the newest checkpoint.
    ///
    /// # Errors
    ///
    /// [`FileError`]: the one before is still there.
    pub fn publish(&self, note: &str) -> Result<(), FileError> {
        write_atomically(&self.dir.join(CHECKPOINT), note.as_bytes(), 0o644)
    }

    /// Writes a tile. Whoever reads it finds it whole; whether it is there after a power cut shows when
    /// [`TileFiles::sync`] has returned.
    pub(crate) fn write(&self, tile: &Tile, bytes: &[u8]) -> Result<(), FileError> {
        let path = self.dir.join(tile.to_string());
        let written = match write_and_rename(&path, bytes) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => path
                .parent()
                .map_or(Ok(()), fs::create_dir_all)
                .and_then(|()| write_and_rename(&path, bytes)),
            written => written,
        };
        written.map_err(|source| FileError::io("write", &path, source))
    }

    /// Removes the partial tiles at the place of one that is full.
    pub(super) fn remove_partials(&self, tile: &Tile) -> Result<(), FileError> {
        let path = self.dir.join(tile.partials());
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(FileError::io("remove", &path, error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Brings everything written so far to the disk, and notes that it is that of `size` entries.
    pub(super) fn sync(&self, size: u64) -> Result<(), FileError> {
        // One call for thousands of small files. It reports what failed since the directory was opened, and
        // nothing rests on it but how much is made anew after a power cut.
        File::open(&self.dir)
            .and_then(|dir| Ok(rustix::fs::syncfs(&dir)?))
            .map_err(|source| FileError::io("sync", &self.dir, source))?;
        write_atomically(&self.dir.join(SYNCED), format!("{size}\n").as_bytes(), 0o644)
    }

    /// How many entries' tiles are known to be on the disk.
    pub(super) fn synced(&self) -> u64 {
        let text = fs::read_to_string(self.dir.join(SYNCED));
        text.ok().and_then(|text| text.trim_end().parse().ok()).unwrap_or(0)
    }

    /// Forgets what is known to be on the disk: all tiles are made anew.
    pub(super) fn forget(&self) -> Result<(), FileError> {
        let path = self.dir.join(SYNCED);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(FileError::io("remove", &path, error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Makes the directory, if it was deleted.
    pub(super) fn make(&self) -> Result<(), FileError> {
        fs::create_dir_all(&self.dir).map_err(|source| FileError::io("make", &self.dir, source))
    }
}

/// The bytes of a partial tile, cut from the full one.
fn cut(tile: &Tile, mut full: Vec<u8>) -> io::Result<Vec<u8>> {
    let len = match tile.kind() {
        TileKind::Hashes { .. } => usize::from(tile.width()) * HASH_LEN,
        TileKind::Entries => {
            let (entries, fault) = decode_bundle_prefix(&full, tile.full().width());
            if let Some(fault) = fault {
                return Err(io::Error::new(io::ErrorKind::InvalidData, fault));
            }
            let some = entries.iter().take(tile.width().into());
            some.map(|entry| ENTRY_PREFIX_LEN + entry.len()).sum()
        }
    };
    full.truncate(len);
    Ok(full)
}

/// Not synced: a tile that a power cut takes is made anew.
fn write_and_rename(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    // No tile has such a path, so nobody reads it.
    unfinished.push(".tmp");
    let unfinished = PathBuf::from(unfinished);
    let written = File::create(&unfinished)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        // Left behind it would be overwritten by the next attempt.
        let _ = fs::remove_file(&unfinished);
    }
    written
}
