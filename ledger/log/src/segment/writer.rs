//! The one writer of a log's segments.

use super::frame::{FRAME_LEN_MIN, FrameType, put_frame};
use super::index::{IndexedSegment, SegmentIndex};
use super::layout::{COMMIT_FRAME_LEN, Commit, HEADER_FRAME_MAX, put_commit, put_header};
use super::recover::{LastSegment, Recovered};
use super::storage::{Storage, StorageError};
use super::{SegmentSize, segment_name};
use crate::chain::{ChainHead, LinkFault};
use crate::entry::SealedEntry;
use crate::hash::Hash;
use crate::tree::CompactRange;

/// How many zeros are written at a time behind the last group.
const ZEROS: usize = 1 << 20;

/// Appends groups of entries and makes them durable. Only what it has returned for may be told to
/// anybody.
#[derive(Debug)]
pub struct SegmentWriter<S> {
    storage: S,
    origin: String,
    size: SegmentSize,
    head: ChainHead,
    range: CompactRange,
    index: SegmentIndex,
    current: Option<Segment>,
    next: Option<Segment>,
    /// After a write or a sync failed: what is on the disk is not known.
    stopped: bool,
    /// Kept between groups for its memory.
    buffer: Vec<u8>,
}

/// A segment's file.
#[derive(Debug, Clone)]
struct Segment {
    ordinal: u64,
    uuid: [u8; 16],
    capacity: u64,
    /// Behind the last group; 0 when there is not even a header.
    end: u64,
}

/// Where the log stands after a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// How many entries there are.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Hash,
}

/// The segment to make next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextSegment {
    /// Its file name.
    pub name: String,
    /// Its size in bytes, all zeros.
    pub size: u64,
}

