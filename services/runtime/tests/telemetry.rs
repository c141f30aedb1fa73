//! The metrics listener as Prometheus and Kubernetes see it: over a socket.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::time::Duration;

use granary_runtime::config::{Config, LogFormat};
use granary_runtime::supervise::{Cause, Supervisor};
use granary_runtime::telemetry::{Health, MetricsServer, init_metrics, init_tracing, names};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Status line and body, by hand: no client of ours takes part.
async fn get(address: SocketAddr, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: node\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    tokio::time::timeout(Duration::from_secs(5), read).await.unwrap().unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned())
}

#[tokio::test]
async fn watchers_see_metrics_life_and_readiness_until_the_node_stops() {
    let health = Health::new();
    let handle = init_metrics().unwrap();
    assert!(init_metrics().is_err(), "once per process");
    let any_port = "127.0.0.1:0".parse().unwrap();
    let server = MetricsServer::bind(any_port, handle, health.clone()).await.unwrap();
    let address = server.local_addr().unwrap();

    let mut supervisor = Supervisor::new();
    supervisor.spawn("metrics", |stop| async move { Ok(server.serve(stop).await?) });
    let (asked, ask) = tokio::sync::oneshot::channel::<()>();
    let node = tokio::spawn(supervisor.run(
        async {
            let _ = ask.await;
        },
        Duration::from_secs(5),
    ));

    assert_eq!(get(address, "/livez").await, ("HTTP/1.1 200 OK".into(), "live\n".into()));
    let state = health.condition("state");
    let starting = ("HTTP/1.1 503 Service Unavailable".into(), "state: starting\n".into());
    assert_eq!(get(address, "/readyz").await, starting);
    state.holds();
    assert_eq!(get(address, "/readyz").await, ("HTTP/1.1 200 OK".into(), "ready\n".into()));
    assert_eq!(get(address, "/other").await.0, "HTTP/1.1 404 Not Found");

    metrics::counter!(names::STATEMENTS, "outcome" => "accepted").increment(3);
    metrics::histogram!(names::SYNC_SECONDS).record(0.000_4);
    let (status, text) = get(address, "/metrics").await;
    assert_eq!(status, "HTTP/1.1 200 OK");
    for line in [
        "# HELP granary_statements_total Statements applied, by outcome",
        "# TYPE granary_statements_total counter",
        "granary_statements_total{outcome=\"accepted\"} 3",
        "granary_sync_seconds_bucket{le=\"0.0005\"} 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
    }

    asked.send(()).unwrap();
    let end = node.await.unwrap();
    assert_eq!(end.cause, Cause::Requested);
    assert!(end.is_clean(), "{end:?}");
    assert!(TcpStream::connect(address).await.is_err(), "the port is free again");
}

#[test]
fn a_log_filter_that_is_none_is_named_and_tracing_starts_once() {
    let config = Config { log_format: LogFormat::Json, ..Config::default() };
    let loud = Config { log_level: "granary=loud".to_owned(), ..config.clone() };
    assert_eq!(
        init_tracing(&loud).unwrap_err().to_string(),
        "log level `granary=loud` can't be used"
    );
    init_tracing(&config).unwrap();
    assert_eq!(init_tracing(&config).unwrap_err().to_string(), "telemetry is set up already");
}
