//! A node to import into, and what stands on its chain.

use std::{
    collections::BTreeMap,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::{Path, PathBuf},
    pin::pin,
    sync::{Arc, LazyLock},
    task::Poll,
    time::Duration,
};

use granary_book::{
    chain::{ClockKind, Visibility},
    orders::{OrderCountersigned, OrderPlaced},
    prices::{PriceAccepted, PriceObserved, PriceQuarantined},
    shipments::{ShipmentDelivered, ShipmentLoaded, ShipmentPlanned},
    wire::Message,
};
use granary_importer::{Clock, ImportError, Job, Node, Progress, Report, Trade, import};
use granary_log::{
    entry::{EventBytes, ItemOutcome, Outcome},
    signature::SigningKey,
};
use granary_node::{Founded, Founding, init, start};
use granary_runtime::{
    chain::Chain,
    config::{Config, Listener},
    keystore::Protection,
    store::StoreKind,
    supervise::Ended,
    time::unix_ms,
};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};

/// Long enough for a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(300);

/// The moment at which every chain of these tests is founded, so that chains founded alike have alike ids.
static FOUNDED_MS: LazyLock<u64> = LazyLock::new(unix_ms);

/// What unwinds an import that is ended from outside.
struct Killed;

/// A node that runs, in a directory of its own.
pub(crate) struct Running {
    founded: Founded,
    dir: TempDir,
    chain: Arc<Chain>,
    pub(crate) node: Node,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Ended>,
}

/// A new chain. All of them have the same operators, registrar and origin.
pub(crate) async fn running() -> Running {
    let dir = tempfile::tempdir().expect("a directory");
    let config = Config {
        dir: dir.path().to_owned(),
        chain: "test".to_owned(),
        listen: "127.0.0.1:0".parse().expect("an address"),
        http_listen: Listener::Off,
        metrics_listen: Listener::Off,
        store: StoreKind::Redb,
        segment_mb: 4,
        // Imports are counted in entries: the node says nothing itself.
        state_roots: false,
        ..Config::default()
    };
    let mut next = 0;
    let mut randomness = || {
        next += 1;
        Ok([next; 32])
    };
    let founded = init(Founding {
        config: config.clone(),
        domain: "ledger.example.org".to_owned(),
        clock: ClockKind::Wall,
        entries: Visibility::Members,
        now_ms: *FOUNDED_MS,
        randomness: &mut randomness,
        protection: Protection::Unencrypted,
    })
    .expect("founded");
    let node = start(&config).await.expect("starts");
    let chain = Arc::clone(&node.chain);
    let uri = format!("http://{}", node.address);
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(node.run(async move {
        let _ = stopped.await;
    }));
    let channel = tonic::transport::Channel::from_shared(uri).expect("a uri");
    let channel = channel.connect().await.expect("connects");
    let clock = Clock::Wall { ahead_ms: 0 };
    let node = Node { channel, origin: founded.origin.clone(), clock };
    Running { founded, dir, chain, node, stop, ended }
}

impl Running {
    /// An import of a file into this node.
    pub(crate) fn job(&self, file: &Path) -> Job {
        Job {
            file: file.to_owned(),
            dir: self.dir.path().to_owned(),
            journal: None,
            rejects: Some(self.rejects()),
            registrar: self.founded.registrar,
            // The third number of the founding's randomness is the registrar's seed.
            registrar_key: SigningKey::from_bytes(&[3; 32]),
        }
    }

    pub(crate) fn rejects(&self) -> PathBuf {
        self.dir.path().join("rejects.csv")
    }

    /// Forgets what imports have sent and heard.
    pub(crate) fn lose_journals(&self) {
        std::fs::remove_dir_all(self.dir.path().join("imports")).expect("there is one");
    }

    /// Names of the key files, in order.
    pub(crate) fn keys(&self) -> Vec<String> {
        let listed = std::fs::read_dir(self.dir.path().join("keys")).expect("it is there");
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.expect("readable").file_name().to_string_lossy().into_owned()
        };
        let mut names: Vec<String> = listed.map(name).collect();
        names.sort();
        names
    }

    /// Imports a file whole.
    pub(crate) async fn import(&self, trade: Trade, file: &Path) -> Report {
        let job = self.job(file);
        let mut unseen = |_| {};
        let imported = tokio::time::timeout(PATIENCE, import(trade, &self.node, &job, &mut unseen));
        imported.await.expect("in time").expect("imports")
    }

    /// Begins an import that ends at the report that the fate of `rows` rows is known, whatever it was doing
    /// then: as a kill would end it, with statements on their way.
    pub(crate) async fn import_until(&self, trade: Trade, file: &Path, rows: u64) {
        let job = self.job(file);
        let mut progress = |at: Progress| {
            if at.rows >= rows {
                resume_unwind(Box::new(Killed));
            }
        };
        let mut importing = pin!(import(trade, &self.node, &job, &mut progress));
        let until_killed = poll_fn(|context| {
            match catch_unwind(AssertUnwindSafe(|| importing.as_mut().poll(context))) {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(ended)) => panic!("it ended before row {rows}: {ended:?}"),
                Err(cause) if cause.is::<Killed>() => Poll::Ready(()),
                Err(cause) => resume_unwind(cause),
            }
        });
        tokio::time::timeout(PATIENCE, until_killed).await.expect("in time");
    }

    /// Begins an import that fails.
    pub(crate) async fn fails(&self, trade: Trade, job: &Job) -> ImportError {
        import(trade, &self.node, job, &mut |_| {}).await.expect_err("it can't")
    }

    /// Entries of the chain.
    pub(crate) fn entries(&self) -> u64 {
        self.chain.states.book.head().size
    }

    /// What happened on the chain that an import is about, as the bytes of events by kind, in their order.
    pub(crate) fn story(&self) -> BTreeMap<String, Vec<Vec<u8>>> {
        let told = [
            OrderPlaced::NAME,
            OrderCountersigned::NAME,
            ShipmentPlanned::NAME,
            ShipmentLoaded::NAME,
            ShipmentDelivered::NAME,
            PriceObserved::NAME,
            PriceAccepted::NAME,
            PriceQuarantined::NAME,
        ];
        let mut story: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
        for event in (0..self.entries()).flat_map(|index| self.events(index)) {
            if told.contains(&event.type_name.as_str()) {
                story.entry(event.type_name).or_default().push(event.body);
            }
        }
        story
    }

    fn events(&self, index: u64) -> Vec<EventBytes> {
        let answer = self.chain.door.queries().answer_at(index).expect("an entry");
        let Outcome::Accepted(items) = answer.result.outcome else { return Vec::new() };
        let events = |item| match item {
            ItemOutcome::Events(events) => events,
            ItemOutcome::Refused(_) => Vec::new(),
        };
        items.into_iter().flat_map(events).collect()
    }

    /// Stops the node, and sees that it ends in order.
    pub(crate) async fn stop(self) {
        drop((self.node, self.chain));
        self.stop.send(()).expect("it runs");
        let ended = tokio::time::timeout(PATIENCE, self.ended).await.expect("in time");
        let ended = ended.expect("no panic");
        assert!(ended.is_clean(), "{ended:?}");
    }
}
