//! `granary bench verify`: hashes and tree over all cores; and with signatures, beside as many bare checks of
//! signatures.

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use granary_log::{
    chain::ChainHead,
    checkpoint::Checkpoint,
    entry::{Entry, EntryResult, EventBytes, ItemOutcome, Outcome, Recorded},
    note::SignerKey,
    segment::{RecoverOptions, Scan, SegmentReader, recover},
    signature::{KeyCache, SigningKey, Verdict},
    statement::{Signature, Statement},
    tile::{TileBuilder, TileFile},
};
use granary_runtime::{
    chain::chain_dir,
    files::FileStorage,
    store::StoreKind,
    verify::{Checks, Kept, Source, verify},
};
use serde_json::{Value, json};

use super::{Row, VerifyArgs, fixture::Fixture, peak_mib};

/// The founding's fifth secret is the log's.
const LOG_SEED: [u8; 32] = [5; 32];

/// Statements that are signed; a longer log repeats them, which no check of the log alone can mind.
const DISTINCT: u64 = 20_000;

pub(super) fn run(args: &VerifyArgs) -> anyhow::Result<Vec<Row>> {
    let temporary = tempfile::tempdir()?;
    let dir = args.dir.clone().unwrap_or_else(|| temporary.path().to_owned());
    let fixture = Fixture::new(&dir.join("node"), StoreKind::Redb)?;
    let statements = fixture.singles(0, DISTINCT);
    let genesis = genesis(&fixture)?;

    let plain = dir.join("plain");
    write_log(&plain, &fixture.origin, &genesis, &statements, args.entries)?;
    let hashed = measure(&plain, args.entries, Checks::default())?;
    fs::remove_dir_all(&plain)?;

    let signed = dir.join("signed");
    write_log(&signed, &fixture.origin, &genesis, &statements, args.signed)?;
    let checks = Checks { signatures: true, replay: false };
    let checked = measure(&signed, args.signed, checks)?;
    fs::remove_dir_all(&signed)?;
    let bare = bare_signatures(&statements, args.signed)?;

    let cores = thread::available_parallelism().map_or(1, usize::from);
    let share = |of: Duration| 100 * of.as_micros() / checked.as_micros().max(1);
    Ok(vec![
        (format!("hashes and tree, {cores} cores"), figures(args.entries, hashed, &[])),
        (
            format!("with signatures, {cores} cores"),
            figures(args.signed, checked, &[("percent_of_bare", json!(share(bare)))]),
        ),
        (format!("bare verify_strict, {cores} cores"), figures(args.signed, bare, &[])),
    ])
}

fn figures(
    count: u64,
    took: Duration,
    more: &[(&'static str, Value)],
) -> Vec<(&'static str, Value)> {
    let per_second = u128::from(count) * 1_000_000_000 / took.as_nanos().max(1);
    let mut figures = vec![
        ("entries", json!(count)),
        ("per_second", json!(u64::try_from(per_second).unwrap_or(u64::MAX))),
        ("peak_mib", json!(peak_mib())),
    ];
    figures.extend_from_slice(more);
    figures
}

/// The first entry of the founded chain.
fn genesis(fixture: &Fixture) -> anyhow::Result<Vec<u8>> {
    let place = chain_dir(&fixture.config.dir, &fixture.config.chain);
    let storage = FileStorage::read_only(&place.join("log"));
    let options = RecoverOptions { scan: Scan::Everything, cut_damaged_tail: false };
    let recovered = recover(&storage, &fixture.origin, options)?;
    let mut reader = SegmentReader::new(&storage, &recovered.index, 0, 1);
    let first = reader.next().ok_or_else(|| anyhow::anyhow!("a founded chain has an entry"))??;
    Ok(first.bytes)
}

/// Writes a log as tiles, with its checkpoint and key.
fn write_log(
    dir: &Path,
    origin: &str,
    genesis: &[u8],
    statements: &[Vec<u8>],
    count: u64,
) -> anyhow::Result<()> {
    let event = EventBytes {
        type_name: "granary.parties.v1.PartyRegistered".to_owned(),
        body: vec![7; 210],
    };
    let put = |file: TileFile| -> std::io::Result<()> {
        let path = dir.join(file.tile.to_string());
        fs::create_dir_all(path.parent().unwrap_or(dir))?;
        fs::write(path, file.bytes)
    };
    let first = Entry::decode(genesis)?.seal()?;
    let mut head = ChainHead::genesis(origin);
    head.advance(&first.link(), first.leaf_hash())?;
    let mut builder = TileBuilder::new();
    let mut full = Vec::new();
    builder.push(genesis, |file| full.push(file))?;
    for statement in statements.iter().cycle().take(usize::try_from(count.saturating_sub(1))?) {
        let entry = Entry {
            index: head.size,
            prev_leaf_hash: head.last_leaf_hash,
            time_ms: head.last_time_ms,
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
        builder.push(entry.bytes(), |file| full.push(file))?;
        full.drain(..).try_for_each(&put)?;
    }
    builder.partial().try_for_each(&put)?;
    let key = SignerKey::new(origin, SigningKey::from_bytes(&LOG_SEED))?;
    let note = Checkpoint::new(origin, builder.size(), builder.root())?.sign(&key)?;
    fs::write(dir.join("checkpoint"), note.to_string())?;
    fs::write(dir.join("vkey"), format!("{}\n", key.verifier()))?;
    Ok(())
}

/// How long the verification of a right log takes.
fn measure(dir: &Path, count: u64, checks: Checks) -> anyhow::Result<Duration> {
    let source = Source::Tiles(dir.to_owned());
    let started = Instant::now();
    let report = verify(&source, &Kept::default(), checks, &mut |_| (), &|_, _| {})?;
    let took = started.elapsed();
    anyhow::ensure!(
        report.is_good(),
        "the log made for this is right: {:?}",
        report.faults.first()
    );
    anyhow::ensure!(report.summary.proved == count, "all of it is proved");
    Ok(took)
}

/// How long it takes to check that many signatures with parsed keys and do nothing else, on all cores.
fn bare_signatures(statements: &[Vec<u8>], count: u64) -> anyhow::Result<Duration> {
    let signed = statements.iter().map(|bytes| {
        let statement = Statement::decode(bytes)?;
        Ok((statement.signing_bytes(), statement.signatures))
    });
    let signed: Vec<(Vec<u8>, Vec<Signature>)> = signed.collect::<anyhow::Result<_>>()?;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let share = usize::try_from(count)? / cores;
    let started = Instant::now();
    let all_valid = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores)
            .map(|_| {
                scope.spawn(|| {
                    let mut keys = KeyCache::new(2);
                    signed.iter().cycle().take(share).all(|(bytes, signatures)| {
                        let verdicts = keys.check_over(bytes, signatures);
                        verdicts.iter().all(|verdict| *verdict == Verdict::Valid)
                    })
                })
            })
            .collect();
        workers.into_iter().all(|worker| worker.join().unwrap_or(false))
    });
    anyhow::ensure!(all_valid, "the statements made for this are signed");
    Ok(started.elapsed())
}