/// Why a group was not appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The entries do not follow the chain, or each other. Nothing was written.
    #[error("the group does not follow the chain")]
    Link(#[from] LinkFault),
    /// The group does not fit a segment. Nothing was written; send it in parts.
    #[error("a group of {len} bytes does not fit a segment, which holds {max}")]
    TooLarge {
        /// Its length with frames, in bytes.
        len: u64,
        /// The most that an empty segment holds, in bytes.
        max: u64,
    },
    /// The segment is full and the next one is not prepared. Nothing was written: the log can be
    /// read and not appended to until there is room for a segment.
    #[error("the segment is full and the next one could not be prepared; free some space")]
    NoSegmentPrepared,
    /// A write or sync failed. What is on the disk is not known: the process must end, and
    /// recovery reads what is there.
    #[error("the log could not be written; stop, and recover on start")]
    Storage(#[from] StorageError),
    /// An earlier write or sync failed.
    #[error("an earlier write of the log failed; stop, and recover on start")]
    Stopped,
}

impl<S: Storage> SegmentWriter<S> {
    /// Takes up the log where [`recover`](super::recover) found its end: removes a torn tail, and
    /// segments without entries, and makes sure that the end found is durable. After a crash of
    /// the process alone it may be in the page cache only, and after a sync that failed it may be
    /// there and count as written; so the last group, and the zeros behind it, are written again.
    ///
    /// Before the first entry, and whenever [`SegmentWriter::next_segment`] asks for one, a
    /// segment must be prepared.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    pub fn open(
        mut storage: S,
        recovered: Recovered,
        size: SegmentSize,
    ) -> Result<Self, StorageError> {
        for &ordinal in &recovered.empty {
            let name = segment_name(ordinal);
            storage.remove(&name).map_err(StorageError::on("remove", &name))?;
        }
        if let Some(last) = recovered.last {
            write_again(&mut storage, last)?;
        }
        Ok(Self {
            storage,
            origin: recovered.origin,
            size,
            head: recovered.head,
            range: recovered.range,
            index: recovered.index,
            current: recovered.last.map(|last| Segment {
                ordinal: last.ordinal,
                uuid: last.uuid,
                capacity: last.capacity,
                end: last.end,
            }),
            next: None,
            stopped: false,
            buffer: Vec::new(),
        })
    }

    /// The segment to be prepared before the current one is full; nothing if one is.
    pub fn next_segment(&self) -> Option<NextSegment> {
        if self.next.is_some() {
            return None;
        }
        Some(NextSegment { name: segment_name(self.next_ordinal()), size: self.size.bytes() })
    }

    /// Makes the next segment here and now, unless there is one. `uuid` is random and never used
    /// again: by it a segment knows its own frames.
    ///
    /// This writes a whole segment of zeros. A caller that must not wait so long makes the file
    /// of [`SegmentWriter::next_segment`] elsewhere and calls [`SegmentWriter::adopt_next`].
    ///
    /// # Errors
    ///
    /// [`StorageError`], when there is no room: the log goes on until the current segment is full.
    pub fn prepare_next(&mut self, uuid: [u8; 16]) -> Result<(), StorageError> {
        let Some(NextSegment { name, size }) = self.next_segment() else { return Ok(()) };
        self.storage.create(&name, size).map_err(StorageError::on("create", &name))?;
        self.adopt_next(uuid)
    }

    /// Takes the file of [`SegmentWriter::next_segment`], made by the caller, as the next segment.
    ///
    /// # Errors
    ///
    /// [`StorageError`], when it is not there.
    pub fn adopt_next(&mut self, uuid: [u8; 16]) -> Result<(), StorageError> {
        let ordinal = self.next_ordinal();
        let name = segment_name(ordinal);
        let capacity = self.storage.len(&name).map_err(StorageError::on("find", &name))?;
        self.next = Some(Segment { ordinal, uuid, capacity, end: 0 });
        Ok(())
    }

    /// Appends a group: one write, one sync. On return it is durable. An empty group changes
    /// nothing.
    ///
    /// # Errors
    ///
    /// [`AppendError`]. After [`AppendError::Storage`] the group may be on the disk or not, and
    /// every further call fails.
    pub fn append_group(&mut self, group: &[SealedEntry]) -> Result<Appended, AppendError> {
        if self.stopped {
            return Err(AppendError::Stopped);
        }
        let (mut head, mut range) = (self.head, self.range.clone());
        for entry in group {
            head.advance(&entry.link(), entry.leaf_hash())?;
            range.push(entry.leaf_hash());
        }
        let appended = Appended { size: head.size, root: range.root() };
        if group.is_empty() {
            return Ok(appended);
        }
        let (mut segment, rolls) = self.place(group)?;
        let offsets = self.fill_buffer(&segment, rolls, group, &appended);
        self.write_buffer(&segment)?;

        if rolls {
            self.next = None;
            self.index.push(IndexedSegment {
                ordinal: segment.ordinal,
                uuid: segment.uuid,
                first_index: self.head.size,
                first_offset: offsets[0],
                marks: Vec::new(),
            });
        }
        for (entry, offset) in group.iter().zip(offsets) {
            self.index.note(entry.index(), offset);
        }
        segment.end += self.buffer.len() as u64;
        self.current = Some(segment);
        (self.head, self.range) = (head, range);
        Ok(appended)
    }

    /// Where the chain ends, durably.
    pub fn head(&self) -> &ChainHead {
        &self.head
    }

    /// Where the tree stands, durably.
    pub fn range(&self) -> &CompactRange {
        &self.range
    }

    /// Where the entries are.
    pub fn index(&self) -> &SegmentIndex {
        &self.index
    }

    /// The files, to read from.
    pub fn storage(&self) -> &S {
        &self.storage
    }

    /// Gives the files back.
    pub fn into_storage(self) -> S {
        self.storage
    }

    fn next_ordinal(&self) -> u64 {
        self.current.as_ref().map_or(0, |segment| segment.ordinal + 1)
    }

    /// The segment that the group goes into, and whether it is the next one.
    fn place(&self, group: &[SealedEntry]) -> Result<(Segment, bool), AppendError> {
        let entries: usize = group.iter().map(|entry| FRAME_LEN_MIN + entry.bytes().len()).sum();
        let len = (entries + COMMIT_FRAME_LEN) as u64;
        if let Some(current) = self.current.as_ref()
            && current.end + len <= current.capacity
        {
            return Ok((current.clone(), false));
        }
        let capacity = self.next.as_ref().map_or(self.size.bytes(), |next| next.capacity);
        let max = capacity.saturating_sub(HEADER_FRAME_MAX as u64);
        if len > max {
            return Err(AppendError::TooLarge { len, max });
        }
        let next = self.next.clone().ok_or(AppendError::NoSegmentPrepared)?;
        Ok((next, true))
    }

    /// Puts the group's bytes into the buffer; gives where each entry will be in the segment.
    fn fill_buffer(
        &mut self,
        segment: &Segment,
        rolls: bool,
        group: &[SealedEntry],
        appended: &Appended,
    ) -> Vec<u64> {
        let (buffer, uuid) = (&mut self.buffer, &segment.uuid);
        buffer.clear();
        if rolls {
            put_header(buffer, uuid, &self.origin, &self.head, &self.range);
        }
        let start = buffer.len();
        let mut offsets = Vec::with_capacity(group.len());
        for entry in group {
            offsets.push(segment.end + buffer.len() as u64);
            put_frame(buffer, FrameType::Entry, entry.index(), entry.bytes(), uuid);
        }
        let commit = Commit {
            first_index: self.head.size,
            count: u32::try_from(group.len()).expect("a segment holds fewer than 2^32 bytes"),
            last_leaf_hash: group.last().map_or(self.head.last_leaf_hash, SealedEntry::leaf_hash),
            root: appended.root,
            group_crc: crc32c::crc32c(&buffer[start..]),
        };
        put_commit(buffer, &commit, uuid);
        offsets
    }

    fn write_buffer(&mut self, segment: &Segment) -> Result<(), StorageError> {
        let name = segment_name(segment.ordinal);
        // Until the sync has returned, an error leaves the disk in a state that is not known.
        self.stopped = true;
        self.storage
            .write_at(&name, segment.end, &self.buffer)
            .map_err(StorageError::on("write", &name))?;
        self.storage.sync_data(&name).map_err(StorageError::on("sync", &name))?;
        self.stopped = false;
        Ok(())
    }
}

/// Writes the last group and all behind it once more, and syncs: a sync that failed leaves pages
/// that are read as if they had been written, and that no later sync writes.
fn write_again(storage: &mut impl Storage, last: LastSegment) -> Result<(), StorageError> {
    let name = segment_name(last.ordinal);
    let len = usize::try_from(last.end - last.last_write).unwrap_or(usize::MAX);
    let group =
        storage.read_at(&name, last.last_write, len).map_err(StorageError::on("read", &name))?;
    storage.write_at(&name, last.last_write, &group).map_err(StorageError::on("write", &name))?;
    let mut at = last.end;
    while at < last.capacity {
        let left = usize::try_from(last.capacity - at).unwrap_or(ZEROS);
        let zeros = vec![0; left.min(ZEROS)];
        storage.write_at(&name, at, &zeros).map_err(StorageError::on("write", &name))?;
        at += zeros.len() as u64;
    }
    storage.sync_data(&name).map_err(StorageError::on("sync", &name))
}
