//! The ground a node stands on: whatever touches a disk, a clock, a signal or a secret.
//!
//! * [`config`]: everything an operator can set, checked before anything is opened.
//! * [`store`]: derived state, behind one small trait. It may always be thrown away and rebuilt.
//! * [`keystore`]: signing keys at rest.
//! * [`telemetry`]: log lines, metrics, health.
//! * [`supervise`]: tasks, threads and signals; every start has an end.
//! * [`files`]: the evidence on disk, where a failed sync ends the process; locks; atomic files.
//!
//! Nothing in here knows a rule of the trade.

#![forbid(unsafe_code)]

pub mod config;
pub mod files;
pub mod keystore;
pub mod store;
pub mod supervise;
pub mod telemetry;
