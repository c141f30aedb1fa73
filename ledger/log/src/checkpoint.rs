//! Checkpoints: the size and root of a log, as the log signs them.
//! <https://c2sp.org/tlog-checkpoint>

use std::fmt;
use std::str::FromStr;

use crate::hash::{Hash, empty_root};
use crate::note::{Note, NoteError, SignerKey, VerifierKey, check_name};
use crate::text::{NUMBER_MAX, base64, decimal, hash_from_base64};

/// A log at one size. In text three lines: origin, size, root in base64. There are no lines of
/// extension: witnesses refuse them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
}

/// Why there is no checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not exactly three lines: origin, size in decimal, root in base64.
    #[error("a checkpoint is three lines: origin, size, root in base64")]
    Form,
    /// An origin that is no key's name.
    #[error("{origin:?} is no origin: it must be usable as a key's name")]
    Origin {
        /// What stands there.
        origin: String,
    },
    /// More entries than other implementations can count.
    #[error("a log of {size} entries has more than 2^63 - 1")]
    Size {
        /// Number of entries.
        size: u64,
    },
    /// A root that the empty log does not have.
    #[error("the empty log has another root")]
    EmptyRoot,
    /// It is of another log than the key's name says.
    #[error("checkpoint of {found}, and the key is that of {expected}")]
    OtherOrigin {
        /// The key's name.
        expected: String,
        /// The origin in the checkpoint.
        found: String,
    },
    /// The note is not believed.
    #[error("the checkpoint's note does not hold")]
    Note(#[from] NoteError),
}

impl Checkpoint {
    /// The log named `origin` with its first `size` entries, which hash to `root`.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Origin`], [`CheckpointError::Size`] or [`CheckpointError::EmptyRoot`].
    pub fn new(origin: &str, size: u64, root: Hash) -> Result<Self, CheckpointError> {
        if check_name(origin).is_err() {
            return Err(CheckpointError::Origin { origin: origin.to_owned() });
        }
        if size > NUMBER_MAX {
            return Err(CheckpointError::Size { size });
        }
        if size == 0 && root != empty_root() {
            return Err(CheckpointError::EmptyRoot);
        }
        Ok(Self { origin: origin.to_owned(), size, root })
    }

    /// The log's name.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Root of the Merkle tree over them.
    pub fn root(&self) -> Hash {
        self.root
    }

    /// The checkpoint as a note signed by the log's key. Only for what is durable, and never two
    /// that contradict each other: that is the caller's to keep.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::OtherOrigin`] if the key is another log's.
    pub fn sign(&self, key: &SignerKey) -> Result<Note, CheckpointError> {
        self.check_key(key.verifier())?;
        let mut note = Note::new(self.to_string())?;
        note.sign_with(key);
        Ok(note)
    }

    /// Reads the checkpoint from a note that the log's key signed. Signatures by other keys are
    /// ignored: check those of witnesses with [`Note::verify`].
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Note`] if the key did not sign this note; then
    /// [`CheckpointError::Form`] and the others if the text is not a checkpoint of the key's log.
    pub fn open(note: &Note, log_key: &VerifierKey) -> Result<Self, CheckpointError> {
        note.verify(std::slice::from_ref(log_key))?;
        let checkpoint: Self = note.text().parse()?;
        checkpoint.check_key(log_key)?;
        Ok(checkpoint)
    }

    fn check_key(&self, key: &VerifierKey) -> Result<(), CheckpointError> {
        if key.name() == self.origin {
            return Ok(());
        }
        Err(CheckpointError::OtherOrigin {
            expected: key.name().to_owned(),
            found: self.origin.clone(),
        })
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let lines = text.strip_suffix('\n').ok_or(CheckpointError::Form)?;
        let mut lines = lines.split('\n');
        let (Some(origin), Some(size), Some(root), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::Form);
        };
        let size = decimal(size).ok_or(CheckpointError::Form)?;
        let root = hash_from_base64(root).ok_or(CheckpointError::Form)?;
        Self::new(origin, size, root)
    }
}

/// The text that is signed, with its final newline.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, base64(&self.root.0))
    }
}
