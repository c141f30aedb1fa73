//! Files among the tiles that the published checkpoint doesn't ask for: partial tiles of earlier sizes,
//! tiles that are built and not published yet, and whatever else lies there.

use granary_log::{
    hash::{Hash, leaf_hash},
    tile::{Tile, TileKind, decode_bundle_prefix, decode_hash_tile},
    tree::CompactRange,
    verify::{Fault, FaultKind, TileFault, TileSource},
};

use super::{
    report::{Found, Teller, VerifyError},
    source::{Evidence, Published, beginning},
};

/// How files are called that are being written.
const UNFINISHED: &str = ".tmp";

/// Looks at every file below `tile` that was not compared already. There are `end` entries; what a running
/// node has built since they were counted is for the next verification.
pub(super) fn look(
    evidence: &Evidence,
    published: &Published<'_>,
    end: u64,
    teller: &mut Teller<'_>,
) -> Result<(), VerifyError> {
    let strays = Strays { published, end };
    let mut beyond = Vec::new();
    evidence.paths(&mut |path| {
        if path.ends_with(UNFINISHED) {
            return;
        }
        match path.parse::<Tile>() {
            Ok(tile) if !is_within(&tile, end) => beyond.push(tile),
            Ok(tile) => {
                strays.fault(&tile).into_iter().for_each(|fault| teller.tell(Found::from(&fault)));
            }
            Err(_) => teller.tell(Found::new(0, "stray", format!("{path} is no tile's path"))),
        }
    })?;
    let now = if beyond.is_empty() { end } else { evidence.listed(end)? };
    for tile in beyond.iter().filter(|tile| !is_within(tile, now)) {
        let what = format!("{tile} is beyond the log's {now} entries");
        teller.tell(Found::new(first_entry(tile), "stray", what));
    }
    Ok(())
}

/// Whether a log of that size has such a tile, or had it when it was smaller.
fn is_within(tile: &Tile, size: u64) -> bool {
    Tile::in_log(tile.kind(), tile.index(), size).is_ok_and(|widest| widest.width() >= tile.width())
}

/// The first entry that a tile covers.
fn first_entry(tile: &Tile) -> u64 {
    let level = match tile.kind() {
        TileKind::Entries => 0,
        TileKind::Hashes { level } => u32::from(level),
    };
    tile.index().saturating_mul(256).checked_shl(8 * level).unwrap_or(u64::MAX)
}

struct Strays<'a> {
    published: &'a Published<'a>,
    end: u64,
}

impl Strays<'_> {
    /// What is wrong with a tile that was found, if it was not compared already.
    fn fault(&self, tile: &Tile) -> Option<Fault> {
        let of_size = |size| Tile::in_log(tile.kind(), tile.index(), size).ok();
        let compared = of_size(self.published.size());
        let read = of_size(self.end).filter(|_| tile.kind() == TileKind::Entries);
        if [compared, read].contains(&Some(*tile)) {
            return None;
        }
        let what = match self.published.exactly(tile) {
            Ok(Some(bytes)) => self.judge(tile, &bytes, compared, read)?,
            // Gone since it was listed: a node removes what nobody needs any more.
            Ok(None) => return None,
            Err(why) => TileFault::Unreadable(why),
        };
        Some(Fault { index: first_entry(tile), kind: FaultKind::Tile { tile: *tile, what } })
    }

    fn judge(
        &self,
        tile: &Tile,
        bytes: &[u8],
        compared: Option<Tile>,
        read: Option<Tile>,
    ) -> Option<TileFault> {
        let is_wider = |wider: &Tile| wider.width() > tile.width();
        if let Some(wider) = read.or(compared).filter(is_wider) {
            // What the wider one holds was compared; if it can't be read, that was told.
            let whole = self.published.read(&wider).ok()??;
            return (beginning(tile, whole) != bytes).then_some(TileFault::NoPrefix);
        }
        // A bundle within the log is the widest, which was compared, or narrower.
        let TileKind::Hashes { level } = tile.kind() else { return None };
        let Some(found) = decode_hash_tile(bytes, tile.width()) else {
            return Some(TileFault::Length(bytes.len()));
        };
        let expected = self.hashes(level, tile.index(), tile.width());
        let differs = |(expected, found): (&Option<Hash>, &Hash)| *expected != Some(*found);
        let position = expected.iter().zip(&found).position(differs)?;
        Some(TileFault::Hash(u16::try_from(position).unwrap_or(u16::MAX)))
    }

    /// The hashes of a tile beyond the published size, from what lies below it.
    fn hashes(&self, level: u8, index: u64, width: u16) -> Vec<Option<Hash>> {
        if level == 0 {
            return self.leaves(index, width);
        }
        let below =
            (0..u64::from(width)).map(|position| index.checked_mul(256)?.checked_add(position));
        below
            .map(|below| {
                let tile = Tile::new(TileKind::Hashes { level: level - 1 }, below?, 256).ok()?;
                let bytes = self.published.read(&tile).ok()??;
                let mut range = CompactRange::new();
                decode_hash_tile(&bytes, 256)?.into_iter().for_each(|hash| range.push(hash));
                Some(range.root())
            })
            .collect()
    }

    fn leaves(&self, index: u64, width: u16) -> Vec<Option<Hash>> {
        let tile = Tile::in_log(TileKind::Entries, index, self.end).ok();
        let bytes = tile.and_then(|tile| self.published.read(&tile).ok()?).unwrap_or_default();
        let (entries, _) = decode_bundle_prefix(&bytes, tile.map_or(0, |tile| tile.width()));
        let mut leaves: Vec<_> = entries.iter().map(|entry| Some(leaf_hash(entry))).collect();
        leaves.resize(width.into(), None);
        leaves
    }
}
