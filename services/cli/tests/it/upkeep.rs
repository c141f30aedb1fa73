//! Looking after a node's storage from a terminal.

use std::{thread, time::Duration};

use crate::node::World;

/// How often a backup is taken again until a checkpoint is in it.
const TRIES: u32 = 100;

/// Backs the world's running node up until a checkpoint has been signed. How many entries that has.
fn backed_up(world: &World) -> u64 {
    for _ in 0..TRIES {
        let backup = world.run(&["backup", "node", "backup", "--json"]).ok().json();
        assert_eq!(backup["keys"], false);
        if backup["checkpoints"].as_u64() > Some(0) {
            return backup["entries"].as_u64().unwrap();
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("no checkpoint was signed");
}

#[test]
fn a_running_node_is_backed_up_and_comes_back_without_the_right_to_sign() {
    let world = World::new();
    for n in 0..3 {
        world.party(&format!("Party {n}"), &["BUYER"]);
    }
    let size = backed_up(&world);
    assert!(world.run(&["verify", "backup"]).ok().out.contains("good"));
    assert!(!world.path("backup/keys").exists());

    let refused = world.run(&["fsck", "node"]);
    assert_eq!(refused.code, 2, "{refused}");
    assert!(refused.err.contains("in use by process"), "{refused}");
    let refused = world.run(&["rebuild", "node", "--chain", "test"]);
    assert_eq!(refused.code, 2, "{refused}");
    let refused = world.run(&["restore", "backup", "node"]);
    assert_eq!(refused.code, 2, "{refused}");
    assert!(refused.err.contains("it holds ledger.example.org/test"), "{refused}");

    let restored = world.run(&["restore", "backup", "back"]).ok();
    assert!(restored.out.contains("granary chain grant-signer"), "{restored}");
    let found = world.run(&["fsck", "back", "--json"]);
    assert_eq!(found.code, 1, "{found}");
    let findings = &found.json()[0]["findings"];
    assert_eq!(findings[0]["area"], "signer", "{found}");
    assert_eq!(findings[0]["mend"], "grant", "{found}");

    let rebuilt = world.run(&["rebuild", "back", "--chain", "test", "--json"]).ok().json();
    assert_eq!(rebuilt["entries"].as_u64(), Some(size));
}

#[test]
fn damage_is_told_with_its_place_and_what_mends_it() {
    let world = World::new();
    world.party("Party", &["BUYER"]);
    backed_up(&world);
    world.run(&["restore", "backup", "back"]).ok();
    let segment = world.path("back/chains/test/log/0000000000.segment");
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[600] ^= 1;
    std::fs::write(&segment, &bytes).unwrap();
    let found = world.run(&["fsck", "back"]);
    assert_eq!(found.code, 1, "{found}");
    assert!(found.out.contains("segments log/0000000000.segment, "), "{found}");
    assert!(found.out.contains("to do: granary fsck back --repair-from SOURCE"), "{found}");
    let refused = world.run(&["fsck", "back", "--repair-from", "nowhere"]);
    assert_eq!(refused.code, 2, "{refused}");
    assert!(refused.err.contains("neither segments nor entry bundles"), "{refused}");
    let mended = world.run(&["fsck", "back", "--repair-from", "backup", "--segment-mb", "1"]);
    assert!(mended.out.contains("the log was put together anew"), "{mended}");
    assert!(!mended.out.contains("segments log/"), "{mended}");
}
