//! Makes the derived states anew from the log.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use granary_log::segment::{SegmentWriter, recover};

use crate::{
    chain::{
        ChainError, Options, bring_up_to_date, everything, open_states, read_vkey, state_digest,
    },
    files::FileStorage,
    journal::LogEntries,
    layers::Head,
    projection::{Plan, Projector},
    store::set_aside,
};

/// States that were made anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// Entries that they have applied.
    pub size: u64,
    /// The digest of the book's state: the same on every store, after the same entries.
    pub digest: [u8; 32],
    /// Where the former ones are now; they may be deleted.
    pub set_aside: Vec<PathBuf>,
}

/// Sets the states of the chain in `chain_dir` aside (`NAME.corrupt-TIME`) and makes them anew, by
/// replaying the log. Interrupted, it is taken up again by the next start of the node, or by
/// another run.
///
/// # Errors
///
/// [`ChainError`], when the log can't be read or doesn't follow from itself.
pub fn rebuild(chain_dir: &Path, plan: Plan, options: &Options) -> Result<Rebuilt, ChainError> {
    let vkey = read_vkey(chain_dir)?;
    let origin: Arc<str> = vkey.name().into();
    let storage = FileStorage::open(&chain_dir.join("log"))?;
    let recovered = recover(&storage, &origin, everything())?;
    let log = Head {
        size: recovered.head.size,
        leaf_hash: recovered.head.last_leaf_hash.0,
        time_ms: recovered.head.last_time_ms,
    };
    if log.size == 0 {
        return Err(ChainError::NoChain { path: chain_dir.to_owned() });
    }
    // No state holds what is not durable.
    let writer = SegmentWriter::open(storage, recovered, options.segment_size)?;
    let index = writer.index().clone();
    let entries = LogEntries::new(writer.into_storage(), index, log.size);
    let mut aside = Vec::new();
    for name in ["state", "queries"] {
        let dir = chain_dir.join(name);
        if dir.exists() {
            aside.push(set_aside(&dir)?);
        }
    }
    let (states, head) = open_states(chain_dir, &origin, options, &entries, log)?;
    let (projector, _) = Projector::new(plan, Arc::clone(&states.queries))?;
    bring_up_to_date(&states, &projector, &entries, head, log, options)?;
    states.finish()?;
    Ok(Rebuilt { size: log.size, digest: state_digest(&states.book), set_aside: aside })
}
