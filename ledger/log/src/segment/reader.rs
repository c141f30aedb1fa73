//! Reading entries in order from any place in the log.

use super::frame::{FRAME_LEN_MIN, FrameType, claimed_len, read_frame};
use super::index::{Position, SegmentIndex};
use super::segment_name;
use super::storage::{Storage, StorageError};

/// How much is read from a file at a time, in bytes: several of the largest frames.
const CHUNK: usize = 512 * 1024;

/// An entry as it stands in a segment; its checksum was right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// Position in the log, from 0.
    pub index: u64,
    /// The entry's bytes.
    pub bytes: Vec<u8>,
}

/// Why an entry cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A file cannot be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// What is there is not the entry.
    #[error(
        "entry {index} cannot be read: {segment} is damaged at byte {offset}; restore it from a \
         mirror or from the tiles"
    )]
    Damaged {
        /// The entry that was looked for.
        index: u64,
        /// The segment's file.
        segment: String,
        /// Where, in bytes.
        offset: u64,
    },
}

/// Gives the entries from one index to before another, each checked against its checksum. Ends
/// after the first error.
#[derive(Debug)]
pub struct SegmentReader<'a, S: ?Sized> {
    storage: &'a S,
    index: &'a SegmentIndex,
    at: Option<Position>,
    next: u64,
    until: u64,
    /// Bytes of the segment from `at.offset` on, from `used`.
    buffer: Vec<u8>,
    used: usize,
}

impl<'a, S: Storage + ?Sized> SegmentReader<'a, S> {
    /// Reads from entry `from` to before entry `until`, which is at most the number of durable
    /// entries: what is beyond is not waited for, and reported as damage.
    pub fn new(storage: &'a S, index: &'a SegmentIndex, from: u64, until: u64) -> Self {
        let at = index.position(from);
        Self { storage, index, at, next: from, until, buffer: Vec::new(), used: 0 }
    }

    /// Reads frames up to the wanted entry.
    fn entry(&mut self) -> Result<StoredEntry, ReadError> {
        let Some(mut at) = self.at else {
            return Err(self.damaged(0, 0));
        };
        loop {
            self.fill(at)?;
            let rest = &self.buffer[self.used..];
            let Ok(frame) = read_frame(rest, &at.uuid) else {
                // Behind the last group of a segment the next segment goes on.
                let ends = rest.iter().take(FRAME_LEN_MIN).all(|byte| *byte == 0);
                match self.index.after(at.ordinal).filter(|_| ends) {
                    Some(next) => at = next,
                    None => return Err(self.damaged(at.ordinal, at.offset)),
                }
                (self.buffer, self.used) = (Vec::new(), 0);
                continue;
            };
            let (frame_type, index) = (frame.frame_type, frame.seq);
            let found = frame_type == FrameType::Entry && index == self.next;
            let bytes = if found { frame.payload.to_vec() } else { Vec::new() };
            if frame_type == FrameType::Entry && index > self.next {
                return Err(self.damaged(at.ordinal, at.offset));
            }
            self.used += frame.len();
            at.offset += frame.len() as u64;
            if found {
                self.at = Some(at);
                return Ok(StoredEntry { index, bytes });
            }
        }
    }

    /// Has a whole frame in the buffer, if the segment has one at `at`.
    fn fill(&mut self, at: Position) -> Result<(), ReadError> {
        let rest = &self.buffer[self.used..];
        if claimed_len(rest).is_some_and(|len| len <= rest.len()) {
            return Ok(());
        }
        let name = segment_name(at.ordinal);
        self.buffer = self
            .storage
            .read_at(&name, at.offset, CHUNK)
            .map_err(StorageError::on("read", &name))?;
        self.used = 0;
        Ok(())
    }

    fn damaged(&self, ordinal: u64, offset: u64) -> ReadError {
        ReadError::Damaged { index: self.next, segment: segment_name(ordinal), offset }
    }
}

impl<S: Storage + ?Sized> Iterator for SegmentReader<'_, S> {
    type Item = Result<StoredEntry, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.until {
            return None;
        }
        let entry = self.entry();
        match &entry {
            Ok(entry) => self.next = entry.index + 1,
            Err(_) => self.until = self.next,
        }
        Some(entry)
    }
}
