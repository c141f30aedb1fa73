//! What vouches for the entries: the checkpoints kept in a directory.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use granary_log::{
    checkpoint::Checkpoint,
    note::{Note, VerifierKey},
};

use super::MaintainError;

/// A checkpoint and the file it stands in.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) checkpoint: Checkpoint,
    pub(super) path: PathBuf,
}

/// The checkpoints of a directory by their size, and the files that hold none.
#[derive(Debug, Default)]
pub(super) struct Checkpoints {
    pub(super) good: BTreeMap<u64, Kept>,
    pub(super) bad: Vec<BadCheckpoint>,
}

/// A file that is named like a checkpoint and is none.
#[derive(Debug)]
pub(super) struct BadCheckpoint {
    pub(super) size: u64,
    pub(super) why: String,
}

impl Checkpoints {
    /// The checkpoints in `dir`, each in a file named by its size. None where there is no such
    /// directory. Files with other names are none of ours.
    pub(super) fn read(dir: &Path, key: &VerifierKey) -> Result<Self, MaintainError> {
        let mut found = Self::default();
        let listed = match fs::read_dir(dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
            listed => listed.map_err(MaintainError::read(dir))?,
        };
        for entry in listed {
            let path = entry.map_err(MaintainError::read(dir))?.path();
            let named = path.file_name().and_then(|name| name.to_str()?.parse::<u64>().ok());
            let Some(size) = named else { continue };
            match open(&path, key) {
                Ok(checkpoint) if checkpoint.size() == size => {
                    found.good.insert(size, Kept { checkpoint, path });
                }
                Ok(checkpoint) => {
                    let why = format!("it is of {} entries", checkpoint.size());
                    found.bad.push(BadCheckpoint { size, why });
                }
                Err(MaintainError::Read { path, source }) => {
                    return Err(MaintainError::Read { path, source });
                }
                Err(error) => {
                    let why = crate::verify::error_line(&error);
                    found.bad.push(BadCheckpoint { size, why });
                }
            }
        }
        found.bad.sort_by_key(|bad| bad.size);
        Ok(found)
    }

    /// The largest.
    pub(super) fn newest(&self) -> Option<&Kept> {
        self.good.last_key_value().map(|(_, kept)| kept)
    }
}

/// The checkpoint in a file, signed by the log's key.
pub(super) fn open(path: &Path, key: &VerifierKey) -> Result<Checkpoint, MaintainError> {
    let bytes = fs::read(path).map_err(MaintainError::read(path))?;
    let note = Note::parse(&bytes)
        .map_err(|source| MaintainError::Note { path: path.to_owned(), source })?;
    Checkpoint::open(&note, key)
        .map_err(|source| MaintainError::Checkpoint { path: path.to_owned(), source })
}
