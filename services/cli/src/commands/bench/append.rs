//! `granary bench append`: the log alone; the log with book and store.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use granary_log::{
    chain::ChainHead,
    entry::{Entry, EntryResult, EventBytes, ItemOutcome, Outcome, Recorded},
    segment::{RecoverOptions, Scan, SegmentSize, SegmentWriter, recover},
    signature::Verdict,
    statement::{Statement, digest_of},
};
use granary_runtime::{
    apply::Journal,
    files::FileStorage,
    journal::SegmentJournal,
    sequence::{Checked, Record},
};
use serde_json::json;

use super::{AppendArgs, Row, bytes_below, cpu_ms, fixture::Fixture, resident_mib};

/// Entries of a group, as the apply thread makes them under load.
const GROUP: usize = 1_024;

pub(super) fn run(args: &AppendArgs) -> anyhow::Result<Vec<Row>> {
    let temporary = tempfile::tempdir()?;
    let dir = args.dir.clone().unwrap_or_else(|| temporary.path().to_owned());
    std::fs::create_dir_all(&dir)?;
    let fixture = Fixture::new(&dir.join("node"), args.store)?;
    let statements = fixture.singles(0, args.statements);
    let bytes = statements.first().map_or(0, Vec::len);
    let log = log_only(&dir.join("log-only"), &fixture.origin, &statements)?;
    let whole = with_book(&fixture, statements)?;
    Ok(vec![
        (format!("log only, {bytes}-byte statements"), log),
        (format!("with book and {:?}", args.store), whole),
    ])
}

/// Codec, hash, segment, sync: everything the log does for an accepted statement.
fn log_only(
    dir: &std::path::Path,
    origin: &str,
    statements: &[Vec<u8>],
) -> anyhow::Result<Vec<(&'static str, serde_json::Value)>> {
    let storage = FileStorage::open(dir)?;
    let options = RecoverOptions { scan: Scan::Everything, cut_damaged_tail: false };
    let recovered = recover(&storage, origin, options)?;
    let writer = SegmentWriter::open(storage, recovered, SegmentSize::default())?;
    let (mut journal, _) = SegmentJournal::new(writer)?;
    let mut head = ChainHead::genesis(origin);
    let event = EventBytes {
        type_name: "granary.parties.v1.PartyRegistered".to_owned(),
        body: vec![7; 210],
    };
    let (started, cpu) = (Instant::now(), cpu_ms());
    let mut slowest = Duration::ZERO;
    for group in statements.chunks(GROUP) {
        let began = Instant::now();
        let mut sealed = Vec::with_capacity(group.len());
        for statement in group {
            let entry = Entry {
                index: head.size,
                prev_leaf_hash: head.last_leaf_hash,
                time_ms: 1_700_000_000_000,
                rules: 1,
                epoch: 0,
                offset: head.size,
                statement: Recorded::Full(statement.clone()),
                result: EntryResult {
                    clock_events: Vec::new(),
                    outcome: Outcome::Accepted(vec![ItemOutcome::Events(vec![event.clone()])]),
                },
            };
            let entry = entry.seal()?;
            head.advance(&entry.link(), entry.leaf_hash())?;
            sealed.push(entry);
        }
        journal.append_group(&sealed)?;
        slowest = slowest.max(began.elapsed());
    }
    let took = started.elapsed();
    Ok(figures(
        statements.len(),
        took,
        cpu_ms() - cpu,
        &[
            ("slowest_group_ms", json!(slowest.as_millis())),
            ("bytes_per_statement", json!(per(bytes_below(dir)?, statements.len()))),
        ],
    ))
}

/// The apply thread as a node runs it, with projections and both stores; signatures are checked before the
/// clock starts, since a node checks them before the apply thread.
fn with_book(
    fixture: &Fixture,
    statements: Vec<Vec<u8>>,
) -> anyhow::Result<Vec<(&'static str, serde_json::Value)>> {
    let count = statements.len();
    let records: Vec<Record> = statements
        .into_iter()
        .map(|bytes| {
            let statement = Statement::decode(&bytes).expect("made a moment ago");
            let verdicts = vec![Verdict::Valid; statement.signatures.len()];
            let digest = digest_of(&bytes);
            Record { bytes, digest, checked: Some(Box::new(Checked { statement, verdicts })) }
        })
        .collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let node = granary_node::start(&fixture.config).await?;
        let chain = Arc::clone(&node.chain);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let running = tokio::spawn(node.run(async move { drop(stopped.await) }));
        let (started, cpu) = (Instant::now(), cpu_ms());
        for record in records {
            chain.sequencer.append(record)?;
        }
        let size = count as u64 + 1;
        while chain.states.book.head().size < size {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let took = started.elapsed();
        let used = cpu_ms() - cpu;
        let resident = resident_mib();
        drop(stop);
        let ended = running.await?;
        anyhow::ensure!(ended.is_clean(), "the node ended otherwise than asked: {ended:?}");
        Ok(figures(
            count,
            took,
            used,
            &[
                ("resident_mib", json!(resident)),
                ("disk_bytes_per_statement", json!(per(bytes_below(&fixture.config.dir)?, count))),
            ],
        ))
    })
}

fn per(total: u64, count: usize) -> u64 {
    total / (count as u64).max(1)
}

fn figures(
    count: usize,
    took: Duration,
    cpu_ms: u64,
    more: &[(&'static str, serde_json::Value)],
) -> Vec<(&'static str, serde_json::Value)> {
    let per_second = (count as u128 * 1_000_000_000) / took.as_nanos().max(1);
    let mut figures = vec![
        ("statements", json!(count)),
        ("per_second", json!(u64::try_from(per_second).unwrap_or(u64::MAX))),
        ("cpu_us_per_statement", json!(per(cpu_ms * 1_000, count))),
    ];
    figures.extend_from_slice(more);
    figures
}
