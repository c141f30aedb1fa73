//! `granary key`.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::{Value, json};

use crate::node::{World, granary, with_input};

/// A file with a passphrase that only its owner reads.
fn passphrase(dir: &std::path::Path, text: &str) -> String {
    let path = dir.join("passphrase");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path.display().to_string()
}

#[test]
fn a_key_is_made_encrypted_in_the_users_own_directory_and_never_shown() {
    let home = tempfile::tempdir().unwrap();
    let secret = passphrase(home.path(), "rice in the granary\n");
    let party = "pt_0190163e8d9470e5b1d2c3a4f5061728";
    let new = ["key", "new", "zhang", "--party", party, "--passphrase-file", &secret, "--json"];
    let ran = crate::node::Ran::from(granary(home.path()).args(new).output().unwrap()).ok();
    let file = home.path().join(".config/granary/keys/zhang.key");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("BEGIN AGE ENCRYPTED FILE"), "{text}");
    let made = ran.json();
    assert_eq!((&made["party"], &made["encrypted"]), (&json!(party), &json!(true)));
    assert_eq!(made["registration"]["body"]["key"], made["public_key"]);
    // Whatever is printed of it, the secret is not among it.
    let shown = granary(home.path()).args(["key", "show", "zhang"]).output().unwrap();
    let listed = granary(home.path()).args(["key", "list"]).output().unwrap();
    for printed in [ran.out.as_bytes(), &shown.stdout, &shown.stderr, &listed.stdout] {
        assert!(!String::from_utf8_lossy(printed).contains("AGE"), "{printed:?}");
    }
    let again = granary(home.path()).args(new).output().unwrap();
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("never overwritten"));
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn a_passphrase_is_not_taken_from_the_command_line_or_a_file_that_others_read() {
    let home = tempfile::tempdir().unwrap();
    let path = passphrase(home.path(), "rice in the granary");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let run =
        |args: &[&str]| crate::node::Ran::from(granary(home.path()).args(args).output().unwrap());
    let ran = run(&["key", "new", "zhang", "--passphrase-file", &path]);
    assert!(ran.code == 2 && ran.err.contains("chmod 600"), "{ran}");
    let ran = run(&["key", "new", "zhang", "--passphrase", "rice in the granary"]);
    assert!(ran.code == 2 && ran.err.contains("--passphrase"), "{ran}");
    let ran = run(&["key", "new", "zhang"]);
    assert!(ran.code == 2 && ran.err.contains("--passphrase-file"), "{ran}");
    assert!(!home.path().join(".config/granary/keys/zhang.key").exists());
}

#[test]
fn a_key_lives_from_its_registration_to_its_rotation_and_revocation() {
    let world = World::new();
    let mill = world.party("Mill", &["BUYER"]);
    let registrar = world.founded.registrar.to_string();

    // Made, and registered by the registrar, with the new key signing beside its own.
    let new = ["key", "new", "mill", "--party", &mill, "--unencrypted", "--json"];
    let mut document = world.run(&new).ok().json()["registration"].clone();
    document["as"] = json!(registrar);
    let send = ["send", "--key", "registrar", "--key", "mill", "-"];
    with_input(world.command(&send), &document.to_string()).ok();

    // Rotated: two documents; the registrar and the party sign their own.
    world.run(&["key", "rotate", "mill", "--to", "mill-2", "--out", "r.ndjson"]).ok();
    let text = fs::read_to_string(world.path("r.ndjson")).unwrap();
    let documents: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&documents[0]["as"], &documents[1]["as"]), (&json!(registrar), &json!(mill)));
    let send = ["send", "--key", "registrar", "--key", "mill-2", "-"];
    with_input(world.command(&send), &documents[0].to_string()).ok();
    let send = ["send", "--key", "mill-2", "-"];
    with_input(world.command(&send), &documents[1].to_string()).ok();

    // The old key signs no more; the new one revokes itself, as its owner may.
    let revoke = |key| world.run(&["key", "revoke", key]);
    let old = revoke("mill");
    assert!(old.code == 1 && old.out.contains("KEY_REVOKED"), "{old}");
    assert!(revoke("mill-2").ok().out.contains("KeyRevoked: party pt_"));
    let gone = revoke("mill-2");
    assert!(gone.code == 1 && gone.out.contains("KEY_REVOKED"), "{gone}");
}

#[test]
fn an_encrypted_key_signs_with_its_passphrase_and_not_without() {
    let world = World::new();
    let mill = world.party("Mill", &["BUYER"]);
    let secret = passphrase(&world.path("."), "rice in the granary");
    let new = ["key", "new", "mill", "--party", &mill, "--passphrase-file", &secret, "--json"];
    let mut document = world.run(&new).ok().json()["registration"].clone();
    document["as"] = json!(world.founded.registrar.to_string());
    let send = ["send", "--key", "registrar", "--key", "mill", "-"];
    let without = with_input(world.command(&send), &document.to_string());
    assert!(without.code == 2 && without.err.contains("--passphrase-file"), "{without}");
    let send = ["send", "--key", "registrar", "--key", "mill", "--passphrase-file", &secret, "-"];
    with_input(world.command(&send), &document.to_string()).ok();
}
