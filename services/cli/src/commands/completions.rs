//! `granary completions`.

use std::io;

use clap_complete::Shell;

use crate::{Context, command_line, report::Answer};

/// Print the completions of a shell
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  granary completions bash > ~/.local/share/bash-completion/completions/granary"
)]
pub(crate) struct Args {
    /// Which shell
    shell: Shell,
}

pub(crate) fn run(args: Args, _: &Context) -> anyhow::Result<Answer> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut command_line(), "granary", &mut text);
    io::Write::write_all(&mut io::stdout().lock(), &text)?;
    Ok(Answer::Yes)
}
