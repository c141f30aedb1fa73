//! From an entry to its bytes, with one allocation.

use super::{
    CLOCK_EVENTS_MAX, ENTRY_MAX, EncodeError, Entry, EventBytes, FACTS_MAX, HEADER_LEN,
    ItemOutcome, OWN_MAX, Outcome, QUOTA_EXCEEDED, Recorded, RefusalBytes, TooLong, UNREADABLE,
};
use crate::codec::{len16, put_vec8, put_vec16};
use crate::statement::{Envelope, Form};

pub(super) const MAGIC: &[u8; 4] = b"GRNE";
/// The version of the format that this build writes.
pub const VERSION: u8 = 1;

pub(super) const ACCEPTED: u8 = 1;
pub(super) const REFUSED: u8 = 2;
pub(super) const DUPLICATE: u8 = 3;
pub(super) const SKIPPED: u8 = 4;

pub(super) const ITEM_EVENTS: u8 = 1;
pub(super) const ITEM_REFUSED: u8 = 2;

/// Length of a record's length and SHA-256.
const DIGEST_LEN: usize = 36;

pub(super) fn entry(entry: &Entry) -> Result<Vec<u8>, EncodeError> {
    check_statement(&entry.statement, &entry.result.outcome)?;
    let statement_len = recorded_len(&entry.statement);
    let clock_len = entry.result.clock_len();
    let own_len = outcome_len(&entry.result.outcome);
    check_sizes(HEADER_LEN + statement_len + own_len, clock_len)?;

    let mut out = Vec::with_capacity(HEADER_LEN + statement_len + clock_len + own_len);
    out.extend_from_slice(MAGIC);
    out.push(VERSION);
    out.push(match entry.result.outcome {
        Outcome::Accepted(_) => ACCEPTED,
        Outcome::Refused { .. } => REFUSED,
        Outcome::Duplicate { .. } => DUPLICATE,
        Outcome::Skipped(_) => SKIPPED,
    });
    out.extend_from_slice(&entry.index.to_be_bytes());
    out.extend_from_slice(&entry.prev_leaf_hash.0);
    out.extend_from_slice(&entry.time_ms.to_be_bytes());
    out.extend_from_slice(&entry.rules.to_be_bytes());
    out.extend_from_slice(&entry.epoch.to_be_bytes());
    out.extend_from_slice(&entry.offset.to_be_bytes());
    put_len16(&mut out, statement_len, "the statement")?;
    match &entry.statement {
        Recorded::Full(bytes) | Recorded::OverQuota(bytes) => out.extend_from_slice(bytes),
        Recorded::Digest { len, sha256 } => {
            out.extend_from_slice(&len.to_be_bytes());
            out.extend_from_slice(&sha256.0);
        }
    }
    put_len16(&mut out, clock_len + own_len, "the result")?;
    put_events(&mut out, &entry.result.clock_events)?;
    put_outcome(&mut out, &entry.result.outcome)?;
    Ok(out)
}

/// Length of events with their count, in bytes.
pub(super) fn events_len(events: &[EventBytes]) -> usize {
    2 + events.iter().map(EventBytes::encoded_len).sum::<usize>()
}

/// Length of the statement's own result, in bytes.
pub(super) fn outcome_len(outcome: &Outcome) -> usize {
    let refusal_len = |refusal: &RefusalBytes| 2 + 2 + refusal.facts.len();
    match outcome {
        Outcome::Accepted(items) => {
            let item_len = |item: &ItemOutcome| match item {
                ItemOutcome::Events(events) => 1 + events_len(events),
                ItemOutcome::Refused(refusal) => 1 + refusal_len(refusal),
            };
            2 + items.iter().map(item_len).sum::<usize>()
        }
        Outcome::Refused { item: _, refusal } => 2 + refusal_len(refusal),
        Outcome::Duplicate { .. } => 8,
        Outcome::Skipped(_) => 2,
    }
}

