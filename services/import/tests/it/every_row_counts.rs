//! Whatever the bytes: no panic, and every row is counted once.

use granary_import::{Format, Source, Verdict, scms, xinfadi};
use proptest::prelude::*;

use super::{orders, prices, summary};

/// Files made of the pieces that matter to the readers, and of any bytes.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"\"".to_vec()),
        Just(b",".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just("（个）".as_bytes().to_vec()),
        Just(b"See ASN-93 (ID#:1281)".to_vec()),
        Just("大蒜,1,1.5,2,普通,斤,2013-06-10\n".as_bytes().to_vec()),
        Just(b"0.0333".to_vec()),
        Just(b"2009-11-14".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..12),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Cells of one row, many of them nearly right.
fn row(columns: usize) -> impl Strategy<Value = Vec<u8>> {
    let cell = prop_oneof![
        "[0-9]{1,20}",
        "[0-9]{1,4}\\.[0-9]{1,8}",
        "[ -~]{0,8}",
        "02-Jun-06",
        "\\PC{0,4}"
    ];
    proptest::collection::vec(cell, columns).prop_map(|cells| {
        let quoted: Vec<_> =
            cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        (quoted.join(",") + "\n").into_bytes()
    })
}

fn lines_with_something(bytes: &[u8]) -> usize {
    let bare = |line: &[u8]| line.strip_suffix(b"\r").unwrap_or(line).is_empty();
    bytes.split(|byte| *byte == b'\n').filter(|line| !bare(line)).count()
}

/// Lines that the verdicts account for: each row begins on its line, and its raw bytes or the
/// distance to the next row say how many it covers.
fn check<T>(body: &[u8], verdicts: &[Verdict<T>], line_of: impl Fn(&T) -> u64) {
    let lines: Vec<u64> = verdicts
        .iter()
        .map(|verdict| match verdict {
            Verdict::Kept { row, .. } | Verdict::Quarantined { row, .. } => line_of(row),
            Verdict::Rejected(reject) => reject.raw.line,
        })
        .collect();
    assert!(lines.windows(2).all(|pair| pair[0] < pair[1]), "each line once, in order");
    assert!(lines.len() <= lines_with_something(body), "no row comes from nowhere");
    if !body.contains(&b'"') {
        assert_eq!(lines.len(), lines_with_something(body), "no row is lost");
    }
    let summary = summary(verdicts);
    let count = u64::try_from(verdicts.len()).expect("few");
    assert_eq!(summary.rows(), count);
    assert_eq!(summary.kept() + summary.quarantined() + summary.rejected(), count);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_under_the_header_are_rows_with_a_verdict_each(body in bytes()) {
        let with = |columns: &[&str]| [columns.join(",").as_bytes(), b"\n", body.as_slice()].concat();
        check(&body, &orders(with(&scms::COLUMNS)), |row| row.line);
        check(&body, &prices(with(&xinfadi::COLUMNS)), |row| row.line);
    }

    #[test]
    fn rows_nearly_right_have_a_verdict_each(
        orders_body in proptest::collection::vec(row(33), 0..3),
        prices_body in proptest::collection::vec(row(7), 0..6),
    ) {
        let with = |columns: &[&str], body: &[Vec<u8>]| {
            [columns.join(",").as_bytes(), b"\n", body.concat().as_slice()].concat()
        };
        let orders = orders(with(&scms::COLUMNS, &orders_body));
        prop_assert_eq!(orders.len(), orders_body.len());
        let prices = prices(with(&xinfadi::COLUMNS, &prices_body));
        prop_assert_eq!(prices.len(), prices_body.len());
    }

    #[test]
    fn any_file_is_opened_or_refused_with_words(file in bytes()) {
        for format in [Format::Scms, Format::Xinfadi] {
            if let Err(unusable) = Source::from_read(file.as_slice(), None, format) {
                prop_assert!(unusable.to_string().contains(": "), "{}", unusable);
            }
        }
    }
}
