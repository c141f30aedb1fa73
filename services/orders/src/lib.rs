//! gRPC face of orders. No rule is in here.

#![forbid(unsafe_code)]

mod convert;
mod lists;
mod orders;
#[cfg(test)]
mod tests;

pub use lists::{TABLES, lists};
pub use orders::Orders;
