//! The architecture and the house's rules, as tests.
//!
//! Each rule is a function from files to what is wrong with them; the words after the path are the error
//! message, and say what to do. `each_rule_bites` shows every rule a file that breaks it.

#![forbid(unsafe_code)]

mod bites;
mod crates;
mod repository;
mod source;
mod tree;

use tree::Tree;

/// A rule: what is wrong, file by file; nothing when all is well.
type Rule = fn(&Tree) -> Vec<String>;

fn holds(rule: Rule) {
    let wrong = rule(&Tree::of_the_repository());
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn crates_depend_on_lower_tiers_only() {
    holds(crates::tiers);
}

#[test]
fn the_ledger_names_only_crates_that_do_no_io() {
    holds(crates::pure_dependencies);
}

#[test]
fn nothing_below_the_ledger_does_io_either() {
    for package in ["granary-log", "granary-book"] {
        let wrong = crates::io_below(package, &crates::dependency_closure(package));
        assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    }
}

#[test]
fn every_crate_says_what_it_is_and_takes_the_house_lints() {
    holds(crates::manifests);
}

#[test]
fn every_crate_root_has_docs_and_forbids_unsafe_code() {
    holds(crates::roots);
}

#[test]
fn the_ledger_has_no_clock_no_files_no_randomness_and_no_floats() {
    holds(source::purity);
}

#[test]
fn every_area_of_the_book_has_the_same_files() {
    holds(source::areas);
}

#[test]
fn source_files_are_short() {
    holds(source::lengths);
}

#[test]
fn source_files_begin_by_saying_what_they_are() {
    holds(source::heads);
}

#[test]
fn nothing_is_left_to_do_and_nothing_unwraps() {
    holds(source::leftovers);
}

#[test]
fn the_repository_has_its_documents() {
    holds(repository::documents);
}

#[test]
fn documents_link_to_files_that_are_there() {
    holds(repository::links);
}

#[test]
fn the_crate_map_names_every_crate() {
    holds(repository::crate_map);
}

#[test]
fn no_file_names_a_machine_or_a_registry() {
    holds(repository::machines);
}

#[test]
fn every_target_that_the_readme_names_is_in_the_makefile() {
    holds(repository::targets);
}
