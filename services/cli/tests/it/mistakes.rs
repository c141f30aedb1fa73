//! What people get wrong at a terminal: each is told what happened, why and what to do, with exit code 2, and
//! nothing is changed.

use std::{net::TcpListener, path::Path};

use crate::node::{Ran, World, granary};

fn run(home: &Path, args: &[&str]) -> Ran {
    granary(home).args(args).output().unwrap().into()
}

/// A directory with a chain in it that no node serves.
fn founded() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    run(home.path(), &["init", "--dir", "node", "--chain", "test", "--unprotected-keys"]).ok();
    home
}

#[track_caller]
fn assert_told(ran: &Ran, words: &[&str]) {
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran}");
    assert!(ran.err.starts_with("error: "), "{ran}");
    for word in words {
        assert!(ran.err.contains(word), "{word:?} is missing: {ran}");
    }
}

#[test]
fn a_port_in_use_is_named() {
    let home = founded();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ran = run(home.path(), &["node", "--dir", "node", "--listen", &address]);
    assert_told(&ran, &[&address, "in use"]);
}

#[test]
fn a_directory_in_use_is_told_with_its_holder() {
    let world = World::new();
    let ran = world.run(&["node", "--dir", "node", "--listen", "127.0.0.1:0"]);
    assert_told(&ran, &["is in use by", &std::process::id().to_string()]);
}

#[test]
fn a_directory_without_a_chain_is_told_how_to_make_one() {
    let home = tempfile::tempdir().unwrap();
    assert_told(&run(home.path(), &["node", "--dir", "nothing"]), &["nothing", "granary init"]);
}

#[test]
fn a_misspelt_key_of_the_configuration_is_told_with_the_one_that_was_meant() {
    let home = founded();
    let path = home.path().join("node/granary.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("lisen = \"127.0.0.1:0\"\n{text}")).unwrap();
    let ran = run(home.path(), &["node", "--dir", "node", "--check"]);
    assert_told(&ran, &["lisen", "listen", "granary.toml"]);
}

#[test]
fn what_is_no_csv_file_or_is_not_there_is_told_before_anything_is_sent() {
    let world = World::new();
    let size = world.size();
    std::fs::write(world.path("scan.csv"), b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n").unwrap();
    let ran = world.run(&["import", "orders", "scan.csv", "--dir", "node"]);
    assert_told(&ran, &["scan.csv", "PDF"]);
    let ran = world.run(&["import", "prices", "none.csv", "--dir", "node"]);
    assert_told(&ran, &["none.csv", "no such file"]);
    assert_eq!(world.size(), size);
}
