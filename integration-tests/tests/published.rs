//! What a node publishes: tiles and checkpoints as files, and metrics.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    time::{Duration, Instant},
};

use granary_book::{
    chain::{ClockKind, GrantSigner},
    parties::{RegisterParty, Role},
    vocabulary::Digest,
    wire::List,
};
use granary_integration_tests::{Running, World, config, found};
use granary_log::{
    checkpoint::Checkpoint,
    note::{Note, VerifierKey},
    tile::{Tile, TileBuilder, TileFile},
};
use granary_node::Founded;
use granary_runtime::{
    chain::chain_dir,
    config::{Config, Listener},
    queries::Entries,
    signer::checkpoint_sizes,
    store::StoreKind,
    telemetry::names,
    time::unix_ms,
};

/// No wait is longer.
const WAIT_MAX: Duration = Duration::from_secs(30);

async fn register(running: &Running, founded: &Founded, series: u16, count: u32) {
    let mut world = World::new(running, founded, series);
    let registrar = world.registrar.clone();
    let mut sent = Vec::new();
    for n in 0..count {
        let command = RegisterParty {
            name: format!("Farm {series}/{n}").parse().expect("a label"),
            roles: List::new(vec![Role::Cooperative]).expect("one role"),
            owner_group: None,
            custodial: false,
        };
        sent.push(world.signed(&registrar, &[registrar.person(1)], &command).bytes);
    }
    for bytes in sent {
        world.submit(bytes).await.expect("passes the door");
    }
}

/// Waits until a checkpoint covers everything.
async fn signed(running: &Running) -> u64 {
    let size = running.chain.states.book.head().size;
    let mut newest = running.chain.publication.watch();
    let covers = newest.wait_for(|newest| newest.as_ref().is_some_and(|p| p.size >= size));
    tokio::time::timeout(WAIT_MAX, covers).await.expect("in time").expect("the node lives");
    size
}

/// Every file below a directory that is a tile, by its path.
fn tiles(chain: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(dir: &Path, root: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(dir).expect("a directory") {
            let path = entry.expect("listed").path();
            if path.is_dir() {
                walk(&path, root, found);
                continue;
            }
            let name = path.strip_prefix(root).expect("below").to_str().expect("text");
            if name != "checkpoint" && name != ".synced" {
                let tile: Tile = name.parse().unwrap_or_else(|_| panic!("{name} is no tile"));
                found.insert(tile.to_string(), fs::read(&path).expect("a file"));
            }
        }
    }
    let (root, mut found) = (chain.join("tiles"), BTreeMap::new());
    walk(&root, &root, &mut found);
    found
}

fn opened(chain: &Path, founded: &Founded) -> Checkpoint {
    let key: VerifierKey = founded.vkey.parse().expect("a key");
    let note = fs::read(chain.join("tiles/checkpoint")).expect("published");
    Checkpoint::open(&Note::parse(&note).expect("a note"), &key).expect("signed by the log")
}

/// The tiles that a log of these entries has at each size.
fn expected(entries: &[Vec<u8>], sizes: &[u64]) -> BTreeMap<String, Vec<u8>> {
    let mut builder = TileBuilder::new();
    let mut made = BTreeMap::new();
    let mut put = |file: TileFile| drop(made.insert(file.tile.to_string(), file.bytes));
    for entry in entries {
        builder.push(entry, &mut put).expect("short");
        if sizes.contains(&builder.size()) {
            builder.partial().for_each(&mut put);
        }
    }
    made
}

