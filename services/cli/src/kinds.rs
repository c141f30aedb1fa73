//! What can be looked up: one line for each kind, and the descriptors say the rest.

use granary_proto::POOL;
use prost_reflect::{FieldDescriptor, Kind as FieldKind, MessageDescriptor, MethodDescriptor};

use crate::{json, report::Failure};

/// A kind of object that nodes are asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// What people call it on the command line.
    pub(crate) name: &'static str,
    service: &'static str,
    get: &'static str,
    list: &'static str,
    /// The columns of a list; the object's other fields are in `--json` and `--csv`.
    pub(crate) columns: &'static [&'static str],
}

const PARTIES: &str = "granary.parties.v1.PartyService";
const STATEMENTS: &str = "granary.statement.v1.StatementService";
const AUDIT: &str = "granary.audit.v1.AuditService";

const fn kind(
    name: &'static str,
    service: &'static str,
    get: &'static str,
    list: &'static str,
    columns: &'static [&'static str],
) -> Kind {
    Kind { name, service, get, list, columns }
}

/// Name, service, the method that gets one, the one that lists them (empty: there is none), columns.
pub(crate) const KINDS: &[Kind] = &[
    kind("party", PARTIES, "GetParty", "ListParties", &["id", "name", "roles", "active"]),
    kind("statement", STATEMENTS, "GetStatement", "", &[]),
    kind("entry", AUDIT, "GetEntry", "", &[]),
    kind("history", AUDIT, "GetHistory", "", &[]),
];

impl Kind {
    /// The kind of a name; the plural means the same.
    pub(crate) fn of(name: &str) -> anyhow::Result<&'static Kind> {
        let found = KINDS.iter().find(|kind| kind.name == name || plural(kind.name) == name);
        found.ok_or_else(|| {
            let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
            let what = format!("`{name}`: {}", json::no_such("kind", name, names.iter().copied()));
            Failure::new(what, format!("name one of {}", names.join(", "))).into()
        })
    }

    /// The method that gets one, and the fields of its request that say which.
    pub(crate) fn get(&self) -> anyhow::Result<(MethodDescriptor, Vec<FieldDescriptor>)> {
        let method = self.method(self.get, "looked up by itself")?;
        let keys = own_fields(&method.input()).filter(|field| !field.supports_presence()).collect();
        Ok((method, keys))
    }

    /// The method that lists them.
    pub(crate) fn list(&self) -> anyhow::Result<List> {
        let method = self.method(self.list, "listed")?;
        let objects = method.output().fields().find(|field| field.is_list());
        let objects = objects.ok_or_else(|| missing(self, "listed"))?;
        let filters = own_fields(&method.input())
            .filter(|field| !matches!(field.name(), "page_size" | "page_token"))
            .collect();
        Ok(List { method, objects, filters })
    }

    fn method(&self, name: &str, how: &str) -> anyhow::Result<MethodDescriptor> {
        let service = POOL.get_service_by_name(self.service);
        let method = service.and_then(|service| service.methods().find(|m| m.name() == name));
        Ok(method.ok_or_else(|| missing(self, how))?)
    }
}

/// How objects of a kind are listed.
pub(crate) struct List {
    /// The method.
    pub(crate) method: MethodDescriptor,
    /// The field of its answer that holds them.
    pub(crate) objects: FieldDescriptor,
    /// The fields of its request that narrow the list.
    pub(crate) filters: Vec<FieldDescriptor>,
}

fn missing(kind: &Kind, how: &str) -> Failure {
    let others: Vec<&str> = match how {
        "listed" => KINDS.iter().filter(|k| !k.list.is_empty()).map(|k| k.name).collect(),
        _ => KINDS.iter().filter(|k| !k.get.is_empty()).map(|k| k.name).collect(),
    };
    let what = format!("`{}` can't be {how}", kind.name);
    Failure::new(what, format!("these can: {}", others.join(", ")))
}

/// A request's fields but for how fresh the answer must be.
fn own_fields(request: &MessageDescriptor) -> impl Iterator<Item = FieldDescriptor> {
    let fields: Vec<FieldDescriptor> =
        request.fields().filter(|field| !matches!(field.kind(), FieldKind::Message(_))).collect();
    fields.into_iter()
}

/// Facility, facilities; party, parties; price, prices.
fn plural(name: &str) -> String {
    match name.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{name}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_in_the_protos_with_its_columns() {
        for kind in KINDS {
            if !kind.get.is_empty() {
                let (_, keys) = kind.get().expect(kind.name);
                assert!(!keys.is_empty(), "{}: nothing says which one", kind.name);
            }
            if !kind.list.is_empty() {
                let list = kind.list().expect(kind.name);
                let FieldKind::Message(object) = list.objects.kind() else {
                    panic!("{} lists no messages", kind.name)
                };
                let input = list.method.input();
                for field in ["page_size", "page_token", "freshness"] {
                    assert!(input.get_field_by_name(field).is_some(), "{}: {field}", kind.name);
                }
                for column in kind.columns {
                    assert!(object.get_field_by_name(column).is_some(), "{}: {column}", kind.name);
                }
            }
        }
    }

    #[test]
    fn a_kind_may_be_named_in_the_plural_and_a_misspelt_one_is_not_guessed() {
        assert_eq!(Kind::of("parties").expect("known").name, "party");
        let error = Kind::of("praty").expect_err("unknown").to_string();
        assert!(error.contains("did you mean `party`?"), "{error}");
        assert!(Kind::of("entry").expect("known").list().is_err());
    }
}
