//! Invented orders of vegetables and grain from cooperatives to buyers.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::random::Random;
use crate::scms::{COLUMNS, Column};

const VENDORS: [&str; 5] = [
    "Willow Creek Growers Cooperative",
    "Qingshui Vegetable Cooperative, Ltd",
    "Three Hills Farm Union",
    "Coopérative du Vieux Pont",
    "NORTH TERRACE PRODUCERS (FORMERLY TERRACE FARMS)",
];

const FARMS: [&str; 4] = [
    "Packing house 2, East Dyke",
    "Riverside store",
    "Terrace Farm, lower field",
    "Old Bridge barn",
];

const COUNTRIES: [(&str, &str); 4] =
    [("China", "CN"), ("Côte d'Ivoire", "CI"), ("Kenya", "KE"), ("Peru", "PE")];

/// Rows of one order, which one shipment delivers.
const ROWS_PER_ORDER: usize = 2;

/// Item, kind, class, kilograms in a pack, and cents for a pack.
const GOODS: [(&str, &str, &str, u64, u64); 6] = [
    ("Garlic, dried bulbs, mesh bag, 20 kg", "Garlic", "Bulbs", 20, 1_850),
    ("Ginger, washed, carton, 13 kg", "Ginger", "Roots", 13, 1_495),
    ("Potato, table, \"new crop\", sack, 25 kg", "Potato", "Roots", 25, 612),
    ("Onion, red, mesh bag, 20 kg", "Onion", "Bulbs", 20, 540),
    ("Maize, yellow, sack, 50 kg", "Maize", "Grain", 50, 1_125),
    ("Soya bean, food grade, sack, 50 kg", "Soya bean", "Grain", 50, 2_730),
];

/// First day an order is sent on.
const FIRST_DAY: Date = date(2025, 3, 3);

/// One row in so many is defective.
const DEFECT_EVERY: usize = 8;

/// `rows` rows of orders in the form of [`scms`](crate::scms): byte order mark, CRLF, phrases,
/// scrambled dates, and defects for which a row is rejected.
pub fn orders(seed: u64, rows: usize) -> String {
    let mut csv = csv::WriterBuilder::new()
        .flexible(true)
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{FEFF}".as_bytes().to_vec());
    let mut write = |cells: &[String]| csv.write_record(cells).expect("memory doesn't fail");
    write(&COLUMNS.map(str::to_owned));
    let mut before = Cells::sound(seed, 0);
    for row in 0..rows {
        let mut cells = Cells::sound(seed, row);
        if row % DEFECT_EVERY == DEFECT_EVERY - 1 {
            let defect = DEFECTS[row / DEFECT_EVERY % DEFECTS.len()];
            defect(&mut cells, &before);
        }
        write(&cells.0);
        before = cells;
    }
    let bytes = csv.into_inner().expect("memory doesn't fail");
    String::from_utf8(bytes).expect("made of strings")
}

/// The ways a row goes wrong, in turn: the row, and the row before it.
const DEFECTS: [fn(&mut Cells, &Cells); 8] = [
    |cells, _| cells.set(Column::Quantity, "0"),
    |cells, _| cells.set(Column::DeliveredOn, "31-Jun-25"),
    |cells, before| cells.set(Column::Id, before.get(Column::Id)),
    |cells, _| cells.set(Column::Value, "1,2O0.50"),
    |cells, _| cells.0.truncate(COLUMNS.len() - 1),
    |cells, _| cells.set(Column::PackPrice, "0"),
    |cells, before| *cells = before.clone(),
    |cells, _| cells.set(Column::RecordedOn, "01-Jan-25"),
];

#[derive(Clone)]
struct Cells(Vec<String>);

impl Cells {
    fn get(&self, column: Column) -> String {
        self.0[column.index()].clone()
    }

    fn set(&mut self, column: Column, text: impl Into<String>) {
        self.0[column.index()] = text.into();
    }

    /// A row with nothing wrong with it, though it may leave things unsaid.
    fn sound(seed: u64, row: usize) -> Self {
        let number = |n: usize| u64::try_from(n).expect("a usize is at most 64 bits");
        let order = row / ROWS_PER_ORDER;
        // Rows of one order draw the same numbers for what they have in common.
        let mut shared = Random::new(seed.wrapping_add(number(order)));
        let mut own = Random::new(seed.wrapping_sub(number(row) + 1));
        let mut cells = Self(vec![String::new(); COLUMNS.len()]);
        cells.set(Column::Id, id(row).to_string());
        cells.parties(&mut shared, order);
        cells.days(&mut shared, number(order));
        cells.transport(&mut shared);
        cells.goods(&mut own);
        cells.costs(&mut own, row);
        cells
    }

