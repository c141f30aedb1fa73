//! What the signer remembers, kept apart from the log and from its backups.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use granary_log::hash::{Hash, empty_root};

use super::SignerError;
use crate::files::{FileError, write_atomically};

/// What was signed last.
const LAST_SIGNED: &str = "last-signed";

/// That the state was found missing, and how many entries the log had then.
const MISSING: &str = "missing-since";

/// What was signed last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LastSigned {
    pub(super) size: u64,
    pub(super) root: Hash,
}

/// What is known of what was signed last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Memory {
    /// This was.
    Known(LastSigned),
    /// Nothing is known, since the log had so many entries.
    MissingSince(u64),
}

/// The two small files.
#[derive(Debug, Clone)]
pub(super) struct StateFiles {
    last_signed: PathBuf,
    missing: PathBuf,
}

impl LastSigned {
    fn nothing() -> Self {
        Self { size: 0, root: empty_root() }
    }

    fn line(&self) -> String {
        format!("{} {}\n", self.size, self.root)
    }

    fn parse(text: &str) -> Option<Self> {
        let (size, root) = text.trim_end().split_once(' ')?;
        let last = Self { size: size.parse().ok()?, root: root.parse().ok()? };
        (last.line() == text).then_some(last)
    }
}

impl StateFiles {
    pub(super) fn of_chain(chain_dir: &Path) -> Self {
        let dir = chain_dir.join("signer");
        Self { last_signed: dir.join(LAST_SIGNED), missing: dir.join(MISSING) }
    }

    /// Of a chain that has just been founded: nothing was signed.
    pub(super) fn found(&self) -> Result<(), FileError> {
        self.write(LastSigned::nothing())
    }

    /// What is known. That nothing is, is noted with the log's present size the first time it is found out.
    pub(super) fn recall(&self, log_size: u64) -> Result<Memory, SignerError> {
        if let Some(text) = read(&self.last_signed)? {
            let damaged = || SignerError::Damaged { path: self.last_signed.clone() };
            return LastSigned::parse(&text).map(Memory::Known).ok_or_else(damaged);
        }
        if let Some(text) = read(&self.missing)? {
            let damaged = || SignerError::Damaged { path: self.missing.clone() };
            return text.trim_end().parse().map(Memory::MissingSince).map_err(|_| damaged());
        }
        let dir = self.missing.parent().unwrap_or(&self.missing);
        fs::create_dir_all(dir).map_err(|error| FileError::io("make", dir, error))?;
        write_atomically(&self.missing, format!("{log_size}\n").as_bytes(), 0o600)?;
        Ok(Memory::MissingSince(log_size))
    }

    /// Writes `next` if `expected` is still what is there.
    pub(super) fn compare_and_swap(
        &self,
        expected: Option<LastSigned>,
        next: LastSigned,
    ) -> Result<(), SignerError> {
        let found = read(&self.last_signed)?;
        if found != expected.map(|last| last.line()) {
            return Err(SignerError::StateChanged { path: self.last_signed.clone() });
        }
        Ok(self.write(next)?)
    }

    fn write(&self, last: LastSigned) -> Result<(), FileError> {
        write_atomically(&self.last_signed, last.line().as_bytes(), 0o600)
    }
}

fn read(path: &Path) -> Result<Option<String>, SignerError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        // What isn't text is no less damaged than other text.
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(SignerError::Damaged { path: path.to_owned() })
        }
        Err(source) => Err(SignerError::Read { path: path.to_owned(), source }),
    }
}
