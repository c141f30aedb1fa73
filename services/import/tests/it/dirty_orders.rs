//! Orders, dirty in every way.

use granary_import::Known::{Missing, Phrase, Value};
use granary_import::scms::{
    COLUMNS, Cents, Column, Fulfilment, Grams, OrderLineId, Price, Row, ShipmentMode,
    StatedElsewhere,
};
use granary_import::{Verdict, scms};
use jiff::civil::date;

use super::{note_codes, orders, rejected, word};

/// A row with nothing wrong with it.
const SOUND: [&str; 33] = [
    "1281",
    "700-GR-T1",
    "FPQ-310",
    "GR-5200",
    "ASN-880",
    "Kenya",
    "Field Office",
    "Direct Drop",
    "EXW",
    "Air Charter",
    "2009-11-14",
    "9/26/14",
    "14-Nov-14",
    "14-Nov-14",
    "17-Nov-14",
    "FARM",
    "Bulbs",
    "Willow Creek, Ltd",
    "Garlic, mesh bag, 20 kg",
    "Garlic",
    "Generic",
    "N/A",
    "Bag",
    "20",
    "1000",
    "6200.5",
    "6.2",
    "0.31",
    "Riverside store",
    "Yes",
    "358",
    "4521.05",
    "0",
];

/// The sound row with some cells replaced, as a line of the file.
fn line(changes: &[(Column, &str)]) -> String {
    let mut cells = SOUND;
    for (column, text) in changes {
        let at = COLUMNS.iter().position(|name| *name == column.name()).expect("a column");
        cells[at] = text;
    }
    let quoted = cells.map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
    quoted.join(",") + "\r\n"
}

fn file(lines: &[String]) -> String {
    COLUMNS.join(",") + "\r\n" + &lines.concat()
}

fn verdict(changes: &[(Column, &str)]) -> Verdict<Box<Row>> {
    orders(file(&[line(changes)])).remove(0)
}

fn kept(changes: &[(Column, &str)]) -> Row {
    match verdict(changes) {
        Verdict::Kept { row, .. } => *row,
        other => panic!("expected a kept row, got {other:?}"),
    }
}

#[test]
fn every_column_of_a_sound_row_is_kept() {
    let text = |text: &str| Value(text.to_owned());
    let header = u64::try_from(COLUMNS.join(",").len()).expect("short") + 2;
    let want = Row {
        line: 2,
        offset: header,
        id: OrderLineId(1_281),
        project_code: text("700-GR-T1"),
        quotation: text("FPQ-310"),
        order: "GR-5200".into(),
        shipment: text("ASN-880"),
        country: text("Kenya"),
        managed_by: text("Field Office"),
        fulfilment: Value(Fulfilment::DirectDrop),
        incoterm: text("EXW"),
        shipment_mode: Value(ShipmentMode::AirCharter),
        quoted_on: Value(date(2014, 9, 11)),
        ordered_on: Value(date(2014, 9, 26)),
        scheduled_on: Value(date(2014, 11, 14)),
        delivered_on: Value(date(2014, 11, 14)),
        recorded_on: Value(date(2014, 11, 17)),
        product_group: text("FARM"),
        sub_classification: text("Bulbs"),
        vendor: "Willow Creek, Ltd".into(),
        item: "Garlic, mesh bag, 20 kg".into(),
        molecule_or_test: text("Garlic"),
        brand: text("Generic"),
        dosage: Phrase("N/A".into()),
        dosage_form: text("Bag"),
        units_per_pack: 20,
        packs: 1_000,
        value: Value(Cents(620_050)),
        pack_price: Price { cents: 620, per: 1 },
        unit_price: Value(Price { cents: 31, per: 1 }),
        manufacturing_site: text("Riverside store"),
        first_line: Value(true),
        weight: Value(Grams(358_000)),
        freight: Value(Cents(452_105)),
        insurance: Value(Cents(0)),
    };
    assert_eq!(kept(&[]), want);
    assert_eq!(want.source_key(), "1281");
    assert_eq!(note_codes(&verdict(&[])), ["DATE_UNSCRAMBLED", "AMOUNT_INEXACT"]);
}

#[test]
fn what_a_row_does_not_say_stays_unsaid() {
    for text in ["Weight Captured Separately", "See ASN-93 (ID#:1281)", "to be weighed at the gate"]
    {
        assert_eq!(kept(&[(Column::Weight, text)]).weight, Phrase(text.into()));
    }
    for text in ["Freight Included in Commodity Cost", "Invoiced Separately"] {
        assert_eq!(kept(&[(Column::Freight, text)]).freight, Phrase(text.into()));
    }
    let blank = kept(&[(Column::Weight, "  "), (Column::Freight, ""), (Column::DeliveredOn, "")]);
    assert_eq!((blank.weight, blank.freight, blank.delivered_on), (Missing, Missing, Missing));
    for text in ["Date Not Captured", "Pre-PQ Process", "N/A - From RDC"] {
        let row = kept(&[(Column::OrderedOn, text), (Column::DeliveredOn, text)]);
        assert_eq!(row.ordered_on, Phrase(text.into()));
        assert_eq!(row.delivered_on, Phrase(text.into()));
    }
    assert_eq!(kept(&[(Column::ShipmentMode, "N/A")]).shipment_mode, Phrase("N/A".into()));
    assert_eq!(kept(&[(Column::Quotation, "Pre-PQ Process")]).quotation.value(), None);
    assert_eq!(kept(&[(Column::Insurance, "")]).insurance, Missing);
}

