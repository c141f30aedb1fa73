//! `granary send`.

use granary_log::{entry::Entry, hash::leaf_hash, proof_file::ProofFile};
use serde_json::{Value, json};

use crate::node::{World, with_input};

#[test]
fn a_document_is_signed_sent_and_told_of() {
    let world = World::new();
    let document = world.registration("第一仓库", &["WAREHOUSE"]).to_string();
    let file = world.file("register.json", &document);
    let ran = world.run(&["send", &file]).ok();
    assert!(ran.out.starts_with("accepted in entry 1\n"), "{ran}");
    assert!(ran.out.contains("PartyRegistered: party pt_"), "{ran}");
    assert!(ran.out.contains("name 第一仓库, roles WAREHOUSE"), "{ran}");
    // How to ask again is no data.
    assert!(ran.err.contains("granary get statement pt_"), "{ran}");

    let refused = json!({
        "type": "SuspendParty", "as": world.founded.registrar.to_string(),
        "body": {"party": "pt_00000000000000000000000000000001"},
    });
    let file = world.file("refused.json", &refused.to_string());
    let ran = world.run(&["send", &file]);
    assert_eq!(ran.code, 1, "{ran}");
    assert!(ran.out.starts_with("refused in entry 2: There is no such object"), "{ran}");
    let ran = world.run(&["send", "--json", &file]);
    assert_eq!(ran.code, 1, "{ran}");
    assert_eq!(ran.json()["refused"]["refusal"]["name"], "NOT_FOUND");
}

#[test]
fn the_same_command_id_says_it_once() {
    let world = World::new();
    let mut document = world.registration("Mill", &["BUYER"]);
    document["command_id"] = json!("cm_0190163e8d9470e5b1d2c3a4f5061728");
    let file = world.file("register.json", &document.to_string());
    assert!(world.run(&["send", &file]).ok().out.starts_with("accepted in entry 1"));
    let again = world.run(&["send", &file]).ok();
    assert!(again.out.starts_with("said before: decided in entry 1"), "{again}");
    assert_eq!(world.size(), 2);

    let registrar = world.founded.registrar.to_string();
    let id = "cm_0190163e8d9470e5b1d2c3a4f5061728";
    let known = world.run(&["get", "statement", &registrar, id, "--json"]).ok().json();
    assert_eq!((&known["knowledge"], &known["reply"]["index"]), (&json!("FOUND"), &json!(1)));
    let other = "cm_0190163e8d9470e5b1d2c3a4f5061799";
    let unknown = world.run(&["get", "statement", &registrar, other, "--json"]);
    assert_eq!((unknown.code, &unknown.json()["knowledge"]), (1, &json!("PENDING_UNKNOWN")));
}

#[test]
fn a_malformed_document_is_told_of_whole_and_nothing_of_its_file_is_sent() {
    let world = World::new();
    let good = world.registration("Mill", &["BUYER"]).to_string();
    let bad = world.registration("Mill", &["BUEYR", "x"]).to_string().replace("name", "nmae");
    let file = world.file("mixed.ndjson", &format!("{good}\n{bad}\n"));
    let ran = world.run(&["send", &file]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran}");
    for told in [
        "error: mixed.ndjson is malformed; nothing was sent",
        "document 2: body.nmae: there is no such field; did you mean `name`?",
        "document 2: body.roles[0]: `BUEYR` is not a known value; did you mean `BUYER`?",
        "document 2: body.roles[1]: `x` is not one of OPERATOR, ",
        "to do: ",
    ] {
        assert!(ran.err.contains(told), "{told}: {ran}");
    }
    assert_eq!(world.size(), 1);
}

