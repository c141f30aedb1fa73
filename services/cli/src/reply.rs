//! Outcomes, as they are told.

use granary_proto::statement::v1::{Refusal, Reply, reply::Outcome};

use crate::{
    output::{BAD, GOOD},
    report::Answer,
    show,
};

/// Whether an outcome is a yes: everything that was asked was accepted, now or before.
pub(crate) fn answer(reply: &Reply) -> Answer {
    match &reply.outcome {
        Some(Outcome::Accepted(accepted)) if accepted.items.iter().all(|i| i.refusal.is_none()) => {
            Answer::Yes
        }
        Some(Outcome::Duplicate(_)) => Answer::Yes,
        Some(Outcome::Accepted(_) | Outcome::Refused(_) | Outcome::Skipped(_)) | None => Answer::No,
    }
}

/// The outcome in one line. Which command was refused is told of a batch.
pub(crate) fn headline(reply: &Reply, is_batch: bool) -> String {
    let index = reply.index;
    match &reply.outcome {
        Some(Outcome::Accepted(accepted)) => {
            let refused = accepted.items.iter().filter(|item| item.refusal.is_some()).count();
            match refused {
                0 => format!("{GOOD}accepted{GOOD:#} in entry {index}"),
                some => format!(
                    "{GOOD}accepted{GOOD:#} in entry {index}, but {BAD}{some} of {} refused{BAD:#}",
                    accepted.items.len()
                ),
            }
        }
        Some(Outcome::Refused(refused)) => {
            let why = refused.refusal.as_ref().map(because).unwrap_or_default();
            match refused.item {
                Some(item) if is_batch => {
                    format!("{BAD}refused{BAD:#} in entry {index}, command {item}: {why}")
                }
                _ => format!("{BAD}refused{BAD:#} in entry {index}: {why}"),
            }
        }
        Some(Outcome::Duplicate(duplicate)) => {
            format!("said before: decided in entry {}", duplicate.first_index)
        }
        Some(Outcome::Skipped(skipped)) => {
            let why = match skipped.code {
                1 => "it could not be read",
                2 => "the party's quota of refused statements is used up",
                _ => "for a reason that this version doesn't know",
            };
            format!("{BAD}skipped{BAD:#} in entry {index}: {why}")
        }
        None => format!("{BAD}entry {index} has an outcome that this version doesn't know{BAD:#}"),
    }
}

fn because(refusal: &Refusal) -> String {
    format!("{} ({})", refusal.message, refusal.name)
}

/// What happened or why not, a line each: events with their fields, refusals with their facts.
pub(crate) fn details(reply: &Reply) -> Vec<String> {
    let Some(outcome) = &reply.outcome else { return Vec::new() };
    let mut lines = Vec::new();
    match outcome {
        Outcome::Accepted(accepted) => {
            for (n, item) in accepted.items.iter().enumerate() {
                lines.extend(item.events.iter().map(|event| show::phrase(&show::dynamic(event))));
                lines.extend(item.refusal.iter().map(|refusal| {
                    format!("command {n} {BAD}refused{BAD:#}: {}", because(refusal))
                }));
            }
        }
        Outcome::Refused(refused) => {
            let facts = refused.refusal.as_ref().and_then(|refusal| refusal.facts.as_ref());
            let facts = facts.map(|facts| show::fields(&show::dynamic(facts)));
            lines.extend(facts.into_iter().flatten().map(|(path, text)| format!("{path} {text}")));
        }
        Outcome::Duplicate(_) | Outcome::Skipped(_) => {}
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use granary_proto::{
        parties::v1::PartySuspended,
        statement::v1::{Accepted, Duplicate, Event, ItemOutcome, Refused, Skipped},
    };
    use prost::{Message, Name};

    fn reply(outcome: Outcome) -> Reply {
        Reply { index: 7, outcome: Some(outcome), ..Reply::default() }
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn an_outcome_is_told_with_what_happened() {
        let event = Event {
            type_name: PartySuspended::full_name(),
            body: PartySuspended { party: vec![1; 16].into() }.encode_to_vec().into(),
        };
        let refusal = Refusal {
            code: 5,
            name: "KEY_UNKNOWN".to_owned(),
            message: "A signing key is not registered".to_owned(),
            facts: None,
        };
        let happened = ItemOutcome { events: vec![event], refusal: None };
        let refused = ItemOutcome { events: Vec::new(), refusal: Some(refusal.clone()) };

        let whole = reply(Outcome::Accepted(Accepted { items: vec![happened.clone()] }));
        assert_eq!(
            (answer(&whole), plain(&headline(&whole, false)).as_str()),
            (Answer::Yes, "accepted in entry 7")
        );
        assert_eq!(details(&whole), [format!("PartySuspended: party pt_{}", "01".repeat(16))]);

        let partly = reply(Outcome::Accepted(Accepted { items: vec![happened, refused] }));
        assert_eq!(answer(&partly), Answer::No);
        assert_eq!(plain(&headline(&partly, true)), "accepted in entry 7, but 1 of 2 refused");

        let no = reply(Outcome::Refused(Refused { item: Some(3), refusal: Some(refusal) }));
        assert_eq!(answer(&no), Answer::No);
        for (is_batch, expected) in [
            (true, "refused in entry 7, command 3: A signing key is not registered (KEY_UNKNOWN)"),
            (false, "refused in entry 7: A signing key is not registered (KEY_UNKNOWN)"),
        ] {
            assert_eq!(plain(&headline(&no, is_batch)), expected);
        }

        assert_eq!(answer(&reply(Outcome::Duplicate(Duplicate { first_index: 2 }))), Answer::Yes);
        assert_eq!(answer(&reply(Outcome::Skipped(Skipped { code: 2 }))), Answer::No);
        assert_eq!(answer(&Reply::default()), Answer::No, "an outcome of a later version");
    }
}
