//! Ids that a second run finds again.

use granary_log::hash::{Hash, sha256};
use sha2::{Digest, Sha256};
use uuid::Builder;

/// The time that ids of imports carry, Unix milliseconds: 2020-01-01. Like the rest of an id it must be the
/// same in every run, so it says nothing of when the import ran; the statement's `signed_at` does.
const STABLE_MS: u64 = 1_577_836_800_000;

/// The id of what is said about a row of a file. Ids sort in the order of the file, which keeps the keys of
/// what they make in that order too.
///
/// * `file`: SHA-256 of the file.
/// * `line`: where the row begins.
/// * `key`: the row's source key.
/// * `step`: what is said.
pub(crate) fn row_id(file: &Hash, line: u64, key: &str, step: &str) -> [u8; 16] {
    let parts = [b"row".as_slice(), &file.0, key.as_bytes(), step.as_bytes()];
    uuid(STABLE_MS + line, &parts)
}

/// The id of what is said once about a party or a commodity, whatever file names it: the same body has the
/// same id.
pub(crate) fn setup_id(type_name: &str, body: &[u8]) -> [u8; 16] {
    uuid(STABLE_MS, &[b"setup", type_name.as_bytes(), body])
}

/// The beginning of a digest in hex: tells names apart where the name itself can't stand.
pub(crate) fn short_digest(parts: &[&[u8]]) -> String {
    hex::encode(&digest(parts).0[..8])
}

fn uuid(time_ms: u64, parts: &[&[u8]]) -> [u8; 16] {
    let digest = digest(parts);
    let random = <[u8; 10]>::try_from(&digest.0[..10]).expect("ten of 32 bytes");
    *Builder::from_unix_timestamp_millis(time_ms, &random).as_uuid().as_bytes()
}

/// Each part is hashed by itself first, so that no two lists of parts are one text.
fn digest(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(b"granary/import/v1\0");
    for part in parts {
        hasher.update(sha256(part));
    }
    Hash(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_reaches_an_id_and_the_same_parts_give_the_same() {
        let (file, other) = (Hash([1; 32]), Hash([2; 32]));
        let id = row_id(&file, 7, "1001", "deliver");
        assert_eq!(id, row_id(&file, 7, "1001", "deliver"));
        for different in [
            row_id(&other, 7, "1001", "deliver"),
            row_id(&file, 7, "1002", "deliver"),
            row_id(&file, 7, "1001", "delive"),
            row_id(&file, 7, "100", "1deliver"),
            row_id(&file, 8, "1001", "deliver"),
            setup_id("1001", b"deliver"),
        ] {
            assert_ne!(id, different);
        }
    }

    #[test]
    fn ids_are_of_version_7_and_sort_by_line() {
        let ids: Vec<[u8; 16]> = (0..3).map(|n| row_id(&Hash([1; 32]), n, "k", "s")).collect();
        assert!(ids.is_sorted());
        for id in ids {
            let id = uuid::Uuid::from_bytes(id);
            assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
        }
    }
}
