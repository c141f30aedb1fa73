//! The text forms that the C2SP formats share. Each value has one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::hash::Hash;

/// The largest size or index in a text: other implementations count in signed integers.
pub(crate) const NUMBER_MAX: u64 = i64::MAX as u64;

/// Standard base64 with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of standard base64 with padding; unused bits must be zero.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// The hash in 44 characters of base64.
pub(crate) fn hash_from_base64(text: &str) -> Option<Hash> {
    from_base64(text)?.try_into().ok().map(Hash)
}

/// A decimal number of ASCII digits without leading zeros, up to [`NUMBER_MAX`].
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let canonical =
        text.bytes().all(|digit| digit.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if !canonical {
        return None;
    }
    text.parse().ok().filter(|number| *number <= NUMBER_MAX)
}
