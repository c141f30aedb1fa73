//! The ground a node stands on: whatever touches a disk, a clock, a signal or a secret.
//!
//! * [`config`]: everything an operator can set, checked before anything is opened.
//! * [`store`]: derived state, behind one small trait. It may always be thrown away and rebuilt.
//! * [`keystore`]: signing keys at rest.
//! * [`telemetry`]: log lines, metrics, health.
//! * [`supervise`]: tasks, threads and signals; every start has an end.
//! * [`files`]: the evidence on disk, where a failed sync ends the process; locks; atomic files.
//!
//! * [`sequence`], [`apply`], [`layers`]: the path of a statement from the ordering log to its answer.
//! * [`door`], [`queries`], [`projection`], [`reading`]: what callers meet.
//! * [`signer`] signs checkpoints; [`verify`] checks a directory.
//! * [`maintain`]: what operators do with the storage: examine, mend, rebuild, back up, restore.
//!
//! Nothing in here knows a rule of the trade.

#![forbid(unsafe_code)]

pub mod answer;
pub mod apply;
pub mod chain;
pub mod config;
pub mod door;
pub mod files;
pub mod flush;
mod hot;
pub mod journal;
pub mod keystore;
pub mod layers;
pub mod maintain;
pub mod paging;
pub mod projection;
pub mod proofs;
pub mod publication;
pub mod publish;
pub mod queries;
pub mod reading;
pub mod reply;
pub mod sequence;
pub mod signer;
pub mod state_root;
pub mod status;
pub mod store;
pub mod supervise;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tiles;
pub mod time;
pub mod typed;
pub mod verify;
pub mod waiters;
pub mod wire;
