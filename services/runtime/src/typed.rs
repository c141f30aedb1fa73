//! Typed calls: the node builds and signs the statement for a party whose service key it keeps, and sends it
//! the same way as everybody's.

use std::sync::Arc;

use granary_proto::statement::v1 as pb;
use prost::{Message, Name};
use tonic::{Response, Status};

use crate::{
    door::{Call, Door, Entered},
    queries::Freshness,
    reply,
    signer::Signed,
    status::BadRequest,
    supervise::Stop,
};

/// What each service's handlers are made of: a chain's door and its latest checkpoint.
#[derive(Clone)]
pub struct Service {
    /// The door.
    pub door: Door,
    /// Proofs of what was appended.
    pub proofs: Arc<crate::proofs::Proofs>,
    /// Told when the node stops: a stream that would go on for ever ends then.
    pub stop: Stop,
}

impl Service {
    /// Says a command in the name of the call's party.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` with every violation, or what the door says.
    pub async fn say<C: Message + Name>(
        &self,
        call: Option<pb::Call>,
        command: Option<C>,
    ) -> Result<Response<pb::Reply>, Status> {
        let (bytes, call) = self.sign(call, command, BadRequest::default())?;
        self.send(bytes, call.validate_only, call.proof).await.map(Response::new)
    }

    /// Says a command as one of a stream; [`Service::outcome`] waits for what becomes of it.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` with every violation, or what the door says.
    pub fn enter<C: Message + Name>(
        &self,
        call: Option<pb::Call>,
        command: C,
    ) -> Result<Entered, Status> {
        let mut bad = BadRequest::default();
        if call.as_ref().is_some_and(|call| call.validate_only || call.proof) {
            bad.push("call", "of a stream can neither only be validated nor have a proof");
        }
        let (bytes, _) = self.sign(call, Some(command), bad)?;
        Ok(self.door.enter(bytes)?)
    }

    /// What became of a command of a stream.
    ///
    /// # Errors
    ///
    /// What the door says.
    pub async fn outcome(&self, entered: &mut Entered) -> Result<pb::Reply, Status> {
        let answer = entered.outcome().await?;
        Ok(reply::reply(self.door.origin(), entered.command_id(), &answer))
    }

    /// The statement of a call, signed with the service key that the node keeps for its party.
    fn sign<C: Message + Name>(
        &self,
        call: Option<pb::Call>,
        command: Option<C>,
        mut bad: BadRequest,
    ) -> Result<(Vec<u8>, pb::Call), Status> {
        let parsed = parse_call(call, &mut bad);
        if command.is_none() {
            bad.push("command", "is required");
        }
        let (Some((party, command_id, call)), Some(command), true) =
            (parsed, command, bad.is_empty())
        else {
            return Err(bad.into());
        };
        let body = command.encode_to_vec();
        let call_of = Call { party, command_id, type_name: C::full_name(), body };
        Ok((self.door.sign_call(call_of)?, call))
    }

    /// Sends a finished statement.
    ///
    /// # Errors
    ///
    /// What the door says.
    pub async fn send(
        &self,
        bytes: Vec<u8>,
        validate_only: bool,
        proof: bool,
    ) -> Result<pb::Reply, Status> {
        let command_id = command_id_of(&bytes);
        if validate_only {
            let answer = self.door.validate(bytes)?;
            return Ok(reply::reply(self.door.origin(), command_id, &answer));
        }
        let answer = self.door.submit(bytes).await?;
        let mut reply = reply::reply(self.door.origin(), command_id, &answer);
        if proof {
            reply.proof = Some(self.proofs.of(answer.index).await?);
        }
        Ok(reply)
    }

    /// Waits until a read may be made.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the wait is over without success.
    pub async fn fresh(&self, freshness: Option<pb::Freshness>) -> Result<(), Status> {
        let Some(freshness) = freshness else { return Ok(()) };
        let freshness =
            Freshness { min_index: freshness.min_index, linearizable: freshness.linearizable };
        Ok(self.door.fresh(freshness).await?)
    }
}

type ParsedCall = ([u8; 16], Option<[u8; 16]>, pb::Call);

fn parse_call(call: Option<pb::Call>, bad: &mut BadRequest) -> Option<ParsedCall> {
    let Some(call) = call else {
        bad.push("call", "is required: it names the party");
        return None;
    };
    let party = bad.take("call.party", parse_id(&call.party, "pt"));
    let command_id = match &call.command_id {
        Some(id) => bad.take("call.command_id", parse_id(id, "cm")).map(Some),
        None => Some(None),
    };
    Some((party?, command_id?, call))
}

/// The 16 bytes of an identifier's text form.
///
/// # Errors
///
/// What an identifier of that kind looks like.
pub fn parse_id(text: &str, prefix: &str) -> Result<[u8; 16], String> {
    let wanted = || format!("must be {prefix}_ and 32 lower-case hex digits");
    let digits = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_'));
    let digits = digits.filter(|digits| !digits.bytes().any(|b| b.is_ascii_uppercase()));
    let mut id = [0; 16];
    hex::decode_to_slice(digits.ok_or_else(wanted)?, &mut id).map_err(|_| wanted())?;
    Ok(id)
}

/// The command id inside a statement's bytes; zeros when they are none.
pub fn command_id_of(bytes: &[u8]) -> [u8; 16] {
    granary_log::statement::Statement::decode(bytes).map_or([0; 16], |s| s.command_id)
}

/// What is known of the newest checkpoint.
pub type LatestCheckpoint = tokio::sync::watch::Receiver<Option<Signed>>;

/// Implements a gRPC service: `write` methods say a command in the name of the call's party, `read` methods
/// wait for the freshness asked for and call the function of the same name, which is to be in scope, with the
/// queries; `collect` methods give a stream of requests to the function of the same name.
#[macro_export]
macro_rules! service {
    (
        impl $service:ident for $type:ty {
            $( write $write:ident($write_request:ty); )*
            $( read $read:ident($read_request:ty) -> $answer:ty; )*
            $( collect $collect:ident($part:ty) -> $summary:ty; )*
        }
    ) => {
        #[tonic::async_trait]
        impl $service for $type {
            $(
                async fn $write(
                    &self,
                    request: tonic::Request<$write_request>,
                ) -> Result<tonic::Response<$crate::typed::Reply>, tonic::Status> {
                    let request = request.into_inner();
                    self.0.say(request.call, request.command).await
                }
            )*
            $(
                async fn $read(
                    &self,
                    request: tonic::Request<$read_request>,
                ) -> Result<tonic::Response<$answer>, tonic::Status> {
                    let request = request.into_inner();
                    self.0.fresh(request.freshness).await?;
                    $read(self.0.door.queries(), &request).map(tonic::Response::new)
                }
            )*
            $(
                async fn $collect(
                    &self,
                    request: tonic::Request<tonic::Streaming<$part>>,
                ) -> Result<tonic::Response<$summary>, tonic::Status> {
                    $collect(&self.0, request.into_inner()).await.map(tonic::Response::new)
                }
            )*
        }
    };
}

/// What every write answers.
pub use pb::Reply;
