//! The log on a disk that tears, forgets, reorders, lies and fails, over and over: nothing that was
//! acknowledged is lost, nothing that was damaged is believed.
//!
//! `GRANARY_SEEDS=n` plays n histories (500 when not set); a history that goes wrong names its seed,
//! and `GRANARY_SEED=n` plays it alone. `GRANARY_SABOTAGE=name` plants a mistake.

#![expect(clippy::unwrap_used, reason = "a helper that fails, fails its test")]

mod disk;
mod files;
mod history;
mod rng;
mod sabotage;
#[path = "../support/mod.rs"]
mod support;

use std::env;
use std::panic::catch_unwind;

use history::{Tally, play};
use sabotage::Sabotage;

/// Histories without an environment variable that says how many.
const SEEDS: u64 = 500;

/// Histories after which every planted mistake must have shown.
const SEEDS_OF_SABOTAGE: u64 = 2_000;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text}")))
}

/// Plays a history; a panic in it is a promise broken too.
fn played(seed: u64, sabotage: Option<Sabotage>) -> Result<Tally, String> {
    catch_unwind(|| play(seed, sabotage)).unwrap_or_else(|_| Err("it panicked".to_owned()))
}

#[test]
fn nothing_acknowledged_is_lost_on_the_worst_of_disks() {
    let sabotage = env::var("GRANARY_SABOTAGE").ok().map(|name| name.parse().unwrap());
    let seeds = match number("GRANARY_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("GRANARY_SEEDS").unwrap_or(SEEDS),
    };
    let (mut tally, mut broken) = (Tally::default(), Vec::new());
    for seed in seeds.clone() {
        match played(seed, sabotage) {
            Ok(met) => tally += met,
            Err(why) => broken.push(format!("GRANARY_SEED={seed}: {why}")),
        }
    }
    eprintln!("{tally:?}");
    assert!(broken.is_empty(), "{} histories went wrong:\n{}", broken.len(), broken.join("\n"));
    if seeds.end - seeds.start >= SEEDS {
        let Tally { power_cuts, cut, kept, refused, unharmed, not_signed, full, .. } = tally;
        let met = [power_cuts, cut, kept, refused, unharmed, not_signed, full];
        assert!(met.iter().all(|times| *times > 0), "something was never met: {tally:?}");
        assert!(tally.unseen * 200 < tally.histories, "{tally:?}");
    }
}

#[test]
fn the_same_seed_is_the_same_history() {
    for seed in 0..20 {
        assert_eq!(played(seed, None), played(seed, None), "seed {seed}");
    }
}

/// The negative controls: each planted mistake is noticed.
#[test]
fn every_sabotage_breaks_a_promise() {
    for (name, sabotage) in Sabotage::ALL {
        let noticed = (0..SEEDS_OF_SABOTAGE).find_map(|seed| {
            play(seed, Some(sabotage)).err().map(|why| format!("seed {seed}: {why}"))
        });
        let noticed = noticed.unwrap_or_else(|| panic!("nobody noticed {name}"));
        eprintln!("{name}, {noticed}");
    }
}
