//! Tiles on the disk against the entries: what each must hold is known while they go by.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use granary_log::{
    hash::Hash,
    tile::{TILE_WIDTH, Tile, TileKind},
    tree::CompactRange,
};

use super::MaintainError;

/// The tiles below a directory, with their files.
pub(super) fn find(dir: &Path) -> Result<BTreeMap<Tile, PathBuf>, MaintainError> {
    let mut found = BTreeMap::new();
    let mut pending = vec![dir.join("tile")];
    while let Some(below) = pending.pop() {
        let listed = match fs::read_dir(&below) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            listed => listed.map_err(MaintainError::read(&below))?,
        };
        for entry in listed {
            let path = entry.map_err(MaintainError::read(&below))?.path();
            if path.is_dir() {
                pending.push(path);
                continue;
            }
            // Files of other names are being written, or none of ours.
            let name = path.strip_prefix(dir).ok().and_then(Path::to_str);
            if let Some(tile) = name.and_then(|name| name.parse::<Tile>().ok()) {
                found.insert(tile, path);
            }
        }
    }
    Ok(found)
}

/// A tile that does not hold what it must.
#[derive(Debug)]
pub(super) struct WrongTile {
    pub(super) tile: Tile,
    pub(super) path: PathBuf,
    /// What it must hold; nothing if the log does not reach so far.
    pub(super) expected: Option<Vec<u8>>,
}

/// What tiles that are not full yet must hold so far.
pub(super) struct TileCheck {
    found: BTreeMap<Tile, PathBuf>,
    /// How many files there were.
    pub(super) count: u64,
    /// Which tile of entries is being filled, with each entry's bytes and where it ends.
    bundle: Vec<u8>,
    ends: Vec<usize>,
    bundle_index: u64,
    /// Of each level: the hashes of the tile that is being filled, and its index.
    levels: Vec<(Vec<Hash>, u64)>,
    pub(super) wrong: Vec<WrongTile>,
}

impl TileCheck {
    pub(super) fn new(dir: &Path) -> Result<Self, MaintainError> {
        let found = find(dir)?;
        let count = found.len() as u64;
        Ok(Self {
            found,
            count,
            bundle: Vec::new(),
            ends: Vec::new(),
            bundle_index: 0,
            levels: Vec::new(),
            wrong: Vec::new(),
        })
    }

    /// The next entry.
    pub(super) fn push(&mut self, entry: &[u8], leaf: Hash) -> Result<(), MaintainError> {
        if self.count == 0 {
            return Ok(());
        }
        // At most 65,535 bytes: the segments' frames hold no longer entry.
        let len = u16::try_from(entry.len()).unwrap_or(u16::MAX);
        self.bundle.extend_from_slice(&len.to_be_bytes());
        self.bundle.extend_from_slice(entry);
        self.ends.push(self.bundle.len());
        if self.ends.len() == usize::from(TILE_WIDTH) {
            self.check_bundle()?;
            self.bundle.clear();
            self.ends.clear();
            self.bundle_index += 1;
        }
        self.push_hash(0, leaf)
    }

    fn push_hash(&mut self, level: usize, hash: Hash) -> Result<(), MaintainError> {
        if self.levels.len() == level {
            self.levels.push((Vec::new(), 0));
        }
        self.levels[level].0.push(hash);
        if self.levels[level].0.len() < usize::from(TILE_WIDTH) {
            return Ok(());
        }
        self.check_level(level)?;
        let (hashes, index) = &mut self.levels[level];
        let mut range = CompactRange::new();
        hashes.drain(..).for_each(|hash| range.push(hash));
        *index += 1;
        self.push_hash(level + 1, range.root())
    }

    /// All entries have gone by.
    pub(super) fn finish(&mut self) -> Result<(), MaintainError> {
        self.check_bundle()?;
        for level in 0..self.levels.len() {
            self.check_level(level)?;
        }
        // What is left is beyond the log.
        for (tile, path) in std::mem::take(&mut self.found) {
            self.wrong.push(WrongTile { tile, path, expected: None });
        }
        Ok(())
    }

    fn check_bundle(&mut self) -> Result<(), MaintainError> {
        let tiles = self.take(TileKind::Entries, self.bundle_index, self.ends.len());
        for (tile, path) in tiles {
            let expected = &self.bundle[..self.ends[usize::from(tile.width()) - 1]];
            self.wrong.extend(differs(tile, path, expected)?);
        }
        Ok(())
    }

    fn check_level(&mut self, level: usize) -> Result<(), MaintainError> {
        let (hashes, index) = self.levels[level].clone();
        // There are at most 8 levels of tiles below 2^64 entries.
        let kind = TileKind::Hashes { level: u8::try_from(level).unwrap_or(u8::MAX) };
        for (tile, path) in self.take(kind, index, hashes.len()) {
            let hashes = hashes.iter().take(usize::from(tile.width()));
            let expected: Vec<u8> = hashes.flat_map(|hash| hash.0).collect();
            self.wrong.extend(differs(tile, path, &expected)?);
        }
        Ok(())
    }

    /// The tiles at a place that are at most so wide.
    fn take(&mut self, kind: TileKind, index: u64, width: usize) -> Vec<(Tile, PathBuf)> {
        let widths = 1..=u16::try_from(width).unwrap_or(TILE_WIDTH).min(TILE_WIDTH);
        let tiles = widths.filter_map(|width| Tile::new(kind, index, width).ok());
        tiles.filter_map(|tile| self.found.remove_entry(&tile)).collect()
    }
}

fn differs(tile: Tile, path: PathBuf, expected: &[u8]) -> Result<Option<WrongTile>, MaintainError> {
    let found = fs::read(&path).map_err(MaintainError::read(&path))?;
    let wrong = || WrongTile { tile, path, expected: Some(expected.to_vec()) };
    Ok((found != expected).then(wrong))
}
