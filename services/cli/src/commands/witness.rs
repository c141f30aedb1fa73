//! `granary witness`.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use granary_log::note::VerifierKey;
use granary_runtime::{
    config::Config,
    supervise::{Signals, Supervisor},
    telemetry,
};
use granary_witness::{Witness, WitnessServer};

use crate::{
    Context, output,
    report::{Answer, Failure},
};

/// How long a stop waits for requests in flight.
const DRAIN: Duration = Duration::from_secs(10);

/// Run a witness: it cosigns a log's checkpoints as long as they are of one history
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  granary witness --dir witness --name bank.example/witness --log \"$(cat node/chains/main/vkey)\"
  granary witness --dir witness --listen 127.0.0.1:7500

The first start makes the key, DIR/witness.key; the node is told of the witness by the line in DIR/vkey. The
witness's memory, DIR/checkpoints, is never restored from a backup: an old one would cosign a second history.")]
pub(crate) struct Args {
    /// Directory of the witness: its key, the logs it watches, what it cosigned last
    #[arg(long)]
    dir: PathBuf,
    /// Where it listens
    #[arg(long, default_value = "127.0.0.1:7470")]
    listen: SocketAddr,
    /// Its name; needed the first time
    #[arg(long)]
    name: Option<String>,
    /// Verifier key of a log to watch, besides those it watches already
    #[arg(long, value_name = "VKEY")]
    log: Vec<VerifierKey>,
}

pub(crate) fn run(args: Args, _: &Context) -> anyhow::Result<Answer> {
    telemetry::init_tracing(&Config::default())?;
    let cannot = || Failure::new("the witness can't start", "mend what is named below");
    let opened = Witness::open(&args.dir, args.name.as_deref(), &args.log);
    let witness = Arc::new(opened.map_err(|error| cannot().because(error))?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(async {
        let signals = Signals::install()?;
        let bound = WitnessServer::bind(args.listen, Arc::clone(&witness)).await;
        let server = bound.map_err(|error| {
            let what = format!("can't listen on {}", args.listen);
            Failure::new(what, "choose another port with --listen").because(error)
        })?;
        output::note(&format!(
            "{} watches {} logs on {}",
            witness.verifier(),
            witness.logs().len(),
            server.local_addr()?
        ))?;
        let mut supervisor = Supervisor::new();
        supervisor.spawn("witness", |stop| async move { Ok(server.serve(stop).await?) });
        anyhow::Ok(supervisor.run(signals.stop_requested(), DRAIN).await)
    })?;
    if ended.is_clean() {
        return Ok(Answer::Yes);
    }
    let what = format!("the witness ended otherwise than asked: {ended:?}");
    Err(Failure::new(what, "read the log lines above and start it again").into())
}
