//! `granary get`, `list`, `chain` and `prove`.

use std::io::Read;
use std::process::Stdio;

use granary_log::{hash::leaf_hash, proof_file::ProofFile};
use serde_json::json;

use crate::node::{START_MS, World};

#[test]
fn an_object_is_shown_for_people_and_for_programs() {
    let world = World::new();
    let mill = world.party("Mill", &["BUYER", "CARRIER"]);
    let ran = world.run(&["get", "party", &mill]).ok();
    assert!(ran.out.contains("name") && ran.out.contains("CARRIER, BUYER"), "{ran}");
    let party = world.run(&["get", "party", &mill, "--json"]).ok().json();
    assert_eq!(party["roles"], json!(["CARRIER", "BUYER"]));
    assert_eq!((&party["active"], &party["custodial"]), (&json!(true), &json!(false)));
    let ran = world.run(&["get", "party", &mill, "--csv"]).ok();
    let (headings, row) = ran.out.split_once('\n').unwrap();
    assert!(headings.starts_with("id,name,roles,active,"), "{ran}");
    assert!(row.starts_with(&format!("{mill},Mill,CARRIER;BUYER,true,")), "{ran}");
}

#[test]
fn what_is_not_there_is_a_no_on_stderr_alone() {
    let world = World::new();
    let ran = world.run(&["get", "party", "pt_00000000000000000000000000000001"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran}");
    assert!(ran.err.contains("does not exist"), "{ran}");
    let ran = world.run(&["get", "party", "mill"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran}");
    assert!(ran.err.contains("id: identifier must start with `pt_`"), "{ran}");
    let ran = world.run(&["get", "statement", "pt_1"]);
    assert!(ran.code == 2 && ran.err.contains("principal and command_id"), "{ran}");
}

#[test]
fn a_list_is_paged_filtered_and_says_when_there_is_more() {
    let world = World::new();
    for n in 0..5 {
        world.party(&format!("Bank {n}"), &["BANK"]);
    }
    let ran = world.run(&["list", "party", "role=BANK"]).ok();
    assert_eq!(ran.out.lines().count(), 6, "{ran}");
    let ran = world.run(&["list", "parties", "role=BANK", "--limit", "2"]).ok();
    assert_eq!(ran.out.lines().count(), 3, "{ran}");
    assert!(ran.err.contains("there are more than these 2"), "{ran}");
    let all = world.run(&["list", "party", "--all", "--json"]).ok().json();
    // Operator, registrar and node are there since genesis.
    assert_eq!(all.as_array().map(Vec::len), Some(8));
    for (filter, told) in [
        ("rolle=BANK", "did you mean `role`?"),
        ("role=BNAK", "did you mean `BANK`?"),
        ("role", "which is written NAME=VALUE"),
    ] {
        let ran = world.run(&["list", "party", filter]);
        assert!(ran.code == 2 && ran.err.contains(told), "{filter}: {ran}");
    }
    let filters = world.run(&["list", "party", "--filters"]).ok();
    assert!(filters.out.contains("OPERATOR, REGISTRAR"), "{filters}");
}

#[test]
fn a_reader_that_has_seen_enough_ends_a_list_quietly() {
    let world = World::new();
    for n in 0..40 {
        world.party(&format!("{n} {}", "long name ".repeat(6).trim()), &["BANK"]);
    }
    let mut child = world
        .command(&["list", "party", "--json", "--all"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The pipe is closed before anything was written to it.
    drop(child.stdout.take());
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!((child.wait().unwrap().code(), told.as_str()), (Some(0), ""));
}

#[test]
fn the_chain_says_loudly_that_its_clock_is_simulated() {
    let world = World::new();
    let ran = world.run(&["chain", "show"]).ok();
    assert!(ran.out.contains("SIMULATED: it stands at 2026-01-05T00:00:00Z"), "{ran}");
    assert!(ran.out.contains(&world.founded.vkey), "{ran}");
    assert!(!ran.out.contains('\u{1b}'), "no colours without a terminal: {ran}");

    let ran = world.run(&["chain", "advance-clock", "+36h", "--key", "operator"]).ok();
    assert!(ran.out.contains("ClockAdvanced: to_ms 2026-01-06T12:00:00Z"), "{ran}");
    let chain = world.run(&["chain", "show", "--json"]).ok().json();
    assert_eq!(chain["now_ms"], START_MS + 129_600_000);
    assert_eq!((&chain["clock"], &chain["entries"]), (&json!("SIMULATED"), &json!("MEMBERS")));
    let back = world.run(&["chain", "advance-clock", "2026-01-05T00:00:00Z", "--key", "operator"]);
    assert!(back.code == 1 && back.out.contains("CLOCK_REFUSED"), "{back}");
}

#[test]
fn an_entry_is_proved_by_its_index_by_its_object_and_by_its_statement() {
    let world = World::new();
    let mill = world.party("Mill", &["BUYER"]);
    world.party("Bank", &["BANK"]);
    let entry = world.run(&["get", "entry", "1", "--json"]).ok().json();
    let id = entry["statement"]["command_id"].as_str().unwrap();
    let registrar = world.founded.registrar.to_string();
    let vkey = world.founded.vkey.parse().unwrap();
    for args in [vec!["1"], vec![&mill], vec![id, "--as", &registrar]] {
        let args = [&["prove"], args.as_slice(), &["--out", "p.tlog-proof", "--json"]].concat();
        let ran = world.run(&args).ok();
        assert_eq!(ran.json(), json!({"index": 1, "file": "p.tlog-proof"}));
        let proof = ProofFile::parse(&std::fs::read(world.path("p.tlog-proof")).unwrap()).unwrap();
        proof.verify(leaf_hash(&proof.extra), &vkey).unwrap();
        assert_eq!(hex::encode(&proof.extra), entry["bytes"].as_str().unwrap());
    }
    let ran = world.run(&["prove", "wr_00000000000000000000000000000001"]);
    assert!(ran.code == 1 && ran.err.contains("no entry names wr_"), "{ran}");
    let ran = world.run(&["prove", "99"]);
    assert!(ran.code == 2 && ran.err.contains("entry 99 does not exist"), "{ran}");
    // Somebody else's log key: the proof is not written.
    let other = "ledger.example.com/scf/log1+c2df6636+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
    let ran = world.run(&["prove", "1", "--vkey", other, "--out", "x.tlog-proof"]);
    assert!(ran.code == 2 && ran.err.contains("proof of entry 1 does not hold"), "{ran}");
    assert!(!world.path("x.tlog-proof").exists());
}

/// The keys of a JSON object, in their order.
fn keys(value: &serde_json::Value) -> String {
    value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_keys_of_json_are_a_promise() {
    let world = World::new();
    let mill = world.party("Mill", &["BUYER"]);
    // (command, the keys of what it prints)
    let cases: [(&[&str], &str); 6] = [
        (
            &["chain", "show"],
            "origin clock now_ms time_ms size level entries operators_needed vkey as_of_index checkpoint",
        ),
        (&["get", "party", &mill], "id name roles active custodial as_of_index"),
        (
            &["get", "entry", "1"],
            "index bytes leaf_hash prev_leaf_hash time_ms level statement clock_events reply",
        ),
        (&["get", "history", &mill], "lines more as_of_index"),
        (&["key", "show", "registrar"], "public_key party purpose label encrypted registration"),
        (
            &["help", "commands", "SuspendParty"],
            "command about said_by signed_with cosigners fields refusals",
        ),
    ];
    for (command, expected) in cases {
        let ran = world.run(&[command, &["--json"]].concat()).ok();
        assert_eq!(keys(&ran.json()), expected, "{command:?}");
    }
    let entry = world.run(&["get", "entry", "1", "--json"]).ok().json();
    assert_eq!(keys(&entry["reply"]), "chain index leaf_hash time_ms accepted command_id");
}

#[test]
fn colours_are_for_those_who_want_them() {
    let world = World::new();
    let coloured = |set: &[(&str, &str)]| {
        let mut command = world.command(&["chain", "show"]);
        let output = command.envs(set.iter().copied()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().contains('\u{1b}')
    };
    assert!(coloured(&[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!coloured(&[]), "there is no terminal");
}

#[test]
fn what_may_be_said_is_explained_by_the_tables_of_the_book() {
    let world = World::new();
    let all = world.run(&["help", "commands", "--json"]).ok().json();
    let said_by = |name: &str| {
        let found = all.as_array().unwrap().iter().find(|said| said["command"] == name).unwrap();
        found["said_by"].clone()
    };
    assert_eq!(said_by("granary.parties.v1.GrantLicence"), json!(["registrar", "regulator"]));
    assert_eq!(said_by("granary.chain.v1.Genesis"), json!([]));
    let one = world.run(&["help", "commands", "GrantLicence"]).ok();
    for told in ["said by      registrar, regulator", "valid_until", "required", "date"] {
        assert!(one.out.contains(told), "{told}: {one}");
    }
    let unknown = world.run(&["help", "commands", "GrantLicense"]);
    assert!(unknown.code == 2 && unknown.err.contains("did you mean `GrantLicence`?"), "{unknown}");
    assert!(world.run(&["help", "key", "new"]).ok().out.contains("--unencrypted"));
    let unknown = world.run(&["help", "sned"]);
    assert!(unknown.code == 2 && unknown.err.contains("did you mean `send`?"), "{unknown}");
}
