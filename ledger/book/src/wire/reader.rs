//! Walks the fields of a protobuf message.

use super::Problem;

/// A field's value before its type is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Raw<'b> {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 2.
    Bytes(&'b [u8]),
    /// Wire types 1 and 5, which no message of ours uses.
    Fixed,
}

/// Iterates over (tag, value).
pub struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    /// Over the bytes of one message.
    pub const fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    fn varint(&mut self) -> Result<u64, Problem> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.rest.split_first().ok_or(Problem::Truncated)?;
            self.rest = rest;
            let bits = u64::from(byte & 0x7f);
            // The tenth byte may carry one bit only.
            if shift == 63 && bits > 1 {
                return Err(Problem::Truncated);
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Problem::Truncated)
    }

    /// The next number of a packed list, or `None` at the end.
    ///
    /// # Errors
    ///
    /// [`Problem::Truncated`] when what follows is not a number.
    pub fn next_varint(&mut self) -> Result<Option<u64>, Problem> {
        if self.rest.is_empty() { Ok(None) } else { self.varint().map(Some) }
    }

    fn take(&mut self, len: u64) -> Result<&'b [u8], Problem> {
        let len = usize::try_from(len).map_err(|_| Problem::Truncated)?;
        if len > self.rest.len() {
            return Err(Problem::Truncated);
        }
        let (taken, rest) = self.rest.split_at(len);
        self.rest = rest;
        Ok(taken)
    }

    /// The next field, or `None` at the end.
    ///
    /// # Errors
    ///
    /// [`Problem::Truncated`] when what follows is not a protobuf field; nothing after it can be read.
    pub fn next_field(&mut self) -> Result<Option<(u32, Raw<'b>)>, Problem> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let tag = u32::try_from(key >> 3).map_err(|_| Problem::Truncated)?;
        let raw = match key & 7 {
            0 => Raw::Varint(self.varint()?),
            1 => self.take(8).map(|_| Raw::Fixed)?,
            2 => {
                let len = self.varint()?;
                Raw::Bytes(self.take(len)?)
            }
            5 => self.take(4).map(|_| Raw::Fixed)?,
            _ => return Err(Problem::Truncated),
        };
        if tag == 0 { Err(Problem::Truncated) } else { Ok(Some((tag, raw))) }
    }
}
