//! `granary import`.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use granary_book::vocabulary::{Id, PartyId};
use granary_importer::{Clock, Job, Node, Progress, Report, Trade, dry_run, import};
use granary_runtime::{keystore::KeyFile, time::unix_ms};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    Context,
    client::{self, NodeArgs},
    keys::KeyArgs,
    output::{self, Form},
    report::{Answer, Failure},
    signing::ChainNow,
};

/// How often a line tells how far it is, where there is no terminal to draw a bar on.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// Bring a file of orders or prices onto the chain
///
/// Every row ends as imported, quarantined or rejected, the last two with a reason. An import that was broken off
/// goes on where it stopped when it is run again; one that is done changes nothing.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  granary import orders deliveries.csv --dir ledger --rejects rejects.csv\n  \
    granary import prices market.csv --dry-run"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    trade: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Purchase orders with their deliveries (the columns of USAID's SCMS delivery history)
    Orders(FileArgs),
    /// Daily market prices (the columns of the Xinfadi market's quotes)
    Prices(FileArgs),
}

#[derive(clap::Args)]
struct FileArgs {
    /// The file, CSV in UTF-8
    file: PathBuf,
    /// The node's directory: the registrar's key is read from `keys` in it, and the keys of parties that the
    /// file names are put there
    #[arg(long, env = "GRANARY_DIR", default_value = "granary-data")]
    dir: PathBuf,
    /// The registrar's key [default: DIR/keys/registrar.key]
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Where the import keeps what it sent [default: in DIR/imports]
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Write rows that don't come onto the chain to this file, with line and reason
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Read and judge the file, and send nothing; needs no node
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    keys: KeyArgs,
}

pub(crate) fn run(args: Args, context: &Context) -> anyhow::Result<Answer> {
    let (trade, args) = match args.trade {
        What::Orders(args) => (Trade::Orders, args),
        What::Prices(args) => (Trade::Prices, args),
    };
    let mut teller = Teller::new();
    let mut progress = |at| teller.tell(at);
    let report = if args.dry_run {
        dry_run(trade, &args.file, args.rejects.as_deref(), &mut progress)
            .map_err(|error| not_imported(&args.file, error))
    } else {
        let job = job(&args)?;
        client::block_on(send(trade, &args.node, &job, &mut progress))
    };
    teller.done();
    print(&report?, context)?;
    Ok(Answer::Yes)
}

async fn send(
    trade: Trade,
    node: &NodeArgs,
    job: &Job,
    progress: &mut dyn FnMut(Progress),
) -> anyhow::Result<Report> {
    let channel = node.connect().await?;
    let chain = ChainNow::ask(&channel).await?;
    let now_ms = chain.now_ms();
    let clock = if chain.is_simulated() {
        Clock::Standing { now_ms }
    } else {
        let ahead = i128::from(now_ms) - i128::from(unix_ms());
        Clock::Wall { ahead_ms: i64::try_from(ahead).unwrap_or(0) }
    };
    let node = Node { channel, origin: chain.chain.origin, clock };
    import(trade, &node, job, progress).await.map_err(|error| not_imported(&job.file, error))
}

fn not_imported(file: &Path, error: granary_importer::ImportError) -> anyhow::Error {
    let what = format!("{} is not imported to its end", file.display());
    Failure::new(what, "mend what is named and run it again: it goes on where it stopped")
        .because(error)
        .into()
}

fn job(args: &FileArgs) -> anyhow::Result<Job> {
    let file = match &args.key {
        Some(name) => args.keys.open(name)?,
        None => {
            let path = args.dir.join("keys").join("registrar.key");
            KeyFile::open(&path).map_err(|error| {
                let what = format!("can't read the registrar's key {}", path.display());
                let to_do = "name the node's directory with --dir, or the key with --key";
                Failure::new(what, to_do).because(error)
            })?
        }
    };
    let Some(registrar) = file.meta().used_for.party else {
        let what = format!("{} doesn't say whose key it is", file.path().display());
        return Err(Failure::new(what, "give the key of the chain's registrar").into());
    };
    Ok(Job {
        file: args.file.clone(),
        dir: args.dir.clone(),
        journal: args.journal.clone(),
        rejects: args.rejects.clone(),
        registrar: PartyId::from_bytes(registrar),
        registrar_key: args.keys.unlock(&file)?.signing_key().clone(),
    })
}

fn print(report: &Report, context: &Context) -> anyhow::Result<()> {
    if context.form == Form::Json {
        output::json(&serde_json::to_value(report)?)?;
    } else {
        output::line(&report.to_string())?;
    }
    Ok(())
}

/// Tells how far an import is: a bar on a terminal, else a line now and then; both on stderr.
struct Teller {
    bar: Option<ProgressBar>,
    told: Instant,
}

impl Teller {
    fn new() -> Self {
        let style =
            ProgressStyle::with_template("{bar:30} {pos}/{len} rows, {per_sec}, {eta} left");
        let bar = std::io::stderr().is_terminal().then(|| match style {
            Ok(style) => ProgressBar::no_length().with_style(style),
            Err(_) => ProgressBar::no_length(),
        });
        Self { bar, told: Instant::now() }
    }

    fn tell(&mut self, at: Progress) {
        if let Some(bar) = &self.bar {
            bar.set_length(at.of);
            bar.set_position(at.rows);
        } else if self.told.elapsed() >= TELL_EVERY {
            self.told = Instant::now();
            // Nobody is left to be told when stderr is gone; the import goes on.
            let _ = output::note(&format!("{} of {} rows", at.rows, at.of));
        }
    }

    fn done(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
