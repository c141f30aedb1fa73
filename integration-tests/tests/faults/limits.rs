//! A node that is short of something: it stops or refuses and says so, or waits; nothing it told is lost, and
//! it starts again when the cause has ended.

use std::{fs, time::Duration};

use crate::{
    chains::{Chain, copy_dir},
    powercut::Mounted,
    worker::{PLAINLY, Told, check, hear, start, works},
};

/// Statements of a worker.
const STATEMENTS: usize = 200;

const SIGKILL: i32 = 9;

/// A worker under a limit; then without it.
fn under(limit: &[&str], expect: impl Fn(&crate::worker::Ended) -> bool, context: &str) {
    let mut chain = Chain::of(5);
    let mut told = Told::default();
    let child = start(&chain, 0, STATEMENTS, limit);
    let ended = hear(child, &mut told, Duration::ZERO, |_| {});
    assert!(expect(&ended), "{context}: {ended:?}");
    check(&mut chain, &told, context);
    let ended = hear(start(&chain, 1, 20, &PLAINLY), &mut told, Duration::ZERO, |_| {});
    assert!(ended.finished, "{context}: it goes on when the cause has ended: {ended:?}");
    check(&mut chain, &told, context);
}

/// What a shell sets for the process that it becomes.
fn shell(set: &str) -> [String; 4] {
    ["sh".to_owned(), "-c".to_owned(), format!("{set}; exec \"$0\" \"$@\""), String::new()]
}

fn under_shell(set: &str, expect: impl Fn(&crate::worker::Ended) -> bool) {
    let [sh, flag, script, _] = shell(set);
    if works(&[&sh, &flag, &format!("{set}; exec true")]) {
        under(&[&sh, &flag, &script], expect, set);
    }
}

#[test]
fn a_node_without_file_descriptors_says_so_and_loses_nothing() {
    under_shell("ulimit -n 12", |ended| {
        !ended.finished && ended.said.contains("Too many open files")
    });
}

#[test]
fn a_limit_of_file_size_kills_nobody() {
    // Less than a segment, in blocks of 512 bytes: the next one can't be made.
    under_shell("ulimit -f 1024", |ended| ended.signal().is_none());
}

#[test]
fn a_slow_disk_only_slows_a_node_down() {
    let slow = [
        "strace",
        "-f",
        "-o",
        "/dev/null",
        "-e",
        "trace=fdatasync",
        "-e",
        "inject=fdatasync:delay_enter=50ms",
    ];
    if works(&[&slow[..], &["true"]].concat()) {
        under(&slow, |ended| ended.finished, "a slow disk");
    }
}

#[test]
fn a_monotonic_clock_that_stands_elsewhere_changes_nothing() {
    let elsewhere =
        ["unshare", "--time", "--monotonic", "100000", "--boottime", "100000", "--fork"];
    if works(&[&elsewhere[..], &["true"]].concat()) {
        under(&elsewhere, |ended| ended.finished, "another monotonic clock");
    }
}

#[test]
fn a_node_that_was_stopped_for_a_while_goes_on() {
    let mut chain = Chain::of(5);
    let mut told = Told::default();
    let child = start(&chain, 0, 2_000, &PLAINLY);
    let signal = |name: &str, pid: u32| {
        let sent = std::process::Command::new("kill").args([name, &pid.to_string()]).status();
        assert!(sent.expect("kill runs").success());
    };
    let ended = hear(child, &mut told, Duration::from_millis(20), |child| {
        signal("-STOP", child.id());
        std::thread::sleep(Duration::from_millis(1_500));
        signal("-CONT", child.id());
    });
    assert!(ended.finished, "{ended:?}");
    check(&mut chain, &told, "stopped for a while");
}

#[test]
fn a_full_disk_stops_a_node_that_says_so_and_it_goes_on_when_there_is_room() {
    let mut chain = Chain::of(5);
    let small = chain.beside("small");
    let Some(mounted) = Mounted::new(&small, &["-t", "tmpfs", "-o", "size=6m", "tmpfs"]) else {
        return;
    };
    let home = chain.config.dir.clone();
    let full = mounted.dir.join("node");
    copy_dir(&home, &full);
    chain.config.dir.clone_from(&full);
    let mut told = Told::default();
    let child = start(&chain, 0, 20_000, &PLAINLY);
    let ended = hear(child, &mut told, Duration::ZERO, |_| {});
    assert!(!ended.finished && ended.signal().is_none(), "{ended:?}");
    let says_so = ["disk is full", "No space left on device"].map(|text| ended.said.contains(text));
    assert!(says_so.contains(&true), "{ended:?}");
    // Room: the same directory on a larger disk.
    fs::remove_dir_all(&home).expect("removed");
    copy_dir(&full, &home);
    chain.config.dir = home;
    drop(mounted);
    check(&mut chain, &told, "a full disk");
}

#[test]
fn a_directory_that_cannot_be_written_is_named_at_the_start() {
    let mut chain = Chain::of(5);
    let home = chain.config.dir.clone();
    let path = home.display().to_string();
    let Some(read_only) = Mounted::new(&chain.beside("ro"), &["-o", "bind,ro", &path]) else {
        return;
    };
    chain.config.dir.clone_from(&read_only.dir);
    let refusal = chain.refusal();
    assert!(refusal.contains("ead-only file system"), "{refusal}");
    drop(read_only);
    chain.config.dir = home;
    chain.digest();
}

#[test]
fn a_node_out_of_memory_is_killed_and_loses_nothing() {
    let group = "/sys/fs/cgroup/memory/granary-test";
    let set = format!(
        "mkdir -p {group} && echo 16000000 > {group}/memory.limit_in_bytes && echo $$ > {group}/tasks"
    );
    under_shell(&set, |ended| ended.signal() == Some(SIGKILL));
    // Only an empty one is removed; it is ours alone.
    let _ = fs::remove_dir(group);
}

#[test]
fn a_node_that_may_start_no_threads_says_so() {
    let group = "/sys/fs/cgroup/pids/granary-test";
    let set = format!("mkdir -p {group} && echo 4 > {group}/pids.max && echo $$ > {group}/tasks");
    under_shell(&set, |ended| !ended.finished && !ended.status.success());
    let _ = fs::remove_dir(group);
}
