//! The verifier in Go: `integration-tests/go`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

use crate::{
    log::{Log, PUBLISHED},
    served::serve,
};

/// Builds it; says why where there is no Go to build it with.
fn build(log: &Log) -> Result<PathBuf, String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("go");
    let program = log.scratch("outside");
    let output = Command::new("go")
        .args(["build", "-mod=readonly", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(source)
        .output()
        .map_err(|error| format!("go can't be run: {error}"))?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    // Without the modules there is nothing to build from; a program that doesn't compile is a mistake.
    let unreachable = ["dial tcp", "proxyconnect", "no such host", "module lookup disabled"];
    match output.status.success() {
        true => Ok(program),
        false if unreachable.iter().any(|why| told.contains(why)) => Err(told),
        false => panic!("the verifier in Go does not build: {told}"),
    }
}

fn run(program: &Path, log: &Log, source: &str) -> Output {
    let checkpoints = log.tiles.join("checkpoints");
    let mut command = Command::new(program);
    command.arg("-checkpoints").arg(checkpoints).args([&log.vkey.to_string(), source]);
    command.output().expect("it was built")
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_nobody_here_wrote_find_the_log_right_and_a_damaged_one_wrong() {
    let log = Log::write().await;
    let program = match build(&log) {
        Ok(program) => program,
        Err(why) => {
            eprintln!("SKIPPED: no verifier in Go: {why}");
            assert!(env::var_os("GRANARY_NO_SKIPS").is_none(), "no test may be skipped here");
            return;
        }
    };
    let tiles = log.tiles.to_str().expect("a path").to_owned();
    for source in [tiles.clone(), serve(&log.tiles)] {
        let output = run(&program, &log, &source);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{source}: {told}");
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(report["origin"], log.vkey.name());
        assert_eq!(
            (&report["size"], &report["included"]),
            (&log.size().into(), &log.size().into())
        );
        assert_eq!(report["consistent"], PUBLISHED.len() + 1);
        assert_eq!(report["fsck"], true);
        eprintln!("Go over {source}: {report}");
    }
    let present = format!("tile/entries/001.p/{}", log.size() - 256);
    for (path, at) in
        [("tile/entries/000", 40), (&present, 9), ("tile/0/000", 99), ("tile/1/000.p/1", 5)]
    {
        let path = log.tiles.join(path);
        let right = fs::read(&path).expect("it is there");
        let mut wrong = right.clone();
        wrong[at] ^= 0x10;
        fs::write(&path, wrong).expect("written");
        let output = run(&program, &log, &tiles);
        fs::write(&path, right).expect("written");
        assert_eq!(output.status.code(), Some(1), "byte {at} of {}", path.display());
    }
}
