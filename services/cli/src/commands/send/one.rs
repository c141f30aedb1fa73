//! One document, or several tried one after the other.

use std::path::Path;

use granary_proto::statement::v1::{
    Reply, SubmitRequest, statement_service_client::StatementServiceClient,
};
use serde_json::json;
use tonic::transport::Channel;

use super::source::{Numbered, told};
use crate::{
    client,
    document::Document,
    json,
    output::{self, BAD, Form},
    proof, reply,
    report::{Answer, Failure, printable},
    show,
    signing::{ChainNow, Signed, Signers},
};

/// What is needed to send.
pub(crate) struct Sender {
    /// To the node.
    pub(crate) channel: Channel,
    /// The chain.
    pub(crate) chain: ChainNow,
    /// Who signs.
    pub(crate) signers: Signers,
    /// How outcomes are printed.
    pub(crate) form: Form,
}

impl Sender {
    /// Sends one document.
    pub(super) async fn send(
        mut self,
        numbered: Numbered,
        is_dry_run: bool,
        proof_file: Option<&Path>,
    ) -> anyhow::Result<Answer> {
        let document = numbered.document.map_err(|malformed| {
            let to_do = "mend what is named; granary help commands TYPE shows a command's fields";
            let why = anyhow::anyhow!(told(numbered.number, &malformed));
            Failure::new("the document is malformed; nothing was sent", to_do).because(why)
        })?;
        let signed = self.signers.sign(&document, &self.chain)?;
        let reply = self.submit(&signed, is_dry_run, proof_file.is_some()).await?;
        if let Some(path) = proof_file {
            proof::write(&self.channel, &self.chain.chain.vkey, &reply, path).await?;
        }
        self.tell(&signed, &reply, is_dry_run)?;
        Ok(reply::answer(&reply))
    }

    /// Signs and sends a document, and prints what became of it.
    pub(crate) async fn say(mut self, document: &Document) -> anyhow::Result<Answer> {
        let signed = self.signers.sign(document, &self.chain)?;
        let reply = self.submit(&signed, false, false).await?;
        self.tell(&signed, &reply, false)?;
        Ok(reply::answer(&reply))
    }

    /// Has every document decided by itself, and nothing written.
    pub(super) async fn try_all(
        mut self,
        documents: impl Iterator<Item = Numbered>,
    ) -> anyhow::Result<Answer> {
        let mut answer = Answer::Yes;
        for Numbered { number, document } in documents {
            let (signed, reply) = match document {
                Ok(document) => {
                    let signed = self.signers.sign(&document, &self.chain)?;
                    let reply = self.submit(&signed, true, false).await?;
                    (signed, reply)
                }
                Err(malformed) => {
                    output::note(&told(number, &malformed))?;
                    answer = Answer::No;
                    continue;
                }
            };
            print(self.form, Sent { number, is_batch: signed.is_batch() }, &Ok(&reply))?;
            if reply::answer(&reply) == Answer::No {
                answer = Answer::No;
            }
        }
        output::note("dry run: nothing was written")?;
        Ok(answer)
    }

    /// Sends a finished statement.
    async fn submit(
        &self,
        signed: &Signed,
        validate_only: bool,
        proof: bool,
    ) -> anyhow::Result<Reply> {
        let mut client = StatementServiceClient::new(self.channel.clone())
            .max_decoding_message_size(client::ANSWER_MAX);
        let statement = signed.bytes.clone().into();
        let answered = client.submit(SubmitRequest { statement, proof, validate_only }).await;
        let answered =
            answered.map_err(|status| client::told(&status, "the statement was not decided"))?;
        Ok(answered.into_inner())
    }

    /// Prints what became of a statement.
    fn tell(&self, signed: &Signed, reply: &Reply, is_dry_run: bool) -> anyhow::Result<()> {
        if self.form == Form::Json {
            output::json(&json::write(&show::dynamic(reply)))?;
            return Ok(());
        }
        output::line(&reply::headline(reply, signed.is_batch()))?;
        for detail in reply::details(reply) {
            output::line(&format!("  {}", printable(&detail)))?;
        }
        if is_dry_run {
            output::note(
                "dry run: nothing was written, and the entry's number is the next free one",
            )?;
        } else {
            let (principal, id) = (hex::encode(signed.principal), hex::encode(signed.command_id));
            output::note(&format!("to ask again: granary get statement pt_{principal} cm_{id}"))?;
        }
        Ok(())
    }
}

/// A document that was sent among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sent {
    /// Its number among them.
    pub(super) number: usize,
    /// Whether it holds several commands.
    pub(super) is_batch: bool,
}

/// Prints what became of one document of several.
pub(super) fn print(
    form: Form,
    Sent { number, is_batch }: Sent,
    outcome: &Result<&Reply, String>,
) -> anyhow::Result<()> {
    match (form, outcome) {
        (Form::Json, Ok(reply)) => {
            let reply = json::write(&show::dynamic(*reply));
            output::json_line(&json!({"document": number, "reply": reply}))?;
        }
        (Form::Json, Err(failure)) => {
            output::json_line(&json!({"document": number, "failure": failure}))?;
        }
        (_, Ok(reply)) => {
            output::line(&format!("{number}: {}", reply::headline(reply, is_batch)))?;
            for detail in reply::details(reply) {
                output::line(&format!("    {}", printable(&detail)))?;
            }
        }
        (_, Err(failure)) => {
            output::line(&format!("{number}: {BAD}not decided{BAD:#}: {}", printable(failure)))?;
        }
    }
    Ok(())
}
