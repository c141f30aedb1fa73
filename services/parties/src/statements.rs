//! `granary.statement.v1.StatementService`: for anybody with a key.

use std::{collections::VecDeque, pin::Pin, sync::Arc};

use granary_book::vocabulary::{CommandId, Id, PartyId};
use granary_proto::statement::v1::{
    self as pb, get_statement_response::Knowledge, statement_service_server::StatementService,
    submit_stream_response,
};
use granary_runtime::{
    answer::Answer,
    door::{Entered, Failure},
    queries::Freshness,
    reply,
    status::{self, BadRequest},
    typed::{Service, command_id_of, parse_id},
};
use tokio::sync::mpsc;
use tokio_stream::{Stream, StreamExt, wrappers::ReceiverStream};
use tonic::{Request, Response, Status, Streaming};

/// Statements of one stream that may be in flight; more wait in the stream's own window.
const IN_FLIGHT_MAX: usize = 1_024;

/// The face.
#[derive(Clone)]
pub struct Statements(pub Service);

#[tonic::async_trait]
impl StatementService for Statements {
    async fn submit(
        &self,
        request: Request<pb::SubmitRequest>,
    ) -> Result<Response<pb::Reply>, Status> {
        let pb::SubmitRequest { statement, proof, validate_only } = request.into_inner();
        self.0.send(statement.into(), validate_only, proof).await.map(Response::new)
    }

    type SubmitStreamStream =
        Pin<Box<dyn Stream<Item = Result<pb::SubmitStreamResponse, Status>> + Send>>;

    async fn submit_stream(
        &self,
        request: Request<Streaming<pb::SubmitRequest>>,
    ) -> Result<Response<Self::SubmitStreamStream>, Status> {
        let (answers, outgoing) = mpsc::channel(IN_FLIGHT_MAX);
        tokio::spawn(run_stream(self.0.clone(), request.into_inner(), answers));
        Ok(Response::new(Box::pin(ReceiverStream::new(outgoing))))
    }

    async fn get_statement(
        &self,
        request: Request<pb::GetStatementRequest>,
    ) -> Result<Response<pb::GetStatementResponse>, Status> {
        let request = request.into_inner();
        let mut bad = BadRequest::default();
        let principal = if request.principal.is_empty() {
            Some([0; 16])
        } else {
            bad.take("principal", parse_id(&request.principal, PartyId::PREFIX))
        };
        let id = bad.take("command_id", parse_id(&request.command_id, CommandId::PREFIX));
        let (Some(principal), Some(id)) = (principal, id) else { return Err(bad.into()) };
        self.knowledge(principal, id, request.expires_at_ms).await.map(Response::new)
    }
}

impl Statements {
    /// FOUND from what has been applied; else NEVER, and that only when a linearizable read shows the chain's
    /// time past the expiry; else PENDING_UNKNOWN.
    async fn knowledge(
        &self,
        principal: [u8; 16],
        command_id: [u8; 16],
        expires_at_ms: Option<u64>,
    ) -> Result<pb::GetStatementResponse, Status> {
        let door = &self.0.door;
        if let Some(found) = self.found(principal, command_id) {
            return Ok(found);
        }
        door.fresh(Freshness { min_index: None, linearizable: true }).await?;
        if let Some(found) = self.found(principal, command_id) {
            return Ok(found);
        }
        let head = door.queries().snapshot().head();
        let is_past = expires_at_ms.is_some_and(|expiry| head.time_ms > expiry);
        let knowledge = if is_past { Knowledge::Never } else { Knowledge::PendingUnknown };
        Ok(pb::GetStatementResponse {
            knowledge: knowledge.into(),
            reply: None,
            as_of_index: head.size.saturating_sub(1),
        })
    }

    fn found(&self, principal: [u8; 16], id: [u8; 16]) -> Option<pb::GetStatementResponse> {
        let queries = self.0.door.queries();
        let answer = queries.answer_at(queries.decided(principal, id)?.index)?;
        Some(pb::GetStatementResponse {
            knowledge: Knowledge::Found.into(),
            reply: Some(reply::reply(self.0.door.origin(), id, &answer)),
            as_of_index: queries.snapshot().as_of_index(),
        })
    }
}

