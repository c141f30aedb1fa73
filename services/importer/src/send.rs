//! Brings statements to the node, many in flight, each decided once.
//!
//! Before a statement leaves, its bytes are in the journal. One that the journal knows as decided isn't sent;
//! one that it knows as sent is sent again as it was, which the node answers with the entry that decided it;
//! once its life is over the node is asked what became of it, and only when nothing did is it signed anew.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use granary_book::vocabulary::{CommandId, Id, PartyId};
use granary_log::{signature::SigningKey, statement::Statement};
use granary_proto::statement::v1::{
    self as pb, get_statement_response::Knowledge,
    statement_service_client::StatementServiceClient, submit_stream_response,
};
use tokio::{sync::mpsc, task::JoinSet};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Streaming, transport::Channel};

use crate::{
    Node,
    error::ImportError,
    journal::{Journal, Known},
    outcome::{Decided, Said, said},
    plan::Planned,
    records::SetAside,
};

/// Statements in flight: enough that the node is never idle, few enough that what a kill leaves undecided
/// is answered in a moment.
const IN_FLIGHT_MAX: usize = 256;

/// How long a statement may be accepted, from its signing: far beyond what one waits in the node's queue, and
/// within the window of every sensible profile.
const LIFE_MS: u64 = 120_000;

/// Questions about statements that are asked at once.
const QUESTIONS_MAX: usize = 64;

/// How often a statement is asked about or sent again before the import gives up.
const PATIENCE: u32 = 25;

/// How long it waits in between.
const PAUSE: Duration = Duration::from_millis(200);

/// The next thing of an import.
#[derive(Debug)]
pub(crate) enum Step {
    /// A statement to be sent.
    Say(Planned),
    /// A row that isn't sent.
    SetAside(SetAside),
}

/// What an import hears.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A statement was decided; `now` says that it was in this run.
    Decided { said: Planned, decided: Decided, now: bool },
    /// A row isn't sent.
    SetAside(SetAside),
}

/// What is done about a statement that isn't in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// It was never sent.
    None,
    /// It may have been, by a run whose journal is lost. Statements are sent in one order and taken in it: the
    /// first of which the node knows nothing is where that run ended.
    UntilUnknown,
}

struct Waiting {
    said: Planned,
    bytes: Vec<u8>,
}

/// Sends statements to one node.
pub(crate) struct Sender<'n> {
    node: &'n Node,
    client: StatementServiceClient<Channel>,
    journal: Journal,
}

impl<'n> Sender<'n> {
    pub(crate) fn new(node: &'n Node, journal: Journal) -> Self {
        let client = StatementServiceClient::new(node.channel.clone());
        Self { node, client, journal }
    }

    /// Says everything, and tells what is heard: of each statement once.
    pub(crate) async fn run(
        &mut self,
        steps: &mut dyn Iterator<Item = Result<Step, ImportError>>,
        mut doubt: Doubt,
        hear: &mut dyn FnMut(Heard) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let (requests, outgoing) = mpsc::channel(IN_FLIGHT_MAX);
        let stream = self.client.submit_stream(ReceiverStream::new(outgoing)).await?;
        let mut answers = stream.into_inner();
        let mut in_flight = VecDeque::new();
        let mut exhausted = false;
        loop {
            while !exhausted && in_flight.len() < IN_FLIGHT_MAX {
                match steps.next().transpose()? {
                    None => exhausted = true,
                    Some(Step::SetAside(row)) => hear(Heard::SetAside(row))?,
                    Some(Step::Say(said)) => match self.known(&said, &mut doubt).await? {
                        Fate::Decided(decided) => {
                            hear(Heard::Decided { said, decided, now: false })?;
                        }
                        Fate::Send(bytes) => {
                            // When the stream is gone, its answers say why.
                            exhausted = requests.send(request(&bytes)).await.is_err();
                            in_flight.push_back(Waiting { said, bytes });
                        }
                    },
                }
            }
            let Some(waiting) = in_flight.pop_front() else { break };
            let (said, decided, now) = self.answered(&mut answers, waiting).await?;
            self.journal.decided(said.command_id, &decided)?;
            hear(Heard::Decided { said, decided, now })?;
        }
        Ok(self.journal.sync()?)
    }

