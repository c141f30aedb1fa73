//! Lots and receipts of the book as they go over the wire.

mod lot;
mod movement;
mod receipt;

pub(crate) use lot::{lot, lot_stage};
pub(crate) use movement::{release_order, transfer, transfer_stage};
pub(crate) use receipt::{draft, lifecycle, pledgee, receipt};
