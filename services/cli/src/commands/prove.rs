//! `granary prove`: a proof file for one entry.

use std::path::PathBuf;

use granary_book::vocabulary::PartyId;
use granary_proto::{
    audit::v1::{
        GetHistoryRequest, ProveInclusionRequest, audit_service_client::AuditServiceClient,
    },
    statement::v1::{GetStatementRequest, statement_service_client::StatementServiceClient},
};
use serde_json::json;
use tonic::transport::Channel;

use crate::{
    Context,
    client::{self, NodeArgs},
    output::{self, Form},
    proof,
    report::{Answer, Failure},
    signing::ChainNow,
};

/// Write a proof file for one entry, with the entry in it
///
/// The file (C2SP tlog-proof) holds the entry, statement and result, its way to the root, and the checkpoint
/// that the log signed. `granary verify FILE --vkey VKEY` checks it without a network. Of an object that
/// several entries name, the first is proved: the one that made it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  granary prove 1042 --out release.tlog-proof
  granary prove wr_0190163e8d9470e5b1d2c3a4f5061728 --vkey \"$(cat granary.vkey)\"
  granary prove cm_.. --as pt_.. --out - | head -3")]
pub(crate) struct Args {
    /// An entry's index, or the id of an object or of a statement
    #[arg(value_name = "ID or INDEX")]
    what: String,
    /// In whose name the statement was said, for a cm_ id
    #[arg(long = "as", value_name = "PARTY")]
    party: Option<PartyId>,
    /// The file to write; - for standard output [default: entry-INDEX.tlog-proof]
    #[arg(long, value_name = "F")]
    out: Option<PathBuf>,
    /// The log's verifier key, from somebody you trust [default: the one that the node names]
    #[arg(long, value_name = "VKEY", env = "GRANARY_VKEY")]
    vkey: Option<String>,
    #[command(flatten)]
    node: NodeArgs,
}

pub(crate) fn run(args: Args, context: &Context) -> anyhow::Result<Answer> {
    client::block_on(async {
        let channel = args.node.connect().await?;
        let Some(index) = index_of(&channel, &args).await? else { return Ok(Answer::No) };
        let vkey = match &args.vkey {
            Some(vkey) => vkey.clone(),
            None => ChainNow::ask(&channel).await?.chain.vkey,
        };
        let file = prove(&channel, index, &vkey).await?;
        let path = args.out.unwrap_or_else(|| format!("entry-{index}.tlog-proof").into());
        if path.as_os_str() == "-" {
            output::line(file.to_string().trim_end_matches('\n'))?;
            return Ok(Answer::Yes);
        }
        proof::save(&file, &path)?;
        let path = path.display().to_string();
        match context.form {
            Form::Json => output::json(&json!({"index": index, "file": path}))?,
            Form::Table | Form::Csv => {
                output::line(&format!("proved entry {index}: {path}"))?;
                let check = format!("granary verify {path} --vkey VKEY");
                output::note(&format!("to check it without a node: {check}"))?;
            }
        }
        Ok(Answer::Yes)
    })
}

async fn prove(
    channel: &Channel,
    index: u64,
    vkey: &str,
) -> anyhow::Result<granary_log::proof_file::ProofFile> {
    let entry = proof::entry(channel, index).await?;
    let mut client = AuditServiceClient::new(channel.clone());
    let answered = client.prove_inclusion(ProveInclusionRequest { index, size: None }).await;
    let what = format!("can't prove entry {index}");
    let answered = answered.map_err(|status| client::told(&status, what.as_str()))?.into_inner();
    let proof = answered.proof.ok_or_else(|| Failure::new(what, "ask another node"))?;
    proof::assemble(index, entry, &proof, vkey)
}

/// The entry that is meant; `None`, after saying so, when there is none.
async fn index_of(channel: &Channel, args: &Args) -> anyhow::Result<Option<u64>> {
    let what = &args.what;
    if let Ok(index) = what.parse() {
        return Ok(Some(index));
    }
    let found = if what.starts_with("cm_") {
        of_statement(channel, what, args.party).await?
    } else {
        of_object(channel, what).await?
    };
    if found.is_none() {
        output::note(&format!("no entry names {what}"))?;
    }
    Ok(found)
}

async fn of_statement(
    channel: &Channel,
    id: &str,
    party: Option<PartyId>,
) -> anyhow::Result<Option<u64>> {
    let Some(party) = party else {
        let what = "a statement's id counts within its principal";
        return Err(Failure::new(what, "say in whose name it was said: --as PARTY").into());
    };
    let mut client =
        StatementServiceClient::new(channel.clone()).max_decoding_message_size(client::ANSWER_MAX);
    let request = GetStatementRequest {
        principal: party.to_string(),
        command_id: id.to_owned(),
        expires_at_ms: None,
    };
    let answered = client.get_statement(request).await;
    let answered =
        answered.map_err(|status| client::told(&status, "can't look the statement up"))?;
    Ok(answered.into_inner().reply.map(|reply| reply.index))
}

async fn of_object(channel: &Channel, id: &str) -> anyhow::Result<Option<u64>> {
    let mut client = AuditServiceClient::new(channel.clone());
    let request = GetHistoryRequest { id: id.to_owned(), freshness: Some(client::NOW) };
    let answered = client.get_history(request).await;
    let answered = answered.map_err(|status| client::told(&status, "can't look the object up"))?;
    Ok(answered.into_inner().lines.first().map(|line| line.index))
}
