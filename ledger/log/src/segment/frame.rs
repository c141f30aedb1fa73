//! Frames: what segments are made of.

use crc32c::{crc32c, crc32c_append};

use crate::codec::Reader;
use crate::entry::ENTRY_MAX;

pub(super) const MAGIC: &[u8; 4] = b"GRNF";
pub(super) const VERSION: u8 = 1;

/// Length of a frame besides its payload.
pub(super) const FRAME_LEN_MIN: usize = 24;

/// The longest payload: an entry.
pub(super) const PAYLOAD_MAX: usize = ENTRY_MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FrameType {
    Header = 1,
    Entry = 2,
    Commit = 3,
}

/// A frame whose checksum is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    pub(super) frame_type: FrameType,
    pub(super) seq: u64,
    pub(super) payload: &'a [u8],
}

/// Why there is no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadFrame {
    /// The bytes are not a frame of this segment.
    Damaged,
    /// A frame of this segment, of a version that this build does not know.
    Version(u8),
}

impl Frame<'_> {
    /// Its length in the segment.
    pub(super) fn len(&self) -> usize {
        FRAME_LEN_MIN + self.payload.len()
    }
}

/// Appends a frame to `out`.
pub(super) fn put_frame(
    out: &mut Vec<u8>,
    frame_type: FrameType,
    seq: u64,
    payload: &[u8],
    uuid: &[u8; 16],
) {
    let len = u32::try_from(payload.len()).expect("entries, headers and commits are below 64 KiB");
    let mut before_crc = [0; 12];
    before_crc[..4].copy_from_slice(MAGIC);
    before_crc[4] = VERSION;
    before_crc[5] = frame_type as u8;
    before_crc[8..].copy_from_slice(&len.to_be_bytes());
    let seq = seq.to_be_bytes();
    let crc = checksum(&before_crc, &seq, payload, uuid);
    out.extend_from_slice(&before_crc);
    out.extend_from_slice(&crc.to_be_bytes());
    out.extend_from_slice(&seq);
    out.extend_from_slice(payload);
}

/// The frame at the beginning of `bytes`.
pub(super) fn read_frame<'a>(bytes: &'a [u8], uuid: &[u8; 16]) -> Result<Frame<'a>, BadFrame> {
    let len = claimed_len(bytes).ok_or(BadFrame::Damaged)?;
    let (frame, _) = bytes.split_at_checked(len).ok_or(BadFrame::Damaged)?;
    let (header, payload) = frame.split_at(FRAME_LEN_MIN);
    let crc = checksum(&header[..12], &header[16..], payload, uuid);
    if header[12..16] != crc.to_be_bytes() {
        return Err(BadFrame::Damaged);
    }
    match header[4] {
        VERSION => unchecked_frame(bytes).ok_or(BadFrame::Damaged),
        version => Err(BadFrame::Version(version)),
    }
}

/// What has the form of a frame at the beginning of `bytes`, whatever its checksum.
pub(super) fn unchecked_frame(bytes: &[u8]) -> Option<Frame<'_>> {
    let (frame, _) = bytes.split_at_checked(claimed_len(bytes)?)?;
    let (header, payload) = frame.split_at(FRAME_LEN_MIN);
    let seq = Reader::new(&header[16..]).u64("seq").ok()?;
    Some(Frame { frame_type: unchecked_frame_type(header)?, seq, payload })
}

/// The type of the frame that `bytes` seem to begin with, whatever its checksum.
pub(super) fn unchecked_frame_type(bytes: &[u8]) -> Option<FrameType> {
    match bytes.strip_prefix(MAGIC)?.first_chunk()? {
        [VERSION, 1, 0, 0] => Some(FrameType::Header),
        [VERSION, 2, 0, 0] => Some(FrameType::Entry),
        [VERSION, 3, 0, 0] => Some(FrameType::Commit),
        _ => None,
    }
}

/// The length of the frame that `bytes` seem to begin with; not checked against the checksum.
pub(super) fn claimed_len(bytes: &[u8]) -> Option<usize> {
    let header = bytes.strip_prefix(MAGIC)?;
    let len = u32::from_be_bytes(*header.get(4..)?.first_chunk()?);
    let len = usize::try_from(len).ok().filter(|len| *len <= PAYLOAD_MAX)?;
    Some(FRAME_LEN_MIN + len)
}

fn checksum(before_crc: &[u8], seq: &[u8], payload: &[u8], uuid: &[u8; 16]) -> u32 {
    let header = crc32c_append(crc32c(before_crc), seq);
    crc32c_append(crc32c_append(header, payload), uuid)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: [u8; 16] = [7; 16];

    fn frame() -> Vec<u8> {
        let mut out = Vec::new();
        put_frame(&mut out, FrameType::Entry, 42, b"an entry", &UUID);
        out
    }

    #[test]
    fn a_frame_is_read_back() {
        let bytes = frame();
        let read = read_frame(&bytes, &UUID).unwrap();
        assert_eq!(
            (read.frame_type, read.seq, read.payload),
            (FrameType::Entry, 42, &b"an entry"[..])
        );
        assert_eq!(read.len(), bytes.len());
    }

    #[test]
    fn a_frame_cut_short_or_with_any_bit_flipped_is_damaged() {
        let good = frame();
        for len in 0..good.len() {
            assert_eq!(read_frame(&good[..len], &UUID), Err(BadFrame::Damaged), "{len} bytes");
        }
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read_frame(&bad, &UUID), Err(BadFrame::Damaged), "bit {bit}");
        }
    }

    #[test]
    fn a_frame_of_another_segment_does_not_count() {
        assert_eq!(read_frame(&frame(), &[8; 16]), Err(BadFrame::Damaged));
    }

    #[test]
    fn a_frame_of_a_newer_version_says_so() {
        let mut newer = frame();
        newer[4] = 2;
        let crc = checksum(&newer[..12], &newer[16..24], &newer[24..], &UUID);
        newer[12..16].copy_from_slice(&crc.to_be_bytes());
        assert_eq!(read_frame(&newer, &UUID), Err(BadFrame::Version(2)));
    }
}
