//! Tells a torn write, which nobody was told of, from damage to what somebody may rely on.
//!
//! A disk writes whole sectors. A write that is cut off leaves each of its sectors as it was, zeros,
//! or as it was to be, in any combination: so a frame that was torn lacks whole sectors, and
//! nothing stands behind its group. Everything else is damage.

use super::frame::{
    FRAME_LEN_MIN, FrameType, MAGIC, claimed_len, read_frame, unchecked_frame, unchecked_frame_type,
};
use super::layout::{COMMIT_FRAME_LEN, Commit, put_commit, read_commit};
use super::scan::{dirty_until, is_zero};

/// The unit in which disks write.
pub(super) const SECTOR: usize = 512;

/// The end of a segment, from the place where no frame can be read.
pub(super) struct Tail<'a> {
    /// The segment.
    pub(super) bytes: &'a [u8],
    /// The segment's uuid; none where the HEADER that says it is lost.
    pub(super) uuid: Option<&'a [u8; 16]>,
    /// Where reading stopped.
    pub(super) at: usize,
    /// The first entry of the group that reading stopped in.
    pub(super) first_index: u64,
    /// The COMMIT that would be at this place if the group ended there.
    pub(super) commit_due: Option<Commit>,
}

/// What explains that no frame can be read at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A write that was cut off, or nothing at all.
    Torn,
    /// Something else; the group may have been acknowledged.
    Damaged,
    /// Something else, and groups that were written later follow.
    FollowedByOthers,
}

impl Tail<'_> {
    pub(super) fn verdict(&self) -> Verdict {
        let commits: Vec<_> = commits(&self.bytes[self.at..], self.uuid).collect();
        if commits.iter().any(|(_, commit)| commit.first_index != self.first_index) {
            return Verdict::FollowedByOthers;
        }
        let commit_at = commits.first().map(|(at, _)| self.at + *at);
        let ends = commit_at.map(|at| at + COMMIT_FRAME_LEN);
        if self.is_elsewhere() || ends.is_some_and(|end| self.is_written_behind(end)) {
            return Verdict::Damaged;
        }
        if let Some(verdict) = self.commit_verdict() {
            return verdict;
        }
        if self.lacks_a_sector(commit_at) { Verdict::Torn } else { Verdict::Damaged }
    }

    /// Whether the group's first entry, which is not where it must be, is behind that place: the
    /// disk wrote the group somewhere else.
    fn is_elsewhere(&self) -> bool {
        let Some(uuid) = self.uuid else { return false };
        frames(&self.bytes[self.at..])
            .filter_map(|rest| read_frame(rest, uuid).ok())
            .any(|frame| frame.frame_type == FrameType::Entry && frame.seq == self.first_index)
    }

    fn is_written_behind(&self, end: usize) -> bool {
        dirty_until(self.bytes) > end
    }

    /// What became of the group's COMMIT, if it is what stands here. Every byte of it is known, so
    /// this is exact.
    fn commit_verdict(&self) -> Option<Verdict> {
        let mut due = Vec::with_capacity(COMMIT_FRAME_LEN);
        put_commit(&mut due, self.commit_due.as_ref()?, self.uuid?);
        let end = self.at + due.len();
        let here = self.bytes.get(self.at..end)?;
        let same = here.iter().zip(&due).filter(|(here, due)| here == due).count();
        // The frame's type shows what it is; damage may have changed that, and spared the most.
        if here[..6] != due[..6] && same * 2 < due.len() {
            return None;
        }
        let lacks_sectors = sectors(self.at, end).all(|(from, until)| {
            let part = &self.bytes[from..until.min(end)];
            is_zero(part) || part == &due[from - self.at..until.min(end) - self.at]
        });
        // A write that ended early; but one bit alone that is gone has decayed.
        let ends_early = same_until_zeros(here, &due) && flipped_bits(here, &due) > 1;
        let torn = (lacks_sectors || ends_early) && !self.is_written_behind(end);
        Some(if torn { Verdict::Torn } else { Verdict::Damaged })
    }

    /// Whether a sector of the frame is still the zeros that it was made of. What follows the frame
    /// in the same sector was written with it.
    fn lacks_a_sector(&self, commit_at: Option<usize>) -> bool {
        let rest = &self.bytes[self.at..];
        if rest.iter().take(FRAME_LEN_MIN).all(|byte| *byte == 0) {
            return true;
        }
        let claimed = match unchecked_frame_type(rest) {
            // A COMMIT has one length, whatever it says.
            Some(FrameType::Commit) => COMMIT_FRAME_LEN,
            _ => claimed_len(rest).unwrap_or(FRAME_LEN_MIN),
        };
        let end = (self.at + claimed).min(commit_at.unwrap_or(self.bytes.len()));
        if commit_at.is_none() && dirty_until(self.bytes) < end {
            return true;
        }
        sectors(self.at, end)
            .any(|(from, until)| is_zero(&self.bytes[from..until.min(self.bytes.len())]))
    }
}

/// Whether the first are the second up to some byte, and zeros from there.
fn same_until_zeros(here: &[u8], due: &[u8]) -> bool {
    let same = here.iter().zip(due).take_while(|(here, due)| here == due).count();
    is_zero(&here[same..])
}

fn flipped_bits(here: &[u8], due: &[u8]) -> u32 {
    here.iter().zip(due).map(|(here, due)| (here ^ due).count_ones()).sum()
}

/// Whether there are frames of the segment with this uuid.
pub(super) fn holds_frames_of(bytes: &[u8], uuid: &[u8; 16]) -> bool {
    frames(bytes).any(|rest| read_frame(rest, uuid).is_ok())
}

/// Every place that a frame may begin at.
fn frames(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let written = &bytes[..dirty_until(bytes)];
    let starts = written.windows(MAGIC.len()).enumerate();
    starts.filter(|(_, window)| *window == MAGIC).map(|(at, _)| &bytes[at..])
}

/// The sectors between two places: where each begins, not before the first, and where it ends.
fn sectors(from: usize, until: usize) -> impl Iterator<Item = (usize, usize)> {
    let first = from / SECTOR;
    (first..until.div_ceil(SECTOR))
        .map(move |sector| ((sector * SECTOR).max(from), (sector + 1) * SECTOR))
}

/// The COMMITs in `bytes` and where they stand. Without a uuid, those that have the form of one.
fn commits<'a>(
    bytes: &'a [u8],
    uuid: Option<&'a [u8; 16]>,
) -> impl Iterator<Item = (usize, Commit)> + 'a {
    let whole = frames(bytes).filter(|rest| rest.len() >= COMMIT_FRAME_LEN);
    whole.filter_map(move |rest| {
        let frame = match uuid {
            Some(uuid) => read_frame(rest, uuid).ok()?,
            None => unchecked_frame(rest)?,
        };
        let commit = read_commit(frame.payload)?;
        let fits = commit.first_index.checked_add(commit.count.into()) == Some(frame.seq);
        (fits && frame.frame_type == FrameType::Commit)
            .then_some((bytes.len() - rest.len(), commit))
    })
}
