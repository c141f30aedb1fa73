//! Telling what a file is before any row of it is read.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use crate::lines::{Lines, ReadError, Splitter};
use crate::reason::Quoted;
use crate::{scms, xinfadi};

/// Bytes at a file's beginning that are looked at to tell what it is.
const HEAD_BYTES: u64 = 4_096;

const UTF8_BOM: &[u8] = b"\xEF\xBB\xBF";

/// The formats this crate reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Purchase orders and their deliveries ([`scms`]).
    Scms,
    /// Daily wholesale prices ([`xinfadi`]).
    Xinfadi,
}

impl Format {
    /// Names of the columns, in order.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Scms => &scms::COLUMNS,
            Self::Xinfadi => &xinfadi::COLUMNS,
        }
    }

    /// What a file of this format holds, for messages.
    fn holds(self) -> &'static str {
        match self {
            Self::Scms => "orders",
            Self::Xinfadi => "prices",
        }
    }
}

/// Why a file can't be read at all. Each says what happened, why, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Nothing is there.
    #[error("there is no such file: check the name and the directory you are in")]
    NotFound,
    /// The system won't let us read it.
    #[error("the file may not be read by this user: change its permissions, or copy it")]
    NotPermitted,
    /// A directory, a device, a pipe.
    #[error("this is {what} and not a file: name the CSV file itself")]
    NotAFile {
        /// What it is.
        what: &'static str,
    },
    /// The system failed in another way.
    #[error(
        "the file could not be opened or read: mend the disk or the connection and run it again"
    )]
    Failed(#[source] io::Error),
    /// No bytes, or none but blank lines.
    #[error("the file is empty: fetch or export it again")]
    Empty,
    /// A file of another kind, known by its first bytes.
    #[error("this is {what} and not text: {advice}")]
    OtherKind {
        /// What it is.
        what: &'static str,
        /// What to do about it.
        advice: &'static str,
    },
    /// Text in another encoding.
    #[error("the text is {encoding} and not UTF-8: save it as UTF-8 (iconv -f {from} -t UTF-8)")]
    OtherEncoding {
        /// The encoding, or what can be said of it.
        encoding: &'static str,
        /// Its name for iconv.
        from: &'static str,
    },
    /// The columns of the other format.
    #[error(
        "this is a file of {found} and not of {wanted}: import it with `granary import {found}`"
    )]
    OtherFormat {
        /// What the file holds.
        found: &'static str,
        /// What was to be imported.
        wanted: &'static str,
    },
    /// Cells separated by something other than commas.
    #[error(
        "the columns are separated by {separator:?} and not by commas: export it again with commas"
    )]
    OtherSeparator {
        /// The separator found.
        separator: char,
    },
    /// Another first line than the format's.
    #[error(
        "the first line is not the header of a file of {wanted}: column {column} should be \
         {expected:?} and is {found}; restore the header line, with {count} columns in all"
    )]
    WrongHeader {
        /// What was to be imported.
        wanted: &'static str,
        /// The first column that differs, counted from 1.
        column: usize,
        /// Its name in the format; empty beyond the last column.
        expected: &'static str,
        /// What stands there.
        found: Quoted,
        /// Columns of the format.
        count: usize,
    },
}

/// A file of a known format, its header read and found right.
#[derive(Debug)]
pub struct Source<R> {
    pub(crate) lines: Lines<io::Chain<Cursor<Vec<u8>>, R>>,
    pub(crate) format: Format,
    total_bytes: Option<u64>,
}

impl Source<File> {
    /// Opens the file at `path` and checks that it is what `format` says.
    pub fn open(path: &Path, format: Format) -> Result<Self, Unusable> {
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => Unusable::NotFound,
            io::ErrorKind::PermissionDenied => Unusable::NotPermitted,
            _ => Unusable::Failed(error),
        };
        // Asked before opening: opening a pipe would wait for somebody to write to it.
        let kind = std::fs::metadata(path).map_err(failed)?.file_type();
        if kind.is_dir() {
            return Err(Unusable::NotAFile { what: "a directory" });
        }
        if !kind.is_file() {
            return Err(Unusable::NotAFile { what: "a device, pipe or socket" });
        }
        let file = File::open(path).map_err(failed)?;
        let total_bytes = file.metadata().map_err(failed)?.len();
        Self::from_read(file, Some(total_bytes), format)
    }
}

