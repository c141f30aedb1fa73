//! Where in the log a state stands, and the one line it is written as.

use std::fmt;
use std::str::FromStr;

/// The point of a chain that a state was made from: all entries before `size`, and no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Number of entries applied: the index of the last one plus one.
    pub size: u64,
    /// Leaf hash of entry `size - 1`; the log must agree, or this state belongs to another one.
    pub leaf_hash: [u8; 32],
    /// Origin of the chain, so that a directory moved to another chain is noticed. Has no spaces.
    pub chain_origin: String,
}

/// Why a line isn't a position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a position: {0}")]
pub struct ParsePositionError(&'static str);

/// `SIZE LEAF_HASH ORIGIN CRC`, in decimal, hex, as it is, and hex. The checksum covers what is
/// before it with its space: redb checks no checksums when it reads, and a flipped bit here
/// would be a wrong position rather than no position.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = self.body();
        write!(f, "{body}{:08x}", crc32c::crc32c(body.as_bytes()))
    }
}

impl Position {
    fn body(&self) -> String {
        format!("{} {} {} ", self.size, hex::encode(self.leaf_hash), self.chain_origin)
    }
}

impl FromStr for Position {
    type Err = ParsePositionError;

    fn from_str(line: &str) -> Result<Self, ParsePositionError> {
        let fields: Vec<&str> = line.split(' ').collect();
        let [size, leaf, origin, _crc] = fields[..] else {
            return Err(ParsePositionError("it doesn't have four fields"));
        };
        let size = size.parse().map_err(|_| ParsePositionError("size isn't a number"))?;
        let mut leaf_hash = [0; 32];
        hex::decode_to_slice(leaf, &mut leaf_hash)
            .map_err(|_| ParsePositionError("leaf hash isn't 64 hex digits"))?;
        let position = Position { size, leaf_hash, chain_origin: origin.to_owned() };
        // Written again and compared: one spelling per position, and the checksum with it.
        if position.to_string() != line {
            return Err(ParsePositionError("checksum or spelling is wrong"));
        }
        Ok(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_position_reads_back_and_every_changed_byte_is_noticed(
            size: u64,
            leaf_hash: [u8; 32],
            chain_origin in "[a-z0-9./-]{1,60}",
            pick: prop::sample::Index,
            bit in 0u8..7,
        ) {
            let position = Position { size, leaf_hash, chain_origin };
            let line = position.to_string();
            prop_assert_eq!(&line.parse::<Position>(), &Ok(position));

            let mut bytes = line.into_bytes();
            let at = pick.index(bytes.len());
            bytes[at] ^= 1 << bit;
            let changed = String::from_utf8(bytes).expect("bit 7 is never set in ASCII");
            prop_assert!(changed.parse::<Position>().is_err());
        }
    }
}
