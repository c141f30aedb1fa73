//! One pass over one segment, group by group.

use super::frame::{
    BadFrame, FRAME_LEN_MIN, Frame, FrameType, MAGIC, claimed_len, read_frame, unchecked_frame,
    unchecked_frame_type,
};
use super::index::IndexedSegment;
use super::layout::{COMMIT_FRAME_LEN, Commit, read_commit};
use super::recover::Contradiction;
use crate::chain::ChainHead;
use crate::entry::EntryLink;
use crate::hash::{Hash, leaf_hash};
use crate::tree::CompactRange;

/// The unit in which disks write: a write that is cut off leaves whole sectors as they were.
pub(super) const SECTOR: usize = 512;

/// A segment being read, up to the end of its last whole group.
pub(super) struct SegmentScan<'a> {
    bytes: &'a [u8],
    indexed: IndexedSegment,
    head: ChainHead,
    range: CompactRange,
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
        Self { bytes, indexed, head, range, end }
    }

    /// Reads every group.
    pub(super) fn run(mut self) -> Result<Scanned, Unfit> {
        let stop = loop {
            if let Some(bad) = self.group()? {
                let clean = bad.at == self.end && is_zero(&self.bytes[self.end..]);
                break if clean { Stop::Clean } else { Stop::Bad(bad) };
            }
        };
        let Self { indexed, head, range, end, .. } = self;
        Ok(Scanned { indexed, head, range, end, stop })
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
                Err(why) => return Ok(Some(BadPlace { at, index, why })),
            };
            match frame.frame_type {
                FrameType::Entry => {
                    group.add(&frame, at, &rest[..frame.len()]).map_err(unfit)?;
                }
                FrameType::Commit => {
                    self.commit(&group, &frame).map_err(unfit)?;
                    self.end = at + frame.len();
                    return Ok(None);
                }
                FrameType::Header => return Err(unfit(Contradiction::SecondHeader)),
            }
            at += frame.len();
        }
    }

    fn commit(&mut self, group: &Group, frame: &Frame<'_>) -> Result<(), Contradiction> {
        let mut range = self.range.clone();
        group.leaves.iter().for_each(|(leaf, _)| range.push(*leaf));
        let expected = Commit {
            first_index: self.head.size,
            count: u32::try_from(group.leaves.len()).map_err(|_| Contradiction::Commit)?,
            last_leaf_hash: group.head.last_leaf_hash,
            root: range.root(),
            group_crc: group.crc,
        };
        if read_commit(frame.payload) != Some(expected) || frame.seq != group.head.size {
            return Err(Contradiction::Commit);
        }
        for (index, (_, at)) in (self.head.size..).zip(&group.leaves) {
            self.indexed.note(index, *at as u64);
        }
        (self.head, self.range) = (group.head, range);
        Ok(())
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

/// The COMMITs in `bytes` and where they stand. Without a uuid, which a segment without a header
/// has lost, those that have the form of one.
pub(super) fn commits<'a>(
    bytes: &'a [u8],
    uuid: Option<&'a [u8; 16]>,
) -> impl Iterator<Item = (usize, Commit)> + 'a {
    let written = &bytes[..bytes.len().min(dirty_until(bytes) + COMMIT_FRAME_LEN)];
    written
        .windows(COMMIT_FRAME_LEN)
        .enumerate()
        .filter(|(_, window)| window.starts_with(MAGIC))
        .filter_map(move |(at, window)| {
            let frame = match uuid {
                Some(uuid) => read_frame(window, uuid).ok()?,
                None => unchecked_frame(window)?,
            };
            let commit = read_commit(frame.payload)?;
            let whole = commit.first_index.checked_add(commit.count.into()) == Some(frame.seq);
            (whole && frame.frame_type == FrameType::Commit).then_some((at, commit))
        })
}

/// Whether a write that was cut off explains that no frame is at `at`: the bytes end inside the
/// frame with zeros behind it, or a whole sector of the frame is still the zeros that it was made
/// of. Decay of a disk does not look like that.
///
/// `commit_at` is where the COMMIT of the same group stands, if it does: then the write did not
/// end before it.
pub(super) fn looks_torn(bytes: &[u8], at: usize, commit_at: Option<usize>) -> bool {
    let rest = &bytes[at..];
    let claimed = match unchecked_frame_type(rest) {
        // A COMMIT has one length, whatever it says.
        Some(FrameType::Commit) => COMMIT_FRAME_LEN,
        _ => claimed_len(rest).unwrap_or(FRAME_LEN_MIN),
    };
    let end = (at + claimed).min(commit_at.unwrap_or(bytes.len()));
    if commit_at.is_none() && dirty_until(bytes) < end {
        return true;
    }
    let mut start = at;
    while start < end {
        let stop = end.min((start / SECTOR + 1) * SECTOR);
        if is_zero(&bytes[start..stop]) {
            return true;
        }
        start = stop;
    }
    false
}
