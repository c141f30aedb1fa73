//! Applying an entry again: what a restart, a rebuild and a verifier do.

use granary_log::{
    entry::{Entry, Outcome, Recorded},
    signature::{Verdict, check_signatures},
    statement::Statement,
};

use super::{Applied, Moment, Received, apply};
use crate::{
    chain::Clock,
    refusal::Code,
    state::{Base, BrokenHistory},
    vocabulary::Time,
};

/// Why an entry does not follow from the state before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayFault {
    /// The statement kept in an entry is not one.
    #[error("entry {index} keeps a statement that can't be read")]
    Unreadable {
        /// Which entry.
        index: u64,
    },
    /// These rules come to another result than the entry records.
    #[error("entry {index} records another result than its rules give")]
    OtherResult {
        /// Which entry.
        index: u64,
    },
    /// The state contradicts itself.
    #[error("entry {index}: {broken}")]
    Broken {
        /// At which entry.
        index: u64,
        /// What is contradicted.
        broken: BrokenHistory,
    },
}

/// Applies an entry again and compares the result, byte for byte.
///
/// Signatures are checked only when `check` says so, or when their check decided the outcome; otherwise
/// their validity is taken from the recorded outcome, which is sound for one's own log and for entries under
/// a cosigned checkpoint (format.md section 1, "Replay").
///
/// # Errors
///
/// [`ReplayFault`], with the entry's index.
pub fn replay(
    base: &dyn Base,
    previous: Time,
    entry: &Entry,
    check: bool,
) -> Result<Applied, ReplayFault> {
    let index = entry.index;
    let moment = Moment { index, previous, clock: Clock::Recorded(Time::from_ms(entry.time_ms)) };
    let broken = |broken| ReplayFault::Broken { index, broken };
    let applied = match &entry.statement {
        Recorded::Full(bytes) => {
            let statement =
                Statement::decode(bytes).map_err(|_| ReplayFault::Unreadable { index })?;
            let verdicts = if check || signatures_decided(&entry.result.outcome) {
                check_signatures(&statement)
            } else {
                vec![Verdict::Valid; statement.signatures.len()]
            };
            let received = Received::Statement { statement: &statement, verdicts: &verdicts };
            apply(base, &moment, received).map_err(broken)?
        }
        Recorded::Digest { .. } | Recorded::OverQuota(_) => {
            apply(base, &moment, Received::AsRecorded(&entry.result.outcome)).map_err(broken)?
        }
    };
    let same = applied.result == entry.result
        && applied.time.ms() == entry.time_ms
        && applied.level == entry.rules;
    if same { Ok(applied) } else { Err(ReplayFault::OtherResult { index }) }
}

fn signatures_decided(outcome: &Outcome) -> bool {
    let codes = [Code::SignatureInvalid.number(), Code::SuiteUnknown.number()];
    matches!(outcome, Outcome::Refused { refusal, .. } if codes.contains(&refusal.code))
}
