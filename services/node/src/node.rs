//! A running node.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    time::Duration,
};

use granary_log::note::{KeyError as NoteKeyError, SignerKey};
use granary_log::segment::{SegmentSize, SegmentSizeOutOfRange};
use granary_runtime::{
    chain::{self, Chain, ChainError, LogKey, Threads, chain_dir, read_vkey},
    config::Config,
    door::Keyring,
    files::{DirLock, FileError, LockError},
    keystore::{KeyError, KeyFile, Passphrase, PassphraseError},
    projection::Plan,
    publish::Publishes,
    sequence::Limits,
    supervise::{Ended, Stop, Supervisor, TaskResult, survive_file_size_limit},
    telemetry::{Condition, Health, TelemetryError},
    time::WallClock,
};
use tokio::sync::oneshot;

use crate::{init::key_path, keyring::FileKeyring, own::Own, server, watch, witnesses};

/// Why a node doesn't start.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The directory holds no such chain.
    #[error(
        "there is no chain {chain} in {}; make one with granary init --dir {} --chain {chain}, or name another \
         directory or chain with --dir and --chain", .dir.display(), .dir.display()
    )]
    NoChain {
        /// The node's directory.
        dir: PathBuf,
        /// The chain's name.
        chain: String,
    },
    /// Somebody else uses the directory.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The chain.
    #[error("the chain can't be opened")]
    Chain(#[from] ChainError),
    /// A key.
    #[error("the node's keys can't be used")]
    Key(#[from] KeyError),
    /// The passphrase.
    #[error("the passphrase can't be read")]
    Passphrase(#[from] PassphraseError),
    /// The log key's name.
    #[error("the log key can't be used")]
    NoteKey(#[from] NoteKeyError),
    /// The log key isn't the one of the chain.
    #[error("{} is not the key that the chain's vkey names; put the right one there", .0.display())]
    OtherLogKey(PathBuf),
    /// The node's key belongs to nobody.
    #[error("{} names no party: it is not the key of a node; put the right one there", .0.display())]
    NoParty(PathBuf),
    /// A port.
    #[error(
        "can't listen on {address}: {source}. Another program may use the port: choose another with {flag}, or \
         stop that program"
    )]
    Listen {
        /// The flag that chooses another.
        flag: &'static str,
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// Beyond loopback.
    #[error(
        "{0} is not a loopback address: this version has no TLS yet, and without it a node listens on loopback \
         only. Use 127.0.0.1, and a tunnel of your own for other machines"
    )]
    BeyondLoopback(SocketAddr),
    /// Metrics.
    #[error("metrics can't be counted")]
    Telemetry(#[from] TelemetryError),
    /// Files.
    #[error("a file can't be used")]
    File(#[from] FileError),
    /// Segments.
    #[error("the segment size can't be used")]
    Segment(#[from] SegmentSizeOutOfRange),
    /// Threads, reflection.
    #[error("the node can't be put together")]
    Assemble(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A node that has started.
pub struct Node {
    /// Where gRPC listens: the port that the system chose when 0 was asked for.
    pub address: SocketAddr,
    /// Where checkpoints and tiles are served, if they are.
    pub http_address: Option<SocketAddr>,
    /// Where metrics and health are served, if they are.
    pub metrics_address: Option<SocketAddr>,
    /// The chain: for tests and for programs that hold a node inside them.
    pub chain: Arc<Chain>,
    supervisor: Supervisor,
    drain: Duration,
    // Held until everything has ended.
    _lock: DirLock,
}

impl Node {
    /// Runs until `request` resolves, then drains.
    pub async fn run(self, request: impl Future<Output = ()>) -> Ended {
        self.supervisor.run(request, self.drain).await
    }
}

/// Opens the chain, binds the port, starts everything.
///
/// # Errors
///
/// [`NodeError`], saying what to do; nothing is left running.
pub async fn start(config: &Config) -> Result<Node, NodeError> {
    if !config.listen.ip().is_loopback() {
        return Err(NodeError::BeyondLoopback(config.listen));
    }
    if !chain_dir(&config.dir, &config.chain).is_dir() {
        return Err(NodeError::NoChain { dir: config.dir.clone(), chain: config.chain.clone() });
    }
    survive_file_size_limit().map_err(|error| NodeError::Assemble(Box::new(error)))?;
    let lock = DirLock::acquire(&config.dir)?;
    // The ports before the log: one in use is found out at once.
    let (incoming, address) = server::bind(config.listen)?;
    let mut supervisor = Supervisor::new();
    let health = Health::new();
    let opened = health.condition("chain");
    // Watchers are answered while a large state is rebuilt.
    let metrics_address = watch::spawn(&mut supervisor, config.metrics_listen, &health).await?;
    let (tiles, http_address) = watch::bind_tiles(config.http_listen).await?.unzip();
    let opening = config.clone();
    let parts = tokio::task::spawn_blocking(move || open(&opening)).await;
    let (chain, threads) = parts.map_err(|panicked| NodeError::Assemble(Box::new(panicked)))??;
    let chain = Arc::new(chain);
    let drained = server::spawn(&mut supervisor, incoming, &chain, config)?;
    run_threads(&mut supervisor, &chain, threads, drained, health.condition("checkpoint"), config)
        .map_err(|error| NodeError::Assemble(Box::new(error)))?;
    if !config.witnesses.is_empty() {
        let place = chain_dir(&config.dir, &config.chain);
        witnesses::spawn(&mut supervisor, &chain, read_vkey(&place)?, place, config);
    }
    if let Some(tiles) = tiles {
        watch::spawn_tiles(&mut supervisor, tiles, &chain);
    }
    watch::until_stopped(&mut supervisor, opened);
    tracing::info!(%address, chain = chain.door.origin(), size = chain.states.book.head().size,
        "the node is serving");
    Ok(Node {
        address,
        http_address,
        metrics_address,
        chain,
        supervisor,
        drain: config.drain_timeout(),
        _lock: lock,
    })
}

fn open(config: &Config) -> Result<(Chain, Threads), NodeError> {
    let place = chain_dir(&config.dir, &config.chain);
    let vkey = read_vkey(&place)?;
    let keys = config.dir.join("keys");
    let passphrase = config.passphrase_file.as_deref().map(Passphrase::from_file).transpose()?;
    let log_key_path = key_path(&keys, "log");
    let log_key = KeyFile::open(&log_key_path)?.unlock(passphrase.as_ref())?;
    let log_key = SignerKey::new(vkey.name(), log_key.signing_key().clone())?;
    if *log_key.verifier() != vkey {
        return Err(NodeError::OtherLogKey(log_key_path));
    }
    let keyring: Arc<dyn Keyring> = Arc::new(FileKeyring::open(&keys, passphrase)?);
    let options = options(config, Box::new(report_progress))?;
    let time = Box::new(WallClock::default());
    let key = LogKey { key: log_key, node: node_party(&keys)? };
    Ok(chain::open(&place, key, plan(), keyring, time, &options)?)
}

/// The party that this node is: its key file says.
fn node_party(keys: &Path) -> Result<[u8; 16], NodeError> {
    let path = key_path(keys, "node");
    let file = KeyFile::open(&path)?;
    file.meta().used_for.party.ok_or(NodeError::NoParty(path))
}

/// How the configuration has a chain opened.
pub(crate) fn options(
    config: &Config,
    progress: Box<dyn Fn(u64, u64) + Send>,
) -> Result<chain::Options, SegmentSizeOutOfRange> {
    Ok(chain::Options {
        publishes: if config.witnesses.is_empty() { Publishes::Here } else { Publishes::Elsewhere },
        store: config.store,
        store_options: config.store_options(),
        read_cache_bytes: config.read_cache_bytes(),
        segment_size: SegmentSize::new(config.segment_bytes())?,
        limits: limits(config),
        accept_clock: config.accept_clock,
        progress,
    })
}

fn limits(config: &Config) -> Limits {
    let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    Limits {
        queue_statements: number(config.queue_statements),
        queue_bytes: number(config.queue_bytes),
        ..Limits::default()
    }
}

pub(crate) fn plan() -> Plan {
    server::plan()
}

/// A log line now and then and at the end: rebuilding a large state takes minutes.
fn report_progress(done: u64, of: u64) {
    if done > 0 && (done == of || done.is_multiple_of(1 << 20)) {
        tracing::info!(entries = done, of, "reading the log");
    }
}

/// Starts what a chain needs. They end in this order: the servers drain, the ordering log closes, the apply
/// thread decides what it took, the projections fold the last group, the stores are written, the last
/// checkpoint is signed and published.
fn run_threads(
    supervisor: &mut Supervisor,
    chain: &Arc<Chain>,
    threads: Threads,
    drained: oneshot::Receiver<()>,
    checkpoint: Condition,
    config: &Config,
) -> io::Result<()> {
    let Threads { applier, projector, groups, answers, publisher } = threads;
    let sequencer = Arc::clone(&chain.sequencer);
    supervisor.spawn("close", |stop: Stop| async move {
        stop.requested().await;
        // An error says that the servers ended by themselves, which is the same to us.
        let _ = drained.await;
        sequencer.close();
        Ok(())
    });
    supervisor.spawn("answers", |stop: Stop| async move {
        chain::tell(answers).await;
        stop.requested().await;
        Ok(())
    });
    let (applied, publisher_waits) = mpsc::channel::<()>();
    supervisor.spawn_thread("apply", move |_| {
        let result = applier.run();
        drop(applied);
        result.map_err(|error| Box::new(error) as _)
    })?;
    if let Some(party) = own_party(config).filter(|_| config.state_roots) {
        let own = Own::new(Arc::clone(chain), party, projector.roots());
        supervisor.spawn("own statements", |stop: Stop| own.run(stop));
    }
    let (folded, writer_waits) = mpsc::channel::<()>();
    supervisor.spawn_thread("projections", move |stop| {
        let folding = projector.run(&groups);
        drop(folded);
        folding.map_err(Box::new)?;
        wait_for(&stop)
    })?;
    let states = chain.states.clone();
    supervisor.spawn_thread("stores", move |_| {
        states.run(&writer_waits).map_err(|error| Box::new(error) as _)
    })?;
    let interval = config.checkpoint_interval();
    supervisor.spawn_thread("publisher", move |stop| {
        publisher
            .run(&publisher_waits, &stop, interval, &checkpoint)
            .map_err(|error| Box::new(error) as _)
    })
}

/// The party in whose name the node speaks: that of its own key, where it keeps one.
fn own_party(config: &Config) -> Option<[u8; 16]> {
    KeyFile::open(&key_path(&config.dir.join("keys"), "node")).ok()?.meta().used_for.party
}

/// A thread whose work has ended stays until the stop, which its end must not be taken for.
fn wait_for(stop: &Stop) -> TaskResult {
    while !stop.is_requested() {
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}
