//! Cutting a file into rows: line numbers, byte offsets, and one row at a time in memory.
//!
//! A row is a line, unless a quote opened in it closes on a later one and the lines together have
//! the format's columns. So one forgotten quote costs its own line and not the rest of the file,
//! which is what it costs in a reader that takes quotes at their word.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Cursor, Read};

/// Longest row read, in bytes. A row of either format is below 1 KiB; the rest is room.
pub const MAX_ROW_BYTES: usize = 65_536;

/// Most lines that one row may cover with line breaks inside quotes.
pub const MAX_ROW_LINES: usize = 8;

/// Most rows of one file. Each kept row's key stays in memory so that repeats are seen: up to
/// 150 bytes for each, 300 MB at this bound.
pub const MAX_ROWS: u64 = 2_000_000;

/// Why reading stopped before the end of the file.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file could not be read further.
    #[error(
        "the file could not be read after line {after_line}; mend the disk or the connection and run it again"
    )]
    Failed {
        /// The last line read whole.
        after_line: u64,
        /// What the system said.
        source: io::Error,
    },
    /// The file has more rows than are read in one go.
    #[error(
        "more than {MAX_ROWS} rows, which is as many as one file may have; split it and import the parts"
    )]
    TooManyRows,
}

/// One row of the file, not yet taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRow {
    /// Line the row begins on; the header is on line 1.
    pub line: u64,
    /// Byte of the file the row begins at.
    pub offset: u64,
    /// The row without its line end; when `flaw` is [`Flaw::TooLong`], its first
    /// [`MAX_ROW_BYTES`].
    pub bytes: Vec<u8>,
    /// What keeps the row from being taken apart.
    pub flaw: Option<Flaw>,
}

/// What keeps a row from being taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// A quote opens in the row and doesn't close.
    QuoteUnclosed,
    /// The row is longer than [`MAX_ROW_BYTES`].
    TooLong,
}

/// A line by itself, and what it takes to join another to it without changing a byte.
#[derive(Debug)]
struct Line {
    row: RawRow,
    end: &'static [u8],
}

/// Cuts a stream into rows.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    input: BufReader<R>,
    /// Columns a row must have for lines to be joined into it.
    columns: usize,
    splitter: Splitter,
    ahead: VecDeque<Line>,
    next_line: u64,
    next_offset: u64,
    rows: u64,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(input: R, columns: usize) -> Self {
        Self {
            input: BufReader::new(input),
            columns,
            splitter: Splitter::new(),
            ahead: VecDeque::new(),
            next_line: 1,
            next_offset: 0,
            rows: 0,
        }
    }

    /// Bytes of the file up to the end of the last row given out.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.ahead.front().map_or(self.next_offset, |line| line.row.offset)
    }

    /// Takes rows of this file apart.
    pub(crate) fn splitter(&mut self) -> &mut Splitter {
        &mut self.splitter
    }

    /// The file's first line that isn't blank, which is not counted as a row.
    pub(crate) fn next_header(&mut self) -> Result<Option<RawRow>, ReadError> {
        let header = self.next_row()?;
        self.rows = 0;
        Ok(header)
    }

    /// The next row that isn't blank; none at the end of the file.
    pub(crate) fn next_row(&mut self) -> Result<Option<RawRow>, ReadError> {
        while let Some(line) = self.take()? {
            if line.row.bytes.is_empty() {
                continue;
            }
            self.rows += 1;
            if self.rows > MAX_ROWS {
                return Err(ReadError::TooManyRows);
            }
            if line.row.flaw.is_none() && ends_inside_quotes(&line.row.bytes) {
                return self.join(line).map(Some);
            }
            return Ok(Some(line.row));
        }
        Ok(None)
    }

    /// Joins the lines after `first` to it as long as its quote is open. When that makes no row
    /// of the format, the lines go back and `first` stands alone with its flaw.
    fn join(&mut self, first: Line) -> Result<RawRow, ReadError> {
        let mut joined = first.row.clone();
        let mut end = first.end;
        let mut borrowed = Vec::new();
        while borrowed.len() + 1 < MAX_ROW_LINES {
            let Some(line) = self.take()? else { break };
            joined.bytes.extend_from_slice(end);
            joined.bytes.extend_from_slice(&line.row.bytes);
            end = line.end;
            let hopeless = line.row.flaw.is_some() || joined.bytes.len() > MAX_ROW_BYTES;
            borrowed.push(line);
            if hopeless {
                break;
            }
            if !ends_inside_quotes(&joined.bytes) {
                if self.splitter.split(&joined.bytes).len() == self.columns {
                    return Ok(joined);
                }
                break;
            }
        }
        for line in borrowed.into_iter().rev() {
            self.ahead.push_front(line);
        }
        Ok(RawRow { flaw: Some(Flaw::QuoteUnclosed), ..first.row })
    }

    fn take(&mut self) -> Result<Option<Line>, ReadError> {
        if let Some(line) = self.ahead.pop_front() {
            return Ok(Some(line));
        }
        let after_line = self.next_line - 1;
        self.read_line().map_err(|source| ReadError::Failed { after_line, source })
    }

    fn read_line(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        let limit = u64::try_from(MAX_ROW_BYTES).expect("a small constant") + 2;
        let mut length =
            (&mut self.input).take(limit).read_until(b'\n', &mut bytes).map(as_bytes)?;
        if length == 0 {
            return Ok(None);
        }
        let end: &[u8] = match bytes.as_slice() {
            [.., b'\r', b'\n'] => b"\r\n",
            [.., b'\n'] => b"\n",
            // The file ends in half a line end.
            [.., b'\r'] if length < limit => b"\r",
            _ => b"",
        };
        bytes.truncate(bytes.len() - end.len());
        if end.is_empty() && length == limit {
            length += skip_line(&mut self.input)?;
        }
        let flaw = (bytes.len() > MAX_ROW_BYTES).then_some(Flaw::TooLong);
        bytes.truncate(MAX_ROW_BYTES);
        let row = RawRow { line: self.next_line, offset: self.next_offset, bytes, flaw };
        self.next_line += 1;
        self.next_offset += length;
        Ok(Some(Line { row, end }))
    }
}

