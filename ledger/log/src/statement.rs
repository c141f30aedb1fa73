//! Statements: what parties say, signed.

mod envelope;
mod over_quota;

pub use crate::codec::{TooLong, WireError};
pub use over_quota::OverQuota;

pub(crate) use envelope::{Envelope, Form};

use ed25519_dalek::{Signer, SigningKey};

use crate::codec;
use crate::hash::{Hash, sha256, sha256_parts};

/// The longest statement, in bytes: what is left of an entry for the header, the statement's own
/// result and the clock's events must hold these too.
pub const STATEMENT_MAX: usize = 40_960;

/// The most signatures on one statement. Several are for acts made in one place: handover, key
/// registration, correction of a receipt.
pub const SIGNATURES_MAX: usize = 4;

/// Suite of an Ed25519 signature; its key id is the raw public key.
pub const SUITE_ED25519: u8 = 1;

/// Length of the bytes that are signed.
pub const SIGNING_BYTES_LEN: usize = SIGNING_PREFIX.len() + 32;

const SIGNING_PREFIX: &[u8; 21] = b"granary/statement/v1\0";

/// A command, or a batch of commands, in the name of a party and signed by its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The chain it is for: a signature for one log is none for another. At most 255 bytes.
    pub origin: String,
    /// The party in whose name it is said.
    pub principal: [u8; 16],
    /// UUIDv7 made by the signer; with the principal, the idempotency key.
    pub command_id: [u8; 16],
    /// When the signer says that it signed, Unix milliseconds.
    pub signed_at_ms: u64,
    /// The last book time at which it may be accepted, Unix milliseconds.
    pub expires_at_ms: u64,
    /// Full protobuf name of the body, such as `granary.receipts.v1.SignReceipt`. At most 255 bytes.
    pub type_name: String,
    /// Protobuf bytes, opaque here: hashed and signed as they are, never encoded again.
    pub body: Vec<u8>,
    /// One to four: a key of the principal first, the others in ascending order of key id.
    pub signatures: Vec<Signature>,
}

/// One signature on a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Which signature scheme; only [`SUITE_ED25519`] is known.
    pub suite: u8,
    /// Suite 1: the raw public key.
    pub key_id: [u8; 32],
    /// The signature, in the suite's form; 64 bytes in suite 1.
    pub bytes: Vec<u8>,
}

/// Why bytes from the log are not a statement of this chain. Such a record becomes a skipped entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Longer than [`STATEMENT_MAX`].
    #[error("{len} bytes are more than the {STATEMENT_MAX} of the longest statement")]
    TooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// It does not begin with the magic of a statement.
    #[error("not a statement: it begins with other bytes than one does")]
    Magic,
    /// A version of the format that this build does not know.
    #[error("statement of version {found}; version 1 is known")]
    Version {
        /// The version it names.
        found: u8,
    },
    /// A field is cut short or not text, or bytes are left over.
    #[error("malformed statement")]
    Wire(#[from] WireError),
    /// No signature, or more than [`SIGNATURES_MAX`].
    #[error("{found} signatures; a statement carries 1 to {SIGNATURES_MAX}")]
    SignatureCount {
        /// How many it claims.
        found: u8,
    },
    /// Signatures after the first out of order, or a key twice: another encoding of the same.
    #[error("signatures after the first are not in ascending order of key, or a key signed twice")]
    SignatureOrder,
    /// It is for another chain.
    #[error("statement for {found}, another chain")]
    OtherOrigin {
        /// The chain it names.
        found: String,
    },
}

/// Why a statement cannot be put into bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// A field, or the whole, is too long.
    #[error("the statement does not fit its format")]
    TooLong(#[from] TooLong),
    /// No signature, or more than [`SIGNATURES_MAX`].
    #[error("{found} signatures; a statement carries 1 to {SIGNATURES_MAX}")]
    SignatureCount {
        /// How many there would be.
        found: usize,
    },
    /// Signatures after the first out of order, or a key twice.
    #[error("signatures after the first are not in ascending order of key, or a key signed twice")]
    SignatureOrder,
}

/// SHA-256 of a statement as received: by this its senders are answered.
pub fn digest_of(received: &[u8]) -> Hash {
    sha256(received)
}

impl Statement {
    /// Reads a statement of any chain.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] if the bytes are not exactly those that [`Statement::encode`] gives for some
    /// statement. Never panics.
    pub fn decode(received: &[u8]) -> Result<Self, Unreadable> {
        Ok(Envelope::read(received, Form::Statement)?.to_statement())
    }

