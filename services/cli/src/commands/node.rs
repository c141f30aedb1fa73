//! `granary node`.

use std::path::PathBuf;

use figment::Figment;
use granary_runtime::{
    config::{Assignments, Config, Sources},
    supervise::Signals,
    telemetry,
};

use crate::{
    Context, output,
    report::{Answer, Failure},
};

/// Run a node
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  granary node --dir ledger\n  GRANARY_LISTEN=127.0.0.1:7500 granary node --dir \
    ledger --dump-config\n\nSettings come from flags, then GRANARY_* variables, then DIR/granary.toml."
)]
pub(crate) struct Args {
    /// Configuration file; without it DIR/granary.toml, if it is there
    #[arg(long)]
    config: Option<PathBuf>,
    /// Directory of the node
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Name of the chain
    #[arg(long)]
    chain: Option<String>,
    /// Services to offer, separated by commas
    #[arg(long, value_delimiter = ',')]
    services: Vec<String>,
    /// Where gRPC listens
    #[arg(long)]
    listen: Option<String>,
    /// Where checkpoints and tiles are served over HTTP; off for nowhere
    #[arg(long)]
    http_listen: Option<String>,
    /// Where metrics and health listen; off for nowhere
    #[arg(long)]
    metrics_listen: Option<String>,
    /// Which store holds the derived state: sled or redb
    #[arg(long)]
    store: Option<String>,
    /// Start although the machine's clock is far from the last entry
    #[arg(long)]
    accept_clock: bool,
    /// Check the configuration and exit
    #[arg(long)]
    check: bool,
    /// Print the effective configuration, and where each setting came from, and exit
    #[arg(long)]
    dump_config: bool,
}

/// Variables of the other commands, which are no settings of a node.
pub(crate) const OTHER_VARIABLES: &[&str] = &["GRANARY_NODE", "GRANARY_KEYS", "GRANARY_VKEY"];

impl Args {
    fn flags(&self) -> Vec<(String, String)> {
        let mut flags = Vec::new();
        let mut flag = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                flags.push((key.to_owned(), value));
            }
        };
        flag("dir", self.dir.as_ref().map(|dir| dir.display().to_string()));
        flag("chain", self.chain.clone());
        flag("listen", self.listen.clone());
        flag("http_listen", self.http_listen.clone());
        flag("metrics_listen", self.metrics_listen.clone());
        flag("store", self.store.clone());
        flag("accept_clock", self.accept_clock.then(|| "true".to_owned()));
        if !self.services.is_empty() {
            flag("services", Some(self.services.join(",")));
        }
        flags
    }
}

pub(crate) fn run(args: Args, _: &Context) -> anyhow::Result<Answer> {
    let mut sources = Sources::from_process();
    sources.other_variables = OTHER_VARIABLES;
    sources.flags = Figment::from(Assignments::new("flag", args.flags()));
    sources.file.clone_from(&args.config);
    let loaded = Config::load(sources)?;
    if args.dump_config {
        output::line(loaded.dump().trim_end())?;
        return Ok(Answer::Yes);
    }
    if args.check {
        output::line("the configuration can be started with")?;
        return Ok(Answer::Yes);
    }
    telemetry::init_tracing(&loaded.config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(async {
        let signals = Signals::install()?;
        let node = granary_node::start(&loaded.config).await.map_err(|error| {
            Failure::new("the node can't start", "mend what is named below and start it again")
                .because(error)
        })?;
        output::note(&format!("{} is served on {}", node.chain.door.origin(), node.address))?;
        anyhow::Ok(node.run(signals.stop_requested()).await)
    })?;
    if ended.is_clean() {
        return Ok(Answer::Yes);
    }
    Err(Failure::new(
        format!("the node ended otherwise than asked: {ended:?}"),
        "read the log lines above; start it again, and run granary verify on its directory",
    )
    .into())
}

#[cfg(test)]
mod tests {
    use super::OTHER_VARIABLES;
    use std::collections::BTreeSet;

    /// The variables of a command and of those below it.
    fn variables(command: &clap::Command, found: &mut BTreeSet<String>) {
        let own = command.get_arguments().filter_map(clap::Arg::get_env);
        found.extend(own.map(|name| name.to_string_lossy().into_owned()));
        command.get_subcommands().for_each(|below| variables(below, found));
    }

    #[test]
    fn a_node_starts_whatever_variables_the_other_commands_are_given() {
        let mut found = BTreeSet::new();
        variables(&crate::command_line(), &mut found);
        // These are settings of a node too.
        for setting in ["GRANARY_PASSPHRASE_FILE", "GRANARY_DIR", "GRANARY_CHAIN"] {
            assert!(found.remove(setting), "{setting}");
        }
        let known: BTreeSet<String> =
            OTHER_VARIABLES.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(found, known);
    }
}
