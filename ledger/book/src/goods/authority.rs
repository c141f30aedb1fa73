//! Who may say what about goods.

use super::{
    AcceptToStore, AnnounceDeposit, RecordArrival, RecordAssay, RecordWeight, RefuseDeposit,
    RegisterScale, RegisterStore, RenewInsurance, TakeSample,
};
use crate::{
    authority::{Rule, Who},
    parties::Role,
    wire::Message,
};

const fn said_by(command: &'static str, roles: &'static [Role]) -> Rule {
    Rule { command, roles, who: Who::Anyone, cosigners: &[] }
}

/// The rows of this area.
pub const AUTHORITY: &[Rule] = &[
    said_by(RegisterScale::NAME, &[Role::Weigher, Role::Warehouse]),
    said_by(RegisterStore::NAME, &[Role::Warehouse]),
    said_by(AnnounceDeposit::NAME, &[Role::Cooperative, Role::Farmer, Role::Buyer]),
    // A gate belongs to the warehouse: the rules ask that both have one owner.
    said_by(RecordArrival::NAME, &[Role::Warehouse, Role::Gate]),
    said_by(RecordWeight::NAME, &[Role::Weigher, Role::Warehouse]),
    said_by(TakeSample::NAME, &[Role::Inspector]),
    said_by(RecordAssay::NAME, &[Role::Laboratory]),
    said_by(RefuseDeposit::NAME, &[Role::Warehouse]),
    said_by(AcceptToStore::NAME, &[Role::Warehouse]),
    said_by(RenewInsurance::NAME, &[Role::Warehouse]),
];
