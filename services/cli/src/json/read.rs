//! JSON to protobuf, with everything that is wrong told at once.

use granary_book::vocabulary::Date;
use granary_proto::{id_prefix, is_date};
use prost::Message as _;
use prost_reflect::{
    DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, Value as Field,
};
use serde_json::{Map, Value};

use super::{Violations, enum_values, is_moment, message_type, no_such, type_beside};

/// A message of a type from JSON.
///
/// # Errors
///
/// Every violation found.
pub(crate) fn read(
    descriptor: &MessageDescriptor,
    value: &Value,
) -> Result<DynamicMessage, Violations> {
    let mut bad = Violations::default();
    match message(descriptor, value, "", &mut bad) {
        Some(message) if bad.0.is_empty() => Ok(message),
        _ => Err(bad),
    }
}

/// `None` exactly when a violation was pushed.
fn message(
    descriptor: &MessageDescriptor,
    value: &Value,
    path: &str,
    bad: &mut Violations,
) -> Option<DynamicMessage> {
    let Value::Object(object) = value else {
        bad.push(path, format!("must be an object, of {}", descriptor.full_name()));
        return None;
    };
    let before = bad.0.len();
    let mut message = DynamicMessage::new(descriptor.clone());
    for (key, value) in object {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match descriptor.get_field_by_name(key) {
            None => bad.push(&path, unknown_key(descriptor, key)),
            Some(_) if value.is_null() => {}
            Some(field) => set(&mut message, &field, object, value, &path, bad),
        }
    }
    (bad.0.len() == before).then_some(message)
}

fn unknown_key(descriptor: &MessageDescriptor, key: &str) -> String {
    let fields: Vec<FieldDescriptor> = descriptor.fields().collect();
    no_such("field", key, fields.iter().map(FieldDescriptor::name))
}

fn set(
    message: &mut DynamicMessage,
    field: &FieldDescriptor,
    object: &Map<String, Value>,
    value: &Value,
    path: &str,
    bad: &mut Violations,
) {
    if let Some(other) = other_of_oneof(message, field) {
        bad.push(path, format!("can't stand beside `{}`: it is one or the other", other.name()));
        return;
    }
    let read = match (type_beside(field), value) {
        (Some(beside), Value::Object(_)) => body(&beside, object, value, path, bad),
        _ if field.is_list() => list(field, value, path, bad),
        _ => single(field, value, path, bad),
    };
    if let Some(value) = read {
        message.set_field(field, value);
    }
}

fn other_of_oneof(message: &DynamicMessage, field: &FieldDescriptor) -> Option<FieldDescriptor> {
    field.containing_oneof()?.fields().find(|other| other != field && message.has_field(other))
}

/// The bytes of a body whose type stands beside it.
fn body(
    beside: &FieldDescriptor,
    object: &Map<String, Value>,
    value: &Value,
    path: &str,
    bad: &mut Violations,
) -> Option<Field> {
    let name = object.get(beside.name()).and_then(Value::as_str).unwrap_or_default();
    let Some(descriptor) = message_type(name) else {
        let known = granary_book::areas::command_specs().map(|spec| spec.name);
        bad.push(path, format!("{}: {}", beside.name(), no_such("type", name, known)));
        return None;
    };
    let body = message(&descriptor, value, path, bad)?;
    Some(Field::Bytes(body.encode_to_vec().into()))
}

fn list(field: &FieldDescriptor, value: &Value, path: &str, bad: &mut Violations) -> Option<Field> {
    let Value::Array(members) = value else {
        bad.push(path, "must be a list");
        return None;
    };
    let read: Vec<Field> = members
        .iter()
        .enumerate()
        .filter_map(|(n, member)| single(field, member, &format!("{path}[{n}]"), bad))
        .collect();
    (read.len() == members.len()).then_some(Field::List(read))
}

