//! Shows every rule a file that breaks it, and one that keeps it.

use crate::{Rule, crates, repository, source, tree::Tree};

/// A manifest with a name and these dependencies.
fn manifest(name: &str, dependencies: &[&str]) -> String {
    let lines: String =
        dependencies.iter().map(|dependency| format!("{dependency}.workspace = true\n")).collect();
    format!("[package]\nname = \"{name}\"\n\n[dependencies]\n{lines}")
}

/// What tiers say when one crate depends on another.
fn depends(from: (&str, &str), on: (&str, &str)) -> String {
    let (from_path, on_path) = (format!("{}/Cargo.toml", from.0), format!("{}/Cargo.toml", on.0));
    let (from_text, on_text) = (manifest(from.1, &[on.1]), manifest(on.1, &[]));
    let tree = Tree::sample(&[(&from_path, &from_text), (&on_path, &on_text)]);
    crates::tiers(&tree).join("; ").split(" (").next().unwrap_or_default().to_owned()
}

const LOG: (&str, &str) = ("ledger/log", "granary-log");
const BOOK: (&str, &str) = ("ledger/book", "granary-book");
const RUNTIME: (&str, &str) = ("services/runtime", "granary-runtime");
const ORDERS: (&str, &str) = ("services/orders", "granary-orders");
const FINANCE: (&str, &str) = ("services/finance", "granary-finance");
const NODE: (&str, &str) = ("services/node", "granary-node");
const CLI: (&str, &str) = ("services/cli", "granary-cli");

#[test]
fn tiers_bite() {
    for (from, on, expected) in [
        (BOOK, LOG, ""),
        (RUNTIME, BOOK, ""),
        (ORDERS, RUNTIME, ""),
        (NODE, ORDERS, ""),
        (CLI, NODE, ""),
        (LOG, BOOK, "ledger/log may not depend on ledger/book"),
        (BOOK, RUNTIME, "ledger/book may not depend on services/runtime"),
        (RUNTIME, ORDERS, "services/runtime may not depend on services/orders"),
        (FINANCE, ORDERS, "services/finance may not depend on services/orders"),
        (CLI, ORDERS, "services/cli may not depend on services/orders"),
        (
            ("services/common", "granary-common"),
            LOG,
            "services/common: give it a tier in integration-tests/tests/tidy/crates.rs",
        ),
    ] {
        assert_eq!(depends(from, on), expected, "{} on {}", from.0, on.0);
    }
}

#[test]
fn a_dependency_of_tests_alone_counts_too() {
    let log =
        "[package]\nname = \"granary-log\"\n[dev-dependencies]\ngranary-book.workspace = true\n";
    let book = manifest("granary-book", &[]);
    let tree = Tree::sample(&[("ledger/log/Cargo.toml", log), ("ledger/book/Cargo.toml", &book)]);
    assert_eq!(crates::tiers(&tree).len(), 1);
}

#[test]
fn the_closure_rule_bites() {
    let closure = "granary-book v0.1.0 (ledger/book)\nserde v1.0.0\ngetrandom v0.4.0 (*)\n";
    let wrong = crates::io_below("granary-book", closure);
    assert_eq!(wrong, ["granary-book is built from getrandom: which dependency brings it in?"]);
}

