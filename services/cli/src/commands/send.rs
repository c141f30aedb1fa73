//! `granary send`: signs what documents say, sends it, and tells what came of it.

mod many;
mod one;
mod source;

pub(crate) use one::Sender;

use std::path::PathBuf;

use crate::{
    Context,
    client::{self, NodeArgs},
    document::Defaults,
    report::{Answer, Failure},
    signing::{ChainNow, SignerArgs, Signers},
};

/// Sign statements and send them
///
/// A document is {"type": "SignReceipt", "as": "pt_..", "body": {..}}, or a batch
/// {"mode": "LINKED", "as": "pt_..", "items": [{"type": "..", "body": {..}}, ..]}.
/// Several documents, one after another (NDJSON), go through one stream, many in flight, and are decided in
/// their order. `granary help commands` lists what may be said. Both kinds take "command_id", to say the very
/// same again safely, and "expires_in", such as "30m".
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  granary send receipt.json
  granary send --dry-run --key keys/zhang.key receipt.json
  echo '{\"party\": \"pt_..\"}' | granary send --type SuspendParty --as pt_.. -
  granary send --json --proof pledge.tlog-proof pledge.json

Ends with 1 when anything was refused, and with 2 when a document is malformed: of a file nothing is sent \
then; from - the others are.")]
pub(crate) struct Args {
    /// The file with the documents; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Documents are bodies of this command alone
    #[arg(long = "type", value_name = "TYPE")]
    type_name: Option<String>,
    /// Decide against the node's present state and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Wait for a signed checkpoint and write the proof of the entry into this file; for one document
    #[arg(long, value_name = "OUT", conflicts_with = "dry_run")]
    proof: Option<PathBuf>,
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    node: NodeArgs,
}

pub(crate) fn run(args: Args, context: &Context) -> anyhow::Result<Answer> {
    let signers = Signers::open(&args.signer)?;
    let defaults = Defaults { type_name: args.type_name.clone(), principal: signers.principal() };
    let mut documents = source::open(&args.file, defaults)?;
    let Some(first) = documents.next() else {
        let what = format!("there is no document in {}", args.file.display());
        return Err(Failure::new(what, "write one; granary send --help shows how").into());
    };
    let second = documents.next();
    client::block_on(async {
        let channel = args.node.connect().await?;
        let chain = ChainNow::ask(&channel).await?;
        let sender = Sender { channel, chain, signers, form: context.form };
        match second {
            None => sender.send(first, args.dry_run, args.proof.as_deref()).await,
            Some(_) if args.proof.is_some() => {
                let what = "there are several documents and --proof is for one";
                Err(Failure::new(what, "send the others by themselves").into())
            }
            Some(second) => {
                let all = [first, second].into_iter().chain(documents);
                if args.dry_run { sender.try_all(all).await } else { many::send(sender, all).await }
            }
        }
    })
}
