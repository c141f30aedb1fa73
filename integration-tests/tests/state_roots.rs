//! A node puts the root of its state on the chain, and whoever replays the chain finds the same one.

use std::{path::Path, time::Duration};

use granary_book::{
    chain::{ClockKind, STATE_ROOT_EVERY, StateRoot, StateRootReported},
    parties::Role,
    vocabulary::Digest,
    wire::Message,
};
use granary_integration_tests::{Actor, Running, World, config, found};
use granary_log::entry::Entry;
use granary_runtime::{
    chain::{Chain, chain_dir},
    keystore::KeyFile,
    state_root,
    store::StoreKind,
    time::unix_ms,
    verify::{Checks, verify_directory},
};

/// The first report of a state root on the chain, once there is one.
async fn reported(chain: &Chain) -> StateRootReported {
    let entries = chain.door.queries().entries();
    let mut index = STATE_ROOT_EVERY;
    let mut looks = 0;
    loop {
        while index < entries.size() {
            let entry = Entry::decode(&entries.bytes(index).expect("below the size")).expect("one");
            index += 1;
            let mut events = entry.result.events();
            if let Some(event) = events.find(|e| e.type_name == StateRootReported::NAME) {
                return StateRootReported::decode(&event.body).expect("a report");
            }
        }
        looks += 1;
        assert!(looks < 6_000, "the node reports no state root");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn verify(dir: &Path) -> Vec<String> {
    let checks = Checks { replay: true, ..Checks::default() };
    let report = verify_directory(&chain_dir(dir, "test"), None, checks, &|_, _| {});
    let faults = report.expect("it can run").faults;
    faults.into_iter().map(|found| format!("{}: {}", found.index, found.what)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_root_on_the_chain_is_the_one_that_a_replay_finds_on_either_store() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut config = config(dir.path(), StoreKind::Redb);
    let founded = found(&config, ClockKind::Wall, unix_ms());
    let running = Running::start(&config).await;
    let mut world = World::new(&running, &founded, 0);
    for n in 0..STATE_ROOT_EVERY + 10 {
        world.register(&[(format!("Buyer {n}"), Role::Buyer)]).await;
    }
    let report = reported(&running.chain).await;
    assert_eq!((report.node, report.size), (founded.node, STATE_ROOT_EVERY));
    let kept = |running: &Running| {
        state_root::kept(&running.chain.states.queries.snapshot(), STATE_ROOT_EVERY)
    };
    assert_eq!(kept(&running).map(|root| Digest(root.0)), Some(report.root));
    drop(world);
    running.stop().await;
    assert!(verify(dir.path()).is_empty(), "{:?}", verify(dir.path()));

    // The other store makes state and map anew from the log.
    config.store = StoreKind::Sled;
    let running = Running::start(&config).await;
    assert_eq!(kept(&running).map(|root| Digest(root.0)), Some(report.root));

    // A node that reports something else is found by whoever replays the chain.
    let path = founded.keys.join("node.key");
    let key = KeyFile::open(&path).expect("there").unlock(None).expect("unprotected");
    let node = Actor::new(founded.node, vec![key.signing_key().clone()]);
    let mut world = World::new(&running, &founded, 1);
    let lie = StateRoot { size: STATE_ROOT_EVERY, root: Digest([9; 32]) };
    let told = world.tell(&node, &lie).await;
    drop(world);
    running.stop().await;
    let faults = verify(dir.path());
    let [fault] = &faults[..] else { panic!("{faults:?}") };
    assert!(fault.starts_with(&format!("{}: ", told.index)), "{fault}");
    assert!(fault.contains("reports another state root after 1024 entries"), "{fault}");
}
