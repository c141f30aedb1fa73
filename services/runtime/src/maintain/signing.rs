//! How far the log was signed, as the signer keeps it.

use std::{fs, io, path::Path};

use granary_log::hash::Hash;

use super::MaintainError;

/// The signer's state, below the chain's directory.
pub(super) const STATE_FILE: &str = "signer/last-signed";

/// What is known of the last signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SignerState {
    /// So many entries, with this root; none at all have the root of the empty log.
    Signed(u64, Hash),
    /// How far it was signed is not known.
    Lost,
    /// The file is not what it must be.
    Damaged,
}

pub(super) fn read(chain_dir: &Path) -> Result<SignerState, MaintainError> {
    let path = chain_dir.join(STATE_FILE);
    let bytes = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(SignerState::Lost),
        bytes => bytes.map_err(MaintainError::read(&path))?,
    };
    Ok(parse(&bytes).map_or(SignerState::Damaged, |(size, root)| SignerState::Signed(size, root)))
}

/// A size and a root, in the one spelling that they have.
fn parse(bytes: &[u8]) -> Option<(u64, Hash)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (size, root) = text.strip_suffix('\n')?.split_once(' ')?;
    let (size, root): (u64, Hash) = (size.parse().ok()?, root.parse().ok()?);
    (format!("{size} {root}\n") == text).then_some((size, root))
}
