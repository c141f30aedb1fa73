//! What bodies look like in JSON, and that nothing is lost on the way.

use granary_book::{
    areas, parties, registries,
    vocabulary::{Id, PartyId},
};
use granary_proto::{POOL, id_prefix, is_date};
use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value as Field,
};
use serde_json::{Value, json};

use super::{enum_values, is_moment, message_type, read, write};

const PARTY: &str = "pt_0190163e8d9470e5b1d2c3a4f5061728";

fn of_type(name: &str) -> MessageDescriptor {
    message_type(name).expect("a type of the pool")
}

fn bytes_of(name: &str, value: &Value) -> Vec<u8> {
    read(&of_type(name), value).expect("well-formed").encode_to_vec()
}

/// What is wrong, one line for each violation.
fn wrong(name: &str, value: &Value) -> Vec<String> {
    let bad = read(&of_type(name), value).expect_err("malformed");
    bad.0.iter().map(ToString::to_string).collect()
}

#[test]
fn json_becomes_the_command_that_the_book_reads() {
    let json = json!({
        "party": PARTY, "number": "L-7", "commodities": ["GARLIC"], "valid_until": "2014-03-31",
    });
    let body = bytes_of("granary.parties.v1.GrantLicence", &json);
    let read = areas::Command::decode("granary.parties.v1.GrantLicence", &body);
    let expected = parties::GrantLicence {
        party: PARTY.parse().expect("an id"),
        number: "L-7".parse().expect("a code"),
        commodities: granary_book::wire::List::new(vec!["GARLIC".parse().expect("a code")])
            .expect("one"),
        valid_until: "2014-03-31".parse().expect("a date"),
    };
    assert_eq!(read, Some(Ok(areas::Command::Parties(expected.into()))));
}

#[test]
fn lists_of_numbers_and_enums_reach_the_book() {
    let body = bytes_of(
        "granary.parties.v1.RegisterParty",
        &json!({"name": "第一仓库", "roles": ["WAREHOUSE", "ROLE_WEIGHER"]}),
    );
    let read = parties::Command::decode("granary.parties.v1.RegisterParty", &body);
    let Some(Ok(parties::Command::RegisterParty(party))) = read else { panic!("{read:?}") };
    assert_eq!(party.roles.to_vec(), [parties::Role::Warehouse, parties::Role::Weigher]);

    let body = bytes_of(
        "granary.registries.v1.SetCalendar",
        &json!({"code": "CN", "utc_offset_minutes": 480, "weekend": 96,
                "holidays": ["1969-12-31", "2026-10-01"], "cutoff_ms": "61200000"}),
    );
    let read = registries::Command::decode("granary.registries.v1.SetCalendar", &body);
    let Some(Ok(registries::Command::SetCalendar(calendar))) = read else { panic!("{read:?}") };
    let dates: Vec<String> = calendar.holidays.iter().map(ToString::to_string).collect();
    assert_eq!(dates, ["1969-12-31", "2026-10-01"]);
    assert_eq!((calendar.utc_offset_minutes, calendar.cutoff_ms.0), (480, 61_200_000));
}

#[test]
fn a_body_beside_its_type_is_an_object_of_that_type() {
    let json = json!({"mode": "LINKED", "items": [
        {"principal": PARTY, "type_name": "granary.parties.v1.SuspendParty", "body": {"party": PARTY}},
        {"type_name": "granary.parties.v1.SuspendParty", "body": "0a01"},
    ]});
    let batch = read(&of_type("granary.statement.v1.Batch"), &json).expect("well-formed");
    let item = batch.get_field_by_name("items").expect("a field");
    let item = item.as_list().and_then(|items| items[0].as_message().cloned()).expect("an item");
    let body = item.get_field_by_name("body").expect("a field");
    let party: PartyId = PARTY.parse().expect("an id");
    let expected = [&[0x0a, 16], party.to_bytes().as_slice()].concat();
    assert_eq!(body.as_bytes().map(|bytes| bytes.to_vec()), Some(expected));
    assert_eq!(write(&batch)["items"][0], json["items"][0]);
    // Bytes that are no such body are shown as they are.
    assert_eq!(write(&batch)["items"][1]["body"], json!("0a01"));

    let unknown = json!({"items": [
        {"type_name": "granary.parties.v1.SuspendPraty", "body": {"party": PARTY}}]});
    assert_eq!(
        wrong("granary.statement.v1.Batch", &unknown),
        ["items[0].body: type_name: there is no such type; did you mean \
          `granary.parties.v1.SuspendParty`?"]
    );
}

