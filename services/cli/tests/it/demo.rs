//! The demo, as somebody who has just built it runs it.

use std::path::Path;

use crate::node::{Ran, granary};

/// Runs the demo and gives what it printed.
fn demo(home: &Path, dir: &str, seed: &str) -> Ran {
    granary(home).args(["demo", "--dir", dir, "--seed", seed]).output().unwrap().into()
}

/// The newest checkpoint without its signature: origin, size and root of all that was said.
fn chain_of(home: &Path, dir: &str) -> String {
    let chains = home.join(dir).join("chains");
    let chain = std::fs::read_dir(chains).unwrap().next().expect("one chain").unwrap().path();
    let names = std::fs::read_dir(chain.join("checkpoints")).unwrap();
    let names = names.map(|name| name.unwrap().file_name().into_string().unwrap());
    let newest = names.filter_map(|name| name.parse::<u64>().ok()).max().expect("a checkpoint");
    let note = std::fs::read_to_string(chain.join("checkpoints").join(newest.to_string())).unwrap();
    note.split("\n\n").next().unwrap().to_owned()
}

#[test]
fn the_same_seed_tells_the_same_story_and_another_one_a_different() {
    let home = tempfile::tempdir().unwrap();
    let first = demo(home.path(), "first", "7").ok();
    demo(home.path(), "again", "7").ok();
    demo(home.path(), "other", "8").ok();
    assert_eq!(chain_of(home.path(), "first"), chain_of(home.path(), "again"));
    assert_ne!(chain_of(home.path(), "first"), chain_of(home.path(), "other"));

    // Nothing had to be set aside on a chain that has just begun.
    let chain = home.path().join("first/chains/demo");
    let names = std::fs::read_dir(chain).unwrap().map(|name| name.unwrap().file_name());
    let names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    assert!(names.iter().all(|name| !name.contains("corrupt")), "{names:?}");

    // A node started there later is where the other commands look for one.
    let settings: Ran = granary(home.path())
        .args(["node", "--dir", "first", "--dump-config"])
        .output()
        .unwrap()
        .into();
    assert!(settings.out.contains("listen = \"127.0.0.1:7400\""), "{settings}");

    // The second bank is refused, and its refusal is an entry.
    assert!(first.out.contains("ENCUMBERED") || first.out.contains("RESERVED"), "{first}");
    let verified: Ran = granary(home.path())
        .args(["verify", "first", "--signatures", "--json"])
        .output()
        .unwrap()
        .into();
    assert!(verified.ok().json()["faults"].as_array().is_none_or(Vec::is_empty));
}

#[test]
fn a_directory_that_has_something_in_it_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("full")).unwrap();
    std::fs::write(home.path().join("full/letter"), "dear bank").unwrap();
    let ran = demo(home.path(), "full", "1");
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.err.contains("full") && ran.err.contains("to do: "), "{ran}");
    assert_eq!(std::fs::read_dir(home.path().join("full")).unwrap().count(), 1);
}
