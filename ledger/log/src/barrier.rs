//! Barriers: records that make no entry and move no clock. Who sees its own barrier come back has
//! read everything that was in the log before it.

/// Length of a barrier record in bytes.
pub const BARRIER_LEN: usize = 21;

const MAGIC: &[u8; 5] = b"GRNB\x01";

/// The record of a barrier with this nonce.
pub fn encode(nonce: [u8; 16]) -> [u8; BARRIER_LEN] {
    let mut record = [0; BARRIER_LEN];
    record[..5].copy_from_slice(MAGIC);
    record[5..].copy_from_slice(&nonce);
    record
}

/// The nonce, if `record` is a barrier.
pub fn decode(record: &[u8]) -> Option<[u8; 16]> {
    record.strip_prefix(MAGIC)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_barrier_is_read_back_and_nothing_else_is_one() {
        let record = encode([9; 16]);
        assert_eq!(decode(&record), Some([9; 16]));
        let longer = [&record[..], &[0]].concat();
        for other in [&record[..20], &longer, b"GRNB\x02aaaaaaaaaaaaaaaa", b""] {
            assert_eq!(decode(other), None, "{other:?}");
        }
    }
}
