//! From cells to a typed row: reads, and judges nothing but form.

use csv::StringRecord;
use jiff::civil::Date;

use super::columns::{COLUMNS, Column};
use super::row::{
    Cents, Fulfilment, Grams, OrderLineId, Price, Row, ShipmentMode, StatedElsewhere,
};
use crate::Known;
use crate::cells::{cells, number};
use crate::dates::{day_month_name_year, month_day_year, scrambled_month_day_year, year_month_day};
use crate::decimal::Decimal;
use crate::lines::{RawRow, Splitter};
use crate::reason::{Note, Quoted, RejectReason};

/// Phrases that stand where a text belongs. Where a number or a date belongs, any text without
/// digits is a phrase.
pub const PHRASES: [&str; 8] = [
    "N/A",
    "N/A - From RDC",
    "Date Not Captured",
    "Freight Included in Commodity Cost",
    "Invoiced Separately",
    "Not Captured",
    "Pre-PQ Process",
    "Weight Captured Separately",
];

/// The row's cells and its key as far as it can be read: known before the rest is, so that a
/// reject can be found again by it.
pub(super) struct Keyed {
    cells: StringRecord,
    pub(super) id: Result<OrderLineId, RejectReason>,
}

/// Takes a raw row apart.
pub(super) fn keyed(raw: &RawRow, splitter: &mut Splitter) -> Result<Keyed, RejectReason> {
    let cells = cells(raw, COLUMNS.len(), splitter)?;
    let text = cell(&cells, Column::Id);
    let id = whole(Column::Id, text).map(OrderLineId);
    Ok(Keyed { cells, id })
}

/// Types every cell. Notes are of dates put right.
pub(super) fn row(raw: &RawRow, keyed: &Keyed) -> Result<(Row, Vec<Note>), RejectReason> {
    let of = |column| cell(&keyed.cells, column);
    let mut notes = Vec::new();
    let row = Row {
        line: raw.line,
        offset: raw.offset,
        id: keyed.id.clone()?,
        project_code: text(of(Column::ProjectCode)),
        quotation: text(of(Column::Quotation)),
        order: required(Column::Order, of(Column::Order))?,
        shipment: text(of(Column::Shipment)),
        country: text(of(Column::Country)),
        managed_by: text(of(Column::ManagedBy)),
        fulfilment: text(of(Column::Fulfilment)).map(fulfilment),
        incoterm: text(of(Column::Incoterm)),
        shipment_mode: text(of(Column::ShipmentMode)).map(shipment_mode),
        quoted_on: office_date(Column::QuotedOn, of(Column::QuotedOn), &mut notes)?,
        ordered_on: office_date(Column::OrderedOn, of(Column::OrderedOn), &mut notes)?,
        scheduled_on: delivery_date(Column::ScheduledOn, of(Column::ScheduledOn))?,
        delivered_on: delivery_date(Column::DeliveredOn, of(Column::DeliveredOn))?,
        recorded_on: delivery_date(Column::RecordedOn, of(Column::RecordedOn))?,
        product_group: text(of(Column::ProductGroup)),
        sub_classification: text(of(Column::SubClassification)),
        vendor: required(Column::Vendor, of(Column::Vendor))?,
        item: required(Column::Item, of(Column::Item))?,
        molecule_or_test: text(of(Column::MoleculeOrTest)),
        brand: text(of(Column::Brand)),
        dosage: text(of(Column::Dosage)),
        dosage_form: text(of(Column::DosageForm)),
        units_per_pack: above_zero(Column::PackSize, of(Column::PackSize))?,
        packs: above_zero(Column::Quantity, of(Column::Quantity))?,
        value: measured(Column::Value, of(Column::Value), cents)?,
        pack_price: pack_price(of(Column::PackPrice))?,
        unit_price: measured(Column::UnitPrice, of(Column::UnitPrice), |_, _, number| {
            Ok(price(number))
        })?,
        manufacturing_site: text(of(Column::ManufacturingSite)),
        first_line: yes_or_no(Column::FirstLine, of(Column::FirstLine))?,
        weight: measured(Column::Weight, of(Column::Weight), grams)?,
        freight: measured(Column::Freight, of(Column::Freight), cents)?,
        insurance: measured(Column::Insurance, of(Column::Insurance), cents)?,
    };
    Ok((row, notes))
}

fn cell(cells: &StringRecord, column: Column) -> &str {
    cells[column.index()].trim()
}

fn text(text: &str) -> Known<String> {
    if text.is_empty() {
        Known::Missing
    } else if PHRASES.contains(&text) {
        Known::Phrase(text.to_owned())
    } else {
        Known::Value(text.to_owned())
    }
}

/// A text without which the row is no order; a phrase in its place is none.
fn required(column: Column, found: &str) -> Result<String, RejectReason> {
    match text(found) {
        Known::Value(text) => Ok(text),
        Known::Phrase(_) | Known::Missing => {
            Err(RejectReason::ValueMissing { column: column.name() })
        }
    }
}

