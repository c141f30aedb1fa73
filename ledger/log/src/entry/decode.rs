//! From bytes to an entry: one pass to the end, whoever made them.

use super::encode::{
    ACCEPTED, DUPLICATE, ITEM_EVENTS, ITEM_REFUSED, MAGIC, REFUSED, SKIPPED, VERSION,
    accepts_something, check_sizes,
};
use super::{
    Entry, EntryLink, EntryResult, EventBytes, FACTS_MAX, HEADER_LEN, ItemOutcome, MalformedEntry,
    Outcome, QUOTA_EXCEEDED, Recorded, RefusalBytes, TooLong, UNREADABLE,
};
use crate::codec::Reader;
use crate::hash::Hash;
use crate::statement::{Envelope, Form};

/// The fewest bytes that an event takes: what a count of events may claim is bounded by the rest.
const EVENT_LEN_MIN: usize = 3;

pub(super) fn entry(bytes: &[u8]) -> Result<Entry, MalformedEntry> {
    let (link, outcome, mut reader) = link(bytes)?;
    let rules = reader.u32("the level of the rules")?;
    let epoch = reader.u32("the epoch")?;
    let offset = reader.u64("the offset")?;
    let statement = reader.vec16("the statement")?;
    let mut result = Reader::new(reader.vec16("the result")?);
    reader.finish()?;

    let result_len = result.rest().len();
    let clock_events = events(&mut result)?;
    let own_result_len = result.rest().len();
    check_sizes(HEADER_LEN + statement.len() + own_result_len, result_len - own_result_len)?;
    let outcome = read_outcome(outcome, &mut result)?;
    result.finish()?;

    Ok(Entry {
        index: link.index,
        prev_leaf_hash: link.prev_leaf_hash,
        time_ms: link.time_ms,
        rules,
        epoch,
        offset,
        statement: recorded(&outcome, statement)?,
        result: EntryResult { clock_events, outcome },
    })
}

/// The entry's link and outcome byte, and a reader that stands behind them.
pub(super) fn link(bytes: &[u8]) -> Result<(EntryLink, u8, Reader<'_>), MalformedEntry> {
    let mut reader = Reader::new(bytes);
    if reader.array("the magic")? != MAGIC {
        return Err(MalformedEntry::Magic);
    }
    let found = reader.u8("the version")?;
    if found != VERSION {
        return Err(MalformedEntry::Version { found });
    }
    let outcome = reader.u8("the outcome")?;
    let link = EntryLink {
        index: reader.u64("the index")?,
        prev_leaf_hash: Hash(*reader.array("the hash of the entry before")?),
        time_ms: reader.u64("the time")?,
    };
    Ok((link, outcome, reader))
}

fn recorded(outcome: &Outcome, bytes: &[u8]) -> Result<Recorded, MalformedEntry> {
    match outcome {
        Outcome::Accepted(_) | Outcome::Refused { .. } => {
            Envelope::read(bytes, Form::Statement)?;
            Ok(Recorded::Full(bytes.to_vec()))
        }
        Outcome::Skipped(QUOTA_EXCEEDED) => {
            Envelope::read(bytes, Form::OverQuota)?;
            Ok(Recorded::OverQuota(bytes.to_vec()))
        }
        Outcome::Duplicate { .. } | Outcome::Skipped(_) => {
            let mut reader = Reader::new(bytes);
            let len = reader.u32("the record's length")?;
            let sha256 = Hash(*reader.array("the record's hash")?);
            reader.finish()?;
            Ok(Recorded::Digest { len, sha256 })
        }
    }
}

fn read_outcome(outcome: u8, reader: &mut Reader<'_>) -> Result<Outcome, MalformedEntry> {
    match outcome {
        ACCEPTED => {
            let items = items(reader)?;
            if !accepts_something(&items) {
                return Err(MalformedEntry::NothingAccepted);
            }
            Ok(Outcome::Accepted(items))
        }
        REFUSED => {
            let item = reader.u16("the refused item")?;
            Ok(Outcome::Refused { item, refusal: refusal(reader)? })
        }
        DUPLICATE => Ok(Outcome::Duplicate { first_index: reader.u64("the first index")? }),
        SKIPPED => match reader.u16("the skip's code")? {
            code @ (UNREADABLE | QUOTA_EXCEEDED) => Ok(Outcome::Skipped(code)),
            found => Err(MalformedEntry::Code { field: "reason to skip", found }),
        },
        found => Err(MalformedEntry::Code { field: "outcome", found: found.into() }),
    }
}

fn items(reader: &mut Reader<'_>) -> Result<Vec<ItemOutcome>, MalformedEntry> {
    let count = usize::from(reader.u16("the count of items")?);
    let mut items = Vec::with_capacity(count.min(reader.rest().len() / EVENT_LEN_MIN));
    for _ in 0..count {
        items.push(match reader.u8("an item's outcome")? {
            ITEM_EVENTS => ItemOutcome::Events(events(reader)?),
            ITEM_REFUSED => ItemOutcome::Refused(refusal(reader)?),
            found => {
                return Err(MalformedEntry::Code { field: "item's outcome", found: found.into() });
            }
        });
    }
    Ok(items)
}

fn events(reader: &mut Reader<'_>) -> Result<Vec<EventBytes>, MalformedEntry> {
    let count = usize::from(reader.u16("the count of events")?);
    let mut events = Vec::with_capacity(count.min(reader.rest().len() / EVENT_LEN_MIN));
    for _ in 0..count {
        events.push(EventBytes {
            type_name: reader.text8("an event's type")?.to_owned(),
            body: reader.vec16("an event")?.to_vec(),
        });
    }
    Ok(events)
}

fn refusal(reader: &mut Reader<'_>) -> Result<RefusalBytes, MalformedEntry> {
    let code = reader.u16("the refusal's code")?;
    let facts = reader.vec16("the facts of a refusal")?;
    if facts.len() > FACTS_MAX {
        let field = "the facts of a refusal";
        return Err(TooLong { field, len: facts.len(), max: FACTS_MAX }.into());
    }
    Ok(RefusalBytes { code, facts: facts.to_vec() })
}
