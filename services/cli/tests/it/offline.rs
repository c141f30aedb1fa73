//! What needs no node.

use std::process::Command;

use crate::node::{Ran, granary};

fn run(args: &[&str]) -> Ran {
    let home = tempfile::tempdir().unwrap();
    granary(home.path()).args(args).output().unwrap().into()
}

#[test]
fn a_node_that_is_not_there_is_named_with_what_to_do() {
    let ran = run(&[
        "get",
        "party",
        "pt_00000000000000000000000000000001",
        "--node",
        "http://127.0.0.1:1",
    ]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran}");
    assert!(ran.err.starts_with("error: can't reach the node at http://127.0.0.1:1\n"), "{ran}");
    assert!(ran.err.contains("  why: ") && ran.err.contains("  to do: start it"), "{ran}");
    let ran = run(&["chain", "show", "--node", "https://ledger.example.org"]);
    assert!(ran.code == 2 && ran.err.contains("TLS to a node is not built yet"), "{ran}");
}

#[test]
fn the_version_tells_which_rules_and_formats_it_knows() {
    let ran = run(&["--version"]).ok();
    assert!(ran.out.contains("feature level 1, log format 1"), "{ran}");
}

#[test]
fn every_command_has_help_with_an_example() {
    let help = run(&["--help"]).ok().out;
    assert!(help.contains("Exit codes:"), "{help}");
    let commands = help.split("Commands:").nth(1).unwrap().split("\n\n").next().unwrap();
    let names: Vec<&str> = commands
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(names.len() >= 8, "{names:?}");
    for name in names {
        let help = run(&[name, "--help"]).ok().out;
        assert!(help.contains("Example"), "{name}: {help}");
    }
}

#[test]
fn completions_are_a_script_that_bash_reads() {
    let home = tempfile::tempdir().unwrap();
    let script = home.path().join("granary.bash");
    std::fs::write(&script, run(&["completions", "bash"]).ok().out).unwrap();
    let read = Command::new("bash").arg("-n").arg(&script).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
}

#[test]
fn manual_pages_are_written_for_every_command() {
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| Ran::from(granary(home.path()).args(args).output().unwrap()).ok();
    assert!(run(&["man"]).out.contains(".TH granary 1"));
    std::fs::create_dir(home.path().join("man1")).unwrap();
    run(&["man", "--dir", "man1"]);
    for page in ["granary.1", "granary-send.1", "granary-key-new.1"] {
        assert!(home.path().join("man1").join(page).exists(), "{page}");
    }
}
