//! What a witness remembers, as files: its own key's name, the logs, and of each the checkpoint cosigned last.
//!
//! ```text
//! DIR/vkey                          the witness's verifier key
//! DIR/logs                          verifier keys of logs, one a line
//! DIR/checkpoints/<hex>             the note cosigned last; SHA-256 of the log's origin
//! DIR/evidence/<hex>-<size>.two-histories
//! ```

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use granary_log::{
    checkpoint::Checkpoint,
    hash::sha256,
    note::{Note, VerifierKey},
    two_histories::TwoHistories,
};
use granary_runtime::files::{FileError, write_atomically};

use crate::OpenError;

/// The files of one witness.
pub(crate) struct Memory {
    dir: PathBuf,
}

impl Memory {
    pub(crate) fn open(dir: &Path) -> Result<Self, FileError> {
        for name in ["checkpoints", "evidence"] {
            let path = dir.join(name);
            fs::create_dir_all(&path).map_err(|error| FileError::io("make", &path, error))?;
        }
        Ok(Self { dir: dir.to_owned() })
    }

    /// The witness's own verifier key; none before the first start.
    pub(crate) fn vkey(&self) -> Result<Option<VerifierKey>, OpenError> {
        Ok(self.keys("vkey")?.into_iter().next())
    }

    pub(crate) fn keep_vkey(&self, key: &VerifierKey) -> Result<(), FileError> {
        write_atomically(&self.dir.join("vkey"), format!("{key}\n").as_bytes(), 0o644)
    }

    /// The logs it watches.
    pub(crate) fn logs(&self) -> Result<Vec<VerifierKey>, OpenError> {
        self.keys("logs")
    }

    pub(crate) fn keep_logs(&self, logs: &[VerifierKey]) -> Result<(), FileError> {
        let lines: String = logs.iter().map(|log| format!("{log}\n")).collect();
        write_atomically(&self.dir.join("logs"), lines.as_bytes(), 0o644)
    }

    fn keys(&self, name: &str) -> Result<Vec<VerifierKey>, OpenError> {
        let path = self.dir.join(name);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(OpenError::Read { path, source }),
        };
        let parsed = (1..).zip(text.lines()).map(|(line, text)| text.parse().map_err(|_| line));
        parsed.collect::<Result<_, usize>>().map_err(|line| OpenError::Damaged { path, line })
    }

    /// The checkpoint of a log cosigned last.
    pub(crate) fn latest(&self, origin: &str) -> io::Result<Option<Note>> {
        self.latest_by_digest(sha256(origin.as_bytes()).0)
    }

    /// The same, by SHA-256 of the origin. A damaged one is an error: taken for none, the witness would begin
    /// anew and cosign another history.
    pub(crate) fn latest_by_digest(&self, origin_sha256: [u8; 32]) -> io::Result<Option<Note>> {
        match fs::read(self.checkpoint(origin_sha256)) {
            Ok(bytes) => {
                let note = Note::parse(&bytes).map_err(io::Error::other)?;
                note.text().parse::<Checkpoint>().map_err(io::Error::other)?;
                Ok(Some(note))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Remembers a checkpoint as the one cosigned last. When this returns it is on disk.
    pub(crate) fn keep(&self, checkpoint: &Checkpoint, note: &Note) -> Result<(), FileError> {
        let path = self.checkpoint(sha256(checkpoint.origin().as_bytes()).0);
        write_atomically(&path, note.to_string().as_bytes(), 0o644)
    }

    /// Keeps evidence against a log; what was kept first stays.
    pub(crate) fn keep_evidence(
        &self,
        checkpoint: &Checkpoint,
        evidence: &TwoHistories,
    ) -> Result<PathBuf, FileError> {
        let origin = hex::encode(sha256(checkpoint.origin().as_bytes()).0);
        let name = format!("{origin}-{}.two-histories", checkpoint.size());
        let path = self.dir.join("evidence").join(name);
        if !path.exists() {
            write_atomically(&path, evidence.to_string().as_bytes(), 0o644)?;
        }
        Ok(path)
    }

    fn checkpoint(&self, origin_sha256: [u8; 32]) -> PathBuf {
        self.dir.join("checkpoints").join(hex::encode(origin_sha256))
    }
}