#[test]
fn an_unknown_word_is_kept_as_written() {
    let row = kept(&[(Column::ShipmentMode, "Rail"), (Column::Fulfilment, "From store")]);
    assert_eq!(row.shipment_mode, Value(ShipmentMode::Other("Rail".into())));
    assert_eq!(row.fulfilment, Value(Fulfilment::Other("From store".into())));
}

#[test]
fn dates_of_the_office_are_read_month_first_and_unscrambled() {
    let table = [
        ("4/30/14", date(2014, 4, 30), 0),
        ("2009-11-14", date(2014, 9, 11), 1),
        ("2010-10-14", date(2014, 10, 10), 1),
        // No month 13 where the century leaves the year: it stands as it is.
        ("2013-11-14", date(2013, 11, 14), 0),
    ];
    for (text, want, notes) in table {
        let verdict = verdict(&[(Column::QuotedOn, text), (Column::Value, "6200")]);
        assert_eq!(note_codes(&verdict), vec!["DATE_UNSCRAMBLED"; notes], "{text}");
        let Verdict::Kept { row, .. } = verdict else { panic!("{text} is a date") };
        assert_eq!(row.quoted_on, Value(want), "{text}");
    }
    assert_eq!(word(&verdict(&[(Column::QuotedOn, "2009-11-31")])), "DATE_UNREADABLE");
}

#[test]
fn prices_stay_exact_however_fine() {
    let row = kept(&[(Column::PackPrice, "6.2005"), (Column::UnitPrice, "0.0333")]);
    assert_eq!(row.pack_price, Price { cents: 62_005, per: 100 });
    assert_eq!(row.unit_price, Value(Price { cents: 333, per: 100 }));
    assert_eq!(row.pack_price.times(1_000), Some(Cents(620_050)));
    assert_eq!(row.pack_price.times(1), Some(Cents(620)), "rounded down to a cent");
    assert_eq!(Price { cents: u64::MAX, per: 1 }.times(2), None);
}

#[test]
fn a_row_is_rejected_for_what_cannot_be_read_or_cannot_be() {
    use Column::*;
    let table: &[(&[(Column, &str)], &str)] = &[
        (&[(Id, "")], "VALUE_MISSING"),
        (&[(Id, "A12")], "NUMBER_UNREADABLE"),
        (&[(Id, "12.5")], "NUMBER_UNREADABLE"),
        (&[(Id, "99999999999999999999")], "NUMBER_TOO_BIG"),
        (&[(Order, " ")], "VALUE_MISSING"),
        (&[(Vendor, "")], "VALUE_MISSING"),
        (&[(Item, "N/A")], "VALUE_MISSING"),
        (&[(Quantity, "0")], "QUANTITY_ZERO"),
        (&[(Quantity, "")], "VALUE_MISSING"),
        (&[(Quantity, "-5")], "NEGATIVE"),
        (&[(Quantity, "a few")], "NUMBER_UNREADABLE"),
        (&[(Quantity, "1,000")], "NUMBER_UNREADABLE"),
        (&[(Quantity, "10.5")], "NUMBER_UNREADABLE"),
        (&[(PackSize, "0")], "QUANTITY_ZERO"),
        (&[(PackPrice, "0.00")], "PRICE_NOT_POSITIVE"),
        (&[(PackPrice, "-6.2")], "NEGATIVE"),
        (&[(PackPrice, "Invoiced Separately")], "NUMBER_UNREADABLE"),
        (&[(Value, "1O.5")], "NUMBER_UNREADABLE"),
        (&[(Value, "6200.505")], "TOO_FINE"),
        (&[(Value, "6262.01")], "AMOUNT_CONTRADICTED"),
        (&[(Value, "6262")], "kept"),
        (&[(Value, "6138")], "kept"),
        (&[(Value, "6137.99")], "AMOUNT_CONTRADICTED"),
        (&[(Value, "0.01"), (PackPrice, "0.00001")], "kept"),
        (&[(Value, "0.02"), (PackPrice, "0.00001")], "kept"),
        (&[(Value, "0.03"), (PackPrice, "0.00001")], "AMOUNT_CONTRADICTED"),
        (&[(Quantity, "999999999999999"), (PackPrice, "999999999999999")], "AMOUNT_CONTRADICTED"),
        (&[(Weight, "3.5005")], "TOO_FINE"),
        (&[(Weight, "358 kg")], "NUMBER_UNREADABLE"),
        (&[(Weight, "See ASN-93 (ID#:)")], "NUMBER_UNREADABLE"),
        (&[(Weight, "-")], "NUMBER_UNREADABLE"),
        (&[(Freight, "-1")], "NEGATIVE"),
        (&[(FirstLine, "Maybe")], "WORD_UNKNOWN"),
        (&[(DeliveredOn, "31-Feb-15")], "DATE_UNREADABLE"),
        (&[(DeliveredOn, "2014-11-14")], "DATE_UNREADABLE"),
        (&[(OrderedOn, "26/9/14")], "DATE_UNREADABLE"),
        (&[(DeliveredOn, "25-Sep-14")], "DELIVERED_BEFORE_ORDERED"),
        (&[(DeliveredOn, "26-Sep-14")], "kept"),
        (&[(RecordedOn, "13-Nov-14")], "RECORDED_BEFORE_DELIVERED"),
        (&[(RecordedOn, "14-Nov-14")], "kept"),
    ];
    for (changes, want) in table {
        assert_eq!(word(&verdict(changes)), *want, "{changes:?}");
    }
}

