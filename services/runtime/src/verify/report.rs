//! What a verification finds and comes to.

use std::{error::Error, io, path::PathBuf};

use granary_log::{
    checkpoint::Checkpoint,
    segment::RecoverError,
    two_histories::TwoHistories,
    verify::{Fault, FaultKind, Summary},
};

use crate::chain::ChainError;

/// How many faults a [`Report`] holds. All are told; a log of millions of faults must not fill the memory.
pub const FAULTS_KEPT: usize = 10_000;

/// What is checked besides entries, chain, tree, tiles and checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checks {
    /// The statements' signatures, and whether their keys counted.
    pub signatures: bool,
    /// The rules: every result is computed again and compared. Takes the memory of the book's state.
    pub replay: bool,
}

/// Something wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The entry's index; of a tile, its first entry's; of a checkpoint, how many entries it covers.
    pub index: u64,
    /// One word for what is wrong, the same in every version.
    pub kind: &'static str,
    /// What is wrong, in one line.
    pub what: String,
}

impl Found {
    pub(super) fn new(index: u64, kind: &'static str, what: impl Into<String>) -> Self {
        Self { index, kind, what: what.into() }
    }
}

impl From<&Fault> for Found {
    fn from(fault: &Fault) -> Self {
        Self::new(fault.index, fault.kind.name(), error_line(&fault.kind))
    }
}

/// What a verification came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// The log's origin.
    pub origin: String,
    /// Counts.
    pub summary: Summary,
    /// How many checkpoints were opened with the log key.
    pub checkpoints: u64,
    /// Entries beyond the last checkpoint that the required witnesses cosigned: nothing outside the log
    /// vouches for them yet.
    pub beyond: u64,
    /// Whether the chain's clock is simulated.
    pub simulated: bool,
    /// What is wrong, by index: the first [`FAULTS_KEPT`] found.
    pub faults: Vec<Found>,
    /// How many faults there are.
    pub fault_count: u64,
    /// Evidence that the log signed two histories, where it did and it can be put together.
    pub two_histories: Vec<TwoHistories>,
    pub(super) contradictions: Vec<(Checkpoint, Checkpoint)>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.fault_count == 0
    }
}

/// Why a verification could not run.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The directory.
    #[error("the chain's directory can't be read")]
    Chain(#[from] ChainError),
    /// Files.
    #[error("{} can't be read", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The segments can't be read at all.
    #[error("the log can't be read")]
    Log(#[source] RecoverError),
    /// Nothing says which key is the log's.
    #[error("there is no verifier key beside the log: give the one you keep by --vkey")]
    NoKey,
    /// What was named is no evidence.
    #[error("{source_name} is no node's directory, no directory of tiles and no http:// address")]
    NoSource {
        /// What was named.
        source_name: String,
    },
    /// A checkpoint that the auditor brings is not this log's.
    #[error("the checkpoint given by --since is not one that this log signed: {0}")]
    Since(String),
    /// A server doesn't give what it should.
    #[error("{url} can't be read: {why}")]
    Http {
        /// What was asked for.
        url: String,
        /// Why it can't be had.
        why: String,
    },
}

/// Passes on faults as they are found, and keeps the first of them.
pub(super) struct Teller<'a> {
    pub(super) report: Report,
    told: &'a mut dyn FnMut(&Found),
}

impl<'a> Teller<'a> {
    pub(super) fn new(told: &'a mut dyn FnMut(&Found)) -> Self {
        Self { report: Report::default(), told }
    }

    pub(super) fn tell(&mut self, found: Found) {
        (self.told)(&found);
        self.report.fault_count += 1;
        if self.report.faults.len() < FAULTS_KEPT {
            self.report.faults.push(found);
        }
    }

    /// Tells what was found about some entries, in the order of their places.
    pub(super) fn tell_all(&mut self, faults: Vec<Fault>, others: Vec<Found>) {
        let mut found: Vec<Found> = faults.iter().map(Found::from).chain(others).collect();
        found.sort_by_key(|found| found.index);
        found.into_iter().for_each(|found| self.tell(found));
        for fault in faults {
            if let FaultKind::TwoHistories { earlier, later } = fault.kind {
                self.report.contradictions.push((earlier, later));
            }
        }
    }

    pub(super) fn into_report(mut self) -> Report {
        self.report.faults.sort_by_key(|found| found.index);
        self.report
    }
}

/// An error with all its sources in one line.
pub(crate) fn error_line(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        source = cause.source();
    }
    line
}
