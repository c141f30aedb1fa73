//! `granary fsck`.

use std::path::{Path, PathBuf};

use granary_log::segment::{SegmentSize, SegmentSizeOutOfRange};
use granary_runtime::{
    files::DirLock,
    maintain::{
        Examined, Finding, MaintainError, Mend, cut_damaged_tail, examine, finish_interrupted,
        mend_derived, repair_segments,
    },
    verify::chain_dirs,
};
use serde_json::{Value, json};

use crate::{
    Context,
    output::{self, BAD, Form, GOOD, LOUD},
    progress::Progress,
    report::{Answer, Failure},
};

/// Examine a node's own storage, and mend what can be mended
///
/// Segments against tiles, checkpoints, the signer's state, and where the derived states stand. No node may use the
/// directory meanwhile. Without an option nothing is changed. An entry is never invented: one that is taken from
/// SOURCE must be under a checkpoint that the log signed, or before an entry that is here.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  granary fsck ledger\n  granary fsck ledger --repair\n  granary fsck ledger \
    --repair-from /mnt/node-2\n  granary fsck ledger --cut-damaged-tail\n\nSOURCE is another node's \
    directory, a directory of segments, or one of tiles with entry bundles.\n\nExit codes: 0 nothing wrong (any \
    more), 1 something is wrong, 2 could not run."
)]
pub(crate) struct Args {
    /// Directory of a node
    dir: PathBuf,
    /// Make anew what is derived: tiles are written, states are set aside and made by the next start
    #[arg(long)]
    repair: bool,
    /// Take entries and checkpoints that are lost here from there, and repair what is derived
    #[arg(long, value_name = "SOURCE")]
    repair_from: Option<PathBuf>,
    /// Cut off a last group that is damaged, if no checkpoint and no state reaches into it
    #[arg(long, conflicts_with = "repair_from")]
    cut_damaged_tail: bool,
    /// Size of segments that are put together anew, in MiB
    #[arg(long, default_value_t = 64, value_name = "MIB")]
    segment_mb: u64,
}

pub(crate) fn run(args: Args, context: &Context) -> anyhow::Result<Answer> {
    let failed = |error: MaintainError| {
        let what = format!("{} can't be examined or mended", args.dir.display());
        Failure::new(what, "mend what is named above").because(error)
    };
    let size =
        args.segment_mb.checked_mul(1 << 20).ok_or(SegmentSizeOutOfRange { found: u64::MAX });
    let size = size.and_then(SegmentSize::new).map_err(|error| {
        Failure::new("--segment-mb can't be used", "leave it out").because(error)
    })?;
    let dirs = chain_dirs(&args.dir).map_err(|error| {
        let what = format!("{} can't be examined", args.dir.display());
        Failure::new(what, "name the directory of a node").because(error)
    })?;
    let _lock = DirLock::acquire(node_dir(&args.dir)).map_err(|error| failed(error.into()))?;
    let mut answer = Answer::Yes;
    let mut told = Vec::new();
    for dir in dirs {
        let (examined, done) = examine_and_mend(&dir, &args, size).map_err(failed)?;
        if !examined.is_good() {
            answer = Answer::No;
        }
        if context.form == Form::Json {
            told.push(to_json(&examined, &done));
        } else {
            print(&examined, &done, &args.dir)?;
        }
    }
    if context.form == Form::Json {
        output::json(&Value::Array(told))?;
    }
    Ok(answer)
}

/// The node's directory, also of a chain's.
fn node_dir(dir: &Path) -> &Path {
    let node = dir.join("vkey").is_file().then(|| dir.parent()?.parent()).flatten();
    node.unwrap_or(dir)
}