    /// What the node and the journal know of statements that may have been said by any import, many asked at
    /// once: those that are decided, and the others.
    pub(crate) async fn look_up(
        &self,
        statements: Vec<Planned>,
    ) -> Result<(Vec<(Planned, Decided)>, Vec<Planned>), ImportError> {
        let (mut decided, mut open) = (Vec::new(), Vec::new());
        for some in statements.chunks(QUESTIONS_MAX) {
            let mut questions = JoinSet::new();
            for (n, said) in some.iter().enumerate() {
                let (client, question) = (self.client.clone(), question(said));
                questions.spawn(async move { (n, ask(client, question).await) });
            }
            let mut answers = vec![None; some.len()];
            while let Some(answered) = questions.join_next().await {
                let (n, answer) =
                    answered.map_err(|_| ImportError::Nonsense("a question was broken off"))?;
                answers[n] = answer?;
            }
            for (said, answer) in some.iter().cloned().zip(answers) {
                match answer {
                    Some(outcome) => decided.push((said, outcome)),
                    None => open.push(said),
                }
            }
        }
        Ok((decided, open))
    }

    async fn known(&mut self, said: &Planned, doubt: &mut Doubt) -> Result<Fate, ImportError> {
        let now_ms = self.node.now_ms();
        match self.journal.known(&said.command_id) {
            Some(Known::Decided(decided)) => return Ok(Fate::Decided(decided.clone())),
            Some(Known::Sent { expires_at_ms, bytes })
                if *expires_at_ms > now_ms && is_signed_by(bytes, &said.keys) =>
            {
                return Ok(Fate::Send(bytes.clone()));
            }
            // Its life is over, it was signed with other keys, or nothing is known of it: ask before it is
            // signed anew.
            Some(Known::Sent { .. }) => {}
            None if *doubt == Doubt::None => return self.signed(said, now_ms).map(Fate::Send),
            None => {}
        }
        let unknown = self.journal.known(&said.command_id).is_none();
        match ask(self.client.clone(), question(said)).await? {
            Some(decided) => {
                self.journal.decided(said.command_id, &decided)?;
                Ok(Fate::Decided(decided))
            }
            None => {
                if unknown {
                    *doubt = Doubt::None;
                }
                self.signed(said, now_ms).map(Fate::Send)
            }
        }
    }

    /// The statement's bytes, in the journal before they leave.
    fn signed(&mut self, said: &Planned, now_ms: u64) -> Result<Vec<u8>, ImportError> {
        let mut statement = Statement {
            origin: self.node.origin.clone(),
            principal: said.principal,
            command_id: said.command_id,
            signed_at_ms: now_ms,
            expires_at_ms: now_ms.saturating_add(LIFE_MS),
            type_name: said.type_name.to_owned(),
            body: said.body.clone(),
            signatures: Vec::new(),
        };
        for key in &said.keys {
            statement.sign_with(key)?;
        }
        let bytes = statement.encode()?;
        self.journal.sent(said.command_id, statement.expires_at_ms, &bytes)?;
        Ok(bytes)
    }

