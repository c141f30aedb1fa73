//! The message catalogue: what people read, in Chinese and English.
//!
//! The book says codes and typed facts, never prose. Here they become sentences, in the reader's language,
//! for the command line, documents and pages. A test holds the catalogue complete against the book's
//! registry of codes.

#![forbid(unsafe_code)]

use std::{collections::BTreeMap, sync::LazyLock};

use granary_book::{
    refusal::{Code, Facts, Measure, ObjectKind, Reference},
    vocabulary::Time,
};

/// A language of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Chinese, simplified.
    Chinese,
}

type Catalogue = BTreeMap<String, String>;

static ENGLISH: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../catalogue/en.toml")));
static CHINESE: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../catalogue/zh.toml")));

fn read(text: &str) -> Catalogue {
    toml::from_str(text).expect("the catalogue is part of this crate and read by its tests")
}

fn catalogue(language: Language) -> &'static Catalogue {
    match language {
        Language::English => &ENGLISH,
        Language::Chinese => &CHINESE,
    }
}

/// A refusal in words: the sentence of its code with the facts put in. Facts that a refusal doesn't carry
/// leave out the part of the sentence in square brackets that asks for them.
pub fn refusal(code: Code, facts: &Facts, language: Language) -> String {
    let template = catalogue(language).get(code.name()).map_or(code.name(), String::as_str);
    let values = values(facts);
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(&fill(before, &values).unwrap_or_default());
        let (optional, after) = after.split_once(']').unwrap_or((after, ""));
        out.push_str(&fill(optional, &values).unwrap_or_default());
        rest = after;
    }
    out.push_str(&fill(rest, &values).unwrap_or_default());
    out
}

/// Puts values into a part of a sentence; `None` when it asks for one that isn't there.
fn fill(part: &str, values: &BTreeMap<&str, String>) -> Option<String> {
    let mut out = String::new();
    let mut rest = part;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        out.push_str(before);
        out.push_str(values.get(name)?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

fn values(facts: &Facts) -> BTreeMap<&'static str, String> {
    let number = |value: u64| measured(value, facts.measure);
    let mut values = BTreeMap::new();
    let mut put = |name, value: Option<String>| {
        if let Some(value) = value {
            values.insert(name, value);
        }
    };
    put("field", facts.field.as_ref().map(ToString::to_string));
    put("subject", facts.subject.as_ref().map(reference));
    put("other", facts.other.as_ref().map(reference));
    put("state", facts.state.as_ref().map(ToString::to_string));
    put("limit", facts.limit.map(number));
    put("actual", facts.actual.map(number));
    put("at", facts.at_ms.map(moment));
    put("index", facts.index.map(|index| index.to_string()));
    put("required", facts.required.as_ref().map(ToString::to_string));
    values
}

/// An object as people write it: prefix and hex digits.
pub fn reference(reference: &Reference) -> String {
    format!("{}_{}", prefix(reference.kind), hex::encode(reference.id))
}

/// The prefix of a kind's ids.
pub const fn prefix(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Party => "pt",
        ObjectKind::Person => "pn",
        ObjectKind::Lot => "lt",
        ObjectKind::Receipt => "wr",
        ObjectKind::Transfer => "tf",
        ObjectKind::ReleaseOrder => "ro",
        ObjectKind::Pledge => "pl",
        ObjectKind::Facility => "cf",
        ObjectKind::Loan => "ln",
        ObjectKind::Call => "mc",
        ObjectKind::Price => "pr",
        ObjectKind::Order => "or",
        ObjectKind::Shipment => "sh",
        ObjectKind::Proposal => "op",
    }
}

fn measured(value: u64, measure: Option<Measure>) -> String {
    match measure {
        Some(Measure::Gram) => format!("{} kg", thousandths(value)),
        Some(Measure::Millilitre) => format!("{} l", thousandths(value)),
        Some(Measure::MinorUnit) => format!("{}.{:02}", value / 100, value % 100),
        Some(Measure::Ppm) => format!("{}.{:04}%", value / 10_000, value % 10_000),
        Some(Measure::Millisecond) => format!("{} s", thousandths(value)),
        Some(Measure::Day) => format!("{value} d"),
        Some(Measure::Piece | Measure::Count) | None => value.to_string(),
    }
}

fn thousandths(value: u64) -> String {
    match value % 1_000 {
        0 => (value / 1_000).to_string(),
        rest => format!("{}.{rest:03}", value / 1_000),
    }
}

/// A moment as people write it: UTC, to the second.
pub fn moment(time: Time) -> String {
    let stamp =
        i64::try_from(time.ms()).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    stamp.map_or_else(|| format!("{} ms", time.ms()), |stamp| format!("{stamp:.0}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use granary_book::{
        refusal::Refusal,
        vocabulary::{Id, Quantity, ReceiptId, Unit},
    };

    #[test]
    fn every_code_has_a_sentence_in_every_language_and_no_sentence_lacks_a_code() {
        for language in [Language::English, Language::Chinese] {
            let known: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
            let missing: Vec<&str> = known
                .iter()
                .copied()
                .filter(|name| !catalogue(language).contains_key(*name))
                .collect();
            assert!(missing.is_empty(), "{language:?} lacks {missing:?}");
            let unknown: Vec<&String> =
                catalogue(language).keys().filter(|name| !known.contains(&name.as_str())).collect();
            assert!(unknown.is_empty(), "{language:?} has {unknown:?} too many");
        }
    }

    #[test]
    fn every_sentence_reads_without_facts() {
        let none = Refusal::new(Code::NotFound).facts;
        for language in [Language::English, Language::Chinese] {
            for code in Code::ALL {
                let sentence = refusal(*code, &none, language);
                assert!(!sentence.trim().is_empty(), "{code:?}");
                assert!(!sentence.contains(['{', '}', '[', ']']), "{code:?}: {sentence}");
            }
        }
    }

    #[test]
    fn facts_are_put_in_with_their_units() {
        let refused = Refusal::new(Code::NotFound)
            .subject(ObjectKind::Receipt, ReceiptId::from_bytes([1; 16]));
        let sentence = refusal(Code::NotFound, &refused.facts, Language::English);
        assert!(sentence.contains(&format!("wr_{}", "01".repeat(16))), "{sentence}");
        let amounts = Refusal::new(Code::LimitExceeded)
            .quantities(Quantity::new(1_500, Unit::Gram), Quantity::new(2_000, Unit::Gram));
        let sentence = refusal(Code::LimitExceeded, &amounts.facts, Language::English);
        assert!(sentence.contains("1.500 kg") && sentence.contains("2 kg"), "{sentence}");
    }
}
