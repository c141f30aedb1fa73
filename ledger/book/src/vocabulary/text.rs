//! The few texts that may stand on the chain. Free text may not (access.md section 4).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Why a text may not stand on the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Empty.
    #[error("must not be empty")]
    Empty,
    /// Longer than allowed.
    #[error("is too long")]
    TooLong,
    /// Holds a character outside the allowed set.
    #[error("holds a character that is not allowed")]
    BadCharacter,
}

/// A code of some register: 1 to 64 of `A-Z a-z 0-9 . _ / : # -`. Weigh tickets, bank references, grades,
/// invoice numbers, commodity codes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Code(String);

impl Code {
    /// Longest code, in bytes.
    pub const MAX: usize = 64;

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Code {
    type Err = TextError;
    fn from_str(text: &str) -> Result<Self, TextError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._/:#-".contains(&b);
        match text.len() {
            0 => Err(TextError::Empty),
            1..=Self::MAX if text.bytes().all(allowed) => Ok(Self(text.to_owned())),
            1..=Self::MAX => Err(TextError::BadCharacter),
            _ => Err(TextError::TooLong),
        }
    }
}

/// A public name: of a legal entity, a commodity or a place; 1 to 200 bytes of UTF-8 without control
/// characters. Never a person's name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Label(String);

impl Label {
    /// Longest label, in bytes.
    pub const MAX: usize = 200;

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Label {
    type Err = TextError;
    fn from_str(text: &str) -> Result<Self, TextError> {
        match text.len() {
            0 => Err(TextError::Empty),
            1..=Self::MAX if text.chars().any(char::is_control) => Err(TextError::BadCharacter),
            1..=Self::MAX => Ok(Self(text.to_owned())),
            _ => Err(TextError::TooLong),
        }
    }
}

/// SHA-256 of a document kept elsewhere, or of agreed terms: 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digest(pub [u8; 32]);

macro_rules! shown_as_text {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }
    };
}
shown_as_text!(Code);
shown_as_text!(Label);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
