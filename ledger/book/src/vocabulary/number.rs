//! Dense numbers: what tables and indexes are keyed by.
//!
//! The book gives each new object the next number of its kind, in the log's order, so that keys written
//! close in time lie close in the store (book.md section 2 has the measurement). Numbers never leave the
//! book: events and bodies carry ids.

use serde::{Deserialize, Serialize};

/// A dense number of some kind of object.
pub trait No: Copy + Eq + Ord {
    /// From its place in the log's order, counting from 0.
    fn from_u64(number: u64) -> Self;
    /// Its place in the log's order.
    fn to_u64(self) -> u64;
}

macro_rules! number {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(u64);

        impl No for $name {
            fn from_u64(number: u64) -> Self {
                Self(number)
            }
            fn to_u64(self) -> u64 {
                self.0
            }
        }
    )*};
}

number! {
    /// Number of a party.
    PartyNo,
    /// Number of a person.
    PersonNo,
    /// Number of a commodity in the registry.
    CommodityNo,
    /// Number of a price feed.
    FeedNo,
    /// Number of a lot.
    LotNo,
    /// Number of a receipt (not the receipt number that people read).
    ReceiptNo,
    /// Number of a transfer.
    TransferNo,
    /// Number of a release order.
    ReleaseOrderNo,
    /// Number of a pledge.
    PledgeNo,
    /// Number of a facility.
    FacilityNo,
    /// Number of a loan.
    LoanNo,
    /// Number of a margin call.
    CallNo,
    /// Number of a price observation.
    PriceNo,
    /// Number of an order.
    OrderNo,
    /// Number of a shipment.
    ShipmentNo,
}
