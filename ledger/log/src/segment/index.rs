//! Where entries are in the segments.

use std::sync::Arc;

use super::segment_name;

/// One entry in this many is marked, so that finding another reads at most this many frames.
const MARK_EVERY: u64 = 64;

/// The segments in order, with marks in those that were read or written by this process: 4 bytes
/// for 64 entries. A clone shares all but the last segment's marks.
#[derive(Debug, Clone, Default)]
pub struct SegmentIndex {
    segments: Vec<Arc<IndexedSegment>>,
}

#[derive(Debug, Clone)]
pub(super) struct IndexedSegment {
    pub(super) ordinal: u64,
    pub(super) uuid: [u8; 16],
    pub(super) first_index: u64,
    /// Where the first entry is, in bytes.
    pub(super) first_offset: u64,
    /// Where entry `first_index + 64 * i` is, in bytes.
    pub(super) marks: Vec<u32>,
}

/// A place in a segment from which an entry is found by reading on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The segment's number.
    pub ordinal: u64,
    /// The segment's uuid.
    pub uuid: [u8; 16],
    /// Where a frame begins, in bytes.
    pub offset: u64,
}

impl SegmentIndex {
    /// Where to begin reading for the entry at `index`; nothing in an empty log. Which entries are
    /// there is not known here.
    pub fn position(&self, index: u64) -> Option<Position> {
        let after = self.segments.partition_point(|segment| segment.first_index <= index);
        let segment = self.segments.get(after.checked_sub(1)?)?;
        let mark = usize::try_from((index - segment.first_index) / MARK_EVERY).ok()?;
        let nearest = segment.marks.get(mark).or(segment.marks.last());
        Some(Position {
            ordinal: segment.ordinal,
            uuid: segment.uuid,
            offset: nearest.map_or(segment.first_offset, |offset| u64::from(*offset)),
        })
    }

    /// The name, first index and uuid of each segment, in order.
    pub fn segments(&self) -> impl Iterator<Item = (String, u64, [u8; 16])> + '_ {
        self.segments
            .iter()
            .map(|segment| (segment_name(segment.ordinal), segment.first_index, segment.uuid))
    }

    /// Where the segment after number `ordinal` begins its entries.
    pub(super) fn after(&self, ordinal: u64) -> Option<Position> {
        let at = self.segments.partition_point(|segment| segment.ordinal <= ordinal);
        self.segments.get(at).map(|segment| Position {
            ordinal: segment.ordinal,
            uuid: segment.uuid,
            offset: segment.first_offset,
        })
    }

    pub(super) fn push(&mut self, segment: IndexedSegment) {
        self.segments.push(Arc::new(segment));
    }

    /// Notes where an entry of the last segment is. Entries are noted in order.
    pub(super) fn note(&mut self, index: u64, offset: u64) {
        if let Some(segment) = self.segments.last_mut() {
            Arc::make_mut(segment).note(index, offset);
        }
    }
}

impl IndexedSegment {
    pub(super) fn note(&mut self, index: u64, offset: u64) {
        let due = self.marks.len() as u64 * MARK_EVERY == index - self.first_index;
        if let (true, Ok(offset)) = (due, u32::try_from(offset)) {
            self.marks.push(offset);
        }
    }
}
