//! Where lost entries may be taken from: another node's segments, or tiles with entry bundles.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use granary_log::{
    note::VerifierKey,
    segment::{StoredEntry, Survey, Surveyed},
    tile::{TILE_WIDTH, Tile, TileKind, decode_bundle},
};

use super::{
    MaintainError,
    evidence::{self, Checkpoints, Kept},
};
use crate::files::FileStorage;

/// Entries in order, as far as they can be read. Nothing about them is believed.
pub(super) type Entries<'e> = Box<dyn Iterator<Item = Result<StoredEntry, MaintainError>> + 'e>;

/// A source of entries.
pub(super) enum Mirror {
    Segments(PathBuf, FileStorage),
    Tiles(PathBuf),
}

impl Mirror {
    /// What is in a directory: a node's, a chain's, one of segments or one of tiles. `chain` is the
    /// name of the chain's own directory.
    pub(super) fn find(source: &Path, chain: &Path) -> Result<Self, MaintainError> {
        let name = chain.file_name().unwrap_or_default();
        let of_chain = source.join("chains").join(name);
        for dir in [of_chain.join("log"), source.join("log"), source.to_owned()] {
            if holds_segments(&dir) {
                let storage = FileStorage::read_only(&dir);
                return Ok(Self::Segments(dir, storage));
            }
        }
        for dir in [of_chain.join("tiles"), source.join("tiles"), source.to_owned()] {
            if dir.join("tile/entries").is_dir() {
                return Ok(Self::Tiles(dir));
            }
        }
        Err(MaintainError::NoSource(source.to_owned()))
    }

    /// What can be read, in the order of the files.
    pub(super) fn entries<'e>(&'e self, origin: &'e str) -> Result<Entries<'e>, MaintainError> {
        match self {
            Self::Segments(_, storage) => local_entries(storage, origin),
            Self::Tiles(dir) => Ok(Box::new(Bundles::find(dir)?)),
        }
    }

    /// The checkpoints beside it that the log's key signed. Others don't count.
    pub(super) fn checkpoints(
        &self,
        key: &VerifierKey,
    ) -> Result<BTreeMap<u64, Kept>, MaintainError> {
        let dir = match self {
            Self::Segments(dir, _) | Self::Tiles(dir) => dir,
        };
        let mut found = BTreeMap::new();
        for place in [dir.join("checkpoints"), dir.join("../checkpoints")] {
            found.extend(Checkpoints::read(&place, key)?.good);
        }
        let latest = dir.join("checkpoint");
        if let Ok(checkpoint) = evidence::open(&latest, key) {
            found.insert(checkpoint.size(), Kept { checkpoint, path: latest });
        }
        Ok(found)
    }
}

/// The entries of segments, also of damaged ones.
pub(super) fn local_entries<'e>(
    storage: &'e FileStorage,
    origin: &'e str,
) -> Result<Entries<'e>, MaintainError> {
    let survey = Survey::new(storage, origin)?;
    Ok(Box::new(survey.filter_map(|surveyed| match surveyed {
        Ok(Surveyed::Entry(entry)) => Some(Ok(entry)),
        Ok(Surveyed::Fault(_)) => None,
        Err(error) => Some(Err(error.into())),
    })))
}

fn holds_segments(dir: &Path) -> bool {
    dir.join(granary_log::segment::segment_name(0)).is_file()
}

/// Entry bundles, the widest of each place.
struct Bundles {
    dir: PathBuf,
    tiles: std::vec::IntoIter<Tile>,
    ready: std::vec::IntoIter<StoredEntry>,
}

impl Bundles {
    fn find(dir: &Path) -> Result<Self, MaintainError> {
        let mut widest: BTreeMap<u64, Tile> = BTreeMap::new();
        for tile in super::tiles::find(dir)?.keys().filter(|tile| tile.kind() == TileKind::Entries)
        {
            let kept = widest.entry(tile.index()).or_insert(*tile);
            if kept.width() < tile.width() {
                *kept = *tile;
            }
        }
        let tiles: Vec<Tile> = widest.into_values().collect();
        Ok(Self { dir: dir.to_owned(), tiles: tiles.into_iter(), ready: Vec::new().into_iter() })
    }

    /// The entries of a bundle; none of one that is damaged.
    fn read(&self, tile: Tile) -> Result<Vec<StoredEntry>, MaintainError> {
        let path = self.dir.join(tile.to_string());
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            bytes => bytes.map_err(MaintainError::read(&path))?,
        };
        let entries = decode_bundle(&bytes, tile.width()).unwrap_or_default();
        let first = tile.index() * u64::from(TILE_WIDTH);
        let stored = |(index, bytes): (u64, &[u8])| StoredEntry { index, bytes: bytes.to_vec() };
        Ok((first..).zip(entries).map(stored).collect())
    }
}

impl Iterator for Bundles {
    type Item = Result<StoredEntry, MaintainError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.ready.next() {
                return Some(Ok(entry));
            }
            let tile = self.tiles.next()?;
            match self.read(tile) {
                Ok(entries) => self.ready = entries.into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
