//! `granary init`.

use std::path::PathBuf;

use clap::ValueEnum;
use granary_book::chain::{ClockKind, Visibility};
use granary_node::{Founding, init};
use granary_runtime::{
    config::Config,
    keystore::{KeyError, Passphrase, Protection, WorkFactor},
    time::unix_ms,
};
use serde_json::json;

use crate::{
    Context,
    output::{self, Form},
    report::{Answer, Failure},
};

/// Found a chain: genesis, log key, operator and registrar keys, a commented configuration file
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  granary init --dir ledger --chain garlic --domain ledger.example.org\n\n\
    Keys of operator and registrar are encrypted with a passphrase (asked for, or --passphrase-file). The \
    node's own keys are not, since it has to start alone; they stand in DIR/keys, mode 0600."
)]
pub(crate) struct Args {
    /// Directory of the node
    #[arg(long, env = "GRANARY_DIR", default_value = "granary-data")]
    dir: PathBuf,
    /// Name of the chain: a-z, 0-9 and -
    #[arg(long, env = "GRANARY_CHAIN", default_value = "main")]
    chain: String,
    /// Domain of the chain's origin
    #[arg(long, default_value = "ledger.localhost")]
    domain: String,
    /// What moves the chain's clock
    #[arg(long, value_enum, default_value_t = ClockArg::Wall)]
    clock: ClockArg,
    /// Who may read whole entries
    #[arg(long, value_enum, default_value_t = EntriesArg::Members)]
    entries: EntriesArg,
    /// File with the passphrase for the keys of operator and registrar
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
    /// Keep the keys of operator and registrar unencrypted: for trying things out
    #[arg(long, conflicts_with = "passphrase_file")]
    unprotected_keys: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum ClockArg {
    /// The time of day
    Wall,
    /// Only the operators' advance-clock
    Simulated,
}

#[derive(Clone, Copy, ValueEnum)]
enum EntriesArg {
    /// Members with the scope `entries`
    Members,
    /// Everybody
    Public,
}

pub(crate) fn run(args: Args, context: &Context) -> anyhow::Result<Answer> {
    let passphrase = match (&args.passphrase_file, args.unprotected_keys) {
        (Some(path), _) => Some(Passphrase::from_file(path)?),
        (None, true) => None,
        (None, false) => Some(Passphrase::prompt_new("Passphrase for operator and registrar: ")?),
    };
    let protection = match &passphrase {
        Some(passphrase) => Protection::Passphrase(passphrase, WorkFactor::STANDARD),
        None => Protection::Unencrypted,
    };
    let mut randomness = || {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(KeyError::Random)?;
        Ok(bytes)
    };
    let founded = init(Founding {
        config: Config { dir: args.dir.clone(), chain: args.chain, ..Config::default() },
        domain: args.domain,
        clock: match args.clock {
            ClockArg::Wall => ClockKind::Wall,
            ClockArg::Simulated => ClockKind::Simulated,
        },
        entries: match args.entries {
            EntriesArg::Members => Visibility::Members,
            EntriesArg::Public => Visibility::Public,
        },
        now_ms: unix_ms(),
        randomness: &mut randomness,
        protection,
    })
    .map_err(|error| {
        Failure::new("no chain was founded", "mend what is named below and try again")
            .because(error)
    })?;
    if context.form == Form::Json {
        output::line(&serde_json::to_string_pretty(&json!({
            "origin": founded.origin,
            "vkey": founded.vkey,
            "operator": founded.operator.to_string(),
            "registrar": founded.registrar.to_string(),
            "node": founded.node.to_string(),
            "config": founded.config.display().to_string(),
            "keys": founded.keys.display().to_string(),
        }))?)?;
        return Ok(Answer::Yes);
    }
    output::line(&format!("chain      {}", founded.origin))?;
    output::line(&format!("vkey       {}   (give this to auditors)", founded.vkey))?;
    output::line(&format!("operator   {}", founded.operator))?;
    output::line(&format!("registrar  {}", founded.registrar))?;
    output::line(&format!("node       {}", founded.node))?;
    output::line(&format!("keys       {}", founded.keys.display()))?;
    output::line(&format!("settings   {}", founded.config.display()))?;
    output::note(&format!("next: granary node --dir {}", args.dir.display()))?;
    Ok(Answer::Yes)
}
