//! Bodies as people and programs write them: JSON to protobuf and back, by the descriptors of `proto/`.
//!
//! The rules, the same for commands, requests, answers and events:
//!
//! * Keys are the proto files' own names. An unknown key is refused, and the nearest known one named.
//! * An identifier is its text (`wr_` and 32 hex digits); other bytes, such as digests and keys, are hex.
//! * A date is `"2014-03-31"`. A moment (such as `occurred_at_ms`) may be written `"2014-03-31T08:00:00Z"`, and
//!   is otherwise, always in answers, a number of milliseconds.
//! * An enum's value is its short name: `"BANK"` for `ROLE_BANK`.
//! * A number beyond 2^53 - 1, which some readers of JSON round, is written as a string; reading takes both.
//! * A body that stands beside the name of its type (`body` beside `type_name`, `act_body` beside `act_type`)
//!   is an object of that type; hex is taken too.
//! * A key that is left out, or null, means the field is not there.

mod read;
#[cfg(test)]
mod tests;
mod write;

use std::fmt;

use granary_proto::POOL;
use prost_reflect::{EnumDescriptor, FieldDescriptor, MessageDescriptor};

pub(crate) use read::read;
pub(crate) use write::write;

/// One thing wrong with a JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Where, such as `body.lines[2].quantity`; empty for the value itself.
    pub(crate) path: String,
    /// What is wrong.
    pub(crate) problem: String,
}

/// All that is wrong with a JSON value, in the order found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Violations(pub(crate) Vec<Violation>);

impl Violations {
    pub(crate) fn push(&mut self, path: &str, problem: impl Into<String>) {
        self.0.push(Violation { path: path.to_owned(), problem: problem.into() });
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.problem)
        } else {
            write!(f, "{}: {}", self.path, self.problem)
        }
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, violation) in self.0.iter().enumerate() {
            let separator = if n == 0 { "" } else { "; " };
            write!(f, "{separator}{violation}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}

/// The known name nearest to a misspelt one, when one is near enough to be meant.
pub(crate) fn nearest<'n>(
    misspelt: &str,
    known: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    /// Below this two names have no more than some letters in common.
    const SIMILARITY_MIN: f64 = 0.7;
    let wanted = misspelt.to_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::normalized_damerau_levenshtein(&wanted, &name.to_lowercase()), name))
        .filter(|(similarity, _)| *similarity >= SIMILARITY_MIN)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

/// "there is no such .., did you mean ..?"
pub(crate) fn no_such<'n>(
    what: &str,
    misspelt: &str,
    known: impl IntoIterator<Item = &'n str>,
) -> String {
    match nearest(misspelt, known) {
        Some(name) => format!("there is no such {what}; did you mean `{name}`?"),
        None => format!("there is no such {what}"),
    }
}

/// A message type by its full name.
pub(crate) fn message_type(full_name: &str) -> Option<MessageDescriptor> {
    POOL.get_message_by_name(full_name)
}

/// Last words of the names of moments, before `_ms`. All other numbers of milliseconds are durations.
const MOMENTS: [&str; 10] =
    ["at", "by", "claim", "deadline", "from", "now", "since", "time", "to", "until"];

/// Whether the number is a moment: Unix milliseconds.
pub(crate) fn is_moment(field: &FieldDescriptor) -> bool {
    let stem = field.name().strip_suffix("_ms");
    stem.and_then(|stem| stem.rsplit('_').next()).is_some_and(|word| MOMENTS.contains(&word))
}

/// The field that names the type of this one's bytes, when there is one.
fn type_beside(field: &FieldDescriptor) -> Option<FieldDescriptor> {
    let message = field.parent_message();
    let name = match field.name() {
        "body" => "type_name".to_owned(),
        other => format!("{}_type", other.strip_suffix("_body")?),
    };
    message.get_field_by_name(&name)
}

/// Whether the field's bytes are a message whose type stands beside it.
pub(crate) fn is_body(field: &FieldDescriptor) -> bool {
    type_beside(field).is_some()
}

/// What all values of an enum begin with, such as `ROLE_`.
fn enum_prefix(descriptor: &EnumDescriptor) -> String {
    let mut prefix = String::new();
    for letter in descriptor.name().chars() {
        if letter.is_ascii_uppercase() && !prefix.is_empty() {
            prefix.push('_');
        }
        prefix.push(letter.to_ascii_uppercase());
    }
    prefix.push('_');
    prefix
}

/// An enum's values by their short names, the unspecified one left out.
pub(crate) fn enum_values(descriptor: &EnumDescriptor) -> impl Iterator<Item = (String, i32)> {
    let prefix = enum_prefix(descriptor);
    let values: Vec<(String, i32)> = descriptor
        .values()
        .filter(|value| value.number() != 0)
        .map(|value| {
            let short = value.name().strip_prefix(&prefix).unwrap_or(value.name());
            (short.to_owned(), value.number())
        })
        .collect();
    values.into_iter()
}
