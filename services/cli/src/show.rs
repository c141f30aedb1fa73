//! Messages as people read them: units beside numbers, moments as times of day, one line for each field.

use granary_book::{refusal::ObjectKind, vocabulary::Time};
use granary_proto::POOL;
use prost::{Message, Name};
use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage, Value as Field};
use serde_json::Value;

use crate::json;

/// Longest bytes that a table shows: a signature's.
const BYTES_SHOWN_MAX: usize = 64;

/// A generated message by its descriptor.
pub(crate) fn dynamic<M: Message + Name>(message: &M) -> DynamicMessage {
    let descriptor = POOL.get_message_by_name(&M::full_name()).expect("generated from the pool");
    DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice())
        .expect("encoded from the same proto file")
}

/// A message's fields, nested ones under their paths: (path, text). Absent ones are left out.
pub(crate) fn fields(message: &DynamicMessage) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(message, "", &mut found);
    found
}

fn collect(message: &DynamicMessage, prefix: &str, found: &mut Vec<(String, String)>) {
    let mut fields: Vec<FieldDescriptor> =
        message.descriptor().fields().filter(|field| message.has_field(field)).collect();
    fields.sort_unstable_by_key(FieldDescriptor::number);
    for field in fields {
        let path = if prefix.is_empty() {
            field.name().to_owned()
        } else {
            format!("{prefix}.{}", field.name())
        };
        match message.get_field(&field).as_ref() {
            Field::Message(nested) if said_in_words(nested).is_none() => {
                collect(nested, &path, found);
            }
            Field::List(members) if members.iter().any(|member| member.as_message().is_some()) => {
                let members = members.iter().filter_map(Field::as_message).enumerate();
                found.extend(members.map(|(n, nested)| (format!("{path}[{n}]"), phrase(nested))));
            }
            _ => found.push((path, cell(message, &field))),
        }
    }
}

/// A message on one line.
pub(crate) fn phrase(message: &DynamicMessage) -> String {
    said_in_words(message).unwrap_or_else(|| {
        let parts = fields(message).into_iter().map(|(path, text)| format!("{path} {text}"));
        parts.collect::<Vec<_>>().join(", ")
    })
}

/// The field at a path, as a cell of a table.
pub(crate) fn at(message: &DynamicMessage, path: &str) -> String {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let Some(field) = message.descriptor().get_field_by_name(first) else { return String::new() };
    if rest.is_empty() {
        return cell(message, &field);
    }
    message.get_field(&field).as_message().map_or_else(String::new, |nested| at(nested, rest))
}

/// One field as a cell of a table.
fn cell(message: &DynamicMessage, field: &FieldDescriptor) -> String {
    if field.supports_presence() && !message.has_field(field) {
        return String::new();
    }
    match message.get_field(field).as_ref() {
        Field::Message(nested) => phrase(nested),
        Field::List(members) if members.iter().any(|member| member.as_message().is_some()) => {
            let members = members.iter().filter_map(Field::as_message).map(phrase);
            members.collect::<Vec<_>>().join("; ")
        }
        Field::Bytes(bytes) if bytes.len() > BYTES_SHOWN_MAX && !json::is_body(field) => {
            format!("{} bytes (--json shows them)", bytes.len())
        }
        Field::U64(ms) if json::is_moment(field) => granary_words::moment(Time::from_ms(*ms)),
        Field::U32(ppm) if is_ratio(field) => format!("{} %", decimal(u64::from(*ppm), 4)),
        Field::U64(ppm) if is_ratio(field) => format!("{} %", decimal(*ppm, 4)),
        _ => text_of(json::write(message).get(field.name()).unwrap_or(&Value::Null)),
    }
}