#[test]
fn odd_but_possible_rows_are_kept_with_a_note() {
    use Column::*;
    let clean = [(QuotedOn, "9/13/14"), (Value, "6200")];
    assert_eq!(note_codes(&verdict(&clean)), [""; 0]);
    let table = [
        ((Weight, "0"), "WEIGHT_ZERO"),
        ((QuotedOn, "12/13/14"), "DELIVERED_BEFORE_QUOTED"),
        ((Value, "6200.01"), "AMOUNT_INEXACT"),
    ];
    for (change, want) in table {
        let changes = [clean[0], clean[1], change];
        assert_eq!(note_codes(&verdict(&changes)), [want], "{change:?}");
    }
}

#[test]
fn only_a_kept_row_takes_its_id() {
    let rows = [
        line(&[(Column::Quantity, "0")]),
        line(&[]),
        line(&[]),
        line(&[(Column::Vendor, "Another vendor")]),
    ];
    let verdicts = orders(file(&rows));
    let words: Vec<_> = verdicts.iter().map(word).collect();
    assert_eq!(words, ["QUANTITY_ZERO", "kept", "REPEATED", "KEY_TAKEN"]);
    let reject = rejected(&verdicts[3]);
    assert_eq!(reject.reason.to_string(), "line 3 has the same source key and says something else");
    assert_eq!((reject.raw.line, reject.key.as_deref()), (5, Some("1281")));
}

#[test]
fn a_row_out_of_shape_costs_itself_alone() {
    let broken: &[(&[u8], &str)] = &[
        (b"1,2,3\n", "WRONG_COLUMN_COUNT"),
        (b",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n", "VALUE_MISSING"),
        (b"1,\"2\n", "QUOTE_UNCLOSED"),
        (b"1,\xFF\n", "NOT_UTF8"),
        (b"1,\x1B[2J\n", "CONTROL_CHARACTER"),
        (b"1,\0\n", "CONTROL_CHARACTER"),
        (&[b'x'; 70_000], "ROW_TOO_LONG"),
    ];
    for (broken, want) in broken {
        let (before, after) = (line(&[(Column::Id, "1")]), line(&[(Column::Id, "2")]));
        let mut bytes = file(&[before]).into_bytes();
        bytes.extend_from_slice(broken);
        if !broken.ends_with(b"\n") {
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(after.as_bytes());
        let verdicts = orders(bytes);
        let words: Vec<_> = verdicts.iter().map(word).collect();
        assert_eq!(words, ["kept", *want, "kept"]);
        assert_eq!(rejected(&verdicts[1]).raw.line, 3);
    }
}

#[test]
fn an_item_may_have_a_line_break_inside_its_quotes() {
    let row = line(&[(Column::Item, "Garlic,\r\nmesh bag")]);
    let verdicts = orders(file(&[row, line(&[(Column::Id, "2")])]));
    let lines: Vec<_> = verdicts
        .iter()
        .map(|verdict| match verdict {
            Verdict::Kept { row, .. } => (row.line, row.item.as_str()),
            other => panic!("expected kept rows, got {other:?}"),
        })
        .collect();
    assert_eq!(lines, [(2, "Garlic,\r\nmesh bag"), (4, "Garlic, mesh bag, 20 kg")]);
}

#[test]
fn a_pointer_to_another_row_is_taken_apart() {
    let want = StatedElsewhere { shipment: "ASN-93".into(), id: OrderLineId(1_281) };
    assert_eq!(StatedElsewhere::parse("See ASN-93 (ID#:1281)"), Some(want));
    for text in ["See ASN-93", "See  (ID#:1281)", "See ASN-93 (ID#:+1)", "ASN-93 (ID#:1281)", ""] {
        assert_eq!(StatedElsewhere::parse(text), None, "{text:?}");
    }
}

#[test]
fn the_phrases_are_all_without_digits() {
    // Otherwise one of them would be a phrase among texts and an error among numbers.
    for phrase in scms::PHRASES {
        assert!(!phrase.contains(|c: char| c.is_ascii_digit()), "{phrase}");
    }
}
