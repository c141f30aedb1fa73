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

    /// Adds one row.
    pub fn write(&mut self, reject: &Reject) -> Result<(), WriteError> {
        let line = reject.raw.line.to_string();
        let reason = reject.reason.to_string();
        let fields = [
            line.as_bytes(),
            reject.key.as_deref().unwrap_or_default().as_bytes(),
            reject.reason.code().as_bytes(),
            reason.as_bytes(),
            &reject.raw.bytes,
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
