//! The rejects file.

use std::error::Error;
use std::fs;

use granary_import::Verdict;
use granary_import::rejects::{COLUMNS, RejectsWriter};

use super::prices;

const FILE: &[u8] = b"\xE5\x93\x81\xE5\x90\x8D,\xE6\x9C\x80\xE4\xBD\x8E\xE4\xBB\xB7,\
    \xE5\xB9\xB3\xE5\x9D\x87\xE4\xBB\xB7,\xE6\x9C\x80\xE9\xAB\x98\xE4\xBB\xB7,\xE8\xA7\x84\xE6\xA0\xBC,\
    \xE5\x8D\x95\xE4\xBD\x8D,\xE5\x8F\x91\xE5\xB8\x83\xE6\x97\xA5\xE6\x9C\x9F\n";

#[test]
fn each_reject_stands_in_the_file_with_its_row_byte_for_byte() -> Result<(), Box<dyn Error>> {
    let rows: [&[u8]; 4] =
        ["大蒜,0,1,2,\"普通\",斤,2013-06-10".as_bytes(), b"a,\"b", b"\xFF,1", b"one cell, two"];
    let verdicts = prices([FILE, &rows.join(&b'\n')].concat());
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("prices.rejects.csv");
    fs::write(&path, "the rejects of last time")?;

    let mut writer = RejectsWriter::create(&path)?;
    for verdict in &verdicts {
        if let Verdict::Rejected(reject) = verdict {
            writer.write(reject)?;
        }
    }
    assert_eq!(fs::read(&path)?, b"the rejects of last time", "untouched until finished");
    assert_eq!(writer.finish()?, 4);
    assert_eq!(fs::read_dir(directory.path())?.count(), 1, "nothing else is left behind");

    let mut reader = csv::Reader::from_path(&path)?;
    assert_eq!(reader.headers()?, &COLUMNS[..]);
    let mut found = Vec::new();
    for (record, row) in reader.byte_records().zip(rows) {
        let record = record?;
        assert_eq!(&record[4], row);
        let text = |at: usize| String::from_utf8_lossy(&record[at]).into_owned();
        found.push([text(0), text(1), text(2), text(3)].join(" | "));
    }
    let want = [
        "2 | 2013-06-10|大蒜|普通 | PRICE_NOT_POSITIVE | 最低价 is not above zero, which is no price",
        "3 |  | QUOTE_UNCLOSED | a quote opens and doesn't close within 8 lines of one row",
        "4 |  | NOT_UTF8 | byte 0 of the row is not UTF-8",
        "5 |  | WRONG_COLUMN_COUNT | 2 cells where the format has 7",
    ];
    assert_eq!(found, want);
    Ok(())
}

#[test]
fn an_import_that_stops_half_way_leaves_the_old_file() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("rejects.csv");
    fs::write(&path, "old")?;
    drop(RejectsWriter::create(&path)?);
    assert_eq!(fs::read(&path)?, b"old");
    assert_eq!(fs::read_dir(directory.path())?.count(), 1);
    Ok(())
}

#[test]
fn a_directory_that_does_not_exist_is_said() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("nowhere").join("rejects.csv");
    let error = RejectsWriter::create(&path).expect_err("no such directory");
    assert!(error.to_string().contains("see that its directory exists"), "{error}");
    assert!(error.source().is_some(), "the system's own words are the source");
    Ok(())
}

#[test]
fn text_from_a_file_cannot_command_a_terminal() {
    let hostile = "大蒜,\u{202e}1,1,2,普通,斤,2013-06-10";
    let verdicts = prices([FILE, hostile.as_bytes()].concat());
    let words = super::rejected(&verdicts[0]).reason.to_string();
    // U+202E would turn the words after it round.
    assert_eq!(words, "最低价 \"\\u{202e}1\" can't be read as a number");
}
