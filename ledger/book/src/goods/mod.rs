//! Goods: lots from their announcement to the last gram that leaves.
//!
//! Invariants: what was received of a lot is exactly what its accounts hold together (INV-01); nothing
//! moves but from one account to another; a lot in store was brought, weighed and graded (INV-03), by an
//! inspector and a laboratory who are neither keeper nor depositor nor owner (INV-60); a weigh ticket is
//! used once (INV-09); a store never holds more than its capacity. Receipts, above, post within a lot
//! through [`post`] and in no other way.

mod accounts;
mod authority;
mod command;
mod decide;
mod event;
mod evolve;
#[cfg(test)]
pub(crate) mod invariants;
pub(crate) mod refusal;
mod state;
#[cfg(test)]
pub(crate) mod tests;

pub use accounts::{Account, Accounts, Posting};
pub use authority::AUTHORITY;
pub use command::{
    AcceptToStore, AnnounceDeposit, AssayValue, Command, Commingling, Fault, Insurance,
    OwnershipClass, RecordArrival, RecordAssay, RecordWeight, RefuseDeposit, RegisterScale,
    RegisterStore, RenewInsurance, Seal, TakeSample, Treatment,
};
pub use decide::decide;
pub(crate) use decide::keeps_gate_of;
pub use event::{
    DepositAnnounced, DepositRefused, DepositSlipIssued, Event, GoodsArrived, InsuranceRenewed,
    LotGraded, LotStored, LotWeighed, SampleTaken, ScaleRegistered, StoreRegistered,
};
pub use evolve::evolve;
pub use state::{Assay, LOTS, Lot, NOT_GRADED, SCALES, STORES, Scale, Stage, Storage, Store, find};
pub(crate) use state::{party_id, post};