    /// The answer to the oldest statement in flight.
    async fn answered(
        &mut self,
        answers: &mut Streaming<pb::SubmitStreamResponse>,
        waiting: Waiting,
    ) -> Result<(Planned, Decided, bool), ImportError> {
        let Waiting { said: planned, bytes } = waiting;
        let answer = answers.message().await?;
        let result = answer.and_then(|answer| answer.result);
        let mut result =
            result.ok_or(ImportError::Nonsense("the stream ended before its last answer"))?;
        for _ in 0..PATIENCE {
            match result {
                submit_stream_response::Result::Reply(reply) => match said(&reply) {
                    Said::Decided(decided) => return Ok((planned, decided, true)),
                    Said::Before => {
                        let known = ask(self.client.clone(), question(&planned)).await?;
                        return Ok((planned, known.ok_or(ImportError::Unknown)?, false));
                    }
                    Said::Unsound { name, message } => {
                        return Err(ImportError::NotHeard { name, message });
                    }
                    Said::Nothing => return Err(ImportError::Nonsense("a reply without outcome")),
                },
                submit_stream_response::Result::Failure(failure) => {
                    result = self.again(failure, &bytes).await?;
                }
            }
        }
        Err(ImportError::Unknown)
    }

    /// Sends a statement again whose fate a pause may mend: the queue was full, or the wait too short. The
    /// same bytes are decided once.
    async fn again(
        &mut self,
        failure: pb::Failure,
        bytes: &[u8],
    ) -> Result<submit_stream_response::Result, ImportError> {
        let pb::Failure { reason, message, .. } = failure;
        if !matches!(reason.as_str(), "QUEUE_FULL" | "OUTCOME_UNKNOWN") {
            return Err(ImportError::NotTaken { reason, message });
        }
        tokio::time::sleep(PAUSE).await;
        match self.client.submit(request(bytes)).await {
            Ok(reply) => Ok(submit_stream_response::Result::Reply(reply.into_inner())),
            Err(status) if is_passing(status.code()) => {
                Ok(submit_stream_response::Result::Failure(pb::Failure {
                    reason,
                    message,
                    status: 0,
                }))
            }
            Err(status) => Err(status.into()),
        }
    }
}

/// Whether these keys signed a statement, and no others.
fn is_signed_by(bytes: &[u8], keys: &[Arc<SigningKey>]) -> bool {
    let ids = || -> BTreeSet<[u8; 32]> {
        keys.iter().map(|key| key.verifying_key().to_bytes()).collect()
    };
    Statement::decode(bytes).is_ok_and(|statement| {
        statement.signatures.iter().map(|by| by.key_id).collect::<BTreeSet<_>>() == ids()
    })
}

/// Whether a statement may get through later, or has.
fn is_passing(code: tonic::Code) -> bool {
    matches!(code, tonic::Code::ResourceExhausted | tonic::Code::DeadlineExceeded)
}

enum Fate {
    Decided(Decided),
    Send(Vec<u8>),
}

fn request(bytes: &[u8]) -> pb::SubmitRequest {
    pb::SubmitRequest { statement: bytes.to_vec().into(), ..pb::SubmitRequest::default() }
}

fn question(said: &Planned) -> pb::GetStatementRequest {
    pb::GetStatementRequest {
        principal: PartyId::from_bytes(said.principal).to_string(),
        command_id: CommandId::from_bytes(said.command_id).to_string(),
        expires_at_ms: None,
    }
}

/// What became of a statement, as of everything that the node had taken when it was asked; none when nothing
/// did. Under one command id at most one statement is ever accepted, so signing it anew is safe even then.
async fn ask(
    mut client: StatementServiceClient<Channel>,
    question: pb::GetStatementRequest,
) -> Result<Option<Decided>, ImportError> {
    let answer = client.get_statement(question).await?.into_inner();
    if answer.knowledge() != Knowledge::Found {
        return Ok(None);
    }
    let reply = answer.reply.ok_or(ImportError::Nonsense("a statement found without its reply"))?;
    match said(&reply) {
        Said::Decided(decided) => Ok(Some(decided)),
        // Such refusals leave the id free: the statement may be said again.
        Said::Unsound { .. } => Ok(None),
        Said::Before | Said::Nothing => {
            Err(ImportError::Nonsense("a statement found without outcome"))
        }
    }
}
