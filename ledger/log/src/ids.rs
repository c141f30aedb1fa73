//! Ids of objects, derived rather than chosen: the signer of a statement knows them in advance,
//! nobody can take another's, and they sort by time.

use crate::hash::sha256_parts;

/// The id of the `n`-th object that item `item` of a statement creates.
///
/// * `principal`, `command_id`: the statement's; of an executed proposal, the proposal's.
/// * `item`: which command of a batch, from 0; 0 outside a batch.
/// * `n`: which object of that command, fixed for each type of command.
///
/// `command_id[0..6] || SHA-256("granary/id/v1\0" || principal || command_id || u16 item || u8 n)[0..10]`
pub fn derive_id(principal: &[u8; 16], command_id: &[u8; 16], item: u16, n: u8) -> [u8; 16] {
    let digest = sha256_parts([
        b"granary/id/v1\0".as_slice(),
        principal,
        command_id,
        &item.to_be_bytes(),
        &[n],
    ]);
    joined(&command_id[..6], &digest.0)
}

/// The id of the `n`-th object that the clock makes in entry `index`.
///
/// `time_ms` is the entry's log time; its lowest 48 bits are used (enough until the year 10889).
///
/// `time_ms[48 bits] || SHA-256("granary/id/clock/v1\0" || origin || u64 index || u16 n)[0..10]`
pub fn derive_clock_id(time_ms: u64, origin: &str, index: u64, n: u16) -> [u8; 16] {
    let digest = sha256_parts([
        b"granary/id/clock/v1\0".as_slice(),
        origin.as_bytes(),
        &index.to_be_bytes(),
        &n.to_be_bytes(),
    ]);
    joined(&time_ms.to_be_bytes()[2..], &digest.0)
}

/// Six bytes of time and ten of the digest.
fn joined(time: &[u8], digest: &[u8; 32]) -> [u8; 16] {
    let mut id = [0; 16];
    id[..6].copy_from_slice(time);
    id[6..].copy_from_slice(&digest[..10]);
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with Python's hashlib.
    #[test]
    fn known_ids() {
        let command_id = hex::decode("0192f0c1a2b37def8123456789abcdef").unwrap();
        let command_id: [u8; 16] = command_id.try_into().unwrap();
        assert_eq!(hex::encode(derive_id(&[7; 16], &command_id, 258, 3)), KNOWN_ID);
        assert_eq!(
            hex::encode(derive_clock_id(
                0x0192_f0c1_a2b3,
                "grain.example.org/rice-0badcafe",
                42,
                7
            )),
            KNOWN_CLOCK_ID
        );
    }

    #[test]
    fn every_part_of_the_statement_reaches_the_id() {
        let id = derive_id(&[1; 16], &[2; 16], 0, 0);
        for other in [
            derive_id(&[3; 16], &[2; 16], 0, 0),
            derive_id(&[1; 16], &[3; 16], 0, 0),
            derive_id(&[1; 16], &[2; 16], 1, 0),
            derive_id(&[1; 16], &[2; 16], 0, 1),
        ] {
            assert_ne!(id, other);
        }
    }

    const KNOWN_ID: &str = "0192f0c1a2b3beed88f6849fc5193a28";
    const KNOWN_CLOCK_ID: &str = "0192f0c1a2b3d194db5794ec47dfb969";
}
