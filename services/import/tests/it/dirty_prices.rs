//! Prices, dirty in every way.

use granary_import::Verdict;
use granary_import::xinfadi::{Commodity, Observation, Price};
use jiff::civil::date;

use super::{note_codes, prices, rejected, word};

const HEADER: &str = "品名,最低价,平均价,最高价,规格,单位,发布日期\n";

fn verdicts(rows: &str) -> Vec<Verdict<Observation>> {
    prices(format!("{HEADER}{rows}"))
}

#[test]
fn a_sound_row_is_kept_exactly() {
    let verdicts = verdicts("大蒜,0.75,1.275,1.8,普通,斤,2013-06-10\n");
    let Verdict::Kept { row, notes } = &verdicts[0] else { panic!("a sound row") };
    let want = Observation {
        line: 2,
        offset: u64::try_from(HEADER.len()).expect("short"),
        day: date(2013, 6, 10),
        commodity: Commodity { name: "大蒜".into(), spec: "普通".into() },
        lowest: Price { fen: 75, per_g: 500 },
        average: Price { fen: 1_275, per_g: 5_000 },
        highest: Price { fen: 180, per_g: 500 },
    };
    assert_eq!((row, notes.as_slice()), (&want, [].as_slice()));
    assert_eq!(row.source_key(), "2013-06-10|大蒜|普通");
}

#[test]
fn each_row_is_kept_quarantined_or_rejected_with_its_reason() {
    let table = [
        ("大蒜,1,1.5,2,普通,斤,2013-06-10", "kept"),
        ("大蒜,1,1,1,普通,斤,2013-06-10", "kept"),
        ("大蒜,2,1.5,1,普通,斤,2013-06-10", "RANGE_REVERSED"),
        ("大蒜,3,1,5,普通,斤,2013-06-10", "AVERAGE_OUTSIDE_RANGE"),
        ("大蒜,0.8,1.5,1,普通,斤,2013-06-10", "AVERAGE_OUTSIDE_RANGE"),
        ("大蒜,1.5,1.4999,2,普通,斤,2013-06-10", "AVERAGE_OUTSIDE_RANGE"),
        ("大蒜,0.0049,0.0049,0.0049,普通,斤,2013-06-10", "kept"),
        ("向日葵/个,1.5,2,2.5,普通,斤,2013-06-10", "SOLD_BY_THE_PIECE"),
        ("白条鹌鹑(只),3,2,1,普通,斤,2013-06-10", "SOLD_BY_THE_PIECE"),
        ("大蒜,0,0,0,普通,斤,2013-06-10", "PRICE_NOT_POSITIVE"),
        ("大蒜,3,0,3.5,普通,斤,2013-06-10", "PRICE_NOT_POSITIVE"),
        ("大蒜,-1,1,2,普通,斤,2013-06-10", "NEGATIVE"),
        ("大蒜,,1,2,普通,斤,2013-06-10", "VALUE_MISSING"),
        ("大蒜,1;1,1,2,普通,斤,2013-06-10", "NUMBER_UNREADABLE"),
        ("大蒜,0.00000001,1,2,普通,斤,2013-06-10", "NUMBER_TOO_BIG"),
        ("鸽子蛋,2.7（个）,2.85（个）,3（个）,普通,斤,2014-01-24", "UNIT_INSIDE_NUMBER"),
        ("大蒜,2.7（斤）,2.85（斤）,3（斤）,普通,斤,2014-01-24", "kept"),
        ("大蒜,1,1.5,2,普通,公斤,2013-06-10", "UNIT_UNKNOWN"),
        ("大蒜,1,1.5,2,普通,,2013-06-10", "UNIT_UNKNOWN"),
        (",1,1.5,2,普通,斤,2013-06-10", "VALUE_MISSING"),
        ("大蒜,1,1.5,2,\u{3000},斤,2013-06-10", "VALUE_MISSING"),
        ("大蒜,1,1.5,2,普通,斤,", "VALUE_MISSING"),
        ("大蒜,1,1.5,2,普通,斤,2013-06-31", "DATE_UNREADABLE"),
        ("大蒜,1,1.5,2,普通,斤,10/6/13", "DATE_UNREADABLE"),
        ("大蒜,1,1.5,2,普通,斤", "WRONG_COLUMN_COUNT"),
        ("大蒜,1,1.5,2,普通,斤,2013-06-10,", "WRONG_COLUMN_COUNT"),
        ("\"大蒜,1,1.5,2,普通,斤,2013-06-10", "QUOTE_UNCLOSED"),
    ];
    for (row, want) in table {
        assert_eq!(word(&verdicts(row)[0]), want, "{row}");
    }
}

#[test]
fn the_first_quote_of_a_day_stands() {
    let verdicts = verdicts(
        "鲜姜,0,0,0,普通,斤,2013-06-10\n\
         鲜姜,1,1.5,2,普通,斤,2013-06-10\n\
         鲜姜 ,1.00,1.50,2.00,普通,斤,2013-06-10\n\
         鲜姜,1,1.5,2.5,普通,斤,2013-06-10\n\
         鲜姜,1,1.5,2,水菜,斤,2013-06-10\n\
         鲜姜,1,1.5,2,普通,斤,2013-06-11\n\
         大蒜,2,1.5,1,普通,斤,2013-06-10\n\
         大蒜,1,1.5,2,普通,斤,2013-06-10\n",
    );
    let words: Vec<_> = verdicts.iter().map(word).collect();
    let want = [
        "PRICE_NOT_POSITIVE",
        "kept",
        "REPEATED",
        "KEY_TAKEN",
        "kept",
        "kept",
        "RANGE_REVERSED",
        "KEY_TAKEN",
    ];
    assert_eq!(words, want);
    let reject = rejected(&verdicts[3]);
    assert_eq!(reject.key.as_deref(), Some("2013-06-10|鲜姜|普通"));
    assert_eq!(reject.reason.to_string(), "line 3 has the same source key and says something else");
}

#[test]
fn only_the_form_of_names_is_mended_and_that_is_noted() {
    let verdicts = verdicts(
        "圆白菜(铁),1,1,1,普通,斤,2013-06-10\n\
         圆白菜（铁）,1,1,1,普通,斤,2013-06-10\n\
         圆白菜（棚,1,1,1,普通 ,斤,2013-06-10\n\
         西胡芦（油）,1,1,1,普通,斤,2013-06-10\n\
         西葫芦（油）,1,1,1,普通,斤,2013-06-10\n",
    );
    let found: Vec<_> =
        verdicts.iter().map(|verdict| (word(verdict), note_codes(verdict))).collect();
    let want = [
        ("kept", vec!["NAME_NORMALISED"]),
        ("REPEATED", vec![]),
        ("kept", vec!["NAME_NORMALISED", "BRACKET_UNCLOSED"]),
        ("kept", vec![]),
        ("kept", vec![]),
    ];
    assert_eq!(found, want);
}