#[test]
fn everything_wrong_is_told_at_once_and_the_nearest_known_name_with_it() {
    let json = json!({
        "party": "wr_0190163e8d9470e5b1d2c3a4f5061728", "numbr": "L-7", "validUntil": "2014-03-31",
        "commodities": ["GARLIC", 7], "valid_until": "2014-02-29", "xyz": null,
    });
    assert_eq!(
        wrong("granary.parties.v1.GrantLicence", &json),
        [
            "party: must be an id: pt_ and 32 lower-case hex digits",
            "numbr: there is no such field; did you mean `number`?",
            "validUntil: there is no such field; did you mean `valid_until`?",
            "commodities[1]: must be a text in quotation marks",
            "valid_until: must be a date, such as \"2014-03-31\"",
            "xyz: there is no such field",
        ]
    );
}

#[test]
fn values_of_the_wrong_kind_are_refused() {
    let register = "granary.parties.v1.RegisterParty";
    let key = "granary.parties.v1.RegisterKey";
    let tick = "granary.chain.v1.Tick";
    // (type, JSON, what is wrong)
    let cases = [
        (register, json!([]), "must be an object, of granary.parties.v1.RegisterParty"),
        (register, json!({"roles": "BANK"}), "roles: must be a list"),
        (register, json!({"roles": ["BNAK"]}), "`BNAK` is not a known value; did you mean `BANK`?"),
        (
            register,
            json!({"roles": ["UNSPECIFIED"]}),
            "roles[0]: `UNSPECIFIED` is not one of OPERATOR",
        ),
        (register, json!({"roles": ["ROLE_UNSPECIFIED"]}), "is not one of OPERATOR"),
        (register, json!({"roles": [14]}), "roles[0]: must be a text"),
        (register, json!({"custodial": "true"}), "custodial: must be true or false"),
        (key, json!({"key": "0A"}), "key: must be lower-case hex digits, two for each byte"),
        (key, json!({"key": "0"}), "key: must be lower-case hex digits"),
        (key, json!({"suite": 4_294_967_296u64}), "suite: 4294967296 is out of the field's range"),
        (key, json!({"suite": -1}), "suite: -1 is out of the field's range"),
        (key, json!({"suite": 1.5}), "suite: must be a whole number"),
        (key, json!({"suite": "01"}), "suite: must be a whole number"),
        (key, json!({"holder": {"person": "pn_0"}}), "holder.person: must be an id: pn_ and 32"),
        (tick, json!({"claim_ms": "today"}), "claim_ms: must be a whole number"),
    ];
    for (name, json, expected) in cases {
        let found = wrong(name, &json);
        assert!(found.len() == 1 && found[0].contains(expected), "{json}: {found:?}");
    }
}

#[test]
fn a_moment_may_be_written_as_people_do() {
    let facts = "granary.refusal.v1.Facts";
    for (text, ms) in [
        (json!("2014-03-31T08:00:00Z"), 1_396_252_800_000u64),
        (json!("2014-03-31T16:00:00+08:00"), 1_396_252_800_000),
        (json!(5), 5),
        (json!("18446744073709551615"), u64::MAX),
    ] {
        let message = read(&of_type(facts), &json!({"at_ms": text})).expect("well-formed");
        assert_eq!(message.get_field_by_name("at_ms").and_then(|v| v.as_u64()), Some(ms), "{text}");
    }
    for text in ["2014-03-31T08:00:00", "2014-03-31", "1969-12-31T23:59:59Z", "noon"] {
        assert_eq!(wrong(facts, &json!({"at_ms": text})).len(), 1, "{text}");
    }
}

#[test]
fn only_one_member_of_a_choice_may_stand() {
    let reply = "granary.statement.v1.Reply";
    let found = wrong(reply, &json!({"duplicate": {"first_index": 1}, "skipped": {"code": 1}}));
    assert_eq!(found, ["skipped: can't stand beside `duplicate`: it is one or the other"]);
}

