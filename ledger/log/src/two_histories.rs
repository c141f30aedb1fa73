//! Evidence that a log showed two histories: two checkpoints that it signed and that no one log
//! can have, in a file that convinces whoever holds the log's key, without a network.
//!
//! ```text
//! granary/two-histories@v1
//! root <base64>            when the sizes differ: the root that the later log had at the earlier
//! <base64>                 size, and the consistency proof from there to the later checkpoint
//!
//! <signed note of the earlier checkpoint>
//!
//! <signed note of the later checkpoint>
//! ```
//! Two roots of one size contradict each other by themselves. Of different sizes, the proof shows
//! that the log of the later checkpoint had another root at the earlier size: a root commits to
//! all before it, so the later one can't continue the earlier.

use std::fmt;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::hash::Hash;
use crate::note::{NOTE_MAX, Note, NoteError, VerifierKey};
use crate::text::{base64, hash_from_base64};
use crate::tree::{
    HashReader, ProofError, ProveError, consistency_proof, root_at, verify_consistency,
};

/// How the names of such files end.
pub const TWO_HISTORIES_SUFFIX: &str = ".two-histories";

/// How the file begins.
const FIRST_LINE: &str = "granary/two-histories@v1\n";

/// The longest path that is read: between trees of up to 2^63 entries.
const PATH_MAX: usize = 64;

/// Two checkpoints signed by one log, and what shows that they can't both be its.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwoHistories {
    /// The one with fewer entries, or either when they have the same number.
    pub earlier: Note,
    /// The other.
    pub later: Note,
    /// What is between them when their sizes differ.
    pub between: Option<Between>,
}

/// What shows which log the later checkpoint continues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Between {
    /// The root of that log at the earlier size.
    pub root: Hash,
    /// The consistency proof from there to the later checkpoint.
    pub path: Vec<Hash>,
}

/// Why bytes are not such a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TwoHistoriesError {
    /// It doesn't have the form.
    #[error("not a file of two histories: {0}")]
    Form(&'static str),
    /// A part of it is no signed note.
    #[error("a checkpoint in the file is no signed note")]
    Note(#[from] NoteError),
}

/// Why such a file doesn't show what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotShown {
    /// The log did not sign one of the checkpoints.
    #[error("a checkpoint in the file is not signed by the log")]
    Checkpoint(#[from] CheckpointError),
    /// They have one size and one root.
    #[error("the two checkpoints say the same")]
    Same,
    /// Their sizes differ, and nothing shows that the later does not continue the earlier.
    #[error("the sizes differ, and the file holds no proof of what the later one continues")]
    NothingBetween,
    /// The proof doesn't lead to the later checkpoint.
    #[error("the proof does not lead to the later checkpoint")]
    Between(#[from] ProofError),
    /// The later checkpoint continues the earlier.
    #[error("the later checkpoint continues the earlier one")]
    Continues,
}

impl TwoHistories {
    /// Puts evidence together: of two checkpoints of one size these alone, otherwise with a proof
    /// made from the tree of the later one. The notes are taken as they are.
    ///
    /// # Errors
    ///
    /// The reader's, or sizes that are not those of its tree.
    pub fn gather<R: HashReader>(
        earlier: (u64, Note),
        later: (u64, Note),
        tree: &R,
    ) -> Result<Self, ProveError<R::Error>> {
        let ((size, earlier), (later_size, later)) = (earlier, later);
        let between = if size == later_size {
            None
        } else {
            let path = consistency_proof(tree, size, later_size)?;
            let root = root_at(tree, size).map_err(ProveError::Read)?;
            Some(Between { root, path })
        };
        Ok(Self { earlier, later, between })
    }

    /// Whether bytes begin as such a file does.
    pub fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(FIRST_LINE.as_bytes())
    }

    /// Reads such a file.
    ///
    /// # Errors
    ///
    /// [`TwoHistoriesError`] if the bytes are not exactly what [`TwoHistories`] writes. Never
    /// panics.
    pub fn parse(bytes: &[u8]) -> Result<Self, TwoHistoriesError> {
        let form = TwoHistoriesError::Form;
        if bytes.len() > 3 * NOTE_MAX {
            return Err(form("longer than two notes and a proof"));
        }
        let text = str::from_utf8(bytes).map_err(|_| form("not UTF-8"))?;
        let rest = text.strip_prefix(FIRST_LINE).ok_or(form("another first line"))?;
        let (proof, notes) = match rest.strip_prefix('\n') {
            Some(notes) => ("", notes),
            None => rest.split_once("\n\n").ok_or(form("no checkpoints"))?,
        };
        // A checkpoint's text has no blank line, so these are two of text and signatures.
        let blocks: Vec<&str> = notes.split("\n\n").collect();
        let [text_1, signatures_1, text_2, signatures_2] = blocks[..] else {
            return Err(form("not two checkpoints"));
        };
        let earlier = Note::parse(format!("{text_1}\n\n{signatures_1}\n").as_bytes())?;
        let later = Note::parse(format!("{text_2}\n\n{signatures_2}").as_bytes())?;
        let parsed = Self { earlier, later, between: Between::parse(proof)? };
        // One file for each evidence: what is read loosely above is written exactly.
        if parsed.to_string() == text { Ok(parsed) } else { Err(form("written otherwise")) }
    }

    /// Checks that the log signed both, and that they contradict each other. Gives the earlier and
    /// the later checkpoint.
    ///
    /// # Errors
    ///
    /// [`NotShown`]: the file is evidence of nothing.
    pub fn verify(&self, log_key: &VerifierKey) -> Result<(Checkpoint, Checkpoint), NotShown> {
        let earlier = Checkpoint::open(&self.earlier, log_key)?;
        let later = Checkpoint::open(&self.later, log_key)?;
        if earlier.size() == later.size() {
            let same = earlier.root() == later.root();
            return if same { Err(NotShown::Same) } else { Ok((earlier, later)) };
        }
        let between = self.between.as_ref().ok_or(NotShown::NothingBetween)?;
        let Between { root, path } = between;
        verify_consistency(earlier.size(), later.size(), *root, later.root(), path)?;
        if *root == earlier.root() { Err(NotShown::Continues) } else { Ok((earlier, later)) }
    }
}

impl Between {
    /// Reads the lines above the notes; nothing if there are none.
    fn parse(lines: &str) -> Result<Option<Self>, TwoHistoriesError> {
        let form = TwoHistoriesError::Form;
        if lines.is_empty() {
            return Ok(None);
        }
        let mut lines = lines.split('\n');
        let root = lines.next().and_then(|line| hash_from_base64(line.strip_prefix("root ")?));
        let root = root.ok_or(form("no root above the proof"))?;
        let path: Option<Vec<Hash>> = lines.take(PATH_MAX + 1).map(hash_from_base64).collect();
        let path = path.ok_or(form("a line of the proof is no hash in base64"))?;
        if path.len() > PATH_MAX {
            return Err(form("a proof longer than any tree is high"));
        }
        Ok(Some(Self { root, path }))
    }
}

/// The file's text.
impl fmt::Display for TwoHistories {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(FIRST_LINE)?;
        if let Some(Between { root, path }) = &self.between {
            writeln!(f, "root {}", base64(&root.0))?;
            path.iter().try_for_each(|hash| writeln!(f, "{}", base64(&hash.0)))?;
        }
        write!(f, "\n{}\n{}", self.earlier, self.later)
    }
}
