//! Tiles made from entries, one after another, with no more in memory than the right edge.

use super::{
    TILE_WIDTH, Tile, TileKind, check_bundle, decode_bundle, decode_hash_tile, kinds, nodes_at,
};
use crate::codec::{TooLong, put_vec16};
use crate::hash::{Hash, leaf_hash};
use crate::tree::{CompactRange, subtree_root};

/// How many levels of tiles the largest log has: 2^64 leaves, 2^8 to a tile.
const LEVELS: usize = 8;

/// A tile's place and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileFile {
    /// Its place; in text its path.
    pub tile: Tile,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Makes the tiles and bundles of a log. It holds the last bundle that is not full, and of each
/// level the hashes of the last tile that is not full: at most 256 entries and 64 KiB.
#[derive(Debug, Clone, Default)]
pub struct TileBuilder {
    size: u64,
    /// The entries of the last bundle, each behind its length.
    bundle: Vec<u8>,
    /// Fewer than 256 hashes of each level, from the leaves upwards.
    levels: [Vec<Hash>; LEVELS],
}

/// Why building can't go on where tiles end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResumeError<E> {
    /// A tile can't be had.
    #[error("{tile} can't be read")]
    Fetch {
        /// The tile.
        tile: Tile,
        /// Why.
        #[source]
        source: E,
    },
    /// A tile of another length, or a bundle whose entries are not those of the tile beside it.
    #[error("{tile} is damaged; make it anew from the log")]
    Damaged {
        /// The tile.
        tile: Tile,
    },
}

impl TileBuilder {
    /// Of the log without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes on behind a log of `size` entries, from its partial tiles, which `fetch` gets by their
    /// place. That they are the right ones shows in [`TileBuilder::root`].
    ///
    /// # Errors
    ///
    /// [`ResumeError`], with the tile.
    pub fn resume<E>(
        size: u64,
        fetch: impl Fn(&Tile) -> Result<Vec<u8>, E>,
    ) -> Result<Self, ResumeError<E>> {
        let mut builder = Self { size, ..Self::default() };
        for tile in partial_tiles(size) {
            let bytes = fetch(&tile).map_err(|source| ResumeError::Fetch { tile, source })?;
            let damaged = ResumeError::Damaged { tile };
            match tile.kind() {
                TileKind::Entries => builder.bundle = bytes,
                TileKind::Hashes { level } => {
                    let hashes = decode_hash_tile(&bytes, tile.width()).ok_or(damaged)?;
                    builder.levels[usize::from(level)] = hashes;
                }
            }
        }
        if let Some(tile) = partial_tiles(size).find(|tile| tile.kind() == TileKind::Entries) {
            let entries = decode_bundle(&builder.bundle, tile.width());
            let agree = entries.and_then(|entries| check_bundle(&entries, &builder.levels[0]));
            agree.map_err(|_| ResumeError::Damaged { tile })?;
        }
        Ok(builder)
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Root of the tree over them.
    pub fn root(&self) -> Hash {
        let mut nodes = Vec::new();
        for hashes in self.levels.iter().rev() {
            let mut rest = hashes.as_slice();
            while !rest.is_empty() {
                let (subtree, after) = rest.split_at(1 << rest.len().ilog2());
                nodes.push(subtree_root(subtree));
                rest = after;
            }
        }
        CompactRange::of_right_edge(self.size, nodes).root()
    }

    /// Appends an entry. `full` is given the tiles that it fills: a bundle, then levels upwards.
    ///
    /// # Errors
    ///
    /// [`TooLong`] if the entry is longer than 65,535 bytes; then nothing is changed.
    pub fn push(&mut self, entry: &[u8], mut full: impl FnMut(TileFile)) -> Result<(), TooLong> {
        put_vec16(&mut self.bundle, entry, "an entry")?;
        let index = self.size / u64::from(TILE_WIDTH);
        self.size += 1;
        if self.size.is_multiple_of(TILE_WIDTH.into()) {
            let bytes = std::mem::take(&mut self.bundle);
            full(TileFile { tile: full_tile(TileKind::Entries, index), bytes });
        }
        let mut hash = leaf_hash(entry);
        let mut index = index;
        for (level, hashes) in (0..).zip(&mut self.levels) {
            hashes.push(hash);
            if hashes.len() < usize::from(TILE_WIDTH) {
                break;
            }
            let bytes = encode_hashes(hashes);
            full(TileFile { tile: full_tile(TileKind::Hashes { level }, index), bytes });
            hash = subtree_root(hashes);
            hashes.clear();
            index /= u64::from(TILE_WIDTH);
        }
        Ok(())
    }

    /// The tiles that are not full: those that a checkpoint of this size needs besides the full
    /// ones. The bundle comes first, then levels upwards.
    pub fn partial(&self) -> impl Iterator<Item = TileFile> + '_ {
        partial_tiles(self.size).map(|tile| {
            let bytes = match tile.kind() {
                TileKind::Entries => self.bundle.clone(),
                TileKind::Hashes { level } => encode_hashes(&self.levels[usize::from(level)]),
            };
            TileFile { tile, bytes }
        })
    }
}

/// The tiles of a log of `size` entries that are not full: its bundle, then levels upwards.
pub fn partial_tiles(size: u64) -> impl Iterator<Item = Tile> {
    kinds().filter_map(move |kind| {
        let index = nodes_at(kind, size) / u64::from(TILE_WIDTH);
        Tile::in_log(kind, index, size).ok()
    })
}

fn full_tile(kind: TileKind, index: u64) -> Tile {
    Tile { kind, index, width: TILE_WIDTH }
}

fn encode_hashes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}
