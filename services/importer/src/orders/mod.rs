//! Rows of orders: each becomes an order of one line with its shipment and delivery, in one statement that
//! is accepted or refused as a whole.
//!
//! Buyer is the country's programme, seller and consignor the vendor; both are custodial parties. The row
//! names no carrier, so the seller carries, as the book takes it where no carrier is named. What the row
//! doesn't say is said as not stated: when the goods were loaded, for one. Nothing is accepted, invoiced or
//! closed in anybody's name, since the row doesn't say so.
//!
//! The commodity is the item in its pack, counted in packs as the row counts it; price and value are the
//! row's own.

mod row;
mod stated;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
};

use granary_book::{
    apply::BatchMode,
    orders::{CountersignOrder, LineQuantity, PlaceOrder, Source as OrderSource},
    parties::Role,
    shipments::{DeliveredLine, LoadedLot, PlanShipment, RecordDelivery, RecordLoading},
    vocabulary::{Currency, Digest, Id, OrderId, Quantity, ShipmentId, Unit},
    wire::{List, Message},
};
use granary_import::{Format, Source, scms};
use granary_log::hash::{Hash, sha256};

use self::row::Deal;
use crate::{
    alike::commodity,
    custody::{Custodial, Registrar},
    error::ImportError,
    ids::row_id,
    plan::{Planned, batch, derived, item},
    records::{Place, Record, Records},
    send::Step,
    trade::{Needs, Steps, Trade, Unfit},
};

/// What rows of orders need, and then have.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    vendors: BTreeSet<String>,
    programmes: BTreeSet<String>,
    /// Names by code.
    commodities: BTreeMap<String, String>,
    sellers: BTreeMap<String, Custodial>,
    buyers: BTreeMap<String, Custodial>,
}

impl Trade for Orders {
    type Reader = scms::Rows<File>;
    const FORMAT: Format = Format::Scms;

    fn reader(source: Source<File>) -> Self::Reader {
        scms::Rows::new(source)
    }

    fn note(&mut self, row: &Box<scms::Row>) -> Result<(), Unfit> {
        let deal = Deal::of(row)?;
        self.vendors.insert(deal.vendor);
        self.programmes.insert(deal.programme);
        self.commodities.insert(deal.commodity.to_string(), deal.commodity_name);
        Ok(())
    }

    fn needs(&self) -> Needs {
        let parties = (self.vendors.len() + self.programmes.len()) as u64;
        Needs { parties, commodities: self.commodities.len() as u64, feeds: 0 }
    }

    fn set_up(&mut self, registrar: &Registrar<'_>) -> Result<Vec<Planned>, ImportError> {
        let mut says = Vec::new();
        // The book knows no role of sellers, since any active party may sell; a role a party must have, and
        // where a shipment names no carrier its seller is one.
        for vendor in &self.vendors {
            let (party, registered) = registrar.custodial("vendor", vendor, Role::Carrier)?;
            self.sellers.insert(vendor.clone(), party);
            says.extend(registered);
        }
        for programme in &self.programmes {
            let (party, registered) = registrar.custodial("programme", programme, Role::Buyer)?;
            self.buyers.insert(programme.clone(), party);
            says.extend(registered);
        }
        let commodities = self.commodities.iter();
        says.extend(
            commodities.map(|(code, name)| registrar.says(&commodity(code, name, Unit::Piece))),
        );
        Ok(says)
    }

    fn steps(self, records: Records<Self::Reader>, file: Hash) -> Steps {
        Box::new(Saying { orders: self, records, file })
    }
}

struct Saying {
    orders: Orders,
    records: Records<scms::Rows<File>>,
    file: Hash,
}

impl Iterator for Saying {
    type Item = Result<Step, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.records.next()?.and_then(|record| self.step(record)))
    }
}

impl Saying {
    fn step(&self, record: Record<Box<scms::Row>>) -> Result<Step, ImportError> {
        let (row, place) = match record {
            Record::SetAside(row) => return Ok(Step::SetAside(row)),
            Record::Kept { row, place, .. } => (row, place),
        };
        match Deal::of(&row) {
            Ok(deal) => {
                let digest = sha256(&self.records.raw().row(&place).map_err(ImportError::Changed)?);
                Ok(Step::Say(self.says(deal, &digest, place)))
            }
            Err(Unfit { code, reason }) => {
                let code = code.to_owned();
                self.records.raw().set_aside(&place, code, reason, false).map(Step::SetAside)
            }
        }
    }

    /// One row as one statement.
    fn says(&self, deal: Deal, digest: &Hash, place: Place) -> Planned {
        let seller = &self.orders.sellers[&deal.vendor];
        let buyer = &self.orders.buyers[&deal.programme];
        let command_id = row_id(&self.file, place.line, &place.key, "order, shipment, delivery");
        let quantity = deal.line.quantity;
        let lines = || List::new(vec![LineQuantity { line: 1, quantity }]).expect("one line");
        let key = deal.key.clone();
        let placed = PlaceOrder {
            seller: seller.party,
            currency: Currency::USD,
            incoterm: deal.incoterm,
            lines: List::new(vec![deal.line.clone()]).expect("one line"),
            source: Some(OrderSource {
                key: key.clone(),
                digest: Digest(digest.0),
                quoted: deal.quoted,
                ordered: deal.ordered,
            }),
        };
        // The first and the third command make something.
        let order: OrderId = derived(buyer.party.to_bytes(), command_id, 0, 0);
        let shipment: ShipmentId = derived(buyer.party.to_bytes(), command_id, 2, 0);
        let terms = Digest(sha256(&placed.encode()).0);
        let countersigned = CountersignOrder { order, terms, related_disclosed: false };
        let planned = PlanShipment {
            order,
            lines: lines(),
            from_warehouse: None,
            carrier: None,
            mode: deal.mode,
            destination: deal.line.place.clone(),
        };
        let lot = LoadedLot { line: 1, ticket: key, quantity };
        let loaded = RecordLoading {
            shipment,
            lots: List::new(vec![lot]).expect("one lot"),
            seals: List::empty(),
            loaded: stated::not_stated(),
            weight: Some(deal.weight),
            freight: Some(deal.freight),
            insurance: Some(deal.insurance),
        };
        let none = Quantity::zero(quantity.unit());
        let delivered = DeliveredLine { line: 1, delivered: quantity, short: none, damaged: none };
        let delivered = RecordDelivery {
            shipment,
            lines: List::new(vec![delivered]).expect("one line"),
            delivered: deal.delivered,
            recorded: Some(deal.recorded),
            evidence: None,
        };
        let items = vec![
            item(buyer, &placed),
            item(seller, &countersigned),
            item(seller, &planned),
            item(seller, &loaded),
            item(buyer, &delivered),
        ];
        batch(command_id, BatchMode::Linked, items, &[buyer, seller], vec![place])
    }
}
