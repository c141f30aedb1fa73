//! What is signed was read again from the files and hashed again.

use std::io;

use granary_log::{
    entry::Entry,
    hash::Hash,
    tile::{
        BundleError, Tile, TileKind, TileNodesError, check_bundle, decode_bundle, decode_hash_tile,
    },
    tree::{CompactRange, HashReader, consistency_proof, root_at, verify_consistency},
};

use super::state::LastSigned;
use crate::tiles::TileFiles;

/// Entries of a full bundle.
const WIDTH: u64 = granary_log::tile::TILE_WIDTH as u64;

/// Why the files don't bear a checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum RereadError {
    /// A tile.
    #[error("{tile} can't be read")]
    Read {
        /// Which.
        tile: Tile,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A node of the tree.
    #[error("a tile of hashes can't be used")]
    Nodes(#[from] TileNodesError<io::Error>),
    /// A bundle.
    #[error("{tile} does not hold what the tile of hashes beside it says")]
    Bundle {
        /// Which.
        tile: Tile,
        /// What is wrong.
        #[source]
        source: BundleError,
    },
    /// A tile of hashes has another length than its place says.
    #[error("{tile} has another length than it must have")]
    Length {
        /// Which.
        tile: Tile,
    },
    /// What the tiles hold doesn't continue what was signed.
    #[error("the tiles of {size} entries do not continue the {signed} that were signed")]
    NotContinued {
        /// Entries in the tiles.
        size: u64,
        /// Entries signed.
        signed: u64,
    },
}

/// The right edge of the log as it was read back.
#[derive(Debug, Clone)]
pub(super) struct Reread {
    pub(super) range: CompactRange,
    /// Log time of the last entry read, Unix milliseconds; 0 when none was.
    pub(super) last_time_ms: u64,
}

/// The right edge at what was signed last, from the tiles.
///
/// `size` is that of the log: smaller tiles may be gone.
pub(super) fn edge(files: &TileFiles, last: LastSigned, size: u64) -> Result<Reread, RereadError> {
    let not_continued = || RereadError::NotContinued { size, signed: last.size };
    let nodes = files.nodes(size);
    let mut edge = Vec::new();
    let mut start = 0_u64;
    for level in (0..63_u8).rev().filter(|level| last.size >> level & 1 == 1) {
        edge.push(nodes.node(level, start >> level)?);
        start += 1 << level;
    }
    let range = CompactRange::from_nodes(last.size, edge).map_err(|_| not_continued())?;
    if range.root() != last.root {
        return Err(not_continued());
    }
    Ok(Reread { range, last_time_ms: 0 })
}

/// Reads the entries from what was signed to `size`, hashes them, and gives the right edge behind them. The
/// bundles agree with the tiles of hashes, these have the same root, and it continues the one that was signed.
pub(super) fn extend(
    files: &TileFiles,
    from: &Reread,
    last: LastSigned,
    size: u64,
) -> Result<Reread, RereadError> {
    let Reread { mut range, mut last_time_ms } = from.clone();
    for index in last.size / WIDTH..size.div_ceil(WIDTH) {
        let (hashes, time_ms) = read_bundle(files, index, size)?;
        let skipped = last.size.saturating_sub(index * WIDTH);
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        hashes.iter().skip(skipped).for_each(|leaf| range.push(*leaf));
        last_time_ms = last_time_ms.max(time_ms);
    }
    let not_continued = || RereadError::NotContinued { size, signed: last.size };
    let nodes = files.nodes(size);
    let root = root_at(&nodes, size)?;
    let proof = consistency_proof(&nodes, last.size, size).map_err(|_| not_continued())?;
    verify_consistency(last.size, size, last.root, root, &proof).map_err(|_| not_continued())?;
    if range.size() == size && range.root() == root {
        Ok(Reread { range, last_time_ms })
    } else {
        Err(not_continued())
    }
}

/// The hashes of a bundle's entries, which are those of the tile beside it, and the last one's log time.
fn read_bundle(files: &TileFiles, index: u64, size: u64) -> Result<(Vec<Hash>, u64), RereadError> {
    let tile = |kind| Tile::in_log(kind, index, size).expect("an index below the log's size");
    let read = |tile: Tile| files.read(&tile).map_err(|source| RereadError::Read { tile, source });
    let (bundle, hashes) = (tile(TileKind::Entries), tile(TileKind::Hashes { level: 0 }));
    let bytes = read(bundle)?;
    let told = decode_hash_tile(&read(hashes)?, hashes.width())
        .ok_or(RereadError::Length { tile: hashes })?;
    let wrong = |source| RereadError::Bundle { tile: bundle, source };
    let entries = decode_bundle(&bytes, bundle.width()).map_err(wrong)?;
    check_bundle(&entries, &told).map_err(wrong)?;
    let time_ms = entries.last().map_or(0, |entry| time_of(entry));
    Ok((told, time_ms))
}

/// An entry's log time. One that isn't an entry has been acknowledged as one, so it is not looked at further.
fn time_of(entry: &[u8]) -> u64 {
    Entry::decode(entry).map_or(0, |entry| entry.time_ms)
}
