//! Statements: one encoding, signatures over what is said, and what is unreadable.

mod support;

use granary_log::barrier;
use granary_log::hash::sha256;
use granary_log::record::{Record, classify};
use granary_log::signature::{KeyCache, Verdict, check_over, check_signatures, is_acceptable_key};
use granary_log::statement::{
    EncodeError, OverQuota, SIGNATURES_MAX, STATEMENT_MAX, SUITE_ED25519, Signature, Statement,
    TooLong, Unreadable, WireError, digest_of,
};
use proptest::prelude::*;
use support::{ORIGIN, key, statement};

const TYPE: &str = "granary.receipts.v1.SignReceipt";

fn encode(statement: &Statement) -> Vec<u8> {
    statement.encode().expect("a statement that fits")
}

#[test]
fn a_statement_is_read_back_with_valid_signatures() {
    let mut said = statement(1, TYPE, b"body");
    said.sign_with(&key(9)).unwrap();
    said.sign_with(&key(2)).unwrap();
    let bytes = encode(&said);
    assert_eq!(bytes.len(), said.encoded_len());
    let read = Statement::decode(&bytes).unwrap();
    assert_eq!(read, said);
    assert_eq!(check_signatures(&read), [Verdict::Valid; 3]);
    assert_eq!(digest_of(&bytes), sha256(&bytes));
}

#[test]
fn the_principals_key_stands_first_and_the_others_in_order_whoever_signed_when() {
    let principal = key(5);
    for order in [[1, 2, 3], [3, 2, 1], [2, 3, 1]] {
        let mut said = statement(5, TYPE, b"");
        order.iter().for_each(|n| said.sign_with(&key(*n)).unwrap());
        let keys: Vec<_> = said.signatures.iter().map(|signature| signature.key_id).collect();
        assert_eq!(keys[0], principal.verifying_key().to_bytes());
        assert!(keys[1..].is_sorted());
        assert!(said.encode().is_ok());
    }
}

#[test]
fn a_fifth_signature_and_a_second_by_one_key_are_not_made() {
    let mut said = statement(1, TYPE, b"");
    assert_eq!(said.sign_with(&key(1)), Err(EncodeError::SignatureOrder));
    (2..=4).for_each(|n| said.sign_with(&key(n)).unwrap());
    assert_eq!(said.sign_with(&key(5)), Err(EncodeError::SignatureCount { found: 5 }));
    assert_eq!(said.signatures.len(), SIGNATURES_MAX);
}

#[test]
fn signatures_out_of_order_are_another_encoding_and_unreadable() {
    let mut said = statement(1, TYPE, b"");
    (2..=4).for_each(|n| said.sign_with(&key(n)).unwrap());
    let good = encode(&said);
    let one = 1 + 32 + 2 + 64;
    let start = good.len() - 4 * one;
    let with = |order: [usize; 4]| {
        let mut bytes = good[..start].to_vec();
        order.iter().for_each(|i| bytes.extend_from_slice(&good[start + i * one..][..one]));
        bytes
    };
    assert_eq!(with([0, 1, 2, 3]), good);
    for order in [[0, 2, 1, 3], [0, 1, 3, 2], [0, 1, 1, 2], [0, 0, 1, 2], [0, 1, 2, 0]] {
        assert_eq!(Statement::decode(&with(order)), Err(Unreadable::SignatureOrder), "{order:?}");
    }
    // The same key twice and nothing else.
    let mut twice = good[..start].to_vec();
    twice[start - 1] = 2;
    twice.extend_from_slice(&good[start..][..one].repeat(2));
    assert_eq!(Statement::decode(&twice), Err(Unreadable::SignatureOrder));
    // Any key may stand first: which is the principal's is not known here.
    let mut keys: Vec<_> = good[start..].chunks(one).map(|s| s[1..33].to_vec()).collect();
    keys[1..].sort();
    let first_last = with([1, 0, 2, 3]);
    assert_eq!(Statement::decode(&first_last).is_ok(), keys[0] < keys[2]);
}

#[test]
fn unreadable_statements_say_why() {
    let good = encode(&statement(1, TYPE, b"body"));
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        Statement::decode(&bytes).unwrap_err()
    };
    let count_at = good.len() - 100;
    let truncated = |field| Unreadable::Wire(WireError::Truncated { field });
    assert_eq!(with(&|b| b[3] = b'Q'), Unreadable::Magic);
    assert_eq!(with(&|b| b[4] = 2), Unreadable::Version { found: 2 });
    assert_eq!(with(&|b| b.clear()), truncated("the version"));
    assert_eq!(with(&|b| b.truncate(6)), truncated("the origin"));
    assert_eq!(
        with(&|b| b[6] = 0xFF),
        Unreadable::Wire(WireError::NotText { field: "the origin" })
    );
    assert_eq!(with(&|b| b.push(0)), Unreadable::Wire(WireError::Trailing { count: 1 }));
    assert_eq!(with(&|b| b.truncate(b.len() - 1)), truncated("a signature"));
    assert_eq!(with(&|b| b[count_at] = 0), Unreadable::SignatureCount { found: 0 });
    assert_eq!(with(&|b| b[count_at] = 5), Unreadable::SignatureCount { found: 5 });
    assert_eq!(with(&|b| b.resize(40_961, 0)), Unreadable::TooLong { len: 40_961 });
}

