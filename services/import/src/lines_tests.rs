use super::*;

/// Cuts `file` into rows of `columns` columns: (line, offset, text, flaw).
fn rows(file: &str, columns: usize) -> Vec<(u64, u64, String, Option<Flaw>)> {
    let mut lines = Lines::new(file.as_bytes(), columns);
    let mut rows = Vec::new();
    while let Some(row) = lines.next_row().expect("bytes in memory") {
        let text = String::from_utf8(row.bytes).expect("ASCII tests");
        rows.push((row.line, row.offset, text, row.flaw));
    }
    assert_eq!(lines.bytes_read(), as_bytes(file.len()), "everything was read");
    rows
}

#[test]
fn rows_carry_line_and_offset_whatever_the_line_ends() {
    let want = vec![(1, 0, "a,b".into(), None), (3, 6, "c,d".into(), None)];
    assert_eq!(rows("a,b\r\n\nc,d", 2), want);
    let want = vec![(1, 0, "a,b".into(), None), (2, 4, "c,d".into(), None)];
    assert_eq!(rows("a,b\nc,d\n\n\n", 2), want);
    assert_eq!(rows("a,b\r\n\nc,d\r", 2)[1].2, "c,d", "half a line end at the end");
    assert_eq!(rows("", 2), vec![]);
    assert_eq!(rows("\n\r\n", 2), vec![]);
}

#[test]
fn a_quoted_line_break_belongs_to_its_row() {
    let want = vec![(1, 0, "a,\"b\nb\"".into(), None), (3, 8, "c,d".into(), None)];
    assert_eq!(rows("a,\"b\nb\"\nc,d\n", 2), want);
}

#[test]
fn a_forgotten_quote_costs_its_own_line_only() {
    let unclosed = Some(Flaw::QuoteUnclosed);
    let want = vec![(1, 0, "a,\"b".into(), unclosed), (2, 5, "c,d".into(), None)];
    assert_eq!(rows("a,\"b\nc,d\n", 2), want, "to the end of the file");
    let want = vec![(1, 0, "a,\"b".into(), unclosed), (2, 5, "\"c\",d".into(), None)];
    assert_eq!(rows("a,\"b\n\"c\",d\n", 2), want, "closed by the next row's quote");
    let many = format!("a,\"b\n{}", "c,d\n".repeat(MAX_ROW_LINES * 2));
    assert_eq!(rows(&many, 2).len(), MAX_ROW_LINES * 2 + 1, "not closed for many lines");
}

#[test]
fn a_row_too_long_is_cut_and_the_next_one_is_whole() {
    let file = format!("{}\nc,d\n", "x".repeat(MAX_ROW_BYTES * 3));
    let found = rows(&file, 2);
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].2.len(), found[0].3), (MAX_ROW_BYTES, Some(Flaw::TooLong)));
    assert_eq!(found[1], (2, as_bytes(MAX_ROW_BYTES * 3 + 1), "c,d".into(), None));
    for end in ["", "\n", "\r\n"] {
        let file = format!("{}{end}", "x".repeat(MAX_ROW_BYTES));
        assert_eq!(rows(&file, 1)[0].3, None, "exactly as long as allowed, ended by {end:?}");
    }
}

#[test]
fn bytes_read_stand_at_the_end_of_the_row_given_out() {
    let mut lines = Lines::new("a,\"b\nc,d\ne,f\n".as_bytes(), 2);
    let mut stands = Vec::new();
    while lines.next_row().expect("bytes in memory").is_some() {
        stands.push(lines.bytes_read());
    }
    assert_eq!(stands, [5, 9, 13], "lines looked at and put back don't count");
}

#[test]
fn a_disk_that_fails_is_an_error_with_the_last_good_line() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let mut lines = Lines::new("a,b\n".as_bytes().chain(Failing), 2);
    assert!(lines.next_row().expect("first line").is_some());
    match lines.next_row() {
        Err(ReadError::Failed { after_line: 1, .. }) => {}
        other => panic!("expected a failure after line 1, got {other:?}"),
    }
}

#[test]
fn quotes_are_open_exactly_when_the_csv_crate_thinks_so() {
    let table = [
        ("a,b", false),
        ("\"a", true),
        ("a\"b,c", false),
        ("\"a\"\"", true),
        ("\"a\"\"\"", false),
        ("\"a\"b\"c", false),
        ("x,\"", true),
        ("", false),
    ];
    for (row, open) in table {
        assert_eq!(ends_inside_quotes(row.as_bytes()), open, "{row}");
        let with_comma = format!("{row},z");
        let cells = |row: &str| Splitter::new().split(row.as_bytes()).len();
        let swallowed = cells(&with_comma) == cells(row);
        assert_eq!(swallowed, open, "{row} as the csv crate reads it");
    }
}

#[test]
fn one_splitter_takes_row_after_row_apart() {
    let mut splitter = Splitter::new();
    let long = "x".repeat(MAX_ROW_BYTES - 2);
    let table: [(&str, &[&str]); 6] = [
        ("a,b", &["a", "b"]),
        ("", &[]),
        ("\"a,\n\"\"b\"\"\",", &["a,\n\"b\"", ""]),
        (",", &["", ""]),
        (&format!("{long},y"), &[&long, "y"]),
        ("\u{feff}a\r,b", &["\u{feff}a\r", "b"]),
    ];
    for (row, want) in table {
        let cells = splitter.split(row.as_bytes());
        assert!(cells.iter().eq(want.iter().map(|cell| cell.as_bytes())), "{cells:?}");
    }
}
