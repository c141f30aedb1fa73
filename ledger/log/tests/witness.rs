//! The witness protocol: its bytes as the specification's examples have them, and every status it names.

use granary_log::checkpoint::Checkpoint;
use granary_log::cosignature::{self, CosignerKey};
use granary_log::hash::{Hash, leaf_hash};
use granary_log::note::{KeyType, Note, SignerKey, VerifierKey};
use granary_log::signature::SigningKey;
use granary_log::tree::Tree;
use granary_log::witness::{
    AddCheckpoint, PROOF_MAX, Refusal, cosignature_by, decide, parse_size_body, size_body,
};

/// The example of <https://c2sp.org/tlog-witness>.
const REQUEST: &str = "old 20852014\n\
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\
    jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\
    5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n\
    /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\
    \n\
    example.com/behind-the-sofa\n\
    20852163\n\
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\
    \n\
    \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
    \u{2014} example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n";

/// The example of an answer.
const ANSWER: &str = "\u{2014} witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==\n\
    \u{2014} witness.example/w1 I7rEps0pvK2UqkS2gSpVUDhrhVtQV9lgF6pRrWAvjJHjyWpW7VcE3SiOlVlbQNt64vWhO+DlkL0+UfzuOBMh9ChdMkP1vi/lCAsmlw==\n\
    \u{2014} witness.example/w2 AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbYKA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==\n";

const ORIGIN: &str = "ledger.example.org/test-01234567";

#[test]
fn the_specifications_example_is_read_and_written_back() {
    let request = AddCheckpoint::parse(REQUEST.as_bytes()).expect("the example");
    assert_eq!((request.old_size, request.proof.len()), (20_852_014, 4));
    let checkpoint: Checkpoint = request.checkpoint.text().parse().expect("a checkpoint");
    assert_eq!(checkpoint.origin(), "example.com/behind-the-sofa");
    assert_eq!(checkpoint.size(), 20_852_163);
    assert_eq!(request.checkpoint.signatures().len(), 2);
    assert_eq!(request.to_string(), REQUEST);
}

#[test]
fn of_an_answers_lines_only_those_of_the_witness_count() {
    let key = SigningKey::from_bytes(&[5; 32]);
    let witness = CosignerKey::new("witness.example/w1", key).expect("a good name");
    assert_eq!(
        cosignature_by(ANSWER.as_bytes(), witness.verifier()),
        None,
        "the same name, another key"
    );
    let ours = witness.cosign("text\n", 7);
    let answer = format!("{ANSWER}no line of a note\n{ours}");
    let found = cosignature_by(answer.as_bytes(), witness.verifier()).expect("it is there");
    assert_eq!(cosignature::verify(&found, "text\n", witness.verifier()), Ok(7));
    assert_eq!(cosignature_by(b"\xff", witness.verifier()), None);
}

#[test]
fn what_is_no_request_is_refused() {
    let too_long = format!(
        "old 1\n{}",
        "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n".repeat(PROOF_MAX + 1)
    );
    let note = &REQUEST[REQUEST.find("\n\n").expect("a blank line")..];
    for head in [
        "",
        "old",
        "old -1",
        "old 01",
        "old 1 ",
        " old 1",
        "size 1",
        "old 9223372036854775808",
        "old 1\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw",
        "old 1\nAAAA",
        "old 1\r",
        too_long.trim_end(),
    ] {
        let text = format!("{head}{note}");
        AddCheckpoint::parse(text.as_bytes()).expect_err(head);
    }
    for cut in 0..REQUEST.len() {
        if REQUEST.is_char_boundary(cut) && AddCheckpoint::parse(&REQUEST.as_bytes()[..cut]).is_ok()
        {
            // A note may lose its last signature and still be one.
            assert!(REQUEST[..cut].ends_with("YQ8=\n"), "cut at {cut}");
        }
    }
}

#[test]
fn a_size_is_told_in_one_form() {
    assert_eq!(size_body(20_852_014), "20852014\n");
    assert_eq!(parse_size_body(b"20852014\n"), Some(20_852_014));
    for wrong in ["", "\n", "1", "01\n", "1\n\n", "-1\n", "1 \n", "9223372036854775808\n"] {
        assert_eq!(parse_size_body(wrong.as_bytes()), None, "{wrong:?}");
    }
}

