//! What tests of the whole need: a node in this process, people with keys around it, and the trade up to
//! an issued receipt.
//!
//! * [`Running`]: a node as a test runs it, on loopback and in a directory of its own.
//! * [`World`]: says commands to a node in the name of [`Actor`]s, signed, over gRPC.
//! * [`Trade`]: a cooperative, a licensed warehouse and those who weigh, inspect and insure; makes lots
//!   and receipts.
//!
//! Everything is seeded: the same test says the same statements with the same keys. Only the time of day
//! differs, unless the chain's clock is simulated.

#![forbid(unsafe_code)]

mod actor;
mod node;
mod shared_data;
mod trade;
mod world;

pub use actor::Actor;
pub use node::{Running, config, found};
pub use shared_data::shared_data;
pub use trade::{Trade, code};
pub use world::{Signed, Told, World};
