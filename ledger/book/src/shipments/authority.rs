//! Who may say what about shipments. That it must be *this* shipment's consignor, carrier, custodian or
//! consignee is a rule of the area.

use super::{
    AcceptHandover, BookCarrier, CancelShipment, CloseShipment, DeclareLost, OfferHandover,
    PlanShipment, PlanWarehouseMove, RecordDelivery, RecordLoading, RecordReturn,
    RecordShipmentArrival, RecordWaypoint, RejectHandover, ReplaceSeals,
};
use crate::{
    authority::{Rule, Who},
    parties::Role,
    wire::Message,
};

/// Whoever may receive goods.
const CONSIGNEES: &[Role] = &[Role::Buyer, Role::Cooperative, Role::Farmer, Role::Warehouse];

const fn rule(command: &'static str, roles: &'static [Role]) -> Rule {
    Rule { command, roles, who: Who::Anyone, cosigners: &[] }
}

/// The rows of this area.
pub const AUTHORITY: &[Rule] = &[
    rule(PlanShipment::NAME, &[]),
    rule(PlanWarehouseMove::NAME, &[]),
    rule(BookCarrier::NAME, &[Role::Carrier]),
    rule(RecordLoading::NAME, &[]),
    rule(OfferHandover::NAME, &[]),
    rule(AcceptHandover::NAME, &[]),
    rule(RejectHandover::NAME, &[]),
    rule(ReplaceSeals::NAME, &[]),
    rule(RecordWaypoint::NAME, &[]),
    rule(RecordShipmentArrival::NAME, &[]),
    Rule { command: RecordDelivery::NAME, roles: &[], who: Who::Anyone, cosigners: CONSIGNEES },
    rule(RecordReturn::NAME, &[]),
    rule(DeclareLost::NAME, &[]),
    rule(CloseShipment::NAME, &[]),
    rule(CancelShipment::NAME, &[]),
];
