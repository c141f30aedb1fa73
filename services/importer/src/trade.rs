//! What an import needs to know of a kind of file.

use std::fs::File;

use granary_import::{Format, Source};
use granary_log::hash::Hash;

use crate::{
    custody::Registrar,
    error::ImportError,
    plan::Planned,
    records::{Reader, Records},
    send::Step,
};

/// Why a row that can be read can't be said on the chain as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unfit {
    /// Stable code.
    pub(crate) code: &'static str,
    /// In words.
    pub(crate) reason: String,
}

/// How much of what rows need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Needs {
    pub(crate) parties: u64,
    pub(crate) commodities: u64,
    pub(crate) feeds: u64,
}

/// Statements and rows set aside, in the order of the file.
pub(crate) type Steps = Box<dyn Iterator<Item = Result<Step, ImportError>>>;

/// A kind of file, and what its rows mean to the book.
pub(crate) trait Trade: Default + 'static {
    /// Reads its rows.
    type Reader: Reader + 'static;
    /// Its format.
    const FORMAT: Format;

    /// Reads the rows of a file.
    fn reader(source: Source<File>) -> Self::Reader;

    /// Notes what a row needs to be on the chain before it: parties, commodities.
    ///
    /// # Errors
    ///
    /// The row can't be said.
    fn note(&mut self, row: &<Self::Reader as Reader>::Row) -> Result<(), Unfit>;

    /// What the rows noted need, whether or not it is there.
    fn needs(&self) -> Needs;

    /// The statements that put there what the rows noted need.
    ///
    /// # Errors
    ///
    /// Keys can't be made or read.
    fn set_up(&mut self, registrar: &Registrar<'_>) -> Result<Vec<Planned>, ImportError>;

    /// The statements of the rows. All rows were noted, and everything set up.
    ///
    /// * `file`: SHA-256 of the file.
    fn steps(self, records: Records<Self::Reader>, file: Hash) -> Steps;
}
