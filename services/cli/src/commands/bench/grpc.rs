//! `granary bench grpc`: callers and node share the machine.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use granary_proto::statement::v1::{
    self as pb, reply::Outcome, statement_service_client::StatementServiceClient,
    submit_stream_response,
};
use hdrhistogram::Histogram;
use serde_json::json;
use tokio::sync::oneshot;
use tokio_stream::StreamExt;
use tonic::transport::Channel;

use super::{GrpcArgs, Row, cpu_ms, fixture::Fixture, skeleton};

/// Connections that unary callers share: four were measured faster than one or 64.
const CONNECTIONS: usize = 4;
/// Statements signed beforehand for each second of a part; a part that uses them up ends early.
const SIGNED_PER_SECOND: u64 = 16_000;
/// Statements of one stream in flight.
const STREAM_IN_FLIGHT: usize = 512;

type Shared = Arc<Vec<Vec<u8>>>;

/// What a part came to.
struct Measured {
    statements: u64,
    took: Duration,
    cpu_ms: u64,
    waits: Histogram<u64>,
}

pub(super) fn run(args: &GrpcArgs) -> anyhow::Result<Vec<Row>> {
    let temporary = tempfile::tempdir()?;
    let dir = args.dir.clone().unwrap_or_else(|| temporary.path().to_owned());
    std::fs::create_dir_all(&dir)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure(args, &dir))
}

async fn measure(args: &GrpcArgs, dir: &std::path::Path) -> anyhow::Result<Vec<Row>> {
    let fixture = Fixture::new(&dir.join("node"), args.store)?;
    let count = args.seconds * SIGNED_PER_SECOND;
    let mut first = 0;
    let mut singles = || {
        first += count;
        Arc::new(fixture.singles(first - count, count))
    };
    let (unary, streamed) = (singles(), singles());
    let (unary_again, streamed_again) = (Arc::clone(&unary), Arc::clone(&streamed));
    let tens = Arc::new(fixture.batches(first, count / 8, 10));
    let hundreds = Arc::new(fixture.batches(2 * first, count / 50, 100));

    let (stop, stopped) = oneshot::channel();
    let (address, server) =
        skeleton::serve(&dir.join("skeleton"), &fixture.origin, stopped).await?;
    let skeleton_unary = callers(address, unary_again, args).await?;
    let skeleton_stream = streams(address, streamed_again, args).await?;
    drop(stop);
    server.await??;

    let node = granary_node::start(&fixture.config).await?;
    let address = node.address;
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(node.run(async move { drop(stopped.await) }));
    let node_unary = callers(address, unary, args).await?;
    let node_stream = streams(address, streamed, args).await?;
    let node_tens = streams(address, tens, args).await?;
    let node_hundreds = streams(address, hundreds, args).await?;
    drop(stop);
    let ended = running.await?;
    anyhow::ensure!(ended.is_clean(), "the node ended otherwise than asked: {ended:?}");
    Ok(vec![
        row(format!("skeleton, unary, {} callers", args.callers), &skeleton_unary, 1, None),
        row(
            format!("node, unary, {} callers", args.callers),
            &node_unary,
            1,
            Some(&skeleton_unary),
        ),
        row(format!("skeleton, {} streams", args.streams), &skeleton_stream, 1, None),
        row(format!("node, {} streams", args.streams), &node_stream, 1, Some(&skeleton_stream)),
        row(format!("node, {} streams, batches of 10", args.streams), &node_tens, 10, None),
        row(format!("node, {} streams, batches of 100", args.streams), &node_hundreds, 100, None),
    ])
}

fn rate(measured: &Measured) -> f64 {
    measured.statements as f64 / measured.took.as_secs_f64().max(f64::MIN_POSITIVE)
}

fn row(name: String, measured: &Measured, commands: u64, beside: Option<&Measured>) -> Row {
    let per_second = rate(measured).round();
    let ms = |quantile| measured.waits.value_at_quantile(quantile) as f64 / 1_000.0;
    let mut figures = vec![
        ("statements_per_second", json!(per_second)),
        ("p50_ms", json!(ms(0.50))),
        ("p99_ms", json!(ms(0.99))),
        ("p999_ms", json!(ms(0.999))),
        ("cpu_us_per_statement", json!(measured.cpu_ms * 1_000 / measured.statements.max(1))),
    ];
    if commands > 1 {
        figures.insert(1, ("commands_per_second", json!(per_second * commands as f64)));
    }
    if let Some(beside) = beside {
        figures
            .push(("of_skeleton", json!((rate(measured) / rate(beside) * 100.0).round() / 100.0)));
    }
    (name, figures)
}

async fn connect(address: SocketAddr) -> anyhow::Result<StatementServiceClient<Channel>> {
    let channel = Channel::from_shared(format!("http://{address}"))?
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(8 << 20)
        .tcp_nodelay(true)
        .connect()
        .await?;
    Ok(StatementServiceClient::new(channel))
}

