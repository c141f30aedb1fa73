//! One line of an order, typed.

use std::fmt;

use jiff::civil::Date;

use crate::Known;

/// The file's own number of an order line, and the row's source key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderLineId(pub u64);

impl fmt::Display for OrderLineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An amount in US cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cents(pub u64);

/// A weight in grams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grams(pub u64);

/// A price that needn't be whole cents: `cents` US cents for `per` pieces (packs or units).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// US cents.
    pub cents: u64,
    /// For how many pieces: a power of ten.
    pub per: u64,
}

impl Price {
    /// What `pieces` cost, rounded down to a cent; none when it doesn't fit 64 bits.
    pub fn times(self, pieces: u64) -> Option<Cents> {
        let cents = u128::from(self.cents) * u128::from(pieces) / u128::from(self.per);
        u64::try_from(cents).ok().map(Cents)
    }
}

/// Where the goods came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fulfilment {
    /// `Direct Drop`: from the vendor straight to the client.
    DirectDrop,
    /// `From RDC`: from stock in a regional distribution centre.
    FromWarehouse,
    /// Another word, as written.
    Other(String),
}

/// How the goods travelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShipmentMode {
    /// `Air`
    Air,
    /// `Air Charter`
    AirCharter,
    /// `Ocean`
    Ocean,
    /// `Truck`
    Truck,
    /// Another word, as written.
    Other(String),
}

/// One row: every column of the file, with the line it begins on. Texts are without the spaces
/// around them and otherwise as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Line of the file the row begins on; the header is on line 1.
    pub line: u64,
    /// Byte of the file the row begins at.
    pub offset: u64,
    /// `ID`: the source key.
    pub id: OrderLineId,
    /// `Project Code`
    pub project_code: Known<String>,
    /// `PQ #`: number of the price quotation.
    pub quotation: Known<String>,
    /// `PO / SO #`: number of the order; several rows may share it.
    pub order: String,
    /// `ASN/DN #`: number of the shipping or delivery note; several rows may share it.
    pub shipment: Known<String>,
    /// `Country` of delivery.
    pub country: Known<String>,
    /// `Managed By`
    pub managed_by: Known<String>,
    /// `Fulfill Via`
    pub fulfilment: Known<Fulfilment>,
    /// `Vendor INCO Term`
    pub incoterm: Known<String>,
    /// `Shipment Mode`
    pub shipment_mode: Known<ShipmentMode>,
    /// `PQ First Sent to Client Date`
    pub quoted_on: Known<Date>,
    /// `PO Sent to Vendor Date`
    pub ordered_on: Known<Date>,
    /// `Scheduled Delivery Date`
    pub scheduled_on: Known<Date>,
    /// `Delivered to Client Date`
    pub delivered_on: Known<Date>,
    /// `Delivery Recorded Date`
    pub recorded_on: Known<Date>,
    /// `Product Group`
    pub product_group: Known<String>,
    /// `Sub Classification`
    pub sub_classification: Known<String>,
    /// `Vendor`
    pub vendor: String,
    /// `Item Description`
    pub item: String,
    /// `Molecule/Test Type`
    pub molecule_or_test: Known<String>,
    /// `Brand`
    pub brand: Known<String>,
    /// `Dosage`
    pub dosage: Known<String>,
    /// `Dosage Form`
    pub dosage_form: Known<String>,
    /// `Unit of Measure (Per Pack)`: units in a pack, above zero.
    pub units_per_pack: u64,
    /// `Line Item Quantity`: packs, above zero.
    pub packs: u64,
    /// `Line Item Value`
    pub value: Known<Cents>,
    /// `Pack Price`, above zero.
    pub pack_price: Price,
    /// `Unit Price`, as the file rounds it: may be zero for cheap units.
    pub unit_price: Known<Price>,
    /// `Manufacturing Site`
    pub manufacturing_site: Known<String>,
    /// `First Line Designation`
    pub first_line: Known<bool>,
    /// `Weight (Kilograms)`, in grams.
    pub weight: Known<Grams>,
    /// `Freight Cost (USD)`
    pub freight: Known<Cents>,
    /// `Line Item Insurance (USD)`
    pub insurance: Known<Cents>,
}

impl Row {
    /// The key of the row in its file, from which command ids are derived.
    pub fn source_key(&self) -> String {
        self.id.to_string()
    }
}

/// A pointer from a weight or a freight cost to the row that states it for the whole shipment:
/// `See ASN-93 (ID#:1281)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedElsewhere {
    /// The shipment that both rows belong to.
    pub shipment: String,
    /// The row that states it.
    pub id: OrderLineId,
}

impl StatedElsewhere {
    /// Takes the phrase apart; none when it is no such phrase.
    pub fn parse(phrase: &str) -> Option<Self> {
        let rest = phrase.strip_prefix("See ")?;
        let (shipment, rest) = rest.split_once(" (ID#:")?;
        let id = rest.strip_suffix(')')?;
        let well_formed =
            !shipment.is_empty() && !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
        well_formed.then_some(())?;
        Some(Self { shipment: shipment.to_owned(), id: OrderLineId(id.parse().ok()?) })
    }
}
