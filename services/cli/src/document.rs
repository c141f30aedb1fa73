//! Documents: what somebody wants to say, in JSON, before it is signed.
//!
//! ```json
//! {"type": "granary.parties.v1.SuspendParty", "as": "pt_..", "body": {"party": "pt_.."}}
//! {"mode": "LINKED", "as": "pt_..", "items": [{"type": "..", "as": "pt_..", "body": {}}]}
//! ```
//! Both may carry `command_id` (to say the very same again) and `expires_in` (such as `"30m"`).

use granary_book::{
    areas,
    vocabulary::{CommandId, Id, PartyId},
};
use granary_proto::statement::v1::{Batch, BatchMode, Item};
use prost::{Message, Name};
use serde_json::{Map, Value};

use crate::json::{self, Violations};

/// How long a statement may wait for its decision unless the document says otherwise.
const LIFE_MS: u64 = 3_600_000;

/// The longest that the rules allow (format.md section 1).
const LIFE_MS_MAX: u64 = 86_400_000;

/// What a document that doesn't say is taken to mean.
#[derive(Debug, Clone, Default)]
pub(crate) struct Defaults {
    /// With a type, documents are bodies alone.
    pub(crate) type_name: Option<String>,
    /// In whose name.
    pub(crate) principal: Option<[u8; 16]>,
}

/// What is to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    /// In whose name; absent when neither the document nor the defaults say.
    pub(crate) principal: Option<[u8; 16]>,
    /// Full protobuf name of the body.
    pub(crate) type_name: String,
    /// The body.
    pub(crate) body: Vec<u8>,
    /// Other principals that a batch names: each signs too.
    pub(crate) others: Vec<[u8; 16]>,
    /// The idempotency key; absent: a fresh one.
    pub(crate) command_id: Option<[u8; 16]>,
    /// How long after its signing it expires.
    pub(crate) life_ms: u64,
}

impl Document {
    /// A command whose body is at hand.
    pub(crate) fn of(type_name: &str, body: Vec<u8>) -> Self {
        Self {
            principal: None,
            type_name: type_name.to_owned(),
            body,
            others: Vec::new(),
            command_id: None,
            life_ms: LIFE_MS,
        }
    }

    /// Reads a document.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, the body's fields included.
    pub(crate) fn read(value: &Value, defaults: &Defaults) -> Result<Self, Violations> {
        let mut bad = Violations::default();
        let document = match &defaults.type_name {
            Some(name) => body("", name, value, &mut bad).map(|body| Self {
                principal: defaults.principal,
                ..Self::of(full_name(name), body)
            }),
            None => envelope(value, defaults, &mut bad),
        };
        match document {
            Some(document) if bad.0.is_empty() => Ok(document),
            _ => Err(bad),
        }
    }
}

fn envelope(value: &Value, defaults: &Defaults, bad: &mut Violations) -> Option<Document> {
    let Value::Object(object) = value else {
        bad.push("", "must be an object with `type` and `body`, or with `mode` and `items`");
        return None;
    };
    let is_batch = object.contains_key("items") || object.contains_key("mode");
    let known: &[&str] = if is_batch {
        &["mode", "items", "as", "command_id", "expires_in"]
    } else {
        &["type", "body", "as", "command_id", "expires_in"]
    };
    refuse_unknown(object, known, "", bad);
    let principal = id_at::<PartyId>(object, "as", "", bad).or(defaults.principal);
    let command_id = id_at::<CommandId>(object, "command_id", "", bad);
    let life_ms = life(object, bad);
    let (type_name, body, others) = if is_batch {
        batch(object, principal, bad)?
    } else {
        let (name, body) = command(object, "", bad)?;
        (name, body, Vec::new())
    };
    Some(Document { principal, type_name, body, others, command_id, life_ms: life_ms? })
}

type Said = (String, Vec<u8>, Vec<[u8; 16]>);

