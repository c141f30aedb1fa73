//! `granary verify`.

mod tell;

use std::{
    fs,
    path::{Path, PathBuf},
};

use granary_log::note::{KeyType, Note, VerifierKey};
use granary_runtime::verify::{Checks, Kept, Proved, Report, Source, verify, verify_proof};
use indicatif::{ProgressBar, ProgressStyle};

use self::tell::Teller;
use crate::{
    Context,
    report::{Answer, Failure},
};

/// How much of a file is looked at to see whether it is a proof: more than any can have.
const PROOF_MAX: u64 = 4_000_000;

/// Verify a chain's evidence, offline and without trusting whoever keeps it
///
/// SOURCE is the directory of a node or of one chain; a directory of tiles in the C2SP layout (tile/0/..,
/// tile/entries/.., checkpoint, vkey); an http:// address of the same layout; a proof file; or evidence of two
/// histories. Every entry, the chain between them, the tree, all tiles and every signed checkpoint are
/// checked; each fault is listed with its index, and the run goes on.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  granary verify ledger
  granary verify ledger --vkey \"$(cat kept-vkey)\" --signatures --replay
  granary verify http://tiles.example.org --vkey \"$(cat kept-vkey)\" --since kept-checkpoint
  granary verify release.tlog-proof --vkey \"$(cat kept-vkey)\" --witness \"$(cat bank-vkey)\"

Exit codes: 0 all good, 1 faults found (or two histories shown), 2 could not run.")]
pub(crate) struct Args {
    /// Directory, http:// address, proof file, or evidence of two histories
    source: String,
    /// The log's verifier key as you keep it; without it the key beside the log is believed
    #[arg(long, value_name = "VKEY", env = "GRANARY_VKEY")]
    vkey: Option<String>,
    /// A witness that must have cosigned; may be given several times
    #[arg(long = "witness", value_name = "VKEY")]
    witnesses: Vec<String>,
    /// A checkpoint that you kept, which the log must continue; may be given several times
    #[arg(long, value_name = "FILE")]
    since: Vec<PathBuf>,
    /// Check the signatures of all statements too, and that their keys counted
    #[arg(long)]
    signatures: bool,
    /// Run the rules again and compare every result
    #[arg(long)]
    replay: bool,
    /// Where to write the evidence, if the log signed two histories
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
}

pub(crate) fn run(args: Args, context: &Context) -> anyhow::Result<Answer> {
    let kept = kept(&args)?;
    let path = Path::new(&args.source);
    if path.is_file() {
        return file(path, &kept, context);
    }
    let sources = Source::find(&args.source).map_err(|error| {
        let what = format!("{} can't be verified", args.source);
        let to_do = "name a node's directory, a chain's, a directory of tiles, an http:// address or a proof file";
        Failure::new(what, to_do).because(error)
    })?;
    let checks = Checks { signatures: args.signatures, replay: args.replay };
    let mut answer = Answer::Yes;
    for source in sources {
        let report = of_source(&source, &kept, checks, context)?;
        if !report.is_good() {
            answer = Answer::No;
        }
        if let (Some(path), Some(found)) = (&args.evidence, report.two_histories.first()) {
            fs::write(path, found.to_string()).map_err(|error| {
                let what = format!("can't write the evidence to {}", path.display());
                Failure::new(what, "name a file that may be written").because(error)
            })?;
        }
    }
    Ok(answer)
}

fn of_source(
    source: &Source,
    kept: &Kept,
    checks: Checks,
    context: &Context,
) -> anyhow::Result<Report> {
    let bar = progress_bar();
    let mut teller = Teller::new(context.form);
    let report = verify(
        source,
        kept,
        checks,
        &mut |found| bar.suspend(|| teller.fault(found)),
        &|done, of| {
            bar.set_length(of);
            bar.set_position(done);
        },
    );
    bar.finish_and_clear();
    let report = report.map_err(|error| {
        let what = match source {
            Source::Chain(dir) | Source::Tiles(dir) => {
                format!("{} can't be verified", dir.display())
            }
            Source::Http(url) => format!("{url} can't be verified"),
        };
        Failure::new(what, "mend what is named below").because(error)
    })?;
    teller.report(&report, kept, checks)?;
    Ok(report)
}

/// Keys and checkpoints as the auditor gives them.
fn kept(args: &Args) -> anyhow::Result<Kept> {
    let key = |option: &str, text: &String, kind: KeyType, to_do: &str| {
        let key = text.trim().parse::<VerifierKey>();
        let key = key.map_err(anyhow::Error::new).and_then(|key| {
            anyhow::ensure!(key.key_type() == kind, "it is a key of another type");
            Ok(key)
        });
        key.map_err(|error| {
            anyhow::Error::new(
                Failure::new(format!("{option} is no verifier key"), to_do).because(error),
            )
        })
    };
    let log =
        |text| key("--vkey", text, KeyType::Ed25519, "give the line that granary init printed");
    let witness = |text| {
        let to_do = "give the line that the witness publishes, for cosignature/v1";
        key("--witness", text, KeyType::CosignatureV1, to_do)
    };
    let since = |path: &PathBuf| {
        let unread = || {
            let what = format!("{} can't be read as a checkpoint", path.display());
            Failure::new(what, "name a file with a checkpoint that the log signed")
        };
        let bytes = fs::read(path).map_err(|error| unread().because(error))?;
        Note::parse(&bytes).map_err(|error| anyhow::Error::new(unread().because(error)))
    };
    Ok(Kept {
        vkey: args.vkey.as_ref().map(log).transpose()?,
        witnesses: args.witnesses.iter().map(witness).collect::<Result<_, _>>()?,
        since: args.since.iter().map(since).collect::<Result<_, _>>()?,
    })
}

/// A proof file, or evidence of two histories.
fn file(path: &Path, kept: &Kept, context: &Context) -> anyhow::Result<Answer> {
    let Some(vkey) = &kept.vkey else {
        let to_do = "give --vkey with the line that granary init printed, kept by yourself";
        return Err(Failure::new("a proof file is checked against the log's key", to_do).into());
    };
    let unread = || Failure::new(format!("{} can't be read", path.display()), "name a proof file");
    let len = fs::metadata(path).map_err(|error| unread().because(error))?.len();
    if len > PROOF_MAX {
        return Err(unread()
            .because(anyhow::anyhow!("{len} bytes are more than a proof has"))
            .into());
    }
    let bytes = fs::read(path).map_err(|error| unread().because(error))?;
    let proved = verify_proof(&bytes, vkey, &kept.witnesses);
    let proved = proved.map_err(|error| unread().because(error))?;
    tell::proved(&proved, vkey, kept, context.form)?;
    Ok(match proved {
        Proved::Entry { .. } => Answer::Yes,
        Proved::Not { .. } | Proved::TwoHistories { .. } => Answer::No,
    })
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
