//! Entries of the log as they go over the wire.

use granary_log::{
    entry::{Entry, Recorded},
    hash::leaf_hash,
    statement::Statement,
};
use granary_proto::audit::v1 as pb;
use granary_runtime::{answer::Answer, reply};
use tonic::Status;

/// An entry with what it says.
///
/// # Errors
///
/// `DATA_LOSS` when the bytes are no entry, which no log that verifies has.
pub(crate) fn entry(origin: &str, index: u64, bytes: Vec<u8>) -> Result<pb::Entry, Status> {
    let lost = |error: &dyn std::fmt::Display| {
        Status::data_loss(format!("entry {index} can't be read: {error}; run granary fsck"))
    };
    let entry = Entry::decode(&bytes).map_err(|error| lost(&error))?;
    let leaf_hash = leaf_hash(&bytes);
    let recorded = match &entry.statement {
        Recorded::Full(statement) => {
            Some(Statement::decode(statement).map_err(|error| lost(&error))?)
        }
        Recorded::Digest { .. } | Recorded::OverQuota(_) => None,
    };
    let command_id = recorded.as_ref().map_or([0; 16], |statement| statement.command_id);
    let prev_leaf_hash = entry.prev_leaf_hash.0.to_vec().into();
    let (time_ms, level) = (entry.time_ms, entry.rules);
    let clock_events = entry.result.clock_events.iter().map(reply::event).collect();
    let answer = Answer::of(entry, leaf_hash);
    Ok(pb::Entry {
        index,
        bytes: bytes.into(),
        leaf_hash: leaf_hash.0.to_vec().into(),
        prev_leaf_hash,
        time_ms,
        level,
        statement: recorded.map(statement),
        clock_events,
        reply: Some(reply::reply(origin, command_id, &answer)),
    })
}

fn statement(statement: Statement) -> pb::Statement {
    // Genesis is said by nobody: 16 zero bytes.
    let is_nobody = statement.principal == [0; 16];
    let principal = if is_nobody { Vec::new() } else { statement.principal.to_vec() };
    pb::Statement {
        principal: principal.into(),
        command_id: statement.command_id.to_vec().into(),
        signed_at_ms: statement.signed_at_ms,
        expires_at_ms: statement.expires_at_ms,
        type_name: statement.type_name,
        body: statement.body.into(),
        keys: statement.signatures.iter().map(|s| s.key_id.to_vec().into()).collect(),
    }
}