#[tokio::test(flavor = "multi_thread")]
async fn tiles_and_checkpoints_are_those_of_the_entries_and_made_again_when_deleted() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = Config { checkpoint_interval_ms: 50, ..config(dir.path(), StoreKind::Redb) };
    let founded = found(&config, ClockKind::Wall, unix_ms());
    let place = chain_dir(dir.path(), "test");

    let running = Running::start(&config).await;
    register(&running, &founded, 1, 20).await;
    assert_eq!(signed(&running).await, 21);
    register(&running, &founded, 2, 280).await;
    signed(&running).await;
    let entries: Vec<Vec<u8>> =
        (0..301).map(|index| running.chain.entries.bytes(index).expect("there")).collect();
    running.stop().await;

    assert_eq!(opened(&place, &founded).size(), 301, "a clean stop leaves nothing unsigned");
    let sizes = checkpoint_sizes(&place).expect("reads");
    assert!(sizes.contains(&21) && sizes.contains(&301), "{sizes:?}");
    let (made, all) = (tiles(&place), expected(&entries, &sizes));
    for (path, bytes) in &made {
        assert_eq!(all.get(path), Some(bytes), "{path}");
    }
    // Partial tiles go when the full one is there and a published checkpoint covers it.
    for path in all.keys() {
        let tile: Tile = path.parse().expect("a tile");
        let gone = !tile.is_full() && all.contains_key(&tile.full().to_string());
        assert_eq!(made.contains_key(path), !gone, "{path}");
    }

    let checkpoint = fs::read(place.join("tiles/checkpoint")).expect("published");
    fs::remove_dir_all(place.join("tiles")).expect("deleted");
    let running = Running::start(&config).await;
    running.stop().await;
    assert_eq!(tiles(&place), made, "byte for byte");
    assert_eq!(fs::read(place.join("tiles/checkpoint")).expect("published"), checkpoint);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_lost_its_signers_state_signs_again_when_the_operators_grant_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = Config { checkpoint_interval_ms: 50, ..config(dir.path(), StoreKind::Redb) };
    let founded = found(&config, ClockKind::Wall, unix_ms());
    let place = chain_dir(dir.path(), "test");
    let running = Running::start(&config).await;
    register(&running, &founded, 1, 3).await;
    signed(&running).await;
    running.stop().await;
    let before = opened(&place, &founded);
    assert_eq!(before.size(), 4);

    fs::remove_dir_all(place.join("signer")).expect("as a restore leaves it");
    let running = Running::start(&config).await;
    register(&running, &founded, 2, 3).await;
    running.stop().await;
    assert_eq!(opened(&place, &founded), before, "nothing was signed, not even at the end");

    let running = Running::start(&config).await;
    let mut world = World::new(&running, &founded, 3);
    let operator = world.operator.clone();
    let grant = GrantSigner {
        node: founded.node,
        previous_size: before.size(),
        root: Digest(before.root().0),
    };
    world.tell(&operator, &grant).await;
    assert_eq!(signed(&running).await, 8);
    running.stop().await;
    assert_eq!(opened(&place, &founded).size(), 8);
}

/// Head and body of an answer, by hand: no client of ours takes part.
fn get(address: SocketAddr, path: &str, headers: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(WAIT_MAX)).expect("a time");
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: node\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8(answer[..end].to_vec()).expect("text");
    (head, answer[end + 4..].to_vec())
}

