//! One pass over one segment, group by group.

use super::frame::{BadFrame, Frame, FrameType, read_frame};
use super::index::IndexedSegment;
use super::layout::{Commit, read_commit};
use super::recover::Contradiction;
use crate::chain::ChainHead;
use crate::entry::EntryLink;
use crate::hash::{Hash, leaf_hash};
use crate::tree::CompactRange;

/// A segment being read, up to the end of its last whole group.
pub(super) struct SegmentScan<'a> {
    bytes: &'a [u8],
    indexed: IndexedSegment,
    head: ChainHead,
    range: CompactRange,
    /// Where the write of the last whole group began: with the HEADER, where it was the first.
    last_write: usize,
    /// How many entries there are before the last whole group.
    before_last_group: u64,
    /// Behind the last whole group.
    end: usize,
}

/// Where reading stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Behind the last group there are zeros only.
    Clean,
    /// No frame is at this place, and something is there or behind it.
    Bad(BadPlace),
}

/// A place where a frame must be and is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadPlace {
    /// Where in the segment, in bytes.
    pub(super) at: usize,
    /// The entry that is there, or whose COMMIT is.
    pub(super) index: u64,
    pub(super) why: BadFrame,
    /// The COMMIT that would be there if the group ended there; none before its first entry.
    pub(super) commit_due: Option<Commit>,
}

/// Frames are right one by one, and do not fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unfit {
    pub(super) at: usize,
    pub(super) index: u64,
    pub(super) what: Contradiction,
}

/// What a segment holds, up to the end of its last whole group.
pub(super) struct Scanned {
    pub(super) indexed: IndexedSegment,
    pub(super) head: ChainHead,
    pub(super) range: CompactRange,
    pub(super) last_write: usize,
    pub(super) before_last_group: u64,
    pub(super) end: usize,
    pub(super) stop: Stop,
}

/// The frames of a group read so far.
struct Group {
    head: ChainHead,
    leaves: Vec<(Hash, usize)>,
    crc: u32,
}

impl<'a> SegmentScan<'a> {
    /// A scan from behind the HEADER, which `head` and `range` were read from.
    pub(super) fn new(
        bytes: &'a [u8],
        indexed: IndexedSegment,
        head: ChainHead,
        range: CompactRange,
        end: usize,
    ) -> Self {
        let before_last_group = head.size;
        Self { bytes, indexed, head, range, last_write: 0, before_last_group, end }
    }

    /// Reads every group.
    pub(super) fn run(mut self) -> Result<Scanned, Unfit> {
        let stop = loop {
            if let Some(bad) = self.group()? {
                let clean = bad.at == self.end && is_zero(&self.bytes[self.end..]);
                break if clean { Stop::Clean } else { Stop::Bad(bad) };
            }
        };
        let Self { indexed, head, range, last_write, before_last_group, end, .. } = self;
        Ok(Scanned { indexed, head, range, last_write, before_last_group, end, stop })
    }

    /// Reads one group; gives the place where it breaks off.
    fn group(&mut self) -> Result<Option<BadPlace>, Unfit> {
        let mut group = Group { head: self.head, leaves: Vec::new(), crc: 0 };
        let mut at = self.end;
        loop {
            let index = group.head.size;
            let unfit = |what| Unfit { at, index, what };
            let rest = &self.bytes[at..];
            let frame = match read_frame(rest, &self.indexed.uuid) {
                Ok(frame) => frame,
                Err(why) => {
                    let commit_due = (at > self.end).then(|| self.commit_of(&group).0);
                    return Ok(Some(BadPlace { at, index, why, commit_due }));
                }
            };
            match frame.frame_type {
                FrameType::Entry => {
                    group.add(&frame, at, &rest[..frame.len()]).map_err(unfit)?;
                }
                FrameType::Commit => {
                    let is_first = self.indexed.marks.is_empty();
                    let before = self.head.size;
                    self.commit(&group, &frame).map_err(unfit)?;
                    self.last_write = if is_first { 0 } else { self.end };
                    self.before_last_group = before;
                    self.end = at + frame.len();
                    return Ok(None);
                }
                FrameType::Header => return Err(unfit(Contradiction::SecondHeader)),
            }
            at += frame.len();
        }
    }

    fn commit(&mut self, group: &Group, frame: &Frame<'_>) -> Result<(), Contradiction> {
        let (expected, range) = self.commit_of(group);
        if read_commit(frame.payload) != Some(expected) || frame.seq != group.head.size {
            return Err(Contradiction::Commit);
        }
        for (index, (_, at)) in (self.head.size..).zip(&group.leaves) {
            self.indexed.note(index, *at as u64);
        }
        (self.head, self.range) = (group.head, range);
        Ok(())
    }

    /// What the COMMIT of a group says, and where the tree stands behind it.
    fn commit_of(&self, group: &Group) -> (Commit, CompactRange) {
        let mut range = self.range.clone();
        group.leaves.iter().for_each(|(leaf, _)| range.push(*leaf));
        let commit = Commit {
            first_index: self.head.size,
            count: u32::try_from(group.leaves.len())
                .expect("a segment holds fewer than 2^32 bytes"),
            last_leaf_hash: group.head.last_leaf_hash,
            root: range.root(),
            group_crc: group.crc,
        };
        (commit, range)
    }
}

impl Group {
    fn add(&mut self, frame: &Frame<'_>, at: usize, bytes: &[u8]) -> Result<(), Contradiction> {
        let link = EntryLink::decode(frame.payload).map_err(|_| Contradiction::NotAnEntry)?;
        if frame.seq != link.index {
            return Err(Contradiction::Seq { seq: frame.seq, index: link.index });
        }
        let leaf = leaf_hash(frame.payload);
        self.head.advance(&link, leaf).map_err(Contradiction::Link)?;
        self.leaves.push((leaf, at));
        self.crc = crc32c::crc32c_append(self.crc, bytes);
        Ok(())
    }
}

/// Behind the last byte that is not zero.
pub(super) fn dirty_until(bytes: &[u8]) -> usize {
    const ZEROS: [u8; 4096] = [0; 4096];
    let mut until = bytes.len();
    for chunk in bytes.rchunks(ZEROS.len()) {
        if chunk != &ZEROS[..chunk.len()] {
            let clean = chunk.iter().rev().take_while(|byte| **byte == 0).count();
            return until - clean;
        }
        until -= chunk.len();
    }
    0
}

pub(super) fn is_zero(bytes: &[u8]) -> bool {
    dirty_until(bytes) == 0
}
