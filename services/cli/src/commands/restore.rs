//! `granary restore`.

use std::path::PathBuf;

use granary_log::segment::SegmentSize;
use granary_runtime::maintain::restore;
use serde_json::json;

use crate::{
    Context,
    output::{self, Form, LOUD},
    progress::Progress,
    report::{Answer, Failure},
};

/// Bring a backup back, into an empty directory
///
/// Every entry and every checkpoint is checked on the way. The restored node serves, and signs nothing until
/// the operators grant it the right anew: more may have been signed since the backup.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  granary restore /mnt/backup ledger\n  granary node --dir ledger\n\nExit codes: 0 restored, 2 could not run."
)]
pub(crate) struct Args {
    /// The backup
    from: PathBuf,
    /// Directory of the node: empty, or not there yet
    dir: PathBuf,
}

pub(crate) fn run(args: Args, context: &Context) -> anyhow::Result<Answer> {
    let progress = Progress::new("restoring");
    let restored = restore(&args.from, &args.dir, SegmentSize::default(), &|done, of| {
        progress.tell(done, of);
    });
    progress.end();
    let restored = restored.map_err(|error| {
        let what = format!("{} was not restored", args.from.display());
        Failure::new(what, "mend what is named above and run it again").because(error)
    })?;
    let dir = args.dir.display();
    if context.form == Form::Json {
        output::json(&json!({
            "origin": restored.origin, "entries": restored.size, "signed": restored.signed,
            "keys": restored.keys, "chain_dir": restored.chain_dir.display().to_string(),
        }))?;
        return Ok(Answer::Yes);
    }
    output::line(&format!(
        "{}: {} entries restored and checked, {} of them under a checkpoint",
        restored.origin, restored.size, restored.signed
    ))?;
    if !restored.keys {
        output::line(&format!(
            "{LOUD}before it starts{LOUD:#}, it needs its keys in {dir}/keys: the backup holds none"
        ))?;
    }
    output::line(&format!(
        "{LOUD}before it signs{LOUD:#}, the operators grant it the right behind the newest checkpoint that a witness, \
         an auditor or another node holds: granary chain grant-signer. It serves meanwhile"
    ))?;
    if restored.signed > 0 {
        output::line(&format!(
            "(of those in the backup it is {}/checkpoints/{})",
            restored.chain_dir.display(),
            restored.signed
        ))?;
    }
    Ok(Answer::Yes)
}
