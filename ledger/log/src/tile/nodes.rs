//! Nodes of the tree in tiles, and tiles as a place where nodes can be read.

use super::{TILE_HEIGHT, TILE_WIDTH, Tile, TileKind};
use crate::hash::Hash;
use crate::tree::{HashReader, subtree_root};

const HASH_LEN: usize = 32;

/// The bytes of the tile of hashes at `level` and `index`, with its first `width` hashes.
///
/// # Errors
///
/// The reader's.
pub fn encode_hash_tile<R: HashReader>(
    reader: &R,
    level: u8,
    index: u64,
    width: u16,
) -> Result<Vec<u8>, R::Error> {
    let mut out = Vec::with_capacity(usize::from(width) * HASH_LEN);
    // Beyond what a tree can have, the reader is asked for a node that it does not have.
    let node_level = level.saturating_mul(TILE_HEIGHT);
    let start = index.saturating_mul(TILE_WIDTH.into());
    for offset in 0..u64::from(width) {
        out.extend_from_slice(&reader.node(node_level, start.saturating_add(offset))?.0);
    }
    Ok(out)
}

/// The hashes of a tile that must hold `width` of them; nothing if it has another length.
pub fn decode_hash_tile(bytes: &[u8], width: u16) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<HASH_LEN>();
    let exact = rest.is_empty() && hashes.len() == usize::from(width);
    exact.then(|| hashes.iter().copied().map(Hash).collect())
}

/// Reads the nodes of a log of `size` entries from its tiles, which `fetch` gets by their place.
///
/// The tiles are believed as they are: what is proved from them is worth as much as the check of
/// the proof.
#[derive(Debug, Clone)]
pub struct TileNodes<F> {
    size: u64,
    fetch: F,
}

/// Why a node cannot be read from tiles.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TileNodesError<E> {
    /// The log has no such node yet.
    #[error("a log of {size} entries has no node {index} at level {level}")]
    Missing {
        /// Number of entries.
        size: u64,
        /// Level of the node, from the leaves at 0.
        level: u8,
        /// Position in the level, from 0.
        index: u64,
    },
    /// A tile cannot be had.
    #[error("{tile} cannot be read")]
    Fetch {
        /// The tile.
        tile: Tile,
        /// Why.
        #[source]
        source: E,
    },
    /// A tile has another length than it must have.
    #[error("{tile} has {len} bytes")]
    Length {
        /// The tile.
        tile: Tile,
        /// Its length in bytes.
        len: usize,
    },
}

impl<E, F: Fn(&Tile) -> Result<Vec<u8>, E>> TileNodes<F> {
    /// The nodes of a log of `size` entries.
    pub fn new(size: u64, fetch: F) -> Self {
        Self { size, fetch }
    }

    fn hashes(&self, tile: Tile) -> Result<Vec<Hash>, TileNodesError<E>> {
        let bytes = (self.fetch)(&tile).map_err(|source| TileNodesError::Fetch { tile, source })?;
        decode_hash_tile(&bytes, tile.width())
            .ok_or(TileNodesError::Length { tile, len: bytes.len() })
    }
}

impl<E, F: Fn(&Tile) -> Result<Vec<u8>, E>> HashReader for TileNodes<F> {
    type Error = TileNodesError<E>;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Self::Error> {
        let missing = TileNodesError::Missing { size: self.size, level, index };
        let height = level % TILE_HEIGHT;
        // How many of the tile's hashes are below the node, and which of them is the first.
        let span = 1_usize << height;
        let nodes_per_tile = u64::from(TILE_WIDTH) >> height;
        let first = usize::try_from(index % nodes_per_tile).unwrap_or(usize::MAX) * span;
        let kind = TileKind::Hashes { level: level / TILE_HEIGHT };
        let Ok(tile) = Tile::in_log(kind, index / nodes_per_tile, self.size) else {
            return Err(missing);
        };
        if usize::from(tile.width()) < first + span {
            return Err(missing);
        }
        Ok(subtree_root(&self.hashes(tile)?[first..first + span]))
    }
}
