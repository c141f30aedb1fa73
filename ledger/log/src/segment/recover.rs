//! Recovery: what the segments hold, found without writing anything.

use super::frame::{BadFrame, FrameType, read_frame};
use super::index::{IndexedSegment, SegmentIndex};
use super::layout::{Header, UUID_OFFSET, format_of, read_header};
use super::scan::{Scanned, SegmentScan, Stop, Unfit, dirty_until, is_zero};
use super::storage::{Storage, StorageError};
use super::torn::{Tail, Verdict, holds_frames_of};
use super::{SEGMENT_FORMAT, ordinal_of, segment_name};
use crate::chain::{ChainHead, LinkFault};
use crate::codec::{TooLong, len8};
use crate::tree::CompactRange;

/// How much is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scan {
    /// Every segment: each frame, each link and each root is checked.
    Everything,
    /// The last segment; of the others the headers. Their entries are checked when they are read.
    LastSegment,
}

/// How to recover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecoverOptions {
    /// How much is read.
    pub scan: Scan,
    /// Whether a last group that no crash explains is cut off as well. It may have been
    /// acknowledged, so an operator says so, once, and knows what else tells whether it was
    /// (checkpoints, witnesses, other nodes).
    pub cut_damaged_tail: bool,
}

/// What the segments hold.
#[derive(Debug, Clone)]
pub struct Recovered {
    /// The log's name.
    pub origin: String,
    /// Where the chain ends.
    pub head: ChainHead,
    /// Where the tree stands.
    pub range: CompactRange,
    /// Where the entries are.
    pub index: SegmentIndex,
    /// How many entries there are before the last group. They are durable even while another
    /// process writes the log: it syncs each group before it writes the next.
    pub before_last_group: u64,
    /// The torn tail, if there is one; it is still in the file.
    pub cut: Option<Cut>,
    /// The segment that the log ends in.
    pub(super) last: Option<LastSegment>,
    /// Segments without entries behind it.
    pub(super) empty: Vec<u64>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct LastSegment {
    pub(super) ordinal: u64,
    pub(super) uuid: [u8; 16],
    /// Size of the file in bytes.
    pub(super) capacity: u64,
    /// Where the last whole group was written, in bytes: with the HEADER, where it was the first.
    pub(super) last_write: u64,
    /// Behind the last whole group, in bytes.
    pub(super) end: u64,
}

/// A last group of which a part is missing: it was never acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The index of the first entry that would have been in it.
    pub first_index: u64,
    /// The segment's file.
    pub segment: String,
    /// Where it begins, in bytes.
    pub offset: u64,
    /// How many bytes from there to the last that is not zero.
    pub len: u64,
}

/// How frames that are right one by one do not fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// A HEADER in the middle of a segment.
    #[error("a second header")]
    SecondHeader,
    /// What the frame holds is no entry.
    #[error("no entry in its frame")]
    NotAnEntry,
    /// The frame counts otherwise than the entry in it.
    #[error("frame {seq} holds entry {index}")]
    Seq {
        /// The frame's number.
        seq: u64,
        /// The entry's index.
        index: u64,
    },
    /// An entry does not follow the one before.
    #[error("an entry does not follow: {0}")]
    Link(LinkFault),
    /// A COMMIT says something else than its group.
    #[error("a commit that is not its group's")]
    Commit,
    /// A segment does not begin where the one before ends.
    #[error("the segment does not begin where the one before ends")]
    Header,
}

