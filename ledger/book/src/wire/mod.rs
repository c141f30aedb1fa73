//! Protobuf, strictly.
//!
//! Bodies of commands and events are protobuf messages whose `.proto` files stand in `proto/`. The book
//! doesn't decode them with a general library, because general libraries drop what they don't know:
//! two builds at one feature level would then decide differently (format.md section 1, "strict
//! decoding"). Here a field unknown at this level, a singular field given twice, a wrong wire type, an
//! unknown enum value or an identifier of the wrong length is a violation, and *all* violations of a body
//! are reported at once. Encoding has one form: fields by ascending tag, defaults left out. So the bytes
//! of an event are the same whichever node makes them.
//!
//! A message is declared once, with [`message!`], as the very type the rules work with; a test compares
//! every declaration with the descriptors of `proto/`, so the two can't drift apart.

mod encode;
mod field;
mod macros;
mod reader;
mod spec;
#[cfg(test)]
mod tests;

pub use encode::{put_bytes, put_varint};
pub use field::{Field, List, Scalar};
pub(crate) use macros::{commands, enumeration, events, message};
pub use reader::{Raw, Reader};
pub use spec::{EnumSpec, FieldSpec, Kind, MessageSpec, Presence};

use std::fmt;

/// What is wrong with one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The bytes end inside a field, or a varint is longer than 64 bits.
    #[error("the bytes are not protobuf")]
    Truncated,
    /// No such field at this feature level.
    #[error("there is no such field")]
    UnknownField,
    /// A singular field is given more than once.
    #[error("is given more than once")]
    Repeated,
    /// The field has another wire type.
    #[error("has the wrong wire type")]
    WrongWireType,
    /// A required field is missing.
    #[error("is required")]
    Required,
    /// An unknown enum value, or the unspecified one.
    #[error("is not a known value")]
    UnknownValue,
    /// An identifier or digest of the wrong length.
    #[error("has the wrong length")]
    WrongLength,
    /// A list with too few or too many members.
    #[error("has too few or too many members")]
    WrongCount,
    /// A text that may not stand on the chain, or a number out of its type's range.
    #[error("is not well-formed")]
    Malformed,
}

impl Problem {
    /// The stable number that stands in the facts of a refusal.
    pub const fn code(self) -> u64 {
        match self {
            Problem::Truncated => 1,
            Problem::UnknownField => 2,
            Problem::Repeated => 3,
            Problem::WrongWireType => 4,
            Problem::Required => 5,
            Problem::UnknownValue => 6,
            Problem::WrongLength => 7,
            Problem::WrongCount => 8,
            Problem::Malformed => 9,
        }
    }
}

/// One violation: which field, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The field's path, such as `lines[2].quantity`; empty for the message itself.
    pub path: String,
    /// What is wrong.
    pub problem: Problem,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            write!(f, "{}", self.problem)
        } else {
            write!(f, "{} {}", self.path, self.problem)
        }
    }
}

/// All that is wrong with a body, in the order found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Most violations kept of one body: enough to mend a request, bounded against hostile ones.
    pub const MAX: usize = 32;

    pub(crate) fn push(&mut self, at: &Path<'_>, problem: Problem) {
        if self.0.len() < Self::MAX {
            self.0.push(Violation { path: at.to_string(), problem });
        }
    }

    /// The violations, in the order found. Never empty in an error.
    pub fn as_slice(&self) -> &[Violation] {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, violation) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{violation}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}

/// Where in a message we are. A chain of borrowed steps: it costs nothing until something is wrong.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    name: &'static str,
    index: Option<usize>,
}

impl<'a> Path<'a> {
    /// The message itself.
    pub const ROOT: Path<'static> = Path { parent: None, name: "", index: None };

    /// A field of the message at this path.
    pub const fn field(&'a self, name: &'static str) -> Path<'a> {
        Path { parent: Some(self), name, index: None }
    }

    /// A member of the list at this path.
    pub const fn member(&self, index: usize) -> Path<'a> {
        Path { parent: self.parent, name: self.name, index: Some(index) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            fmt::Display::fmt(parent, f)?;
            if parent.parent.is_some() {
                f.write_str(".")?;
            }
        }
        f.write_str(self.name)?;
        match self.index {
            Some(index) => write!(f, "[{index}]"),
            None => Ok(()),
        }
    }
}

/// A protobuf message that the rules work with directly.
pub trait Message: Sized {
    /// Its full protobuf name, such as `granary.receipts.v1.SignReceipt`.
    const NAME: &'static str;
    /// Its shape, compared with the descriptors of `proto/` by a test.
    const SPEC: MessageSpec;

    /// Reads the fields of a message at `path`. `None` exactly when a violation was pushed.
    fn read(bytes: &[u8], path: &Path<'_>, bad: &mut Violations) -> Option<Self>;

    /// Appends the fields, by ascending tag.
    fn write(&self, out: &mut Vec<u8>);

    /// Decodes a body.
    ///
    /// # Errors
    ///
    /// Every violation found, at most [`Violations::MAX`].
    fn decode(bytes: &[u8]) -> Result<Self, Violations> {
        let mut bad = Violations::default();
        match Self::read(bytes, &Path::ROOT, &mut bad) {
            Some(message) if bad.is_empty() => Ok(message),
            _ => Err(bad),
        }
    }

    /// The one encoding.
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