    /// The statement's bytes.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if a field is too long for its length prefix, if the signatures are too
    /// few, too many or out of order, or if the whole is longer than [`STATEMENT_MAX`].
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        self.check_lengths()?;
        check_signature_set(&self.signatures)?;
        let mut out = Vec::with_capacity(self.encoded_len());
        self.feed_head(|part| out.extend_from_slice(part));
        codec::put_vec16(&mut out, &self.body, "the body")?;
        // Checked above: at most SIGNATURES_MAX.
        out.push(codec::len8(self.signatures.len(), "the signatures")?);
        for signature in &self.signatures {
            out.push(signature.suite);
            out.extend_from_slice(&signature.key_id);
            codec::put_vec16(&mut out, &signature.bytes, "a signature")?;
        }
        if out.len() > STATEMENT_MAX {
            let field = "the statement";
            return Err(TooLong { field, len: out.len(), max: STATEMENT_MAX }.into());
        }
        Ok(out)
    }

    /// What the signatures are over: two statements with the same digest say the same, whoever
    /// signed them. SHA-256(everything before the body's length || SHA-256(body)).
    ///
    /// Of no use for a statement that [`Statement::encode`] would refuse.
    pub fn signed_digest(&self) -> Hash {
        let mut head = Vec::with_capacity(64 + self.origin.len() + self.type_name.len());
        self.feed_head(|part| head.extend_from_slice(part));
        sha256_parts([&head, sha256(&self.body).as_ref()])
    }

    /// The bytes that are signed: `"granary/statement/v1\0" || signed_digest`.
    pub fn signing_bytes(&self) -> Vec<u8> {
        signing_bytes(&self.signed_digest()).to_vec()
    }

    /// Adds an Ed25519 signature. The first call is for the principal's key; signatures of the
    /// others are put in order of key id, whichever order they are made in.
    ///
    /// # Errors
    ///
    /// [`EncodeError`], with the statement unchanged, if a field is too long to be signed, if the
    /// key has signed already, or if there are [`SIGNATURES_MAX`] signatures.
    pub fn sign_with(&mut self, key: &SigningKey) -> Result<(), EncodeError> {
        self.check_lengths()?;
        let key_id = key.verifying_key().to_bytes();
        if self.signatures.len() >= SIGNATURES_MAX {
            return Err(EncodeError::SignatureCount { found: self.signatures.len() + 1 });
        }
        if self.signatures.iter().any(|signature| signature.key_id == key_id) {
            return Err(EncodeError::SignatureOrder);
        }
        let bytes = key.sign(&signing_bytes(&self.signed_digest())).to_bytes().to_vec();
        let others = self.signatures.get(1..).unwrap_or_default();
        let place = match self.signatures.len() {
            0 => 0,
            _ => 1 + others.partition_point(|signature| signature.key_id < key_id),
        };
        self.signatures.insert(place, Signature { suite: SUITE_ED25519, key_id, bytes });
        Ok(())
    }

    fn check_lengths(&self) -> Result<(), TooLong> {
        codec::len8(self.origin.len(), "the origin")?;
        codec::len8(self.type_name.len(), "the type")?;
        codec::len16(self.body.len(), "the body")?;
        Ok(())
    }

    /// The length of [`Statement::encode`] in bytes.
    pub fn encoded_len(&self) -> usize {
        let signatures: usize = self.signatures.iter().map(|s| 35 + s.bytes.len()).sum();
        // Magic and version, two one-byte lengths, two ids, two times, the body's length, the count.
        let fixed = 5 + 2 + 32 + 16 + 2 + 1;
        fixed + self.origin.len() + self.type_name.len() + self.body.len() + signatures
    }

    /// Everything before the body's length, in order.
    fn feed_head(&self, mut sink: impl FnMut(&[u8])) {
        // Lengths beyond 255 were refused before anything is encoded or signed.
        let len = |text: &str| [u8::try_from(text.len()).unwrap_or(u8::MAX)];
        sink(envelope::STATEMENT_MAGIC);
        sink(&len(&self.origin));
        sink(self.origin.as_bytes());
        sink(&self.principal);
        sink(&self.command_id);
        sink(&self.signed_at_ms.to_be_bytes());
        sink(&self.expires_at_ms.to_be_bytes());
        sink(&len(&self.type_name));
        sink(self.type_name.as_bytes());
    }
}

/// `"granary/statement/v1\0" || digest`.
pub(crate) fn signing_bytes(signed_digest: &Hash) -> [u8; SIGNING_BYTES_LEN] {
    let mut bytes = [0; SIGNING_BYTES_LEN];
    bytes[..SIGNING_PREFIX.len()].copy_from_slice(SIGNING_PREFIX);
    bytes[SIGNING_PREFIX.len()..].copy_from_slice(&signed_digest.0);
    bytes
}

fn check_signature_set(signatures: &[Signature]) -> Result<(), EncodeError> {
    if !(1..=SIGNATURES_MAX).contains(&signatures.len()) {
        return Err(EncodeError::SignatureCount { found: signatures.len() });
    }
    if !envelope::in_order(signatures.iter().map(|signature| &signature.key_id)) {
        return Err(EncodeError::SignatureOrder);
    }
    Ok(())
}
