//! What was found out about entries by themselves, joined in order: the chain between them, the
//! tree over them, and the roots that the log signed.

use super::check::{Checked, Disputed};
use super::tiles::{TileSource, UpperTiles};
use super::{Fault, FaultKind, Summary, TileFault};
use crate::chain::{ChainHead, LinkFault};
use crate::checkpoint::Checkpoint;
use crate::hash::Hash;
use crate::tile::{TILE_HEIGHT, TILE_WIDTH};
use crate::tree::{CompactRange, subtree_root};

/// A check under way: what was found out is joined in order, then it is finished.
pub struct Verifier<'a, F> {
    /// Not yet reached, largest first.
    checkpoints: Vec<Checkpoint>,
    /// Those that the entries contradict; whatever the log signed later shows which it meant.
    contradicted: Vec<Checkpoint>,
    head: ChainHead,
    /// Whether the hash in `head` is known.
    linked: bool,
    place: Option<(u32, u64)>,
    /// `Err`: the first entry of which not even the hash can be had.
    range: Result<CompactRange, u64>,
    /// Of the checkpoints that can't be compared: the first entry that is lost, the largest size, how many.
    unproved: Option<(u64, u64, u64)>,
    upper: Option<UpperTiles<'a>>,
    summary: Summary,
    report: F,
}

impl<'a, F: FnMut(Fault)> Verifier<'a, F> {
    /// A check of the log named `origin`, from its first entry.
    ///
    /// * `checkpoints`: what the log signed, in any order; their signatures are checked already.
    /// * `tiles`: where the tiles above the leaves are, if they are to be compared. Those of the
    ///   leaves are compared with [`Checked::compare_hashes`].
    /// * `report`: is called for each fault, in the order of their places.
    pub fn new(
        origin: &str,
        mut checkpoints: Vec<Checkpoint>,
        tiles: Option<&'a dyn TileSource>,
        report: F,
    ) -> Self {
        checkpoints
            .sort_by_key(|checkpoint| std::cmp::Reverse((checkpoint.size(), checkpoint.root())));
        checkpoints.dedup();
        let mut verifier = Self {
            checkpoints,
            contradicted: Vec::new(),
            head: ChainHead::genesis(origin),
            linked: true,
            place: None,
            range: Ok(CompactRange::new()),
            unproved: None,
            upper: tiles.map(UpperTiles::new),
            summary: Summary::default(),
            report,
        };
        let mut faults = Vec::new();
        verifier.check_roots(0, &[], &mut faults);
        verifier.tell(faults);
        verifier
    }

    /// How many entries were joined.
    pub fn size(&self) -> u64 {
        self.summary.entries
    }

    /// Takes what was found out about the next entries: a whole tile, except at the end.
    ///
    /// # Panics
    ///
    /// If they are not the next.
    pub fn join(&mut self, mut checked: Checked) {
        assert_eq!(checked.first, self.size(), "what was checked is joined in order");
        let mut faults = Vec::new();
        let disputed = checked.disputed.take();
        if let Some(disputed) = disputed {
            self.settle(&mut checked, &disputed, &mut faults);
        }
        self.follow(&checked, &mut faults);
        faults.append(&mut checked.faults);
        self.grow(&checked, &mut faults);
        self.summary.count(&checked.counts);
        self.summary.entries += checked.len() as u64;
        self.summary.last_time_ms = self.head.last_time_ms;
        faults.sort_by_key(|fault| fault.index);
        self.tell(faults);
    }

    /// Ends the check.
    pub fn finish(mut self) -> Summary {
        let mut faults = Vec::new();
        if let Some(upper) = &mut self.upper {
            upper.close(&mut faults);
        }
        if let Some((lost, size, count)) = self.unproved {
            faults.push(Fault { index: lost, kind: FaultKind::Unproved { size, lost, count } });
        }
        let found = self.size();
        while let Some(checkpoint) = self.checkpoints.pop() {
            let kind = FaultKind::Missing { size: checkpoint.size(), found };
            faults.push(Fault { index: found, kind });
        }
        self.tell(faults);
        self.summary
    }

