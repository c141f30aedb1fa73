//! `granary verify` as a script or an auditor meets it: exit codes, JSON, and evidence.

use std::{fs, path::Path};

use granary_log::{
    checkpoint::Checkpoint, hash::Hash, note::SignerKey, signature::SigningKey, tree::Tree,
    two_histories::TwoHistories,
};

use crate::node::{Ran, granary};

fn run(home: &Path, args: &[&str]) -> Ran {
    granary(home).args(args).output().unwrap().into()
}

#[test]
fn the_exit_code_says_good_faults_or_could_not_run() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    run(home, &["init", "--dir", "node", "--chain", "test", "--unprotected-keys"]).ok();
    let good = run(home, &["verify", "node", "--signatures", "--replay"]).ok();
    assert!(good.out.contains("1 beyond the last checkpoint"), "{good}");
    let good = run(home, &["verify", "node", "--json"]).ok().json();
    assert_eq!((&good["good"], &good["entries"]), (&true.into(), &1.into()));
    assert_eq!((&good["faults"], &good["fault_count"]), (&serde_json::json!([]), &0.into()));

    let segment = home.join("node/chains/test/log/0000000000.segment");
    let mut bytes = fs::read(&segment).unwrap();
    bytes[400] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let bad = run(home, &["verify", "node"]);
    assert_eq!(bad.code, 1, "{bad}");
    assert!(bad.out.starts_with("fault at 0 (segment): "), "{bad}");
    let bad = run(home, &["verify", "node", "--json"]);
    assert_eq!(bad.code, 1, "{bad}");
    let bad = bad.json();
    let faults = bad["faults"].as_array().unwrap();
    assert_eq!(bad["fault_count"], faults.len());
    assert_eq!((&faults[0]["index"], &faults[0]["kind"]), (&0.into(), &"segment".into()));

    for nothing in ["nowhere", "https://tiles.example.org", "node/granary.toml"] {
        let ran = run(home, &["verify", nothing, "--vkey", &vkey()]);
        assert!(ran.code == 2 && ran.out.is_empty() && ran.err.contains("to do: "), "{ran}");
    }
    let ran = run(home, &["verify", "node", "--witness", &vkey()]);
    assert!(ran.code == 2 && ran.err.contains("--witness is no verifier key"), "{ran}");
}

fn key() -> SignerKey {
    SignerKey::new("ledger.example.org/test-01234567", SigningKey::from_bytes(&[7; 32])).unwrap()
}

fn vkey() -> String {
    key().verifier().to_string()
}

#[test]
fn a_file_with_two_signed_histories_convinces_whoever_holds_the_key() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let signed = |root| {
        let checkpoint = Checkpoint::new(key().verifier().name(), 9, Hash([root; 32])).unwrap();
        (9, checkpoint.sign(&key()).unwrap())
    };
    let write = |name: &str, roots: [u8; 2]| {
        let [earlier, later] = roots.map(signed);
        let found = TwoHistories::gather(earlier, later, &Tree::new()).unwrap();
        fs::write(home.join(name), found.to_string()).unwrap();
    };
    write("bank.two-histories", [1, 2]);
    let shown = run(home, &["verify", "bank.two-histories", "--vkey", &vkey()]);
    assert_eq!(shown.code, 1, "{shown}");
    assert!(shown.out.starts_with("the log signed two histories: "), "{shown}");
    let shown = run(home, &["verify", "bank.two-histories", "--vkey", &vkey(), "--json"]).json();
    assert_eq!(shown["fault"], "the log signed two histories");

    write("same.two-histories", [1, 1]);
    let nothing = run(home, &["verify", "same.two-histories", "--vkey", &vkey()]);
    assert!(
        nothing.code == 2 && nothing.err.contains("the two checkpoints say the same"),
        "{nothing}"
    );
}
