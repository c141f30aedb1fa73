//! Proof files: one entry's inclusion in a log, checkable without a network.
//! <https://c2sp.org/tlog-proof>

use std::fmt;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::hash::Hash;
use crate::note::{NOTE_MAX, Note, NoteError, VerifierKey};
use crate::text::{base64, decimal, from_base64, hash_from_base64};
use crate::tree::{ProofError, verify_inclusion};

/// How the names of proof files end.
pub const PROOF_FILE_SUFFIX: &str = ".tlog-proof";

/// The longest path that is read: one for a tree of 2^63 entries.
const PATH_MAX: usize = 63;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1\n";

/// An entry's position, its path to a root, and the signed checkpoint with that root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofFile {
    /// Bytes that mean something to whoever exchanges the file, and that nothing vouches for.
    /// Empty: none.
    pub extra: Vec<u8>,
    /// Position of the entry, from 0.
    pub index: u64,
    /// Sibling hashes from the leaf upwards.
    pub path: Vec<Hash>,
    /// The signed checkpoint, with the cosignatures of witnesses.
    pub checkpoint: Note,
}

/// Why bytes are not a proof file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofFileError {
    /// A line is not what it must be.
    #[error("line {line} of the proof file is not {expected}")]
    Line {
        /// Which line, from 1.
        line: usize,
        /// What it must be.
        expected: &'static str,
    },
    /// Longer than a note and a path can be.
    #[error("a proof file of {len} bytes is too long")]
    TooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// Below the path is no signed note.
    #[error("the proof file holds no signed checkpoint")]
    Note(#[from] NoteError),
}

/// Why a proof file does not prove that an entry is in a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotProved {
    /// The log did not sign the checkpoint.
    #[error("the checkpoint is not signed by the log")]
    Checkpoint(#[from] CheckpointError),
    /// The entry is not in the tree.
    #[error("the entry is not in the log at that position")]
    Inclusion(#[from] ProofError),
}

impl ProofFile {
    /// Reads a proof file.
    ///
    /// # Errors
    ///
    /// [`ProofFileError`] if the bytes are not exactly what [`ProofFile`] writes. Never panics.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofFileError> {
        // A note, a path, and extra bytes no longer than a note.
        if bytes.len() > 3 * NOTE_MAX {
            return Err(ProofFileError::TooLong { len: bytes.len() });
        }
        let wrong = |line, expected| ProofFileError::Line { line, expected };
        let text = str::from_utf8(bytes).map_err(|_| wrong(1, "UTF-8"))?;
        let mut rest = text.strip_prefix(FIRST_LINE).ok_or(wrong(1, "the name of the format"))?;
        let mut line = 2;
        let mut extra = Vec::new();
        if let Some(after) = rest.strip_prefix("extra ") {
            let (blob, after) = after.split_once('\n').unwrap_or((after, ""));
            extra = from_base64(blob)
                .filter(|extra| !extra.is_empty())
                .ok_or(wrong(line, "extra bytes in base64"))?;
            (rest, line) = (after, line + 1);
        }
        let (index, mut rest) = rest
            .strip_prefix("index ")
            .and_then(|after| after.split_once('\n'))
            .ok_or(wrong(line, "an index"))?;
        let index = decimal(index).ok_or(wrong(line, "an index"))?;
        let mut path = Vec::new();
        loop {
            line += 1;
            let (hash, after) = rest.split_once('\n').ok_or(wrong(line, "a hash"))?;
            rest = after;
            if hash.is_empty() {
                break;
            }
            if path.len() == PATH_MAX {
                return Err(wrong(line, "the end of the path"));
            }
            path.push(hash_from_base64(hash).ok_or(wrong(line, "a hash in base64"))?);
        }
        Ok(Self { extra, index, path, checkpoint: Note::parse(rest.as_bytes())? })
    }

    /// Checks that the log signed a checkpoint whose tree holds `leaf` at the file's index, and
    /// gives that checkpoint. What witnesses say is checked with [`Note::verify`] on
    /// [`ProofFile::checkpoint`].
    ///
    /// # Errors
    ///
    /// [`NotProved`], the signature first.
    pub fn verify(&self, leaf: Hash, log_key: &VerifierKey) -> Result<Checkpoint, NotProved> {
        let checkpoint = Checkpoint::open(&self.checkpoint, log_key)?;
        verify_inclusion(self.index, checkpoint.size(), leaf, &self.path, checkpoint.root())?;
        Ok(checkpoint)
    }
}

/// The file's text.
impl fmt::Display for ProofFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(FIRST_LINE)?;
        if !self.extra.is_empty() {
            writeln!(f, "extra {}", base64(&self.extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", base64(&hash.0)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
