//! Reading and writing of the format's parts: big-endian integers, and byte strings behind their
//! length.
//!
//! Every value has exactly one encoding, so what a [`Reader`] accepts to its end is what a writer
//! would have produced.

use std::str;

/// What is wrong with bytes that were to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The bytes end inside a field.
    #[error("the bytes end inside {field}")]
    Truncated {
        /// The field that was being read.
        field: &'static str,
    },
    /// A field that must be text is not UTF-8.
    #[error("{field} is not UTF-8")]
    NotText {
        /// The field that was being read.
        field: &'static str,
    },
    /// Bytes are left after the last field.
    #[error("{count} bytes are left after the last field")]
    Trailing {
        /// How many are left.
        count: usize,
    },
}

/// A field holds more than its length prefix can count, or than the format allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} has {len}, and the format holds at most {max}")]
pub struct TooLong {
    /// The field.
    pub field: &'static str,
    /// Its length, in bytes or in members.
    pub len: usize,
    /// The most that fits.
    pub max: usize,
}

/// Takes fields off the front of a byte string.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The bytes not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn take(&mut self, len: usize, field: &'static str) -> Result<&'a [u8], WireError> {
        let (taken, rest) =
            self.rest.split_at_checked(len).ok_or(WireError::Truncated { field })?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(
        &mut self,
        field: &'static str,
    ) -> Result<&'a [u8; N], WireError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(WireError::Truncated { field })?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn u8(&mut self, field: &'static str) -> Result<u8, WireError> {
        self.array(field).map(|&[byte]| byte)
    }

    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16, WireError> {
        self.array(field).map(|bytes| u16::from_be_bytes(*bytes))
    }

    pub(crate) fn u32(&mut self, field: &'static str) -> Result<u32, WireError> {
        self.array(field).map(|bytes| u32::from_be_bytes(*bytes))
    }

    pub(crate) fn u64(&mut self, field: &'static str) -> Result<u64, WireError> {
        self.array(field).map(|bytes| u64::from_be_bytes(*bytes))
    }

    pub(crate) fn vec8(&mut self, field: &'static str) -> Result<&'a [u8], WireError> {
        let len = self.u8(field)?;
        self.take(usize::from(len), field)
    }

    pub(crate) fn vec16(&mut self, field: &'static str) -> Result<&'a [u8], WireError> {
        let len = self.u16(field)?;
        self.take(usize::from(len), field)
    }

    pub(crate) fn text8(&mut self, field: &'static str) -> Result<&'a str, WireError> {
        str::from_utf8(self.vec8(field)?).map_err(|_| WireError::NotText { field })
    }

    pub(crate) fn finish(self) -> Result<(), WireError> {
        match self.rest.len() {
            0 => Ok(()),
            count => Err(WireError::Trailing { count }),
        }
    }
}

/// The length of `field` as one byte.
pub(crate) fn len8(len: usize, field: &'static str) -> Result<u8, TooLong> {
    u8::try_from(len).map_err(|_| TooLong { field, len, max: usize::from(u8::MAX) })
}

/// The length of `field` as two bytes.
pub(crate) fn len16(len: usize, field: &'static str) -> Result<u16, TooLong> {
    u16::try_from(len).map_err(|_| TooLong { field, len, max: usize::from(u16::MAX) })
}

/// Puts `bytes` behind a one-byte length.
pub(crate) fn put_vec8(
    out: &mut Vec<u8>,
    bytes: &[u8],
    field: &'static str,
) -> Result<(), TooLong> {
    out.push(len8(bytes.len(), field)?);
    out.extend_from_slice(bytes);
    Ok(())
}

/// Puts `bytes` behind a two-byte length.
pub(crate) fn put_vec16(
    out: &mut Vec<u8>,
    bytes: &[u8],
    field: &'static str,
) -> Result<(), TooLong> {
    out.extend_from_slice(&len16(bytes.len(), field)?.to_be_bytes());
    out.extend_from_slice(bytes);
    Ok(())
}
