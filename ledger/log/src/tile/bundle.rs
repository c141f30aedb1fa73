//! Entry bundles: the entries themselves, each behind its length.

use crate::codec::{Reader, TooLong, WireError, put_vec16};
use crate::hash::{Hash, leaf_hash};

/// Why bytes are not the bundle that they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// It is cut short, or bytes are left after its last entry.
    #[error("malformed entry bundle")]
    Wire(#[from] WireError),
    /// The tile beside it has another number of hashes.
    #[error("{entries} entries in the bundle beside {hashes} hashes in the tile")]
    Count {
        /// Entries in the bundle.
        entries: usize,
        /// Hashes in the tile.
        hashes: usize,
    },
    /// An entry is not the one that the tile of hashes has.
    #[error("entry {position} of the bundle has another hash than the tile beside it")]
    Hash {
        /// Its position in the bundle, from 0.
        position: usize,
    },
}

/// The bytes of a bundle of these entries.
///
/// # Errors
///
/// [`TooLong`] if an entry is longer than 65,535 bytes.
pub fn encode_bundle<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, TooLong> {
    let mut out = Vec::new();
    for entry in entries {
        put_vec16(&mut out, entry, "an entry")?;
    }
    Ok(out)
}

/// The entries of a bundle that must hold `width` of them and nothing else.
///
/// # Errors
///
/// [`BundleError::Wire`].
pub fn decode_bundle(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, BundleError> {
    match decode_bundle_prefix(bytes, width) {
        (entries, None) => Ok(entries),
        (_, Some(error)) => Err(error),
    }
}

/// As many whole entries as a bundle that must hold `width` of them begins with, and what is wrong
/// with the bytes if they are not exactly these: for whoever looks at a damaged one.
pub fn decode_bundle_prefix(bytes: &[u8], width: u16) -> (Vec<&[u8]>, Option<BundleError>) {
    let mut reader = Reader::new(bytes);
    let mut entries = Vec::with_capacity(usize::from(width).min(bytes.len() / 2));
    for _ in 0..width {
        match reader.vec16("an entry") {
            Ok(entry) => entries.push(entry),
            Err(error) => return (entries, Some(error.into())),
        }
    }
    (entries, reader.finish().err().map(BundleError::from))
}

/// Checks that the entries of a bundle are those whose hashes stand in the tile of level 0 beside
/// it.
///
/// # Errors
///
/// [`BundleError::Count`], or [`BundleError::Hash`] with the first entry that differs.
pub fn check_bundle(entries: &[&[u8]], hashes: &[Hash]) -> Result<(), BundleError> {
    if entries.len() != hashes.len() {
        return Err(BundleError::Count { entries: entries.len(), hashes: hashes.len() });
    }
    match entries.iter().zip(hashes).position(|(entry, hash)| leaf_hash(entry) != *hash) {
        Some(position) => Err(BundleError::Hash { position }),
        None => Ok(()),
    }
}