#[test]
fn many_documents_go_through_one_stream_in_their_order() {
    let world = World::new();
    let mut lines = String::new();
    for n in 0..150 {
        // Of every ten, one is malformed and one is refused.
        let line = match n % 10 {
            3 => json!({"type": "RegisterParty"}),
            7 => json!({"type": "SuspendParty", "as": world.founded.registrar.to_string(),
                        "body": {"party": "pt_00000000000000000000000000000001"}}),
            _ => world.registration(&format!("Party {n}"), &["BUYER"]),
        };
        lines.push_str(&format!("{line}\n"));
    }
    let ran = with_input(world.command(&["send", "--json", "-"]), &lines);
    assert_eq!(ran.code, 1, "{ran}");
    let told: Vec<Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(told.len(), 135);
    let mut expected = 0;
    for line in &told {
        let number = line["document"].as_u64().unwrap();
        let kind = if number % 10 == 8 { "refused" } else { "accepted" };
        assert!(line["reply"].get(kind).is_some(), "{line}");
        expected += 1;
        assert_eq!(line["reply"]["index"], expected);
    }
    assert!(ran.err.contains("document 4: body.name: is required"), "{ran}");
    assert!(ran.err.trim_end().ends_with("120 accepted, 15 refused, 15 malformed"), "{ran}");
}

#[test]
fn a_stream_that_moves_the_clock_signs_what_follows_at_the_new_time() {
    let world = World::new();
    let advance = json!({
        "type": "AdvanceClock", "as": world.founded.operator.to_string(),
        "body": {"to_ms": "2027-06-01T00:00:00Z"},
    });
    let register = world.registration("Mill", &["BUYER"]);
    let lines = format!("{register}\n{advance}\n{register}\n");
    let ran = with_input(world.command(&["send", "-"]), &lines).ok();
    assert_eq!(ran.out.matches("accepted in entry").count(), 3, "{ran}");
    let entry = world.run(&["get", "entry", "3", "--json"]).ok().json();
    assert_eq!(entry["statement"]["signed_at_ms"], 1_811_808_000_000u64);
    assert_eq!(entry["time_ms"], 1_811_808_000_000u64);
}

#[test]
fn a_dry_run_decides_and_writes_nothing() {
    let world = World::new();
    let document = world.registration("Mill", &["BUYER"]).to_string();
    for input in [document.clone(), format!("{document}\n{document}\n")] {
        let ran = with_input(world.command(&["send", "--dry-run", "-"]), &input).ok();
        assert!(ran.out.contains("accepted in entry 1"), "{ran}");
        assert!(ran.err.contains("dry run: nothing was written"), "{ran}");
    }
    assert_eq!(world.size(), 1);
}

#[test]
fn a_batch_is_one_entry() {
    let world = World::new();
    let item =
        |name: &str| json!({"type": "RegisterParty", "body": {"name": name, "roles": ["BUYER"]}});
    let batch = json!({
        "mode": "LINKED", "as": world.founded.registrar.to_string(), "items": [item("A"), item("B")],
    });
    let ran = with_input(world.command(&["send", "--json", "-"]), &batch.to_string()).ok();
    assert_eq!(ran.json()["accepted"]["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(world.size(), 2);
}

#[test]
fn a_proof_comes_with_the_answer_and_holds() {
    let world = World::new();
    let file = world.file("register.json", &world.registration("Mill", &["BUYER"]).to_string());
    world.run(&["send", "--proof", "mill.tlog-proof", &file]).ok();
    let proof = ProofFile::parse(&std::fs::read(world.path("mill.tlog-proof")).unwrap()).unwrap();
    let vkey = world.founded.vkey.parse().unwrap();
    let checkpoint = proof.verify(leaf_hash(&proof.extra), &vkey).unwrap();
    assert_eq!((proof.index, checkpoint.size()), (1, 2));
    assert_eq!(Entry::decode(&proof.extra).unwrap().index, 1);
}

#[test]
fn who_can_not_sign_is_told_what_is_missing() {
    let world = World::new();
    let stranger = "pt_00000000000000000000000000000001";
    let document = json!({"type": "SuspendParty", "body": {"party": stranger}});
    let file = world.file("suspend.json", &document.to_string());
    let ran = world.run(&["send", &file]);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.err.contains("in whose name"), "{ran}");
    let ran = world.run(&["send", "--as", stranger, &file]);
    assert!(ran.code == 2 && ran.err.contains(&format!("no key for {stranger}")), "{ran}");

    // A key that nobody registered is turned away at the door.
    world.run(&["key", "new", "x.key", "--party", stranger, "--unencrypted"]).ok();
    let ran = world.run(&["send", "--key", "x.key", &file]);
    assert!(ran.code == 2 && ran.err.contains("is not registered on this chain"), "{ran}");
    assert!(ran.err.contains("granary key show"), "{ran}");
}
