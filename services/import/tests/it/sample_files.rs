//! The files the project ships, and the generator they come from.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::{env, fs};

use granary_import::Verdict;
use granary_import::sample::{self, ORDER_ROWS, PRICE_DAYS, SEED};

use super::{orders, prices, summary};

/// Set to write the shipped files anew after the generator has changed.
const WRITE: &str = "GRANARY_WRITE_SAMPLE";

#[test]
fn the_shipped_files_are_what_the_generator_makes() -> Result<(), Box<dyn Error>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample");
    let files = [
        ("orders.csv", sample::orders(SEED, ORDER_ROWS)),
        ("prices.csv", sample::prices(SEED, PRICE_DAYS)),
    ];
    for (name, made) in files {
        let path = directory.join(name);
        if env::var_os(WRITE).is_some() {
            fs::write(&path, &made)?;
        }
        let shipped = fs::read_to_string(&path)?;
        assert!(shipped == made, "{name} differs; run this test once with {WRITE}=1");
    }
    Ok(())
}

#[test]
fn sample_orders_are_dirty_in_a_few_rows() {
    let verdicts = orders(sample::orders(SEED, ORDER_ROWS));
    let summary = summary(&verdicts);
    assert_eq!(verdicts.len(), ORDER_ROWS);
    let want = [
        ("DATE_UNREADABLE", 1),
        ("KEY_TAKEN", 1),
        ("NUMBER_UNREADABLE", 1),
        ("PRICE_NOT_POSITIVE", 1),
        ("QUANTITY_ZERO", 1),
        ("REPEATED", 1),
        ("WRONG_COLUMN_COUNT", 1),
    ];
    assert_eq!(summary.rejected_by_code(), &BTreeMap::from(want));
}

#[test]
fn sample_prices_are_dirty_in_every_way_of_the_market() {
    let verdicts = prices(sample::prices(SEED, PRICE_DAYS));
    let summary = summary(&verdicts);
    assert!((400..450).contains(&verdicts.len()), "{} rows", verdicts.len());
    let rejected: Vec<_> = summary.rejected_by_code().keys().copied().collect();
    let want =
        ["KEY_TAKEN", "PRICE_NOT_POSITIVE", "REPEATED", "UNIT_INSIDE_NUMBER", "UNIT_UNKNOWN"];
    assert_eq!(rejected, want);
    let quarantined: Vec<_> = summary.quarantined_by_code().keys().copied().collect();
    assert_eq!(quarantined, ["AVERAGE_OUTSIDE_RANGE", "RANGE_REVERSED", "SOLD_BY_THE_PIECE"]);
}

#[test]
fn garlic_falls_so_steeply_that_a_loan_at_three_fifths_is_called() {
    let mut garlic = Vec::new();
    for verdict in prices(sample::prices(SEED, PRICE_DAYS)) {
        if let Verdict::Kept { row, .. } = verdict
            && row.commodity.name == "大蒜"
        {
            garlic.push((row.day, row.average.fen * 5_000 / row.average.per_g));
        }
    }
    // A loan of 60% of the value stands at 75% once the price is below four fifths.
    let (_, top) = garlic.iter().max_by_key(|(_, price)| price).expect("garlic is quoted");
    let (_, last) = garlic.last().expect("garlic is quoted");
    assert!(last * 5 < top * 3, "from {top} to {last}");
}

#[test]
fn any_seed_and_size_gives_a_file_with_a_verdict_for_each_row() {
    for seed in [0, 1, u64::MAX] {
        for rows in [0, 1, 2, 200] {
            assert_eq!(orders(sample::orders(seed, rows)).len(), rows);
        }
        for days in [0, 1, 365] {
            assert!(prices(sample::prices(seed, days)).len() >= usize::from(days) * 7);
        }
    }
    assert_ne!(sample::orders(1, 20), sample::orders(2, 20));
}