/// Why the log is not opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// A file cannot be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The log's name is longer than segments can say.
    #[error("no log has such a name")]
    Origin(#[from] TooLong),
    /// A segment's file is gone.
    #[error("{name} is missing; restore it from a mirror or from the tiles")]
    Missing {
        /// Its name.
        name: String,
    },
    /// Segments of another log.
    #[error("{segment} belongs to {found}, not to {expected}; is this the right directory?")]
    OtherOrigin {
        /// The segment's file.
        segment: String,
        /// The log that is opened.
        expected: String,
        /// The log that the segment belongs to.
        found: String,
    },
    /// Written by a newer build.
    #[error("{segment} has format {found}, and this build knows up to {known}; use a newer build")]
    NewerFormat {
        /// The segment's file.
        segment: String,
        /// Its format.
        found: u16,
        /// The newest that this build reads.
        known: u16,
    },
    /// Damage before the end of the log.
    #[error(
        "mid-log corruption at entry {index}: {segment} cannot be read at byte {offset}, and \
         later entries follow; restore the segment from a mirror or from the tiles"
    )]
    MidLogCorruption {
        /// The entry at which reading stopped.
        index: u64,
        /// The segment's file.
        segment: String,
        /// Where, in bytes.
        offset: u64,
    },
    /// Damage in the last group, and no crash explains it.
    #[error(
        "the last group is damaged at entry {index}: {segment} cannot be read at byte {offset}, \
         and no interrupted write looks like that; restore the segment, or have the group cut off \
         if no checkpoint and no other node has it"
    )]
    DamagedTail {
        /// The entry at which reading stopped.
        index: u64,
        /// The segment's file.
        segment: String,
        /// Where, in bytes.
        offset: u64,
    },
    /// Frames that are right one by one and do not fit together.
    #[error(
        "{segment} contradicts itself at byte {offset}, entry {index}: {what}; restore it from a \
         mirror or from the tiles"
    )]
    Contradiction {
        /// The entry at which it shows.
        index: u64,
        /// The segment's file.
        segment: String,
        /// Where, in bytes.
        offset: u64,
        /// How.
        what: Contradiction,
    },
}

/// Reads the segments of the log named `origin` and finds where it ends. Changes nothing: a torn
/// tail is removed when a [`SegmentWriter`](super::SegmentWriter) is opened on the result.
///
/// # Errors
///
/// [`RecoverError`], with the place, when anything is wrong that a crash does not explain.
pub fn recover<S: Storage + ?Sized>(
    storage: &S,
    origin: &str,
    options: RecoverOptions,
) -> Result<Recovered, RecoverError> {
    len8(origin.len(), "the origin")?;
    let recovery = Recovery { storage, origin, options };
    let Ends { last, empty, written } = recovery.find_ends()?;
    let mut recovered = Recovered {
        origin: origin.to_owned(),
        head: ChainHead::genesis(origin),
        range: CompactRange::new(),
        index: SegmentIndex::default(),
        before_last_group: 0,
        cut: None,
        last: None,
        empty,
    };
    for ordinal in 0..last.map_or(0, |last| last + 1) {
        let is_last = Some(ordinal) == last;
        if is_last || options.scan == Scan::Everything {
            // Whatever is written behind it proves that it was durable to its end.
            let may_be_torn = is_last && written.is_empty();
            recovery.read_whole(ordinal, may_be_torn, &mut recovered)?;
        } else {
            recovery.read_head(ordinal, &mut recovered)?;
        }
    }
    match written[..] {
        [] => {}
        [ordinal] => {
            let before = recovered.last.map(|last| last.uuid);
            let cut = recovery.judge_headless(ordinal, recovered.head.size, before)?;
            recovered.cut = Some(cut);
        }
        [first, ..] => return Err(mid_log(first, recovered.head.size, 0)),
    }
    Ok(recovered)
}

/// Segments are numbered from 0 without gaps. Other files are none of our business.
fn count_segments<S: Storage + ?Sized>(storage: &S) -> Result<u64, RecoverError> {
    let names = storage.list().map_err(StorageError::on("list", "the segments"))?;
    let mut ordinals: Vec<u64> = names.iter().filter_map(|name| ordinal_of(name)).collect();
    ordinals.sort_unstable();
    match (0..).zip(&ordinals).find(|(expected, found)| expected != *found) {
        Some((missing, _)) => Err(RecoverError::Missing { name: segment_name(missing) }),
        None => Ok(ordinals.len() as u64),
    }
}

/// Which segments have a header.
struct Ends {
    /// The last that has one.
    last: Option<u64>,
    /// Those behind it.
    empty: Vec<u64>,
    /// Those of them that are not all zeros, in order.
    written: Vec<u64>,
}