#[test]
fn the_longest_statement_fits_and_the_next_longer_does_not() {
    let overhead = encode(&statement(1, TYPE, b"")).len();
    let longest = statement(1, TYPE, &vec![7; STATEMENT_MAX - overhead]);
    let bytes = encode(&longest);
    assert_eq!(bytes.len(), STATEMENT_MAX);
    assert_eq!(Statement::decode(&bytes).unwrap(), longest);
    let longer = statement(1, TYPE, &vec![7; STATEMENT_MAX - overhead + 1]);
    assert_eq!(
        longer.encode(),
        Err(TooLong { field: "the statement", len: STATEMENT_MAX + 1, max: STATEMENT_MAX }.into())
    );
    let mut said = statement(1, TYPE, b"");
    said.origin = "x".repeat(256);
    let too_long = Err(TooLong { field: "the origin", len: 256, max: 255 }.into());
    assert_eq!(said.encode(), too_long);
    assert_eq!(said.sign_with(&key(3)).map(|()| Vec::new()), too_long);
    said.signatures.clear();
    said.origin.clear();
    assert_eq!(said.encode(), Err(EncodeError::SignatureCount { found: 0 }));
}

#[test]
fn records_are_told_apart() {
    let said = statement(1, TYPE, b"body");
    let bytes = encode(&said);
    assert_eq!(classify(&bytes, ORIGIN), Record::Statement(said));
    assert_eq!(
        classify(&bytes, "other.example/chain"),
        Record::Unreadable(Unreadable::OtherOrigin { found: ORIGIN.into() })
    );
    assert_eq!(classify(&barrier::encode([3; 16]), ORIGIN), Record::Barrier([3; 16]));
    assert_eq!(classify(b"GRNB\x01short", ORIGIN), Record::Unreadable(Unreadable::Magic));
    assert_eq!(classify(b"junk", ORIGIN), Record::Unreadable(Unreadable::Magic));
}

#[test]
fn every_part_of_what_is_said_is_signed() {
    let said = statement(1, TYPE, b"body");
    let changes: [fn(&mut Statement); 7] = [
        |s| s.origin.push('x'),
        |s| s.principal[15] ^= 1,
        |s| s.command_id[0] ^= 1,
        |s| s.signed_at_ms += 1,
        |s| s.expires_at_ms += 1,
        |s| s.type_name.push('x'),
        |s| s.body.push(0),
    ];
    for change in changes {
        let mut other = said.clone();
        change(&mut other);
        assert_ne!(other.signed_digest(), said.signed_digest());
        assert_eq!(check_signatures(&other), [Verdict::Invalid]);
    }
    let mut signed_again = said.clone();
    signed_again.sign_with(&key(2)).unwrap();
    assert_eq!(signed_again.signed_digest(), said.signed_digest(), "the same said by more");
    let mut bytes = b"granary/statement/v1\0".to_vec();
    bytes.extend_from_slice(&said.signed_digest().0);
    assert_eq!(said.signing_bytes(), bytes);
}

