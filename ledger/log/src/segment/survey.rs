//! Reading on behind damage: every fault of the segments with its place, and every entry that can
//! still be read. For repair; what counts as the log is [`recover`](super::recover)'s to say.

use super::frame::{FRAME_LEN_MIN, FrameType, MAGIC, read_frame};
use super::layout::{UUID_OFFSET, read_header};
use super::reader::StoredEntry;
use super::scan::is_zero;
use super::storage::{Storage, StorageError};
use super::{ordinal_of, segment_name};
use crate::entry::EntryLink;

/// What a survey comes upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Surveyed {
    /// An entry whose checksum is right and that says the index of its frame.
    Entry(StoredEntry),
    /// Bytes that are no frame, up to the next that is one.
    Fault(SegmentFault),
}

/// A place where a frame must be and is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentFault {
    /// The segment's file.
    pub segment: String,
    /// Where, in bytes.
    pub offset: u64,
    /// How many bytes to the next frame, or to the end of what was written.
    pub len: u64,
    /// The entry that comes next, as far as is known: the first that may be affected.
    pub index: u64,
}

/// Goes through the segments of the log named `origin` in the order of their names. Segments of
/// other logs are one fault each.
#[derive(Debug)]
pub struct Survey<'a, S: ?Sized> {
    storage: &'a S,
    origin: &'a str,
    ordinals: std::vec::IntoIter<u64>,
    segment: Option<Segment>,
    /// The entry that comes next.
    next: u64,
}

#[derive(Debug)]
struct Segment {
    name: String,
    uuid: [u8; 16],
    bytes: Vec<u8>,
    at: usize,
}

impl<'a, S: Storage + ?Sized> Survey<'a, S> {
    /// A survey from the first segment.
    ///
    /// # Errors
    ///
    /// The directory cannot be read.
    pub fn new(storage: &'a S, origin: &'a str) -> Result<Self, StorageError> {
        let names = storage.list().map_err(StorageError::on("list", "the segments"))?;
        let mut ordinals: Vec<u64> = names.iter().filter_map(|name| ordinal_of(name)).collect();
        ordinals.sort_unstable();
        Ok(Self { storage, origin, ordinals: ordinals.into_iter(), segment: None, next: 0 })
    }

    /// Opens a segment; gives a fault if its HEADER is not one of this log's.
    fn open(&mut self, ordinal: u64) -> Result<Option<SegmentFault>, StorageError> {
        let name = segment_name(ordinal);
        let len = self.storage.len(&name).map_err(StorageError::on("read", &name))?;
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let bytes = self.storage.read_at(&name, 0, len).map_err(StorageError::on("read", &name))?;
        if is_zero(&bytes) {
            return Ok(None);
        }
        // The uuid is tried even where the HEADER around it is damaged: the frames tell.
        let uuid = bytes.get(UUID_OFFSET..).and_then(<[u8]>::first_chunk).copied();
        let mut segment = Segment { name, uuid: uuid.unwrap_or_default(), bytes, at: 0 };
        let header = read_frame(&segment.bytes, &segment.uuid).ok().and_then(|frame| {
            let header = read_header(frame.payload)?;
            (frame.frame_type == FrameType::Header).then_some((header, frame.len()))
        });
        let fault = match header {
            Some((header, len)) if header.origin == self.origin => {
                segment.at = len;
                self.next = header.head.size;
                None
            }
            Some(_) => {
                let all = segment.bytes.len();
                return Ok(Some(segment.fault(all, self.next)));
            }
            None => {
                let until = segment.next_frame(0);
                let fault = segment.fault(until, self.next);
                segment.at = until;
                Some(fault)
            }
        };
        self.segment = Some(segment);
        Ok(fault)
    }

    fn step(&mut self) -> Result<Option<Surveyed>, StorageError> {
        loop {
            let Some(segment) = &mut self.segment else {
                let Some(ordinal) = self.ordinals.next() else { return Ok(None) };
                if let Some(fault) = self.open(ordinal)? {
                    return Ok(Some(Surveyed::Fault(fault)));
                }
                continue;
            };
            let rest = &segment.bytes[segment.at..];
            if let Ok(frame) = read_frame(rest, &segment.uuid) {
                let is_entry = frame.frame_type == FrameType::Entry
                    && EntryLink::decode(frame.payload).is_ok_and(|link| link.index == frame.seq);
                let entry = StoredEntry { index: frame.seq, bytes: frame.payload.to_vec() };
                segment.at += frame.len();
                if is_entry {
                    self.next = entry.index + 1;
                    return Ok(Some(Surveyed::Entry(entry)));
                }
            } else if is_zero(rest) {
                self.segment = None;
            } else {
                let until = segment.next_frame(segment.at);
                let fault = segment.fault(until, self.next);
                segment.at = until;
                return Ok(Some(Surveyed::Fault(fault)));
            }
        }
    }
}

impl Segment {
    /// Where the next frame is behind a place, or where the segment ends.
    fn next_frame(&self, behind: usize) -> usize {
        let from = (behind + 1).min(self.bytes.len());
        let starts = self.bytes[from..].windows(FRAME_LEN_MIN).enumerate();
        starts
            .filter(|(_, window)| window.starts_with(MAGIC))
            .map(|(at, _)| from + at)
            .find(|at| read_frame(&self.bytes[*at..], &self.uuid).is_ok())
            .unwrap_or(self.bytes.len())
    }

    fn fault(&self, until: usize, index: u64) -> SegmentFault {
        let written = super::scan::dirty_until(&self.bytes[..until]);
        SegmentFault {
            segment: self.name.clone(),
            offset: self.at as u64,
            len: written.saturating_sub(self.at) as u64,
            index,
        }
    }
}

impl<S: Storage + ?Sized> Iterator for Survey<'_, S> {
    type Item = Result<Surveyed, StorageError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}