impl<R: Read> Source<R> {
    /// Reads the header from `input` and checks that it is what `format` says. `total_bytes` is
    /// for progress only.
    pub fn from_read(
        mut input: R,
        total_bytes: Option<u64>,
        format: Format,
    ) -> Result<Self, Unusable> {
        let mut head = Vec::new();
        input.by_ref().take(HEAD_BYTES).read_to_end(&mut head).map_err(Unusable::Failed)?;
        check_kind(&head)?;
        let mut lines = Lines::new(Cursor::new(head).chain(input), format.columns().len());
        let header = match lines.next_header() {
            Ok(Some(header)) => header,
            Ok(None) => return Err(Unusable::Empty),
            Err(ReadError::Failed { source, .. }) => return Err(Unusable::Failed(source)),
            Err(ReadError::TooManyRows) => unreachable!("the header is no row"),
        };
        let bytes = header.bytes.strip_prefix(UTF8_BOM).unwrap_or(&header.bytes);
        check_header(bytes, format)?;
        Ok(Self { lines, format, total_bytes })
    }

    /// Size of the file, where it is known.
    pub fn total_bytes(&self) -> Option<u64> {
        self.total_bytes
    }
}

/// Refuses what its first bytes show to be no UTF-8 text.
fn check_kind(head: &[u8]) -> Result<(), Unusable> {
    const SAVE_AS_CSV: &str = "open it with its own program and save the sheet as CSV (UTF-8)";
    const KINDS: [(&[u8], &str, &str); 6] = [
        (b"%PDF-", "a PDF", "ask the sender for the CSV that the document was made from"),
        (b"PK\x03\x04", "a ZIP archive or a spreadsheet (.xlsx, .ods)", SAVE_AS_CSV),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old spreadsheet (.xls)", SAVE_AS_CSV),
        (b"\x1F\x8B", "a gzip file", "unpack it with gunzip"),
        (b"(\xB5\x2F\xFD", "a zstd file", "unpack it with unzstd"),
        (b"SQLite format 3\0", "a database", "export the table as CSV"),
    ];
    const UTF16: Unusable = Unusable::OtherEncoding { encoding: "UTF-16", from: "UTF-16" };
    if head.is_empty() {
        return Err(Unusable::Empty);
    }
    for (magic, what, advice) in KINDS {
        if head.starts_with(magic) {
            return Err(Unusable::OtherKind { what, advice });
        }
    }
    if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
        return Err(UTF16);
    }
    // Without a byte order mark, the zero bytes of the header's ASCII characters give it away.
    match head {
        [0, 1..=u8::MAX, ..] => {
            Err(Unusable::OtherEncoding { encoding: "UTF-16 (big-endian)", from: "UTF-16BE" })
        }
        [1..=u8::MAX, 0, 1..=u8::MAX, ..] => {
            Err(Unusable::OtherEncoding { encoding: "UTF-16 (little-endian)", from: "UTF-16LE" })
        }
        _ if first_line(head).contains(&0) => Err(Unusable::OtherKind {
            what: "a binary file",
            advice: "find the CSV it was made from or can be exported to",
        }),
        _ => check_markup(head),
    }
}

/// Zero bytes further on cost their rows and not the file.
fn first_line(head: &[u8]) -> &[u8] {
    head.split(|byte| *byte == b'\n').next().unwrap_or_default()
}

/// Refuses a web page saved under the name of the file it should have led to.
fn check_markup(head: &[u8]) -> Result<(), Unusable> {
    let text = head.strip_prefix(UTF8_BOM).unwrap_or(head).trim_ascii_start();
    let starts = |tag: &str| {
        text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()))
    };
    if starts("<!doctype") || starts("<html") || starts("<?xml") {
        return Err(Unusable::OtherKind {
            what: "a web page or XML",
            advice: "the download may have given an error page; fetch the CSV again",
        });
    }
    Ok(())
}

fn check_header(header: &[u8], format: Format) -> Result<(), Unusable> {
    let Ok(text) = std::str::from_utf8(header) else {
        return Err(Unusable::OtherEncoding {
            encoding: "in another encoding, perhaps GBK,",
            from: "GB18030",
        });
    };
    let cells = Splitter::new().split(header);
    let found: Vec<&str> =
        cells.iter().map(|cell| std::str::from_utf8(cell).unwrap_or_default().trim()).collect();
    if found == format.columns() {
        return Ok(());
    }
    for other in [Format::Scms, Format::Xinfadi] {
        if found == other.columns() {
            return Err(Unusable::OtherFormat { found: other.holds(), wanted: format.holds() });
        }
    }
    for separator in [';', '\t', '|', '，'] {
        if text
            .split(separator)
            .map(|cell| cell.trim().trim_matches('"'))
            .eq(format.columns().iter().copied())
        {
            return Err(Unusable::OtherSeparator { separator });
        }
    }
    Err(first_difference(&found, format))
}

fn first_difference(found: &[&str], format: Format) -> Unusable {
    let expected = format.columns();
    let same = found.iter().zip(expected).take_while(|(found, expected)| found == expected).count();
    Unusable::WrongHeader {
        wanted: format.holds(),
        column: same + 1,
        expected: expected.get(same).copied().unwrap_or_default(),
        found: Quoted::new(found.get(same).copied().unwrap_or_default()),
        count: expected.len(),
    }
}
