//! The rows of a file of orders, one verdict each.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;

use super::judge::judge;
use super::parse::{self, Keyed};
use super::row::{OrderLineId, Row};
use crate::lines::{RawRow, ReadError};
use crate::reason::{Note, RejectReason};
use crate::sniff::{Format, Source};
use crate::verdict::{Reject, Verdict};

/// Reads orders: an iterator of one [`Verdict`] for each row of the file. After an error it ends.
#[derive(Debug)]
pub struct Rows<R> {
    source: Source<R>,
    /// Each row kept. A rejected row doesn't take its ID: it wasn't imported under it.
    kept: HashMap<OrderLineId, Kept>,
    ended: bool,
}

/// What is remembered of a row kept, to tell one that says the same from one that doesn't.
#[derive(Debug)]
struct Kept {
    line: u64,
    hash: u64,
}

impl<R: Read> Rows<R> {
    /// Reads the rows of `source`.
    ///
    /// # Panics
    ///
    /// When the source was opened as another format.
    pub fn new(source: Source<R>) -> Self {
        assert_eq!(source.format, Format::Scms, "the source was opened as another format");
        Self { source, kept: HashMap::new(), ended: false }
    }

    /// Bytes of the file up to the end of the row last given out, for progress.
    pub fn bytes_read(&self) -> u64 {
        self.source.lines.bytes_read()
    }

    /// Size of the file, where it is known.
    pub fn total_bytes(&self) -> Option<u64> {
        self.source.total_bytes()
    }

    fn verdict(&mut self, raw: RawRow) -> Verdict<Box<Row>> {
        let keyed = match parse::keyed(&raw, self.source.lines.splitter()) {
            Ok(keyed) => keyed,
            Err(reason) => return Verdict::Rejected(Reject { raw, key: None, reason }),
        };
        match self.typed(&raw, &keyed) {
            Ok((row, notes)) => {
                self.kept.insert(row.id, Kept { line: row.line, hash: hash(&raw.bytes) });
                Verdict::Kept { row: Box::new(row), notes }
            }
            Err(reason) => {
                let key = keyed.id.ok().map(|id| id.to_string());
                Verdict::Rejected(Reject { raw, key, reason })
            }
        }
    }

    fn typed(&self, raw: &RawRow, keyed: &Keyed) -> Result<(Row, Vec<Note>), RejectReason> {
        let (row, mut notes) = parse::row(raw, keyed)?;
        judge(&row, &mut notes)?;
        match self.kept.get(&row.id) {
            Some(kept) if kept.hash == hash(&raw.bytes) => {
                Err(RejectReason::Repeated { first_line: kept.line })
            }
            Some(kept) => Err(RejectReason::KeyTaken { first_line: kept.line }),
            None => Ok((row, notes)),
        }
    }
}

/// Only picks the words of a rejection, so 64 bits that somebody could forge are enough.
fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

impl<R: Read> Iterator for Rows<R> {
    type Item = Result<Verdict<Box<Row>>, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.source.lines.next_row().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next.map(|raw| raw.map(|raw| self.verdict(raw)))
    }
}