/// A rule, a path, and a text that breaks the rule as long as it stands there.
const BITES: &[(Rule, &str, &str)] = &[
    (crates::pure_dependencies, "ledger/book/Cargo.toml", "[dependencies]\ntokio = \"1\"\n"),
    (
        crates::pure_dependencies,
        "ledger/book/Cargo.toml",
        "[target.'cfg(unix)'.dependencies]\nquiet = { package = \"rustix\", version = \"1\" }\n",
    ),
    (
        crates::manifests,
        "proto/Cargo.toml",
        "[package]\nname = \"x\"\ndescription = \"\"\n[lints]\nworkspace = true\n",
    ),
    (
        crates::manifests,
        "proto/Cargo.toml",
        "[package]\nname = \"x\"\ndescription = \"The wire\"\n",
    ),
    (source::purity, "ledger/log/src/a.rs", "use std::fs::File;\n"),
    (source::purity, "ledger/log/src/a.rs", "let now = SystemTime::now();\n"),
    (source::purity, "ledger/book/src/a.rs", "let seen: HashMap<u8, u8>;\n"),
    (source::purity, "ledger/book/src/a.rs", "let rate = 1.5f64;\n"),
    (source::purity, "ledger/book/src/a.rs", "let n = rand::random(); // of course\n"),
    (source::areas, "ledger/book/src/barter/command.rs", "//! Commands.\n"),
    (source::heads, "services/node/src/a.rs", "fn main() {}\n"),
    (source::leftovers, "proto/granary/a.proto", concat!("// TO", "DO: fields\n")),
    (source::leftovers, "services/node/src/a.rs", concat!("todo", "!()\n")),
    (source::leftovers, "services/node/src/a.rs", concat!("x.unw", "rap();\n")),
    (repository::links, "docs/a.md", "[the log](../ledger/nothing.rs)\n"),
    (repository::crate_map, "services/new/Cargo.toml", "[package]\nname = \"new\"\n"),
    (repository::machines, "docs/a.md", concat!("cd /ho", "me/me\n")),
    (repository::machines, "deny.toml", concat!("allow = [\"crates", ".io\"]\n")),
    (repository::targets, "README.md", "Run `make coffee`.\n"),
];

#[test]
fn each_rule_bites() {
    for (n, (rule, path, text)) in BITES.iter().enumerate() {
        let wrong = rule(&Tree::sample(&[(path, text)]));
        assert!(!wrong.is_empty(), "row {n}, {path}, keeps its rule");
        assert_eq!(
            rule(&Tree::sample(&[])),
            Vec::<String>::new(),
            "row {n}: nothing is wrong with nothing"
        );
    }
}

#[test]
fn the_rules_leave_tests_comments_and_longer_words_alone() {
    for (rule, path, text) in [
        (source::purity as Rule, "ledger/log/tests/a.rs", "use std::fs;\n"),
        (source::purity, "ledger/log/src/a.rs", "// As std::fs would.\nlet operand = 1;\n"),
        (source::purity, "ledger/log/src/a.rs", "use std::collections::HashMap;\n"),
        (
            source::leftovers,
            "ledger/log/src/a.rs",
            concat!("#[cfg(test)]\nmod tests {\n a.unw", "rap();\n"),
        ),
        (repository::targets, "README.md", "They make coffee.\n"),
        (
            repository::links,
            "docs/a.md",
            "[Rust](https://www.rust-lang.org) [here](#there) [me](a.md)\n",
        ),
    ] {
        assert_eq!(rule(&Tree::sample(&[(path, text)])), Vec::<String>::new(), "{path}: {text}");
    }
}

#[test]
fn a_crate_root_says_what_it_is_and_forbids_unsafe_code() {
    let manifest = ("services/a/Cargo.toml", "[package]\nname = \"a\"\n");
    let bare = Tree::sample(&[manifest, ("services/a/src/main.rs", "fn main() {}\n")]);
    assert_eq!(crates::roots(&bare).len(), 2);
    let good = "//! It.\n#![forbid(unsafe_code)]\n";
    assert!(crates::roots(&Tree::sample(&[manifest, ("services/a/src/lib.rs", good)])).is_empty());
}

#[test]
fn five_hundred_lines_fit_and_one_more_does_not() {
    let (fits, long) = ("x\n".repeat(500), "x\n".repeat(501));
    assert!(source::lengths(&Tree::sample(&[("a.rs", &fits)])).is_empty());
    assert_eq!(
        source::lengths(&Tree::sample(&[("a.rs", &long)])),
        ["a.rs: 501 lines, at most 500: split it by meaning"]
    );
}

#[test]
fn documents_are_missed() {
    assert!(repository::documents(&Tree::sample(&[])).len() >= 9);
    let old = Tree::sample(&[("CHANGELOG.md", "# Changes\n\n## 1.0\n")]);
    let wrong = repository::documents(&old);
    assert!(wrong.iter().any(|line| line.contains("Unreleased")), "{wrong:?}");
}
