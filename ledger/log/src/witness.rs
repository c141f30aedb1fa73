//! What a log and its witnesses say to each other, and what a witness decides.
//! <https://c2sp.org/tlog-witness>

use std::fmt;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::hash::Hash;
use crate::note::{NOTE_MAX, Note, NoteError, NoteSignature, VerifierKey};
use crate::text::{base64, decimal, hash_from_base64};
use crate::tree::verify_consistency;

/// A proof has at most so many hashes: a tree has no more levels.
pub const PROOF_MAX: usize = 63;

/// The longest request: a note, a line for each hash, and the size.
pub const REQUEST_MAX: usize = NOTE_MAX + (PROOF_MAX + 1) * 64;

/// The content type of a refusal that tells the size the witness has.
pub const SIZE_CONTENT_TYPE: &str = "text/x.tlog.size";

/// Asks a witness to cosign a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size of the checkpoint that the witness cosigned last; 0 for none.
    pub old_size: u64,
    /// Proof that the new one continues it.
    pub proof: Vec<Hash>,
    /// The new one, as the log signed it.
    pub checkpoint: Note,
}

/// Why bytes are no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Not an old size, hashes, a blank line, a note.
    #[error(
        "a request is `old <size>`, at most 63 hashes in base64, a blank line and a checkpoint: {0}"
    )]
    Form(&'static str),
    /// The checkpoint's note.
    #[error("the checkpoint's note can't be read")]
    Note(#[from] NoteError),
}

impl AddCheckpoint {
    /// Reads a request.
    ///
    /// # Errors
    ///
    /// [`RequestError`]. Never panics.
    pub fn parse(bytes: &[u8]) -> Result<Self, RequestError> {
        let form = RequestError::Form;
        if bytes.len() > REQUEST_MAX {
            return Err(form("too long"));
        }
        let text = str::from_utf8(bytes).map_err(|_| form("not UTF-8"))?;
        let (head, note) = text.split_once("\n\n").ok_or(form("no blank line"))?;
        let mut lines = head.split('\n');
        let old_size = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .and_then(decimal)
            .ok_or(form("no old size"))?;
        let proof: Option<Vec<Hash>> = lines.map(hash_from_base64).collect();
        let proof = proof.ok_or(form("a line that is no hash"))?;
        if proof.len() > PROOF_MAX {
            return Err(form("too many hashes"));
        }
        Ok(Self { old_size, proof, checkpoint: Note::parse(note.as_bytes())? })
    }
}

/// The request's body.
impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old_size)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{}", base64(&hash.0)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// Why a witness does not cosign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request can't be read.
    #[error("malformed request")]
    Malformed(#[from] RequestError),
    /// The note's text is no checkpoint.
    #[error("the note is no checkpoint")]
    NoCheckpoint(#[source] CheckpointError),
    /// The witness was not told of the log.
    #[error("unknown log {origin}")]
    UnknownLog {
        /// The origin that the checkpoint names.
        origin: String,
    },
    /// None of the log's keys signed it, or one of them wrongly.
    #[error("no signature by a key of this log")]
    NotSigned(#[source] NoteError),
    /// The old size is larger than the checkpoint.
    #[error("old size {old_size} is larger than the checkpoint's, {size}")]
    OldSizeBeyond {
        /// The old size of the request.
        old_size: u64,
        /// The checkpoint's.
        size: u64,
    },
    /// The witness cosigned another size last.
    #[error("the last checkpoint cosigned is of {size} entries")]
    OtherSize {
        /// Of how many entries.
        size: u64,
    },
    /// The witness cosigned another root of the same size: the log has two histories.
    #[error("another root of {size} entries was cosigned")]
    OtherRoot {
        /// Of how many entries.
        size: u64,
    },
    /// The proof does not lead from one checkpoint to the other.
    #[error("the proof does not show that the checkpoint continues the one of {old_size} entries")]
    NotContinued {
        /// The size cosigned last.
        old_size: u64,
    },
}

impl Refusal {
    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) | Self::NoCheckpoint(_) | Self::OldSizeBeyond { .. } => 400,
            Self::NotSigned(_) => 403,
            Self::UnknownLog { .. } => 404,
            Self::OtherSize { .. } | Self::OtherRoot { .. } => 409,
            Self::NotContinued { .. } => 422,
        }
    }

    /// The size that the answer's body tells, as [`SIZE_CONTENT_TYPE`].
    pub const fn told_size(&self) -> Option<u64> {
        match self {
            Self::OtherSize { size } | Self::OtherRoot { size } => Some(*size),
            _ => None,
        }
    }
}

/// Decides a request. `latest` gives what the witness cosigned last of a log, by its origin; nothing else may
/// cosign for that log until the caller has kept what this returns, or the decision does not count.
///
/// # Errors
///
/// [`Refusal`], in the order in which the specification checks.
pub fn decide(
    request: &AddCheckpoint,
    log_keys: &[VerifierKey],
    latest: impl FnOnce(&str) -> Option<Checkpoint>,
) -> Result<Checkpoint, Refusal> {
    let checkpoint: Checkpoint =
        request.checkpoint.text().parse().map_err(Refusal::NoCheckpoint)?;
    let (origin, size) = (checkpoint.origin(), checkpoint.size());
    let keys: Vec<VerifierKey> =
        log_keys.iter().filter(|key| key.name() == origin).cloned().collect();
    if keys.is_empty() {
        return Err(Refusal::UnknownLog { origin: origin.to_owned() });
    }
    request.checkpoint.verify(&keys).map_err(Refusal::NotSigned)?;
    let old_size = request.old_size;
    if old_size > size {
        return Err(Refusal::OldSizeBeyond { old_size, size });
    }
    let last = latest(origin);
    let last_size = last.as_ref().map_or(0, Checkpoint::size);
    if old_size != last_size {
        return Err(Refusal::OtherSize { size: last_size });
    }
    let Some(last) = last.filter(|last| last.size() > 0) else {
        // Any tree continues the empty one, and needs no proof for it.
        let is_empty = request.proof.is_empty();
        return if is_empty { Ok(checkpoint) } else { Err(Refusal::NotContinued { old_size }) };
    };
    if size == last_size && checkpoint.root() != last.root() {
        return Err(Refusal::OtherRoot { size });
    }
    verify_consistency(old_size, size, last.root(), checkpoint.root(), &request.proof)
        .map_err(|_| Refusal::NotContinued { old_size })?;
    Ok(checkpoint)
}

/// The body of an answer that tells a size.
pub fn size_body(size: u64) -> String {
    format!("{size}\n")
}

/// The size that an answer's body tells.
pub fn parse_size_body(body: &[u8]) -> Option<u64> {
    str::from_utf8(body).ok()?.strip_suffix('\n').and_then(decimal)
}

/// The cosignature by `key` among the lines of a witness's answer. Other lines are ignored, as the specification
/// says; whether it is valid is for [`crate::cosignature::verify`].
pub fn cosignature_by(body: &[u8], key: &VerifierKey) -> Option<NoteSignature> {
    let text = str::from_utf8(body).ok()?;
    text.lines().filter_map(NoteSignature::parse).find(|signature| signature.is_by(key))
}
