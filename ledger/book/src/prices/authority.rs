//! Who may say what about prices.

use super::{ConfirmPrice, ObservePrice, RejectPrice};
use crate::{
    authority::{Rule, Who},
    parties::Role,
    wire::Message,
};

const REVIEWERS: &[Role] = &[Role::PriceSource, Role::Registrar];

/// The rows of this area.
pub const AUTHORITY: &[Rule] = &[
    Rule {
        command: ObservePrice::NAME,
        roles: &[Role::PriceSource],
        who: Who::Anyone,
        cosigners: &[],
    },
    Rule { command: ConfirmPrice::NAME, roles: REVIEWERS, who: Who::Person, cosigners: &[] },
    Rule { command: RejectPrice::NAME, roles: REVIEWERS, who: Who::Person, cosigners: &[] },
];
