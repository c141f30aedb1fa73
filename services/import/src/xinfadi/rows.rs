//! The rows of a file of prices, one verdict each.

use std::collections::HashMap;
use std::io::Read;

use jiff::civil::Date;

use super::name::says_by_the_piece;
use super::observation::{Commodity, Observation, Price, source_key};
use super::parse;
use crate::lines::{RawRow, ReadError};
use crate::reason::{Note, QuarantineReason, RejectReason};
use crate::sniff::{Format, Source};
use crate::verdict::{Reject, Verdict};

/// Reads prices: an iterator of one [`Verdict`] for each row of the file. After an error it ends.
#[derive(Debug)]
pub struct Rows<R> {
    source: Source<R>,
    /// The number each commodity goes by in `kept`, so that its name is in memory once.
    commodities: HashMap<Commodity, usize>,
    /// Each row kept or quarantined. A rejected row doesn't take its key.
    kept: HashMap<(Date, usize), Kept>,
    ended: bool,
}

/// What is remembered of a row kept, to tell one that says the same from one that doesn't.
#[derive(Debug)]
struct Kept {
    line: u64,
    prices: [Price; 3],
}

impl<R: Read> Rows<R> {
    /// Reads the rows of `source`.
    ///
    /// # Panics
    ///
    /// When the source was opened as another format.
    pub fn new(source: Source<R>) -> Self {
        assert_eq!(source.format, Format::Xinfadi, "the source was opened as another format");
        Self { source, commodities: HashMap::new(), kept: HashMap::new(), ended: false }
    }

    /// Bytes of the file up to the end of the row last given out, for progress.
    pub fn bytes_read(&self) -> u64 {
        self.source.lines.bytes_read()
    }

    /// Size of the file, where it is known.
    pub fn total_bytes(&self) -> Option<u64> {
        self.source.total_bytes()
    }

    fn verdict(&mut self, raw: RawRow) -> Verdict<Observation> {
        let keyed = match parse::keyed(&raw, self.source.lines.splitter()) {
            Ok(keyed) => keyed,
            Err(reason) => return Verdict::Rejected(Reject { raw, key: None, reason }),
        };
        let read = parse::observation(&raw, &keyed)
            .and_then(|(row, notes)| self.keep(&row).map(|()| (row, notes)));
        match read {
            Ok((row, notes)) => classify(row, notes),
            Err(reason) => {
                let key = Some(source_key(keyed.day, &keyed.commodity));
                Verdict::Rejected(Reject { raw, key, reason })
            }
        }
    }

    /// Takes the row's key, unless a row before it has.
    fn keep(&mut self, row: &Observation) -> Result<(), RejectReason> {
        let commodity = match self.commodities.get(&row.commodity) {
            Some(&number) => number,
            None => {
                let number = self.commodities.len();
                self.commodities.insert(row.commodity.clone(), number);
                number
            }
        };
        let prices = [row.lowest, row.average, row.highest];
        match self.kept.get(&(row.day, commodity)) {
            Some(kept) if kept.prices == prices => {
                Err(RejectReason::Repeated { first_line: kept.line })
            }
            Some(kept) => Err(RejectReason::KeyTaken { first_line: kept.line }),
            None => {
                self.kept.insert((row.day, commodity), Kept { line: row.line, prices });
                Ok(())
            }
        }
    }
}

impl<R: Read> Iterator for Rows<R> {
    type Item = Result<Verdict<Observation>, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.source.lines.next_row().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next.map(|raw| raw.map(|raw| self.verdict(raw)))
    }
}

/// Keeps the row or quarantines it; where several reasons apply, the first in this order.
fn classify(row: Observation, notes: Vec<Note>) -> Verdict<Observation> {
    let reason = if says_by_the_piece(&row.commodity.name) {
        QuarantineReason::SoldByThePiece
    } else if row.highest.is_below(row.lowest) {
        QuarantineReason::RangeReversed
    } else if row.average.is_below(row.lowest) || row.highest.is_below(row.average) {
        QuarantineReason::AverageOutsideRange
    } else {
        return Verdict::Kept { row, notes };
    };
    Verdict::Quarantined { row, reason, notes }
}
