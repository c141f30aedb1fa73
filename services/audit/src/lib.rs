//! gRPC face of the log itself: entries, checkpoints, proofs. No rule is in here.
//!
//! Nobody has to believe what this service says: every answer can be checked against a signed checkpoint.

#![forbid(unsafe_code)]

mod convert;
mod history;
mod service;
mod streams;

pub use service::Audit;
