//! The crate as its users see it.

mod dirty_orders;
mod dirty_prices;
mod every_row_counts;
mod real_files;
mod rejects_file;
mod sample_files;
mod unusable_files;

use granary_import::{Format, Reject, Source, Summary, Verdict, scms, xinfadi};

/// The verdicts on a file of orders in memory.
fn orders(file: impl AsRef<[u8]>) -> Vec<Verdict<Box<scms::Row>>> {
    let source = Source::from_read(file.as_ref(), None, Format::Scms).expect("a file of orders");
    scms::Rows::new(source).map(|verdict| verdict.expect("bytes in memory")).collect()
}

/// The verdicts on a file of prices in memory.
fn prices(file: impl AsRef<[u8]>) -> Vec<Verdict<xinfadi::Observation>> {
    let source = Source::from_read(file.as_ref(), None, Format::Xinfadi).expect("a file of prices");
    xinfadi::Rows::new(source).map(|verdict| verdict.expect("bytes in memory")).collect()
}

fn summary<T>(verdicts: &[Verdict<T>]) -> Summary {
    let mut summary = Summary::default();
    verdicts.iter().for_each(|verdict| summary.count(verdict));
    summary
}

/// One word for what became of a row: `kept`, or the code of its reason.
fn word<T>(verdict: &Verdict<T>) -> &'static str {
    match verdict {
        Verdict::Kept { .. } => "kept",
        Verdict::Quarantined { reason, .. } => reason.code(),
        Verdict::Rejected(reject) => reject.reason.code(),
    }
}

fn rejected<T>(verdict: &Verdict<T>) -> &Reject {
    match verdict {
        Verdict::Rejected(reject) => reject,
        Verdict::Kept { .. } | Verdict::Quarantined { .. } => panic!("expected a rejected row"),
    }
}

fn note_codes<T>(verdict: &Verdict<T>) -> Vec<&'static str> {
    match verdict {
        Verdict::Kept { notes, .. } | Verdict::Quarantined { notes, .. } => {
            notes.iter().map(granary_import::Note::code).collect()
        }
        Verdict::Rejected(_) => vec![],
    }
}