fn new_waits() -> Histogram<u64> {
    // Microseconds up to a minute.
    Histogram::new_with_bounds(1, 60_000_000, 3).expect("bounds that are in order")
}

/// Each caller sends one statement, waits for its answer, and sends the next.
async fn callers(
    address: SocketAddr,
    statements: Shared,
    args: &GrpcArgs,
) -> anyhow::Result<Measured> {
    let next = Arc::new(AtomicUsize::new(0));
    let waits = Arc::new(Mutex::new(new_waits()));
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(connect(address).await?);
    }
    let (started, cpu) = (Instant::now(), cpu_ms());
    let until = started + Duration::from_secs(args.seconds);
    let mut running = Vec::new();
    for n in 0..args.callers {
        let mut client = clients[n % CONNECTIONS].clone();
        let (next, statements, waits) =
            (Arc::clone(&next), Arc::clone(&statements), Arc::clone(&waits));
        running.push(tokio::spawn(async move {
            let mut mine = new_waits();
            while Instant::now() < until {
                let Some(bytes) = statements.get(next.fetch_add(1, Ordering::Relaxed)) else {
                    break;
                };
                let statement = bytes.clone().into();
                let began = Instant::now();
                let request = pb::SubmitRequest { statement, ..pb::SubmitRequest::default() };
                let reply = client.submit(request).await?.into_inner();
                expect_accepted(&reply)?;
                mine.record(micros(began.elapsed()))?;
            }
            waits.lock().unwrap_or_else(PoisonError::into_inner).add(&mine)?;
            anyhow::Ok(mine.len())
        }));
    }
    let mut done = 0;
    for caller in running {
        done += caller.await??;
    }
    let took = started.elapsed();
    let waits = waits.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(Measured { statements: done, took, cpu_ms: cpu_ms() - cpu, waits })
}

fn micros(wait: Duration) -> u64 {
    u64::try_from(wait.as_micros()).unwrap_or(u64::MAX).max(1)
}

/// The skeleton decides nothing, so it answers without an outcome.
fn expect_accepted(reply: &pb::Reply) -> anyhow::Result<()> {
    match &reply.outcome {
        None | Some(Outcome::Accepted(_)) => Ok(()),
        Some(other) => anyhow::bail!("a statement of the measurement was not accepted: {other:?}"),
    }
}

/// Each stream keeps a bounded number of statements in flight.
async fn streams(
    address: SocketAddr,
    statements: Shared,
    args: &GrpcArgs,
) -> anyhow::Result<Measured> {
    let next = Arc::new(AtomicUsize::new(0));
    let (started, cpu) = (Instant::now(), cpu_ms());
    let until = started + Duration::from_secs(args.seconds);
    let mut running = Vec::new();
    for _ in 0..args.streams {
        let client = connect(address).await?;
        let (next, statements) = (Arc::clone(&next), Arc::clone(&statements));
        running.push(tokio::spawn(one_stream(client, next, statements, until)));
    }
    let mut waits = new_waits();
    for stream in running {
        waits.add(stream.await??)?;
    }
    let took = started.elapsed();
    Ok(Measured { statements: waits.len(), took, cpu_ms: cpu_ms() - cpu, waits })
}

async fn one_stream(
    mut client: StatementServiceClient<Channel>,
    next: Arc<AtomicUsize>,
    statements: Shared,
    until: Instant,
) -> anyhow::Result<Histogram<u64>> {
    let (sending, sent) = tokio::sync::mpsc::channel::<Instant>(STREAM_IN_FLIGHT);
    let (requests, outgoing) = tokio::sync::mpsc::channel(1);
    tokio::spawn(async move {
        while Instant::now() < until {
            let Some(bytes) = statements.get(next.fetch_add(1, Ordering::Relaxed)) else { return };
            let request = pb::SubmitRequest {
                statement: bytes.clone().into(),
                ..pb::SubmitRequest::default()
            };
            // The bound of this channel is the bound of what is in flight.
            if sending.send(Instant::now()).await.is_err() || requests.send(request).await.is_err()
            {
                return;
            }
        }
    });
    let mut sent = sent;
    let outgoing = tokio_stream::wrappers::ReceiverStream::new(outgoing);
    let mut answers = client.submit_stream(outgoing).await?.into_inner();
    let mut waits = new_waits();
    while let Some(answer) = answers.next().await {
        match answer?.result {
            Some(submit_stream_response::Result::Reply(reply)) => expect_accepted(&reply)?,
            other => anyhow::bail!("a statement of the measurement failed: {other:?}"),
        }
        if let Some(began) = sent.recv().await {
            waits.record(micros(began.elapsed()))?;
        }
    }
    Ok(waits)
}