    /// Where entries and the tile of their hashes differ, says which is wrong, and goes on with the other:
    /// the one that leads to what the tile above has, or to a root that the log signed.
    fn settle(&mut self, checked: &mut Checked, disputed: &Disputed, faults: &mut Vec<Fault>) {
        let Disputed { tile, hashes, positions } = disputed;
        let of_entries: Option<Vec<Hash>> = checked.leaves.iter().map(|leaf| leaf.hash).collect();
        let mut of_tile = of_entries.clone().unwrap_or_default();
        of_tile.iter_mut().zip(hashes).for_each(|(leaf, hash)| *leaf = *hash);
        let first = checked.first;
        let beyond = first + positions.last().map_or(0, |last| u64::from(*last));
        let right = |leaves: &[Hash], verifier: &mut Self| verifier.leads_up(first, beyond, leaves);
        let tile_is_wrong = of_entries.as_ref().is_some_and(|leaves| right(leaves, self));
        let entries_are_wrong = !tile_is_wrong && right(&of_tile, self);
        for position in positions {
            let at = usize::from(*position);
            let index = checked.first + u64::from(*position);
            let Some(found) = checked.leaves[at].hash else { continue };
            let expected = hashes[at];
            let kind = if tile_is_wrong {
                FaultKind::Tile { tile: *tile, what: TileFault::Hash(*position) }
            } else {
                FaultKind::EntryHash { tile: *tile, expected, found }
            };
            faults.push(Fault { index, kind });
            if entries_are_wrong {
                checked.leaves[at].hash = Some(expected);
            }
        }
    }

    /// Whether these leaves lead to what was published above them, or to the first root that was signed
    /// with entry `beyond` in it.
    fn leads_up(&mut self, first: u64, beyond: u64, leaves: &[Hash]) -> bool {
        if leaves.len() == usize::from(TILE_WIDTH)
            && let Some(upper) = &mut self.upper
            && let Some(published) = upper.published(first / u64::from(TILE_WIDTH))
            && published == subtree_root(leaves)
        {
            return true;
        }
        let Ok(range) = &self.range else { return false };
        let mut inside = self.checkpoints.iter().rev().map(|next| (next.size(), next.root()));
        let end = first + leaves.len() as u64;
        inside
            .find(|(size, _)| *size > beyond)
            .is_some_and(|(size, root)| size <= end && root_with(range, leaves, size) == root)
    }

    /// The chain from entry to entry.
    fn follow(&mut self, checked: &Checked, faults: &mut Vec<Fault>) {
        for (index, leaf) in (checked.first..).zip(&checked.leaves) {
            let mut fault = |kind| faults.push(Fault { index, kind });
            match &leaf.read {
                Some((link, place)) => {
                    let linked = self.linked;
                    self.head
                        .link_faults(link)
                        .filter(|fault| linked || !matches!(fault, LinkFault::PrevLeafHash { .. }))
                        .for_each(|found| fault(FaultKind::Link(found)));
                    if self.place.is_some_and(|before| *place <= before) {
                        let (epoch, offset) = *place;
                        fault(FaultKind::Order { epoch, offset });
                    }
                    self.place = Some(*place);
                    self.head =
                        ChainHead::after(link, leaf.hash.unwrap_or(self.head.last_leaf_hash));
                }
                // What follows is compared with what is there.
                None => {
                    self.head.size = self.head.size.saturating_add(1);
                    self.head.last_leaf_hash = leaf.hash.unwrap_or(self.head.last_leaf_hash);
                }
            }
            self.linked = leaf.hash.is_some();
        }
    }

