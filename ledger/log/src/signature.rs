//! Checks of signatures. They read bytes alone; whether a key counts is for the book to say.

use std::collections::HashMap;

pub use ed25519_dalek::{SigningKey, VerifyingKey};

use crate::statement::{SUITE_ED25519, Signature, Statement};

/// What a signature's bytes are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Made by the key over the statement.
    Valid,
    /// Of the wrong length, by a key that is none, or over something else.
    Invalid,
    /// Of a suite that this build cannot check.
    SuiteUnknown,
}

/// Checks every signature of a statement, in their order.
///
/// Ed25519 is checked with `verify_strict`: no small-order keys, no second encodings. Batch
/// verification is not used, because it accepts signatures that this refuses.
pub fn check_signatures(statement: &Statement) -> Vec<Verdict> {
    check_over(&statement.signing_bytes(), &statement.signatures)
}

/// As [`check_signatures`], with parsed keys from `key`: `None` where the bytes are no key.
pub fn check_signatures_with(
    statement: &Statement,
    mut key: impl FnMut(&[u8; 32]) -> Option<VerifyingKey>,
) -> Vec<Verdict> {
    let signing_bytes = statement.signing_bytes();
    let signatures = statement.signatures.iter();
    signatures.map(|signature| check(&signing_bytes, signature, &mut key)).collect()
}

/// Checks signatures over `signing_bytes`, in their order.
pub fn check_over(signing_bytes: &[u8], signatures: &[Signature]) -> Vec<Verdict> {
    signatures.iter().map(|signature| check(signing_bytes, signature, parse_key)).collect()
}

/// Checks signatures with the keys seen lately kept parsed, which saves decompressing a point for
/// each.
///
/// It is bounded (a key takes about 200 bytes) and has two generations: a key asked for stays, the
/// others go when the younger generation is full.
#[derive(Debug)]
pub struct KeyCache {
    half: usize,
    young: HashMap<[u8; 32], VerifyingKey>,
    old: HashMap<[u8; 32], VerifyingKey>,
}

impl KeyCache {
    /// A cache of at most `capacity` keys, and room for two at least.
    pub fn new(capacity: usize) -> Self {
        Self { half: (capacity / 2).max(1), young: HashMap::new(), old: HashMap::new() }
    }

    /// As [`check_signatures`], with the same answers.
    pub fn check_signatures(&mut self, statement: &Statement) -> Vec<Verdict> {
        self.check_over(&statement.signing_bytes(), &statement.signatures)
    }

    /// As [`check_over`], with the same answers.
    pub fn check_over(&mut self, signing_bytes: &[u8], signatures: &[Signature]) -> Vec<Verdict> {
        signatures
            .iter()
            .map(|signature| check(signing_bytes, signature, |key_id| self.key(key_id)))
            .collect()
    }

    /// The parsed key; `None` when the bytes are no key. Bytes that are no key are not kept: they would push out the good ones.
    pub fn key(&mut self, key_id: &[u8; 32]) -> Option<VerifyingKey> {
        if let Some(key) = self.young.get(key_id) {
            return Some(*key);
        }
        let key = self.old.remove(key_id).or_else(|| parse_key(key_id))?;
        if self.young.len() >= self.half {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(*key_id, key);
        Some(key)
    }
}

fn parse_key(key_id: &[u8; 32]) -> Option<VerifyingKey> {
    VerifyingKey::from_bytes(key_id).ok()
}

fn check(
    signing_bytes: &[u8],
    signature: &Signature,
    key: impl FnOnce(&[u8; 32]) -> Option<VerifyingKey>,
) -> Verdict {
    if signature.suite != SUITE_ED25519 {
        return Verdict::SuiteUnknown;
    }
    let Ok(bytes) = ed25519_dalek::Signature::from_slice(&signature.bytes) else {
        return Verdict::Invalid;
    };
    match key(&signature.key_id) {
        Some(key) if key.verify_strict(signing_bytes, &bytes).is_ok() => Verdict::Valid,
        Some(_) | None => Verdict::Invalid,
    }
}

/// Whether a key may be registered under a suite: for Ed25519, the canonical encoding of a point that is
/// not of small order (access.md section 5). Other suites are not built.
pub fn is_acceptable_key(suite: u8, key: &[u8; 32]) -> bool {
    suite == crate::statement::SUITE_ED25519
        && VerifyingKey::from_bytes(key).is_ok_and(|parsed| {
            !parsed.is_weak() && parsed.to_edwards().compress().as_bytes() == key
        })
}
