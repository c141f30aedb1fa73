//! What became of a statement, as far as an import counts it.

use granary_book::{prices::PriceQuarantined, refusal::Code, wire::Message};
use granary_proto::statement::v1::{self as pb, reply::Outcome};
use serde::{Deserialize, Serialize};

/// What became of one command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ItemVerdict {
    /// It happened.
    Accepted,
    /// A price that waits for a second person.
    Quarantined,
    /// The rules said no.
    Refused {
        /// Name of the refusal.
        name: String,
        /// In words.
        message: String,
    },
}

/// What became of a statement: a verdict for each command, or one for all when nothing was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Decided {
    /// The entry.
    pub(crate) index: u64,
    /// The verdicts.
    pub(crate) items: Vec<ItemVerdict>,
}

impl Decided {
    /// The verdict on one of `rows` rows, each a command of the statement or all of them together one row.
    pub(crate) fn of_row(&self, row: usize, rows: usize) -> ItemVerdict {
        let refused = self.items.iter().find(|item| matches!(item, ItemVerdict::Refused { .. }));
        if rows == self.items.len() {
            return self.items[row].clone();
        }
        match refused {
            Some(ItemVerdict::Refused { name, message }) if rows > 1 => ItemVerdict::Refused {
                name: name.clone(),
                message: format!(
                    "refused with all {rows} rows sent together, the first since: {message}"
                ),
            },
            Some(refused) => refused.clone(),
            None => ItemVerdict::Accepted,
        }
    }
}

/// What a reply says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// It was decided, in a new entry.
    Decided(Decided),
    /// It was decided earlier; the node knows how.
    Before,
    /// Not because of what it says, but of who said it how and when: nothing a row can help.
    Unsound { name: String, message: String },
    /// No outcome that there is.
    Nothing,
}

/// Reads a reply.
pub(crate) fn said(reply: &pb::Reply) -> Said {
    match &reply.outcome {
        Some(Outcome::Accepted(accepted)) => Said::Decided(Decided {
            index: reply.index,
            items: accepted.items.iter().map(item).collect(),
        }),
        Some(Outcome::Refused(pb::Refused { refusal: Some(refusal), .. })) => {
            refused(reply.index, refusal)
        }
        Some(Outcome::Duplicate(_)) => Said::Before,
        Some(Outcome::Skipped(pb::Skipped { code })) => {
            let message = "more was refused today than the party may leave on the chain";
            Said::Unsound { name: format!("SKIPPED_{code}"), message: message.to_owned() }
        }
        Some(Outcome::Refused(_)) | None => Said::Nothing,
    }
}

/// Below this number a refusal is about the statement and not about the trade.
const FIRST_OF_THE_TRADE: u32 = 100;

fn refused(index: u64, refusal: &pb::Refusal) -> Said {
    if refusal.code == u32::from(Code::IdReused.number()) {
        return Said::Before;
    }
    let (name, message) = (refusal.name.clone(), refusal.message.clone());
    if refusal.code < FIRST_OF_THE_TRADE {
        return Said::Unsound { name, message };
    }
    Said::Decided(Decided { index, items: vec![ItemVerdict::Refused { name, message }] })
}

fn item(outcome: &pb::ItemOutcome) -> ItemVerdict {
    if let Some(refusal) = &outcome.refusal {
        let (name, message) = (refusal.name.clone(), refusal.message.clone());
        return ItemVerdict::Refused { name, message };
    }
    let quarantined = outcome.events.iter().any(|e| e.type_name == PriceQuarantined::NAME);
    if quarantined { ItemVerdict::Quarantined } else { ItemVerdict::Accepted }
}