/// Takes rows apart into their cells, unquoted.
///
/// One csv reader is fed row after row: making one for each costs ten times the splitting.
#[derive(Debug)]
pub(crate) struct Splitter(csv::Reader<Feed>);

/// The rest of the row being taken apart.
#[derive(Debug, Default)]
struct Feed(Cursor<Vec<u8>>);

impl Read for Feed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Splitter {
    pub(crate) fn new() -> Self {
        // Rows end where `Lines` cut them, so a stray carriage return is a character of its cell.
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(Feed::default());
        Self(reader)
    }

    /// The cells of `row`, which must have no quote open at its end: the reader would look for
    /// the end of the cell in the next row.
    pub(crate) fn split(&mut self, row: &[u8]) -> csv::ByteRecord {
        let mut cells = csv::ByteRecord::new();
        if row.is_empty() {
            return cells;
        }
        self.0.get_mut().0 = Cursor::new([row, b"\n"].concat());
        match self.0.read_byte_record(&mut cells) {
            Ok(_) => cells,
            Err(error) => unreachable!("bytes in memory, any number of columns: {error}"),
        }
    }
}

/// Whether a quote is still open at the end of `row`; the same rules as the csv crate's: a quote
/// opens only at the start of a cell, and two inside quotes are one quote character.
fn ends_inside_quotes(row: &[u8]) -> bool {
    enum At {
        CellStart,
        Bare,
        Quoted,
        QuoteInQuoted,
    }
    let mut at = At::CellStart;
    for byte in row {
        at = match (at, byte) {
            (At::CellStart | At::QuoteInQuoted, b'"') => At::Quoted,
            (At::Quoted, b'"') => At::QuoteInQuoted,
            (At::Quoted, _) => At::Quoted,
            (At::CellStart | At::Bare | At::QuoteInQuoted, b',') => At::CellStart,
            (At::CellStart | At::Bare | At::QuoteInQuoted, _) => At::Bare,
        };
    }
    matches!(at, At::Quoted)
}

fn skip_line(input: &mut impl BufRead) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let buffer = match input.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let newline = buffer.iter().position(|byte| *byte == b'\n');
        let length = newline.map_or(buffer.len(), |at| at + 1);
        input.consume(length);
        skipped += as_bytes(length);
        if newline.is_some() || length == 0 {
            return Ok(skipped);
        }
    }
}

fn as_bytes(length: usize) -> u64 {
    u64::try_from(length).expect("a usize is at most 64 bits")
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;