fn batch(
    object: &Map<String, Value>,
    principal: Option<[u8; 16]>,
    bad: &mut Violations,
) -> Option<Said> {
    let mode = match object.get("mode").and_then(Value::as_str) {
        Some("LINKED") => BatchMode::Linked,
        Some("INDEPENDENT") => BatchMode::Independent,
        _ => {
            bad.push("mode", "must be \"LINKED\" or \"INDEPENDENT\"");
            BatchMode::Unspecified
        }
    };
    let Some(Value::Array(members)) = object.get("items") else {
        bad.push("items", "must be a list of objects with `type` and `body`");
        return None;
    };
    let mut others = Vec::new();
    let mut items = Vec::new();
    for (n, member) in members.iter().enumerate() {
        let path = format!("items[{n}]");
        let Value::Object(member) = member else {
            bad.push(&path, "must be an object with `type` and `body`");
            continue;
        };
        refuse_unknown(member, &["type", "body", "as"], &path, bad);
        let named = id_at::<PartyId>(member, "as", &path, bad).filter(|id| Some(*id) != principal);
        if let Some(other) = named.filter(|other| !others.contains(other)) {
            others.push(other);
        }
        if let Some((type_name, body)) = command(member, &path, bad) {
            let principal = named.map(|id| id.to_vec().into());
            items.push(Item { principal, type_name, body: body.into() });
        }
    }
    let batch = Batch { mode: mode.into(), items }.encode_to_vec();
    if let Some(Err(violations)) = decode_batch(&batch, bad) {
        from_book(&violations, "", bad);
    }
    Some((Batch::full_name(), batch, others))
}

/// The batch as the book reads it, when nothing else was wrong before.
fn decode_batch(
    batch: &[u8],
    bad: &Violations,
) -> Option<Result<(), granary_book::wire::Violations>> {
    use granary_book::wire::Message as _;
    bad.0.is_empty().then(|| granary_book::apply::Batch::decode(batch).map(drop))
}

fn command(
    object: &Map<String, Value>,
    path: &str,
    bad: &mut Violations,
) -> Option<(String, Vec<u8>)> {
    let Some(name) = object.get("type").and_then(Value::as_str) else {
        bad.push(&join(path, "type"), "must name a command; granary help commands lists them");
        return None;
    };
    let empty = Value::Object(Map::new());
    let value = object.get("body").unwrap_or(&empty);
    let body = body(&join(path, "body"), name, value, bad)?;
    Some((full_name(name).to_owned(), body))
}

/// The full name of a command given by its last part, where only one ends like that.
fn full_name(name: &str) -> &str {
    let mut ends_like = areas::command_specs()
        .map(|spec| spec.name)
        .filter(|full| full.rsplit('.').next() == Some(name));
    match (ends_like.next(), ends_like.next()) {
        (Some(full), None) => full,
        _ => name,
    }
}

/// The bytes of a command's body, read by the book as the chain will read it.
fn body(path: &str, name: &str, value: &Value, bad: &mut Violations) -> Option<Vec<u8>> {
    let name = full_name(name);
    let is_command = areas::command_specs().any(|spec| spec.name == name);
    let descriptor = json::message_type(name).filter(|_| is_command);
    let Some(descriptor) = descriptor else {
        let known = areas::command_specs().map(|spec| spec.name);
        bad.push(path, format!("`{name}`: {}", json::no_such("command", name, known)));
        return None;
    };
    let body = match json::read(&descriptor, value) {
        Ok(message) => message.encode_to_vec(),
        Err(violations) => {
            for violation in violations.0 {
                bad.push(&join(path, &violation.path), violation.problem);
            }
            return None;
        }
    };
    if let Some(Err(violations)) = areas::Command::decode(name, &body) {
        from_book(&violations, path, bad);
        return None;
    }
    Some(body)
}

fn from_book(violations: &granary_book::wire::Violations, path: &str, bad: &mut Violations) {
    for violation in violations.as_slice() {
        bad.push(&join(path, &violation.path), violation.problem.to_string());
    }
}

fn join(path: &str, name: &str) -> String {
    match (path, name) {
        ("", name) => name.to_owned(),
        (path, "") => path.to_owned(),
        (path, name) => format!("{path}.{name}"),
    }
}

fn refuse_unknown(object: &Map<String, Value>, known: &[&str], path: &str, bad: &mut Violations) {
    for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
        bad.push(&join(path, key), json::no_such("key", key, known.iter().copied()));
    }
}

fn id_at<I: Id + std::str::FromStr>(
    object: &Map<String, Value>,
    key: &str,
    path: &str,
    bad: &mut Violations,
) -> Option<[u8; 16]> {
    let value = object.get(key).filter(|value| !value.is_null())?;
    let parsed = value.as_str().and_then(|text| text.parse::<I>().ok());
    if parsed.is_none() {
        let problem = format!("must be an id: {}_ and 32 lower-case hex digits", I::PREFIX);
        bad.push(&join(path, key), problem);
    }
    parsed.map(I::to_bytes)
}

