//! Segments: the files that hold the entries, written so that a crash at any moment loses nothing
//! that was acknowledged.
//!
//! A segment is a file of zeros made beforehand. Entries are put into it a *group* at a time: one
//! write, one sync, and only then may anybody be told. A group is its entries' frames and a COMMIT
//! frame that says how many there are and what they hash to.
//!
//! ```text
//! FRAME  = "GRNF" | u8 version 1 | u8 type | u16 flags 0 | u32 length | u32 crc32c | u64 seq | payload
//!          the crc covers the frame without the crc, and then the segment's uuid
//! HEADER   type 1, seq: first index.  u16 format version, [16] uuid, vec8 origin, u64 first index,
//!          [32] leaf hash and u64 time_ms of the entry before, u8 n, n x [32] compact range
//! ENTRY    type 2, seq: index.        the entry
//! COMMIT   type 3, seq: next index.   u64 first index, u32 count, [32] last leaf hash, [32] root,
//!          u32 crc32c of the group's ENTRY frames
//! ```
//! The header is written with the first group of its segment; until then the segment is zeros.
//! Since it says where the tree stood, a node starts from the last segment alone.
//!
//! What a crash leaves behind is a *torn tail*: a last group of which a part is missing. It is cut
//! off, for it was never acknowledged. Anything else that cannot be read is corruption, and
//! [`recover`] stops with its place rather than cut off what somebody relies on.

mod frame;
mod index;
mod layout;
mod memory;
mod reader;
mod recover;
mod scan;
mod storage;
mod survey;
mod torn;
mod writer;

pub use index::{Position, SegmentIndex};
pub use memory::{Failure, Loss, MemoryStorage};
pub use reader::{ReadError, SegmentReader, StoredEntry};
pub use recover::{Contradiction, Cut, RecoverError, RecoverOptions, Recovered, Scan, recover};
pub use storage::{Storage, StorageError};
pub use survey::{SegmentFault, Survey, Surveyed};
pub use writer::{AppendError, Appended, NextSegment, SegmentWriter};

/// The version of the segments that this build writes, and the newest that it reads.
pub const SEGMENT_FORMAT: u16 = 1;

/// The size of a segment file in bytes, 64 MiB unless told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentSize(u64);

/// The size is outside [`SegmentSize::MIN`] to [`SegmentSize::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a segment has {} to {} bytes, not {found}", SegmentSize::MIN, SegmentSize::MAX)]
pub struct SegmentSizeOutOfRange {
    /// The size asked for, in bytes.
    pub found: u64,
}

impl SegmentSize {
    /// The smallest, in bytes: room for the header, the largest entry and its COMMIT.
    pub const MIN: u64 = 128 * 1024;

    /// The largest, in bytes: recovery reads a whole segment into memory.
    pub const MAX: u64 = 1024 * 1024 * 1024;

    /// A size in bytes.
    ///
    /// # Errors
    ///
    /// [`SegmentSizeOutOfRange`].
    pub fn new(bytes: u64) -> Result<Self, SegmentSizeOutOfRange> {
        if (Self::MIN..=Self::MAX).contains(&bytes) {
            Ok(Self(bytes))
        } else {
            Err(SegmentSizeOutOfRange { found: bytes })
        }
    }

    /// In bytes.
    pub fn bytes(self) -> u64 {
        self.0
    }
}

impl Default for SegmentSize {
    fn default() -> Self {
        Self(64 * 1024 * 1024)
    }
}

/// The file name of a segment: its number among the segments, from 0.
pub fn segment_name(ordinal: u64) -> String {
    format!("{ordinal:010}.segment")
}

/// The number of the segment with this file name; nothing if it is not a segment's.
fn ordinal_of(name: &str) -> Option<u64> {
    let ordinal = name.strip_suffix(".segment")?.parse().ok()?;
    (segment_name(ordinal) == name).then_some(ordinal)
}
