//! A stream of what happened on the way, and one answer for all of it.

use std::collections::VecDeque;

use granary_proto::{
    shipments::v1::{self as pb, not_accepted::Why, post_delivery_events_request::Event},
    statement::v1::{Failure, Reply, reply::Outcome},
};
use granary_runtime::{
    door::Entered,
    status::{self, BadRequest},
    typed::Service,
};
use tonic::{Status, Streaming};

/// Events of one stream that may be in flight; more wait in the stream's own window.
const IN_FLIGHT_MAX: usize = 256;

/// Most events told of one by one: whoever has more has something else to mend first.
pub(crate) const NOT_ACCEPTED_MAX: usize = 1_000;

/// Says the events of a stream in their order.
///
/// # Errors
///
/// The stream's own. What was entered before stands; with command ids all of it may be posted again.
pub(crate) async fn post_delivery_events(
    service: &Service,
    mut incoming: Streaming<pb::PostDeliveryEventsRequest>,
) -> Result<pb::PostDeliveryEventsResponse, Status> {
    let mut in_flight = VecDeque::new();
    let mut summary = Summary::default();
    while let Some(request) = incoming.message().await? {
        if in_flight.len() == IN_FLIGHT_MAX
            && let Some(oldest) = in_flight.pop_front()
        {
            summary.settle(result(service, oldest).await);
        }
        in_flight.push_back(enter(service, request));
    }
    for entered in in_flight {
        summary.settle(result(service, entered).await);
    }
    Ok(summary.0)
}

fn enter(service: &Service, request: pb::PostDeliveryEventsRequest) -> Result<Entered, Status> {
    let pb::PostDeliveryEventsRequest { call, event } = request;
    match event {
        Some(Event::Waypoint(command)) => service.enter(call, command),
        Some(Event::Handover(command)) => service.enter(call, command),
        Some(Event::Arrival(command)) => service.enter(call, command),
        Some(Event::Delivery(command)) => service.enter(call, command),
        None => {
            let mut bad = BadRequest::default();
            bad.push("event", "is required: waypoint, handover, arrival or delivery");
            Err(bad.into())
        }
    }
}

async fn result(service: &Service, entered: Result<Entered, Status>) -> Result<Reply, Failure> {
    let outcome = async { service.outcome(&mut entered?).await };
    outcome.await.map_err(|status| status::failure(&status))
}

/// What a stream has come to so far.
#[derive(Default)]
pub(crate) struct Summary(pub(crate) pb::PostDeliveryEventsResponse);

impl Summary {
    /// Counts the next event's result.
    pub(crate) fn settle(&mut self, result: Result<Reply, Failure>) {
        let sequence = self.0.received;
        self.0.received += 1;
        if let Ok(reply) = &result {
            self.0.last_index = self.0.last_index.max(Some(decided_at(reply)));
        }
        let why = match result {
            Ok(Reply { outcome: Some(Outcome::Accepted(_)), .. }) => {
                self.0.accepted += 1;
                return;
            }
            Ok(reply) => Why::Reply(reply),
            Err(failure) => Why::Failure(failure),
        };
        if self.0.not_accepted.len() < NOT_ACCEPTED_MAX {
            self.0.not_accepted.push(pb::NotAccepted { sequence, why: Some(why) });
        }
    }
}

/// The entry that decided an event: its own, or that of the first of which it is a duplicate.
fn decided_at(reply: &Reply) -> u64 {
    match &reply.outcome {
        Some(Outcome::Duplicate(duplicate)) => duplicate.first_index,
        Some(Outcome::Accepted(_) | Outcome::Refused(_) | Outcome::Skipped(_)) | None => {
            reply.index
        }
    }
}
