//! gRPC face of shipments. No rule is in here.

#![forbid(unsafe_code)]

mod convert;
mod lists;
mod post;
mod shipments;
#[cfg(test)]
mod tests;

pub use lists::{TABLES, lists};
pub use shipments::Shipments;
