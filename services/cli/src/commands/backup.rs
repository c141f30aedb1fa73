//! `granary backup`.

use std::path::PathBuf;

use granary_log::segment::SegmentSize;
use granary_runtime::{
    maintain::{BackedUp, backup},
    verify::chain_dirs,
};
use serde_json::{Value, json};

use crate::{
    Context,
    output::{self, Form},
    progress::Progress,
    report::{Answer, Failure},
};

/// Copy a node's chains, while it runs
///
/// Copies the entries that are durable, each checked, the checkpoints and the configuration into TO, which is a node's
/// directory that granary verify can read. Run again with the same TO, it adds what is new. The signer's state is
/// never copied: a copy of it could sign a second history. Secret keys are copied only with --keys.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  granary backup ledger /mnt/backup\n  granary verify /mnt/backup\n\nExit codes: 0 \
    backed up, 2 could not run."
)]
pub(crate) struct Args {
    /// Directory of the node
    dir: PathBuf,
    /// Where the backup goes: an empty directory, or an older backup of the same chain
    to: PathBuf,
    /// Copy DIR/keys too, the secret log key with them: keep such a backup as you keep the keys
    #[arg(long)]
    keys: bool,
}

pub(crate) fn run(args: Args, context: &Context) -> anyhow::Result<Answer> {
    let failed = || {
        let what = format!("{} was not backed up", args.dir.display());
        Failure::new(what, "mend what is named above and run it again")
    };
    let dirs = chain_dirs(&args.dir).map_err(|error| failed().because(error))?;
    let [chain] = &dirs[..] else {
        let to_do = "back each chain up by itself: name its directory, DIR/chains/NAME";
        return Err(Failure::new("there is more than one chain, or none", to_do).into());
    };
    let progress = Progress::new("copying");
    let backed_up =
        backup(&args.dir, chain, &args.to, args.keys, SegmentSize::default(), &|done, of| {
            progress.tell(done, of);
        });
    progress.end();
    let backed_up = backed_up.map_err(|error| failed().because(error))?;
    if context.form == Form::Json {
        output::json(&to_json(&backed_up))?;
        return Ok(Answer::Yes);
    }
    let BackedUp { origin, size, root, copied, checkpoints, beyond, keys, .. } = backed_up;
    output::line(&format!("{origin}: {size} entries in the backup, {copied} of them new"))?;
    output::line(&format!(
        "{checkpoints} checkpoints, {beyond} entries beyond the last; root {root}"
    ))?;
    let with = if keys { "with its secret keys" } else { "without secret keys" };
    output::line(&format!("{with}, and without the signer's state"))?;
    Ok(Answer::Yes)
}

fn to_json(backed_up: &BackedUp) -> Value {
    json!({
        "origin": backed_up.origin, "chain": backed_up.chain, "entries": backed_up.size,
        "root": backed_up.root, "copied": backed_up.copied, "checkpoints": backed_up.checkpoints,
        "beyond_last_checkpoint": backed_up.beyond, "keys": backed_up.keys,
    })
}
