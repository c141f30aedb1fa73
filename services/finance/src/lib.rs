//! gRPC face of pledges, prices and credit. No rule is in here.

#![forbid(unsafe_code)]

mod convert;
mod finance;
mod lists;
#[cfg(test)]
mod tests;

pub use finance::Finance;
pub use lists::{TABLES, lists};
