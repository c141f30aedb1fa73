//! What is left of a store whose process was killed while it wrote.
//!
//! The writer is this very test binary, run again with `GRANARY_CRASH_DIR` set and killed. It is
//! a binary of its own because a process that forks holds, for a moment, a second copy of every
//! file lock of every test.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "store/numbered.rs"]
mod numbered;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use granary_runtime::store::{StoreKind, open_store};

use numbered::{assert_stands_at, numbered, small};

#[test]
#[ignore = "the child of `a_killed_writer_leaves_a_whole_batch_and_all_it_flushed`"]
fn child_that_writes_until_it_is_killed() {
    let dir = PathBuf::from(std::env::var_os("GRANARY_CRASH_DIR").expect("run by its parent"));
    let kind = std::env::var("GRANARY_CRASH_KIND").unwrap().parse().unwrap();
    let store = open_store(kind, &dir, &small()).unwrap();
    let first = store.position().unwrap().map_or(0, |at| at.size) + 1;
    for n in first..first + 100_000 {
        store.apply(&numbered(n)).unwrap();
        if n % 5 == 0 {
            store.flush().unwrap();
            println!("\nflushed {n}");
        }
    }
}

/// Runs the child until it has reported `reports` flushes, kills it, returns the last one.
fn write_and_kill(kind: StoreKind, dir: &Path, reports: usize) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "child_that_writes_until_it_is_killed"])
        .env("GRANARY_CRASH_DIR", dir)
        .env("GRANARY_CRASH_KIND", kind.name())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let flushed = lines
        .map_while(Result::ok)
        .filter_map(|line| line.strip_prefix("flushed ")?.parse().ok())
        .take(reports)
        .last();
    child.kill().unwrap();
    child.wait().unwrap();
    flushed.expect("the child flushed before it was killed")
}

#[test]
fn a_killed_writer_leaves_a_whole_batch_and_all_it_flushed() {
    for kind in [StoreKind::Sled, StoreKind::Redb] {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("state");
        for round in 0..4 {
            let flushed = write_and_kill(kind, &dir, 1 + round * 3);
            let context = format!("{kind:?}, round {round}, flushed {flushed}");
            let store = open_store(kind, &dir, &small()).expect("a kill damages nothing");
            let stands = store.position().unwrap().expect("it had applied something").size;
            assert!(stands >= flushed, "{context}: stands at {stands}");
            assert_stands_at(&*store, stands, &context);
        }
    }
}
