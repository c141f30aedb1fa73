//! Protobuf to JSON.

use granary_book::vocabulary::Date;
use granary_proto::{id_prefix, is_date};
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage, Value as Field};
use serde_json::{Map, Value};

use super::{enum_values, message_type, type_beside};

/// The largest integer that every reader of JSON takes exactly.
pub(super) const EXACT_MAX: u64 = (1 << 53) - 1;

/// A message as JSON: fields by ascending tag. Plain numbers, texts and lists stand there also when they have
/// their type's zero, so that the keys of a kind of message are always the same; what is absent is left out.
pub(crate) fn write(message: &DynamicMessage) -> Value {
    let mut fields = message.descriptor().fields().collect::<Vec<_>>();
    fields.sort_unstable_by_key(FieldDescriptor::number);
    let mut object = Map::new();
    for field in fields {
        if let Some(value) = of_field(message, &field) {
            object.insert(field.name().to_owned(), value);
        }
    }
    Value::Object(object)
}

fn of_field(message: &DynamicMessage, field: &FieldDescriptor) -> Option<Value> {
    // Of these kinds the zero is no value.
    let zero_is_absent = matches!(field.kind(), Kind::Enum(_) | Kind::Bytes) && !field.is_list();
    let may_be_absent = field.supports_presence() || zero_is_absent;
    if may_be_absent && !message.has_field(field) {
        return None;
    }
    let value = message.get_field(field);
    if let (Field::Bytes(bytes), Some(beside)) = (value.as_ref(), type_beside(field))
        && let Some(name) = message.get_field(&beside).as_str()
        && let Some(descriptor) = message_type(name)
        && let Ok(body) = DynamicMessage::decode(descriptor, bytes.clone())
    {
        return Some(write(&body));
    }
    Some(of_value(field, value.as_ref()))
}

fn of_value(field: &FieldDescriptor, value: &Field) -> Value {
    match value {
        Field::Bool(value) => Value::from(*value),
        Field::I32(days) if is_date(field) => Value::from(Date::from_days(*days).to_string()),
        Field::I32(value) => Value::from(*value),
        Field::I64(value) if value.unsigned_abs() > EXACT_MAX => Value::from(value.to_string()),
        Field::I64(value) => Value::from(*value),
        Field::U32(value) => Value::from(*value),
        Field::U64(value) if *value > EXACT_MAX => Value::from(value.to_string()),
        Field::U64(value) => Value::from(*value),
        Field::F32(value) => Value::from(*value),
        Field::F64(value) => Value::from(*value),
        Field::String(value) => Value::from(value.as_str()),
        Field::Bytes(bytes) => Value::from(match id_prefix(field) {
            Some(prefix) => format!("{prefix}_{}", hex::encode(bytes)),
            None => hex::encode(bytes),
        }),
        Field::EnumNumber(number) => enum_name(field, *number),
        Field::Message(message) => write(message),
        Field::List(members) => members.iter().map(|member| of_value(field, member)).collect(),
        // No message of ours has a map, as a test shows.
        Field::Map(_) => Value::Null,
    }
}

/// The short name; the bare number of a value that this build doesn't know.
fn enum_name(field: &FieldDescriptor, number: i32) -> Value {
    let Kind::Enum(descriptor) = field.kind() else { return Value::from(number) };
    let known = enum_values(&descriptor).find(|(_, known)| *known == number);
    known.map_or_else(|| Value::from(number), |(name, _)| Value::from(name))
}
