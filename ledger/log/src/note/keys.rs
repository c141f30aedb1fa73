//! Keys of notes, and their text forms.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::NoteSignature;
use crate::hash::sha256_parts;
use crate::text::{base64, from_base64};

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    /// Ed25519 over the text.
    Ed25519,
    /// Ed25519 over a time and the text: see [`cosignature`](crate::cosignature).
    CosignatureV1,
}

impl KeyType {
    /// The type's byte in key ids and text forms.
    pub fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureV1 => 0x04,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Ed25519, Self::CosignatureV1].into_iter().find(|kind| kind.byte() == byte)
    }
}

/// Why a text is not a key of notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A name is not empty, and without spaces, control characters and plus signs.
    #[error("a key's name is not empty and has no space, control character or plus sign")]
    Name,
    /// Not `name+id+base64`, in front of it `PRIVATE+KEY+` for a secret key.
    #[error("not the text form of a key")]
    Form,
    /// A type of key other than those of [`KeyType`].
    #[error("a key of a type that is not known here")]
    Type,
    /// The id is not that of the name and the key.
    #[error("the id belongs to another name or key")]
    Id,
}

/// The first four bytes, big-endian, of SHA-256(name || 0x0A || type || public key).
pub fn key_id(name: &str, key_type: KeyType, public_key: &[u8; 32]) -> u32 {
    let digest =
        sha256_parts([name.as_bytes(), b"\n", &[key_type.byte()], public_key.as_slice()]).0;
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

/// A public key with its name. In text `name+id+base64(type || key)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key_type: KeyType,
    key: VerifyingKey,
    key_id: u32,
}

impl VerifierKey {
    /// A key of that name.
    ///
    /// # Errors
    ///
    /// [`KeyError::Name`].
    pub fn new(name: &str, key_type: KeyType, key: VerifyingKey) -> Result<Self, KeyError> {
        check_name(name)?;
        let key_id = key_id(name, key_type, key.as_bytes());
        Ok(Self { name: name.to_owned(), key_type, key, key_id })
    }

    /// The key's name; a log's is its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    pub fn key_type(&self) -> KeyType {
        self.key_type
    }

    /// Its id.
    pub fn key_id(&self) -> u32 {
        self.key_id
    }

    /// The Ed25519 key.
    pub fn public_key(&self) -> &VerifyingKey {
        &self.key
    }

    /// Whether `signature` is an Ed25519 signature over `message`, strictly checked.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, id, key_type, key) = parse(text)?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| KeyError::Form)?;
        let key = Self::new(name, key_type, key)?;
        if key.key_id == id { Ok(key) } else { Err(KeyError::Id) }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blob = [&[self.key_type.byte()], self.key.as_bytes().as_slice()].concat();
        write!(f, "{}+{:08x}+{}", self.name, self.key_id, base64(&blob))
    }
}

/// How a secret key's text form begins.
const SECRET_START: &str = "PRIVATE+KEY+";

/// A secret key of type Ed25519 with its name: what a log signs its checkpoints with. Its text
/// form, [`SignerKey::to_secret_text`], is that of Go's `note` package.
#[derive(Clone)]
pub struct SignerKey {
    verifier: VerifierKey,
    key: SigningKey,
}

impl SignerKey {
    /// A key of that name.
    ///
    /// # Errors
    ///
    /// [`KeyError::Name`].
    pub fn new(name: &str, key: SigningKey) -> Result<Self, KeyError> {
        let verifier = VerifierKey::new(name, KeyType::Ed25519, key.verifying_key())?;
        Ok(Self { verifier, key })
    }

    /// The public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs a note's text.
    pub fn sign(&self, text: &str) -> NoteSignature {
        let signature = self.key.sign(text.as_bytes()).to_bytes().to_vec();
        NoteSignature::new(self.verifier.name(), self.verifier.key_id(), signature)
    }

    /// `PRIVATE+KEY+name+id+base64(0x01 || seed)`. A secret.
    pub fn to_secret_text(&self) -> String {
        let blob = [&[KeyType::Ed25519.byte()], self.key.as_bytes().as_slice()].concat();
        let (name, id) = (self.verifier.name(), self.verifier.key_id());
        format!("{SECRET_START}{name}+{id:08x}+{}", base64(&blob))
    }
}

impl FromStr for SignerKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, id, key_type, seed) =
            parse(text.strip_prefix(SECRET_START).ok_or(KeyError::Form)?)?;
        if key_type != KeyType::Ed25519 {
            return Err(KeyError::Type);
        }
        let key = Self::new(name, SigningKey::from_bytes(&seed))?;
        if key.verifier.key_id == id { Ok(key) } else { Err(KeyError::Id) }
    }
}

/// Without the secret.
impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignerKey").field("verifier", &self.verifier).finish_non_exhaustive()
    }
}

/// A key's name is not empty and has no Unicode space and no plus sign; nor has it a control
/// character, which no note can hold.
pub(crate) fn check_name(name: &str) -> Result<(), KeyError> {
    let bad = |c: char| c.is_whitespace() || c < ' ' || c == '+';
    if name.is_empty() || name.contains(bad) { Err(KeyError::Name) } else { Ok(()) }
}

/// Name, id, type and 32 bytes of `name+id+base64(type || bytes)`.
fn parse(text: &str) -> Result<(&str, u32, KeyType, [u8; 32]), KeyError> {
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(blob)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(KeyError::Form);
    };
    let lower_hex = |digit: u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
    if id.len() != 8 || !id.bytes().all(lower_hex) {
        return Err(KeyError::Form);
    }
    let id = u32::from_str_radix(id, 16).map_err(|_| KeyError::Form)?;
    let blob = from_base64(blob).ok_or(KeyError::Form)?;
    let (&byte, key) = blob.split_first().ok_or(KeyError::Form)?;
    let key_type = KeyType::from_byte(byte).ok_or(KeyError::Type)?;
    Ok((name, id, key_type, key.try_into().map_err(|_| KeyError::Form)?))
}