    fn parties(&mut self, random: &mut Random, order: usize) {
        let (country, code) = *random.pick(&COUNTRIES);
        self.set(Column::ProjectCode, format!("7{:02}-{code}-T1", random.below(12)));
        self.set(Column::Quotation, format!("FPQ-{}", 310 + order));
        self.set(Column::Order, format!("GR-{}", 5_200 + order));
        self.set(Column::Shipment, format!("ASN-{}", 880 + order));
        self.set(Column::Country, country);
        self.set(Column::ManagedBy, "Field Office");
        self.set(Column::Vendor, *random.pick(&VENDORS));
        self.set(Column::ManufacturingSite, *random.pick(&FARMS));
    }

    fn goods(&mut self, random: &mut Random) {
        let (item, kind, class, pack_kg, list_cents) = *random.pick(&GOODS);
        let packs = 10 * random.between(2, 120);
        let pack_cents = list_cents * random.between(92, 108) / 100;
        self.set(Column::ProductGroup, "FARM");
        self.set(Column::SubClassification, class);
        self.set(Column::Item, item);
        self.set(Column::MoleculeOrTest, kind);
        self.set(Column::Brand, "Generic");
        self.set(Column::Dosage, "N/A");
        self.set(Column::DosageForm, "Bag");
        self.set(Column::PackSize, pack_kg.to_string());
        self.set(Column::Quantity, packs.to_string());
        self.set(Column::PackPrice, dollars(pack_cents));
        self.set(Column::Value, dollars(pack_cents * packs));
        self.set(Column::UnitPrice, dollars((pack_cents + pack_kg / 2) / pack_kg));
        self.set(Column::Weight, (packs * pack_kg * 102 / 100).to_string());
        self.set(Column::Insurance, dollars(pack_cents * packs / 640));
    }

    fn days(&mut self, random: &mut Random, order: u64) {
        let day = |from: Date, days: u64| {
            let days = i64::try_from(days).expect("a few weeks");
            from.saturating_add(days.days())
        };
        let ordered = day(FIRST_DAY, order * 4 / 3);
        let quoted = ordered.saturating_sub(9.days());
        let scheduled = day(ordered, random.between(14, 40));
        // Most come when they should, some early, some late.
        let delivered = match random.below(10) {
            0 => day(scheduled, random.between(1, 12)),
            1 | 2 => scheduled.saturating_sub(3.days()),
            _ => scheduled,
        };
        self.set(Column::QuotedOn, office_date(quoted));
        self.set(Column::OrderedOn, office_date(ordered));
        self.set(Column::ScheduledOn, delivery_date(scheduled));
        self.set(Column::DeliveredOn, delivery_date(delivered));
        self.set(Column::RecordedOn, delivery_date(day(delivered, random.below(3))));
        match random.below(9) {
            0 => self.set(Column::QuotedOn, "Pre-PQ Process"),
            1 => self.set(Column::OrderedOn, "Date Not Captured"),
            _ => {}
        }
    }

    fn transport(&mut self, random: &mut Random) {
        self.set(Column::Fulfilment, "Direct Drop");
        self.set(Column::Incoterm, *random.pick(&["EXW", "FCA", "DDP"]));
        self.set(Column::ShipmentMode, *random.pick(&["Truck", "Truck", "Ocean", "Air", "N/A"]));
        if random.below(6) == 0 {
            self.set(Column::Fulfilment, "From RDC");
            self.set(Column::Incoterm, "N/A - From RDC");
            self.set(Column::OrderedOn, "N/A - From RDC");
        }
    }

    fn costs(&mut self, random: &mut Random, row: usize) {
        self.set(Column::FirstLine, *random.pick(&["Yes", "Yes", "No"]));
        self.set(Column::Freight, dollars(random.between(18_000, 240_000)));
        match random.below(8) {
            0 => self.set(Column::Weight, "Weight Captured Separately"),
            1 => self.set(Column::Freight, "Freight Included in Commodity Cost"),
            2 => self.set(Column::Freight, "Invoiced Separately"),
            3 => self.set(Column::Insurance, ""),
            _ => {}
        }
        let first = row - row % ROWS_PER_ORDER;
        if row > first && random.below(2) == 0 {
            let elsewhere = format!("See {} (ID#:{})", self.get(Column::Shipment), id(first));
            self.set(Column::Weight, elsewhere.clone());
            self.set(Column::Freight, elsewhere);
        }
    }
}

fn id(row: usize) -> usize {
    1_001 + 3 * row
}

/// Cents as the file writes dollars: without zeros at the end.
fn dollars(cents: u64) -> String {
    let text = format!("{}.{:02}", cents / 100, cents % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn delivery_date(date: Date) -> String {
    date.strftime("%d-%b-%y").to_string()
}

/// Month first; scrambled, as in the real file, where the day could be a month too.
fn office_date(date: Date) -> String {
    let (year, month, day) = (date.year() % 100, date.month(), date.day());
    match day {
        1..=12 => format!("20{month:02}-{day:02}-{year:02}"),
        _ => format!("{month}/{day}/{year}"),
    }
}
