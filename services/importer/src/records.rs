//! The rows of a file, each with its place, and what the reader of the format made of it.

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::FileExt,
    path::Path,
};

use granary_import::{ReadError, Verdict, scms, xinfadi};
use granary_log::hash::Hash;
use sha2::{Digest, Sha256};

use crate::error::ImportError;

/// Where a row stands in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Line it begins on.
    pub(crate) line: u64,
    /// Byte it begins at.
    pub(crate) offset: u64,
    /// Byte where the next row begins, or the end of the file.
    pub(crate) end: u64,
    /// Its source key.
    pub(crate) key: String,
}

/// A row that is not sent, or was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SetAside {
    /// Where it stands.
    pub(crate) line: u64,
    /// Its source key, as far as it could be read.
    pub(crate) key: String,
    /// Stable code of the reason.
    pub(crate) code: String,
    /// The reason.
    pub(crate) reason: String,
    /// The row as it stands in the file.
    pub(crate) raw: Vec<u8>,
    /// Whether somebody may still confirm it.
    pub(crate) quarantined: bool,
}

/// A row, as its reader judged it.
#[derive(Debug)]
pub(crate) enum Record<T> {
    /// To be sent.
    Kept {
        /// The row, typed.
        row: T,
        /// Where it stands.
        place: Place,
        /// Codes of what a person should know of it.
        notes: Vec<&'static str>,
    },
    /// Not to be sent.
    SetAside(SetAside),
}

/// A reader of one of the formats.
pub(crate) trait Reader: Iterator<Item = Result<Verdict<Self::Row>, ReadError>> {
    /// A row, typed.
    type Row;
    /// Bytes of the file up to the end of the row last given out.
    fn bytes_read(&self) -> u64;
    /// Line, offset and source key of a row.
    fn place(row: &Self::Row) -> (u64, u64, String);
}

impl Reader for scms::Rows<File> {
    type Row = Box<scms::Row>;
    fn bytes_read(&self) -> u64 {
        self.bytes_read()
    }
    fn place(row: &Box<scms::Row>) -> (u64, u64, String) {
        (row.line, row.offset, row.source_key())
    }
}

impl Reader for xinfadi::Rows<File> {
    type Row = xinfadi::Observation;
    fn bytes_read(&self) -> u64 {
        self.bytes_read()
    }
    fn place(row: &xinfadi::Observation) -> (u64, u64, String) {
        (row.line, row.offset, row.source_key())
    }
}

/// The rows of a file, in their order.
#[derive(Debug)]
pub(crate) struct Records<R> {
    reader: R,
    raw: RawRows,
}

impl<R: Reader> Records<R> {
    pub(crate) fn new(reader: R, raw: RawRows) -> Self {
        Self { reader, raw }
    }

    /// The rows as they stand in the file.
    pub(crate) fn raw(&self) -> &RawRows {
        &self.raw
    }

    fn record(&self, verdict: Verdict<R::Row>) -> Result<Record<R::Row>, ImportError> {
        let place = |row: &R::Row| {
            let (line, offset, key) = R::place(row);
            Place { line, offset, end: self.reader.bytes_read(), key }
        };
        Ok(match verdict {
            Verdict::Kept { row, notes } => {
                let notes = notes.iter().map(granary_import::Note::code).collect();
                Record::Kept { place: place(&row), row, notes }
            }
            Verdict::Quarantined { row, reason, .. } => {
                let place = place(&row);
                let (code, words) = (reason.code().to_owned(), reason.to_string());
                Record::SetAside(self.raw.set_aside(&place, code, words, true)?)
            }
            Verdict::Rejected(reject) => Record::SetAside(SetAside {
                line: reject.raw.line,
                key: reject.key.unwrap_or_default(),
                code: reject.reason.code().to_owned(),
                reason: reject.reason.to_string(),
                raw: reject.raw.bytes,
                quarantined: false,
            }),
        })
    }
}

impl<R: Reader> Iterator for Records<R> {
    type Item = Result<Record<R::Row>, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        let verdict = self.reader.next()?;
        Some(verdict.map_err(ImportError::from).and_then(|verdict| self.record(verdict)))
    }
}

/// The file's bytes, row by row.
#[derive(Debug)]
pub(crate) struct RawRows(File);

impl RawRows {
    pub(crate) fn open(path: &Path) -> Result<Self, ImportError> {
        File::open(path).map(Self).map_err(|source| ImportError::io(path, source))
    }

    /// A row without its line end.
    pub(crate) fn row(&self, place: &Place) -> io::Result<Vec<u8>> {
        let len = place.end.saturating_sub(place.offset);
        // A row's length is bounded by its reader.
        let mut bytes = vec![0; usize::try_from(len).map_err(io::Error::other)?];
        self.0.read_exact_at(&mut bytes, place.offset)?;
        while bytes.last().is_some_and(|last| matches!(last, b'\n' | b'\r')) {
            bytes.pop();
        }
        Ok(bytes)
    }

    /// A row that is set aside.
    pub(crate) fn set_aside(
        &self,
        place: &Place,
        code: String,
        reason: String,
        quarantined: bool,
    ) -> Result<SetAside, ImportError> {
        let raw = self.row(place).map_err(ImportError::Changed)?;
        Ok(SetAside { line: place.line, key: place.key.clone(), code, reason, raw, quarantined })
    }
}

/// SHA-256 of a file.
pub(crate) fn file_digest(path: &Path) -> Result<Hash, ImportError> {
    let io = |source| ImportError::io(path, source);
    let mut hasher = Sha256::new();
    let mut file = File::open(path).map_err(io)?;
    let mut chunk = vec![0; 1 << 16];
    loop {
        match file.read(&mut chunk).map_err(io)? {
            0 => return Ok(Hash(hasher.finalize().into())),
            read => hasher.update(&chunk[..read]),
        }
    }
}
