//! The rejects file: each row that was not imported, why, and the row itself.
//!
//! CSV with the columns `line,key,code,reason,row`. The row stands in it as it stands in the
//! source, byte for byte, so that it can be mended there and imported again.

use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::verdict::Reject;

/// Names of the columns, in order.
pub const COLUMNS: [&str; 5] = ["line", "key", "code", "reason", "row"];

/// Writes a rejects file. Whoever opens the path sees the old file until [`finish`], and then the
/// whole new one; dropped before that, it leaves the old file as it was.
///
/// [`finish`]: RejectsWriter::finish
#[derive(Debug)]
pub struct RejectsWriter {
    path: PathBuf,
    csv: csv::Writer<BufWriter<NamedTempFile>>,
    rows: u64,
}

/// A row as it stands in the rejects file: set aside by this crate, or by who was sent it.
#[derive(Debug, Clone, Copy)]
pub struct SetAside<'r> {
    /// Line of the source it begins on.
    pub line: u64,
    /// The source key, as far as the row could be read.
    pub key: &'r str,
    /// A stable code of the reason.
    pub code: &'r str,
    /// The reason in words.
    pub reason: &'r str,
    /// The row as it stands in the source, without its line end.
    pub row: &'r [u8],
}

/// Why the rejects file could not be written.
#[derive(Debug, thiserror::Error)]
#[error(
    "the rejects file {path:?} could not be written; see that its directory exists, has room and may be written to"
)]
pub struct WriteError {
    path: PathBuf,
    source: io::Error,
}

impl RejectsWriter {
    /// Begins a new file beside `path`, which it will replace.
    pub fn create(path: &Path) -> Result<Self, WriteError> {
        let begin = || {
            let directory = match path.parent() {
                Some(directory) if directory != Path::new("") => directory,
                Some(_) | None => Path::new("."),
            };
            let file = NamedTempFile::new_in(directory)?;
            let mut csv = csv::Writer::from_writer(BufWriter::new(file));
            csv.write_record(COLUMNS)?;
            Ok(Self { path: path.to_owned(), csv, rows: 0 })
        };
        begin().map_err(|source| WriteError { path: path.to_owned(), source })
    }

    /// Adds a row that was rejected.
    pub fn write(&mut self, reject: &Reject) -> Result<(), WriteError> {
        self.record(&SetAside {
            line: reject.raw.line,
            key: reject.key.as_deref().unwrap_or_default(),
            code: reject.reason.code(),
            reason: &reject.reason.to_string(),
            row: &reject.raw.bytes,
        })
    }

    /// Adds a row that was set aside, by whomever.
    pub fn record(&mut self, row: &SetAside<'_>) -> Result<(), WriteError> {
        let line = row.line.to_string();
        let fields = [
            line.as_bytes(),
            row.key.as_bytes(),
            row.code.as_bytes(),
            row.reason.as_bytes(),
            row.row,
        ];
        self.csv
            .write_record(fields)
            .map_err(|error| WriteError { path: self.path.clone(), source: error.into() })?;
        self.rows += 1;
        Ok(())
    }

    /// Puts the file in its place, synced, and gives the number of rows in it. A file without
    /// rows is written too: it says that there were none this time.
    pub fn finish(self) -> Result<u64, WriteError> {
        let Self { path, csv, rows } = self;
        let end = || {
            let buffered = csv.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
            let file = buffered.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)?;
            Ok(rows)
        };
        end().map_err(|source| WriteError { path: path.clone(), source })
    }
}
