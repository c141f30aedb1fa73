//! One row in the words of the book.

use granary_book::{
    orders::{Incoterm, OrderLine, StatedAmount, StatedTime, StatedWeight},
    prices::Price,
    shipments::Mode,
    vocabulary::{Code, Ppm, Quantity, Unit},
};
use granary_import::{
    Known,
    scms::{Column, Row, ShipmentMode},
};

use super::stated::{amount, record_key, time, weight};
use crate::{
    alike::date,
    ids::short_digest,
    text::{code, slug},
    trade::Unfit,
};

/// What a row says, as far as the book takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deal {
    /// The seller, as written.
    pub(super) vendor: String,
    /// The buyer: the programme of the country that the goods go to.
    pub(super) programme: String,
    /// Code of the item in its pack.
    pub(super) commodity: Code,
    /// What people call it.
    pub(super) commodity_name: String,
    /// The record's key, which is the number of its loading ticket too.
    pub(super) key: Code,
    /// The order's one line.
    pub(super) line: OrderLine,
    /// Who carries which cost.
    pub(super) incoterm: Incoterm,
    /// How the goods travelled.
    pub(super) mode: Mode,
    /// When prices were asked for.
    pub(super) quoted: StatedTime,
    /// When the order was sent.
    pub(super) ordered: StatedTime,
    /// When the goods were delivered.
    pub(super) delivered: StatedTime,
    /// When the buyer wrote that down.
    pub(super) recorded: StatedTime,
    /// What goods and packing weigh.
    pub(super) weight: StatedWeight,
    /// What the carriage cost.
    pub(super) freight: StatedAmount,
    /// What the insurance cost.
    pub(super) insurance: StatedAmount,
}

impl Deal {
    /// Reads a row.
    pub(super) fn of(row: &Row) -> Result<Self, Unfit> {
        let country = row.country.value().map_or("country not stated", String::as_str);
        let (commodity, commodity_name) = commodity(row);
        Ok(Self {
            vendor: row.vendor.clone(),
            programme: format!("Health programme, {country}"),
            key: record_key(row.id),
            line: line(row, commodity.clone())?,
            commodity,
            commodity_name,
            incoterm: incoterm(&row.incoterm)?,
            mode: mode(&row.shipment_mode)?,
            quoted: time(Column::QuotedOn, &row.quoted_on)?,
            ordered: time(Column::OrderedOn, &row.ordered_on)?,
            delivered: time(Column::DeliveredOn, &row.delivered_on)?,
            recorded: time(Column::RecordedOn, &row.recorded_on)?,
            weight: weight(&row.weight)?,
            freight: amount(Column::Freight, &row.freight)?,
            insurance: amount(Column::Insurance, &row.insurance)?,
        })
    }
}

/// A pack of 30 is another good than a pack of 60 of the same item.
fn commodity(row: &Row) -> (Code, String) {
    let pack = row.units_per_pack.to_string();
    let digest = short_digest(&[row.item.as_bytes(), pack.as_bytes()]);
    (code(&format!("SCMS-{digest}")), format!("pack of {pack}: {}", row.item))
}

fn line(row: &Row, commodity: Code) -> Result<OrderLine, Unfit> {
    let place = row.country.value().map_or("NOT-STATED", String::as_str);
    let due = row.scheduled_on.value().ok_or_else(|| Unfit {
        code: "DUE_NOT_STATED",
        reason: format!(
            "{} is not stated, and an order has a last day of delivery",
            Column::ScheduledOn.name()
        ),
    })?;
    Ok(OrderLine {
        commodity,
        grade: None,
        quantity: Quantity::new(row.packs, Unit::Piece),
        tolerance_ppm: Ppm::ZERO,
        price: Some(Price {
            minor_units: row.pack_price.cents,
            per: Quantity::new(row.pack_price.per, Unit::Piece),
        }),
        value_minor_units: row.value.value().map(|cents| cents.0),
        place: code(&slug(place, Code::MAX)),
        due: date(*due),
    })
}

fn incoterm(known: &Known<String>) -> Result<Incoterm, Unfit> {
    let Known::Value(word) = known else { return Ok(Incoterm::NotStated) };
    match word.as_str() {
        "EXW" => Ok(Incoterm::Exw),
        "FCA" => Ok(Incoterm::Fca),
        "FAS" => Ok(Incoterm::Fas),
        "FOB" => Ok(Incoterm::Fob),
        "CFR" => Ok(Incoterm::Cfr),
        "CIF" => Ok(Incoterm::Cif),
        "CPT" => Ok(Incoterm::Cpt),
        "CIP" => Ok(Incoterm::Cip),
        "DAP" => Ok(Incoterm::Dap),
        "DAT" => Ok(Incoterm::Dat),
        "DPU" => Ok(Incoterm::Dpu),
        "DDP" => Ok(Incoterm::Ddp),
        "DDU" => Ok(Incoterm::Ddu),
        _ => Err(Unfit { code: "INCOTERM_UNKNOWN", reason: format!("{word:?} is no Incoterm") }),
    }
}

fn mode(known: &Known<ShipmentMode>) -> Result<Mode, Unfit> {
    let Known::Value(mode) = known else { return Ok(Mode::NotStated) };
    match mode {
        ShipmentMode::Air => Ok(Mode::Air),
        ShipmentMode::AirCharter => Ok(Mode::AirCharter),
        ShipmentMode::Ocean => Ok(Mode::Ocean),
        ShipmentMode::Truck => Ok(Mode::Truck),
        ShipmentMode::Other(word) => {
            let reason = format!("{word:?} is no way of travelling that the book knows");
            Err(Unfit { code: "MODE_UNKNOWN", reason })
        }
    }
}
