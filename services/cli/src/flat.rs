//! Messages as rows of a spreadsheet: a column for each field, nested ones under their paths, values as the
//! ledger has them (an amount's number and its currency are two columns).

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::Value;

use crate::json;

/// Deepest message that has columns of its own; below it stands JSON.
const DEPTH_MAX: usize = 4;

/// Headings and rows.
pub(crate) fn rows(
    descriptor: &MessageDescriptor,
    objects: &[DynamicMessage],
) -> (Vec<String>, Vec<Vec<String>>) {
    let mut columns = Vec::new();
    paths(descriptor, &[], &mut columns);
    let row = |object: &DynamicMessage| {
        let object = json::write(object);
        columns.iter().map(|path| text(at(&object, path))).collect()
    };
    let rows = objects.iter().map(row).collect();
    (columns.iter().map(|path| path.join(".")).collect(), rows)
}

fn paths(descriptor: &MessageDescriptor, above: &[String], columns: &mut Vec<Vec<String>>) {
    let mut fields: Vec<FieldDescriptor> = descriptor.fields().collect();
    fields.sort_unstable_by_key(FieldDescriptor::number);
    for field in fields {
        let path = [above, &[field.name().to_owned()]].concat();
        match field.kind() {
            Kind::Message(nested) if !field.is_list() && above.len() < DEPTH_MAX => {
                paths(&nested, &path, columns);
            }
            _ => columns.push(path),
        }
    }
}

fn at<'v>(object: &'v Value, path: &[String]) -> &'v Value {
    path.iter().fold(object, |value, name| value.get(name).unwrap_or(&Value::Null))
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(members) => members.iter().map(text).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::dynamic;
    use granary_proto::parties::v1::{Licence, Party, Role};
    use prost_reflect::ReflectMessage;

    #[test]
    fn an_object_is_a_row_with_the_same_columns_whatever_it_has() {
        let warehouse = Party {
            id: "pt_1".to_owned(),
            roles: vec![Role::Warehouse.into(), Role::Weigher.into()],
            licence: Some(Licence {
                number: "L-7".to_owned(),
                in_force: true,
                ..Licence::default()
            }),
            ..Party::default()
        };
        let objects = [dynamic(&warehouse), dynamic(&Party::default())];
        let (headings, rows) = rows(&objects[0].descriptor(), &objects);
        assert_eq!(
            headings,
            [
                "id",
                "name",
                "roles",
                "active",
                "custodial",
                "owner_group",
                "licence.number",
                "licence.commodities",
                "licence.valid_until",
                "licence.in_force",
                "as_of_index",
            ]
        );
        assert_eq!(rows[0].join(","), "pt_1,,WAREHOUSE;WEIGHER,false,false,,L-7,,,true,0");
        assert_eq!(rows[1].join(","), ",,,false,false,,,,,,0");
    }
}
