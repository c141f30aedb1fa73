//! System calls of a working node that fail, or at which it is killed: it stops or goes on correctly, and
//! what it told is there. What the same failures do after they took effect is played on the
//! simulated disk (`ledger/log/tests/simulation`): strace can keep a call from being made, and can't
//! make one fail that was.

use std::{
    collections::BTreeMap,
    env, fs,
    time::{Duration, Instant},
};

use crate::{
    chains::Chain,
    worker::{Told, check, hear, start, works},
};

/// The system calls, and what one that fails may do to the node. Not `write`: segments are written with
/// `pwrite64`, and `write` is also how the runtime wakes its threads, which then sleep for ever.
const CALLS: [(&str, Expected); 6] = [
    ("pwrite64", Expected::Stops),
    ("fdatasync", Expected::Stops),
    ("fsync", Expected::StopsOrGoesOn),
    ("rename", Expected::StopsOrGoesOn),
    ("openat", Expected::StopsOrGoesOn),
    ("ftruncate", Expected::StopsOrGoesOn),
];

/// What a failure may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// The node ends, or doesn't start; at a sync of the evidence it aborts, and never tries it again.
    Stops,
    /// It ends, or the call was of no consequence.
    StopsOrGoesOn,
}

/// Which calls fail: each for itself, counted for each thread. All up to so many with
/// `GRANARY_FAULTS=n`.
fn places() -> Vec<u32> {
    match env::var("GRANARY_FAULTS") {
        Ok(text) => (1..=text.parse().expect("a number of calls")).collect(),
        Err(_) => vec![1, 6],
    }
}

const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;
const STATEMENTS: usize = 24;

#[test]
fn a_system_call_that_fails_stops_the_node_or_does_no_harm() {
    if !works(&["strace", "-f", "-e", "inject=fdatasync:error=EIO", "true"]) {
        return;
    }
    let mut chain = Chain::of(5);
    let (mut told, mut series) = (Told::default(), 0);
    let mut table: BTreeMap<(&str, &str), BTreeMap<&str, u32>> = BTreeMap::new();
    for (call, expected) in CALLS {
        for (how, inject) in [("fails", "error=EIO"), ("is killed", "signal=SIGKILL")] {
            for place in places() {
                series += 1;
                let context = format!("{call} number {place} {how}");
                let log = chain.beside("strace");
                let injection = format!("inject={call}:{inject}:when={place}");
                let trace = format!("trace={call}");
                let path = log.display().to_string();
                let under = ["strace", "-f", "-y", "-o", &path, "-e", &trace, "-e", &injection];
                let began = Instant::now();
                let child = start(&chain, series, STATEMENTS, &under);
                let ended = hear(child, &mut told, Duration::ZERO, |_| {});
                let trace = fs::read_to_string(&log).unwrap_or_default();
                let injected = trace.contains("(INJECTED)") || trace.contains("killed by SIGKILL");
                let came_to = match (injected, ended.status.success(), ended.signal()) {
                    (false, ..) => "never called so often",
                    (_, true, None) => "goes on",
                    (_, _, Some(SIGABRT)) => "aborts",
                    (_, _, Some(SIGKILL)) => "is killed",
                    _ => "stops, or doesn't start",
                };
                *table.entry((call, how)).or_default().entry(came_to).or_default() += 1;
                if how == "fails" && injected {
                    let said = &ended.said;
                    let of_evidence = |line: &str| {
                        line.contains("sync(")
                            && line.contains(".segment")
                            && line.contains("(INJECTED)")
                    };
                    if trace.lines().any(of_evidence) {
                        assert_eq!(came_to, "aborts", "{context}: {said}");
                    }
                    match expected {
                        Expected::Stops => assert_ne!(came_to, "goes on", "{context}: {said}"),
                        Expected::StopsOrGoesOn => {}
                    }
                }
                eprintln!("{context}: {came_to}, after {:?}", began.elapsed());
                check(&mut chain, &told, &context);
            }
        }
    }
    for ((call, how), came_to) in &table {
        eprintln!("{call} {how}: {came_to:?}");
    }
    let aborted = table[&("fdatasync", "fails")].get("aborts").copied();
    assert!(aborted.is_some_and(|times| times > 0), "{table:?}");
}
