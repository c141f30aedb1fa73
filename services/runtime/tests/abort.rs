//! A failed sync ends the process. The process that ends is this test binary, run again.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use granary_runtime::files::durable_or_abort;

const SIGABRT: i32 = 6;

#[test]
#[ignore = "the child of `a_failed_sync_aborts_and_says_of_which_file`"]
fn child_whose_sync_fails() {
    durable_or_abort(Ok(()), Path::new("log/segment-1"));
    durable_or_abort(Err(io::Error::from_raw_os_error(5)), Path::new("log/segment-2"));
    unreachable!("it went on after a failed sync");
}

#[test]
fn a_failed_sync_aborts_and_says_of_which_file() {
    let output = Command::new(std::env::current_exe().expect("this binary"))
        .args(["--ignored", "--exact", "--nocapture", "child_whose_sync_fails"])
        .output()
        .expect("the child runs");
    assert_eq!(output.status.signal(), Some(SIGABRT), "{:?}", output.status);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("sync of log/segment-2 failed: Input/output error"), "{said}");
    assert!(!said.contains("segment-1"), "{said}");
}