/// A key of small order accepts signatures over anything under lax rules.
#[test]
fn signatures_are_checked_strictly() {
    let mut said = statement(1, TYPE, b"body");
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut lax = vec![0; 64];
    lax[0] = 1;
    said.signatures[0] = Signature { suite: SUITE_ED25519, key_id: identity, bytes: lax };
    assert_eq!(check_signatures(&said), [Verdict::Invalid]);
    assert!(!is_acceptable_key(SUITE_ED25519, &identity));

    // s + l is the same number as s: a second encoding of a valid signature.
    let mut said = statement(1, TYPE, b"body");
    let group_order = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    let order = hex::decode(group_order).unwrap();
    let mut carry = 0_u16;
    for (byte, order) in said.signatures[0].bytes[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        [_, *byte] = sum.to_be_bytes();
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    assert_eq!(check_signatures(&said), [Verdict::Invalid]);
}

#[test]
fn verdicts_tell_unknown_suites_from_invalid_signatures() {
    let said = statement(1, TYPE, b"body");
    let with = |change: &dyn Fn(&mut Signature)| {
        let mut said = said.clone();
        change(&mut said.signatures[0]);
        check_signatures(&said)
    };
    assert_eq!(with(&|_| ()), [Verdict::Valid]);
    assert_eq!(with(&|s| s.suite = 2), [Verdict::SuiteUnknown]);
    assert_eq!(with(&|s| s.bytes.truncate(63)), [Verdict::Invalid]);
    assert_eq!(with(&|s| s.bytes.clear()), [Verdict::Invalid]);
    assert_eq!(with(&|s| s.bytes[9] ^= 1), [Verdict::Invalid]);
    assert_eq!(with(&|s| s.key_id = [0xFF; 32]), [Verdict::Invalid]);
    assert_eq!(with(&|s| s.key_id = key(2).verifying_key().to_bytes()), [Verdict::Invalid]);
}

#[test]
fn a_cache_of_keys_gives_the_same_verdicts_however_small_it_is() {
    let mut said: Vec<_> = (1..20).map(|n| statement(n, TYPE, &[n])).collect();
    said[3].signatures[0].bytes[0] ^= 1;
    said[5].signatures[0].key_id = [0xFF; 32];
    said[7].signatures[0].suite = 9;
    let expected: Vec<_> = said.iter().map(check_signatures).collect();
    for capacity in [0, 1, 2, 5, 1000] {
        let mut keys = KeyCache::new(capacity);
        for _ in 0..3 {
            let found: Vec<_> = said.iter().map(|said| keys.check_signatures(said)).collect();
            assert_eq!(found, expected, "capacity {capacity}");
        }
    }
}

#[test]
fn over_quota_keeps_what_is_needed_to_check_the_signatures_and_not_the_body() {
    let mut said = statement(1, TYPE, b"a long story");
    said.sign_with(&key(2)).unwrap();
    let form = OverQuota::encode(&encode(&said)).unwrap();
    assert!(form.starts_with(b"GRNQ\x01"));
    assert!(!form.windows(4).any(|window| window == b"long"));
    let kept = OverQuota::decode(&form).unwrap();
    assert_eq!(kept.body_sha256, sha256(b"a long story"));
    assert_eq!(kept.signed_digest(), said.signed_digest());
    assert_eq!(check_over(&kept.signing_bytes(), &kept.signatures), [Verdict::Valid; 2]);
    let parts = (kept.origin, kept.principal, kept.command_id, kept.type_name);
    assert_eq!(parts, (said.origin, said.principal, said.command_id, said.type_name));
    assert_eq!((kept.signed_at_ms, kept.expires_at_ms), (said.signed_at_ms, said.expires_at_ms));

    assert_eq!(Statement::decode(&form), Err(Unreadable::Magic), "it is not a statement");
    assert_eq!(OverQuota::encode(&form), Err(Unreadable::Magic));
    assert!(OverQuota::decode(&form[..form.len() - 1]).is_err());
}

prop_compose! {
    fn signature()(
        suite: u8,
        key_id: [u8; 32],
        bytes in prop::collection::vec(any::<u8>(), 0..70),
    ) -> Signature {
        Signature { suite, key_id, bytes }
    }
}

prop_compose! {
    fn any_statement()(
        origin in "[ -~é仓]{0,60}",
        principal: [u8; 16],
        command_id: [u8; 16],
        signed_at_ms: u64,
        expires_at_ms: u64,
        type_name in "[a-zA-Z0-9_.]{0,60}",
        body in prop::collection::vec(any::<u8>(), 0..300),
        mut signatures in prop::collection::vec(signature(), 1..5),
    ) -> Statement {
        signatures[1..].sort_by_key(|signature| signature.key_id);
        Statement {
            origin, principal, command_id, signed_at_ms, expires_at_ms, type_name, body, signatures,
        }
    }
}

proptest! {
    #[test]
    fn any_statement_is_read_back(said in any_statement()) {
        let bytes = encode(&said);
        prop_assert_eq!(bytes.len(), said.encoded_len());
        prop_assert_eq!(Statement::decode(&bytes), Ok(said));
    }

    /// One encoding: bytes that differ are refused, or say something else.
    #[test]
    fn changed_bytes_are_refused_or_encode_to_themselves(
        said in any_statement(),
        at: prop::sample::Index,
        with in prop::collection::vec(any::<u8>(), 0..4),
        take in 0usize..4,
    ) {
        let mut bytes = encode(&said);
        let start = at.index(bytes.len());
        bytes.splice(start..(start + take).min(bytes.len()), with);
        if let Ok(read) = Statement::decode(&bytes) {
            prop_assert_eq!(encode(&read), bytes);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(tail: Vec<u8>, magic in "GRN[SQB]\u{1}") {
        for bytes in [tail.clone(), [magic.as_bytes(), &tail].concat()] {
            if let Ok(read) = Statement::decode(&bytes) {
                prop_assert_eq!(encode(&read), bytes.clone());
            }
            let _ = OverQuota::decode(&bytes);
            if let Record::Barrier(nonce) = classify(&bytes, ORIGIN) {
                prop_assert_eq!(barrier::encode(nonce).to_vec(), bytes);
            }
        }
    }

    #[test]
    fn the_form_over_quota_has_the_statements_digest(said in any_statement()) {
        let kept = OverQuota::decode(&OverQuota::encode(&encode(&said)).unwrap()).unwrap();
        prop_assert_eq!(kept.signed_digest(), said.signed_digest());
        prop_assert_eq!(kept.signatures, said.signatures);
    }
}
