//! What a node says itself, with the key that the genesis or the operators gave it: what it found the state to
//! be, and, on a chain that nobody uses, what time it is when something has fallen due.
//!
//! Both are ordinary statements. When one can't be appended (a full queue, a stop) it is dropped: the next one
//! says more.

use std::{sync::Arc, time::Duration};

use granary_book::{
    chain::{self, ClockKind, StateRoot, Tick},
    deadline,
    state::View,
    vocabulary::{Digest, Time},
    wire::Message,
};
use granary_log::entry::Outcome;
use granary_runtime::{
    chain::Chain,
    door::Call,
    state_root,
    supervise::{Stop, TaskResult},
    time::unix_ms,
};
use tokio::sync::watch;

/// How often a chain that nobody uses is looked at for something that has fallen due (format.md section 1).
const LOOK: Duration = Duration::from_secs(60);

/// A node's own voice on its chain.
pub(crate) struct Own {
    chain: Arc<Chain>,
    party: [u8; 16],
    roots: watch::Receiver<Option<state_root::StateRoot>>,
}

impl Own {
    /// In the name of the node's party, whose key the keyring holds.
    pub(crate) fn new(
        chain: Arc<Chain>,
        party: [u8; 16],
        roots: watch::Receiver<Option<state_root::StateRoot>>,
    ) -> Self {
        Self { chain, party, roots }
    }

    /// Speaks until told to stop.
    pub(crate) async fn run(mut self, stop: Stop) -> TaskResult {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.requested() => return Ok(()),
                changed = self.roots.changed() => {
                    if changed.is_err() {
                        // The projections have ended: the node is stopping.
                        stop.requested().await;
                        return Ok(());
                    }
                    let newest = *self.roots.borrow_and_update();
                    if let Some(found) = newest {
                        self.state_root(found).await;
                    }
                }
                _ = look.tick() => self.tick_when_due().await,
            }
        }
    }

    async fn state_root(&self, found: state_root::StateRoot) {
        let body = StateRoot { size: found.size, root: Digest(found.root.0) };
        self.say(StateRoot::NAME, body.encode()).await;
    }

    async fn tick_when_due(&self) {
        let now = Time::from_ms(unix_ms());
        let is_due = {
            let snapshot = self.chain.states.book.snapshot();
            let view = View::new(&snapshot);
            let is_wall = chain::facts(&view).is_ok_and(|chain| chain.clock == ClockKind::Wall);
            is_wall && deadline::is_due(&view, now)
        };
        if is_due {
            self.say(Tick::NAME, Tick { claim_ms: now }.encode()).await;
        }
    }

    async fn say(&self, type_name: &str, body: Vec<u8>) {
        let call =
            Call { party: self.party, command_id: None, type_name: type_name.to_owned(), body };
        let door = &self.chain.door;
        let said = match door.sign_call(call) {
            Ok(statement) => door.submit(statement).await,
            Err(failure) => Err(failure),
        };
        match said {
            Ok(answer) if matches!(answer.result.outcome, Outcome::Accepted(_)) => {
                tracing::debug!(type_name, index = answer.index, "the node said something itself");
            }
            Ok(answer) => {
                tracing::warn!(type_name, index = answer.index, "what the node said was refused");
            }
            Err(failure) => tracing::debug!(type_name, %failure, "the node could not speak"),
        }
    }
}
