//! Step 4: a command id counts once, within its principal (access.md section 3.4).

use granary_log::{hash::Hash, statement::Statement};
use serde::{Deserialize, Serialize};

use crate::{
    registry,
    state::{Table, View},
    vocabulary::{CommandId, Id, Time},
};

/// A command id that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Digest of the signed bytes: what makes two statements the same.
    pub digest: [u8; 32],
    /// The entry that decided it.
    pub index: u64,
}

/// Ids seen, by principal and command id; kept until the statement's own expiry.
const COMMANDS: Table<([u8; 16], CommandId), Seen> = Table::new(registry::COMMANDS);
/// The same by expiry, for pruning.
const BY_EXPIRY: Table<(Time, [u8; 16], CommandId), ()> = Table::new(registry::COMMANDS_BY_EXPIRY);

/// Pruning looks for expired ids at every index that is a multiple of this: a look costs as much as several
/// reads (a tenth of the apply thread's time when each entry looked).
pub(super) const PRUNED_EVERY: u64 = 16;
/// Most ids pruned at once: more than the entries in between add, so the table follows the traffic.
const PRUNED_MAX: usize = 64;

/// What was said before under a statement's id.
pub(super) enum Before {
    /// Nothing.
    Never,
    /// The same, decided at an index.
    Same(u64),
    /// Something else, decided at an index.
    Other(u64),
}

/// What is known of a command id, until it is pruned.
pub fn seen(view: &View<'_>, principal: [u8; 16], command_id: [u8; 16]) -> Option<Seen> {
    COMMANDS.get(view, &(principal, CommandId::from_bytes(command_id)))
}

pub(super) fn look_up(view: &View<'_>, statement: &Statement, digest: Hash) -> Before {
    match seen(view, statement.principal, statement.command_id) {
        None => Before::Never,
        Some(seen) if seen.digest == digest.0 => Before::Same(seen.index),
        Some(seen) => Before::Other(seen.index),
    }
}

/// Principal and command id: what counts once.
type Once = ([u8; 16], CommandId);
/// The same by expiry, which is when it may be forgotten.
type ByExpiry = (Time, [u8; 16], CommandId);

fn keys(statement: &Statement) -> (Once, ByExpiry) {
    let command_id = CommandId::from_bytes(statement.command_id);
    let expiry = Time::from_ms(statement.expires_at_ms);
    ((statement.principal, command_id), (expiry, statement.principal, command_id))
}

pub(super) fn take(view: &mut View<'_>, statement: &Statement, digest: Hash, index: u64) {
    let (key, by_expiry) = keys(statement);
    COMMANDS.put(view, &key, &Seen { digest: digest.0, index });
    BY_EXPIRY.put(view, &by_expiry, &());
}

/// Takes back what [`take`] did at this very entry.
pub(super) fn forget(view: &mut View<'_>, statement: &Statement, digest: Hash, index: u64) {
    let (key, by_expiry) = keys(statement);
    if COMMANDS.get(view, &key) == Some(Seen { digest: digest.0, index }) {
        COMMANDS.delete(view, &key);
        BY_EXPIRY.delete(view, &by_expiry);
    }
}

/// Forgets, at some entries, ids whose statements have expired: from then on they are refused as expired.
pub(super) fn prune(view: &mut View<'_>, index: u64, book_time: Time) {
    if !index.is_multiple_of(PRUNED_EVERY) {
        return;
    }
    for (key, ()) in BY_EXPIRY.scan(view, &(), None, PRUNED_MAX) {
        if key.0 >= book_time {
            return;
        }
        BY_EXPIRY.delete(view, &key);
        COMMANDS.delete(view, &(key.1, key.2));
    }
}
