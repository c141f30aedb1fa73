//! gRPC face of goods and warehouse receipts. No rule is in here.

#![forbid(unsafe_code)]

mod convert;
mod lists;
mod receipts;
#[cfg(test)]
mod tests;

pub use lists::{TABLES, lists};
pub use receipts::Receipts;
