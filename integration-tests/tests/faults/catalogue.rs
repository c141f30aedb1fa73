//! The catalogue of faults: each row with what it is, what must hold, and the test that shows it. A row without
//! such a test doesn't pass as one that has it: [`UNSHOWN`] names those, with the reason.

use std::{collections::BTreeSet, fs, path::Path};

/// A row: its number, the fault and what holds, the test's file and name.
type Row = (u32, &'static str, &'static str, &'static str);

const DISK: &str = "ledger/log/tests/simulation/main.rs";
const ON_THE_WORST: &str = "nothing_acknowledged_is_lost_on_the_worst_of_disks";

const ROWS: &[Row] = &[
    (
        1,
        "killed at any moment under load, it has all it acknowledged",
        "integration-tests/tests/crash.rs",
        "what_was_acknowledged_survives_any_number_of_kills",
    ),
    (
        2,
        "killed at the n-th write, sync or rename, it has all it acknowledged",
        "integration-tests/tests/faults/syscalls.rs",
        "a_system_call_that_fails_stops_the_node_or_does_no_harm",
    ),
    (
        5,
        "SIGTERM under load drains it, and it ends well",
        "services/runtime/tests/signals.rs",
        "one_signal_drains_and_ends_cleanly",
    ),
    (
        6,
        "SIGSTOP and SIGCONT: it goes on",
        "integration-tests/tests/faults/limits.rs",
        "a_node_that_was_stopped_for_a_while_goes_on",
    ),
    (
        7,
        "killed for want of memory, it has all it acknowledged",
        "integration-tests/tests/faults/limits.rs",
        "a_node_out_of_memory_is_killed_and_loses_nothing",
    ),
    (
        8,
        "without threads it doesn't start, and doesn't hang",
        "integration-tests/tests/faults/limits.rs",
        "a_node_that_may_start_no_threads_says_so",
    ),
    (
        9,
        "the second process on a directory is told who holds it",
        "services/node/tests/serving.rs",
        "a_second_node_on_the_directory_is_told_who_holds_it",
    ),
    (
        11,
        "an fdatasync that fails ends the process, which never tries it again",
        "services/runtime/tests/file_faults.rs",
        "a_sync_that_the_disk_fails_ends_the_process",
    ),
    (
        12,
        "a write that fails stops it, with all it acknowledged",
        "integration-tests/tests/faults/syscalls.rs",
        "a_system_call_that_fails_stops_the_node_or_does_no_harm",
    ),
    (13, "a write that ends early loses nothing acknowledged", DISK, ON_THE_WORST),
    (
        14,
        "power cuts of a real file system lose nothing acknowledged",
        "integration-tests/tests/faults/powercut.rs",
        "what_was_acknowledged_survives_power_cuts_of_a_real_file_system",
    ),
    (
        15,
        "a lying disk is seen to lose what was acknowledged: the test can tell",
        "integration-tests/tests/faults/powercut.rs",
        "a_disk_that_lies_about_syncs_loses_what_was_acknowledged",
    ),
    (
        16,
        "a full disk stops it: it says so, loses nothing, and goes on when there is room",
        "integration-tests/tests/faults/limits.rs",
        "a_full_disk_stops_a_node_that_says_so_and_it_goes_on_when_there_is_room",
    ),
    (
        18,
        "without file descriptors it says so, and starts again later",
        "integration-tests/tests/faults/limits.rs",
        "a_node_without_file_descriptors_says_so_and_loses_nothing",
    ),
    (
        19,
        "a limit of file size is an error, not its death",
        "integration-tests/tests/faults/limits.rs",
        "a_limit_of_file_size_kills_nobody",
    ),
    (
        20,
        "a flipped bit is found at its place, or nothing depends on it",
        "integration-tests/tests/faults/flips.rs",
        "every_flipped_bit_is_found_at_its_place_or_nothing_depends_on_it",
    ),
    (
        21,
        "a torn tail is cut off only if nobody was told of it",
        "ledger/log/tests/segment/crash.rs",
        "a_group_cut_off_at_any_byte_is_taken_off_and_the_log_goes_on",
    ),
    (
        22,
        "a hole before the tail is damage with its place, and is filled from a mirror",
        "integration-tests/tests/faults/fsck.rs",
        "a_hole_in_the_log_is_found_and_filled_from_another_nodes_segments_or_from_tiles",
    ),
    (
        23,
        "a segment missing, swapped or twice is found",
        "integration-tests/tests/faults/fsck.rs",
        "a_segment_that_is_missing_swapped_or_twice_is_found_and_comes_back_from_a_mirror",
    ),
    (
        24,
        "a directory that can't be written is named at the start",
        "integration-tests/tests/faults/limits.rs",
        "a_directory_that_cannot_be_written_is_named_at_the_start",
    ),
    (
        25,
        "a slow disk only slows it down",
        "integration-tests/tests/faults/limits.rs",
        "a_slow_disk_only_slows_a_node_down",
    ),
    (27, "names that were not synced when the power went are made again", DISK, ON_THE_WORST),
    (
        28,
        "a state that doesn't open is set aside and made anew, the same",
        "integration-tests/tests/faults/fsck.rs",
        "derived_parts_are_made_anew_and_are_the_same",
    ),
    (
        29,
        "a state ahead of the log is a loss that stops it; an older one is brought up to date",
        "integration-tests/tests/faults/fsck.rs",
        "a_state_ahead_of_the_log_is_no_repair_but_a_loss",
    ),
    (
        31,
        "a clock that was set is not believed",
        "services/runtime/src/time.rs",
        "a_clock_that_was_set_is_not_believed",
    ),
    (
        34,
        "another monotonic clock changes nothing",
        "integration-tests/tests/faults/limits.rs",
        "a_monotonic_clock_that_stands_elsewhere_changes_nothing",
    ),
    (
        51,
        "a log key that others can read is refused before any port opens",
        "services/runtime/tests/keystore.rs",
        "a_file_that_others_can_read_is_refused_with_the_command_that_mends_it",
    ),
    (
        52,
        "a restored backup signs nothing",
        "integration-tests/tests/faults/drill.rs",
        "a_backup_of_a_working_node_comes_back_verified_and_serving",
    ),
    (
        53,
        "without the signer's state it serves and signs nothing",
        "integration-tests/tests/faults/fsck.rs",
        "a_node_without_its_signers_state_serves_and_signs_nothing",
    ),
    (
        54,
        "of two nodes with one log key the one signs that the chain says",
        "ledger/book/src/apply/tests/mod.rs",
        "the_right_to_sign_is_the_first_nodes_until_the_operators_grant_it_to_another",
    ),
    (
        55,
        "a key that was revoked is judged by the entry's index",
        "ledger/book/src/parties/tests.rs",
        "a_party_revokes_its_own_key_and_no_other",
    ),
    (
        56,
        "malleable and small-order signatures are refused",
        "ledger/log/tests/statement.rs",
        "signatures_are_checked_strictly",
    ),
    (
        57,
        "a witness that is down, or of another history, stops nothing and leaves evidence",
        "integration-tests/tests/witnesses.rs",
        "a_witness_of_another_history_leaves_evidence_and_stops_nothing",
    ),
    (
        60,
        "a newer format is refused, with the version that is needed",
        "ledger/log/tests/segment/decay.rs",
        "a_newer_format_is_refused_with_the_version_that_is_needed",
    ),
    (
        63,
        "fsck and rebuild are refused on a running node",
        "integration-tests/tests/faults/fsck.rs",
        "a_running_node_is_not_touched",
    ),
    (
        64,
        "state, tiles and checkpoints that were removed are made again",
        "integration-tests/tests/faults/fsck.rs",
        "derived_parts_are_made_anew_and_are_the_same",
    ),
    (
        65,
        "a backup taken while it runs is a prefix that verifies",
        "integration-tests/tests/faults/drill.rs",
        "a_backup_of_a_working_node_comes_back_verified_and_serving",
    ),
    (
        66,
        "a backup isn't restored into another chain or directory",
        "integration-tests/tests/faults/drill.rs",
        "a_backup_goes_only_where_it_belongs",
    ),
];

/// Rows that no test of this repository shows yet, and why.
const UNSHOWN: &[(u32, &str)] = &[
    (3, "needs a command that panics in the apply thread: a switch in the code under test"),
    (4, "needs a handler that panics: the same"),
    (10, "a rebuild that is killed is an ordinary start; imports and init are not killed here"),
    (17, "tiles, state and log lie on one disk in these tests; blobs are not built"),
    (26, "a frozen file system holds its writers, and the test with them, in the kernel"),
    (30, "there is no audit job yet; granary verify finds it"),
    (35, "a node that ticks is not troubled here: the book's tests fire deadlines by Tick"),
    (61, "there is one version"),
    (62, "there is one version"),
];

/// The rows that the catalogue must have.
fn asked_for() -> BTreeSet<u32> {
    (1..=31).chain([34, 35]).chain(51..=57).chain(60..=66).collect()
}

#[test]
fn every_row_has_a_test_that_exists_or_a_reason() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
    for (row, what, file, test) in ROWS {
        let text = fs::read_to_string(root.join(file)).unwrap_or_default();
        assert!(text.contains(&format!("fn {test}()")), "row {row} ({what}): no {test} in {file}");
    }
    let shown: BTreeSet<u32> = ROWS.iter().map(|(row, ..)| *row).collect();
    let unshown: BTreeSet<u32> = UNSHOWN.iter().map(|(row, _)| *row).collect();
    assert!(shown.is_disjoint(&unshown), "a row is shown or it isn't");
    // 32 and 33 need several nodes, and are asked for with them.
    let asked: BTreeSet<u32> =
        asked_for().into_iter().filter(|row| !(32..=33).contains(row)).collect();
    assert_eq!(shown.union(&unshown).copied().collect::<BTreeSet<_>>(), asked);
    eprintln!("{} rows shown, {} not:", shown.len(), unshown.len());
    for (row, why) in UNSHOWN {
        eprintln!("  row {row}: {why}");
    }
}
