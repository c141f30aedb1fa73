//! A node and its witnesses: cosignatures come when they can, and nothing waits for them.

use std::{fs, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use granary_book::{
    chain::ClockKind,
    parties::{RegisterParty, Role},
    wire::List,
};
use granary_integration_tests::{Running, World, config, found};
use granary_log::{
    checkpoint::Checkpoint,
    hash::leaf_hash,
    note::{Note, SignerKey, VerifierKey},
    signature::SigningKey,
    tree::Tree,
    two_histories::TwoHistories,
    witness::AddCheckpoint,
};
use granary_node::Founded;
use granary_runtime::{
    chain::chain_dir, config::Config, store::StoreKind, supervise::Supervisor, time::unix_ms,
};
use granary_witness::{Witness, WitnessServer};

/// No wait is longer.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// The log key's seed, as the fifth number of the founding's randomness.
const LOG_SEED: [u8; 32] = [5; 32];

/// A witness that listens, until it is dropped with its runtime.
struct Watching {
    key: VerifierKey,
    address: SocketAddr,
    witness: Arc<Witness>,
    _stop: tokio::sync::oneshot::Sender<()>,
}

impl Watching {
    async fn start(dir: &Path, name: &str, founded: &Founded) -> Self {
        let log: VerifierKey = founded.vkey.parse().expect("a key");
        let witness = Witness::open(&dir.join(name), Some(name), &[log]).expect("opens");
        let witness = Arc::new(witness);
        let any_port = ([127, 0, 0, 1], 0).into();
        let server = WitnessServer::bind(any_port, Arc::clone(&witness)).await.expect("a port");
        let address = server.local_addr().expect("bound");
        let mut supervisor = Supervisor::new();
        supervisor.spawn("witness", |stop| async move { Ok(server.serve(stop).await?) });
        let (_stop, stopped) = tokio::sync::oneshot::channel::<()>();
        tokio::spawn(supervisor.run(async move { drop(stopped.await) }, WAIT_MAX));
        Self { key: witness.verifier().clone(), address, witness, _stop }
    }

    fn setting(&self) -> String {
        format!("{} http://{}", self.key, self.address)
    }
}

/// A witness that nobody reaches: the port was free a moment ago, and is not listened on.
fn nobody(name: &str) -> String {
    let key = granary_log::cosignature::CosignerKey::new(name, SigningKey::from_bytes(&[9; 32]));
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = port.local_addr().expect("bound");
    format!("{} http://{address}", key.expect("a good name").verifier())
}

async fn register(running: &Running, founded: &Founded, series: u16, count: u32) {
    let mut world = World::new(running, founded, series);
    let registrar = world.registrar.clone();
    for n in 0..count {
        let command = RegisterParty {
            name: format!("Farm {series}/{n}").parse().expect("a label"),
            roles: List::new(vec![Role::Cooperative]).expect("one role"),
            owner_group: None,
            custodial: false,
        };
        world.tell(&registrar, &command).await;
    }
}

/// The note that is published when it covers everything.
async fn published(running: &Running) -> Note {
    let size = running.chain.states.book.head().size;
    let mut newest = running.chain.publication.watch();
    let covers = newest.wait_for(|newest| newest.as_ref().is_some_and(|p| p.size >= size));
    let covers = tokio::time::timeout(WAIT_MAX, covers).await.expect("in time");
    let note = covers.expect("the node lives").clone().expect("just seen").note;
    Note::parse(note.as_bytes()).expect("a note")
}

fn chosen(dir: &Path, witnesses: &[String]) -> Config {
    Config {
        checkpoint_interval_ms: 50,
        witnesses: witnesses.iter().map(|text| text.parse().expect("a witness")).collect(),
        ..config(dir, StoreKind::Redb)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_of_three_witnesses_cosign_and_the_third_is_down() {
    let dir = tempfile::tempdir().expect("a directory");
    let node_dir = dir.path().join("node");
    let founded = found(&chosen(&node_dir, &[]), ClockKind::Wall, unix_ms());
    let a = Watching::start(dir.path(), "a.example", &founded).await;
    let b = Watching::start(dir.path(), "b.example", &founded).await;
    let settings = [a.setting(), nobody("c.example"), format!("{} required", b.setting())];
    let config = Config {
        witnesses_needed: 2,
        // Long, so that nothing is published for want of patience on a busy machine.
        witness_timeout_ms: 30_000,
        ..chosen(&node_dir, &settings)
    };
    let running = Running::start(&config).await;
    let log: VerifierKey = founded.vkey.parse().expect("a key");
    for series in 1..=3 {
        register(&running, &founded, series, 5).await;
        let note = published(&running).await;
        let keys = [log.clone(), a.key.clone(), b.key.clone()];
        assert_eq!(note.verify(&keys).expect("all valid").len(), 3, "{note}");
    }
    running.stop().await;
    let note = fs::read(chain_dir(&node_dir, "test").join("tiles/checkpoint")).expect("there");
    let note = Note::parse(&note).expect("a note");
    let last = Checkpoint::open(&note, &log).expect("signed by the log");
    assert_eq!(last.size(), 16, "the last one is cosigned too");
    assert_eq!(note.verify(&[a.key, b.key]).expect("both").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_is_published_in_time_although_a_required_witness_is_down() {
    let dir = tempfile::tempdir().expect("a directory");
    let settings = [format!("{} required", nobody("c.example"))];
    let config = Config { witness_timeout_ms: 100, ..chosen(dir.path(), &settings) };
    let founded = found(&config, ClockKind::Wall, unix_ms());
    let running = Running::start(&config).await;
    register(&running, &founded, 1, 3).await;
    let note = published(&running).await;
    assert_eq!(note.signatures().len(), 1, "the log's alone");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_of_another_history_leaves_evidence_and_stops_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let node_dir = dir.path().join("node");
    let founded = found(&chosen(&node_dir, &[]), ClockKind::Wall, unix_ms());
    let watching = Watching::start(dir.path(), "a.example", &founded).await;
    let log: VerifierKey = founded.vkey.parse().expect("a key");
    // Whoever has the log's key has shown the witness another log of two entries.
    let mut fork = Tree::new();
    [b"one", b"two"].iter().for_each(|entry| fork.push(leaf_hash(*entry)));
    let key = SignerKey::new(log.name(), SigningKey::from_bytes(&LOG_SEED)).expect("a good name");
    let checkpoint = Checkpoint::new(log.name(), 2, fork.root()).expect("a good origin");
    let checkpoint = checkpoint.sign(&key).expect("the founding's log key");
    let request = AddCheckpoint { old_size: 0, proof: Vec::new(), checkpoint };
    watching.witness.add_checkpoint(request.to_string().as_bytes(), 1).expect("cosigned");

    let config = Config { witness_timeout_ms: 100, ..chosen(&node_dir, &[watching.setting()]) };
    let running = Running::start(&config).await;
    register(&running, &founded, 1, 5).await;
    assert_eq!(published(&running).await.signatures().len(), 1, "never cosigned");
    let evidence = chain_dir(&node_dir, "test").join("evidence/2.two-histories");
    let begun = std::time::Instant::now();
    while !evidence.exists() {
        assert!(begun.elapsed() < WAIT_MAX, "no evidence");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    running.stop().await;
    let bytes = fs::read(&evidence).expect("reads");
    let shown = TwoHistories::parse(&bytes).expect("well formed");
    let (earlier, later) = shown.verify(&log).expect("it shows that the log signed both");
    assert_eq!(earlier.size(), 2);
    assert!(later.size() >= 2);
}
