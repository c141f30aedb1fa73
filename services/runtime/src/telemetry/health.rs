//! Whether a node can do its work, and what is in the way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The conditions under which a node is ready: it is when every one of them holds.
#[derive(Clone, Default)]
pub struct Health {
    conditions: Arc<Mutex<BTreeMap<&'static str, Option<String>>>>,
}

/// One condition of readiness, kept by whoever knows.
///
/// Dropping it leaves its last word standing: a task that died doesn't make its condition true.
pub struct Condition {
    health: Health,
    name: &'static str,
}

impl Health {
    /// Without any condition, so not ready: a node that has set none up can't serve.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a condition, which doesn't hold until [`Condition::holds`] is called.
    ///
    /// * `name` — a noun for `/readyz`, such as `state` or `checkpoint`.
    pub fn condition(&self, name: &'static str) -> Condition {
        let condition = Condition { health: self.clone(), name };
        condition.fails("starting");
        condition
    }

    /// What is in the way, one line per condition; `Ok` when nothing is.
    ///
    /// # Errors
    ///
    /// Those lines.
    pub fn ready(&self) -> Result<(), String> {
        let conditions = self.lock();
        if conditions.is_empty() {
            return Err("starting\n".to_owned());
        }
        let failing: String = conditions
            .iter()
            .filter_map(|(name, reason)| Some(format!("{name}: {}\n", reason.as_ref()?)))
            .collect();
        if failing.is_empty() { Ok(()) } else { Err(failing) }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Option<String>>> {
        // Every change is one insertion, so poison leaves nothing half done.
        self.conditions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Condition {
    /// From here on it holds.
    pub fn holds(&self) {
        self.health.lock().insert(self.name, None);
    }

    /// From here on it doesn't.
    ///
    /// * `reason` — shown to whoever can reach `/readyz`; nothing secret.
    pub fn fails(&self, reason: impl Into<String>) {
        self.health.lock().insert(self.name, Some(reason.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_ready_when_every_condition_holds() {
        let health = Health::new();
        assert_eq!(health.ready(), Err("starting\n".to_owned()));
        let (log, state) = (health.condition("log"), health.condition("state"));
        assert_eq!(health.ready(), Err("log: starting\nstate: starting\n".to_owned()));
        log.holds();
        state.fails("rebuilding, 40 of 100 entries");
        assert_eq!(health.ready(), Err("state: rebuilding, 40 of 100 entries\n".to_owned()));
        state.holds();
        assert_eq!(health.ready(), Ok(()));
        log.fails("the disk is full");
        drop(log);
        assert_eq!(health.ready(), Err("log: the disk is full\n".to_owned()));
    }
}