    /// The tree over the entries, and the tiles and checkpoints that it reaches.
    fn grow(&mut self, checked: &Checked, faults: &mut Vec<Fault>) {
        let first = checked.first;
        let end = first + checked.len() as u64;
        let known: Vec<Hash> = checked.leaves.iter().map_while(|leaf| leaf.hash).collect();
        self.check_roots(end.saturating_sub(1), &known, faults);
        let is_whole = known.len() == checked.len();
        let is_tile =
            checked.len() == usize::from(TILE_WIDTH) && first.is_multiple_of(TILE_WIDTH.into());
        let mut root = (is_tile && is_whole).then(|| subtree_root(&known));
        if let Some(upper) = &mut self.upper {
            // The tiles of the published size are compared before the tree grows beyond it.
            if end > upper.size() && !upper.is_closed() {
                upper.close(faults);
            }
            if is_tile {
                upper.push(root, faults);
                root = root.or_else(|| upper.published(first / u64::from(TILE_WIDTH)));
            }
            if end == upper.size() {
                upper.close(faults);
            }
        }
        if let Ok(range) = &mut self.range {
            match root {
                Some(root) => range.push_subtree(TILE_HEIGHT, root),
                None if is_whole => known.iter().for_each(|leaf| range.push(*leaf)),
                None => self.range = Err(first + known.len() as u64),
            }
        }
        self.check_roots(end, &[], faults);
    }

    /// Compares the checkpoints up to size `end` with the tree so far and these leaves behind it.
    fn check_roots(&mut self, end: u64, leaves: &[Hash], faults: &mut Vec<Fault>) {
        while let Some(checkpoint) = self.checkpoints.pop_if(|next| next.size() <= end) {
            let size = checkpoint.size();
            let index = size.saturating_sub(1);
            let known = match &self.range {
                Ok(range) if size <= range.size() + leaves.len() as u64 => Ok(range),
                Ok(range) => Err(range.size() + leaves.len() as u64),
                Err(lost) => Err(*lost),
            };
            let range = match known {
                Ok(range) => range,
                Err(lost) => {
                    let (lost, count) =
                        self.unproved.map_or((lost, 0), |(lost, _, count)| (lost, count));
                    self.unproved = Some((lost, size, count + 1));
                    continue;
                }
            };
            let (expected, found) = (checkpoint.root(), root_with(range, leaves, size));
            if expected == found {
                self.summary.proved = size;
                self.meant(&checkpoint, index, faults);
                continue;
            }
            let good = self.summary.proved;
            faults.push(Fault { index, kind: FaultKind::Root { size, expected, found, good } });
            if let Some(other) = self.contradicted.iter().find(|other| other.size() == size) {
                let kind = FaultKind::TwoHistories { earlier: other.clone(), later: checkpoint };
                faults.push(Fault { index, kind });
            } else {
                self.contradicted.push(checkpoint);
            }
        }
    }

    /// The entries lead to this checkpoint: the log can't have signed the contradicted ones too, unless it
    /// has two histories.
    fn meant(&mut self, later: &Checkpoint, index: u64, faults: &mut Vec<Fault>) {
        for earlier in self.contradicted.drain(..) {
            let kind = FaultKind::TwoHistories { earlier, later: later.clone() };
            faults.push(Fault { index, kind });
        }
        while let Some(other) = self.checkpoints.pop_if(|next| next.size() == later.size()) {
            let size = other.size();
            let (expected, found, good) = (other.root(), later.root(), size);
            faults.push(Fault { index, kind: FaultKind::Root { size, expected, found, good } });
            let kind = FaultKind::TwoHistories { earlier: other, later: later.clone() };
            faults.push(Fault { index, kind });
        }
    }

    fn tell(&mut self, faults: Vec<Fault>) {
        self.summary.faults += faults.len() as u64;
        faults.into_iter().for_each(&mut self.report);
    }
}

/// Root of the first `size` entries, where `range` stands before them and `leaves` are the next.
fn root_with(range: &CompactRange, leaves: &[Hash], size: u64) -> Hash {
    let mut range = range.clone();
    let wanted = usize::try_from(size - range.size()).unwrap_or(usize::MAX);
    leaves.iter().take(wanted).for_each(|leaf| range.push(*leaf));
    range.root()
}