struct Recovery<'a, S: ?Sized> {
    storage: &'a S,
    origin: &'a str,
    options: RecoverOptions,
}

impl<S: Storage + ?Sized> Recovery<'_, S> {
    fn find_ends(&self) -> Result<Ends, RecoverError> {
        let count = count_segments(self.storage)?;
        let mut ends = Ends { last: None, empty: Vec::new(), written: Vec::new() };
        for ordinal in (0..count).rev() {
            let bytes = self.bytes(ordinal)?;
            if self.header(ordinal, &bytes)?.is_some() {
                ends.last = Some(ordinal);
                break;
            }
            if !is_zero(&bytes) {
                ends.written.insert(0, ordinal);
            }
            ends.empty.push(ordinal);
        }
        Ok(ends)
    }

    /// The last segment, when it holds something and has no header: its first write was cut off,
    /// or it is damaged, or the disk put something here that belongs into the segment before.
    /// `index` is that of its first entry.
    fn judge_headless(
        &self,
        ordinal: u64,
        index: u64,
        before: Option<[u8; 16]>,
    ) -> Result<Cut, RecoverError> {
        let bytes = self.bytes(ordinal)?;
        let segment = segment_name(ordinal);
        let is_misplaced = before.is_some_and(|uuid| holds_frames_of(&bytes, &uuid));
        let tail = Tail { bytes: &bytes, uuid: None, at: 0, first_index: index, commit_due: None };
        match tail.verdict() {
            // Only the group that was written together with the header may be here.
            Verdict::FollowedByOthers => return Err(mid_log(ordinal, index, 0)),
            _ if is_misplaced => return Err(mid_log(ordinal, index, 0)),
            Verdict::Damaged if !self.options.cut_damaged_tail => {
                return Err(RecoverError::DamagedTail { index, segment, offset: 0 });
            }
            Verdict::Damaged | Verdict::Torn => {}
        }
        Ok(Cut { first_index: index, segment, offset: 0, len: dirty_until(&bytes) as u64 })
    }

    /// Reads a segment to its end.
    fn read_whole(
        &self,
        ordinal: u64,
        may_be_torn: bool,
        recovered: &mut Recovered,
    ) -> Result<(), RecoverError> {
        let bytes = self.bytes(ordinal)?;
        let (header, end) =
            self.header(ordinal, &bytes)?.ok_or(mid_log(ordinal, recovered.head.size, 0))?;
        self.follow(ordinal, &header, recovered)?;
        let indexed = indexed(ordinal, &header, end);
        let scan = SegmentScan::new(&bytes, indexed, header.head, header.range, end).run();
        let scanned = scan.map_err(|Unfit { at, index, what }| RecoverError::Contradiction {
            index,
            segment: segment_name(ordinal),
            offset: at as u64,
            what,
        })?;
        if let Some(cut) = self.judge(ordinal, &bytes, &scanned, may_be_torn)? {
            recovered.cut = Some(cut);
        }
        recovered.head = scanned.head;
        recovered.range = scanned.range;
        recovered.before_last_group = scanned.before_last_group;
        recovered.index.push(scanned.indexed);
        recovered.last = Some(LastSegment {
            ordinal,
            uuid: header.uuid,
            capacity: bytes.len() as u64,
            last_write: scanned.last_write as u64,
            end: scanned.end as u64,
        });
        Ok(())
    }

    /// Reads where a segment begins.
    fn read_head(&self, ordinal: u64, recovered: &mut Recovered) -> Result<(), RecoverError> {
        let name = segment_name(ordinal);
        let bytes = self
            .storage
            .read_at(&name, 0, super::layout::HEADER_FRAME_MAX)
            .map_err(StorageError::on("read", &name))?;
        let (header, end) =
            self.header(ordinal, &bytes)?.ok_or(mid_log(ordinal, recovered.head.size, 0))?;
        self.follow(ordinal, &header, recovered)?;
        recovered.index.push(indexed(ordinal, &header, end));
        recovered.head = header.head;
        recovered.range = header.range;
        Ok(())
    }

    /// Checks that a segment begins where what was read so far ends. After a segment whose entries
    /// were not read, it can only be said that it begins later.
    fn follow(
        &self,
        ordinal: u64,
        header: &Header,
        recovered: &Recovered,
    ) -> Result<(), RecoverError> {
        let known = ordinal == 0 || self.options.scan == Scan::Everything;
        let follows = if known {
            header.head == recovered.head && header.range == recovered.range
        } else {
            header.head.size > recovered.head.size
        };
        if follows {
            return Ok(());
        }
        Err(RecoverError::Contradiction {
            index: header.head.size,
            segment: segment_name(ordinal),
            offset: 0,
            what: Contradiction::Header,
        })
    }

    /// Tells a torn tail from damage.
    fn judge(
        &self,
        ordinal: u64,
        bytes: &[u8],
        scanned: &Scanned,
        may_be_torn: bool,
    ) -> Result<Option<Cut>, RecoverError> {
        let Stop::Bad(bad) = scanned.stop else { return Ok(None) };
        let segment = segment_name(ordinal);
        if let BadFrame::Version(version) = bad.why {
            return Err(newer(segment, version.into()));
        }
        let first_index = scanned.head.size;
        let uuid = Some(&scanned.indexed.uuid);
        let tail = Tail { bytes, uuid, at: bad.at, first_index, commit_due: bad.commit_due };
        match tail.verdict() {
            Verdict::FollowedByOthers => return Err(mid_log(ordinal, bad.index, bad.at)),
            _ if !may_be_torn => return Err(mid_log(ordinal, bad.index, bad.at)),
            Verdict::Damaged if !self.options.cut_damaged_tail => {
                let (index, offset) = (bad.index, bad.at as u64);
                return Err(RecoverError::DamagedTail { index, segment, offset });
            }
            Verdict::Damaged | Verdict::Torn => {}
        }
        let offset = scanned.end as u64;
        Ok(Some(Cut { first_index, segment, offset, len: dirty_until(bytes) as u64 - offset }))
    }

    /// The header, and where it ends; nothing if there is none that can be read.
    fn header(&self, ordinal: u64, bytes: &[u8]) -> Result<Option<(Header, usize)>, RecoverError> {
        let segment = || segment_name(ordinal);
        let Some(uuid) = bytes.get(UUID_OFFSET..).and_then(<[u8]>::first_chunk) else {
            return Ok(None);
        };
        let frame = match read_frame(bytes, uuid) {
            Ok(frame) if frame.frame_type == FrameType::Header => frame,
            Err(BadFrame::Version(version)) => return Err(newer(segment(), version.into())),
            Ok(_) | Err(BadFrame::Damaged) => return Ok(None),
        };
        if let Some(found) = format_of(frame.payload).filter(|found| *found > SEGMENT_FORMAT) {
            return Err(newer(segment(), found));
        }
        let Some(header) = read_header(frame.payload) else { return Ok(None) };
        if header.origin != self.origin {
            return Err(RecoverError::OtherOrigin {
                segment: segment(),
                expected: self.origin.to_owned(),
                found: header.origin,
            });
        }
        Ok(Some((header, frame.len())))
    }

    fn bytes(&self, ordinal: u64) -> Result<Vec<u8>, RecoverError> {
        let name = segment_name(ordinal);
        let len = self.storage.len(&name).map_err(StorageError::on("read", &name))?;
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        Ok(self.storage.read_at(&name, 0, len).map_err(StorageError::on("read", &name))?)
    }
}

fn mid_log(ordinal: u64, index: u64, at: usize) -> RecoverError {
    let (segment, offset) = (segment_name(ordinal), at as u64);
    RecoverError::MidLogCorruption { index, segment, offset }
}

fn indexed(ordinal: u64, header: &Header, end: usize) -> IndexedSegment {
    IndexedSegment {
        ordinal,
        uuid: header.uuid,
        first_index: header.head.size,
        first_offset: end as u64,
        marks: Vec::new(),
    }
}

fn newer(segment: String, found: u16) -> RecoverError {
    RecoverError::NewerFormat { segment, found, known: SEGMENT_FORMAT }
}
