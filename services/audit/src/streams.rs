//! Entries, one after another.

use std::{collections::BTreeSet, pin::Pin};

use granary_proto::audit::v1 as pb;
use granary_runtime::{door::Failure, status, typed::Service};
use tokio::sync::mpsc;
use tokio_stream::{Stream, wrappers::ReceiverStream};
use tonic::Status;

use crate::convert;

/// Entries read ahead of a caller that takes its time: at most some 4 MiB.
const AHEAD_MAX: usize = 32;

/// A stream of entries.
pub(crate) type Entries = Pin<Box<dyn Stream<Item = Result<pb::Entry, Status>> + Send>>;

type Sink = mpsc::Sender<Result<pb::Entry, Status>>;

/// Entries from one index to another.
///
/// # Errors
///
/// `NOT_FOUND` when there is no such entry yet.
pub(crate) fn range(
    service: Service,
    request: pb::StreamEntriesRequest,
) -> Result<Entries, Status> {
    let pb::StreamEntriesRequest { from_index, to_index } = request;
    // Of the log itself: what was acknowledged is in it, whether or not the queries have come so far.
    let newest = service.door.queries().entries().size().checked_sub(1);
    let to_index = to_index.or(newest).unwrap_or_default();
    let last = from_index.max(to_index);
    if newest.is_none_or(|newest| last > newest) {
        return Err(status::not_found("entry", &last.to_string()));
    }
    let (sink, entries) = mpsc::channel(AHEAD_MAX);
    // Reading blocks on the disk.
    tokio::task::spawn_blocking(move || {
        for index in from_index..=to_index {
            if sink.blocking_send(read(&service, index)).is_err() {
                return;
            }
        }
    });
    Ok(Box::pin(ReceiverStream::new(entries)))
}

/// Entries as they are made, until the caller goes or the node stops.
///
/// # Errors
///
/// `INVALID_ARGUMENT` when the first one lies beyond the next.
pub(crate) fn watch(service: Service, request: pb::WatchRequest) -> Result<Entries, Status> {
    let pb::WatchRequest { from_index, event_types } = request;
    let next = service.door.queries().entries().size();
    let from_index = from_index.unwrap_or(next);
    if from_index > next {
        return Err(Status::invalid_argument(format!(
            "from_index: {from_index} lies beyond the next entry, {next}"
        )));
    }
    let (sink, entries) = mpsc::channel(AHEAD_MAX);
    tokio::spawn(follow(service, from_index, event_types.into_iter().collect(), sink));
    Ok(Box::pin(ReceiverStream::new(entries)))
}

async fn follow(service: Service, from_index: u64, types: BTreeSet<String>, sink: Sink) {
    for index in from_index.. {
        let waited = tokio::select! {
            waited = service.door.queries().wait_for(index.saturating_add(1)) => waited,
            () = service.stop.requested() => Err(Failure::Stopped("it was asked to".to_owned())),
            () = sink.closed() => return,
        };
        let reader = service.clone();
        let entry = match waited {
            Ok(()) => tokio::task::spawn_blocking(move || read(&reader, index)).await,
            Err(stopped) => Ok(Err(stopped.into())),
        };
        let entry = entry.unwrap_or_else(|_| Err(Status::unavailable("the node is stopping")));
        let is_last = entry.is_err();
        if entry.as_ref().is_ok_and(|entry| !is_wanted(entry, &types)) {
            continue;
        }
        if sink.send(entry).await.is_err() || is_last {
            return;
        }
    }
}

fn read(service: &Service, index: u64) -> Result<pb::Entry, Status> {
    let bytes = service.door.queries().entries().bytes(index);
    let bytes = bytes.ok_or_else(|| status::not_found("entry", &index.to_string()))?;
    convert::entry(service.door.origin(), index, bytes)
}

/// Whether an entry has an event of one of the types; none named: always.
fn is_wanted(entry: &pb::Entry, types: &BTreeSet<String>) -> bool {
    use granary_proto::statement::v1::reply::Outcome;
    if types.is_empty() {
        return true;
    }
    let accepted = match entry.reply.as_ref().and_then(|reply| reply.outcome.as_ref()) {
        Some(Outcome::Accepted(accepted)) => accepted.items.as_slice(),
        _ => &[],
    };
    let events = accepted.iter().flat_map(|item| &item.events).chain(&entry.clock_events);
    events.into_iter().any(|event| types.contains(&event.type_name))
}
