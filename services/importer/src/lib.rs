//! Takes files of orders and prices through a node's doors: once each, whatever interrupts it.
//!
//! [`granary_import`] reads the files; here their rows become statements, signed with keys that the import
//! keeps. Three things make an import one that can be run again:
//!
//! * **Ids are derived** from the file's SHA-256, the row and what is said about it, so that every run of one
//!   file says the same things under the same ids, and the chain takes each once.
//! * **A journal** keeps the signed bytes of what was sent and what became of it. A run after a kill sends
//!   the same bytes again, or asks what became of them where their life is over.
//! * **The node is asked** where there is no journal to ask.
//!
//! So a run that was killed and run again ends with what one left alone ends with, and a run of what was
//! imported before changes nothing. Another file, if only by a byte, is another import; orders are still
//! imported once, by the key of their record.
//!
//! Parties that the records name are registered by the registrar, marked custodial, and their keys put
//! unencrypted into the node's key directory, so that the node can go on acting for them.
//!
//! ```text
//!  file ──> granary_import ──> orders / prices ──> plan ──> send ──> SubmitStream
//!                                 (rows)       (statements)  │  ▲
//!                                                            ▼  │
//!                                                          journal
//! ```

#![forbid(unsafe_code)]

mod alike;
mod custody;
mod error;
mod ids;
mod journal;
mod orders;
mod outcome;
mod plan;
mod prices;
mod records;
mod report;
mod run;
mod send;
mod tally;
mod text;
mod trade;

use std::path::{Path, PathBuf};

use granary_book::vocabulary::PartyId;
use granary_log::{hash::Hash, signature::SigningKey};
use granary_runtime::time::unix_ms;
use tonic::transport::Channel;

pub use error::ImportError;
pub use journal::JournalError;
pub use report::Report;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trade {
    /// Orders with their deliveries ([`granary_import::scms`]).
    Orders,
    /// Daily market prices ([`granary_import::xinfadi`]).
    Prices,
}

/// The chain's time, as far as a caller knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// It goes with the wall clock.
    Wall {
        /// The chain's time less this machine's, in milliseconds.
        ahead_ms: i64,
    },
    /// It stands still until the operators move it.
    Standing {
        /// The chain's time, Unix milliseconds.
        now_ms: u64,
    },
}

/// The node that an import sends to.
#[derive(Debug, Clone)]
pub struct Node {
    /// The connection.
    pub channel: Channel,
    /// The chain's origin.
    pub origin: String,
    /// The chain's time.
    pub clock: Clock,
}

impl Node {
    /// The moment that a statement signed now carries.
    fn now_ms(&self) -> u64 {
        match self.clock {
            Clock::Wall { ahead_ms } => unix_ms().saturating_add_signed(ahead_ms),
            Clock::Standing { now_ms } => now_ms,
        }
    }
}

/// What is imported, and with what.
#[derive(Clone)]
pub struct Job {
    /// The file.
    pub file: PathBuf,
    /// The node's directory: keys go to `keys` in it, the journal to `imports`.
    pub dir: PathBuf,
    /// The journal, when it is to be elsewhere.
    pub journal: Option<PathBuf>,
    /// Where rows that don't come onto the chain are written.
    pub rejects: Option<PathBuf>,
    /// The chain's registrar.
    pub registrar: PartyId,
    /// Its key.
    pub registrar_key: SigningKey,
}

impl Job {
    fn keys_dir(&self) -> PathBuf {
        self.dir.join("keys")
    }

    fn journal_of(&self, file: &Hash) -> PathBuf {
        let name = format!("{}.journal", hex::encode(&file.0[..8]));
        self.journal.clone().unwrap_or_else(|| self.dir.join("imports").join(name))
    }
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows whose fate is known.
    pub rows: u64,
    /// Rows of the file.
    pub of: u64,
}

/// Imports a file. Dropped half way, or killed, it may be run again and goes on.
///
/// * `progress`: called whenever the fate of more rows is known.
///
/// # Errors
///
/// [`ImportError`]; what was imported by then stays.
pub async fn import(
    trade: Trade,
    node: &Node,
    job: &Job,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, ImportError> {
    match trade {
        Trade::Orders => run::import::<orders::Orders>(node, job, progress).await,
        Trade::Prices => run::import::<prices::Prices>(node, job, progress).await,
    }
}

/// Reads a file as an import would, says nothing and needs no node: what the chain would refuse is counted
/// as imported.
///
/// # Errors
///
/// [`ImportError`] of the file.
pub fn dry_run(
    trade: Trade,
    file: &Path,
    rejects: Option<&Path>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, ImportError> {
    match trade {
        Trade::Orders => run::dry_run::<orders::Orders>(file, rejects, progress),
        Trade::Prices => run::dry_run::<prices::Prices>(file, rejects, progress),
    }
}
