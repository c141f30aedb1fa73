//! Files that are no CSV of ours: one clear error each, before any row.

use std::error::Error;
use std::fs;

use granary_import::{Format, Source, scms, xinfadi};

fn refusal(file: &[u8], format: Format) -> String {
    match Source::from_read(file, None, format) {
        Ok(_) => "opened".to_owned(),
        Err(unusable) => unusable.to_string(),
    }
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

#[test]
fn each_kind_of_wrong_file_is_named_with_what_to_do() {
    let orders = scms::COLUMNS.join(",") + "\n";
    let prices = xinfadi::COLUMNS.join(",") + "\n";
    let renamed = orders.replace("Pack Price", "Price per pack");
    let short = orders.replace(",Line Item Insurance (USD)", "");
    let table: Vec<(Vec<u8>, &str)> = vec![
        (orders.clone().into_bytes(), "opened"),
        (format!("\u{FEFF}{orders}").into_bytes(), "opened"),
        (format!("\n\r\n{orders}").into_bytes(), "opened"),
        (orders.trim_end().into(), "opened"),
        (vec![], "the file is empty: fetch or export it again"),
        (b"\n\r\n\n".to_vec(), "the file is empty: fetch or export it again"),
        (b"%PDF-1.7\n".to_vec(), "this is a PDF and not text: ask the sender for the CSV"),
        (b"PK\x03\x04\x14\x00".to_vec(), "this is a ZIP archive or a spreadsheet (.xlsx, .ods)"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(), "this is an old spreadsheet (.xls)"),
        (b"\x1F\x8B\x08\x00".to_vec(), "this is a gzip file and not text: unpack it with gunzip"),
        (b"ID\x00\x01\x02\x00\x00".to_vec(), "this is a binary file and not text"),
        (b"<!DOCTYPE html>".to_vec(), "this is a web page or XML and not text"),
        (b"\xEF\xBB\xBF <HTML lang=zh>".to_vec(), "this is a web page or XML and not text"),
        (
            utf16(&format!("\u{FEFF}{orders}"), u16::to_le_bytes),
            "the text is UTF-16 and not UTF-8: save it as UTF-8 (iconv -f UTF-16 -t UTF-8)",
        ),
        (utf16(&orders, u16::to_le_bytes), "the text is UTF-16 (little-endian) and not UTF-8"),
        (utf16(&orders, u16::to_be_bytes), "the text is UTF-16 (big-endian) and not UTF-8"),
        (
            b"\xC6\xB7\xC3\xFB,\xD7\xEE\xB5\xCD\xBC\xDB\n".to_vec(),
            "the text is in another encoding, perhaps GBK,",
        ),
        (
            prices.clone().into_bytes(),
            "this is a file of prices and not of orders: import it with `granary import prices`",
        ),
        (
            orders.replace(',', ";").into_bytes(),
            "the columns are separated by ';' and not by commas",
        ),
        (orders.replace(',', "\t").into_bytes(), "the columns are separated by '\\t' and not"),
        (
            renamed.into_bytes(),
            "the first line is not the header of a file of orders: column 27 should be \
             \"Pack Price\" and is \"Price per pack\"; restore the header line, with 33 columns",
        ),
        (
            short.into_bytes(),
            "the first line is not the header of a file of orders: column 33 should",
        ),
        (b"1,100-CI-T01,Pre-PQ Process\n".to_vec(), "the first line is not the header"),
    ];
    for (file, want) in table {
        let found = refusal(&file, Format::Scms);
        assert!(found.starts_with(want), "wanted {want:?}\n found {found:?}");
    }
    assert!(refusal(orders.as_bytes(), Format::Xinfadi).contains("granary import orders"));
    assert_eq!(refusal(prices.as_bytes(), Format::Xinfadi), "opened");
}

#[test]
fn a_path_that_is_no_file_is_said() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let refusal = |path: &std::path::Path| match Source::open(path, Format::Scms) {
        Ok(_) => "opened".to_owned(),
        Err(unusable) => unusable.to_string(),
    };
    let missing = directory.path().join("missing.csv");
    assert_eq!(
        refusal(&missing),
        "there is no such file: check the name and the directory you are in"
    );
    assert_eq!(
        refusal(directory.path()),
        "this is a directory and not a file: name the CSV file itself"
    );
    let file = directory.path().join("orders.csv");
    fs::write(&file, scms::COLUMNS.join(","))?;
    let source = Source::open(&file, Format::Scms)?;
    assert_eq!(source.total_bytes(), Some(fs::metadata(&file)?.len()));
    Ok(())
}
