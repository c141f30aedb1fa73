//! Everything an operator can set.
//!
//! Defaults, then the file `granary.toml`, then `GRANARY_*` variables, then flags: the later
//! wins. All of it is parsed and checked by [`Config::load`] before any port is opened, and all
//! problems are reported at once, each with where it came from.
//!
//! There is no secret in here, only paths to files that hold one: configuration is dumped,
//! committed and mailed around.

mod check;
mod listener;
mod settings;
mod sources;
mod witness;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::listener::{Listener, NoListener};
pub use self::sources::{Assignments, ConfigError, Loaded, Problem, Sources};
pub use self::witness::{NoWitness, WitnessSetting};
use crate::store::{StoreKind, StoreOptions};

/// Name of the configuration file in a node's directory.
pub const FILE_NAME: &str = "granary.toml";

/// Every setting, checked. The meaning of each is beside it in [`Config::template`].
///
/// A key that doesn't exist is refused: a misspelt setting must not silently mean the default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Directory of the node: keys, log, state.
    pub dir: PathBuf,
    /// Name of the chain, `[a-z0-9-]{1,40}`.
    pub chain: String,
    /// Where gRPC listens. Port 0 lets the system choose, which tests rely on.
    pub listen: SocketAddr,
    /// Where checkpoints and tiles are served over HTTP.
    pub http_listen: Listener,
    /// Where metrics and health listen.
    pub metrics_listen: Listener,
    /// Which services this node offers, each once.
    pub services: Vec<Service>,
    /// Which store holds the derived state.
    pub store: StoreKind,
    /// sled's own cache, in MiB.
    pub sled_cache_mb: u64,
    /// Cache of values in front of the store, in MiB; 0 for none.
    pub read_cache_mb: u64,
    /// Size of a log segment, in MiB, preallocated.
    pub segment_mb: u64,
    /// How often a checkpoint is signed while entries arrive, in milliseconds.
    pub checkpoint_interval_ms: u64,
    /// How often witnesses cosign the latest one again while none do, in milliseconds.
    pub checkpoint_idle_ms: u64,
    /// Who is asked to cosign checkpoints.
    pub witnesses: Vec<WitnessSetting>,
    /// How many of them it takes for a checkpoint to count as cosigned.
    pub witnesses_needed: u64,
    /// How long a checkpoint waits for them before it is published without, in milliseconds.
    pub witness_timeout_ms: u64,
    /// How long shutdown waits for work in flight, in milliseconds.
    pub drain_timeout_ms: u64,
    /// Statements that may wait to be applied, in number.
    pub queue_statements: u64,
    /// Statements that may wait to be applied, in bytes.
    pub queue_bytes: u64,
    /// Largest gRPC message taken, in KiB.
    pub max_decoding_message_kb: u64,
    /// File with the passphrase of the node's own keys, mode 0600.
    pub passphrase_file: Option<PathBuf>,
    /// Whether the node states the root of its state on the chain.
    pub state_roots: bool,
    /// Start although the system's clock looks wrong against the log.
    pub accept_clock: bool,
    /// What is logged, in the syntax of `tracing_subscriber::EnvFilter`.
    pub log_level: String,
    /// How it is logged.
    pub log_format: LogFormat,
}

/// One of the gRPC services. Submitting statements is always offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Parties, roles, keys, delegations.
    Parties,
    /// Lots, receipts, pledges as the warehouse sees them.
    Receipts,
    /// Facilities, drawdowns, valuations.
    Finance,
    /// Orders, invoices, receivables.
    Orders,
    /// Shipments and delivery events.
    Shipments,
    /// Entries, checkpoints, proofs.
    Audit,
}

impl Service {
    /// All of them, which is the default.
    pub const ALL: [Service; 6] = [
        Service::Parties,
        Service::Receipts,
        Service::Finance,
        Service::Orders,
        Service::Shipments,
        Service::Audit,
    ];
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line, for programs.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self {
            dir: PathBuf::from("granary-data"),
            chain: "main".to_owned(),
            listen: loopback(7400),
            http_listen: Listener::At(loopback(7480)),
            metrics_listen: Listener::At(loopback(7490)),
            services: Service::ALL.to_vec(),
            store: StoreKind::Sled,
            sled_cache_mb: 512,
            read_cache_mb: 128,
            segment_mb: 64,
            checkpoint_interval_ms: 200,
            checkpoint_idle_ms: 10_000,
            witnesses: Vec::new(),
            witnesses_needed: 0,
            witness_timeout_ms: 5_000,
            drain_timeout_ms: 10_000,
            queue_statements: 10_000,
            queue_bytes: 64 << 20,
            max_decoding_message_kb: 64,
            passphrase_file: None,
            state_roots: true,
            accept_clock: false,
            log_level: "info".to_owned(),
            log_format: LogFormat::Text,
        }
    }
}

impl Config {
    /// Reads all sources. What this returns can be started.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], with every problem found.
    pub fn load(sources: Sources) -> Result<Loaded, ConfigError> {
        sources::load(sources)
    }

    /// A commented file with every setting: those that differ from the default in force, the
    /// rest commented out.
    pub fn template(&self) -> String {
        settings::template(self)
    }

    /// How the store named in `store` is to be opened.
    pub fn store_options(&self) -> StoreOptions {
        match self.store {
            StoreKind::Sled => StoreOptions {
                cache_bytes: mebibytes(self.sled_cache_mb),
                ..StoreOptions::default()
            },
            StoreKind::Redb => StoreOptions::default(),
        }
    }

    /// `read_cache_mb` in bytes.
    pub fn read_cache_bytes(&self) -> u64 {
        mebibytes(self.read_cache_mb)
    }

    /// `segment_mb` in bytes.
    pub fn segment_bytes(&self) -> u64 {
        mebibytes(self.segment_mb)
    }

    /// `checkpoint_interval_ms` as a duration.
    pub fn checkpoint_interval(&self) -> Duration {
        Duration::from_millis(self.checkpoint_interval_ms)
    }

    /// `checkpoint_idle_ms` as a duration.
    pub fn checkpoint_idle(&self) -> Duration {
        Duration::from_millis(self.checkpoint_idle_ms)
    }

    /// `witness_timeout_ms` as a duration.
    pub fn witness_timeout(&self) -> Duration {
        Duration::from_millis(self.witness_timeout_ms)
    }

    /// `drain_timeout_ms` as a duration.
    pub fn drain_timeout(&self) -> Duration {
        Duration::from_millis(self.drain_timeout_ms)
    }

    /// `max_decoding_message_kb` in bytes.
    pub fn max_decoding_message_bytes(&self) -> usize {
        // At most 4 MiB, by its range.
        usize::try_from(self.max_decoding_message_kb.saturating_mul(1 << 10)).unwrap_or(usize::MAX)
    }
}

/// The ranges keep this far from overflow.
fn mebibytes(count: u64) -> u64 {
    count.saturating_mul(1 << 20)
}
