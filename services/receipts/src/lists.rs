//! What the receipt service needs of the query state.

use granary_book::{
    goods::Lot,
    receipts::{Receipt, Transfer},
    registry,
    state::View,
};
use granary_runtime::projection::{Lists, ListsOf, Place, under};

use crate::convert;

/// First key bytes of the tables that this service reads.
pub const TABLES: &[u8] = &[
    registry::PARTIES.byte,
    registry::PARTY_IDS.byte,
    registry::COMMODITIES.byte,
    registry::LOT_IDS.byte,
    registry::LOTS.byte,
    registry::RECEIPT_IDS.byte,
    registry::RECEIPTS.byte,
    registry::DRAFTS.byte,
    registry::TRANSFER_IDS.byte,
    registry::TRANSFERS.byte,
    registry::RELEASE_ORDER_IDS.byte,
    registry::RELEASE_ORDERS.byte,
];

/// Lots by who brought them.
pub(crate) const LOTS_BY_DEPOSITOR: u8 = 1;
/// Lots by whose goods they are.
pub(crate) const LOTS_BY_OWNER: u8 = 2;
/// Lots by who keeps them.
pub(crate) const LOTS_BY_WAREHOUSE: u8 = 3;

/// Receipts by who holds them.
pub(crate) const RECEIPTS_BY_HOLDER: u8 = 1;
/// Receipts by who issued them.
pub(crate) const RECEIPTS_BY_KEEPER: u8 = 2;
/// Receipts by whom they are pledged to, or reserved for.
pub(crate) const RECEIPTS_BY_PLEDGEE: u8 = 3;

/// Transfers by who offered them.
pub(crate) const TRANSFERS_BY_FROM: u8 = 1;
/// Transfers by whom they were offered to.
pub(crate) const TRANSFERS_BY_TO: u8 = 2;

fn of_lot(lot: &Lot, _: &View<'_>) -> Vec<Place> {
    vec![
        under(LOTS_BY_DEPOSITOR, lot.depositor),
        under(LOTS_BY_OWNER, lot.owner),
        under(LOTS_BY_WAREHOUSE, lot.warehouse),
    ]
}

fn of_receipt(receipt: &Receipt, _: &View<'_>) -> Vec<Place> {
    let mut places =
        vec![under(RECEIPTS_BY_HOLDER, receipt.holder), under(RECEIPTS_BY_KEEPER, receipt.keeper)];
    let pledgee = convert::pledgee(&receipt.encumbrance);
    places.extend(pledgee.map(|pledgee| under(RECEIPTS_BY_PLEDGEE, pledgee)));
    places
}

fn of_transfer(transfer: &Transfer, _: &View<'_>) -> Vec<Place> {
    vec![under(TRANSFERS_BY_FROM, transfer.from), under(TRANSFERS_BY_TO, transfer.to)]
}

/// The lists that this service makes.
pub fn lists() -> Vec<Box<dyn Lists>> {
    vec![
        Box::new(
            ListsOf::new(registry::LOTS, of_lot)
                .by_stage(|lot| convert::lot_stage(&lot.stage) as u8),
        ),
        Box::new(
            ListsOf::new(registry::RECEIPTS, of_receipt)
                .by_stage(|receipt| convert::lifecycle(&receipt.lifecycle) as u8),
        ),
        Box::new(
            ListsOf::new(registry::TRANSFERS, of_transfer)
                .by_stage(|transfer| convert::transfer_stage(&transfer.stage) as u8),
        ),
    ]
}
