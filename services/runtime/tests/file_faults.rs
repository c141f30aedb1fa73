//! A disk that is full, and a disk that fails: made by the system, not by a fake.
//!
//! Both need a tool of Linux (`unshare`, `strace`); where it can't be used the test says so.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use granary_log::segment::Storage;
use granary_runtime::files::{FileError, FileStorage, write_atomically};

fn dir_of_child() -> PathBuf {
    PathBuf::from(std::env::var_os("GRANARY_TEST_DIR").expect("run by its parent"))
}

fn this_binary() -> PathBuf {
    std::env::current_exe().unwrap()
}

/// Whether the tool works here: it may be missing, or forbidden in a container.
fn works(command: &[&str]) -> bool {
    let tried = Command::new(command[0]).args(&command[1..]).output();
    let works = tried.is_ok_and(|output| output.status.success());
    if !works {
        eprintln!("not tested: {command:?} doesn't work on this machine");
    }
    works
}

fn said(output: &Output) -> String {
    [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat()
}

#[test]
#[ignore = "the child of `a_full_disk_loses_nothing_and_says_what_to_do`, on a disk of 4 MiB"]
fn child_that_fills_its_disk() {
    let dir = dir_of_child();
    let mut storage = FileStorage::open(&dir.join("log")).unwrap();
    storage.create("segment-1", 3 << 20).unwrap();
    storage.write_at("segment-1", 0, b"acknowledged").unwrap();
    storage.sync_data("segment-1").unwrap();

    let error = storage.create("segment-2", 3 << 20).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StorageFull, "{error:?}");
    let log = dir.join("log");
    let text = format!(
        "disk is full at {}: can't make a file in; free space and restart; \
         nothing acknowledged was lost",
        log.display()
    );
    assert_eq!(error.to_string(), text);

    // The segment in use can still be written and synced: its blocks are its own.
    storage.write_at("segment-1", (3 << 20) - 4, b"more").unwrap();
    storage.sync_data("segment-1").unwrap();
    assert_eq!(storage.list().unwrap(), ["segment-1"], "nothing is left of the second");

    // A small file isn't replaced by half of a larger one.
    write_atomically(&dir.join("signer"), b"old", 0o600).unwrap();
    let error = write_atomically(&dir.join("signer"), &vec![7; 2 << 20], 0o600).unwrap_err();
    assert!(matches!(error, FileError::DiskFull { .. }), "{error:?}");
    assert_eq!(std::fs::read(dir.join("signer")).unwrap(), b"old");
    println!("\nthe disk was full");
}

#[test]
fn a_full_disk_loses_nothing_and_says_what_to_do() {
    if !works(&["unshare", "--map-root-user", "--mount", "true"]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mount = "mount -t tmpfs -o size=4m tmpfs \"$GRANARY_TEST_DIR\" && exec \"$0\" \"$@\"";
    let output = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", mount])
        .arg(this_binary())
        .args(["--ignored", "--exact", "--nocapture", "child_that_fills_its_disk"])
        .env("GRANARY_TEST_DIR", dir.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("\nthe disk was full\n"), "{}", said(&output));
}

#[test]
#[ignore = "the child of `a_sync_that_the_disk_fails_ends_the_process`, under strace"]
fn child_whose_disk_fails_its_second_sync() {
    let mut storage = FileStorage::open(&dir_of_child()).unwrap();
    storage.create("segment-1", 4_096).unwrap();
    storage.sync_data("segment-1").unwrap();
    println!("\nfirst sync done");
    storage.write_at("segment-1", 0, b"never acknowledged").unwrap();
    storage.sync_data("segment-1").unwrap();
    println!("\nsecond sync done");
}

#[test]
fn a_sync_that_the_disk_fails_ends_the_process() {
    if !works(&["strace", "-f", "-e", "inject=fdatasync:error=EIO", "true"]) {
        return;
    }
    const SIGABRT: i32 = 6;
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new("strace")
        .args(["-f", "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=2"])
        .arg(this_binary())
        .args(["--ignored", "--exact", "--nocapture", "child_whose_disk_fails_its_second_sync"])
        .env("GRANARY_TEST_DIR", dir.path())
        .output()
        .unwrap();
    let text = said(&output);
    // strace ends as what it runs does.
    assert_eq!(output.status.signal(), Some(SIGABRT), "{text}");
    assert!(text.contains("\nfirst sync done\n"), "{text}");
    assert!(!text.contains("second sync done"), "{text}");
    assert!(text.contains("segment-1 failed: Input/output error"), "{text}");
}
