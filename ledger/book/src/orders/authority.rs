//! Who may say what about orders. That it must be *this* order's buyer or seller is a rule of the area.

use super::{
    AcceptGoods, AmendOrder, CancelOrder, ConfirmOrderFinance, CountersignOrder, InvoiceOrder,
    OfferOrderForFinance, PlaceOrder, RejectGoods, RejectOrder, ReleaseOrderFinance, SettleOrder,
};
use crate::{
    authority::{Rule, Who},
    parties::Role,
    wire::Message,
};

/// Whoever may be the other side of an order, or finance it.
const OTHER_SIDES: &[Role] =
    &[Role::Buyer, Role::Cooperative, Role::Farmer, Role::Warehouse, Role::Bank];

const fn rule(command: &'static str, roles: &'static [Role]) -> Rule {
    Rule { command, roles, who: Who::Anyone, cosigners: &[] }
}

/// The rows of this area. Any active party may sell.
pub const AUTHORITY: &[Rule] = &[
    rule(PlaceOrder::NAME, &[Role::Buyer]),
    rule(CountersignOrder::NAME, &[]),
    rule(RejectOrder::NAME, &[]),
    Rule { command: AmendOrder::NAME, roles: &[], who: Who::Person, cosigners: OTHER_SIDES },
    rule(OfferOrderForFinance::NAME, &[]),
    Rule {
        command: ConfirmOrderFinance::NAME,
        roles: &[Role::Bank],
        who: Who::Person,
        cosigners: &[],
    },
    Rule { command: ReleaseOrderFinance::NAME, roles: &[], who: Who::Person, cosigners: &[] },
    rule(AcceptGoods::NAME, &[Role::Buyer]),
    rule(RejectGoods::NAME, &[Role::Buyer]),
    rule(InvoiceOrder::NAME, &[]),
    rule(SettleOrder::NAME, &[Role::Buyer, Role::Bank]),
    Rule { command: CancelOrder::NAME, roles: &[], who: Who::Person, cosigners: OTHER_SIDES },
];