fn assert_served(address: SocketAddr, place: &Path) {
    let (head, note) = get(address, "/checkpoint", "");
    assert!(head.contains("content-type: text/plain; charset=utf-8"), "{head}");
    assert!(head.contains("cache-control: public, max-age=1"), "{head}");
    assert_eq!(note, fs::read(place.join("tiles/checkpoint")).expect("published"));
    for (path, bytes) in tiles(place) {
        let (head, body) = get(address, &format!("/{path}"), "");
        assert!(head.starts_with("HTTP/1.1 200 "), "{path}: {head}");
        assert!(head.contains("content-type: application/octet-stream"), "{path}: {head}");
        assert!(head.contains("immutable"), "{path}: {head}");
        assert_eq!(body, bytes, "{path}");
        let (head, body) = get(address, &format!("/{path}"), "accept-encoding: gzip\r\n");
        let is_bundle = path.starts_with("tile/entries");
        assert_eq!(head.contains("content-encoding: gzip"), is_bundle, "{path}: {head}");
        assert_eq!(body.starts_with(&[0x1f, 0x8b, 8]), is_bundle, "{path}");
        assert!(!is_bundle || body.len() < bytes.len(), "{path}");
        let (head, _) = get(address, &format!("/{path}"), "x-forwarded-for: 192.0.2.1\r\n");
        let status = if is_bundle { "HTTP/1.1 403 " } else { "HTTP/1.1 200 " };
        assert!(head.starts_with(status), "{path}: {head}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tiles_are_served_under_their_one_path_and_entries_to_this_machine_alone() {
    let dir = tempfile::tempdir().expect("a directory");
    let any_port = Listener::At(([127, 0, 0, 1], 0).into());
    let config = Config { http_listen: any_port, ..config(dir.path(), StoreKind::Redb) };
    let founded = found(&config, ClockKind::Wall, unix_ms());
    let place = chain_dir(dir.path(), "test");
    let running = Running::start(&config).await;
    let address = running.http_address.expect("it is on");
    register(&running, &founded, 1, 260).await;
    assert_eq!(signed(&running).await, 261);
    let asked = tokio::task::spawn_blocking(move || {
        assert_served(address, &place);
        // Partial tiles are removed when full, and still answered.
        let (head, body) = get(address, "/tile/0/000.p/7", "");
        assert!(head.starts_with("HTTP/1.1 200 ") && body.len() == 7 * 32, "{head}");
        for path in [
            "/tile/0/001",
            "/tile/0/001.p/6",
            "/tile/0/001.p/0",
            "/tile/0/001.p/05",
            "/tile/0/1.p/5",
            "/tile/0/x000/001.p/5",
            "/tile/0/000/",
            "/tile/00/000",
            "/tile/1/001",
            "/tile/64/000",
            "/tile/0/000?a=b",
            "/tile/0/%30%30%30",
            "/tile/0/../0/000",
            "/tile/.synced",
            "/tiles/checkpoint",
            "/checkpoint?a=b",
            "/",
        ] {
            let (head, _) = get(address, path, "");
            assert!(head.starts_with("HTTP/1.1 404 "), "{path}: {head}");
        }
    });
    asked.await.expect("no panic");
    running.stop().await;
}

/// Set in the child that is killed: when its chain was founded, and its node's directory.
const CHILD: &str = "GRANARY_SIGNER_CHILD";

/// A node whose checkpoint of two entries can't be written: its signer goes as far as its own state.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_killed_between_its_signers_state_and_the_checkpoint_signs_the_same_again() {
    if let Ok(task) = std::env::var(CHILD) {
        return killed(&task).await;
    }
    let dir = tempfile::tempdir().expect("a directory");
    let config = Config { checkpoint_interval_ms: 50, ..config(dir.path(), StoreKind::Redb) };
    let now_ms = unix_ms();
    let founded = found(&config, ClockKind::Wall, now_ms);
    let place = chain_dir(dir.path(), "test");
    let (blocked, state) = (place.join("checkpoints/2.tmp"), place.join("signer/last-signed"));
    fs::create_dir(&blocked).expect("made");
    let name = "a_node_killed_between_its_signers_state_and_the_checkpoint_signs_the_same_again";
    let mut child = std::process::Command::new(std::env::current_exe().expect("known"))
        .args([name, "--exact", "--nocapture"])
        .env(CHILD, format!("{now_ms} {}", dir.path().display()))
        .spawn()
        .expect("starts");
    let begun = std::time::Instant::now();
    while !fs::read_to_string(&state).expect("there").starts_with("2 ") {
        assert!(begun.elapsed() < WAIT_MAX, "nothing was signed");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    child.kill().expect("SIGKILL");
    child.wait().expect("gone");
    assert!(!place.join("checkpoints/2").exists(), "killed before it was written");
    let root = fs::read_to_string(&state).expect("there");

    fs::remove_dir(&blocked).expect("removed");
    let running = Running::start(&config).await;
    register(&running, &founded, 2, 3).await;
    assert_eq!(signed(&running).await, 5);
    running.stop().await;
    let key: VerifierKey = founded.vkey.parse().expect("a key");
    let note = fs::read(place.join("checkpoints/2")).expect("signed again");
    let two = Checkpoint::open(&Note::parse(&note).expect("a note"), &key).expect("its own");
    assert_eq!(root, format!("2 {}\n", two.root()), "what the state allowed");
}

/// The child: says one thing and waits for its end.
async fn killed(task: &str) {
    let (now_ms, dir) = task.split_once(' ').expect("two words");
    let config = Config { checkpoint_interval_ms: 50, ..config(Path::new(dir), StoreKind::Redb) };
    // The same founding elsewhere tells who the parties are.
    let twin = Config { dir: config.dir.join("twin"), ..config.clone() };
    let founded = found(&twin, ClockKind::Wall, now_ms.parse().expect("a time"));
    let running = Running::start(&config).await;
    register(&running, &founded, 1, 1).await;
    tokio::time::sleep(WAIT_MAX * 2).await;
    panic!("it was to be killed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_served_are_those_that_are_named() {
    let dir = tempfile::tempdir().expect("a directory");
    let any_port = Listener::At(([127, 0, 0, 1], 0).into());
    let config = Config { metrics_listen: any_port, ..config(dir.path(), StoreKind::Redb) };
    let founded = found(&config, ClockKind::Wall, unix_ms());
    let running = Running::start(&config).await;
    let address = running.metrics_address.expect("it is on");
    register(&running, &founded, 1, 1).await;
    let world = World::new(&running, &founded, 2);
    world.submit(b"no statement".to_vec()).await.expect_err("turned away");
    signed(&running).await;

    let answers = tokio::task::spawn_blocking(move || {
        let ask = |path| {
            let (head, body) = get(address, path, "");
            (head, String::from_utf8(body).expect("text"))
        };
        // The checkpoint is told a moment before the node calls itself ready for it.
        let until = Instant::now() + WAIT_MAX;
        while ask("/readyz").1 != "ready\n" && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        ["/livez", "/readyz", "/metrics"].map(ask)
    });
    let [live, ready, metrics] = answers.await.expect("no panic");
    assert!(live.0.starts_with("HTTP/1.1 200 "), "{live:?}");
    assert_eq!(ready.1, "ready\n");
    let served: Vec<&str> = metrics
        .1
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE granary_"))
        .filter_map(|rest| rest.split_once(' ').map(|(name, _)| name))
        .collect();
    let mut named: Vec<&str> =
        names::ALL.iter().filter_map(|name| name.strip_prefix("granary_")).collect();
    named.sort_unstable();
    let mut sorted = served.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, named);
    for part in ["granary_statements_total{outcome=\"accepted\"} ", "{reason=\"unreadable\"} "] {
        assert!(metrics.1.contains(part), "{part}\n{}", metrics.1);
    }
    running.stop().await;
}
