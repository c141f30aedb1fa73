//! A node is killed in the middle of its work, again and again, and nothing that it acknowledged is lost.
//!
//! The test runs itself again as a child process that keeps a node, submits statements and prints what it
//! was told; the parent kills it with SIGKILL at a random moment. `GRANARY_CRASH_ROUNDS` says how many
//! times.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::Duration,
};

use granary_book::{
    chain::ClockKind,
    parties::{GrantRoles, RegisterParty, Role},
    vocabulary::{Id, PartyId},
    wire::{List, Message},
};
use granary_integration_tests::{Running, World, config, found};
use granary_log::{
    entry::{Entry, Recorded},
    hash::leaf_hash,
    statement::Statement,
};
use granary_node::Founded;
use granary_runtime::{
    chain::{chain_dir, read_vkey},
    queries::Entries,
    store::StoreKind,
    time::unix_ms,
    verify::{Checks, verify_directory},
};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};

/// How many rounds; 5 when not set.
const ROUNDS: &str = "GRANARY_CRASH_ROUNDS";
/// Set in a child: `<round> <store> <node's directory>`.
const CHILD: &str = "GRANARY_CRASH_CHILD";
/// Statements that a child submits when nobody kills it.
const STATEMENTS: usize = 10_000;
/// Callers in a child.
const CALLERS: usize = 16;
/// A child lives for this long after its first acknowledgement, in milliseconds.
const LIFE_MS: std::ops::Range<u64> = 5..600;
/// No child lives longer, whatever happens.
const CHILD_MAX: Duration = Duration::from_secs(120);

/// What a child was told of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Acknowledged {
    command_id: String,
    index: u64,
    leaf_hash: String,
}

impl Acknowledged {
    fn line(&self) -> String {
        format!("ack {} {} {}", self.command_id, self.index, self.leaf_hash)
    }

