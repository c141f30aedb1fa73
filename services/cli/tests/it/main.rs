//! The binary against a node in this process, as somebody at a terminal uses it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod asking;
mod demo;
mod keys;
mod log;
mod mistakes;
mod node;
mod offline;
mod sending;
mod upkeep;
mod verifying;
