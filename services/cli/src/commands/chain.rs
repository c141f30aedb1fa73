//! `granary chain`: the chain itself.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use granary_book::vocabulary::{Id, PartyId, Time};
use granary_log::{
    checkpoint::Checkpoint as SignedCheckpoint,
    hash::empty_root,
    note::{Note, VerifierKey},
};
use granary_proto::{
    audit::v1::{Checkpoint, GetCheckpointRequest, audit_service_client::AuditServiceClient},
    chain::v1::{AdvanceClock, GrantSigner},
};
use prost::{Message, Name};
use serde_json::json;
use tonic::{Code, transport::Channel};

use crate::{
    Context,
    client::{self, NodeArgs},
    commands::send::Sender,
    document::Document,
    json,
    output::{self, Form, LOUD},
    report::{Answer, Failure},
    show,
    signing::{ChainNow, SignerArgs, Signers},
};

/// Look at the chain, move its clock where that is allowed, and say which node signs checkpoints
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  granary chain show
  granary chain advance-clock 2014-04-01T08:00:00Z --key node/keys/operator.key
  granary chain advance-clock +36h --key node/keys/operator.key
  granary chain grant-signer --to pt_... checkpoint --key node/keys/operator.key")]
pub(crate) struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Show the chain: origin, clock, size, and the last signed checkpoint
    Show {
        #[command(flatten)]
        node: NodeArgs,
    },
    /// Move a simulated clock forward: an operator says it, and it holds from the next entry on
    AdvanceClock {
        /// To a moment (2014-04-01T08:00:00Z), or by a time (+90s, +36h)
        #[arg(value_name = "MOMENT")]
        to: String,
        #[command(flatten)]
        signer: SignerArgs,
        #[command(flatten)]
        node: NodeArgs,
    },
    /// Give a node the right to sign checkpoints, and take it from every other: an act of the operators
    GrantSigner {
        /// The node's party
        #[arg(long, value_name = "PARTY")]
        to: PartyId,
        /// The newest checkpoint that anybody has seen, as the log signed it: ask the witnesses. The node signs
        /// nothing that does not continue it
        #[arg(required_unless_present = "none_signed")]
        checkpoint: Option<PathBuf>,
        /// No checkpoint was ever signed
        #[arg(long, conflicts_with = "checkpoint")]
        none_signed: bool,
        #[command(flatten)]
        signer: SignerArgs,
        #[command(flatten)]
        node: NodeArgs,
    },
}

pub(crate) fn run(args: Args, context: &Context) -> anyhow::Result<Answer> {
    match args.act {
        Act::Show { node } => client::block_on(show(&node, context)),
        Act::AdvanceClock { to, signer, node } => advance_clock(&to, &signer, &node, context),
        Act::GrantSigner { to, checkpoint, signer, node, .. } => {
            grant_signer(to, checkpoint.as_deref(), &signer, &node, context)
        }
    }
}

async fn show(node: &NodeArgs, context: &Context) -> anyhow::Result<Answer> {
    let channel = node.connect().await?;
    let now = ChainNow::ask(&channel).await?;
    let checkpoint = last_checkpoint(&channel).await?;
    let checked =
        checkpoint.as_ref().map(|checkpoint| check(checkpoint, &now.chain.vkey)).transpose()?;
    let mut chain = json::write(&show::dynamic(&now.chain));
    if context.form == Form::Json {
        chain["checkpoint"] = match &checkpoint {
            Some(checkpoint) => json::write(&show::dynamic(checkpoint)),
            None => json!(null),
        };
        output::json(&chain)?;
        return Ok(Answer::Yes);
    }
    let moment = |ms| granary_words::moment(Time::from_ms(ms));
    let text = |name: &str| chain[name].as_str().unwrap_or("UNSPECIFIED").to_lowercase();
    let clock = if now.is_simulated() {
        format!(
            "{LOUD}SIMULATED{LOUD:#}: it stands at {} until the operators move it",
            moment(now.chain.now_ms)
        )
    } else {
        format!("the time of day, {}", moment(now.chain.now_ms))
    };
    let checkpoint = match checked {
        Some(checkpoint) => {
            format!(
                "of {} entries, signed by the log's key, root {}",
                checkpoint.size(),
                checkpoint.root()
            )
        }
        None => "none signed yet".to_owned(),
    };
    let last = match now.chain.size {
        0 => String::new(),
        size => format!(", the last, {}, at {}", size - 1, moment(now.chain.time_ms)),
    };
    for (name, value) in [
        ("chain", now.chain.origin.clone()),
        ("clock", clock),
        ("entries", format!("{}{last}", now.chain.size)),
        ("readable by", text("entries")),
        ("rules", format!("feature level {}", now.chain.level)),
        ("operators", format!("{} needed for an act of theirs", now.chain.operators_needed)),
        ("checkpoint", checkpoint),
        ("log key", now.chain.vkey.clone()),
    ] {
        output::line(&format!("{name:<12} {value}"))?;
    }
    Ok(Answer::Yes)
}

