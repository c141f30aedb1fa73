//! The commands that README.md shows are commands of this binary, with these flags.

use std::{collections::BTreeSet, process::Command};

const README: &str = include_str!("../../../README.md");

/// Commands with acts below them.
const WITH_ACTS: [&str; 3] = ["key", "chain", "bench"];

/// The `granary ...` parts of the lines that stand after a prompt in the console blocks.
fn shown(document: &str) -> Vec<Vec<&str>> {
    let blocks = document.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines = blocks.flat_map(str::lines);
    lines.filter_map(|line| Some(line.strip_prefix("$ granary ")?.split(' ').collect())).collect()
}

/// What is wrong with a line: nothing, or what the binary doesn't know.
fn unknown(words: &[&str]) -> Vec<String> {
    let acts = if WITH_ACTS.contains(&words[0]) { 2 } else { 1 };
    let help = Command::new(env!("CARGO_BIN_EXE_granary"))
        .args(&words[..acts])
        .arg("--help")
        .output()
        .expect("the binary runs");
    if !help.status.success() {
        return vec![words[..acts].join(" ")];
    }
    let help = String::from_utf8(help.stdout).expect("help is text");
    let known: BTreeSet<&str> = help.split(|c: char| !c.is_ascii_lowercase() && c != '-').collect();
    let own = words.iter().take_while(|word| **word != "|");
    let flags = own.filter(|word| word.starts_with("--"));
    flags.filter(|flag| !known.contains(*flag)).map(|flag| (*flag).to_owned()).collect()
}

#[test]
fn the_readme_shows_commands_and_flags_that_there_are() {
    let lines = shown(README);
    assert!(lines.len() >= 8, "the tour is there: {lines:?}");
    for words in lines {
        assert_eq!(unknown(&words), Vec::<String>::new(), "granary {}", words.join(" "));
    }
}

#[test]
fn a_command_or_flag_that_there_is_not_is_found() {
    assert_eq!(unknown(&["verify", "ledger", "--quickly"]), ["--quickly"]);
    assert_eq!(unknown(&["key", "eat"]), ["key eat"]);
    assert_eq!(unknown(&["barter"]), ["barter"]);
}