fn fulfilment(word: String) -> Fulfilment {
    match word.as_str() {
        "Direct Drop" => Fulfilment::DirectDrop,
        "From RDC" => Fulfilment::FromWarehouse,
        _ => Fulfilment::Other(word),
    }
}

fn shipment_mode(word: String) -> ShipmentMode {
    match word.as_str() {
        "Air" => ShipmentMode::Air,
        "Air Charter" => ShipmentMode::AirCharter,
        "Ocean" => ShipmentMode::Ocean,
        "Truck" => ShipmentMode::Truck,
        _ => ShipmentMode::Other(word),
    }
}

fn yes_or_no(column: Column, found: &str) -> Result<Known<bool>, RejectReason> {
    match text(found) {
        Known::Value(word) if word == "Yes" => Ok(Known::Value(true)),
        Known::Value(word) if word == "No" => Ok(Known::Value(false)),
        Known::Value(word) => Err(RejectReason::WordUnknown {
            column: column.name(),
            text: Quoted::new(&word),
            expected: "Yes, No",
        }),
        Known::Phrase(phrase) => Ok(Known::Phrase(phrase)),
        Known::Missing => Ok(Known::Missing),
    }
}

/// What stands where a number or a date belongs and is neither.
fn not_a_value<T>(text: &str) -> Option<Known<T>> {
    if text.is_empty() {
        return Some(Known::Missing);
    }
    let phrase = !text.chars().any(char::is_numeric) && text.chars().any(char::is_alphabetic)
        || StatedElsewhere::parse(text).is_some();
    phrase.then(|| Known::Phrase(text.to_owned()))
}

/// A number that may be stated elsewhere or nowhere.
fn measured<T>(
    column: Column,
    text: &str,
    unit: impl Fn(Column, &str, Decimal) -> Result<T, RejectReason>,
) -> Result<Known<T>, RejectReason> {
    match not_a_value(text) {
        Some(known) => Ok(known),
        None => {
            let number = number(column.name(), text)?;
            unit(column, text, number).map(Known::Value)
        }
    }
}

fn cents(column: Column, text: &str, number: Decimal) -> Result<Cents, RejectReason> {
    let too_fine =
        || RejectReason::TooFine { column: column.name(), text: Quoted::new(text), unit: "cent" };
    number.scaled(2).map(Cents).ok_or_else(too_fine)
}

fn grams(column: Column, text: &str, kilograms: Decimal) -> Result<Grams, RejectReason> {
    let too_fine =
        || RejectReason::TooFine { column: column.name(), text: Quoted::new(text), unit: "gram" };
    kilograms.scaled(3).map(Grams).ok_or_else(too_fine)
}

fn whole(column: Column, text: &str) -> Result<u64, RejectReason> {
    let unreadable =
        || RejectReason::NumberUnreadable { column: column.name(), text: Quoted::new(text) };
    number(column.name(), text)?.scaled(0).ok_or_else(unreadable)
}

fn above_zero(column: Column, text: &str) -> Result<u64, RejectReason> {
    match whole(column, text)? {
        0 => Err(RejectReason::QuantityZero { column: column.name() }),
        number => Ok(number),
    }
}

fn price(number: Decimal) -> Price {
    let (cents, per) = number.as_hundredths();
    Price { cents, per }
}

fn pack_price(text: &str) -> Result<Price, RejectReason> {
    let column = Column::PackPrice.name();
    let number = number(column, text)?;
    if number.is_zero() {
        return Err(RejectReason::PriceNotPositive { column });
    }
    Ok(price(number))
}

/// A date written where goods were delivered: `02-Jun-06`.
fn delivery_date(column: Column, text: &str) -> Result<Known<Date>, RejectReason> {
    if let Some(date) = day_month_name_year(text) {
        return Ok(Known::Value(date));
    }
    not_a_date(column, text)
}

/// A date written in the office: month first, perhaps scrambled (module documentation).
fn office_date(
    column: Column,
    text: &str,
    notes: &mut Vec<Note>,
) -> Result<Known<Date>, RejectReason> {
    if let Some(date) = month_day_year(text) {
        return Ok(Known::Value(date));
    }
    let Some(as_written) = year_month_day(text) else {
        return not_a_date(column, text);
    };
    match scrambled_month_day_year(text) {
        Some(read_as) => {
            notes.push(Note::DateUnscrambled { column: column.name(), as_written, read_as });
            Ok(Known::Value(read_as))
        }
        None => Ok(Known::Value(as_written)),
    }
}

fn not_a_date(column: Column, text: &str) -> Result<Known<Date>, RejectReason> {
    let unreadable =
        || RejectReason::DateUnreadable { column: column.name(), text: Quoted::new(text) };
    not_a_value(text).ok_or_else(unreadable)
}
