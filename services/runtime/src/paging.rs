//! Pages of lists: sizes and tokens, as Google's AIP-158 says.
//!
//! A token says after which object the next page begins, and is bound to the method and its filters: a token
//! of another list is refused, not misread.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use granary_log::hash::sha256;

use crate::status::BadRequest;

/// Page size when the caller asks for none.
const DEFAULT: usize = 50;
/// Largest page; larger wishes get this (AIP-158).
pub const MAX: usize = 1_000;

/// Where a page begins and how long it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The last object of the page before.
    pub after: Option<u64>,
    /// Most objects.
    pub size: usize,
    binding: Vec<u8>,
}

impl Page {
    /// Reads what a request says about its page. `binding` names the method and all filters.
    pub fn parse(size: i32, token: &str, binding: &[&[u8]], bad: &mut BadRequest) -> Option<Self> {
        let mut bound = Vec::new();
        for part in binding {
            bound.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bound.extend_from_slice(part);
        }
        let size = match usize::try_from(size) {
            Ok(0) => Some(DEFAULT),
            Ok(size) => Some(size.min(MAX)),
            Err(_) => {
                bad.push("page_size", "must not be negative");
                None
            }
        };
        let after = if token.is_empty() { Ok(None) } else { open(token, &bound).map(Some) };
        let after = bad.take("page_token", after);
        Some(Self { after: after?, size: size?, binding: bound })
    }

    /// The token of the page after one that ended with `last`; empty when the page was the last.
    pub fn next_token(&self, last: Option<u64>, full: bool) -> String {
        match last {
            Some(last) if full => seal(last, &self.binding),
            _ => String::new(),
        }
    }
}

fn check(after: [u8; 8], binding: &[u8]) -> [u8; 8] {
    let digest = sha256(&[b"granary/page/v1\0", binding, &after].concat());
    let mut check = [0; 8];
    check.copy_from_slice(&digest.0[..8]);
    check
}

fn seal(after: u64, binding: &[u8]) -> String {
    let after = after.to_be_bytes();
    URL_SAFE_NO_PAD.encode([after, check(after, binding)].concat())
}

fn open(token: &str, binding: &[u8]) -> Result<u64, &'static str> {
    let wrong = "is not a token of this list with these filters; begin without one";
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| wrong)?;
    let (after, found) = bytes.split_at_checked(8).ok_or(wrong)?;
    let after: [u8; 8] = after.try_into().map_err(|_| wrong)?;
    if check(after, binding) == found { Ok(u64::from_be_bytes(after)) } else { Err(wrong) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(size: i32, token: &str, binding: &[&[u8]]) -> Result<Page, BadRequest> {
        let mut bad = BadRequest::default();
        Page::parse(size, token, binding, &mut bad).ok_or(bad)
    }

    #[test]
    fn a_token_leads_on_in_its_own_list_and_nowhere_else() {
        let first = page(2, "", &[b"ListReceipts", b"pt_1"]).expect("a page");
        let token = first.next_token(Some(41), true);
        let second = page(2, &token, &[b"ListReceipts", b"pt_1"]).expect("a page");
        assert_eq!(second.after, Some(41));
        for other in [&[b"ListReceipts".as_slice(), b"pt_2"], &[b"ListLots".as_slice(), b"pt_1"]] {
            assert!(page(2, &token, other).is_err());
        }
        assert!(page(2, "!", &[b"ListReceipts", b"pt_1"]).is_err());
        assert!(page(2, &token[1..], &[b"ListReceipts", b"pt_1"]).is_err());
    }

    #[test]
    fn sizes_are_bounded_and_the_last_page_has_no_token() {
        for (asked, given) in [(0, DEFAULT), (1, 1), (1_000, MAX), (5_000, MAX)] {
            assert_eq!(page(asked, "", &[]).expect("a page").size, given);
        }
        assert!(page(-1, "", &[]).is_err());
        let last = page(2, "", &[]).expect("a page");
        assert_eq!(last.next_token(Some(7), false), "");
        assert_eq!(last.next_token(None, true), "");
    }
}
