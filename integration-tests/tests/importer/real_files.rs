//! The real files, where they are at hand: every row, through a node's doors.

use std::{
    env,
    path::{Path, PathBuf},
};

use granary_importer::{Report, Trade};

use crate::node::running;

/// Names the directory that holds the real files.
const SHARED_DATA: &str = "GRANARY_SHARED_DATA";

/// The file, or nothing and a word about it where the data is absent.
fn real(name: &str) -> Option<PathBuf> {
    let beside_the_project = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let directory = env::var_os(SHARED_DATA).map_or_else(beside_the_project, PathBuf::from);
    let path = directory.join(name);
    if !path.is_file() {
        eprintln!("SKIPPED: {name} is not here; set {SHARED_DATA} to the directory of real data");
        return None;
    }
    Some(path)
}

fn told(report: Report) -> Report {
    eprintln!("{report}");
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn the_delivery_history_is_imported_whole() {
    let Some(file) = real("scms_delivery/scms_delivery_history.csv") else { return };
    let running = running().await;
    let report = told(running.import(Trade::Orders, &file).await);
    assert_eq!((report.rows, report.imported, report.rejected()), (10_324, 10_298, 26));
    let story = running.story();
    for kind in ["orders.v1.OrderPlaced", "shipments.v1.ShipmentDelivered"] {
        assert_eq!(story[&format!("granary.{kind}")].len(), 10_298, "{kind}");
    }
    let again = told(running.import(Trade::Orders, &file).await);
    assert!(again.changed_nothing());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_market_prices_are_imported_whole() {
    let Some(file) = real("xinfadi_vegetables/xinfadi_vegetables_2013-06_2015-06.csv") else {
        return;
    };
    let running = running().await;
    let report = told(running.import(Trade::Prices, &file).await);
    let deviating = report.quarantined["DEVIATION"];
    assert_eq!((report.rows, report.imported + deviating), (78_168, 74_790));
    assert_eq!((report.quarantined() - deviating, report.rejected()), (88, 3_290));
    let again = told(running.import(Trade::Prices, &file).await);
    assert!(again.changed_nothing());
    running.stop().await;
}
