//! `granary bench`: the project's own measurements.
//!
//! Statements are signed before the clock starts. Callers and node share the machine, which is said in the
//! output; figures are stated beside something measured in the same run.

mod append;
mod fixture;
mod grpc;
mod skeleton;
mod verify;

use std::path::PathBuf;

use clap::Subcommand;
use granary_runtime::store::StoreKind;
use serde_json::Value;

use crate::{
    Context,
    output::{self, Form},
    report::Answer,
};

/// Measure this machine with this build
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  granary bench append --store redb\n  granary bench grpc --seconds 10 --json\n  granary bench verify --entries 10000000"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The log alone, and the log with book and store
    Append(AppendArgs),
    /// A node over gRPC on loopback, beside a skeleton of the same path without rules and state
    Grpc(GrpcArgs),
    /// The verification of a log: hashes and tree, and signatures beside bare checks of them
    Verify(VerifyArgs),
}

#[derive(clap::Args)]
pub(super) struct AppendArgs {
    /// Statements to append
    #[arg(long, default_value_t = 200_000)]
    pub(super) statements: u64,
    /// Which store holds the state: sled or redb
    #[arg(long, default_value = "redb")]
    pub(super) store: StoreKind,
    /// Directory for the data, on the disk to be measured; a temporary one by default
    #[arg(long)]
    pub(super) dir: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(super) struct VerifyArgs {
    /// Entries of the log whose hashes and tree are verified
    #[arg(long, default_value_t = 1_000_000)]
    pub(super) entries: u64,
    /// Entries of the log whose signatures are verified too
    #[arg(long, default_value_t = 200_000)]
    pub(super) signed: u64,
    /// Directory for the data, on the disk to be measured; a temporary one by default
    #[arg(long)]
    pub(super) dir: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(super) struct GrpcArgs {
    /// How long each part runs
    #[arg(long, default_value_t = 10)]
    pub(super) seconds: u64,
    /// Unary callers at once
    #[arg(long, default_value_t = 64)]
    pub(super) callers: usize,
    /// Streams at once
    #[arg(long, default_value_t = 8)]
    pub(super) streams: usize,
    /// Which store holds the state: sled or redb
    #[arg(long, default_value = "redb")]
    pub(super) store: StoreKind,
    /// Directory for the data, on the disk to be measured; a temporary one by default
    #[arg(long)]
    pub(super) dir: Option<PathBuf>,
}

pub(crate) fn run(args: Args, context: &Context) -> anyhow::Result<Answer> {
    let rows = match args.what {
        What::Append(args) => append::run(&args)?,
        What::Grpc(args) => grpc::run(&args)?,
        What::Verify(args) => verify::run(&args)?,
    };
    print(&rows, context)?;
    Ok(Answer::Yes)
}

/// One measured thing: its name and its figures in order.
pub(super) type Row = (String, Vec<(&'static str, Value)>);

fn print(rows: &[Row], context: &Context) -> anyhow::Result<()> {
    if context.form == Form::Json {
        let rows: Vec<Value> = rows
            .iter()
            .map(|(name, figures)| {
                let mut object = serde_json::Map::new();
                object.insert("what".to_owned(), name.as_str().into());
                for (key, value) in figures {
                    object.insert((*key).to_owned(), value.clone());
                }
                Value::Object(object)
            })
            .collect();
        output::line(&serde_json::to_string_pretty(&rows)?)?;
        return Ok(());
    }
    for (name, figures) in rows {
        let figures: Vec<String> =
            figures.iter().map(|(key, value)| format!("{key} {value}")).collect();
        output::line(&format!("{name:<34} {}", figures.join("  ")))?;
    }
    Ok(())
}

/// Resident memory of this process in MiB, as the kernel says it.
pub(super) fn resident_mib() -> u64 {
    memory_mib("VmRSS:")
}

/// The most memory that this process had resident so far, in MiB, as the kernel says it.
pub(super) fn peak_mib() -> u64 {
    memory_mib("VmHWM:")
}

fn memory_mib(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kib = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

/// CPU time of this process so far, user and system, in milliseconds, as the kernel counts it (in its ticks
/// of 10 ms).
pub(super) fn cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is a name in brackets that may hold spaces; counting begins behind it.
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks =
        |field: usize| after.split_whitespace().nth(field).and_then(|t| t.parse::<u64>().ok());
    (ticks(11).unwrap_or(0) + ticks(12).unwrap_or(0)) * 10
}

/// Bytes of all files below a directory.
pub(super) fn bytes_below(dir: &std::path::Path) -> std::io::Result<u64> {
    let mut total = 0;
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let kind = entry.metadata()?;
        total += if kind.is_dir() { bytes_below(&entry.path())? } else { kind.len() };
    }
    Ok(total)
}
