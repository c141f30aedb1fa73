//! What may be said: from the book's tables of commands, authority and refusals, and the words of the protos.

use granary_book::{
    areas,
    authority::{self, Rule, Who},
    parties::Role,
    refusal::{Code, Refusal},
    wire::{FieldSpec, Kind, MessageSpec, Presence, Problem},
};
use granary_proto::{id_prefix, is_date};
use granary_words::Language;
use prost_reflect::{
    EnumDescriptor, FieldDescriptor, FileDescriptor, Kind as FieldKind, MessageDescriptor,
};
use serde_json::{Value, json};

use crate::json::{enum_values, is_moment, message_type};

/// One command of the trade.
pub(super) struct Said {
    spec: &'static MessageSpec,
    /// Absent: nobody may say it, as genesis, which founds a chain and is not sent.
    rule: Option<&'static Rule>,
    descriptor: MessageDescriptor,
}

/// One field of a command, nested ones by their paths.
pub(super) struct Field {
    /// Such as `lines[].quantity.amount`.
    pub(super) path: String,
    /// What its value looks like.
    pub(super) takes: String,
    /// Required, optional, or how many.
    pub(super) presence: String,
    /// What it is.
    pub(super) about: String,
}

/// All commands, area by area.
pub(super) fn all() -> impl Iterator<Item = Said> {
    areas::command_specs().filter_map(|spec| {
        let descriptor = message_type(spec.name)?;
        Some(Said { spec, rule: authority::rule(spec.name), descriptor })
    })
}

/// What a refusal means, in English.
pub(super) fn sentence(code: Code) -> String {
    granary_words::refusal(code, &Refusal::new(code).facts, Language::English)
}

impl Said {
    /// The command of a full name, or of a last part that is like no other.
    pub(super) fn named(name: &str) -> Option<Self> {
        let mut found = all().filter(|said| said.name() == name || said.short_name() == name);
        found.next().filter(|_| found.next().is_none())
    }

    /// Full protobuf name.
    pub(super) fn name(&self) -> &'static str {
        self.spec.name
    }

    fn short_name(&self) -> &'static str {
        self.spec.name.rsplit('.').next().unwrap_or(self.spec.name)
    }

    /// What it does.
    pub(super) fn about(&self) -> String {
        comment(&self.descriptor.parent_file(), self.descriptor.path())
    }

    /// Parties with which roles.
    pub(super) fn said_by(&self) -> String {
        match self.rule {
            None => "the founders of a chain (granary init)".to_owned(),
            Some(rule) if rule.roles.is_empty() => "any active party".to_owned(),
            Some(rule) => names(rule.roles).join(", "),
        }
    }

    /// Whose keys.
    pub(super) fn keys(&self) -> &'static str {
        match self.rule.map(|rule| rule.who) {
            None => "all operators' keys",
            Some(Who::Anyone) => "a key of the party",
            Some(Who::Person) => "a person's key",
            Some(Who::TwoPersons) => "keys of two persons",
        }
    }

    /// Parties with which roles may sign besides.
    pub(super) fn cosigners(&self) -> Vec<&'static str> {
        self.rule.map_or_else(Vec::new, |rule| names(rule.cosigners))
    }

    /// Codes of its area.
    pub(super) fn refusals(&self) -> Vec<Code> {
        let area = self.spec.name.split('.').nth(1).unwrap_or_default();
        Code::ALL.iter().copied().filter(|code| code.areas().contains(&area)).collect()
    }

    /// Its fields, nested ones too.
    pub(super) fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::new();
        collect(self.spec, &self.descriptor, "", &self.required(), &mut fields);
        fields
    }

    /// The fields without which the book refuses the body.
    fn required(&self) -> Vec<String> {
        let empty = areas::Command::decode(self.spec.name, &[]);
        let Some(Err(violations)) = empty else { return Vec::new() };
        let missing = violations.as_slice().iter().filter(|v| v.problem == Problem::Required);
        missing.map(|violation| violation.path.clone()).collect()
    }

    /// Everything, for programs.
    pub(super) fn json(&self) -> Value {
        let of = |is_meant: fn(Code) -> bool| {
            let codes = Code::ALL.iter().copied().filter(|code| is_meant(*code));
            codes.map(Code::name).collect::<Vec<_>>()
        };
        let field = |field: Field| {
            json!({
                "field": field.path, "takes": field.takes, "presence": field.presence,
                "about": field.about,
            })
        };
        json!({
            "command": self.name(),
            "about": self.about(),
            "said_by": self.rule.map_or_else(Vec::new, |rule| names(rule.roles)),
            "signed_with": self.keys(),
            "cosigners": self.cosigners(),
            "fields": self.fields().into_iter().map(field).collect::<Vec<_>>(),
            "refusals": {
                "of_its_area": self.refusals().into_iter().map(Code::name).collect::<Vec<_>>(),
                "of_any_command": of(|code| !code.is_of_statement() && code.areas().is_empty()),
                "of_any_statement": of(Code::is_of_statement),
            },
        })
    }
}

