//! What the order service needs of the query state.

use granary_book::{orders::Order, registry, state::View};
use granary_runtime::projection::{Lists, ListsOf, Place, under};

use crate::convert;

/// First key bytes of the tables that this service reads.
pub const TABLES: &[u8] = &[
    registry::PARTY_IDS.byte,
    registry::PARTIES.byte,
    registry::COMMODITIES.byte,
    registry::ORDER_IDS.byte,
    registry::ORDERS.byte,
    registry::ORDER_LINES.byte,
    registry::DELIVERIES.byte,
    registry::INVOICES.byte,
    registry::IMPORTED_ORDERS.byte,
];

/// Orders by who buys.
pub(crate) const BY_BUYER: u8 = 1;
/// Orders by who sells.
pub(crate) const BY_SELLER: u8 = 2;

fn of_order(order: &Order, _: &View<'_>) -> Vec<Place> {
    vec![under(BY_BUYER, order.buyer), under(BY_SELLER, order.seller)]
}

/// The lists that this service makes.
pub fn lists() -> Vec<Box<dyn Lists>> {
    vec![Box::new(
        ListsOf::new(registry::ORDERS, of_order)
            .by_stage(|order| convert::stage(order.stage) as u8),
    )]
}
