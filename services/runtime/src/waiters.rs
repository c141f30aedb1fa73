//! Who waits for what: by the digest of the statement as received (access.md section 3.4).
//!
//! Several callers may wait for one statement, and a garbled copy of it, having another digest, wakes none
//! of them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use granary_log::hash::Hash;
use tokio::sync::oneshot;

use crate::answer::Answer;

/// Resolves once the statement has been decided and made durable.
pub type Waiting = oneshot::Receiver<Arc<Answer>>;

/// A caller with its answer, ready to be told.
pub type Woken = (oneshot::Sender<Arc<Answer>>, Arc<Answer>);

/// Callers waiting for statements.
#[derive(Default)]
pub struct Waiters {
    by_digest: Mutex<HashMap<Hash, Vec<oneshot::Sender<Arc<Answer>>>>>,
}

/// What a caller has to do besides waiting.
pub enum Joined {
    /// Nobody waited for this statement: append it.
    First(Waiting),
    /// Somebody appended it a moment ago: wait along.
    Along(Waiting),
}

impl Waiters {
    fn lock(&self) -> MutexGuard<'_, HashMap<Hash, Vec<oneshot::Sender<Arc<Answer>>>>> {
        self.by_digest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers a caller. Called before the statement is appended: its answer can't be missed.
    pub fn join(&self, digest: Hash) -> Joined {
        let (tell, waiting) = oneshot::channel();
        let mut waiters = self.lock();
        match waiters.get_mut(&digest) {
            Some(others) => {
                others.push(tell);
                Joined::Along(waiting)
            }
            None => {
                waiters.insert(digest, vec![tell]);
                Joined::First(waiting)
            }
        }
    }

    /// Forgets everybody who waits for a statement that could not be appended: they see their wait end
    /// without an answer.
    pub fn forget(&self, digest: &Hash) {
        self.lock().remove(digest);
    }

    /// Takes the callers of a group's answers, to be told away from the apply thread.
    pub fn take(&self, answers: Vec<(Hash, Arc<Answer>)>) -> Vec<Woken> {
        let mut waiters = self.lock();
        let mut woken = Vec::with_capacity(answers.len());
        for (digest, answer) in answers {
            for tell in waiters.remove(&digest).into_iter().flatten() {
                woken.push((tell, Arc::clone(&answer)));
            }
        }
        woken
    }

    /// How many statements are waited for.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