pub(super) fn check_sizes(own_len: usize, clock_len: usize) -> Result<(), TooLong> {
    for (field, len, max) in [
        ("header, statement and own result", own_len, OWN_MAX),
        ("the clock events", clock_len, CLOCK_EVENTS_MAX),
        ("the entry", own_len + clock_len, ENTRY_MAX),
    ] {
        if len > max {
            return Err(TooLong { field, len, max });
        }
    }
    Ok(())
}

/// Whether an accepted outcome has an accepted item.
pub(super) fn accepts_something(items: &[ItemOutcome]) -> bool {
    items.iter().any(|item| matches!(item, ItemOutcome::Events(_)))
}

/// The outcome decides which form of the statement is kept, and that form must be readable.
fn check_statement(recorded: &Recorded, outcome: &Outcome) -> Result<(), EncodeError> {
    match (outcome, recorded) {
        (Outcome::Accepted(items), _) if !accepts_something(items) => {
            Err(EncodeError::NothingAccepted)
        }
        (Outcome::Accepted(_) | Outcome::Refused { .. }, Recorded::Full(bytes)) => {
            Envelope::read(bytes, Form::Statement)?;
            Ok(())
        }
        (Outcome::Skipped(QUOTA_EXCEEDED), Recorded::OverQuota(bytes)) => {
            Envelope::read(bytes, Form::OverQuota)?;
            Ok(())
        }
        (Outcome::Duplicate { .. } | Outcome::Skipped(UNREADABLE), Recorded::Digest { .. }) => {
            Ok(())
        }
        (
            Outcome::Accepted(_)
            | Outcome::Refused { .. }
            | Outcome::Duplicate { .. }
            | Outcome::Skipped(_),
            Recorded::Full(_) | Recorded::OverQuota(_) | Recorded::Digest { .. },
        ) => Err(EncodeError::FormOfStatement),
    }
}

fn recorded_len(recorded: &Recorded) -> usize {
    match recorded {
        Recorded::Full(bytes) | Recorded::OverQuota(bytes) => bytes.len(),
        Recorded::Digest { .. } => DIGEST_LEN,
    }
}

fn put_len16(out: &mut Vec<u8>, len: usize, field: &'static str) -> Result<(), TooLong> {
    out.extend_from_slice(&len16(len, field)?.to_be_bytes());
    Ok(())
}

fn put_events(out: &mut Vec<u8>, events: &[EventBytes]) -> Result<(), TooLong> {
    put_len16(out, events.len(), "the list of events")?;
    for event in events {
        put_vec8(out, event.type_name.as_bytes(), "an event's type")?;
        put_vec16(out, &event.body, "an event")?;
    }
    Ok(())
}

fn put_outcome(out: &mut Vec<u8>, outcome: &Outcome) -> Result<(), TooLong> {
    match outcome {
        Outcome::Accepted(items) => {
            put_len16(out, items.len(), "the list of items")?;
            for item in items {
                match item {
                    ItemOutcome::Events(events) => {
                        out.push(ITEM_EVENTS);
                        put_events(out, events)?;
                    }
                    ItemOutcome::Refused(refusal) => {
                        out.push(ITEM_REFUSED);
                        put_refusal(out, refusal)?;
                    }
                }
            }
        }
        Outcome::Refused { item, refusal } => {
            out.extend_from_slice(&item.to_be_bytes());
            put_refusal(out, refusal)?;
        }
        Outcome::Duplicate { first_index } => out.extend_from_slice(&first_index.to_be_bytes()),
        Outcome::Skipped(code) => out.extend_from_slice(&code.to_be_bytes()),
    }
    Ok(())
}

fn put_refusal(out: &mut Vec<u8>, refusal: &RefusalBytes) -> Result<(), TooLong> {
    if refusal.facts.len() > FACTS_MAX {
        let field = "the facts of a refusal";
        return Err(TooLong { field, len: refusal.facts.len(), max: FACTS_MAX });
    }
    out.extend_from_slice(&refusal.code.to_be_bytes());
    put_vec16(out, &refusal.facts, "the facts of a refusal")
}