/// The rule of dates and the kinds of fields that the conversion knows, over everything in the pool.
#[test]
fn every_field_of_the_protos_can_be_written_in_json() {
    for message in POOL.all_messages().filter(|m| m.full_name().starts_with("granary.")) {
        for field in message.fields() {
            let name = field.full_name().to_owned();
            assert!(!field.is_map(), "{name} is a map");
            assert!(!matches!(field.kind(), Kind::Float | Kind::Double), "{name} is a fraction");
            let signed = matches!(field.kind(), Kind::Sint32);
            assert!(!is_date(&field) || signed, "{name} is a date and no signed number");
            // Signed numbers are dates, or say their unit in their name.
            let has_unit = ["_minutes", "_mc", "_ppm", "_e6", "_bp"]
                .iter()
                .any(|unit| field.name().ends_with(unit));
            assert!(!signed || is_date(&field) != has_unit, "{name}: a date, or of which unit?");
            if let Some(stem) = field.name().strip_suffix("_ms") {
                let last = stem.rsplit('_').next().unwrap_or_default();
                let spans = ["age", "call", "cutoff", "offer", "reservation", "span", "window"];
                assert!(is_moment(&field) != spans.contains(&last), "{name}: a moment, or a span?");
            }
            if id_prefix(&field).is_some() {
                assert!(matches!(field.kind(), Kind::Bytes), "{name} is an id and no bytes");
            }
        }
    }
}

/// Any message of a type. Lists and texts are short, dates those that can be written (years 0 to 9999).
fn any_message(descriptor: &MessageDescriptor) -> BoxedStrategy<DynamicMessage> {
    let descriptor = descriptor.clone();
    let fields: Vec<FieldDescriptor> = descriptor.fields().collect();
    let values: Vec<BoxedStrategy<Option<Field>>> =
        fields.iter().map(|field| prop::option::weighted(0.8, any_field(field)).boxed()).collect();
    values
        .prop_map(move |values| {
            let mut message = DynamicMessage::new(descriptor.clone());
            for (field, value) in fields.iter().zip(values) {
                if let Some(value) = value {
                    message.set_field(field, value);
                }
            }
            message
        })
        .boxed()
}

fn any_field(field: &FieldDescriptor) -> BoxedStrategy<Field> {
    if field.is_list() {
        return prop::collection::vec(any_single(field), 0..3).prop_map(Field::List).boxed();
    }
    any_single(field)
}

fn any_single(field: &FieldDescriptor) -> BoxedStrategy<Field> {
    match field.kind() {
        Kind::Message(descriptor) => any_message(&descriptor).prop_map(Field::Message).boxed(),
        Kind::Enum(descriptor) => {
            let numbers: Vec<i32> = enum_values(&descriptor).map(|(_, number)| number).collect();
            prop::sample::select(numbers).prop_map(Field::EnumNumber).boxed()
        }
        Kind::Bool => any::<bool>().prop_map(Field::Bool).boxed(),
        Kind::String => "\\PC{0,12}".prop_map(Field::String).boxed(),
        Kind::Bytes if id_prefix(field).is_some() => {
            any::<[u8; 16]>().prop_map(|id| Field::Bytes(id.to_vec().into())).boxed()
        }
        Kind::Bytes => {
            prop::collection::vec(any::<u8>(), 0..40).prop_map(|b| Field::Bytes(b.into())).boxed()
        }
        Kind::Sint32 if is_date(field) => (-719_528..=2_932_896).prop_map(Field::I32).boxed(),
        Kind::Sint32 | Kind::Int32 => any::<i32>().prop_map(Field::I32).boxed(),
        Kind::Uint32 => any::<u32>().prop_map(Field::U32).boxed(),
        Kind::Uint64 => prop_oneof![any::<u64>(), 0..1_000_000u64].prop_map(Field::U64).boxed(),
        other => panic!("{} is of kind {other:?}, which no proto has used", field.full_name()),
    }
}

/// The types that are said and shown: every command, every event, every reply.
fn types() -> Vec<&'static str> {
    let specs = areas::command_specs().chain(areas::event_specs());
    let others = ["granary.statement.v1.Batch", "granary.statement.v1.Reply"];
    specs.map(|spec| spec.name).chain(others).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn what_was_written_reads_back_as_it_was_and_has_one_form(
        messages in types().into_iter().map(|name| any_message(&of_type(name))).collect::<Vec<_>>()
    ) {
        for message in messages {
            let json = write(&message);
            let text = json.to_string();
            let parsed: Value = serde_json::from_str(&text).expect("JSON");
            let read = read(&message.descriptor(), &parsed).expect("reads back");
            prop_assert_eq!(read.encode_to_vec(), message.encode_to_vec(), "{}", text);
            prop_assert_eq!(write(&read), json);
        }
    }
}
