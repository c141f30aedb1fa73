//! Makes a node's derived states anew, while it is stopped.

use granary_runtime::{
    chain::chain_dir,
    config::Config,
    files::DirLock,
    maintain::{self, Rebuilt},
};

use crate::node::{NodeError, options, plan};

/// Makes the states of the configuration's chain anew from its log, for all services.
///
/// # Errors
///
/// [`NodeError`]: a node uses the directory, or the log can't be read.
pub fn rebuild(
    config: &Config,
    progress: Box<dyn Fn(u64, u64) + Send>,
) -> Result<Rebuilt, NodeError> {
    let _lock = DirLock::acquire(&config.dir)?;
    let place = chain_dir(&config.dir, &config.chain);
    Ok(maintain::rebuild(&place, plan(), &options(config, progress)?)?)
}
