//! The ledger's bytes: what is said, what was decided about it, and how anybody can check both.
//!
//! A **statement** is a command signed by a party. The log puts statements into one order, the
//! book decides each, and statement and outcome together are an **entry**: the leaf of an
//! RFC 6962 Merkle log in which every leaf also holds the hash of the leaf before it. So one root
//! commits to the entries, to their order and to the chain between them.
//!
//! Everything in here is a pure function of bytes. The crate starts no runtime, reads no clock,
//! draws no random number and opens no file; segments reach their files through
//! [`segment::Storage`]. Nothing panics on bytes from outside, whoever made them.
//!
//! The normative description is `docs/format.md`; a test in Python, written from that text alone,
//! makes the same bytes.
#![forbid(unsafe_code)]

mod codec;
mod text;

pub mod barrier;
pub mod chain;
pub mod checkpoint;
pub mod cosignature;
pub mod entry;
pub mod hash;
pub mod ids;
pub mod map;
pub mod note;
pub mod proof_file;
pub mod record;
pub mod segment;
pub mod signature;
pub mod statement;
pub mod tile;
pub mod tree;
pub mod two_histories;
pub mod verify;
pub mod witness;
