//! Every task and thread of a node is owned, named, told to stop and waited for.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

/// How a task ends. An error is logged with its causes and brings the node down.
pub type TaskResult = Result<(), Box<dyn Error + Send + Sync>>;

/// Told to every task: finish what you hold, take nothing new.
#[derive(Debug, Clone)]
pub struct Stop(CancellationToken);

impl Stop {
    /// Resolves once the stop begins, also if the supervisor itself is gone.
    pub async fn requested(&self) {
        self.0.cancelled().await;
    }

    /// Whether it has begun: for threads, which look between two pieces of work.
    pub fn is_requested(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// Owns the tasks and threads of a node. Dropping it stops the threads and aborts the tasks.
pub struct Supervisor {
    stop: CancellationToken,
    running: JoinSet<TaskResult>,
    names: HashMap<Id, &'static str>,
}

/// What made the node stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Somebody asked for it.
    Requested,
    /// This task ended by itself, which no task should.
    Returned(&'static str),
    /// This task ended with an error.
    Failed(&'static str),
    /// This task panicked.
    Panicked(&'static str),
}

/// How the node ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// What made it stop.
    pub cause: Cause,
    /// Tasks that failed or panicked while they were being stopped, by name.
    pub failed: Vec<&'static str>,
    /// Tasks that hadn't finished when the time was up, by name. Threads among them still run.
    pub unfinished: Vec<&'static str>,
}

impl Ended {
    /// Whether the node ended as it was asked to: the process may exit with 0.
    pub fn is_clean(&self) -> bool {
        self.cause == Cause::Requested && self.failed.is_empty() && self.unfinished.is_empty()
    }
}

impl Default for Supervisor {
    fn default() -> Self {
        Self::new()
    }
}

impl Supervisor {
    /// Owns nothing yet.
    pub fn new() -> Self {
        let (stop, running) = (CancellationToken::new(), JoinSet::new());
        Self { stop, running, names: HashMap::new() }
    }

    /// A handle for what isn't a task of its own, such as a server's graceful shutdown.
    pub fn stop(&self) -> Stop {
        Stop(self.stop.clone())
    }

    /// Starts a named task. It gets its own [`Stop`]; ignoring it means being aborted when the
    /// drain times out.
    pub fn spawn<F>(&mut self, name: &'static str, task: impl FnOnce(Stop) -> F)
    where
        F: Future<Output = TaskResult> + Send + 'static,
    {
        let task = task(self.stop());
        let handle = self.running.spawn(task);
        self.names.insert(handle.id(), name);
    }

    /// Starts a named OS thread, for what blocks: the apply thread, Kafka's poll loop. A thread
    /// can't be aborted, so it has to look at its [`Stop`].
    ///
    /// # Errors
    ///
    /// The system's, when it has no more threads.
    pub fn spawn_thread(
        &mut self,
        name: &'static str,
        work: impl FnOnce(Stop) -> TaskResult + Send + 'static,
    ) -> io::Result<()> {
        let (ended, end) = oneshot::channel();
        let stop = self.stop();
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || {
            let result = catch_unwind(AssertUnwindSafe(|| work(stop)));
            // The supervisor may have stopped waiting; then nobody wants to know.
            let _ = ended.send(result);
        })?;
        self.spawn(name, |_| async move {
            let result = end.await.expect("the thread sends before it ends");
            // Sending was the last thing it did, so this doesn't block.
            thread.join().expect("what it ran was caught");
            result.unwrap_or_else(|panic| resume_unwind(panic))
        });
        Ok(())
    }

    /// Runs until `request` resolves, or until any task ends, which no task should. Then asks
    /// the rest to stop, and waits for `drain` at most.
    pub async fn run(mut self, request: impl Future<Output = ()>, drain: Duration) -> Ended {
        let cause = tokio::select! {
            () = request => {
                info!("stop requested");
                Cause::Requested
            }
            Some(end) = self.running.join_next_with_id() => self.unexpected_end(end),
        };
        self.stop.cancel();

        let mut failed = Vec::new();
        let all_done = async {
            while let Some(end) = self.running.join_next_with_id().await {
                failed.extend(failed_name(&mut self.names, end));
            }
        };
        let in_time = timeout(drain, all_done).await.is_ok();
        let mut unfinished: Vec<_> = self.names.values().copied().collect();
        unfinished.sort_unstable();
        if in_time {
            info!("all tasks have finished");
        } else {
            warn!(?unfinished, "drain timed out, aborting");
        }
        Ended { cause, failed, unfinished }
    }

    fn unexpected_end(&mut self, end: Result<(Id, TaskResult), JoinError>) -> Cause {
        let id = end.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let task = self.names.remove(&id).unwrap_or("unnamed");
        match end {
            Ok((_, Ok(()))) => {
                error!(task, "task ended by itself, stopping");
                Cause::Returned(task)
            }
            Ok((_, Err(error))) => {
                error!(task, error = %Chain(&*error), "task failed, stopping");
                Cause::Failed(task)
            }
            Err(panic) => {
                error!(task, error = %panic, "task panicked, stopping");
                Cause::Panicked(task)
            }
        }
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The task's name if it didn't end well; it is asked to stop, so ending is what it should do.
fn failed_name(
    names: &mut HashMap<Id, &'static str>,
    end: Result<(Id, TaskResult), JoinError>,
) -> Option<&'static str> {
    let id = end.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
    let task = names.remove(&id).unwrap_or("unnamed");
    match end {
        Ok((_, Ok(()))) => return None,
        Ok((_, Err(error))) => error!(task, error = %Chain(&*error), "task failed while stopping"),
        Err(panic) => error!(task, error = %panic, "task panicked while stopping"),
    }
    Some(task)
}

/// An error with its causes on one line.
struct Chain<'a>(&'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// SIGTERM and SIGINT, taken over from the system.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

/// Makes a write beyond the process's limit of file size an error like any other, instead of the death of the
/// process (`SIGXFSZ`). Needs a tokio runtime; holds until the process ends.
///
/// # Errors
///
/// The system's.
pub fn survive_file_size_limit() -> io::Result<()> {
    let number = rustix::process::Signal::XFSZ.as_raw();
    signal(SignalKind::from_raw(number)).map(drop)
}

impl Signals {
    /// Takes them over: from here on neither ends the process by itself. Needs a tokio runtime.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn install() -> io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Resolves at the first signal, for [`Supervisor::run`]. A second one ends the process at
    /// once with 128 plus its number, as if it had not been taken over: nothing acknowledged is
    /// lost by that, only the drain.
    pub async fn stop_requested(mut self) {
        let name = self.next().await.0;
        info!(signal = name, "stopping; a second signal ends the process at once");
        tokio::spawn(async move {
            let (name, number) = self.next().await;
            warn!(signal = name, "second signal, ending at once");
            std::process::exit(128 + number);
        });
    }

    async fn next(&mut self) -> (&'static str, i32) {
        tokio::select! {
            _ = self.terminate.recv() => ("SIGTERM", SignalKind::terminate().as_raw_value()),
            _ = self.interrupt.recv() => ("SIGINT", SignalKind::interrupt().as_raw_value()),
        }
    }
}
