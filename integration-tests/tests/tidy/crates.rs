//! Who may depend on whom.

use std::process::Command;

use crate::tree::{Tree, root};

/// A crate may depend on lower tiers only: neither upwards nor sideways. The reason given here is the error
/// message.
const TIERS: &[(&str, u8, &str)] = &[
    ("proto", 0, "the wire: generated types, and nothing of ours"),
    ("ledger/log", 0, "pure: bytes in, proofs out; it knows no rule of the trade"),
    ("ledger/book", 1, "pure: the rules; it knows no service and no wire but its own"),
    ("services/words", 2, "what people read about the rules"),
    ("services/import", 2, "rows out of files; it knows no chain"),
    ("services/runtime", 3, "the ground under every service; it knows none of them"),
    ("services/parties", FACE, "a gRPC face: it sees no other"),
    ("services/receipts", FACE, "a gRPC face: it sees no other"),
    ("services/finance", FACE, "a gRPC face: it sees no other"),
    ("services/orders", FACE, "a gRPC face: it sees no other"),
    ("services/shipments", FACE, "a gRPC face: it sees no other"),
    ("services/audit", FACE, "a gRPC face: it sees no other"),
    ("services/web", FACE, "the HTTP face: it sees no other"),
    (
        "services/witness",
        5,
        "a log's watcher: it is no part of a node, and knows no rule of the trade",
    ),
    ("services/importer", 5, "a caller like others: it talks to a node, and is no part of one"),
    (ASSEMBLER, 5, "assembles the faces"),
    ("services/cli", 6, "the binary: it starts a node or talks to one"),
    (TESTS, 7, "sees everything"),
];
/// The tier of gRPC faces: besides the tests, only [`ASSEMBLER`] names them.
const FACE: u8 = 4;
const ASSEMBLER: &str = "services/node";
const TESTS: &str = "integration-tests";

/// All that the ledger may be built from: none of these reads a clock, a file, the network or the environment.
const PURE: &[&str] =
    &["base64", "crc32c", "ed25519-dalek", "granary-log", "postcard", "serde", "sha2", "thiserror"];

/// Crates through which the ledger could reach the world, were one of its dependencies to bring them in.
const IO: &[&str] = &[
    "async-std",
    "chrono",
    "getrandom",
    "hyper",
    "jiff",
    "memmap2",
    "mio",
    "rand",
    "rand_core",
    "rdkafka",
    "redb",
    "rustix",
    "sled",
    "smol",
    "socket2",
    "tempfile",
    "tokio",
    "tonic",
    "tracing",
    "uuid",
];

fn tier(folder: &str) -> Option<&'static (&'static str, u8, &'static str)> {
    TIERS.iter().find(|(known, ..)| *known == folder)
}

/// Tables of a manifest that name dependencies: the tests' own reach as far as the crate's.
const TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

fn dependencies<'m>(manifest: &'m toml::Table, tables: &'m [&str]) -> Vec<&'m str> {
    let targets = manifest.get("target").and_then(toml::Value::as_table).into_iter().flatten();
    let places = targets.filter_map(|(_, target)| target.as_table()).chain([manifest]);
    places
        .flat_map(|place| tables.iter().filter_map(|name| place.get(*name)?.as_table()))
        .flat_map(|table| table.iter())
        .map(|(name, how)| how.get("package").and_then(toml::Value::as_str).unwrap_or(name))
        .collect()
}

/// The folder of a crate of ours, by its package's name.
fn folder_of<'t>(manifests: &'t [(&'t str, toml::Table)], package: &str) -> Option<&'t str> {
    let is = |manifest: &toml::Table| manifest["package"]["name"].as_str() == Some(package);
    manifests.iter().find(|(_, manifest)| is(manifest)).map(|(folder, _)| *folder)
}

pub(crate) fn tiers(tree: &Tree) -> Vec<String> {
    let manifests: Vec<_> = tree.manifests().collect();
    let mut wrong = Vec::new();
    for (folder, manifest) in &manifests {
        let Some((_, own, why)) = tier(folder) else {
            wrong.push(format!(
                "{folder}: give it a tier in integration-tests/tests/tidy/crates.rs"
            ));
            continue;
        };
        for package in dependencies(manifest, &TABLES) {
            let Some(other) = folder_of(&manifests, package) else { continue };
            let Some((_, others, _)) = tier(other) else { continue };
            let by_the_way = *others == FACE && ![ASSEMBLER, TESTS].contains(folder);
            if own <= others || by_the_way {
                wrong.push(format!("{folder} may not depend on {other} ({why})"));
            }
        }
    }
    wrong
}

pub(crate) fn pure_dependencies(tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    for (folder, manifest) in tree.manifests().filter(|(folder, _)| folder.starts_with("ledger/")) {
        for package in dependencies(&manifest, &["dependencies", "build-dependencies"]) {
            if !PURE.contains(&package) {
                wrong.push(format!(
                    "{folder} may not depend on {package}: the ledger is built from {} alone",
                    PURE.join(", ")
                ));
            }
        }
    }
    wrong
}

/// Everything a package is built from, as cargo resolves it for this platform.
pub(crate) fn dependency_closure(package: &str) -> String {
    let arguments =
        ["tree", "--locked", "--offline", "--edges", "normal,build", "--prefix", "none"];
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(arguments)
        .args(["--package", package])
        .output()
        .expect("cargo runs: it runs this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}

pub(crate) fn io_below(package: &str, closure: &str) -> Vec<String> {
    let named = closure.lines().filter_map(|line| line.split(' ').next());
    let io = named.filter(|name| IO.contains(name));
    io.map(|name| format!("{package} is built from {name}: which dependency brings it in?"))
        .collect()
}

pub(crate) fn manifests(tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    for (folder, manifest) in tree.manifests() {
        let described = manifest["package"].get("description").and_then(toml::Value::as_str);
        if described.is_none_or(str::is_empty) {
            wrong.push(format!("{folder}/Cargo.toml: say in `description` what the crate is"));
        }
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        if lints.and_then(toml::Value::as_bool) != Some(true) {
            wrong.push(format!("{folder}/Cargo.toml: add `[lints]` with `workspace = true`"));
        }
    }
    wrong
}

pub(crate) fn roots(tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    for (folder, _) in tree.manifests() {
        for name in ["src/lib.rs", "src/main.rs"] {
            let path = format!("{folder}/{name}");
            let Some(text) = tree.get(&path) else { continue };
            if !text.starts_with("//!") {
                wrong.push(format!("{path}: begin with `//!` and what the crate is for"));
            }
            if !text.contains("#![forbid(unsafe_code)]") {
                wrong.push(format!("{path}: add `#![forbid(unsafe_code)]`"));
            }
        }
    }
    wrong
}
