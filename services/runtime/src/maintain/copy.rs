//! Writes entries into segments of their own, checking that each follows the one before.

use std::path::Path;

use granary_log::{
    entry::SealedEntry,
    hash::Hash,
    segment::{RecoverOptions, Scan, SegmentSize, SegmentWriter, StoredEntry, recover},
};

use super::MaintainError;
use crate::files::FileStorage;

/// A group is written when it has so many entries, or bytes.
const GROUP_ENTRIES: usize = 4_096;
/// Fits the smallest segment with the largest entry behind it.
const GROUP_BYTES: usize = 32 * 1024;
/// Of a segment's size, one part in so many is a group at most.
const GROUPS_IN_SEGMENT: u64 = 16;

/// Appends entries to a log in a directory.
pub(super) struct Copier {
    writer: SegmentWriter<FileStorage>,
    group: Vec<SealedEntry>,
    bytes: usize,
    bytes_max: usize,
}

impl Copier {
    /// Goes on where the log in `dir`, made if need be, ends.
    pub(super) fn open(dir: &Path, origin: &str, size: SegmentSize) -> Result<Self, MaintainError> {
        let storage = FileStorage::open(dir)?;
        let options = RecoverOptions { scan: Scan::Everything, cut_damaged_tail: false };
        let recovered = recover(&storage, origin, options)?;
        let writer = SegmentWriter::open(storage, recovered, size)?;
        let part = usize::try_from(size.bytes() / GROUPS_IN_SEGMENT).unwrap_or(usize::MAX);
        let bytes_max = part.max(GROUP_BYTES);
        Ok(Self { writer, group: Vec::new(), bytes: 0, bytes_max })
    }

    /// How many entries there are, and the leaf hash of the last.
    pub(super) fn head(&self) -> (u64, Hash) {
        (self.writer.head().size, self.writer.head().last_leaf_hash)
    }

    /// The root over what was written.
    pub(super) fn root(&self) -> Hash {
        self.writer.range().root()
    }

    /// Takes an entry; it is durable after [`Copier::finish`].
    pub(super) fn push(&mut self, entry: StoredEntry) -> Result<(), MaintainError> {
        let index = entry.index;
        let sealed = SealedEntry::from_bytes(entry.bytes)
            .map_err(|source| MaintainError::NotAnEntry { index, source })?;
        self.bytes += sealed.bytes().len();
        self.group.push(sealed);
        if self.group.len() >= GROUP_ENTRIES || self.bytes >= self.bytes_max {
            self.finish()?;
        }
        Ok(())
    }

    /// Makes everything taken durable.
    pub(super) fn finish(&mut self) -> Result<(), MaintainError> {
        if self.group.is_empty() {
            return Ok(());
        }
        self.writer.prepare_next(*uuid::Uuid::new_v4().as_bytes())?;
        self.writer.append_group(&self.group)?;
        self.group.clear();
        self.bytes = 0;
        Ok(())
    }
}
