//! Many documents through one stream: in order, many in flight.

use granary_proto::{
    chain::v1::AdvanceClock,
    statement::v1::{
        Reply, SubmitRequest, SubmitStreamResponse,
        statement_service_client::StatementServiceClient,
        submit_stream_response::Result as Outcome,
    },
};
use prost::Name;
use tokio::{
    runtime::Handle,
    sync::{mpsc, watch},
};
use tokio_stream::wrappers::ReceiverStream;

use super::{
    one::{self, Sender, Sent},
    source::{Numbered, told},
};
use crate::{
    client,
    output::{self, Form},
    reply,
    report::Answer,
    signing::{ChainNow, Signers},
};

/// Statements signed ahead of those sent. The node bounds what is in flight.
const AHEAD_MAX: usize = 64;

/// How many documents came to what.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Tally {
    yes: usize,
    no: usize,
    undecided: usize,
}

/// Signs and sends all documents, and prints what came of each, in their order.
pub(super) async fn send(
    sender: Sender,
    documents: impl Iterator<Item = Numbered> + Send + 'static,
) -> anyhow::Result<Answer> {
    let Sender { channel, chain, signers, form } = sender;
    let mut client =
        StatementServiceClient::new(channel.clone()).max_decoding_message_size(client::ANSWER_MAX);
    let (requests, outgoing) = mpsc::channel(AHEAD_MAX);
    let (sent, mut numbers) = mpsc::unbounded_channel();
    let (answered, seen) = watch::channel(0);
    let producer = Producer { channel, chain, signers, requests, sent, seen, malformed: 0 };
    let produced = tokio::task::spawn_blocking(move || producer.run(documents));

    let told = |status: tonic::Status| client::told(&status, "the stream ended early");
    let stream = client.submit_stream(ReceiverStream::new(outgoing)).await;
    let mut answers = stream.map_err(told)?.into_inner();
    let mut tally = Tally::default();
    while let Some(SubmitStreamResponse { result, .. }) = answers.message().await.map_err(told)? {
        // It was told before its statement was sent.
        let Some(document) = numbers.recv().await else { break };
        take(form, document, result, &mut tally)?;
        answered.send_modify(|count| *count += 1);
    }
    drop(answered);
    let malformed = produced.await??;
    summary(tally, malformed)?;
    let all_yes = tally.no + tally.undecided + malformed == 0;
    Ok(if all_yes { Answer::Yes } else { Answer::No })
}

fn take(
    form: Form,
    document: Sent,
    result: Option<Outcome>,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let outcome: Result<Reply, String> = match result {
        Some(Outcome::Reply(reply)) => Ok(reply),
        Some(Outcome::Failure(failure)) => Err(format!("{} ({})", failure.message, failure.reason)),
        None => Err("the node's answer is of a kind that this version doesn't know".to_owned()),
    };
    match outcome.as_ref().map(reply::answer) {
        Ok(Answer::Yes) => tally.yes += 1,
        Ok(Answer::No) => tally.no += 1,
        Err(_) => tally.undecided += 1,
    }
    one::print(form, document, &outcome.as_ref().map_err(Clone::clone))
}

fn summary(tally: Tally, malformed: usize) -> anyhow::Result<()> {
    let Tally { yes, no, undecided } = tally;
    let mut parts = vec![format!("{yes} accepted")];
    for (count, what) in [(no, "refused"), (undecided, "not decided"), (malformed, "malformed")] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    Ok(output::note(&parts.join(", "))?)
}

/// Reads, signs and hands over; on a thread of its own, because reading blocks.
struct Producer {
    channel: tonic::transport::Channel,
    chain: ChainNow,
    signers: Signers,
    requests: mpsc::Sender<SubmitRequest>,
    /// Each document on its way.
    sent: mpsc::UnboundedSender<Sent>,
    /// How many have been answered.
    seen: watch::Receiver<u64>,
    malformed: usize,
}

impl Producer {
    /// How many documents were malformed.
    fn run(mut self, documents: impl Iterator<Item = Numbered>) -> anyhow::Result<usize> {
        let mut sent_count = 0;
        for Numbered { number, document } in documents {
            let document = match document {
                Ok(document) => document,
                Err(malformed) => {
                    output::note(&told(number, &malformed))?;
                    self.malformed += 1;
                    continue;
                }
            };
            let signed = self.signers.sign(&document, &self.chain)?;
            let moves_clock = signed.type_name == AdvanceClock::full_name();
            let document = Sent { number, is_batch: signed.is_batch() };
            let statement = signed.bytes.into();
            let request = SubmitRequest { statement, ..SubmitRequest::default() };
            // Both are gone when the stream has ended, and the other side tells why.
            if self.sent.send(document).is_err() || self.requests.blocking_send(request).is_err() {
                break;
            }
            sent_count += 1;
            if moves_clock && !self.wait_for_the_clock(sent_count)? {
                break;
            }
        }
        Ok(self.malformed)
    }

    /// What is signed next carries the time that a simulated clock was moved to. False when the stream has
    /// ended meanwhile.
    fn wait_for_the_clock(&mut self, sent_count: u64) -> anyhow::Result<bool> {
        let handle = Handle::current();
        if handle.block_on(self.seen.wait_for(|seen| *seen >= sent_count)).is_err() {
            return Ok(false);
        }
        self.chain = handle.block_on(ChainNow::ask(&self.channel))?;
        Ok(true)
    }
}
