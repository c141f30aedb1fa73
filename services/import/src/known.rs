//! What a cell says, when it may say that it doesn't say.

/// A cell's value, the phrase that stands in its place, or nothing.
///
/// Files of the trade write `Weight Captured Separately` where a weight belongs. Turning that into
/// zero, or a date not captured into today, would put a false fact on the chain; so the three
/// cases stay apart until somebody decides about each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known<T> {
    /// The cell holds a value.
    Value(T),
    /// The cell holds words in place of a value, as written.
    Phrase(String),
    /// The cell is blank.
    Missing,
}

impl<T> Known<T> {
    /// The value, if the cell holds one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Phrase(_) | Self::Missing => None,
        }
    }

    /// The phrase, if the cell holds one.
    pub fn phrase(&self) -> Option<&str> {
        match self {
            Self::Phrase(phrase) => Some(phrase),
            Self::Value(_) | Self::Missing => None,
        }
    }

    /// The same knowledge about a value made from this one.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Self::Value(value) => Known::Value(f(value)),
            Self::Phrase(phrase) => Known::Phrase(phrase),
            Self::Missing => Known::Missing,
        }
    }
}
