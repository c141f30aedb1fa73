//! Tiles: the tree and its entries cut into files that never change once they are full.
//! <https://c2sp.org/tlog-tiles>

mod builder;
mod bundle;
mod nodes;

use std::fmt;
use std::str::FromStr;

pub use builder::{ResumeError, TileBuilder, TileFile, partial_tiles};
pub use bundle::{BundleError, check_bundle, decode_bundle, decode_bundle_prefix, encode_bundle};
pub use nodes::{TileNodes, TileNodesError, decode_hash_tile, encode_hash_tile};

/// How many hashes or entries a full tile holds.
pub const TILE_WIDTH: u16 = 256;

/// How many levels of the tree a tile spans.
pub const TILE_HEIGHT: u8 = 8;

/// The highest level that a path can name.
pub const TILE_LEVEL_MAX: u8 = 63;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Entries themselves: an entry bundle.
    Entries,
    /// Nodes of the tree at level `8 * level`.
    Hashes {
        /// The tile's level, 0 to 63.
        level: u8,
    },
}

/// The place of a tile. In text its path, such as `tile/1/x001/067.p/5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    kind: TileKind,
    index: u64,
    width: u16,
}

/// There is no such tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no tile has that level, width or path")]
pub struct NoSuchTile;

impl Tile {
    /// The tile of that kind at `index`, with its first `width` hashes or entries, 1 to 256.
    ///
    /// # Errors
    ///
    /// [`NoSuchTile`] if the width or the level is out of range.
    pub fn new(kind: TileKind, index: u64, width: u16) -> Result<Self, NoSuchTile> {
        let level = match kind {
            TileKind::Entries => 0,
            TileKind::Hashes { level } => level,
        };
        if level > TILE_LEVEL_MAX || !(1..=TILE_WIDTH).contains(&width) {
            return Err(NoSuchTile);
        }
        Ok(Self { kind, index, width })
    }

    /// The tile of that kind at `index`, as wide as a log of `size` entries fills it.
    ///
    /// # Errors
    ///
    /// [`NoSuchTile`] if such a log has no such tile yet, or the level is out of range.
    pub fn in_log(kind: TileKind, index: u64, size: u64) -> Result<Self, NoSuchTile> {
        let filled = nodes_at(kind, size);
        let start = index.checked_mul(TILE_WIDTH.into()).ok_or(NoSuchTile)?;
        let width = filled.saturating_sub(start).min(TILE_WIDTH.into());
        Self::new(kind, index, u16::try_from(width).map_err(|_| NoSuchTile)?)
    }

    /// What it holds.
    pub fn kind(&self) -> TileKind {
        self.kind
    }

    /// Its position among those of its kind, from 0.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes or entries it holds, 1 to 256.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether it will never change.
    pub fn is_full(&self) -> bool {
        self.width == TILE_WIDTH
    }
}

/// The tiles to write when a log grows from `old_size` to `size` entries: of every level those
/// that became full, and the partial one at the end if it grew. Those of entries come first, then
/// the levels upwards.
pub fn new_tiles(old_size: u64, size: u64) -> impl Iterator<Item = Tile> {
    kinds().flat_map(move |kind| {
        let (old, new) = (nodes_at(kind, old_size), nodes_at(kind, size));
        let width = u64::from(TILE_WIDTH);
        let indices = if new > old { old / width..new.div_ceil(width) } else { 0..0 };
        indices.filter_map(move |index| Tile::in_log(kind, index, size).ok())
    })
}

/// The kinds of tiles that a log can have: entries, then levels upwards. 2^64 leaves fill 8 levels.
fn kinds() -> impl Iterator<Item = TileKind> {
    let levels = (0..TILE_HEIGHT).map(|level| TileKind::Hashes { level });
    std::iter::once(TileKind::Entries).chain(levels)
}

/// How many hashes or entries of that kind a log of `size` entries has: whole subtrees alone.
fn nodes_at(kind: TileKind, size: u64) -> u64 {
    match kind {
        TileKind::Entries => size,
        TileKind::Hashes { level } => {
            size.checked_shr(u32::from(level) * u32::from(TILE_HEIGHT)).unwrap_or(0)
        }
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Entries => f.write_str("tile/entries/")?,
            TileKind::Hashes { level } => write!(f, "tile/{level}/")?,
        }
        let mut groups = Vec::new();
        let mut high = self.index / 1000;
        while high > 0 {
            groups.push(high % 1000);
            high /= 1000;
        }
        groups.iter().rev().try_for_each(|group| write!(f, "x{group:03}/"))?;
        write!(f, "{:03}", self.index % 1000)?;
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

impl Tile {
    /// The folder of the partial tiles at this one's place, such as `tile/0/000.p`.
    pub fn partials(&self) -> String {
        format!("{}.p", self.full())
    }

    /// The full tile at this one's place, of which a partial one is the beginning.
    pub fn full(&self) -> Self {
        Self { width: TILE_WIDTH, ..*self }
    }
}

impl FromStr for Tile {
    type Err = NoSuchTile;

    /// Reads a path. Each tile has one: `tile/0/x000/001` is none.
    fn from_str(path: &str) -> Result<Self, NoSuchTile> {
        let rest = path.strip_prefix("tile/").ok_or(NoSuchTile)?;
        let (kind, rest) = rest.split_once('/').ok_or(NoSuchTile)?;
        let kind = match kind {
            "entries" => TileKind::Entries,
            level => TileKind::Hashes { level: level.parse().map_err(|_| NoSuchTile)? },
        };
        let (groups, width) = match rest.split_once(".p/") {
            Some((groups, width)) => (groups, width.parse().map_err(|_| NoSuchTile)?),
            None => (rest, TILE_WIDTH),
        };
        let mut index: u64 = 0;
        for group in groups.split('/') {
            let digits = group.strip_prefix('x').unwrap_or(group);
            let group: u16 = digits.parse().map_err(|_| NoSuchTile)?;
            index = index
                .checked_mul(1000)
                .and_then(|high| high.checked_add(group.into()))
                .ok_or(NoSuchTile)?;
        }
        // Read loosely, written exactly: a path is right if it is the one that the tile has.
        let tile = Self::new(kind, index, width)?;
        if tile.to_string() == path { Ok(tile) } else { Err(NoSuchTile) }
    }
}
