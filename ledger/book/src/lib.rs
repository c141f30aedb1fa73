//! The book: what is true about the trade.
//!
//! A pure function from (state, moment, statement) to (outcome, changes). Nothing in this crate reads
//! a clock, a file, the network or the environment; nothing mints randomness; nothing uses a float.
//! Two nodes that apply the same statements in the same order hold the same state, byte for byte.
//!
//! Read `apply` first (one statement, step by step), then `authority` (who may say what), then the
//! areas in their order of dependence: parties, registries, goods, receipts, pledges, prices, credit,
//! orders, shipments. Each area has `command.rs`, `event.rs`, `state.rs`, `refusal.rs`, `decide/`
//! (reads, never writes) and `evolve.rs` (writes, decides nothing).
#![forbid(unsafe_code)]

pub mod apply;
pub mod areas;
pub mod at;
pub mod authority;
pub mod chain;
pub mod credit;
pub mod deadline;
pub mod goods;
pub mod names;
pub mod orders;
pub mod parties;
pub mod pledges;
pub mod prices;
pub mod receipts;
pub mod refusal;
pub mod registries;
pub mod registry;
pub mod shipments;
pub mod state;
#[cfg(test)]
pub(crate) mod testing;
pub mod vocabulary;
pub mod wire;

/// The feature level of these rules. A chain at another level is not this build's to decide.
pub const LEVEL: u32 = 1;