fn names(roles: &[Role]) -> Vec<&'static str> {
    roles.iter().map(|role| role.name()).collect()
}

fn collect(
    spec: &MessageSpec,
    descriptor: &MessageDescriptor,
    above: &str,
    required: &[String],
    fields: &mut Vec<Field>,
) {
    for field_spec in spec.fields {
        let Some(field) = descriptor.get_field_by_name(field_spec.name) else { continue };
        let name = format!("{above}{}", field_spec.name);
        let is_list = matches!(field_spec.presence, Presence::Repeated { .. });
        let path = if is_list { format!("{name}[]") } else { name.clone() };
        let is_required =
            required.contains(&name) || (!above.is_empty() && has_no_zero(field_spec));
        fields.push(Field {
            path: path.clone(),
            takes: takes(&field),
            presence: presence(field_spec.presence, is_required),
            about: comment(&field.parent_message().parent_file(), field.path()),
        });
        if let (Kind::Message(nested), FieldKind::Message(descriptor)) =
            (field_spec.kind, field.kind())
        {
            collect(nested, &descriptor, &format!("{path}."), required, fields);
        }
    }
}

/// Of these kinds nothing stands for a value that is left out.
fn has_no_zero(spec: &FieldSpec) -> bool {
    let kind = matches!(spec.kind, Kind::String | Kind::Enum(_) | Kind::Message(_));
    kind && spec.presence == Presence::Plain
}

fn presence(presence: Presence, is_required: bool) -> String {
    match presence {
        Presence::Repeated { min, max } if min == max => format!("{min}"),
        Presence::Repeated { min, max } => format!("{min} to {max}"),
        Presence::Plain if is_required => "required".to_owned(),
        Presence::Plain => "or its zero".to_owned(),
        Presence::Optional => "optional".to_owned(),
    }
}

/// What a field's value looks like in JSON.
fn takes(field: &FieldDescriptor) -> String {
    match field.kind() {
        FieldKind::Message(_) => "an object".to_owned(),
        FieldKind::Enum(descriptor) => values(&descriptor),
        FieldKind::Bytes => match id_prefix(field) {
            Some(prefix) => format!("{prefix}_ id"),
            None => "hex".to_owned(),
        },
        FieldKind::Bool => "true or false".to_owned(),
        FieldKind::String => "text".to_owned(),
        _ if is_date(field) => "date".to_owned(),
        _ if is_moment(field) => "moment".to_owned(),
        _ => "number".to_owned(),
    }
}

fn values(descriptor: &EnumDescriptor) -> String {
    let names: Vec<String> = enum_values(descriptor).map(|(name, _)| name).collect();
    names.join("|")
}

/// The comment above a declaration in its proto file.
fn comment(file: &FileDescriptor, path: &[i32]) -> String {
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    let location = info.and_then(|info| info.location.iter().find(|place| place.path == path));
    let text = location.and_then(|place| place.leading_comments.clone()).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_says_who_what_with_and_why_not() {
        let mut count = 0;
        for said in all() {
            let name = said.name();
            count += 1;
            assert!(!said.about().is_empty(), "{name} has no words");
            assert!(!said.refusals().is_empty(), "{name} is of no known area");
            assert_eq!(said.rule.is_none(), said.short_name() == "Genesis", "{name}");
            for field in said.fields() {
                assert!(!field.about.is_empty(), "{name}.{} has no words", field.path);
            }
        }
        assert_eq!(count, areas::command_specs().count());
    }

    #[test]
    fn a_field_says_what_it_takes_and_whether_it_must_stand() {
        let said = Said::named("GrantLicence").expect("known by its last part");
        let fields: Vec<(String, String, String)> =
            said.fields().into_iter().map(|f| (f.path, f.takes, f.presence)).collect();
        let line = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(
            fields,
            [
                line("party", "pt_ id", "required"),
                line("number", "text", "required"),
                line("commodities[]", "text", "0 to 64"),
                line("valid_until", "date", "required"),
            ]
        );
        assert_eq!(said.said_by(), "registrar, regulator");
        let key = Said::named("granary.parties.v1.RegisterKey").expect("known by its full name");
        let person = key.fields().into_iter().find(|f| f.path == "holder.person").expect("nested");
        assert_eq!((person.takes.as_str(), person.presence.as_str()), ("pn_ id", "optional"));
        assert!(Said::named("Suspend").is_none());
    }
}