/// The newest checkpoint; `None` when there is none yet, or when the node doesn't offer the service.
async fn last_checkpoint(channel: &Channel) -> anyhow::Result<Option<Checkpoint>> {
    let mut client = AuditServiceClient::new(channel.clone());
    match client.get_checkpoint(GetCheckpointRequest {}).await {
        Ok(answered) => Ok(Some(answered.into_inner())),
        Err(status) if matches!(status.code(), Code::NotFound | Code::Unimplemented) => Ok(None),
        Err(status) => Err(client::told(&status, "can't learn of the last checkpoint")),
    }
}

/// A checkpoint under the log key that the node names.
fn check(checkpoint: &Checkpoint, vkey: &str) -> anyhow::Result<SignedCheckpoint> {
    let opened = || {
        let key: VerifierKey = vkey.parse()?;
        let note = Note::parse(checkpoint.note.as_bytes())?;
        anyhow::Ok(SignedCheckpoint::open(&note, &key)?)
    };
    opened().map_err(|error| {
        let what = "the node's checkpoint is not signed by the chain's log key";
        Failure::new(what, "don't rely on this node; ask another").because(error).into()
    })
}

fn advance_clock(
    to: &str,
    signer: &SignerArgs,
    node: &NodeArgs,
    context: &Context,
) -> anyhow::Result<Answer> {
    let signers = Signers::open(signer)?;
    client::block_on(async {
        let channel = node.connect().await?;
        let chain = ChainNow::ask(&channel).await?;
        if !chain.is_simulated() {
            let what = "the chain's clock is the time of day, which nobody moves";
            return Err(
                Failure::new(what, "a simulated one is chosen when a chain is founded").into()
            );
        }
        let to_ms = moment(to, chain.chain.now_ms)?;
        let document = Document {
            principal: signers.principal(),
            ..Document::of(&AdvanceClock::full_name(), AdvanceClock { to_ms }.encode_to_vec())
        };
        Sender { channel, chain, signers, form: context.form }.say(&document).await
    })
}

fn grant_signer(
    to: PartyId,
    checkpoint: Option<&Path>,
    signer: &SignerArgs,
    node: &NodeArgs,
    context: &Context,
) -> anyhow::Result<Answer> {
    let note = checkpoint.map(read_note).transpose()?;
    let signers = Signers::open(signer)?;
    client::block_on(async {
        let channel = node.connect().await?;
        let chain = ChainNow::ask(&channel).await?;
        let (previous_size, root) = match &note {
            Some(note) => {
                let opened = open_note(note, &chain.chain.vkey)?;
                (opened.size(), opened.root())
            }
            None => (0, empty_root()),
        };
        let act = GrantSigner {
            node: to.to_bytes().to_vec().into(),
            previous_size,
            root: root.0.to_vec().into(),
        };
        let document = Document {
            principal: signers.principal(),
            ..Document::of(&GrantSigner::full_name(), act.encode_to_vec())
        };
        Sender { channel, chain, signers, form: context.form }.say(&document).await
    })
}

fn read_note(path: &Path) -> anyhow::Result<Note> {
    let read = std::fs::read(path).map_err(anyhow::Error::from);
    let parsed = read.and_then(|bytes| Ok(Note::parse(&bytes)?));
    parsed.map_err(|error| {
        let what = format!("{} can't be read as a checkpoint", path.display());
        let to_do = "give the signed note as /checkpoint of the log or of a witness serves it";
        Failure::new(what, to_do).because(error).into()
    })
}

/// A checkpoint of this chain, signed by its log key.
fn open_note(note: &Note, vkey: &str) -> anyhow::Result<SignedCheckpoint> {
    let opened = || anyhow::Ok(SignedCheckpoint::open(note, &vkey.parse::<VerifierKey>()?)?);
    opened().map_err(|error| {
        let what = "the checkpoint is not signed by this chain's log key";
        Failure::new(what, "give one of this chain").because(error).into()
    })
}

/// A moment as people write it, or a time after now.
fn moment(text: &str, now_ms: u64) -> anyhow::Result<u64> {
    let parsed = match text.strip_prefix('+') {
        Some(span) => {
            span.parse::<jiff::SignedDuration>().context("it is no time").and_then(|span| {
                let ms = u64::try_from(span.as_millis())?;
                now_ms.checked_add(ms).context("it is too far away")
            })
        }
        None => text
            .parse::<jiff::Timestamp>()
            .context("it is no moment")
            .and_then(|moment| u64::try_from(moment.as_millisecond()).context("it is before 1970")),
    };
    parsed.map_err(|error| {
        let what = format!("`{text}` is neither a moment nor a time to wait");
        Failure::new(what, "write 2014-04-01T08:00:00Z, or +36h").because(error).into()
    })
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn a_moment_is_written_as_such_or_as_a_time_after_now() {
        for (text, expected) in [
            ("1970-01-01T00:00:01Z", Some(1_000)),
            ("1970-01-01T08:00:01+08:00", Some(1_000)),
            ("+36h", Some(129_600_500)),
            ("+1h 30m", Some(5_400_500)),
            ("+0s", Some(500)),
            ("+-1h", None),
            ("36h", None),
            ("1969-12-31T00:00:00Z", None),
            ("tomorrow", None),
        ] {
            assert_eq!(moment(text, 500).ok(), expected, "{text}");
        }
    }
}
