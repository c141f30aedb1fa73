//! The statement's layout, read in place: one pass, nothing copied.

use super::{SIGNATURES_MAX, STATEMENT_MAX, Signature, Statement, Unreadable};
use crate::codec::Reader;
use crate::hash::{Hash, sha256, sha256_parts};

pub(crate) const STATEMENT_MAGIC: &[u8; 5] = b"GRNS\x01";
pub(crate) const OVER_QUOTA_MAGIC: &[u8; 5] = b"GRNQ\x01";

/// Which of the two forms of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// With its body.
    Statement,
    /// With the body's SHA-256 in the place of the body.
    OverQuota,
}

/// What stands in the body's place.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Body<'a> {
    Bytes(&'a [u8]),
    Digest(&'a [u8; 32]),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct SignatureRef<'a> {
    pub(crate) suite: u8,
    pub(crate) key_id: &'a [u8; 32],
    pub(crate) bytes: &'a [u8],
}

/// A readable statement, borrowed from its bytes.
#[derive(Debug, Clone)]
pub(crate) struct Envelope<'a> {
    pub(crate) origin: &'a str,
    pub(crate) principal: &'a [u8; 16],
    pub(crate) command_id: &'a [u8; 16],
    pub(crate) signed_at_ms: u64,
    pub(crate) expires_at_ms: u64,
    pub(crate) type_name: &'a str,
    /// From after magic and version to before the body's length.
    head: &'a [u8],
    body: Body<'a>,
    /// From the count of signatures to the end.
    tail: &'a [u8],
    signatures: [Option<SignatureRef<'a>>; SIGNATURES_MAX],
}

impl<'a> Envelope<'a> {
    /// Reads `bytes` to their end; whatever is accepted has no other encoding.
    pub(crate) fn read(bytes: &'a [u8], form: Form) -> Result<Self, Unreadable> {
        if bytes.len() > STATEMENT_MAX {
            return Err(Unreadable::TooLong { len: bytes.len() });
        }
        let magic = match form {
            Form::Statement => STATEMENT_MAGIC,
            Form::OverQuota => OVER_QUOTA_MAGIC,
        };
        let mut reader = Reader::new(bytes);
        if reader.array::<4>("the magic").is_ok_and(|found| found != &magic[..4]) {
            return Err(Unreadable::Magic);
        }
        let version = reader.u8("the version")?;
        if version != magic[4] {
            return Err(Unreadable::Version { found: version });
        }
        let after_version = reader.rest();
        let origin = reader.text8("the origin")?;
        let principal = reader.array("the principal")?;
        let command_id = reader.array("the command id")?;
        let signed_at_ms = reader.u64("signed_at")?;
        let expires_at_ms = reader.u64("expires_at")?;
        let type_name = reader.text8("the type")?;
        let head = &after_version[..after_version.len() - reader.rest().len()];
        let body = match form {
            Form::Statement => Body::Bytes(reader.vec16("the body")?),
            Form::OverQuota => Body::Digest(reader.array("the body's digest")?),
        };
        let tail = reader.rest();
        let signatures = read_signatures(reader)?;
        Ok(Self {
            origin,
            principal,
            command_id,
            signed_at_ms,
            expires_at_ms,
            type_name,
            head,
            body,
            tail,
            signatures,
        })
    }

    pub(crate) fn signatures(&self) -> impl Iterator<Item = SignatureRef<'a>> {
        self.signatures.iter().copied().flatten()
    }

    pub(crate) fn body_sha256(&self) -> Hash {
        match self.body {
            Body::Bytes(body) => sha256(body),
            Body::Digest(digest) => Hash(*digest),
        }
    }

    /// SHA-256(everything before the body's length || SHA-256(body)), the same in both forms.
    pub(crate) fn signed_digest(&self) -> Hash {
        sha256_parts([STATEMENT_MAGIC, self.head, self.body_sha256().as_ref()])
    }

    /// The same statement with its body's digest in the place of the body.
    pub(crate) fn without_body(&self) -> Vec<u8> {
        [OVER_QUOTA_MAGIC, self.head, self.body_sha256().as_ref(), self.tail].concat()
    }

    pub(crate) fn owned_signatures(&self) -> Vec<Signature> {
        self.signatures()
            .map(|s| Signature { suite: s.suite, key_id: *s.key_id, bytes: s.bytes.to_vec() })
            .collect()
    }

    pub(crate) fn to_statement(&self) -> Statement {
        Statement {
            origin: self.origin.to_owned(),
            principal: *self.principal,
            command_id: *self.command_id,
            signed_at_ms: self.signed_at_ms,
            expires_at_ms: self.expires_at_ms,
            type_name: self.type_name.to_owned(),
            body: match self.body {
                Body::Bytes(body) => body.to_vec(),
                Body::Digest(_) => Vec::new(),
            },
            signatures: self.owned_signatures(),
        }
    }
}

/// Whether the keys after the first ascend strictly, and none of them is the first.
pub(crate) fn in_order<'a>(mut keys: impl Iterator<Item = &'a [u8; 32]>) -> bool {
    let Some(first) = keys.next() else { return true };
    let mut last = None;
    keys.all(|key| {
        let ascends = last.is_none_or(|last| last < key) && key != first;
        last = Some(key);
        ascends
    })
}

fn read_signatures(
    mut reader: Reader<'_>,
) -> Result<[Option<SignatureRef<'_>>; SIGNATURES_MAX], Unreadable> {
    let count = reader.u8("the count of signatures")?;
    if !(1..=SIGNATURES_MAX).contains(&usize::from(count)) {
        return Err(Unreadable::SignatureCount { found: count });
    }
    let mut signatures = [None; SIGNATURES_MAX];
    for place in signatures.iter_mut().take(usize::from(count)) {
        *place = Some(SignatureRef {
            suite: reader.u8("a signature's suite")?,
            key_id: reader.array("a signature's key")?,
            bytes: reader.vec16("a signature")?,
        });
    }
    reader.finish()?;
    if !in_order(signatures.iter().flatten().map(|signature| signature.key_id)) {
        return Err(Unreadable::SignatureOrder);
    }
    Ok(signatures)
}
