//! From a raw row to its cells, and from a cell to a number: what both formats do alike.

use csv::StringRecord;

use crate::decimal::{Decimal, DecimalError};
use crate::lines::{Flaw, RawRow, Splitter};
use crate::reason::{Quoted, RejectReason};

/// The row's cells as text, as many as the format has columns.
pub(crate) fn cells(
    raw: &RawRow,
    columns: usize,
    splitter: &mut Splitter,
) -> Result<StringRecord, RejectReason> {
    match raw.flaw {
        Some(Flaw::QuoteUnclosed) => return Err(RejectReason::QuoteUnclosed),
        Some(Flaw::TooLong) => return Err(RejectReason::RowTooLong),
        None => {}
    }
    let text = std::str::from_utf8(&raw.bytes)
        .map_err(|error| RejectReason::NotUtf8 { at: error.valid_up_to() })?;
    let commands = |c: &char| c.is_control() && !matches!(c, '\t' | '\r' | '\n');
    if let Some(command) = text.chars().find(commands) {
        return Err(RejectReason::ControlCharacter { code: command.into() });
    }
    let cells = splitter.split(&raw.bytes);
    if cells.len() != columns {
        return Err(RejectReason::WrongColumnCount { expected: columns, found: cells.len() });
    }
    // Cells of a UTF-8 row are UTF-8: commas and quotes are bytes that no character contains.
    StringRecord::from_byte_record(cells).map_err(|_| RejectReason::NotUtf8 { at: 0 })
}

/// The number in a cell.
pub(crate) fn number(column: &'static str, text: &str) -> Result<Decimal, RejectReason> {
    Decimal::parse(text).map_err(|error| {
        let text = Quoted::new(text);
        match error {
            DecimalError::NotANumber if text.is_blank() => RejectReason::ValueMissing { column },
            DecimalError::NotANumber => RejectReason::NumberUnreadable { column, text },
            DecimalError::Negative => RejectReason::Negative { column, text },
            DecimalError::TooManyDigits => RejectReason::NumberTooBig { column, text },
        }
    })
}
