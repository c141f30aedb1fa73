//! What became of each row, and the count of it all.

use std::collections::BTreeMap;
use std::fmt;

use crate::lines::RawRow;
use crate::reason::{Note, QuarantineReason, RejectReason};

/// What became of one row. Every row of a file gets exactly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict<T> {
    /// Believed as it stands.
    Kept {
        /// The row, typed.
        row: T,
        /// What a reader should know of it.
        notes: Vec<Note>,
    },
    /// Readable, and to be confirmed by somebody before it is used.
    Quarantined {
        /// The row, typed.
        row: T,
        /// What is wrong with it.
        reason: QuarantineReason,
        /// What else a reader should know of it.
        notes: Vec<Note>,
    },
    /// Not imported.
    Rejected(Reject),
}

/// A row that is not imported, with all there is of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The row as it stands in the file, with its line and offset.
    pub raw: RawRow,
    /// The source key, as far as the row could be read.
    pub key: Option<String>,
    /// Why.
    pub reason: RejectReason,
}

/// Rows of a file counted by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    kept: u64,
    quarantined: BTreeMap<&'static str, u64>,
    rejected: BTreeMap<&'static str, u64>,
    notes: BTreeMap<&'static str, u64>,
}

impl Summary {
    /// Counts one row.
    pub fn count<T>(&mut self, verdict: &Verdict<T>) {
        match verdict {
            Verdict::Kept { notes, .. } => {
                self.kept += 1;
                self.count_notes(notes);
            }
            Verdict::Quarantined { reason, notes, .. } => {
                *self.quarantined.entry(reason.code()).or_default() += 1;
                self.count_notes(notes);
            }
            Verdict::Rejected(reject) => {
                *self.rejected.entry(reject.reason.code()).or_default() += 1;
            }
        }
    }

    fn count_notes(&mut self, notes: &[Note]) {
        for note in notes {
            *self.notes.entry(note.code()).or_default() += 1;
        }
    }

    /// All rows counted.
    pub fn rows(&self) -> u64 {
        self.kept + self.quarantined() + self.rejected()
    }

    /// Rows kept.
    pub fn kept(&self) -> u64 {
        self.kept
    }

    /// Rows quarantined, for whatever reason.
    pub fn quarantined(&self) -> u64 {
        self.quarantined.values().sum()
    }

    /// Rows rejected, for whatever reason.
    pub fn rejected(&self) -> u64 {
        self.rejected.values().sum()
    }

    /// Rows quarantined, by code.
    pub fn quarantined_by_code(&self) -> &BTreeMap<&'static str, u64> {
        &self.quarantined
    }

    /// Rows rejected, by code.
    pub fn rejected_by_code(&self) -> &BTreeMap<&'static str, u64> {
        &self.rejected
    }

    /// Notes on rows kept or quarantined, by code; a row may have several, also of one code.
    pub fn notes_by_code(&self) -> &BTreeMap<&'static str, u64> {
        &self.notes
    }
}

impl fmt::Display for Summary {
    /// Several lines, without a line end after the last.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>9} rows", self.rows())?;
        write!(f, "\n{:>9} kept", self.kept)?;
        for (code, count) in &self.notes {
            write!(f, "\n{count:>13} notes {code}")?;
        }
        write!(f, "\n{:>9} quarantined", self.quarantined())?;
        for (code, count) in &self.quarantined {
            write!(f, "\n{count:>13} {code}")?;
        }
        write!(f, "\n{:>9} rejected", self.rejected())?;
        for (code, count) in &self.rejected {
            write!(f, "\n{count:>13} {code}")?;
        }
        Ok(())
    }
}
