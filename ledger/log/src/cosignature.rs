//! Cosignatures of witnesses, version 1: a witness says at what time it saw a checkpoint, and that
//! the checkpoint continues all that it cosigned before. <https://c2sp.org/tlog-cosignature>

use ed25519_dalek::{Signer, SigningKey};

use crate::note::{KeyError, KeyType, NoteSignature, VerifierKey};

/// Length of a cosignature: the time, and an Ed25519 signature.
pub const COSIGNATURE_LEN: usize = 72;

/// A witness's key. It signs checkpoints and nothing else.
#[derive(Clone)]
pub struct CosignerKey {
    verifier: VerifierKey,
    key: SigningKey,
}

/// Why a cosignature says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CosignatureError {
    /// The key is another one, or signs other things.
    #[error("not by this witness's key")]
    OtherKey,
    /// It does not have the form of a cosignature.
    #[error("a cosignature is a time and 64 bytes of signature")]
    Form,
    /// It is over another checkpoint or another time.
    #[error("the signature is not over this checkpoint at this time")]
    BadSignature,
}

impl CosignerKey {
    /// A witness's key of that name.
    ///
    /// # Errors
    ///
    /// [`KeyError::Name`].
    pub fn new(name: &str, key: SigningKey) -> Result<Self, KeyError> {
        let verifier = VerifierKey::new(name, KeyType::CosignatureV1, key.verifying_key())?;
        Ok(Self { verifier, key })
    }

    /// The public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Cosigns a checkpoint's text at `time_s`, Unix seconds. That it continues the one cosigned
    /// before is for the caller to have checked.
    pub fn cosign(&self, checkpoint: &str, time_s: u64) -> NoteSignature {
        let signature = self.key.sign(message(checkpoint, time_s).as_bytes()).to_bytes();
        let bytes = [time_s.to_be_bytes().as_slice(), &signature].concat();
        NoteSignature::new(self.verifier.name(), self.verifier.key_id(), bytes)
    }
}

/// Checks a cosignature of a checkpoint's text. Gives the time at which the witness made it, Unix
/// seconds.
///
/// # Errors
///
/// [`CosignatureError`], in the order of its variants. Never panics.
pub fn verify(
    signature: &NoteSignature,
    checkpoint: &str,
    key: &VerifierKey,
) -> Result<u64, CosignatureError> {
    if key.key_type() != KeyType::CosignatureV1 || !signature.is_by(key) {
        return Err(CosignatureError::OtherKey);
    }
    let (time, bytes) = signature.bytes().split_first_chunk().ok_or(CosignatureError::Form)?;
    if signature.bytes().len() != COSIGNATURE_LEN {
        return Err(CosignatureError::Form);
    }
    let time_s = u64::from_be_bytes(*time);
    if key.verifies(message(checkpoint, time_s).as_bytes(), bytes) {
        Ok(time_s)
    } else {
        Err(CosignatureError::BadSignature)
    }
}

fn message(checkpoint: &str, time_s: u64) -> String {
    format!("cosignature/v1\ntime {time_s}\n{checkpoint}")
}
