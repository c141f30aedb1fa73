//! The ground a node stands on: whatever touches a disk, a clock, a signal or a secret.
//!
//! * [`store`]: derived state, behind one small trait. It may always be thrown away and rebuilt.
//! * [`files`]: the evidence on disk, where a failed sync ends the process; locks; atomic files.
//!
//! Nothing in here knows a rule of the trade.

#![forbid(unsafe_code)]

pub mod files;
pub mod store;
