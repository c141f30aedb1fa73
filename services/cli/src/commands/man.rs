//! `granary man`.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use crate::{
    Context, command_line,
    report::{Answer, Failure},
};

/// Print the manual page, or write the pages of all commands into a directory
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  granary man | man -l -\n  granary man --dir /usr/local/share/man/man1"
)]
pub(crate) struct Args {
    /// Write a page for each command into this directory
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub(crate) fn run(args: Args, _: &Context) -> anyhow::Result<Answer> {
    match args.dir {
        Some(dir) => clap_mangen::generate_to(command_line(), &dir).map_err(|error| {
            let what = format!("can't write manual pages into {}", dir.display());
            Failure::new(what, "name a directory that exists and may be written").because(error)
        })?,
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command_line()).render(&mut page)?;
            io::stdout().lock().write_all(&page)?;
        }
    }
    Ok(Answer::Yes)
}
