//! What a node tells about itself: log lines, metrics, health.
//!
//! Nothing personal and no price goes into either: spans and labels name things by kind, index
//! and outcome.

mod health;
mod http;
pub mod names;

use std::{
    io::IsTerminal as _,
    sync::{Mutex, PoisonError},
};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

pub use self::health::{Condition, Health};
pub use self::http::MetricsServer;
use crate::config::{Config, LogFormat};

/// Buckets of every histogram of seconds: from a cache hit to a disk that hangs.
const SECONDS_BUCKETS: [f64; 15] = [
    0.000_01, 0.000_05, 0.000_1, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0,
    5.0, 30.0,
];

/// Buckets of every other histogram: batch sizes.
const COUNT_BUCKETS: [f64; 11] =
    [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1_024.0];

/// Why telemetry couldn't be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `log_level` isn't a filter.
    #[error("log level `{level}` can't be used")]
    Filter {
        /// The setting.
        level: String,
        /// What is wrong with it.
        #[source]
        source: tracing_subscriber::filter::ParseError,
    },
    /// A second call in one process.
    #[error("telemetry is set up already")]
    Twice,
}

/// Sends log lines to standard error from here on, as `log_level` and `log_format` say. Once
/// per process.
///
/// # Errors
///
/// [`TelemetryError`].
pub fn init_tracing(config: &Config) -> Result<(), TelemetryError> {
    let filter = EnvFilter::builder()
        .parse(&config.log_level)
        .map_err(|source| TelemetryError::Filter { level: config.log_level.clone(), source })?;
    // Written in the caller's thread: a line is out before the process can abort.
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let started = match config.log_format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(|_| TelemetryError::Twice)
}

/// A count as metrics have it: exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "metrics are floating-point numbers")]
pub fn in_metrics(count: u64) -> f64 {
    count as f64
}

/// The metrics of this process: counting begins with the first call.
///
/// # Errors
///
/// [`TelemetryError::Twice`] if something else in the process counts already.
pub fn metrics_of_process() -> Result<PrometheusHandle, TelemetryError> {
    static HANDLE: Mutex<Option<PrometheusHandle>> = Mutex::new(None);
    let mut handle = HANDLE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = handle.as_ref() {
        return Ok(handle.clone());
    }
    Ok(handle.insert(init_metrics()?).clone())
}

/// Starts counting: the `metrics` macros of this process record from here on, and the handle
/// gives what they recorded in Prometheus's text form. Once per process.
///
/// # Errors
///
/// [`TelemetryError::Twice`].
pub fn init_metrics() -> Result<PrometheusHandle, TelemetryError> {
    let seconds = Matcher::Suffix("_seconds".to_owned());
    let handle = PrometheusBuilder::new()
        .set_buckets(&COUNT_BUCKETS)
        .and_then(|builder| builder.set_buckets_for_metric(seconds, &SECONDS_BUCKETS))
        .expect("neither list is empty")
        .install_recorder()
        .map_err(|_| TelemetryError::Twice)?;
    names::describe();
    Ok(handle)
}
