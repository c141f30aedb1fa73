//! Signed notes: text with signature lines below it. <https://c2sp.org/signed-note>

mod keys;

use std::fmt;

pub(crate) use keys::check_name;
pub use keys::{KeyError, KeyType, SignerKey, VerifierKey, key_id};

use crate::cosignature;
use crate::text::{base64, from_base64};

/// The longest note that is read, in bytes; as in Go's `note` package.
pub const NOTE_MAX: usize = 1_000_000;

/// The most signature lines that are read; as in Go's `note` package. The format asks for 16.
pub const SIGNATURE_LINES_MAX: usize = 100;

/// How a signature line begins: an em dash and a space.
const LINE_START: &str = "\u{2014} ";

/// A text and its signatures, not yet believed: see [`Note::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    key_id: u32,
    bytes: Vec<u8>,
}

/// Why a note is not one, or is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Longer than [`NOTE_MAX`].
    #[error("{len} bytes are more than the {NOTE_MAX} of the longest note")]
    TooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// Not UTF-8, or with control characters other than newlines, or not ending in a newline.
    #[error("not lines of UTF-8 text")]
    Text,
    /// There is no blank line between text and signatures, or no signature below it.
    #[error("no signatures below the text")]
    NoSignatures,
    /// More signature lines than [`SIGNATURE_LINES_MAX`].
    #[error("more than {SIGNATURE_LINES_MAX} signature lines")]
    TooManySignatures,
    /// A line below the text is not a signature.
    #[error("line {line} below the text is not a signature")]
    Line {
        /// Which line below the blank one, from 1.
        line: usize,
    },
    /// A signature of a known key is not over this text. Such a note is not believed at all.
    #[error("the signature of {name} is not over this text")]
    BadSignature {
        /// The key's name.
        name: String,
    },
    /// Two known keys have one name and one id.
    #[error("two keys are known as {name} with one id")]
    AmbiguousKey {
        /// The name of both.
        name: String,
    },
    /// No known key signed it.
    #[error("signed by no known key")]
    Unverified,
}

impl Note {
    /// A note without signatures yet.
    ///
    /// # Errors
    ///
    /// [`NoteError::Text`] if `text` is not lines that end in newlines, or holds other control
    /// characters.
    pub fn new(text: String) -> Result<Self, NoteError> {
        check_text(&text)?;
        Ok(Self { text, signatures: Vec::new() })
    }

    /// Reads a signed note. What it says is not believed before [`Note::verify`].
    ///
    /// # Errors
    ///
    /// [`NoteError`] if the bytes are not a signed note. Never panics.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > NOTE_MAX {
            return Err(NoteError::TooLong { len: bytes.len() });
        }
        let whole = str::from_utf8(bytes).map_err(|_| NoteError::Text)?;
        check_text(whole)?;
        let split = whole.rfind("\n\n").ok_or(NoteError::NoSignatures)?;
        let (text, lines) = (&whole[..=split], &whole[split + 2..]);
        if lines.is_empty() {
            return Err(NoteError::NoSignatures);
        }
        let mut signatures = Vec::new();
        for (number, line) in (1..).zip(lines.split_terminator('\n')) {
            if number > SIGNATURE_LINES_MAX {
                return Err(NoteError::TooManySignatures);
            }
            signatures.push(NoteSignature::parse(line).ok_or(NoteError::Line { line: number })?);
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// Signs the text with a key of type Ed25519.
    pub fn sign_with(&mut self, key: &SignerKey) {
        let signature = key.sign(&self.text);
        self.add(signature);
    }

    /// Adds a signature made elsewhere, in the place of an earlier one by the same key.
    pub fn add(&mut self, signature: NoteSignature) {
        self.signatures.retain(|earlier| !earlier.is_by_key_of(&signature));
        self.signatures.push(signature);
    }

    /// The text, with its final newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines in their order, believed or not.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// The signatures by `keys`, all good: at least one. Signatures by other keys are ignored, and
    /// a second one by the same key is, too.
    ///
    /// # Errors
    ///
    /// [`NoteError::AmbiguousKey`] if two of `keys` share name and id;
    /// [`NoteError::BadSignature`] if one of them did not sign this text, whatever the others did;
    /// [`NoteError::Unverified`] if none of them signed.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<Vec<&NoteSignature>, NoteError> {
        let mut verified: Vec<&NoteSignature> = Vec::new();
        for signature in &self.signatures {
            let mut known = keys.iter().filter(|key| signature.is_by(key));
            let Some(key) = known.next() else { continue };
            if known.any(|other| other != key) {
                return Err(NoteError::AmbiguousKey { name: signature.name.clone() });
            }
            if verified.iter().any(|earlier| earlier.is_by_key_of(signature)) {
                continue;
            }
            if !signature.is_valid(&self.text, key) {
                return Err(NoteError::BadSignature { name: signature.name.clone() });
            }
            verified.push(signature);
        }
        if verified.is_empty() { Err(NoteError::Unverified) } else { Ok(verified) }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| write!(f, "{signature}"))
    }
}

impl NoteSignature {
    /// The signature `bytes` of a key. In cosignatures they begin with a time.
    pub(crate) fn new(name: &str, key_id: u32, bytes: Vec<u8>) -> Self {
        Self { name: name.to_owned(), key_id, bytes }
    }

    /// Reads one signature line, without its newline.
    pub fn parse(line: &str) -> Option<Self> {
        let (name, blob) = line.strip_prefix(LINE_START)?.split_once(' ')?;
        check_name(name).ok()?;
        let blob = from_base64(blob)?;
        let (key_id, bytes) = blob.split_first_chunk()?;
        if bytes.is_empty() {
            return None;
        }
        Some(Self::new(name, u32::from_be_bytes(*key_id), bytes.to_vec()))
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key's id.
    pub fn key_id(&self) -> u32 {
        self.key_id
    }

    /// The signature without the key's id.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether it says that `key` made it.
    pub fn is_by(&self, key: &VerifierKey) -> bool {
        self.key_id == key.key_id() && self.name == key.name()
    }

    fn is_by_key_of(&self, other: &Self) -> bool {
        self.key_id == other.key_id && self.name == other.name
    }

    fn is_valid(&self, text: &str, key: &VerifierKey) -> bool {
        match key.key_type() {
            KeyType::Ed25519 => key.verifies(text.as_bytes(), &self.bytes),
            KeyType::CosignatureV1 => cosignature::verify(self, text, key).is_ok(),
        }
    }
}

/// The line with its newline.
impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blob = [&self.key_id.to_be_bytes(), self.bytes.as_slice()].concat();
        writeln!(f, "{LINE_START}{} {}", self.name, base64(&blob))
    }
}

fn check_text(text: &str) -> Result<(), NoteError> {
    let plain = text.bytes().all(|byte| byte >= 0x20 || byte == b'\n');
    if plain && text.ends_with('\n') { Ok(()) } else { Err(NoteError::Text) }
}