/// Mends what was asked for, in the order in which one thing needs the other, and examines what came of it.
fn examine_and_mend(
    dir: &Path,
    args: &Args,
    size: SegmentSize,
) -> Result<(Examined, Vec<String>), MaintainError> {
    let mut done = Vec::new();
    let mends = args.repair || args.repair_from.is_some();
    if mends && finish_interrupted(dir)? {
        done.push("a repair that was interrupted was ended".to_owned());
    }
    let mut examined = examined(dir)?;
    if args.cut_damaged_tail {
        let left = cut_damaged_tail(dir, &examined, size)?;
        done.push(format!("the damaged last group was cut off; {left} entries are left"));
        examined = self::examined(dir)?;
    }
    let needs_source = examined.findings.iter().any(|finding| finding.mend == Mend::Source);
    if let Some(source) = args.repair_from.as_deref().filter(|_| needs_source) {
        let progress = Progress::new("repairing");
        let repaired = repair_segments(dir, source, size, &|done, of| progress.tell(done, of));
        progress.end();
        let repaired = repaired?;
        let taken: u64 = repaired.taken.iter().map(|range| range.end - range.start).sum();
        done.push(format!(
            "the log was put together anew: {} entries, {taken} of them and {} checkpoints from the source; the \
             damaged segments are in {}",
            repaired.size, repaired.checkpoints, repaired.set_aside.display()
        ));
        if repaired.left > 0 {
            done.push(format!(
                "{} entries of the source were left there: nothing here and no checkpoint vouches for them",
                repaired.left
            ));
        }
        examined = self::examined(dir)?;
    }
    if mends {
        let mended = mend_derived(dir, &examined)?;
        if !mended.is_empty() {
            done.extend(mended);
            examined = self::examined(dir)?;
        }
    }
    Ok((examined, done))
}

fn examined(dir: &Path) -> Result<Examined, MaintainError> {
    let progress = Progress::new("examining");
    let examined = examine(dir, &|done, of| progress.tell(done, of));
    progress.end();
    examined
}

/// What to do about a finding.
fn to_do(mend: Mend, dir: &Path) -> String {
    let dir = dir.display();
    match mend {
        Mend::Derived => format!("granary fsck {dir} --repair"),
        Mend::Source => format!("granary fsck {dir} --repair-from SOURCE"),
        Mend::Grant => {
            "granary chain grant-signer, with the newest checkpoint that anybody has seen"
                .to_owned()
        }
        Mend::Operator => "see what is said".to_owned(),
    }
}

fn print(examined: &Examined, done: &[String], dir: &Path) -> anyhow::Result<()> {
    for line in done {
        output::line(&format!("{GOOD}done{GOOD:#}: {line}"))?;
    }
    for Finding { area, file, bytes, index, what, mend } in &examined.findings {
        let mut place = file.clone();
        if let Some((offset, len)) = bytes {
            place.push_str(&format!(", {len} bytes at {offset}"));
        }
        if let Some(index) = index {
            place.push_str(&format!(", entry {index}"));
        }
        output::line(&format!("{BAD}{}{BAD:#} {place}: {what}", area.name()))?;
        output::line(&format!("  to do: {}", to_do(*mend, dir)))?;
    }
    if let Some(cut) = &examined.torn {
        output::line(&format!(
            "{LOUD}a torn tail{LOUD:#} of {} bytes in {}: nobody was told of it, and the next start cuts it off",
            cut.len, cut.segment
        ))?;
    }
    output::line(&format!(
        "{}: {} entries, {} checkpoints of them, {} beyond the last; {} tiles; state at {}",
        examined.origin,
        examined.size,
        examined.checkpoints,
        examined.beyond,
        examined.tiles,
        examined.state.map_or_else(|| "nothing".to_owned(), |size| size.to_string()),
    ))?;
    let verdict = if examined.is_good() {
        format!("{GOOD}good{GOOD:#}")
    } else {
        format!("{BAD}{} findings{BAD:#}", examined.findings.len())
    };
    Ok(output::line(&verdict)?)
}

fn to_json(examined: &Examined, done: &[String]) -> Value {
    let finding = |finding: &Finding| {
        json!({
            "area": finding.area.name(), "file": finding.file, "index": finding.index,
            "offset": finding.bytes.map(|(offset, _)| offset), "len": finding.bytes.map(|(_, len)| len),
            "what": finding.what, "mend": match finding.mend {
                Mend::Derived => "derived", Mend::Source => "source", Mend::Grant => "grant",
                Mend::Operator => "operator",
            },
        })
    };
    json!({
        "origin": examined.origin, "good": examined.is_good(), "entries": examined.size,
        "checkpoints": examined.checkpoints, "beyond_last_checkpoint": examined.beyond,
        "tiles": examined.tiles, "state": examined.state,
        "torn_tail": examined.torn.as_ref().map(|cut| json!({
            "segment": cut.segment, "offset": cut.offset, "len": cut.len,
        })),
        "done": done, "findings": examined.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}
