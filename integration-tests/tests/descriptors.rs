//! The declarations of the book, the descriptors of `proto/` and the services agree.

use std::collections::{BTreeMap, BTreeSet};

use granary_book::{
    apply::Batch,
    areas::{command_specs, event_specs},
    refusal::Facts,
    wire::{EnumSpec, FieldSpec, Kind, Message as _, MessageSpec, Presence},
};
use granary_proto::{POOL, view_class};
use prost_reflect::{
    Cardinality, EnumDescriptor, FieldDescriptor, Kind as ProtoKind, MessageDescriptor,
    MethodDescriptor,
};

/// Commands that no service offers: operators and nodes sign them with keys that no service keeps, and send
/// them with `StatementService.Submit`.
const SUBMITTED_ONLY: &str = "granary.chain.v1";

fn package_of(full_name: &str) -> &str {
    full_name.rsplit_once('.').map_or("", |(package, _)| package)
}

fn short_name(full_name: &str) -> &str {
    full_name.rsplit_once('.').map_or(full_name, |(_, name)| name)
}

/// `ByGrade` as `BY_GRADE`.
fn shouted(camel: &str) -> String {
    let mut shouted = String::new();
    let mut before = ' ';
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            shouted.push('_');
        }
        shouted.push(letter.to_ascii_uppercase());
        before = letter;
    }
    shouted
}

/// Every message and enum that the book declares, by full name.
#[derive(Default)]
struct Declared {
    messages: BTreeMap<&'static str, &'static MessageSpec>,
    enums: BTreeMap<&'static str, &'static EnumSpec>,
}

impl Declared {
    fn all() -> Self {
        let mut declared = Self::default();
        command_specs().chain(event_specs()).for_each(|spec| declared.add(spec));
        declared.add(&Batch::SPEC);
        declared.add(&Facts::SPEC);
        declared
    }

    fn add(&mut self, spec: &'static MessageSpec) {
        if self.messages.insert(spec.name, spec).is_some() {
            return;
        }
        for field in spec.fields {
            match field.kind {
                Kind::Message(inner) => self.add(inner),
                Kind::Enum(inner) => drop(self.enums.insert(inner.name, inner)),
                Kind::Bool | Kind::U32 | Kind::U64 | Kind::S32 | Kind::String | Kind::Bytes => {}
            }
        }
    }
}

/// A field as the book declares it, in the words of a descriptor.
fn declared_field(field: &FieldSpec) -> String {
    let label = match field.presence {
        Presence::Plain => "",
        Presence::Optional => "optional ",
        Presence::Repeated { .. } => "repeated ",
    };
    let kind = match field.kind {
        Kind::Bool => "bool",
        Kind::U32 => "uint32",
        Kind::U64 => "uint64",
        Kind::S32 => "sint32",
        Kind::String => "string",
        Kind::Bytes => "bytes",
        Kind::Enum(spec) => spec.name,
        Kind::Message(spec) => spec.name,
    };
    format!("{label}{kind} {} = {}", field.name, field.tag)
}

/// A field as the descriptor has it.
fn described_field(field: &FieldDescriptor) -> String {
    let label = if field.cardinality() == Cardinality::Repeated {
        "repeated "
    } else if field.field_descriptor_proto().proto3_optional() {
        "optional "
    } else {
        ""
    };
    let kind = match field.kind() {
        ProtoKind::Message(message) => message.full_name().to_owned(),
        ProtoKind::Enum(values) => values.full_name().to_owned(),
        scalar => format!("{scalar:?}").to_ascii_lowercase(),
    };
    format!("{label}{kind} {} = {}", field.name(), field.number())
}

fn declared_values(spec: &EnumSpec) -> BTreeSet<(i32, String)> {
    let prefix = shouted(short_name(spec.name));
    let named = spec.values.iter().map(|(number, name)| {
        (i32::try_from(*number).expect("small"), format!("{prefix}_{}", shouted(name)))
    });
    named.chain([(0, format!("{prefix}_UNSPECIFIED"))]).collect()
}

fn described_values(values: &EnumDescriptor) -> BTreeSet<(i32, String)> {
    values.values().map(|value| (value.number(), value.name().to_owned())).collect()
}

