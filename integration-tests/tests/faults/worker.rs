//! A node and its callers in a process of their own, so that the process may be troubled: this binary, run
//! again. It prints what its callers are told; what it printed must be there afterwards.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use granary_book::{
    parties::{RegisterParty, Role},
    vocabulary::PartyId,
    wire::{List, Message},
};
use granary_integration_tests::{Running, World, config};
use granary_log::hash::leaf_hash;
use granary_node::Founded;
use granary_runtime::{config::Config, store::StoreKind, telemetry};

use crate::chains::{Chain, entries, runtime, verified};

/// Set in a worker: `<series> <statements> <node's directory>`.
const TASK: &str = "GRANARY_WORKER";
/// Callers in a worker.
const CALLERS: usize = 4;
/// No worker lives longer.
const LIFE_MAX: Duration = Duration::from_secs(300);

/// What workers on one chain were told.
#[derive(Debug, Default)]
pub(crate) struct Told(BTreeMap<u64, String>);

/// How a worker ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// How many statements it was told of.
    pub(crate) told: usize,
    /// Whether it was told of all.
    pub(crate) finished: bool,
    /// What it said on stderr.
    pub(crate) said: String,
}

impl Ended {
    pub(crate) fn signal(&self) -> Option<i32> {
        std::os::unix::process::ExitStatusExt::signal(&self.status)
    }
}

/// A command that does nothing but run the rest of its arguments.
pub(crate) const PLAINLY: [&str; 1] = ["env"];

/// Starts a worker on the chain under a command such as `strace`.
pub(crate) fn start(chain: &Chain, series: usize, statements: usize, under: &[&str]) -> Child {
    remember(chain);
    let task = format!("{series} {statements} {}", chain.config.dir.display());
    Command::new(under[0])
        .args(&under[1..])
        .arg(env::current_exe().expect("this test"))
        .args(["--ignored", "--exact", "--nocapture", "worker::works_until_it_is_done_or_stopped"])
        .env(TASK, task)
        .env("RUST_BACKTRACE", "0")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs again")
}

