//! Receipts: given, when, then. One file per process of the trade.

mod delivery;
mod fees;
mod histories;
mod holds;
pub(crate) mod house;
mod issue;
mod medium;
mod numbers;
mod split;
mod surrender;
mod transfer;
