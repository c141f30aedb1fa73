//! `granary verify`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use granary_log::{entry::Entry, hash::leaf_hash, note::VerifierKey, proof_file::ProofFile};
use granary_runtime::verify::{Checks, Report, chain_dirs, verify_directory};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::{
    Context,
    output::{self, BAD, Form, GOOD, LOUD},
    report::{Answer, Failure},
};

/// Verify a chain's evidence, offline and without trusting whoever keeps it
///
/// Reads the directory of a node or of one chain, or a proof file. Every entry, the chain between them, the tree,
/// and every signed checkpoint are checked; each fault is listed with its index.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  granary verify ledger\n  granary verify ledger --vkey \"$(cat kept-vkey)\" \
    --signatures --replay\n\nExit codes: 0 all good, 1 faults found, 2 could not run."
)]
pub(crate) struct Args {
    /// Directory or proof file
    source: PathBuf,
    /// The log's verifier key as you keep it; without it the key in the directory is believed
    #[arg(long)]
    vkey: Option<String>,
    /// Check the signatures of all statements too
    #[arg(long)]
    signatures: bool,
    /// Run the rules again and compare every result
    #[arg(long)]
    replay: bool,
}

pub(crate) fn run(args: Args, context: &Context) -> anyhow::Result<Answer> {
    let vkey = args.vkey.as_deref().map(str::trim).map(str::parse::<VerifierKey>).transpose();
    let vkey = vkey.map_err(|error| {
        Failure::new("--vkey is no verifier key", "give the line that granary init printed")
            .because(error)
    })?;
    if args.source.is_file() {
        return proof_file(&args.source, vkey.as_ref(), context);
    }
    let dirs = chain_dirs(&args.source).map_err(|error| {
        let what = format!("{} can't be verified", args.source.display());
        Failure::new(what, "name a node's directory, a chain's, or a proof file").because(error)
    })?;
    let checks = Checks { signatures: args.signatures, replay: args.replay };
    let mut answer = Answer::Yes;
    for dir in dirs {
        let bar = progress_bar();
        let report = verify_directory(&dir, vkey.as_ref(), checks, &|done, of| {
            bar.set_length(of);
            bar.set_position(done);
        });
        bar.finish_and_clear();
        let report = report.map_err(|error| {
            let what = format!("{} can't be verified", dir.display());
            Failure::new(what, "mend what is named below").because(error)
        })?;
        if !report.is_good() {
            answer = Answer::No;
        }
        print(&report, vkey.is_some(), checks, context)?;
    }
    Ok(answer)
}

/// A proof file: the entry in it stands in the log, under a checkpoint that the log signed.
fn proof_file(
    path: &Path,
    vkey: Option<&VerifierKey>,
    context: &Context,
) -> anyhow::Result<Answer> {
    let Some(vkey) = vkey else {
        let to_do = "give --vkey with the line that granary init printed, kept by yourself";
        return Err(Failure::new("a proof file is checked against the log's key", to_do).into());
    };
    let unread = || Failure::new(format!("{} can't be read", path.display()), "name a proof file");
    let bytes = fs::read(path).map_err(|error| unread().because(error))?;
    let file = ProofFile::parse(&bytes).map_err(|error| unread().because(error))?;
    let proved = file.verify(leaf_hash(&file.extra), vkey);
    let entry = Entry::decode(&file.extra);
    let fault = match (&proved, &entry) {
        (Err(error), _) => Some(error.to_string()),
        (Ok(_), Err(error)) => Some(error.to_string()),
        (Ok(_), Ok(entry)) if entry.index != file.index => {
            Some("the entry says another index than the proof".to_owned())
        }
        (Ok(_), Ok(_)) => None,
    };
    let size = proved.as_ref().map_or(0, |checkpoint| checkpoint.size());
    if context.form == Form::Json {
        output::line(&serde_json::to_string_pretty(&json!({
            "origin": vkey.name(), "good": fault.is_none(), "index": file.index, "checkpoint_size": size,
            "fault": fault,
        }))?)?;
    } else {
        match &fault {
            Some(fault) => output::line(&format!("{BAD}fault{BAD:#} at {}: {fault}", file.index))?,
            None => output::line(&format!(
                "{GOOD}good{GOOD:#}: entry {} stands in {}, under a signed checkpoint of {size} entries",
                file.index,
                vkey.name(),
            ))?,
        }
    }
    Ok(if fault.is_none() { Answer::Yes } else { Answer::No })
}

/// Shown on a terminal for whatever takes over two seconds.
fn progress_bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} entries, {eta} left");
    let bar = ProgressBar::no_length();
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn print(report: &Report, kept: bool, checks: Checks, context: &Context) -> anyhow::Result<()> {
    let Report { origin, summary, checkpoints, beyond, simulated, faults } = report;
    if context.form == Form::Json {
        let faults: Vec<_> =
            faults.iter().map(|f| json!({ "index": f.index, "what": f.what })).collect();
        output::line(&serde_json::to_string_pretty(&json!({
            "origin": origin, "good": report.is_good(), "entries": summary.entries,
            "accepted": summary.accepted, "refused": summary.refused, "duplicates": summary.duplicates,
            "unreadable": summary.unreadable, "over_quota": summary.over_quota, "events": summary.events,
            "signatures": summary.signatures, "checkpoints": checkpoints, "proved": summary.proved,
            "beyond_last_checkpoint": beyond, "simulated_clock": simulated, "replayed": checks.replay,
            "key_kept_by_auditor": kept, "faults": faults,
        }))?)?;
        return Ok(());
    }
    for fault in faults {
        output::line(&format!("{BAD}fault{BAD:#} at {}: {}", fault.index, fault.what))?;
    }
    if *simulated {
        output::line(&format!("{LOUD}the clock of this chain is simulated{LOUD:#}"))?;
    }
    output::line(&format!(
        "{origin}: {} entries ({} accepted, {} refused, {} duplicates, {} unreadable, {} over quota)",
        summary.entries,
        summary.accepted,
        summary.refused,
        summary.duplicates,
        summary.unreadable,
        summary.over_quota,
    ))?;
    output::line(&format!(
        "{checkpoints} checkpoints opened, {} entries proved, {beyond} beyond the last checkpoint",
        summary.proved
    ))?;
    let key = if kept { "against the key you keep" } else { "against the key found beside it" };
    if report.is_good() {
        output::line(&format!("{GOOD}good{GOOD:#}, {key}"))?;
    } else {
        output::line(&format!("{BAD}{} faults{BAD:#}, {key}", faults.len()))?;
    }
    Ok(())
}