    /// Nothing of other lines, and of one that the kill cut short.
    fn parse(line: &str) -> Option<Self> {
        let [word, command_id, index, leaf_hash] =
            line.split(' ').collect::<Vec<_>>().try_into().ok()?;
        let whole = word == "ack" && leaf_hash.len() == 64;
        let (command_id, leaf_hash) = (command_id.to_owned(), leaf_hash.to_owned());
        whole.then_some(Self { command_id, index: index.parse().ok()?, leaf_hash })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn store_named(name: &str) -> StoreKind {
    match name {
        "redb" => StoreKind::Redb,
        "sled" => StoreKind::Sled,
        other => panic!("no store is called {other}"),
    }
}

#[test]
fn what_was_acknowledged_survives_any_number_of_kills() {
    if let Ok(task) = env::var(CHILD) {
        return child(&task);
    }
    let rounds = env::var(ROUNDS).ok().map_or(5, |text| text.parse().expect("a number of rounds"));
    for store in ["redb", "sled"] {
        let mut chain = Killed::found(store);
        let mut moments = TestRunner::deterministic();
        for round in 0..rounds {
            let life = LIFE_MS.new_tree(&mut moments).expect("a number").current();
            let fresh = chain.kill_one(round, Duration::from_millis(life));
            chain.check();
            eprintln!(
                "{store}, round {round}: killed after {life} ms and {fresh} acknowledgements, {} in all",
                chain.acknowledged.len()
            );
        }
        assert!(chain.acknowledged.len() > rounds, "the children did some work");
    }
}

/// A chain whose nodes are killed.
struct Killed {
    dir: tempfile::TempDir,
    store: &'static str,
    acknowledged: BTreeMap<u64, Acknowledged>,
    /// Roots of the checkpoints that were ever seen signed, by their size.
    signed: BTreeMap<u64, String>,
}

impl Killed {
    fn found(store: &'static str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let founded = found(&config(dir.path(), store_named(store)), ClockKind::Wall, unix_ms());
        remember(dir.path(), &founded);
        Self { dir, store, acknowledged: BTreeMap::new(), signed: BTreeMap::new() }
    }

    /// Runs a child, kills it so long after its first acknowledgement, and keeps what it was told. How much
    /// that is.
    fn kill_one(&mut self, round: usize, life: Duration) -> usize {
        let task = format!("{round} {} {}", self.store, self.dir.path().display());
        let mut child = Command::new(env::current_exe().expect("this test"))
            .args(["--exact", "what_was_acknowledged_survives_any_number_of_kills", "--nocapture"])
            .env(CHILD, task)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs again");
        let lines = BufReader::new(child.stdout.take().expect("piped"));
        let heard = thread::spawn(move || hear(child, lines, life)).join().expect("no panic");
        let fresh = heard.len();
        for acknowledged in heard {
            let index = acknowledged.index;
            assert_eq!(self.acknowledged.insert(index, acknowledged), None, "one index, one entry");
        }
        fresh
    }

    /// Nothing that was signed before is signed otherwise now. That each is consistent with the entries, and so
    /// with all others, is what the verification shows.
    fn check_signed(&mut self, place: &Path) {
        for entry in fs::read_dir(place.join("checkpoints")).expect("listed") {
            let path = entry.expect("listed").path();
            let size = path.file_name().and_then(|name| name.to_str()?.parse::<u64>().ok());
            let Some(size) = size else { continue };
            let note = fs::read_to_string(&path).expect("there");
            let root = note.lines().nth(2).expect("three lines").to_owned();
            let before = self.signed.insert(size, root.clone());
            assert!(before.is_none_or(|before| before == root), "two roots for {size} entries");
        }
    }

    /// Everything acknowledged is there, the chain verifies, no two checkpoints are inconsistent, and the state
    /// is that of a replay.
    fn check(&mut self) {
        let config = config(self.dir.path(), store_named(self.store));
        let place = chain_dir(self.dir.path(), "test");
        let run = |look: &dyn Fn(&Running)| {
            runtime().block_on(async {
                let running = Running::start(&config).await;
                look(&running);
                running.stop().await
            })
        };
        let recovered = run(&|running| self.check_acknowledged(running));
        let vkey = read_vkey(&place).expect("a key");
        let checks = Checks { signatures: true, replay: true };
        let report = verify_directory(&place, Some(&vkey), checks, &|_, _| {}).expect("runs");
        assert!(report.is_good() && report.beyond == 0, "{report:?}");
        self.check_signed(&place);

        for derived in ["state", "queries"] {
            fs::remove_dir_all(place.join(derived)).expect("it was there");
        }
        let replayed = run(&|_| {});
        assert_eq!(
            recovered, replayed,
            "the state after the kill is that of a replay from nothing"
        );
    }

    fn check_acknowledged(&self, running: &Running) {
        for (index, told) in &self.acknowledged {
            let bytes = running.chain.entries.bytes(*index);
            let bytes =
                bytes.unwrap_or_else(|| panic!("entry {index} was acknowledged and is gone"));
            assert_eq!(hex(&leaf_hash(&bytes).0), told.leaf_hash, "entry {index}");
            let entry = Entry::decode(&bytes).expect("an entry");
            let Recorded::Full(kept) = &entry.statement else { panic!("entry {index} is decided") };
            let statement = Statement::decode(kept).expect("a statement");
            assert_eq!(hex(&statement.command_id), told.command_id, "entry {index}");
        }
    }
}

/// Reads a child's lines until it is killed, by its own handle, `life` after the first acknowledgement. It
/// is killed too when it says nothing for too long.
fn hear(
    mut child: Child,
    lines: BufReader<impl io::Read + Send + 'static>,
    life: Duration,
) -> Vec<Acknowledged> {
    let (tell, told) = std::sync::mpsc::channel();
    let reader = thread::spawn(move || {
        let heard = lines.lines().map_while(Result::ok);
        for acknowledged in heard.filter_map(|line| Acknowledged::parse(&line)) {
            // The parent hears all of it in the end.
            let _ = tell.send(acknowledged);
        }
    });
    let first = told.recv_timeout(CHILD_MAX);
    thread::sleep(life);
    child.kill().expect("it is ours");
    let status = child.wait().expect("it ended");
    reader.join().expect("no panic");
    let first = first.unwrap_or_else(|_| panic!("the child acknowledged nothing: {status}"));
    std::iter::once(first).chain(told).collect()
}

fn runtime() -> tokio::runtime::Runtime {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("threads")
}

/// What a child needs to know of the founding.
fn remember(dir: &Path, founded: &Founded) {
    let parties = [founded.operator, founded.registrar, founded.node];
    let parties: Vec<String> = parties.iter().map(|party| hex(&party.to_bytes())).collect();
    let text = format!("{}\n{}\n{}\n", founded.origin, founded.vkey, parties.join("\n"));
    fs::write(dir.join("founded"), text).expect("it can be written");
}

fn recall(dir: &Path) -> Founded {
    let text = fs::read_to_string(dir.join("founded")).expect("remembered");
    let lines: Vec<&str> = text.lines().collect();
    let party = |n: usize| format!("pt_{}", lines[n]).parse::<PartyId>().expect("an id");
    Founded {
        origin: lines[0].to_owned(),
        vkey: lines[1].to_owned(),
        operator: party(2),
        registrar: party(3),
        node: party(4),
        config: dir.join("granary.toml"),
        keys: dir.join("keys"),
    }
}

/// A node and its callers, in a process that somebody will kill.
fn child(task: &str) {
    let mut parts = task.splitn(3, ' ');
    let mut part = || parts.next().expect("three parts");
    let round: u16 = part().parse().expect("a round");
    let store = store_named(part());
    let dir = PathBuf::from(part());
    runtime().block_on(async {
        let running = Running::start(&config(&dir, store)).await;
        let world = World::new(&running, &recall(&dir), round);
        submit_all(&running, world).await;
    });
}

/// Every fifth statement is one that the rules refuse: a refusal is acknowledged too.
fn statements(mut world: World) -> Vec<Vec<u8>> {
    let registrar = world.registrar.clone();
    let roles = || List::new(vec![Role::Buyer]).expect("one");
    let statement = |n: usize| {
        let (name, body) = if n % 5 == 4 {
            let party = PartyId::from_bytes([0xee; 16]);
            (GrantRoles::NAME, GrantRoles { party, roles: roles() }.encode())
        } else {
            let name = format!("Buyer {n}").parse().expect("a label");
            let register =
                RegisterParty { name, roles: roles(), owner_group: None, custodial: false };
            (RegisterParty::NAME, register.encode())
        };
        let mut statement = world.unsigned(registrar.party, name, body);
        statement.sign_with(registrar.person(1)).expect("once");
        statement.encode().expect("of the right size")
    };
    (0..STATEMENTS).map(statement).collect()
}

async fn submit_all(running: &Running, world: World) {
    let statements = Arc::new(statements(world));
    let callers = (0..CALLERS).map(|caller| {
        let (statements, door) = (Arc::clone(&statements), running.chain.door.clone());
        tokio::spawn(async move {
            for bytes in statements.iter().skip(caller).step_by(CALLERS) {
                let statement = Statement::decode(bytes).expect("a statement");
                let answer = door.submit(bytes.clone()).await.expect("decided");
                let acknowledged = Acknowledged {
                    command_id: hex(&statement.command_id),
                    index: answer.index,
                    leaf_hash: hex(&answer.leaf_hash.0),
                };
                // One write for a line: a kill leaves whole lines, and at most one that is cut.
                let line = format!("{}\n", acknowledged.line());
                io::stdout().lock().write_all(line.as_bytes()).expect("the parent listens");
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.expect("no panic");
    }
}
