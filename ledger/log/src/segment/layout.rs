//! The payloads of HEADER and COMMIT frames.

use super::SEGMENT_FORMAT;
use super::frame::{FRAME_LEN_MIN, FrameType, put_frame};
use crate::chain::ChainHead;
use crate::codec::{Reader, WireError, put_vec8};
use crate::hash::Hash;
use crate::tree::CompactRange;

/// Where the uuid stands in a segment: behind the frame's header and the format version.
pub(super) const UUID_OFFSET: usize = FRAME_LEN_MIN + 2;

/// The longest HEADER frame: an origin of 255 bytes and 64 nodes.
pub(super) const HEADER_FRAME_MAX: usize = FRAME_LEN_MIN + 2 + 16 + 256 + 8 + 32 + 8 + 1 + 64 * 32;

/// Length of a COMMIT frame.
pub(super) const COMMIT_FRAME_LEN: usize = FRAME_LEN_MIN + COMMIT_LEN;

pub(super) const COMMIT_LEN: usize = 8 + 4 + 32 + 32 + 4;

/// Where the log stood before a segment's first entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) format: u16,
    pub(super) uuid: [u8; 16],
    pub(super) origin: String,
    pub(super) head: ChainHead,
    pub(super) range: CompactRange,
}

/// Reads the format version alone: of a newer one nothing else is known.
pub(super) fn format_of(payload: &[u8]) -> Option<u16> {
    Reader::new(payload).u16("the format").ok()
}

/// Appends a HEADER frame.
pub(super) fn put_header(
    out: &mut Vec<u8>,
    uuid: &[u8; 16],
    origin: &str,
    head: &ChainHead,
    range: &CompactRange,
) {
    let mut payload = Vec::with_capacity(HEADER_FRAME_MAX);
    payload.extend_from_slice(&SEGMENT_FORMAT.to_be_bytes());
    payload.extend_from_slice(uuid);
    put_vec8(&mut payload, origin.as_bytes(), "the origin")
        .expect("recovery takes no longer origin");
    payload.extend_from_slice(&head.size.to_be_bytes());
    payload.extend_from_slice(&head.last_leaf_hash.0);
    payload.extend_from_slice(&head.last_time_ms.to_be_bytes());
    payload.push(u8::try_from(range.nodes().len()).expect("a size has at most 64 bits"));
    range.nodes().iter().for_each(|node| payload.extend_from_slice(&node.0));
    put_frame(out, FrameType::Header, head.size, &payload, uuid);
}

/// The HEADER's contents; nothing if they contradict each other.
pub(super) fn read_header(payload: &[u8]) -> Option<Header> {
    let read = || -> Result<_, WireError> {
        let mut reader = Reader::new(payload);
        let format = reader.u16("the format")?;
        let uuid = *reader.array("the uuid")?;
        let origin = reader.text8("the origin")?.to_owned();
        let head = ChainHead {
            size: reader.u64("the first index")?,
            last_leaf_hash: Hash(*reader.array("the last leaf hash")?),
            last_time_ms: reader.u64("the last time")?,
        };
        let count = reader.u8("the number of nodes")?;
        let nodes = (0..count).map(|_| reader.array("a node").map(|node| Hash(*node)));
        let nodes = nodes.collect::<Result<Vec<_>, _>>()?;
        reader.finish()?;
        Ok((format, uuid, origin, head, nodes))
    };
    let (format, uuid, origin, head, nodes) = read().ok()?;
    let range = CompactRange::from_nodes(head.size, nodes).ok()?;
    Some(Header { format, uuid, origin, head, range })
}

/// What a COMMIT says of its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) first_index: u64,
    pub(super) count: u32,
    pub(super) last_leaf_hash: Hash,
    pub(super) root: Hash,
    /// CRC-32C of the group's ENTRY frames.
    pub(super) group_crc: u32,
}

/// Appends a COMMIT frame.
pub(super) fn put_commit(out: &mut Vec<u8>, commit: &Commit, uuid: &[u8; 16]) {
    let mut payload = Vec::with_capacity(COMMIT_LEN);
    payload.extend_from_slice(&commit.first_index.to_be_bytes());
    payload.extend_from_slice(&commit.count.to_be_bytes());
    payload.extend_from_slice(&commit.last_leaf_hash.0);
    payload.extend_from_slice(&commit.root.0);
    payload.extend_from_slice(&commit.group_crc.to_be_bytes());
    let seq = commit.first_index + u64::from(commit.count);
    put_frame(out, FrameType::Commit, seq, &payload, uuid);
}

/// The COMMIT's contents; nothing if the payload has another length.
pub(super) fn read_commit(payload: &[u8]) -> Option<Commit> {
    let read = || -> Result<_, WireError> {
        let mut reader = Reader::new(payload);
        let commit = Commit {
            first_index: reader.u64("the first index")?,
            count: reader.u32("the count")?,
            last_leaf_hash: Hash(*reader.array("the last leaf hash")?),
            root: Hash(*reader.array("the root")?),
            group_crc: reader.u32("the group's crc")?,
        };
        reader.finish()?;
        Ok(commit)
    };
    read().ok()
}
