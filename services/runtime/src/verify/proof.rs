//! Files that carry a proof of one entry, or evidence of two histories.

use granary_log::{
    checkpoint::Checkpoint,
    entry::Entry,
    hash::leaf_hash,
    note::VerifierKey,
    proof_file::{ProofFile, ProofFileError},
    two_histories::{NotShown, TwoHistories, TwoHistoriesError},
};

use super::{checkpoints, report::error_line};

/// What a file was found to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proved {
    /// An entry stands in the log, under a checkpoint that the log signed and all required witnesses
    /// cosigned.
    Entry {
        /// Its position.
        index: u64,
        /// How many entries the checkpoint covers.
        size: u64,
    },
    /// The file does not prove what it should.
    Not {
        /// The position that it names.
        index: u64,
        /// Why.
        why: String,
    },
    /// The log signed two checkpoints that contradict each other.
    TwoHistories {
        /// The earlier.
        earlier: Checkpoint,
        /// The later.
        later: Checkpoint,
    },
}

/// Why a file says nothing.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// Neither a proof file nor evidence.
    #[error("it is no proof file")]
    Form(#[from] ProofFileError),
    /// It begins as evidence of two histories, and is none.
    #[error("it is no evidence of two histories")]
    TwoHistories(#[from] TwoHistoriesError),
    /// It holds two checkpoints that do not contradict each other, or that the log did not sign.
    #[error("it does not show that the log signed two histories")]
    NotShown(#[from] NotShown),
}

/// Verifies a proof file, or evidence of two histories, against the log's key.
///
/// # Errors
///
/// [`ProofError`]: the file is neither, or is evidence of nothing.
pub fn verify_proof(
    bytes: &[u8],
    log_key: &VerifierKey,
    witnesses: &[VerifierKey],
) -> Result<Proved, ProofError> {
    if TwoHistories::is_one(bytes) {
        let (earlier, later) = TwoHistories::parse(bytes)?.verify(log_key)?;
        return Ok(Proved::TwoHistories { earlier, later });
    }
    let file = ProofFile::parse(bytes)?;
    let index = file.index;
    Ok(match entry_proved(&file, log_key, witnesses) {
        Ok(size) => Proved::Entry { index, size },
        Err(why) => Proved::Not { index, why },
    })
}

/// The size of the checkpoint under which the entry stands, or why it doesn't.
fn entry_proved(
    file: &ProofFile,
    log_key: &VerifierKey,
    witnesses: &[VerifierKey],
) -> Result<u64, String> {
    let checkpoint =
        file.verify(leaf_hash(&file.extra), log_key).map_err(|error| error_line(&error))?;
    checkpoints::cosigned(&file.checkpoint, log_key, witnesses)?;
    let entry = Entry::decode(&file.extra).map_err(|error| error_line(&error))?;
    if entry.index != file.index {
        return Err("the entry says another index than the proof".to_owned());
    }
    Ok(checkpoint.size())
}
