//! What is kept of a statement refused after its principal's quota of refusals was used up:
//! everything but the body, so that replay can still judge it.

use super::{Envelope, Form, Signature, Unreadable, signing_bytes};
use crate::hash::Hash;

/// A statement whose body is withheld.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverQuota {
    /// The chain it was for.
    pub origin: String,
    /// The party in whose name it was said.
    pub principal: [u8; 16],
    /// The signer's idempotency key; not taken.
    pub command_id: [u8; 16],
    /// When the signer says that it signed, Unix milliseconds.
    pub signed_at_ms: u64,
    /// The last book time at which it could have been accepted, Unix milliseconds.
    pub expires_at_ms: u64,
    /// Full protobuf name of the body.
    pub type_name: String,
    /// SHA-256 of the body.
    pub body_sha256: Hash,
    /// As on the statement, and checked the same way.
    pub signatures: Vec<Signature>,
    signed_digest: Hash,
}

impl OverQuota {
    /// The over-quota form of a statement as received: magic `GRNQ`, and SHA-256(body) in the
    /// place of the body.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] if `received` is not a statement.
    pub fn encode(received: &[u8]) -> Result<Vec<u8>, Unreadable> {
        Ok(Envelope::read(received, Form::Statement)?.without_body())
    }

    /// Reads the over-quota form of a statement.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] if the bytes are not exactly such a form. Never panics.
    pub fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        let envelope = Envelope::read(bytes, Form::OverQuota)?;
        Ok(Self {
            origin: envelope.origin.to_owned(),
            principal: *envelope.principal,
            command_id: *envelope.command_id,
            signed_at_ms: envelope.signed_at_ms,
            expires_at_ms: envelope.expires_at_ms,
            type_name: envelope.type_name.to_owned(),
            body_sha256: envelope.body_sha256(),
            signatures: envelope.owned_signatures(),
            signed_digest: envelope.signed_digest(),
        })
    }

    /// The digest that the statement's signatures are over.
    pub fn signed_digest(&self) -> Hash {
        self.signed_digest
    }

    /// The bytes that were signed.
    pub fn signing_bytes(&self) -> Vec<u8> {
        signing_bytes(&self.signed_digest).to_vec()
    }
}
