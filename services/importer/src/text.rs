//! Texts of files as texts of the chain.

use granary_book::vocabulary::{Code, Label};

/// A label that says what `text` says, as far as a label can: control characters become spaces, and what is
/// too long is cut with an ellipsis. A label is for people; what must not be mistaken has a digest besides.
pub(crate) fn label(text: &str) -> Label {
    const ELLIPSIS: &str = "…";
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut clean = if clean.is_empty() { "-".to_owned() } else { clean };
    if clean.len() > Label::MAX {
        clean.truncate(clean.floor_char_boundary(Label::MAX - ELLIPSIS.len()));
        clean.push_str(ELLIPSIS);
    }
    clean.parse().expect("neither empty nor too long nor with control characters")
}

/// The letters and digits of `text` that a code may hold, others as single hyphens; at most `max` bytes.
/// Readable, not unique.
pub(crate) fn slug(text: &str, max: usize) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        if slug.len() >= max {
            break;
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_uppercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    if slug.is_empty() { "X".to_owned() } else { slug }
}

/// A code from parts that are codes' characters by construction.
pub(crate) fn code(text: &str) -> Code {
    text.parse().expect("made of a code's characters, and short")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_has_a_label_and_a_slug() {
        let long = "药".repeat(100);
        for (text, want_label, want_slug) in [
            ("Côte d'Ivoire", "Côte d'Ivoire", "C-TE-D-IVOIRE"),
            ("Congo, DRC", "Congo, DRC", "CONGO-DRC"),
            ("a\nb", "a b", "A-B"),
            ("", "-", "X"),
            ("大蒜", "大蒜", "X"),
            (long.as_str(), &format!("{}…", "药".repeat(65)), "X"),
        ] {
            assert_eq!(label(text).as_str(), want_label);
            assert_eq!(slug(text, 40), want_slug);
        }
        assert_eq!(slug("ABCDEF GHI", 7), "ABCDEF");
    }
}
