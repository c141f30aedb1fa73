//! The real files, where they are at hand: all rows, each count pinned.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs};

use granary_import::{Format, Known, Note, Source, Summary, Verdict, scms, xinfadi};

/// Names the directory that holds the real files.
const SHARED_DATA: &str = "GRANARY_SHARED_DATA";

/// The file, or nothing and a word about it where the data is absent.
fn real(name: &str) -> Option<PathBuf> {
    let beside_the_project = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let directory = env::var_os(SHARED_DATA).map_or_else(beside_the_project, PathBuf::from);
    let path = directory.join(name);
    if !path.is_file() {
        eprintln!("SKIPPED: {name} is not here; set {SHARED_DATA} to the directory of real data");
        return None;
    }
    Some(path)
}

#[test]
fn every_row_of_the_delivery_history_is_accounted_for() {
    let Some(path) = real("scms_delivery/scms_delivery_history.csv") else { return };
    let total = fs::metadata(&path).expect("it is there").len();
    let mut rows = scms::Rows::new(Source::open(&path, Format::Scms).expect("a file of orders"));
    let mut summary = Summary::default();
    let mut sets: [BTreeSet<String>; 5] = Default::default();
    let mut unsaid: BTreeMap<&str, u64> = BTreeMap::new();
    let mut late = 0;
    for verdict in rows.by_ref() {
        let verdict = verdict.expect("a file on disk");
        summary.count(&verdict);
        let Verdict::Kept { row, .. } = verdict else { continue };
        late += u64::from(row.delivered_on.value() > row.scheduled_on.value());
        let [vendors, countries, items, orders, molecules] = &mut sets;
        vendors.insert(row.vendor.clone());
        countries.extend(row.country.value().cloned());
        items.insert(row.item.clone());
        orders.insert(row.order.clone());
        molecules.extend(row.molecule_or_test.value().cloned());
        count_unsaid(&row, &mut unsaid);
    }
    assert_eq!((rows.bytes_read(), rows.total_bytes()), (total, Some(total)));
    let rejected = [
        ("DELIVERED_BEFORE_ORDERED", 5),
        ("PRICE_NOT_POSITIVE", 18),
        ("RECORDED_BEFORE_DELIVERED", 3),
    ];
    let notes = [
        ("AMOUNT_INEXACT", 717),
        ("DATE_UNSCRAMBLED", 4_849),
        ("DELIVERED_BEFORE_QUOTED", 8),
        ("WEIGHT_ZERO", 1),
    ];
    assert_eq!((summary.rows(), summary.kept()), (10_324, 10_298), "{summary}");
    assert_eq!(summary.quarantined(), 0);
    assert_eq!(summary.rejected_by_code(), &BTreeMap::from(rejected));
    assert_eq!(summary.notes_by_code(), &BTreeMap::from(notes));
    let want = [
        ("dosage", 1_725),
        ("freight", 4_116),
        ("incoterm", 5_396),
        ("insurance", 287),
        ("ordered on", 5_724),
        ("quotation", 2_677),
        ("quoted on", 2_677),
        ("shipment mode", 359),
        ("weight", 3_942),
    ];
    assert_eq!(unsaid, BTreeMap::from(want), "what rows leave unsaid stays unsaid");
    // The publisher counts 1,186 late rows; one of them is among the rejected.
    assert_eq!(late, 1_185);
    // Vendors, countries, items, orders, molecules.
    assert_eq!(sets.map(|set| set.len()), [73, 43, 179, 6_217, 86]);
}

/// What the reading of scrambled dates rests on: see the documentation of [`scms`].
#[test]
fn dates_put_right_lie_before_the_delivery_they_led_to() {
    let Some(path) = real("scms_delivery/scms_delivery_history.csv") else { return };
    let rows = scms::Rows::new(Source::open(&path, Format::Scms).expect("a file of orders"));
    let (mut put_right, mut late_as_written, mut late_as_read) = (0, 0, 0);
    for verdict in rows {
        let Verdict::Kept { row, notes } = verdict.expect("a file on disk") else { continue };
        let scheduled = *row.scheduled_on.value().expect("always stated");
        for note in notes {
            if let Note::DateUnscrambled { as_written, read_as, .. } = note {
                put_right += 1;
                late_as_written += u32::from(as_written > scheduled);
                late_as_read += u32::from(read_as > scheduled);
            }
        }
    }
    assert_eq!((put_right, late_as_written, late_as_read), (4_849, 418, 0));
}

fn count_unsaid(row: &scms::Row, unsaid: &mut BTreeMap<&str, u64>) {
    fn count<T>(name: &'static str, known: &Known<T>, unsaid: &mut BTreeMap<&str, u64>) {
        *unsaid.entry(name).or_default() += u64::from(known.value().is_none());
    }
    count("quotation", &row.quotation, unsaid);
    count("quoted on", &row.quoted_on, unsaid);
    count("ordered on", &row.ordered_on, unsaid);
    count("shipment mode", &row.shipment_mode, unsaid);
    count("incoterm", &row.incoterm, unsaid);
    count("dosage", &row.dosage, unsaid);
    count("weight", &row.weight, unsaid);
    count("freight", &row.freight, unsaid);
    count("insurance", &row.insurance, unsaid);
}

#[test]
fn every_row_of_the_market_prices_is_accounted_for() {
    let Some(path) = real("xinfadi_vegetables/xinfadi_vegetables_2013-06_2015-06.csv") else {
        return;
    };
    let mut rows =
        xinfadi::Rows::new(Source::open(&path, Format::Xinfadi).expect("a file of prices"));
    let mut summary = Summary::default();
    let mut commodities = BTreeSet::new();
    let mut names = BTreeSet::new();
    let mut days = BTreeSet::new();
    for verdict in rows.by_ref() {
        let verdict = verdict.expect("a file on disk");
        summary.count(&verdict);
        let (Verdict::Kept { row, .. } | Verdict::Quarantined { row, .. }) = verdict else {
            continue;
        };
        days.insert(row.day);
        names.insert(row.commodity.name.clone());
        commodities.insert(row.commodity);
    }
    assert_eq!(Some(rows.bytes_read()), rows.total_bytes());
    let rejected = [
        ("KEY_TAKEN", 2_310),
        ("PRICE_NOT_POSITIVE", 336),
        ("REPEATED", 643),
        ("UNIT_INSIDE_NUMBER", 1),
    ];
    let quarantined =
        [("AVERAGE_OUTSIDE_RANGE", 67), ("RANGE_REVERSED", 16), ("SOLD_BY_THE_PIECE", 5)];
    let notes = [("BRACKET_UNCLOSED", 189), ("NAME_NORMALISED", 327)];
    assert_eq!((summary.rows(), summary.kept()), (78_168, 74_790), "{summary}");
    assert_eq!(summary.quarantined_by_code(), &BTreeMap::from(quarantined));
    assert_eq!(summary.rejected_by_code(), &BTreeMap::from(rejected));
    assert_eq!(summary.notes_by_code(), &BTreeMap::from(notes));
    assert_eq!((commodities.len(), names.len(), days.len()), (487, 398, 737));
}