/// A log, and what is asked of its witness.
struct Log {
    tree: Tree,
    key: SignerKey,
}

impl Log {
    fn new(size: u8) -> Self {
        let mut tree = Tree::new();
        (0..size).for_each(|leaf| tree.push(leaf_hash(&[leaf])));
        let key = SignerKey::new(ORIGIN, SigningKey::from_bytes(&[3; 32])).expect("a good name");
        Self { tree, key }
    }

    fn checkpoint(&self, size: u64) -> Checkpoint {
        let root = self.tree.root_at(size).expect("there");
        Checkpoint::new(ORIGIN, size, root).expect("a good origin")
    }

    fn request(&self, old_size: u64, size: u64) -> AddCheckpoint {
        let proof = if old_size <= size {
            self.tree.consistency_proof(old_size, size).expect("there")
        } else {
            Vec::new()
        };
        let checkpoint = self.checkpoint(size).sign(&self.key).expect("its own");
        AddCheckpoint { old_size, proof, checkpoint }
    }

    fn keys(&self) -> Vec<VerifierKey> {
        let other = SigningKey::from_bytes(&[8; 32]);
        let other = VerifierKey::new("other.example", KeyType::Ed25519, other.verifying_key());
        vec![other.expect("a good name"), self.key.verifier().clone()]
    }
}

#[test]
fn a_witness_cosigns_what_continues_the_checkpoint_before_and_nothing_else() {
    let log = Log::new(20);
    for old_size in 0..=20 {
        for size in old_size..=20 {
            let request = log.request(old_size, size);
            let last = log.checkpoint(old_size);
            let latest = |_: &str| (old_size > 0).then_some(last);
            assert_eq!(decide(&request, &log.keys(), latest), Ok(log.checkpoint(size)));
        }
    }
}

#[test]
fn each_refusal_has_the_status_that_the_specification_names() {
    let log = Log::new(20);
    let mut fork = Log::new(20);
    fork.tree = Tree::new();
    (0..20_u8).for_each(|leaf| fork.tree.push(leaf_hash(&[leaf, 1])));
    let mut unsigned = log.request(7, 15);
    let stranger = SignerKey::new(ORIGIN, SigningKey::from_bytes(&[4; 32])).expect("a good name");
    unsigned.checkpoint = log.checkpoint(15).sign(&stranger).expect("of that name");
    let mut bent = log.request(7, 15);
    bent.proof[0] = Hash([0; 32]);
    let mut longer = log.request(7, 15);
    longer.proof.push(Hash([0; 32]));
    let mut proved_from_nothing = log.request(0, 15);
    proved_from_nothing.proof.push(Hash([0; 32]));
    let at = |size| Some(log.checkpoint(size));
    for (request, last, status, told) in [
        (unsigned, at(7), 403, None),
        (log.request(16, 15), at(16), 400, None),
        (log.request(7, 15), at(8), 409, Some(8)),
        (log.request(0, 15), at(8), 409, Some(8)),
        (log.request(7, 15), None, 409, Some(0)),
        (fork.request(15, 15), at(15), 409, Some(15)),
        (fork.request(7, 15), at(7), 422, None),
        (bent, at(7), 422, None),
        (longer, at(7), 422, None),
        (proved_from_nothing, None, 422, None),
    ] {
        let refused = decide(&request, &log.keys(), |_| last).expect_err("refused");
        assert_eq!((refused.status(), refused.told_size()), (status, told), "{refused}");
    }
    let unknown = decide(&log.request(0, 5), &log.keys()[..1], |_| None).expect_err("refused");
    assert_eq!(unknown.status(), 404);
    let no_checkpoint = AddCheckpoint {
        checkpoint: Note::new("three\nwords\nonly\n".to_owned()).expect("a note"),
        ..log.request(0, 5)
    };
    let refused = decide(&no_checkpoint, &log.keys(), |_| None).expect_err("refused");
    assert_eq!(refused.status(), 400);
    let malformed = AddCheckpoint::parse(b"").expect_err("empty");
    assert_eq!(Refusal::from(malformed).status(), 400);
}
