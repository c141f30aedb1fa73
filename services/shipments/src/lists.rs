//! What the shipment service needs of the query state.

use granary_book::{registry, shipments::Shipment, state::View};
use granary_runtime::projection::{Lists, ListsOf, Place, under};

use crate::convert;

/// First key bytes of the tables that this service reads.
pub const TABLES: &[u8] = &[
    registry::PARTY_IDS.byte,
    registry::PARTIES.byte,
    registry::COMMODITIES.byte,
    registry::ORDER_IDS.byte,
    registry::ORDERS.byte,
    registry::SHIPMENT_IDS.byte,
    registry::SHIPMENTS.byte,
    registry::CARGO.byte,
];

/// Shipments by who sends.
pub(crate) const BY_CONSIGNOR: u8 = 1;
/// Shipments by who is to receive.
pub(crate) const BY_CONSIGNEE: u8 = 2;
/// Shipments by who is to carry.
pub(crate) const BY_CARRIER: u8 = 3;
/// Shipments by order.
pub(crate) const BY_ORDER: u8 = 4;

fn of_shipment(shipment: &Shipment, _: &View<'_>) -> Vec<Place> {
    let mut places = vec![
        under(BY_CONSIGNOR, shipment.consignor),
        under(BY_CONSIGNEE, shipment.consignee),
        under(BY_CARRIER, shipment.carrier.unwrap_or(shipment.consignor)),
    ];
    places.extend(shipment.order.map(|order| under(BY_ORDER, order)));
    places
}

/// The lists that this service makes.
pub fn lists() -> Vec<Box<dyn Lists>> {
    vec![Box::new(
        ListsOf::new(registry::SHIPMENTS, of_shipment)
            .by_stage(|shipment| convert::stage(shipment.stage) as u8),
    )]
}
