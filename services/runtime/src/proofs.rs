//! Proofs of what stands in the log, under checkpoints that were signed.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use granary_log::{hash::Hash, tree::Tree};
use granary_proto::statement::v1 as pb;
use tokio::sync::watch;
use tonic::Status;

use crate::signer::Signed;

/// How long a caller waits for a checkpoint that covers its entry.
const WAIT: Duration = Duration::from_secs(15);

/// Makes proofs.
pub struct Proofs {
    tree: Arc<RwLock<Tree>>,
    latest: watch::Receiver<Option<Signed>>,
}

impl Proofs {
    /// Of a tree, under the checkpoints that its signer publishes.
    pub fn new(tree: Arc<RwLock<Tree>>, latest: watch::Receiver<Option<Signed>>) -> Self {
        Self { tree, latest }
    }

    /// The newest checkpoint.
    pub fn latest(&self) -> Option<Signed> {
        self.latest.borrow().clone()
    }

    /// Told whenever a checkpoint is signed.
    pub fn watch(&self) -> watch::Receiver<Option<Signed>> {
        self.latest.clone()
    }

    /// The inclusion of an entry under the first checkpoint that covers it.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when no such checkpoint is signed in time: the entry stands, and its proof can be asked
    /// for later.
    pub async fn of(&self, index: u64) -> Result<pb::Proof, Status> {
        let mut latest = self.latest.clone();
        let covers = |signed: &Option<Signed>| signed.as_ref().is_some_and(|s| s.size > index);
        let waited = tokio::time::timeout(WAIT, latest.wait_for(covers)).await;
        let signed = match waited {
            Ok(Ok(signed)) => signed.clone(),
            Ok(Err(_)) | Err(_) => None,
        };
        let signed = signed.ok_or_else(|| {
            Status::unavailable(format!(
                "entry {index} stands, but no checkpoint covers it yet; ask for its proof later"
            ))
        })?;
        let path = self.inclusion(index, signed.size)?;
        Ok(pb::Proof {
            checkpoint: signed.note.to_string(),
            path: path.iter().map(|hash| hash.0.to_vec().into()).collect(),
            size: signed.size,
        })
    }

    /// The hashes from a leaf to the root of the first `size` entries.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` when there are fewer entries.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, Status> {
        let tree = self.tree.read().unwrap_or_else(PoisonError::into_inner);
        tree.inclusion_proof(index, size)
            .map_err(|error| Status::invalid_argument(error.to_string()))
    }

    /// The hashes that show that the first `from` entries are the beginning of the first `to`.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` when there are fewer entries.
    pub fn consistency(&self, from: u64, to: u64) -> Result<Vec<Hash>, Status> {
        let tree = self.tree.read().unwrap_or_else(PoisonError::into_inner);
        tree.consistency_proof(from, to)
            .map_err(|error| Status::invalid_argument(error.to_string()))
    }
}
