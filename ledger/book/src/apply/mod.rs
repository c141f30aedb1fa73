//! One statement, step by step (book.md section 1): the whole of what a node does with it, as a pure function.

mod batch;
mod claims;
mod clock;
mod once;
mod quota;
mod replay;
mod signers;
#[cfg(test)]
mod tests;

use granary_log::{
    entry::{self, Entry, EntryResult, EventBytes, ItemOutcome, Outcome, Recorded, RefusalBytes},
    hash::{Hash, sha256},
    signature::Verdict,
    statement::{OverQuota, Statement},
};

pub use batch::{Batch, BatchMode, Item};
pub use once::{Seen, seen};
pub use replay::{ReplayFault, replay};

use crate::{
    areas::{self, Event},
    at::Stamp,
    chain::{self, Chain, Clock},
    refusal::{Code, Refusal},
    state::{Base, BrokenHistory, Changes, View},
    vocabulary::Time,
};

/// Where and when an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Its index.
    pub index: u64,
    /// Log time of the entry before.
    pub previous: Time,
    /// Where its own time comes from.
    pub clock: Clock,
}

/// What was received, classified and with its signatures checked by the caller: both are pure functions of
/// the bytes and may run in parallel before this.
#[derive(Debug, Clone, Copy)]
pub enum Received<'r> {
    /// A statement of this chain.
    Statement {
        /// As decoded from the bytes received.
        statement: &'r Statement,
        /// One verdict for each signature.
        verdicts: &'r [Verdict],
    },
    /// Anything else.
    Unreadable,
    /// In a replay, what the entry keeps without its statement: a duplicate, an unreadable record, a refusal
    /// beyond the quota. Taken as recorded (format.md section 1, "Replay").
    AsRecorded(&'r Outcome),
}

/// How an entry keeps what was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    Whole,
    Digest,
    OverQuota,
}

/// What a statement came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The entry's log time.
    pub time: Time,
    /// Feature level that decided.
    pub level: u32,
    /// Clock events and outcome, as they stand in the entry.
    pub result: EntryResult,
    /// All events of the entry in their order, clock events first.
    pub events: Vec<Event>,
    /// What changed in the state.
    pub changes: Changes,
    keep: Keep,
}

/// Where an entry stands in the log: all of it besides statement and result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its index.
    pub index: u64,
    /// Leaf hash of the entry before.
    pub prev_leaf_hash: Hash,
    /// Epoch of the ordering log.
    pub epoch: u32,
    /// Offset in the ordering log.
    pub offset: u64,
}

impl Applied {
    /// The entry, keeping of `received` what its outcome asks for.
    ///
    /// # Errors
    ///
    /// `received` is not the statement that was applied.
    pub fn into_entry(self, place: Place, received: &[u8]) -> Result<Entry, BrokenHistory> {
        let statement = match self.keep {
            Keep::Whole => Recorded::Full(received.to_vec()),
            Keep::Digest => Recorded::Digest {
                len: u32::try_from(received.len()).unwrap_or(u32::MAX),
                sha256: sha256(received),
            },
            Keep::OverQuota => {
                let form = OverQuota::encode(received);
                Recorded::OverQuota(
                    form.map_err(|_| BrokenHistory("what was applied is not what was received"))?,
                )
            }
        };
        Ok(Entry {
            index: place.index,
            prev_leaf_hash: place.prev_leaf_hash,
            time_ms: self.time.ms(),
            rules: self.level,
            epoch: place.epoch,
            offset: place.offset,
            statement,
            result: self.result,
        })
    }
}

/// Applies what was received to the state beneath.
///
/// # Errors
///
/// [`BrokenHistory`]: the state contradicts itself. Nobody's statement does this; the node stops.
pub fn apply(
    base: &dyn Base,
    moment: &Moment,
    received: Received<'_>,
) -> Result<Applied, BrokenHistory> {
    let mut view = View::new(base);
    let applied = if moment.index == 0 {
        apply_genesis(&mut view, received)?
    } else {
        apply_next(&mut view, moment, received)?
    };
    match view.broken() {
        Some(broken) => Err(broken),
        None => Ok(Applied { changes: view.into_changes(), ..applied }),
    }
}

/// What deciding came to, before it is put into an entry's form.
enum Decided {
    /// With all events in their order, and as they stand in the entry, encoded once.
    Accepted {
        events: Vec<Event>,
        outcome: Outcome,
    },
    Refused {
        item: u16,
        refusal: Refusal,
    },
    Duplicate(u64),
    Skipped(u16),
}

impl Decided {
    fn accepted(items: Vec<Result<Vec<Event>, Refusal>>) -> Self {
        let outcomes = items.iter().map(|item| match item {
            Ok(events) => ItemOutcome::Events(event_bytes(events)),
            Err(refusal) => ItemOutcome::Refused(refusal_bytes(refusal)),
        });
        let outcome = Outcome::Accepted(outcomes.collect());
        Decided::Accepted { events: items.into_iter().flatten().flatten().collect(), outcome }
    }

    fn refused(refusal: impl Into<Refusal>) -> Self {
        Decided::Refused { item: entry::ITEM_STATEMENT, refusal: refusal.into() }
    }
}