/// Parts per million.
fn is_ratio(field: &FieldDescriptor) -> bool {
    field.name().ends_with("_ppm")
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(members) => members.iter().map(text_of).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// A message that has words of its own: an amount with its unit, an object's id, an event.
fn said_in_words(message: &DynamicMessage) -> Option<String> {
    let descriptor = message.descriptor();
    let of = |name: &str| message.get_field_by_name(name);
    match descriptor.full_name() {
        "granary.common.v1.Money" => {
            let currency = of("currency")?.as_str()?.to_owned();
            let amount = of("minor_units")?.as_u64()?;
            Some(format!("{} {currency}", decimal(amount, minor_digits(&currency))))
        }
        "granary.common.v1.Quantity" => {
            let amount = of("amount")?.as_u64()?;
            let unit = json::write(message);
            Some(match unit.get("unit").and_then(Value::as_str) {
                Some("GRAM") => format!("{} kg", whole_or_decimal(amount, 3)),
                Some("MILLILITRE") => format!("{} l", whole_or_decimal(amount, 3)),
                Some("PIECE") => format!("{amount} pieces"),
                _ => amount.to_string(),
            })
        }
        "granary.refusal.v1.Reference" => {
            let kind = u32::try_from(of("kind")?.as_enum_number()?).ok();
            let kind = kind.and_then(ObjectKind::from_number)?;
            let id = hex::encode(of("id")?.as_bytes()?);
            Some(format!("{}_{id}", granary_words::prefix(kind)))
        }
        "granary.statement.v1.Event" => {
            let type_name = of("type_name")?.as_str()?.to_owned();
            let body = of("body")?.as_bytes()?.clone();
            let body = DynamicMessage::decode(json::message_type(&type_name)?, body).ok()?;
            Some(format!("{}: {}", short(&type_name), phrase(&body)))
        }
        "granary.statement.v1.HistoryLine" => {
            let index = of("index")?.as_u64()?;
            Some(format!("{} in entry {index}", short(of("type_name")?.as_str()?)))
        }
        _ => None,
    }
}

/// The last part of a type's name.
fn short(type_name: &str) -> &str {
    type_name.rsplit('.').next().unwrap_or(type_name)
}

/// Digits of the minor unit (ISO 4217, column "minor unit"); two for all that are not named here.
fn minor_digits(currency: &str) -> usize {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// A count of units as a decimal number with `digits` places: exact, because units are never rounded away.
fn decimal(units: u64, digits: usize) -> String {
    let text = format!("{units:0>width$}", width = digits + 1);
    let (whole, rest) = text.split_at(text.len() - digits);
    if digits == 0 { whole.to_owned() } else { format!("{whole}.{rest}") }
}

/// The same, without places when there is nothing in them.
fn whole_or_decimal(units: u64, digits: usize) -> String {
    let text = decimal(units, digits);
    let places = "0".repeat(digits);
    match text.strip_suffix(&places).and_then(|text| text.strip_suffix('.')) {
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use granary_proto::{
        common::v1::{Money, Quantity, Unit},
        parties::v1::PartySuspended,
        refusal::v1::{Facts, ObjectKind, Reference},
        statement::v1::{Event, HistoryLine, Refusal},
    };

    #[test]
    fn amounts_stand_with_their_units_and_nothing_is_rounded() {
        let money = |minor_units, currency: &str| {
            said_in_words(&dynamic(&Money { minor_units, currency: currency.to_owned() }))
        };
        assert_eq!(money(1_234, "CNY").as_deref(), Some("12.34 CNY"));
        assert_eq!(money(5, "CNY").as_deref(), Some("0.05 CNY"));
        assert_eq!(money(1_234, "JPY").as_deref(), Some("1234 JPY"));
        assert_eq!(money(1_234, "KWD").as_deref(), Some("1.234 KWD"));
        let quantity =
            |amount, unit: Unit| said_in_words(&dynamic(&Quantity { amount, unit: unit.into() }));
        assert_eq!(quantity(1_500, Unit::Gram).as_deref(), Some("1.500 kg"));
        assert_eq!(quantity(20_000_000, Unit::Gram).as_deref(), Some("20000 kg"));
        assert_eq!(quantity(7, Unit::Piece).as_deref(), Some("7 pieces"));
        assert_eq!(said_in_words(&dynamic(&Facts::default())), None);
    }

    #[test]
    fn what_is_nested_stands_under_its_path_and_what_is_absent_not_at_all() {
        let facts = Facts {
            subject: Some(Reference { kind: ObjectKind::Receipt.into(), id: vec![1; 16].into() }),
            at_ms: Some(1_396_252_800_000),
            ..Facts::default()
        };
        let refusal = Refusal { code: 7, facts: Some(facts), ..Refusal::default() };
        let expected = [
            ("code", "7"),
            ("facts.subject", "wr_01010101010101010101010101010101"),
            ("facts.at_ms", "2014-03-31T08:00:00Z"),
        ];
        let expected = expected.map(|(path, text)| (path.to_owned(), text.to_owned()));
        assert_eq!(fields(&dynamic(&refusal)), expected);
    }

    #[test]
    fn an_event_and_a_line_of_history_stand_on_one_line_each() {
        let event = Event {
            type_name: "granary.parties.v1.PartySuspended".to_owned(),
            body: PartySuspended { party: vec![1; 16].into() }.encode_to_vec().into(),
        };
        let expected = "PartySuspended: party pt_01010101010101010101010101010101";
        assert_eq!(phrase(&dynamic(&event)), expected);
        let line = HistoryLine {
            index: 7,
            event: 1,
            type_name: "granary.parties.v1.PartySuspended".to_owned(),
        };
        assert_eq!(phrase(&dynamic(&line)), "PartySuspended in entry 7");
        let unknown = Event { type_name: "granary.x.v2.Later".to_owned(), body: vec![8, 1].into() };
        assert_eq!(phrase(&dynamic(&unknown)), "type_name granary.x.v2.Later, body 0801");
    }
}
