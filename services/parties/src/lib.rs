//! gRPC faces of statements, parties and registries. No rule is in here.

#![forbid(unsafe_code)]

mod convert;
mod lists;
mod parties;
mod statements;
#[cfg(test)]
mod tests;

pub use lists::{TABLES, lists};
pub use parties::Parties;
pub use statements::Statements;
