//! From cells to an observation: reads, and rejects what can't be read.

use csv::StringRecord;
use jiff::civil::Date;

use super::name;
use super::observation::{Commodity, Observation, Price};
use crate::cells::{cells, number};
use crate::dates::year_month_day;
use crate::decimal::Decimal;
use crate::lines::{RawRow, Splitter};
use crate::reason::{Note, Quoted, RejectReason};

/// Names of the columns, in order: name, lowest, average and highest price, spec, unit, day.
pub const COLUMNS: [&str; 7] = ["品名", "最低价", "平均价", "最高价", "规格", "单位", "发布日期"];

const NAME: usize = 0;
const LOWEST: usize = 1;
const AVERAGE: usize = 2;
const HIGHEST: usize = 3;
const SPEC: usize = 4;
const UNIT: usize = 5;
const DAY: usize = 6;

/// The only unit read: 斤, the market's pound.
const JIN: &str = "斤";

/// Grams in a 斤 since 1959.
const JIN_G: u64 = 500;

/// Units that a number may carry without saying anything new.
const OWN_UNITS: [&str; 4] = ["斤", "元", "元/斤", "元／斤"];

/// The row's cells and what makes its key: known before the prices are, so that a reject can be
/// found again by it.
pub(super) struct Keyed {
    cells: StringRecord,
    pub(super) day: Date,
    pub(super) commodity: Commodity,
    notes: Vec<Note>,
}

/// Takes a raw row apart as far as its key.
pub(super) fn keyed(raw: &RawRow, splitter: &mut Splitter) -> Result<Keyed, RejectReason> {
    let cells = cells(raw, COLUMNS.len(), splitter)?;
    let mut notes = Vec::new();
    let named = |column: usize| {
        let name = name::normalised(&cells[column]);
        if name.is_empty() {
            return Err(RejectReason::ValueMissing { column: COLUMNS[column] });
        }
        Ok(name)
    };
    let commodity = Commodity { name: named(NAME)?, spec: named(SPEC)? };
    for (column, name) in [(NAME, &commodity.name), (SPEC, &commodity.spec)] {
        if *name != cells[column] {
            notes.push(Note::NameNormalised { as_written: Quoted::new(&cells[column]) });
        }
    }
    if name::has_open_bracket(&commodity.name) {
        notes.push(Note::BracketUnclosed);
    }
    let day = day(cells[DAY].trim())?;
    Ok(Keyed { cells, day, commodity, notes })
}

/// Reads unit and prices.
pub(super) fn observation(
    raw: &RawRow,
    keyed: &Keyed,
) -> Result<(Observation, Vec<Note>), RejectReason> {
    let unit = keyed.cells[UNIT].trim();
    if unit != JIN {
        return Err(RejectReason::UnitUnknown { unit: Quoted::new(unit) });
    }
    let mut notes = keyed.notes.clone();
    let mut price_in = |column: usize| price(COLUMNS[column], &keyed.cells[column], &mut notes);
    let observation = Observation {
        line: raw.line,
        offset: raw.offset,
        day: keyed.day,
        commodity: keyed.commodity.clone(),
        lowest: price_in(LOWEST)?,
        average: price_in(AVERAGE)?,
        highest: price_in(HIGHEST)?,
    };
    Ok((observation, notes))
}

fn day(text: &str) -> Result<Date, RejectReason> {
    let column = COLUMNS[DAY];
    year_month_day(text).ok_or_else(|| match text {
        "" => RejectReason::ValueMissing { column },
        text => RejectReason::DateUnreadable { column, text: Quoted::new(text) },
    })
}

fn price(column: &'static str, cell: &str, notes: &mut Vec<Note>) -> Result<Price, RejectReason> {
    let (digits, unit) = split_unit(cell.trim());
    let yuan = number(column, digits)?;
    if !unit.is_empty() {
        if !OWN_UNITS.contains(&unit) {
            return Err(RejectReason::UnitInsideNumber { column, text: Quoted::new(cell) });
        }
        notes.push(Note::UnitInsideNumber { column });
    }
    if yuan.is_zero() {
        return Err(RejectReason::PriceNotPositive { column });
    }
    Ok(per_jin(yuan))
}

/// A number and the unit behind it, in brackets or bare: `2.7（个）` is 2.7 and 个. A text that
/// doesn't begin like a number is left whole, to be refused as one.
fn split_unit(text: &str) -> (&str, &str) {
    let is_digit = |c: char| c.is_ascii_digit() || c == '.';
    let Some(end) = text.find(|c| !is_digit(c)) else { return (text, "") };
    let (digits, unit) = text.split_at(end);
    let is_unit = unit.chars().all(|c| !c.is_numeric() && c != ',' && c != '-');
    if digits.is_empty() || !is_unit {
        return (text, "");
    }
    (digits, unit.trim().trim_matches(['(', ')', '（', '）']))
}

/// Yuan per 斤 as whole fen for as many grams as it takes.
fn per_jin(yuan: Decimal) -> Price {
    let (fen, per) = yuan.as_hundredths();
    Price { fen, per_g: JIN_G * per }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_per_jin_is_whole_fen_for_whole_grams() {
        let table = [
            ("1.5", 150, 500),
            ("2", 200, 500),
            ("1.275", 1_275, 5_000),
            ("1.270", 127, 500),
            ("0.0625", 625, 50_000),
        ];
        for (text, fen, per_g) in table {
            let mut notes = Vec::new();
            assert_eq!(price("最低价", text, &mut notes), Ok(Price { fen, per_g }), "{text}");
            assert_eq!(notes, []);
        }
    }

    #[test]
    fn a_unit_inside_a_number_is_taken_only_when_it_is_the_rows_own() {
        let column = "最低价";
        let own = vec![Note::UnitInsideNumber { column }];
        for text in ["2.7（斤）", "2.7斤", "2.7元", "2.7 (元/斤)"] {
            let mut notes = Vec::new();
            assert_eq!(price(column, text, &mut notes), Ok(Price { fen: 270, per_g: 500 }));
            assert_eq!(notes, own, "{text}");
        }
        let code = |text| price(column, text, &mut Vec::new()).map_err(|reason| reason.code());
        for text in ["2.7（个）", "3公斤", "2.7kg"] {
            assert_eq!(code(text), Err("UNIT_INSIDE_NUMBER"), "{text}");
        }
        for text in ["1,5", "1-2", "约2", "1.2.3", "1e3", "１"] {
            assert_eq!(code(text), Err("NUMBER_UNREADABLE"), "{text}");
        }
        for (text, want) in
            [("", "VALUE_MISSING"), ("-1", "NEGATIVE"), ("0.00", "PRICE_NOT_POSITIVE")]
        {
            assert_eq!(code(text), Err(want), "{text}");
        }
    }
}
