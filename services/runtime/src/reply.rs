//! Answers as they go over the wire.

use granary_book::{
    refusal::{Code, Facts},
    wire::Message as _,
};
use granary_log::entry::{EventBytes, ITEM_STATEMENT, ItemOutcome, Outcome, RefusalBytes};
use granary_proto::{refusal::v1 as refusal_pb, statement::v1 as pb};
use granary_words::Language;
use prost::Message as _;

use crate::answer::Answer;

/// An answer with what only the door knows.
pub fn reply(chain: &str, command_id: [u8; 16], answer: &Answer) -> pb::Reply {
    pb::Reply {
        chain: chain.to_owned(),
        index: answer.index,
        leaf_hash: answer.leaf_hash.0.to_vec().into(),
        time_ms: answer.time_ms,
        outcome: Some(outcome(&answer.result.outcome)),
        proof: None,
        command_id: command_id.to_vec().into(),
    }
}

fn outcome(outcome: &Outcome) -> pb::reply::Outcome {
    match outcome {
        Outcome::Accepted(items) => {
            pb::reply::Outcome::Accepted(pb::Accepted { items: items.iter().map(item).collect() })
        }
        Outcome::Refused { item, refusal: bytes } => pb::reply::Outcome::Refused(pb::Refused {
            item: (*item != ITEM_STATEMENT).then_some(u32::from(*item)),
            refusal: Some(refusal(bytes)),
        }),
        Outcome::Duplicate { first_index } => {
            pb::reply::Outcome::Duplicate(pb::Duplicate { first_index: *first_index })
        }
        Outcome::Skipped(code) => {
            pb::reply::Outcome::Skipped(pb::Skipped { code: u32::from(*code) })
        }
    }
}

fn item(item: &ItemOutcome) -> pb::ItemOutcome {
    match item {
        ItemOutcome::Events(events) => {
            pb::ItemOutcome { events: events.iter().map(event).collect(), refusal: None }
        }
        ItemOutcome::Refused(bytes) => {
            pb::ItemOutcome { events: Vec::new(), refusal: Some(refusal(bytes)) }
        }
    }
}

/// An event as it stands in its entry.
pub fn event(event: &EventBytes) -> pb::Event {
    pb::Event { type_name: event.type_name.clone(), body: event.body.clone().into() }
}

/// A refusal with its name and its sentence.
pub fn refusal(bytes: &RefusalBytes) -> pb::Refusal {
    let code = Code::from_number(bytes.code);
    let message = match (code, Facts::decode(&bytes.facts)) {
        (Some(code), Ok(facts)) => granary_words::refusal(code, &facts, Language::English),
        _ => String::new(),
    };
    pb::Refusal {
        code: u32::from(bytes.code),
        name: code.map_or("UNKNOWN", Code::name).to_owned(),
        message,
        facts: refusal_pb::Facts::decode(bytes.facts.as_slice()).ok(),
    }
}
