//! `granary rebuild`.

use std::path::PathBuf;

use figment::Figment;
use granary_runtime::config::{Assignments, Config, Sources};
use serde_json::json;

use crate::{
    Context,
    commands::node::OTHER_VARIABLES,
    output::{self, Form},
    progress::Progress,
    report::{Answer, Failure},
};

/// Make a node's derived states anew from its log
///
/// The states are no evidence: the log has everything. The former ones are set aside. The node must be stopped.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  granary rebuild ledger\n  granary rebuild ledger --store redb\n\nExit codes: 0 \
    rebuilt, 2 could not run."
)]
pub(crate) struct Args {
    /// Directory of the node
    dir: PathBuf,
    /// Name of the chain, where the configuration names another
    #[arg(long)]
    chain: Option<String>,
    /// Which store holds the derived state, where the configuration names another: sled or redb
    #[arg(long)]
    store: Option<String>,
}

pub(crate) fn run(args: Args, context: &Context) -> anyhow::Result<Answer> {
    let mut flags = vec![("dir".to_owned(), args.dir.display().to_string())];
    flags.extend(args.chain.map(|chain| ("chain".to_owned(), chain)));
    flags.extend(args.store.map(|store| ("store".to_owned(), store)));
    let mut sources = Sources::from_process();
    sources.other_variables = OTHER_VARIABLES;
    sources.flags = Figment::from(Assignments::new("flag", flags));
    let config = Config::load(sources)?.config;
    let progress = Progress::new("rebuilding");
    let telling = progress.clone();
    let rebuilt = granary_node::rebuild(&config, Box::new(move |done, of| telling.tell(done, of)));
    progress.end();
    let rebuilt = rebuilt.map_err(|error| {
        let what = format!("the states of {} can't be made anew", args.dir.display());
        Failure::new(what, "mend what is named above; granary fsck says more").because(error)
    })?;
    let aside: Vec<String> =
        rebuilt.set_aside.iter().map(|dir| dir.display().to_string()).collect();
    if context.form == Form::Json {
        output::json(&json!({
            "entries": rebuilt.size, "digest": hex::encode(rebuilt.digest), "set_aside": aside,
        }))?;
        return Ok(Answer::Yes);
    }
    output::line(&format!("{} entries applied", rebuilt.size))?;
    output::line(&format!("state digest {}", hex::encode(rebuilt.digest)))?;
    for dir in aside {
        output::line(&format!("set aside: {dir} (may be deleted)"))?;
    }
    Ok(Answer::Yes)
}