/// `None` exactly when a violation was pushed.
fn single(
    field: &FieldDescriptor,
    value: &Value,
    path: &str,
    bad: &mut Violations,
) -> Option<Field> {
    let scalar = match field.kind() {
        Kind::Message(descriptor) => {
            return message(&descriptor, value, path, bad).map(Field::Message);
        }
        Kind::Bool => {
            value.as_bool().map(Field::Bool).ok_or_else(|| "must be true or false".into())
        }
        Kind::String => text(value).map(|text| Field::String(text.to_owned())),
        Kind::Bytes => bytes(field, value).map(|bytes| Field::Bytes(bytes.into())),
        Kind::Enum(descriptor) => enum_number(&descriptor, value).map(Field::EnumNumber),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 if is_date(field) => {
            date(value).map(Field::I32)
        }
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => integer(value).map(Field::I32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => integer(value).map(Field::I64),
        Kind::Uint32 | Kind::Fixed32 => integer(value).map(Field::U32),
        Kind::Uint64 | Kind::Fixed64 => unsigned(field, value).map(Field::U64),
        Kind::Float | Kind::Double => Err("is a fraction, which the ledger doesn't use".to_owned()),
    };
    scalar.map_err(|problem| bad.push(path, problem)).ok()
}

fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| "must be a text in quotation marks".to_owned())
}

/// An integer, as a number or as its digits in quotation marks.
fn integer<T: TryFrom<i128>>(value: &Value) -> Result<T, String> {
    let wide = match value {
        Value::Number(number) => {
            number.as_u64().map(i128::from).or_else(|| number.as_i64().map(i128::from))
        }
        // One spelling for each number: no signs, spaces or zeros in front.
        Value::String(digits) => {
            digits.parse::<i128>().ok().filter(|parsed| parsed.to_string() == *digits)
        }
        _ => None,
    };
    let wide = wide.ok_or_else(|| "must be a whole number".to_owned())?;
    T::try_from(wide).map_err(|_| format!("{wide} is out of the field's range"))
}

fn unsigned(field: &FieldDescriptor, value: &Value) -> Result<u64, String> {
    match value {
        Value::String(text) if is_moment(field) && text.contains('T') => {
            let moment: jiff::Timestamp = text
                .parse()
                .map_err(|_| format!("`{text}` is no moment, such as 2014-03-31T08:00:00Z"))?;
            u64::try_from(moment.as_millisecond()).map_err(|_| format!("{text} is before 1970"))
        }
        _ => integer(value),
    }
}

fn date(value: &Value) -> Result<i32, String> {
    let wanted = || "must be a date, such as \"2014-03-31\"".to_owned();
    let date: Date = value.as_str().ok_or_else(wanted)?.parse().map_err(|_| wanted())?;
    Ok(date.days())
}

fn bytes(field: &FieldDescriptor, value: &Value) -> Result<Vec<u8>, String> {
    let is_lower = |digits: &str| !digits.bytes().any(|b| b.is_ascii_uppercase());
    let Some(prefix) = id_prefix(field) else {
        let decoded =
            hex::decode(text(value)?).ok().filter(|_| value.as_str().is_some_and(is_lower));
        return decoded
            .ok_or_else(|| "must be lower-case hex digits, two for each byte".to_owned());
    };
    let wanted = || format!("must be an id: {prefix}_ and 32 lower-case hex digits");
    let digits =
        value.as_str().and_then(|text| text.strip_prefix(prefix.as_str())?.strip_prefix('_'));
    let digits = digits.filter(|digits| digits.len() == 32 && is_lower(digits));
    hex::decode(digits.ok_or_else(wanted)?).map_err(|_| wanted())
}

fn enum_number(descriptor: &EnumDescriptor, value: &Value) -> Result<i32, String> {
    let name = text(value)?;
    let values: Vec<(String, i32)> = enum_values(descriptor).collect();
    if let Some((_, number)) = values.iter().find(|(known, _)| known == name) {
        return Ok(*number);
    }
    // The full name, as the proto files have it, means the same.
    let full = descriptor.get_value_by_name(name).map(|value| value.number());
    if let Some(number) = full.filter(|number| *number != 0) {
        return Ok(number);
    }
    let names = || values.iter().map(|(known, _)| known.as_str());
    match super::nearest(name, names()) {
        Some(near) => Err(format!("`{name}` is not a known value; did you mean `{near}`?")),
        None => Err(format!("`{name}` is not one of {}", names().collect::<Vec<_>>().join(", "))),
    }
}
