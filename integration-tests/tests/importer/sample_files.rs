//! The shipped samples: counts, what stands on the chain, runs that are repeated or broken off.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use granary_book::{
    orders::{OrderPlaced, Phrase, StatedTime},
    shipments::{ShipmentDelivered, ShipmentLoaded},
    wire::Message,
};
use granary_import::{Format, Source, Summary, scms, xinfadi};
use granary_importer::{ImportError, Trade, dry_run};

use crate::node::{Running, running};

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../services/import/sample").join(name)
}

/// What the reader alone makes of a sample.
fn read(trade: Trade, file: &Path) -> Summary {
    let mut summary = Summary::default();
    match trade {
        Trade::Orders => {
            let source = Source::open(file, Format::Scms).expect("orders");
            scms::Rows::new(source).for_each(|row| summary.count(&row.expect("readable")));
        }
        Trade::Prices => {
            let source = Source::open(file, Format::Xinfadi).expect("prices");
            xinfadi::Rows::new(source).for_each(|row| summary.count(&row.expect("readable")));
        }
    }
    summary
}

fn decoded<M: Message>(story: &BTreeMap<String, Vec<Vec<u8>>>) -> Vec<M> {
    story[M::NAME].iter().map(|body| M::decode(body).expect("the book's own")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_kept_is_placed_shipped_and_delivered_once_and_a_second_run_adds_nothing() {
    let file = sample("orders.csv");
    let expected = read(Trade::Orders, &file);
    let running = running().await;
    let report = running.import(Trade::Orders, &file).await;
    assert_eq!((report.rows, report.imported), (expected.rows(), expected.kept()), "{report}");
    assert_eq!(report.rejected(), expected.rejected(), "{report}");
    assert!(!report.changed_nothing() && report.parties_made > 2 && report.commodities_made > 1);
    let story = running.story();
    let placed: Vec<OrderPlaced> = decoded(&story);
    let delivered: Vec<ShipmentDelivered> = decoded(&story);
    assert_eq!(placed.len() as u64, expected.kept());
    assert_eq!(delivered.len() as u64, expected.kept());
    let loaded: Vec<ShipmentLoaded> = decoded(&story);
    // What the file says of row 1001, and of 1004 that points to it.
    let source = placed[0].source.as_ref().expect("imported");
    assert_eq!(source.key.as_str(), "SCMS:1001");
    assert_eq!(source.ordered, StatedTime::phrase(Phrase::DateNotCaptured));
    assert_eq!(loaded[0].loaded, StatedTime::phrase(Phrase::NotStated));
    let elsewhere = loaded[1].weight.as_ref().expect("stated");
    assert_eq!(elsewhere.phrase, Some(Phrase::SeeOtherRecord));
    assert_eq!(elsewhere.record.as_ref().expect("which").as_str(), "SCMS:1001");
    assert_eq!(delivered[0].delivered, StatedTime::on("2025-04-06".parse().expect("a day")));

    let (entries, keys) = (running.entries(), running.keys());
    let again = running.import(Trade::Orders, &file).await;
    assert!(again.changed_nothing(), "{again}");
    assert!(again.to_string().contains("nothing to do"), "{again}");
    assert_eq!(
        (again.rows, again.imported, again.rejected()),
        (report.rows, report.imported, report.rejected())
    );
    assert_eq!((running.entries(), running.keys()), (entries, keys.clone()));
    running.lose_journals();
    let without = running.import(Trade::Orders, &file).await;
    assert!(without.changed_nothing(), "the chain knows what the journal doesn't: {without}");
    assert_eq!((running.entries(), running.keys()), (entries, keys));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_price_is_accepted_quarantined_or_rejected_with_its_reason() {
    let file = sample("prices.csv");
    let expected = read(Trade::Prices, &file);
    let running = running().await;
    let report = running.import(Trade::Prices, &file).await;
    assert_eq!(report.rows, expected.rows(), "{report}");
    let deviating = report.quarantined.get("DEVIATION").copied().unwrap_or_default();
    assert_eq!(report.imported + deviating, expected.kept(), "{report}");
    for (code, count) in expected.quarantined_by_code() {
        assert_eq!(report.quarantined.get(*code), Some(count), "{code}");
    }
    for (code, count) in expected.rejected_by_code() {
        assert_eq!(report.rejected.get(*code), Some(count), "{code}");
    }
    let story = running.story();
    let count = |kind: &str| story.get(kind).map_or(0, |events| events.len() as u64);
    assert_eq!(count("granary.prices.v1.PriceObserved"), expected.kept());
    assert_eq!(count("granary.prices.v1.PriceAccepted"), report.imported);
    assert_eq!(count("granary.prices.v1.PriceQuarantined"), deviating);
    // Set aside by the reader, with line and reason: all that isn't on the chain.
    let rejects = std::fs::read_to_string(running.rejects()).expect("written");
    let set_aside = expected.quarantined() + expected.rejected();
    assert_eq!(rejects.lines().count() as u64, 1 + set_aside, "{rejects}");

    let entries = running.entries();
    let again = running.import(Trade::Prices, &file).await;
    assert!(again.changed_nothing(), "{again}");
    assert_eq!((again.imported, again.quarantined), (report.imported, report.quarantined));
    assert_eq!(running.entries(), entries);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_broken_off_and_run_again_ends_as_one_left_alone() {
    for (trade, name) in [(Trade::Orders, "orders.csv"), (Trade::Prices, "prices.csv")] {
        let file = sample(name);
        let left_alone = running().await;
        let report = left_alone.import(trade, &file).await;
        let broken_off = running().await;
        for (rows, lose) in [(1, false), (20, true), (41, false)] {
            broken_off.import_until(trade, &file, rows).await;
            if lose {
                broken_off.lose_journals();
            }
        }
        let resumed = broken_off.import(trade, &file).await;
        assert_eq!(resumed.imported, report.imported, "{name}: {resumed}");
        assert_eq!(resumed.quarantined, report.quarantined, "{name}");
        assert_eq!(resumed.rejected, report.rejected, "{name}");
        assert_eq!(broken_off.keys(), left_alone.keys(), "{name}");
        assert_same_story(&broken_off, &left_alone);
        broken_off.stop().await;
        left_alone.stop().await;
    }
}

/// The same orders, shipments, deliveries and prices, each once, with the same ids and words.
fn assert_same_story(one: &Running, other: &Running) {
    let (one, other) = (one.story(), other.story());
    assert!(one.keys().eq(other.keys()), "{:?} and {:?}", one.keys(), other.keys());
    for (kind, events) in &one {
        assert!(!events.is_empty());
        assert_eq!(events, &other[kind], "{kind}");
    }
}

#[test]
fn a_dry_run_counts_what_an_import_would_send() {
    for (trade, name) in [(Trade::Orders, "orders.csv"), (Trade::Prices, "prices.csv")] {
        let file = sample(name);
        let expected = read(trade, &file);
        let report = dry_run(trade, &file, None, &mut |_| {}).expect("readable");
        assert_eq!((report.rows, report.imported), (expected.rows(), expected.kept()));
        assert_eq!(report.quarantined(), expected.quarantined());
        assert!(report.dry_run && report.entries_appended == 0 && report.parties_made > 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_imported_is_said_and_changes_nothing() {
    let running = running().await;
    let dir = tempfile::tempdir().expect("a directory");
    let pdf = dir.path().join("orders.csv");
    std::fs::write(&pdf, b"%PDF-1.7\n").expect("written");
    let error = running.fails(Trade::Orders, &running.job(&pdf)).await.to_string();
    assert!(error.contains("PDF"), "{error}");
    let error = running.fails(Trade::Orders, &running.job(&dir.path().join("none.csv"))).await;
    assert!(error.to_string().contains("no such file"), "{error}");
    let error = running.fails(Trade::Orders, &running.job(&sample("prices.csv"))).await;
    assert!(error.to_string().contains("granary import prices"), "{error}");
    let mut stranger = running.job(&sample("orders.csv"));
    stranger.registrar_key = granary_log::signature::SigningKey::from_bytes(&[99; 32]);
    let error = running.fails(Trade::Orders, &stranger).await;
    assert!(
        matches!(&error, ImportError::NotTaken { reason, .. } if reason == "KEY_UNKNOWN"),
        "{error}"
    );
    assert_eq!(running.entries(), 1, "only the genesis");
    running.stop().await;
}
