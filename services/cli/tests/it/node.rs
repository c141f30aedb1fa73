//! A node to talk to, and a terminal to talk from.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
};

use granary_book::chain::{ClockKind, Visibility};
use granary_node::{Founded, Founding, init, start};
use granary_runtime::{
    config::{Config, Listener},
    keystore::Protection,
    store::StoreKind,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::oneshot;

/// What a run of the binary came to.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The JSON it printed.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// It ended as it should, and said no word of an error.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self}");
        self
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "code {}\nout: {}\nerr: {}", self.code, self.out, self.err)
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran {
            code: output.status.code().expect("ended by itself"),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

/// The binary, with nothing of this process's environment but what it is given.
pub(crate) fn granary(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_granary"));
    command.env_clear().env("HOME", home).current_dir(home).stdin(Stdio::null());
    command
}

/// Runs it with a text on its standard input.
pub(crate) fn with_input(mut command: Command, input: &str) -> Ran {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = thread::spawn(move || {
        // It may end before it has read everything.
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output.into()
}

/// A chain with a simulated clock, and a node that serves it.
pub(crate) struct World {
    dir: TempDir,
    pub(crate) founded: Founded,
    address: String,
    stop: Option<oneshot::Sender<()>>,
    served: Option<thread::JoinHandle<()>>,
}

/// 2026-01-05T00:00:00Z.
pub(crate) const START_MS: u64 = 1_767_571_200_000;

impl World {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = Config {
            dir: dir.path().join("node"),
            chain: "test".to_owned(),
            listen: "127.0.0.1:0".parse().unwrap(),
            http_listen: Listener::Off,
            metrics_listen: Listener::Off,
            store: StoreKind::Redb,
            segment_mb: 1,
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
            clock: ClockKind::Simulated,
            entries: Visibility::Members,
            now_ms: START_MS,
            randomness: &mut randomness,
            protection: Protection::Unencrypted,
        })
        .unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let (told, address) = std::sync::mpsc::channel();
        let served = thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let node = start(&config).await.unwrap();
                told.send(node.address).unwrap();
                let ended = node.run(async { drop(stopped.await) }).await;
                assert!(ended.is_clean(), "{ended:?}");
            });
        });
        let address = format!("http://{}", address.recv().unwrap());
        Self { dir, founded, address, stop: Some(stop), served: Some(served) }
    }

    /// Where gRPC listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Where the test's files are.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file and gives its name.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        name.to_owned()
    }

    /// The binary, knowing the node and its directory of keys.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = granary(self.dir.path());
        command
            .args(args)
            .env("GRANARY_NODE", &self.address)
            .env("GRANARY_KEYS", &self.founded.keys);
        command
    }

    /// Runs it.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.command(args).output().unwrap().into()
    }

    /// A document that the registrar sends.
    pub(crate) fn registration(&self, name: &str, roles: &[&str]) -> Value {
        serde_json::json!({
            "type": "RegisterParty", "as": self.founded.registrar.to_string(),
            "body": {"name": name, "roles": roles},
        })
    }

    /// Registers a party and gives its id.
    pub(crate) fn party(&self, name: &str, roles: &[&str]) -> String {
        let document = self.registration(name, roles).to_string();
        let ran = with_input(self.command(&["send", "--json", "-"]), &document).ok();
        let event = &ran.json()["accepted"]["items"][0]["events"][0];
        event["body"]["party"].as_str().unwrap().to_owned()
    }

    /// How many entries there are.
    pub(crate) fn size(&self) -> u64 {
        self.run(&["chain", "show", "--json"]).ok().json()["size"].as_u64().unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(served) = self.served.take() {
            let ended = served.join();
            assert!(thread::panicking() || ended.is_ok(), "the node ended badly");
        }
    }
}