/// Hears a worker out. `trouble` is called once with it, `after` its first acknowledgement.
pub(crate) fn hear(
    mut child: Child,
    told: &mut Told,
    after: Duration,
    trouble: impl FnOnce(&mut Child),
) -> Ended {
    let stdout = BufReader::new(child.stdout.take().expect("piped"));
    let mut stderr = child.stderr.take().expect("piped");
    let errors = thread::spawn(move || {
        let mut bytes = Vec::new();
        // A worker that is killed leaves what it wrote.
        let _ = stderr.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let (tell, lines) = mpsc::channel();
    let reader = thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            // Whoever listens hears all of it in the end.
            let _ = tell.send(line);
        }
    });
    let mut heard = Vec::new();
    if let Ok(first) = lines.recv_timeout(LIFE_MAX) {
        heard.push(first);
        // The test harness says something before the worker does.
        while heard.last().is_some_and(|line| !line.starts_with("ack ")) {
            let Ok(line) = lines.recv_timeout(LIFE_MAX) else { break };
            heard.push(line);
        }
    }
    thread::sleep(after);
    trouble(&mut child);
    let until = Instant::now() + LIFE_MAX;
    let status = loop {
        match child.try_wait().expect("it is ours") {
            Some(status) => break status,
            None if Instant::now() > until => {
                child.kill().expect("it is ours");
                break child.wait().expect("it ended");
            }
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    reader.join().expect("no panic");
    heard.extend(lines);
    let before = told.0.len();
    let finished = heard.iter().any(|line| line == "finished");
    for line in heard {
        let parts: Vec<&str> = line.split(' ').collect();
        if let ["ack", index, leaf] = parts[..]
            && let (Ok(index), 64) = (index.parse(), leaf.len())
        {
            let twice = told.0.insert(index, leaf.to_owned());
            assert!(twice.is_none_or(|before| before == leaf), "one index, one entry");
        }
    }
    let said = errors.join().expect("no panic");
    Ended { status, told: told.0.len() - before, finished, said }
}

/// The node starts again, everything that was told is there, and all of it verifies.
pub(crate) fn check(chain: &mut Chain, told: &Told, context: &str) {
    chain.digest();
    let all = entries(&chain.place());
    for (index, leaf) in &told.0 {
        let bytes = usize::try_from(*index).ok().and_then(|index| all.get(index));
        let bytes =
            bytes.unwrap_or_else(|| panic!("{context}: entry {index} was told and is gone"));
        assert_eq!(hex(&leaf_hash(bytes).0), *leaf, "{context}: entry {index}");
    }
    let report = verified(&chain.place());
    assert!(report.is_good() && report.beyond == 0, "{context}: {report:?}");
}

/// How many statements were told of.
pub(crate) fn count(told: &Told) -> usize {
    told.0.len()
}

/// How many of those told are not in the log.
pub(crate) fn lost(chain: &Chain, told: &Told) -> usize {
    let all = entries(&chain.place());
    told.0.keys().filter(|index| **index >= all.len() as u64).count()
}

/// Whether a tool works here. Where it doesn't, the run says SKIPPED.
pub(crate) fn works(command: &[&str]) -> bool {
    let tried = Command::new(command[0]).args(&command[1..]).output();
    let works = tried.is_ok_and(|output| output.status.success());
    if !works {
        eprintln!("SKIPPED: {} doesn't work on this machine", command.join(" "));
    }
    works
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a worker needs to know of the founding, beside the node's directory.
fn remember(chain: &Chain) {
    let founded = &chain.founded;
    let text = format!("{}\n{}\n{}\n", founded.origin, founded.registrar, founded.operator);
    fs::write(founded_file(&chain.config.dir), text).expect("written");
}

fn founded_file(dir: &Path) -> PathBuf {
    dir.with_extension("founded")
}

fn recall(dir: &Path) -> Founded {
    let text = fs::read_to_string(founded_file(dir)).expect("remembered");
    let lines: Vec<&str> = text.lines().collect();
    let party = |n: usize| lines[n].parse::<PartyId>().expect("an id");
    Founded {
        origin: lines[0].to_owned(),
        vkey: String::new(),
        operator: party(2),
        registrar: party(1),
        node: party(1),
        config: dir.join("granary.toml"),
        keys: dir.join("keys"),
    }
}

#[test]
#[ignore = "run by the tests that trouble it"]
fn works_until_it_is_done_or_stopped() {
    let task = env::var(TASK).expect("run by its parent");
    let mut parts = task.splitn(3, ' ');
    let mut part = || parts.next().expect("three parts");
    let series: u16 = part().parse().expect("a number");
    let statements: usize = part().parse().expect("a number");
    let dir = PathBuf::from(part());
    // What a failure leaves hanging is left behind soon.
    let config = Config { drain_timeout_ms: 3_000, ..config(&dir, StoreKind::Redb) };
    telemetry::init_tracing(&config).expect("once");
    runtime().block_on(async {
        let running = Running::start(&config).await;
        let world = World::new(&running, &recall(&dir), 1_000 + series);
        submit(&running, world, statements).await;
        println!("finished");
        running.stop().await;
    });
}

async fn submit(running: &Running, mut world: World, count: usize) {
    let registrar = world.registrar.clone();
    let mut callers: Vec<Vec<Vec<u8>>> = vec![Vec::new(); CALLERS];
    for n in 0..count {
        let register = RegisterParty {
            name: format!("Buyer {n}").parse().expect("a label"),
            roles: List::new(vec![Role::Buyer]).expect("one"),
            owner_group: None,
            custodial: false,
        };
        let mut statement = world.unsigned(registrar.party, RegisterParty::NAME, register.encode());
        statement.sign_with(registrar.person(1)).expect("once");
        callers[n % CALLERS].push(statement.encode().expect("of the right size"));
    }
    let callers = callers.into_iter().map(|statements| {
        let door = running.chain.door.clone();
        tokio::spawn(async move {
            for bytes in statements {
                let answer = door.submit(bytes).await.expect("decided");
                let line = format!("ack {} {}\n", answer.index, hex(&answer.leaf_hash.0));
                std::io::stdout().lock().write_all(line.as_bytes()).expect("somebody listens");
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.expect("no panic");
    }
}
