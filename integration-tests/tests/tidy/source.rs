//! What stands in the source files, and how much of it.

use crate::tree::Tree;

/// A file that doesn't fit here has two meanings: split it by meaning.
const LINES_MAX: usize = 500;

/// Words that the ledger doesn't know, and what to do instead.
const IMPURE: &[(&str, &str)] = &[
    ("std::env", "pass it in"),
    ("std::fs", "the log reaches files through segment::Storage, the book through none"),
    ("std::net", "statements are handed in"),
    ("std::process", "nothing in the ledger ends a process"),
    ("std::thread", "whoever calls the ledger owns the threads"),
    ("Instant", "time is the entry's log time, passed in"),
    ("SystemTime", "time is the entry's log time, passed in"),
    ("rand", "callers bring the bits; ids are derived"),
    ("getrandom", "callers bring the bits; ids are derived"),
    ("f32", "integers only: Money, Quantity, Ppm"),
    ("f64", "integers only: Money, Quantity, Ppm"),
];

/// Words that the book doesn't know besides.
const UNORDERED: &[(&str, &str)] = &[
    ("HashMap", "its order differs between runs: BTreeMap"),
    ("HashSet", "its order differs between runs: BTreeSet"),
    ("RandomState", "its order differs between runs"),
];

/// What every area of the book consists of, as a file or a folder.
const AREA: [&str; 5] = ["command", "decide", "event", "evolve", "state"];

/// Code without comments, line by line, from 1; a module of tests inside a file is left out.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines.windows(2).position(|two| {
        two[0] == "#[cfg(test)]" && two[1].starts_with("mod ") && two[1].ends_with('{')
    });
    let end = tests.unwrap_or(lines.len());
    let uncommented = |line: &'_ str| {
        let comment = line
            .match_indices("//")
            .find(|(at, _)| *at == 0 || line[..*at].ends_with(char::is_whitespace));
        comment.map_or(line.len(), |(at, _)| at)
    };
    lines
        .into_iter()
        .take(end)
        .enumerate()
        .map(move |(n, line)| (n + 1, &line[..uncommented(line)]))
}

/// A test, or what tests are made of.
fn is_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let file = ["tests.rs", "testing.rs", "invariants.rs"].contains(&name);
    path.contains("/tests/") || file || name.ends_with("_tests.rs")
}

/// Whether `word` stands in `line` by itself: `rand` is not in `operand`, `f64` is in `1.5f64`.
fn has_word(line: &str, word: &str) -> bool {
    let inside = |c: char| c.is_alphabetic() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(inside)
            && !line[at + word.len()..].starts_with(|c| inside(c) || c.is_ascii_digit())
    })
}

pub(crate) fn purity(tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, text) in tree.rust("ledger/").filter(|(path, _)| !is_test(path)) {
        let book = path.starts_with("ledger/book/");
        let words = IMPURE.iter().chain(UNORDERED.iter().filter(|_| book));
        for (word, instead) in words {
            for (n, _) in code(text).filter(|(_, line)| has_word(line, word)) {
                wrong.push(format!("{path}:{n}: {word} ({instead})"));
            }
        }
    }
    wrong
}

pub(crate) fn areas(tree: &Tree) -> Vec<String> {
    let source = "ledger/book/src/";
    let mut wrong = Vec::new();
    let has = |area: &str, part: &str| {
        tree.files().any(|(path, _)| {
            let rest = path.strip_prefix(source).and_then(|path| path.strip_prefix(area));
            rest.and_then(|rest| rest.strip_prefix('/')?.strip_prefix(part))
                .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        })
    };
    let folders = tree.rust(source).filter_map(|(path, _)| {
        path.strip_prefix(source)?.split_once('/').map(|(folder, _)| folder)
    });
    let folders: std::collections::BTreeSet<&str> = folders.collect();
    // An area is what takes commands.
    for area in folders.into_iter().filter(|folder| has(folder, "command")) {
        for part in AREA.iter().filter(|part| !has(area, part)) {
            wrong.push(format!("{source}{area}: {part}.rs (or {part}/) is missing"));
        }
    }
    wrong
}

pub(crate) fn lengths(tree: &Tree) -> Vec<String> {
    let long = tree.rust("").map(|(path, text)| (path, text.lines().count()));
    long.filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(path, lines)| {
            format!("{path}: {lines} lines, at most {LINES_MAX}: split it by meaning")
        })
        .collect()
}

pub(crate) fn heads(tree: &Tree) -> Vec<String> {
    let silent = tree.rust("").filter(|(path, text)| !is_test(path) && !text.starts_with("//!"));
    silent.map(|(path, _)| format!("{path}: begin with `//!` and what the file is for")).collect()
}

pub(crate) fn leftovers(tree: &Tree) -> Vec<String> {
    let later = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let code_later = [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("dbg", "!(")];
    let mut wrong = Vec::new();
    for (path, text) in tree.files().filter(|(path, _)| *path != "LICENSE") {
        for (n, line) in text.lines().enumerate() {
            if later.iter().any(|word| has_word(line, word)) {
                wrong.push(format!("{path}:{}: do it, or file it as an issue", n + 1));
            }
        }
    }
    for (path, text) in tree.rust("") {
        for (n, line) in code(text) {
            if code_later.iter().any(|call| line.contains(call)) {
                wrong.push(format!("{path}:{n}: finish it"));
            }
            if line.contains(concat!(".unw", "rap()")) && !is_test(path) {
                wrong.push(format!("{path}:{n}: `expect` with the proof, or an error"));
            }
        }
    }
    wrong
}