type Answers = mpsc::Sender<Result<pb::SubmitStreamResponse, Status>>;

/// A statement of a stream on its way.
struct OnItsWay {
    state: Result<State, Failure>,
    proof: bool,
}

enum State {
    /// Appended, or decided before.
    Entered(Entered),
    /// Decided, with nothing appended.
    Tried { command_id: [u8; 16], answer: Arc<Answer> },
}

impl OnItsWay {
    fn begin(service: &Service, request: pb::SubmitRequest) -> Self {
        let pb::SubmitRequest { statement, proof, validate_only } = request;
        let state = if validate_only {
            let command_id = command_id_of(&statement);
            let answer = service.door.validate(statement.into());
            answer.map(|answer| State::Tried { command_id, answer: Arc::new(answer) })
        } else {
            service.door.enter(statement.into()).map(State::Entered)
        };
        Self { state, proof: proof && !validate_only }
    }

    /// What it comes to. This wait may be dropped and begun again.
    async fn result(&mut self, service: &Service) -> submit_stream_response::Result {
        let (command_id, answer) = match &mut self.state {
            Ok(State::Entered(entered)) => match entered.outcome().await {
                Ok(answer) => (entered.command_id(), answer),
                Err(failure) => return failed(&failure),
            },
            Ok(State::Tried { command_id, answer }) => (*command_id, Arc::clone(answer)),
            Err(failure) => return failed(failure),
        };
        let mut reply = reply::reply(service.door.origin(), command_id, &answer);
        if self.proof {
            // Without one in time the answer stands, and the proof can be asked for later.
            reply.proof = service.proofs.of(answer.index).await.ok();
        }
        submit_stream_response::Result::Reply(reply)
    }
}

/// Statements of a stream on their way, oldest first.
type InFlight = VecDeque<OnItsWay>;

/// Takes statements in their order, many in flight, and answers in the same order. A statement that fails at
/// the door is answered as such, and the stream goes on. When the node stops, what was taken is answered.
async fn run_stream(
    service: Service,
    mut incoming: Streaming<pb::SubmitRequest>,
    answers: Answers,
) {
    let mut in_flight = InFlight::new();
    let mut sequence = 0;
    let mut is_open = true;
    while is_open || !in_flight.is_empty() {
        let may_take = is_open && in_flight.len() < IN_FLIGHT_MAX;
        tokio::select! {
            biased;
            () = service.stop.requested(), if is_open => is_open = false,
            next = incoming.next(), if may_take => match next {
                Some(Ok(request)) => in_flight.push_back(OnItsWay::begin(&service, request)),
                Some(Err(status)) => {
                    // The caller is gone or broke the protocol; whoever still listens is told.
                    let _ = answers.send(Err(status)).await;
                    return;
                }
                None => is_open = false,
            },
            result = first_result(&service, &mut in_flight), if !in_flight.is_empty() => {
                in_flight.pop_front();
                let answer = pb::SubmitStreamResponse { sequence, result: Some(result) };
                sequence += 1;
                if answers.send(Ok(answer)).await.is_err() {
                    return;
                }
            }
        }
    }
    if service.stop.is_requested() {
        let stopping =
            Status::unavailable("the node is stopping; send what was not answered again");
        let _ = answers.send(Err(stopping)).await;
    }
}

/// What the oldest statement in flight comes to.
async fn first_result(
    service: &Service,
    in_flight: &mut InFlight,
) -> submit_stream_response::Result {
    match in_flight.front_mut() {
        Some(first) => first.result(service).await,
        // Polled only while something is in flight.
        None => std::future::pending().await,
    }
}

fn failed(failure: &Failure) -> submit_stream_response::Result {
    let (code, reason) = status::reason(failure);
    submit_stream_response::Result::Failure(pb::Failure {
        status: u32::try_from(i32::from(code)).unwrap_or_default(),
        reason: reason.to_owned(),
        message: failure.to_string(),
    })
}
