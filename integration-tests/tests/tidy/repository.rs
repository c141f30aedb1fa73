//! What the repository holds besides code.

use crate::tree::Tree;

const DOCUMENTS: &[(&str, &str)] = &[
    ("README.md", "what Granary is, and the two commands"),
    ("ARCHITECTURE.md", "the invariants and the crate map"),
    ("CONTRIBUTING.md", "how to add a command"),
    ("CHANGELOG.md", "what is new, Unreleased on top"),
    ("SECURITY.md", "who can do what, and how to report a flaw"),
    ("LICENSE", "the Apache License 2.0"),
    ("docs/format.md", "the bytes"),
    ("deny.toml", "what may be linked"),
    (".ci/run", "the gate"),
];

pub(crate) fn documents(tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, holds) in DOCUMENTS {
        if tree.get(path).is_none_or(|text| text.trim().is_empty()) {
            wrong.push(format!("{path} is missing: it says {holds}"));
        }
    }
    if tree.get("CHANGELOG.md").is_some_and(|text| !text.contains("\n## Unreleased\n")) {
        wrong.push("CHANGELOG.md: begin with a section Unreleased".to_owned());
    }
    if tree.get("LICENSE").is_some_and(|text| !text.contains("Version 2.0, January 2004")) {
        wrong.push("LICENSE: the full text of the Apache License 2.0".to_owned());
    }
    wrong
}

/// The targets of links such as `[text](target)` in a document.
fn link_targets(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

pub(crate) fn links(tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, text) in tree.files().filter(|(path, _)| path.ends_with(".md")) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for target in link_targets(text) {
            let file = target.split('#').next().unwrap_or(target).trim_end_matches('/');
            if file.is_empty() || file.contains(':') {
                continue;
            }
            let there =
                if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") };
            let below = format!("{there}/");
            if !tree.files().any(|(known, _)| known == there || known.starts_with(&below)) {
                wrong.push(format!("{path}: links to {target}, which isn't there"));
            }
        }
    }
    wrong
}

pub(crate) fn crate_map(tree: &Tree) -> Vec<String> {
    let map = tree.get("ARCHITECTURE.md").unwrap_or_default();
    let unnamed = tree.manifests().filter(|(folder, _)| !map.contains(&format!("`{folder}`")));
    unnamed.map(|(folder, _)| format!("ARCHITECTURE.md: the crate map lacks `{folder}`")).collect()
}

pub(crate) fn machines(tree: &Tree) -> Vec<String> {
    // In pieces, so that this file doesn't name them.
    let paths = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/Us", "ers/"),
        concat!("/tm", "p/wt"),
        concat!("/tm", "p/target"),
    ];
    let hosts = [
        concat!("crates", ".io"),
        concat!("pypi", ".org"),
        concat!("npm", "js."),
        concat!("proxy.go", "lang"),
        concat!("deb.de", "bian"),
        concat!("repo.ma", "ven"),
    ];
    let mut wrong = Vec::new();
    // cargo writes the index into the lock file by itself.
    for (path, text) in tree.files().filter(|(path, _)| *path != "Cargo.lock") {
        for (n, line) in text.lines().enumerate() {
            for name in paths.iter().chain(&hosts).filter(|name| line.contains(**name)) {
                wrong.push(format!("{path}:{}: `{name}` is of one machine or one place", n + 1));
            }
        }
    }
    wrong
}

pub(crate) fn targets(tree: &Tree) -> Vec<String> {
    let makefile = tree.get("Makefile").unwrap_or_default();
    let readme = tree.get("README.md").unwrap_or_default();
    let named = readme.split("`make ").skip(1).filter_map(|rest| rest.split('`').next());
    let absent = named.filter(|target| !makefile.contains(&format!("\n{target}:")));
    absent.map(|target| format!("README.md: `make {target}` isn't in the Makefile")).collect()
}