#[test]
fn every_message_of_the_book_is_what_its_proto_says() {
    for (name, spec) in Declared::all().messages {
        let message = POOL.get_message_by_name(name).unwrap_or_else(|| panic!("no message {name}"));
        let declared: BTreeSet<String> = spec.fields.iter().map(declared_field).collect();
        let described: BTreeSet<String> = message.fields().map(|f| described_field(&f)).collect();
        assert_eq!(declared, described, "{name}");
        assert_eq!(spec.fields.len(), declared.len(), "{name} declares a field twice");
        let ascending = spec.fields.is_sorted_by(|a, b| a.tag < b.tag);
        assert!(ascending, "{name}: the one encoding goes by ascending tag");
    }
}

#[test]
fn every_enum_of_the_book_is_what_its_proto_says() {
    for (name, spec) in Declared::all().enums {
        let values = POOL.get_enum_by_name(name).unwrap_or_else(|| panic!("no enum {name}"));
        assert_eq!(declared_values(spec), described_values(&values), "{name}");
    }
}

#[test]
fn an_areas_proto_says_nothing_that_the_book_does_not() {
    let declared = Declared::all();
    let areas: BTreeSet<&str> = command_specs().map(|spec| package_of(spec.name)).collect();
    let of_areas = |message: &MessageDescriptor| {
        let file = message.parent_file();
        areas.contains(file.package_name()) && !file.name().ends_with("/service.proto")
    };
    let extra: Vec<String> = POOL
        .all_messages()
        .filter(of_areas)
        .map(|message| message.full_name().to_owned())
        .filter(|name| !declared.messages.contains_key(name.as_str()))
        .collect();
    assert!(extra.is_empty(), "left over in proto/: {extra:?}");
}

#[test]
fn every_field_says_who_may_see_it() {
    let without: Vec<String> = POOL
        .all_messages()
        .filter(|message| message.package_name().starts_with("granary."))
        .flat_map(|message| message.fields().collect::<Vec<_>>())
        .filter(|field| view_class(field).is_none())
        .map(|field| field.full_name().to_owned())
        .collect();
    assert!(without.is_empty(), "fields without a class of view: {without:#?}");
}

/// Every method that says a command, by the command's full name.
fn writes() -> BTreeMap<String, Vec<MethodDescriptor>> {
    let mut writes: BTreeMap<String, Vec<MethodDescriptor>> = BTreeMap::new();
    for method in POOL.services().flat_map(|service| service.methods().collect::<Vec<_>>()) {
        let command = method.input().get_field_by_name("command");
        if let Some(ProtoKind::Message(command)) = command.map(|field| field.kind()) {
            writes.entry(command.full_name().to_owned()).or_default().push(method);
        }
    }
    writes
}

#[test]
fn every_command_is_said_by_exactly_one_method() {
    let said: BTreeMap<String, usize> =
        writes().into_iter().map(|(command, methods)| (command, methods.len())).collect();
    let commands: BTreeMap<String, usize> = command_specs()
        .filter(|spec| package_of(spec.name) != SUBMITTED_ONLY)
        .map(|spec| (spec.name.to_owned(), 1))
        .collect();
    let wrong: Vec<(&String, usize)> = commands
        .keys()
        .chain(said.keys())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .filter(|name| said.get(*name) != commands.get(*name))
        .map(|name| (name, said.get(name).copied().unwrap_or(0)))
        .collect();
    assert!(wrong.is_empty(), "not said by one method, but by so many: {wrong:#?}");
}

#[test]
fn every_write_is_named_as_its_command_and_answers_as_all_do() {
    for (command, methods) in writes() {
        for method in methods {
            let name = method.full_name();
            assert_eq!(method.name(), short_name(&command), "{name}");
            assert_eq!(short_name(method.input().full_name()), format!("{}Request", method.name()));
            assert_eq!(method.output().full_name(), "granary.statement.v1.Reply", "{name}");
            let call = method.input().get_field_by_name("call").map(|field| field.kind());
            let is_call = matches!(call, Some(ProtoKind::Message(call)) if short_name(call.full_name()) == "Call");
            assert!(is_call, "{name} takes no call");
        }
    }
}

#[test]
fn a_file_lies_where_its_package_says_and_the_package_has_a_version() {
    let mut files = 0;
    for file in POOL.files().filter(|file| file.name().starts_with("granary/")) {
        let directory = file.name().rsplit_once('/').map_or("", |(directory, _)| directory);
        assert_eq!(file.package_name(), directory.replace('/', "."), "{}", file.name());
        let parts: Vec<&str> = directory.split('/').collect();
        let version = parts.last().and_then(|last| last.strip_prefix('v')).unwrap_or_default();
        assert!(parts.len() == 3 && version.parse::<u32>().is_ok(), "{}", file.name());
        files += 1;
    }
    assert!(files > 10, "only {files} files were looked at");
}