fn apply_genesis(view: &mut View<'_>, received: Received<'_>) -> Result<Applied, BrokenHistory> {
    let Received::Statement { statement, verdicts } = received else {
        return Err(BrokenHistory("the first record is no statement"));
    };
    let events = chain::found(statement, verdicts)
        .map_err(|_| BrokenHistory("the first statement is no genesis"))?;
    let time = Time::from_ms(statement.signed_at_ms);
    evolve_all(view, &events, &Stamp { index: 0, time })?;
    let decided = Decided::accepted(vec![Ok(events)]);
    Ok(conclude(time, crate::LEVEL, Vec::new(), decided, Keep::Whole))
}

fn apply_next(
    view: &mut View<'_>,
    moment: &Moment,
    received: Received<'_>,
) -> Result<Applied, BrokenHistory> {
    let chain = chain::facts(view)?;
    let time = chain::log_time(&chain, moment.previous, moment.clock);
    let fired = clock::fire_due(view, moment.index, time)?;
    let stamp = Stamp { index: moment.index, time: fired.book_time };
    once::prune(view, moment.index, fired.book_time);

    let (decided, keep) = match received {
        Received::Unreadable => (Decided::Skipped(entry::UNREADABLE), Keep::Digest),
        Received::AsRecorded(outcome) => (as_recorded(outcome)?, Keep::Digest),
        Received::Statement { statement, verdicts } => {
            let moment = Deciding { chain: &chain, stamp, log_time: time, statement };
            decide_statement(view, &moment, verdicts)?
        }
    };
    Ok(conclude(time, chain.level, fired.events, decided, keep))
}

/// What all steps of deciding a statement look at.
struct Deciding<'d> {
    chain: &'d Chain,
    stamp: Stamp,
    log_time: Time,
    statement: &'d Statement,
}

fn decide_statement(
    view: &mut View<'_>,
    moment: &Deciding<'_>,
    verdicts: &[Verdict],
) -> Result<(Decided, Keep), BrokenHistory> {
    // Steps 2 and 3: form and signers. A refusal here takes neither the id nor the quota.
    let checked = batch::items_of(moment.statement)
        .and_then(|items| Ok((signers::check(view, moment, &items, verdicts)?, items)));
    let (signers, items) = match checked {
        Ok(checked) => checked,
        Err(refusal) => return Ok((Decided::refused(refusal), Keep::Whole)),
    };
    // Step 4: once.
    let digest = moment.statement.signed_digest();
    let decided = match once::look_up(view, moment.statement, digest) {
        once::Before::Same(index) => return Ok((Decided::Duplicate(index), Keep::Digest)),
        once::Before::Other(index) => Decided::refused(Refusal::new(Code::IdReused).index(index)),
        // Step 5: claims of time.
        once::Before::Never => match claims::check(view, moment) {
            Err(refusal) => Decided::refused(refusal),
            // Steps 6 to 8: authority, decide, evolve.
            Ok(()) => {
                once::take(view, moment.statement, digest, moment.stamp.index);
                batch::decide(view, moment, &items, &signers)?
            }
        },
    };
    if let Decided::Refused { .. } = decided
        && quota::is_exceeded(view, moment)
    {
        once::forget(view, moment.statement, digest, moment.stamp.index);
        return Ok((Decided::Skipped(entry::QUOTA_EXCEEDED), Keep::OverQuota));
    }
    Ok((decided, Keep::Whole))
}

fn as_recorded(outcome: &Outcome) -> Result<Decided, BrokenHistory> {
    match outcome {
        Outcome::Duplicate { first_index } => Ok(Decided::Duplicate(*first_index)),
        Outcome::Skipped(code) => Ok(Decided::Skipped(*code)),
        Outcome::Accepted(_) | Outcome::Refused { .. } => {
            Err(BrokenHistory("an entry keeps no statement for what it decided"))
        }
    }
}

fn evolve_all(view: &mut View<'_>, events: &[Event], stamp: &Stamp) -> Result<(), BrokenHistory> {
    events.iter().try_for_each(|event| areas::evolve(view, event, stamp))
}

fn event_bytes(events: &[Event]) -> Vec<EventBytes> {
    let bytes = |event: &Event| EventBytes {
        type_name: event.type_name().to_owned(),
        body: event.encode(),
    };
    events.iter().map(bytes).collect()
}

fn refusal_bytes(refusal: &Refusal) -> RefusalBytes {
    RefusalBytes { code: refusal.code.number(), facts: refusal.encode_facts() }
}

fn conclude(time: Time, level: u32, clock: Vec<Event>, decided: Decided, keep: Keep) -> Applied {
    let clock_events = event_bytes(&clock);
    let mut events = clock;
    let outcome = match decided {
        Decided::Accepted { events: own, outcome } => {
            events.extend(own);
            outcome
        }
        Decided::Refused { item, refusal } => {
            Outcome::Refused { item, refusal: refusal_bytes(&refusal) }
        }
        Decided::Duplicate(first_index) => Outcome::Duplicate { first_index },
        Decided::Skipped(code) => Outcome::Skipped(code),
    };
    let result = EntryResult { clock_events, outcome };
    Applied { time, level, result, events, changes: Changes::new(), keep }
}