fn life(object: &Map<String, Value>, bad: &mut Violations) -> Option<u64> {
    let Some(value) = object.get("expires_in") else { return Some(LIFE_MS) };
    let span = value.as_str().and_then(|text| text.parse::<jiff::SignedDuration>().ok());
    let ms = span.and_then(|span| u64::try_from(span.as_millis()).ok());
    let ms = ms.filter(|ms| (1..=LIFE_MS_MAX).contains(ms));
    if ms.is_none() {
        bad.push("expires_in", "must be a time of at most a day, such as \"30m\" or \"24h\"");
    }
    ms
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const COOPERATIVE: &str = "pt_0190163e8d9470e5b1d2c3a4f5061728";
    const BANK: &str = "pt_0190163e8d9470e5b1d2c3a4f5061799";

    fn id(text: &str) -> [u8; 16] {
        text.parse::<PartyId>().expect("an id").to_bytes()
    }

    fn wrong(value: &Value) -> Vec<String> {
        let bad = Document::read(value, &Defaults::default()).expect_err("malformed");
        bad.0.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_command_may_be_named_by_its_last_part() {
        let value = json!({"type": "SuspendParty", "as": COOPERATIVE, "body": {"party": BANK},
                           "command_id": "cm_0190163e8d9470e5b1d2c3a4f5061728", "expires_in": "30m"});
        let document = Document::read(&value, &Defaults::default()).expect("well-formed");
        assert_eq!(document.type_name, "granary.parties.v1.SuspendParty");
        assert_eq!(document.principal, Some(id(COOPERATIVE)));
        assert_eq!(document.life_ms, 1_800_000);
        assert_eq!(document.command_id, Some(id(COOPERATIVE)));
        assert_eq!(document.body, [&[0x0a, 16], id(BANK).as_slice()].concat());
    }

    #[test]
    fn with_a_type_given_the_document_is_the_body_alone() {
        let defaults = Defaults {
            type_name: Some("SuspendParty".to_owned()),
            principal: Some(id(COOPERATIVE)),
        };
        let document = Document::read(&json!({"party": BANK}), &defaults).expect("well-formed");
        assert_eq!(document.type_name, "granary.parties.v1.SuspendParty");
        assert_eq!(document.principal, Some(id(COOPERATIVE)));
        assert!(Document::read(&json!({"type": "SuspendParty"}), &defaults).is_err());
    }

    #[test]
    fn a_batch_is_what_the_book_reads_and_names_who_else_signs() {
        let value = json!({"mode": "LINKED", "as": COOPERATIVE, "items": [
            {"type": "SuspendParty", "body": {"party": BANK}},
            {"type": "ReinstateParty", "as": BANK, "body": {"party": BANK}},
            {"type": "ReinstateParty", "as": COOPERATIVE, "body": {"party": BANK}},
        ]});
        let document = Document::read(&value, &Defaults::default()).expect("well-formed");
        assert_eq!(document.type_name, "granary.statement.v1.Batch");
        assert_eq!(document.others, [id(BANK)]);
        let batch = Batch::decode(document.body.as_slice()).expect("a batch");
        let principals: Vec<bool> = batch.items.iter().map(|i| i.principal.is_some()).collect();
        assert_eq!(principals, [false, true, false]);
    }

    #[test]
    fn everything_wrong_with_a_document_is_told_at_once() {
        let value = json!({"mode": "BOTH", "exipres_in": "1h", "as": "wr_1", "items": [
            {"type": "SuspendPraty", "body": {}},
            {"type": "SuspendParty", "body": {"praty": BANK}, "command_id": "x"},
            {"type": "GrantLicence", "body": {"party": BANK, "number": "a b"}},
        ]});
        assert_eq!(
            wrong(&value),
            [
                "exipres_in: there is no such key; did you mean `expires_in`?",
                "as: must be an id: pt_ and 32 lower-case hex digits",
                "mode: must be \"LINKED\" or \"INDEPENDENT\"",
                "items[0].body: `SuspendPraty`: there is no such command",
                "items[1].command_id: there is no such key",
                "items[1].body.praty: there is no such field; did you mean `party`?",
                "items[2].body.number: is not well-formed",
                "items[2].body.valid_until: is required",
            ]
        );
        assert_eq!(
            wrong(&json!({"as": COOPERATIVE})),
            ["type: must name a command; granary help commands lists them"]
        );
        let event = json!({"type": "granary.parties.v1.PartySuspended", "body": {"party": BANK}});
        assert!(wrong(&event)[0].contains("no such command"), "{:?}", wrong(&event));
        let forever = json!({"type": "SuspendParty", "body": {"party": BANK}, "expires_in": "25h"});
        assert_eq!(wrong(&forever).len(), 1);
    }
}
