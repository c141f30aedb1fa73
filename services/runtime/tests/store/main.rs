//! One suite for every store: the contract while all goes well, and what damage leaves of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod conformance;
mod damage;
mod numbered;
mod rig;
