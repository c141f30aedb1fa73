//! The tiles above the leaves, compared with what is below them.

use super::{Fault, FaultKind, TileFault};
use crate::hash::Hash;
use crate::tile::{TILE_HEIGHT, TILE_WIDTH, Tile, TileKind, decode_hash_tile, partial_tiles};
use crate::tree::subtree_root;

const WIDTH: usize = TILE_WIDTH as usize;

/// Where the tiles of a log are read from.
pub trait TileSource {
    /// The size of the log whose tiles must all be there, and are compared.
    fn size(&self) -> u64;

    /// A tile's bytes; `Ok(None)` if there is none.
    ///
    /// # Errors
    ///
    /// Why it can't be read, in one line.
    fn read(&self, tile: &Tile) -> Result<Option<Vec<u8>>, String>;
}

/// The tiles of levels 1 and up, of which every hash is computed from below.
pub(super) struct UpperTiles<'a> {
    source: &'a dyn TileSource,
    /// Of each level from 1 on, the hashes of the tile that is being filled. `None`: an entry below it
    /// can't be had, so nothing is known about it.
    levels: Vec<Level>,
    /// The tile of level 1 read last, to look things up in.
    read: Option<(Tile, Vec<Hash>)>,
    closed: bool,
}

#[derive(Default)]
struct Level {
    index: u64,
    hashes: Vec<Option<Hash>>,
}

impl<'a> UpperTiles<'a> {
    pub(super) fn new(source: &'a dyn TileSource) -> Self {
        let levels = (1..TILE_HEIGHT).map(|_| Level::default()).collect();
        Self { source, levels, read: None, closed: false }
    }

    /// What the tile of level 1 says of the full tile of level 0 at `index`.
    pub(super) fn published(&mut self, index: u64) -> Option<Hash> {
        let (kind, width) = (TileKind::Hashes { level: 1 }, u64::from(TILE_WIDTH));
        let tile = Tile::in_log(kind, index / width, self.source.size()).ok()?;
        if self.read.as_ref().is_none_or(|(read, _)| *read != tile) {
            let bytes = self.source.read(&tile).ok()??;
            self.read = Some((tile, decode_hash_tile(&bytes, tile.width())?));
        }
        let (_, hashes) = self.read.as_ref()?;
        hashes.get(usize::try_from(index % width).ok()?).copied()
    }

    /// Takes the root of the next full tile of level 0, and compares the tiles that it fills.
    pub(super) fn push(&mut self, root: Option<Hash>, faults: &mut Vec<Fault>) {
        let mut node = root;
        for number in 0..self.levels.len() {
            let level = &mut self.levels[number];
            level.hashes.push(node);
            if level.hashes.len() < WIDTH {
                break;
            }
            let hashes = std::mem::take(&mut level.hashes);
            let index = level.index;
            level.index += 1;
            let whole: Option<Vec<Hash>> = hashes.iter().copied().collect();
            node = whole.map(|hashes| subtree_root(&hashes));
            self.compare(level_of(number), index, &hashes, faults);
        }
    }

    /// Compares the tiles that are not full in a log of `size`, once that many entries were taken.
    pub(super) fn close(&mut self, faults: &mut Vec<Fault>) {
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        for tile in partial_tiles(self.source.size()) {
            let TileKind::Hashes { level: level @ 1.. } = tile.kind() else { continue };
            let hashes = self.levels[usize::from(level) - 1].hashes.clone();
            self.compare(level, tile.index(), &hashes, faults);
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    pub(super) fn size(&self) -> u64 {
        self.source.size()
    }

    /// Compares one tile with the hashes computed for it. Tiles beyond the size are not due.
    fn compare(&self, level: u8, index: u64, expected: &[Option<Hash>], faults: &mut Vec<Fault>) {
        let kind = TileKind::Hashes { level };
        let Ok(tile) = Tile::in_log(kind, index, self.source.size()) else { return };
        if usize::from(tile.width()) != expected.len() {
            return;
        }
        // The first entry below the hash at a position.
        let below = |position: u64| {
            let node = index.saturating_mul(TILE_WIDTH.into()).saturating_add(position);
            node.checked_shl(u32::from(level) * u32::from(TILE_HEIGHT)).unwrap_or(u64::MAX)
        };
        let mut fault = |position: u16, what| {
            let kind = FaultKind::Tile { tile, what };
            faults.push(Fault { index: below(position.into()), kind });
        };
        let bytes = match self.source.read(&tile) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return fault(0, TileFault::Missing),
            Err(why) => return fault(0, TileFault::Unreadable(why)),
        };
        let Some(found) = decode_hash_tile(&bytes, tile.width()) else {
            return fault(0, TileFault::Length(bytes.len()));
        };
        for (position, (expected, found)) in (0..).zip(expected.iter().zip(found)) {
            if expected.is_some_and(|expected| expected != found) {
                fault(position, TileFault::Hash(position));
            }
        }
    }
}

/// The level of the tile at this place of [`UpperTiles::levels`].
fn level_of(number: usize) -> u8 {
    u8::try_from(number + 1).unwrap_or(u8::MAX)
}
