//! What a record of the ordering log is, before anything is decided about it.

use crate::barrier;
use crate::statement::{Statement, Unreadable};

/// A record as received from the ordering log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A statement for this chain: the book decides it.
    Statement(Statement),
    /// A barrier with its nonce: it makes no entry and moves no clock.
    Barrier([u8; 16]),
    /// Neither: it becomes a skipped entry, and the chain goes on.
    Unreadable(Unreadable),
}

/// Tells what `received` is on the chain named `origin`. The same for every node, whatever the
/// bytes; never panics.
pub fn classify(received: &[u8], origin: &str) -> Record {
    if let Some(nonce) = barrier::decode(received) {
        return Record::Barrier(nonce);
    }
    match Statement::decode(received) {
        Ok(statement) if statement.origin == origin => Record::Statement(statement),
        Ok(statement) => Record::Unreadable(Unreadable::OtherOrigin { found: statement.origin }),
        Err(unreadable) => Record::Unreadable(unreadable),
    }
}
