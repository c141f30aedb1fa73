//! A node as a test runs it.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use granary_book::chain::{ClockKind, Visibility};
use granary_log::signature::SigningKey;
use granary_node::{Founded, Founding, init, start};
use granary_runtime::{
    chain::{Chain, state_digest},
    config::{Config, Listener},
    keystore::Protection,
    store::StoreKind,
    supervise::Ended,
};
use tokio::{sync::oneshot, task::JoinHandle};
use tonic::transport::Channel;

/// How long a node may take to end.
const STOP_MAX: Duration = Duration::from_secs(60);

/// The founding's randomness is the numbers 1, 2, 3 ..: its second is the operator's seed, the third the
/// registrar's.
const OPERATOR_SEED: [u8; 32] = [2; 32];
const REGISTRAR_SEED: [u8; 32] = [3; 32];

/// A node's configuration: loopback, a port that the system chooses, segments of 1 MiB.
pub fn config(dir: &Path, store: StoreKind) -> Config {
    Config {
        dir: dir.to_owned(),
        chain: "test".to_owned(),
        listen: ([127, 0, 0, 1], 0).into(),
        http_listen: Listener::Off,
        metrics_listen: Listener::Off,
        store,
        sled_cache_mb: 16,
        segment_mb: 1,
        // A simulated clock stands where its test put it, years away from the machine's.
        accept_clock: true,
        ..Config::default()
    }
}

/// Founds a chain, the same in every run but for `now_ms`.
///
/// # Panics
///
/// It can't be founded.
pub fn found(config: &Config, clock: ClockKind, now_ms: u64) -> Founded {
    let mut next = 0;
    let mut randomness = || {
        next += 1;
        Ok([next; 32])
    };
    init(Founding {
        config: config.clone(),
        domain: "ledger.example.org".to_owned(),
        clock,
        entries: Visibility::Members,
        now_ms,
        randomness: &mut randomness,
        protection: Protection::Unencrypted,
    })
    .expect("an empty directory")
}

/// The key of the operators' one person, as [`found`] makes it.
pub(crate) fn operator_key() -> SigningKey {
    SigningKey::from_bytes(&OPERATOR_SEED)
}

/// The key of the registrar's one person, as [`found`] makes it.
pub(crate) fn registrar_key() -> SigningKey {
    SigningKey::from_bytes(&REGISTRAR_SEED)
}

/// A running node, with what stops it.
pub struct Running {
    /// A connection to it.
    pub channel: Channel,
    /// Its chain.
    pub chain: Arc<Chain>,
    /// Where it shows its tiles, if it does.
    pub http_address: Option<SocketAddr>,
    /// Where it tells its metrics, if it does.
    pub metrics_address: Option<SocketAddr>,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Ended>,
}

impl Running {
    /// Starts a node and connects to it.
    ///
    /// # Panics
    ///
    /// It doesn't start.
    pub async fn start(config: &Config) -> Self {
        let node = start(config).await.expect("starts");
        let (chain, http_address) = (Arc::clone(&node.chain), node.http_address);
        let metrics_address = node.metrics_address;
        let channel = Channel::from_shared(format!("http://{}", node.address)).expect("a uri");
        let (stop, stopped) = oneshot::channel();
        let ended = tokio::spawn(node.run(async move {
            // The sender gone is a stop too.
            let _ = stopped.await;
        }));
        let channel = channel.connect().await.expect("it listens");
        Self { channel, chain, http_address, metrics_address, stop, ended }
    }

    /// Stops it in good order, and gives the digest of its state.
    ///
    /// # Panics
    ///
    /// It doesn't end cleanly and in time.
    pub async fn stop(self) -> [u8; 32] {
        let book = Arc::clone(&self.chain.states.book);
        drop((self.channel, self.chain));
        self.stop.send(()).expect("it runs");
        let ended = tokio::time::timeout(STOP_MAX, self.ended).await;
        let ended = ended.expect("in time").expect("no panic");
        assert!(ended.is_clean(), "{ended:?}");
        state_digest(&book)
    }
}
