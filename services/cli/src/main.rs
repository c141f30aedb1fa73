//! `granary`: the one binary.
//!
//! Each command is a file in `commands/` with `Args` and `run`, and a line in the list below.

#![forbid(unsafe_code)]

mod client;
mod commands;
mod document;
mod flat;
mod json;
mod keys;
mod kinds;
mod output;
mod progress;
mod proof;
mod reply;
mod report;
mod show;
mod signing;

use std::{process::ExitCode, sync::LazyLock};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::{output::Form, report::Answer};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What all commands are told besides their own arguments.
pub(crate) struct Context {
    /// How data is printed.
    pub(crate) form: Form,
}

/// Declares the commands: the variant is the command's name, the module has its `Args` and `run`.
macro_rules! commands {
    ($( $name:ident => $module:ident, )*) => {
        #[derive(Subcommand)]
        enum Command {
            $( $name(commands::$module::Args), )*
        }

        impl Command {
            fn run(self, context: &Context) -> anyhow::Result<Answer> {
                match self {
                    $( Self::$name(args) => commands::$module::run(args, context), )*
                }
            }
        }
    };
}

commands! {
    Chain => chain,
    Demo => demo,
    Init => init,
    Node => node,
    Key => key,
    Send => send,
    Get => get,
    List => list,
    Import => import,
    Prove => prove,
    Verify => verify,
    Witness => witness,
    Fsck => fsck,
    Rebuild => rebuild,
    Backup => backup,
    Restore => restore,
    Bench => bench,
    Help => help,
    Completions => completions,
    Man => man,
}

/// Keeps a trading community's ledger of goods, warehouse receipts, loans and deliveries
#[derive(Parser)]
#[command(
    name = "granary",
    version,
    disable_help_subcommand = true,
    propagate_version = true,
    after_help = EXIT_CODES
)]
struct Cli {
    /// Print data as JSON
    #[arg(long, global = true)]
    json: bool,
    /// Print data as comma-separated values, where it is a table
    #[arg(long, global = true, conflicts_with = "json")]
    csv: bool,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done; the answer is yes
  1  the answer is no: refused by the rules, not there, or faults found
  2  could not run: stderr says what happened, why, and what to do

Colours are shown on a terminal only, and not with NO_COLOR set.";

/// The whole command line, for its own help, completions and manual pages.
pub(crate) fn command_line() -> clap::Command {
    Cli::command().version(VERSION.as_str())
}

/// What `--version` prints after the name: release, commit, and which rules and formats it knows.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{} ({}, feature level {}, log format {})",
        env!("CARGO_PKG_VERSION"),
        option_env!("GRANARY_COMMIT").unwrap_or("commit not recorded"),
        granary_book::LEVEL,
        granary_log::entry::VERSION,
    )
});

fn main() -> ExitCode {
    let matches = command_line().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let form = match (cli.json, cli.csv) {
        (true, _) => Form::Json,
        (_, true) => Form::Csv,
        _ => Form::Table,
    };
    report::conclude(&cli.command.run(&Context { form }))
}
