//! SIGTERM and SIGINT, sent to this test binary run again as a small node.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

use granary_runtime::supervise::{Signals, Supervisor};
use rustix::process::{Pid, Signal, kill_process};

#[test]
#[ignore = "the child of the tests below"]
fn child_that_drains_for_long() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let drain = std::env::var("GRANARY_TEST_DRAIN_MS").unwrap().parse().unwrap();
    let end = runtime.block_on(async move {
        let signals = Signals::install().unwrap();
        let mut supervisor = Supervisor::new();
        supervisor.spawn("server", move |stop| async move {
            println!("\nrunning");
            stop.requested().await;
            println!("draining");
            tokio::time::sleep(Duration::from_millis(drain)).await;
            Ok(())
        });
        supervisor.run(signals.stop_requested(), Duration::from_secs(60)).await
    });
    assert!(end.is_clean());
    println!("clean");
}

struct Node {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Node {
    fn start(drain_ms: u32) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "child_that_drains_for_long"])
            .env("GRANARY_TEST_DRAIN_MS", drain_ms.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut node = Self { child, output };
        node.wait_for("running");
        node
    }

    /// Reads lines until this one; the end of the output is a failure.
    fn wait_for(&mut self, line: &str) {
        let mut read = String::new();
        while read.trim_end() != line {
            read.clear();
            assert_ne!(self.output.read_line(&mut read).unwrap(), 0, "`{line}` never came");
        }
    }

    fn send(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap();
    }

    fn end(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

#[test]
fn one_signal_drains_and_ends_cleanly() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut node = Node::start(10);
        node.send(signal);
        node.wait_for("draining");
        node.wait_for("clean");
        assert_eq!(node.end().code(), Some(0), "{signal:?}");
    }
}

#[test]
fn a_second_signal_ends_at_once_with_its_number() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let mut node = Node::start(60_000);
        node.send(Signal::TERM);
        node.wait_for("draining");
        node.send(signal);
        let status = node.end();
        assert_eq!((status.code(), status.signal()), (Some(code), None), "{signal:?}");
    }
}
