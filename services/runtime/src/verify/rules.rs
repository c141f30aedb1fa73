//! The rules run again, and keys that counted.

use std::collections::HashMap;

use granary_book::{
    apply::replay,
    chain::{CHAIN, ClockKind},
    parties::{KeyRegistered, KeyRevoked},
    state::{Changes, View},
    vocabulary::Time,
    wire::Message,
};
use granary_log::{
    entry::{Entry, Outcome, Recorded},
    statement::Statement,
};

use super::report::{Checks, Found};
use crate::{apply::replay_genesis, state_root};

/// What is known of the chain by its entries so far.
pub(super) struct Rules {
    keys: Option<Keys>,
    replay: Option<Replay>,
    genesis: Option<Changes>,
}

impl Rules {
    pub(super) fn new(checks: Checks) -> Self {
        let keys = checks.signatures.then(Keys::default);
        let replay = checks.replay.then(|| Replay {
            state: Changes::new(),
            roots: state_root::Replayed::default(),
            previous: Time::EPOCH,
        });
        Self { keys, replay, genesis: None }
    }

    /// Follows the next entries, from position `first`; gives what is wrong with them.
    pub(super) fn follow(&mut self, first: u64, entries: &[Option<Entry>]) -> Vec<Found> {
        let mut wrong = Vec::new();
        for (index, entry) in (first..).zip(entries) {
            if index == 0 {
                let applied = entry.as_ref().and_then(|entry| replay_genesis(entry).ok());
                self.genesis = applied.map(|applied| applied.changes);
            }
            if let (Some(keys), Some(entry)) = (&mut self.keys, entry) {
                keys.follow(index, entry, &mut wrong);
            }
            if let Some(replay) = &mut self.replay {
                let what = match entry {
                    Some(entry) => replay.apply(entry),
                    None => Err("it can't be replayed, nor what follows it".to_owned()),
                };
                if let Err(what) = what {
                    wrong.push(Found::new(index, "result", what));
                    // What follows rests on what was refused: it can't be judged.
                    self.replay = None;
                }
            }
        }
        wrong
    }

    /// Whether the chain's clock is simulated.
    pub(super) fn is_simulated(&self) -> bool {
        let Some(genesis) = &self.genesis else { return false };
        CHAIN.get(&View::new(genesis), &()).is_some_and(|chain| chain.clock == ClockKind::Simulated)
    }
}

/// Every result computed again.
struct Replay {
    state: Changes,
    roots: state_root::Replayed,
    previous: Time,
}

impl Replay {
    fn apply(&mut self, entry: &Entry) -> Result<(), String> {
        let applied = if entry.index == 0 {
            replay_genesis(entry)?
        } else {
            replay(&self.state, self.previous, entry, false).map_err(|fault| fault.to_string())?
        };
        self.roots.entry(entry.index, &applied.changes, &applied.events)?;
        for (key, value) in applied.changes {
            match value {
                Some(value) => drop(self.state.insert(key, Some(value))),
                None => drop(self.state.remove(&key)),
            }
        }
        self.previous = Time::from_ms(entry.time_ms);
        Ok(())
    }
}

/// From which index a key counts, and to before which.
type Span = (u64, Option<u64>);

/// The keys that counted, by the registrations in the log itself: a signature can be right and its key none
/// that was registered, or one that was revoked. Whose key it must be is for the rules.
#[derive(Default)]
struct Keys(HashMap<(u32, [u8; 32]), Span>);

impl Keys {
    fn follow(&mut self, index: u64, entry: &Entry, wrong: &mut Vec<Found>) {
        for event in entry.events() {
            if event.type_name == KeyRegistered::NAME {
                // An event that can't be read changes nothing; a replay finds it.
                let Ok(event) = KeyRegistered::decode(&event.body) else { continue };
                self.0.insert((event.suite, event.key), (event.from_index, None));
            } else if event.type_name == KeyRevoked::NAME {
                let Ok(event) = KeyRevoked::decode(&event.body) else { continue };
                if let Some(span) = self.0.get_mut(&(event.suite, event.key)) {
                    span.1 = Some(event.to_index);
                }
            }
        }
        let Outcome::Accepted(_) = &entry.result.outcome else { return };
        let Recorded::Full(bytes) = &entry.statement else { return };
        let Ok(statement) = Statement::decode(bytes) else { return };
        for (number, signature) in statement.signatures.iter().enumerate() {
            let span = self.0.get(&(signature.suite.into(), signature.key_id));
            // A key signs its own registration, and counts from behind it.
            let counts =
                span.is_some_and(|(from, to)| *from <= index + 1 && to.is_none_or(|to| index < to));
            if !counts {
                let what = format!("the key of signature {number} does not count at this index");
                wrong.push(Found::new(index, "key-not-valid", what));
            }
        }
    }
}
