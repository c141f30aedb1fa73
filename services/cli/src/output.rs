//! What commands print: tables for people, JSON and CSV for programs. All of it goes to stdout, and a reader
//! that goes away is an error of its own ([`crate::report`]).

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use comfy_table::{Table, presets};
use serde_json::Value;

use crate::report::printable;

/// How data is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// For people.
    Table,
    /// One JSON value.
    Json,
    /// Comma-separated values with a line of headings.
    Csv,
}

/// For what was accepted and is well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// For what was refused and is wrong.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// For what somebody must not overlook.
pub(crate) const LOUD: Style = AnsiColor::Yellow.on_default().bold();

/// A line on stdout. Colours are left out where nobody sees them (`NO_COLOR`, no terminal).
pub(crate) fn line(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    writeln!(out, "{text}")
}

/// A note beside the data, on stderr.
pub(crate) fn note(text: &str) -> io::Result<()> {
    let mut out = anstream::stderr().lock();
    writeln!(out, "{text}")
}

/// One JSON value on lines of its own.
pub(crate) fn json(value: &Value) -> io::Result<()> {
    line(&format!("{value:#}"))
}

/// One JSON value on one line, for streams of them.
pub(crate) fn json_line(value: &Value) -> io::Result<()> {
    line(&value.to_string())
}

/// Rows, as a table or comma-separated. JSON is for the caller to make, with more in it than cells.
pub(crate) fn rows<H: AsRef<str>>(
    form: Form,
    headings: &[H],
    rows: &[Vec<String>],
) -> io::Result<()> {
    match form {
        Form::Csv => csv(headings, rows),
        Form::Table | Form::Json => table(headings, rows),
    }
}

/// Columns for people. Nothing is wrapped: an id in two lines can't be copied.
pub(crate) fn table<H: AsRef<str>>(headings: &[H], rows: &[Vec<String>]) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(headings.iter().map(AsRef::as_ref));
    for row in rows {
        table.add_row(row.iter().map(|cell| printable(cell)));
    }
    line(&table.trim_fmt())
}

/// Comma-separated values.
pub(crate) fn csv<H: AsRef<str>>(headings: &[H], rows: &[Vec<String>]) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(io::stdout().lock());
    let told = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    };
    writer.write_record(headings.iter().map(AsRef::as_ref)).map_err(told)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell))).map_err(told)?;
    }
    writer.flush()
}

/// A cell that a spreadsheet takes for a text, whatever somebody wrote into a name.
fn harmless(cell: &str) -> String {
    let begins_a_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if begins_a_formula && cell.parse::<i128>().is_err() {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn a_name_is_no_formula_and_a_number_stays_one() {
        for (cell, expected) in [
            ("=cmd()", "'=cmd()"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2+3", "'-2+3"),
            ("-42", "-42"),
            ("Garlic, 2nd grade", "Garlic, 2nd grade"),
        ] {
            assert_eq!(harmless(cell), expected);
        }
    }
}
