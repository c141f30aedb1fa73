//! Talking to a node.

use std::{future::Future, time::Duration};

use anyhow::Context as _;
use granary_proto::statement::v1::Freshness;
use prost_reflect::{DynamicMessage, MethodDescriptor};
use tonic::{
    Code, Status,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    transport::{Channel, Endpoint},
};
use tonic_types::StatusExt;

use crate::report::Failure;

/// Reads that hold everything that was accepted before them: what somebody at a terminal expects.
pub(crate) const NOW: Freshness = Freshness { min_index: None, linearizable: true };

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Largest answer taken, in bytes: a full page of large objects.
pub(crate) const ANSWER_MAX: usize = 16 << 20;

/// Which node to talk to.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct NodeArgs {
    /// The node to talk to
    #[arg(
        long,
        value_name = "URL",
        env = "GRANARY_NODE",
        default_value = "http://127.0.0.1:7400",
        help_heading = "Node"
    )]
    node: String,
}

impl NodeArgs {
    /// Connects.
    pub(crate) async fn connect(&self) -> anyhow::Result<Channel> {
        let address = &self.node;
        if address.starts_with("https://") {
            let to_do = "use http:// to a node on this machine, or a tunnel to one elsewhere";
            return Err(Failure::new("TLS to a node is not built yet", to_do).into());
        }
        let endpoint = Endpoint::from_shared(address.clone()).map_err(|error| {
            let what = format!("`{address}` is not the address of a node");
            Failure::new(what, "write it like http://127.0.0.1:7400").because(error)
        })?;
        let connected = endpoint.connect_timeout(CONNECT_TIMEOUT).connect().await;
        connected.map_err(|error| {
            let what = format!("can't reach the node at {address}");
            let to_do =
                "start it (granary node --dir DIR), or name another with --node or GRANARY_NODE";
            Failure::new(what, to_do).because(error).into()
        })
    }
}

/// Runs what waits for a node or a signal.
pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("can't start the threads that talk to the node")?.block_on(work)
}

/// Calls a method by its descriptor.
pub(crate) async fn call(
    channel: &Channel,
    method: &MethodDescriptor,
    request: DynamicMessage,
) -> Result<DynamicMessage, Status> {
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    let path = path.try_into().map_err(|_| Status::internal("not a method's path"))?;
    let mut client =
        tonic::client::Grpc::new(channel.clone()).max_decoding_message_size(ANSWER_MAX);
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let answered = client.unary(tonic::Request::new(request), path, ByDescriptor(method.clone()));
    Ok(answered.await?.into_inner())
}

/// Messages of a method, known by its descriptor alone.
struct ByDescriptor(MethodDescriptor);

impl Codec for ByDescriptor {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self(self.0.clone())
    }

    fn decoder(&mut self) -> Self {
        Self(self.0.clone())
    }
}

impl Encoder for ByDescriptor {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(&mut self, message: DynamicMessage, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        prost::Message::encode(&message, out).map_err(|error| Status::internal(error.to_string()))
    }
}

impl Decoder for ByDescriptor {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, bytes: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        DynamicMessage::decode(self.0.output(), bytes)
            .map(Some)
            .map_err(|error| Status::internal(error.to_string()))
    }
}

/// What a node's error means to the person at the terminal.
pub(crate) fn told(status: &Status, what: impl Into<String>) -> anyhow::Error {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.clone()).unwrap_or_default();
    let mut why = match details.bad_request() {
        Some(bad) => bad
            .field_violations
            .iter()
            .map(|violation| format!("{}: {}", violation.field, violation.description))
            .collect::<Vec<_>>()
            .join("\n"),
        None => status.message().to_owned(),
    };
    if why.is_empty() {
        why = format!("the node answered {:?}", status.code());
    }
    let command_id = details.error_info().and_then(|info| info.metadata.get("command_id"));
    Failure::new(what, to_do(status.code(), &reason, command_id))
        .because(anyhow::anyhow!(why))
        .into()
}

fn to_do(code: Code, reason: &str, command_id: Option<&String>) -> String {
    match (code, reason) {
        (_, "OUTCOME_UNKNOWN") => {
            let id = command_id.map_or("CM_ID", String::as_str);
            format!("ask later: granary get statement PARTY {id}; sending the same again is safe")
        }
        (_, "KEY_UNKNOWN") => {
            "have the registrar register the key (granary key show prints what is needed)"
                .to_owned()
        }
        (_, "EXPIRED") => "sign and send it anew".to_owned(),
        (_, "OTHER_CHAIN") => "send it to a node of the chain that it names".to_owned(),
        (Code::InvalidArgument, _) => "mend what is named and try again".to_owned(),
        (Code::Unimplemented, _) => {
            "ask a node that offers this service (granary node --services)".to_owned()
        }
        (Code::ResourceExhausted, _) => "wait a moment and try again".to_owned(),
        (Code::Unavailable, _) => {
            "see whether the node is running and well, and try again".to_owned()
        }
        (Code::Unauthenticated | Code::PermissionDenied, _) => {
            "use a key or a party that may do this (granary help commands)".to_owned()
        }
        _ => "try again; if it stays so, look into the node's log".to_owned(),
    }
}
