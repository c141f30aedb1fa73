//! What is true of all lots and stores after every event.

use std::collections::BTreeMap;

use super::{Account, LOTS, STORES, Stage};
use crate::{registries, state::View};

/// Checks every lot and every store: INV-01, INV-03, and that a store holds what its lots have in store.
///
/// # Panics
///
/// When one of them doesn't hold.
pub(crate) fn check(view: &View<'_>) {
    let mut held = BTreeMap::new();
    for row in LOTS.scan(view, None, usize::MAX) {
        let lot = row.value;
        let balance = |account| lot.accounts.balance(account).amount();
        let sum: u64 = Account::HOLDING.into_iter().map(balance).sum();
        assert_eq!(balance(Account::Received), sum, "INV-01 conservation of {}", lot.id);
        match &lot.stage {
            Stage::Stored(storage) => {
                let key = (lot.warehouse, registries::key(&storage.store));
                *held.entry(key).or_insert(0) += lot.accounts.in_store().amount();
            }
            _ => assert_eq!(sum, 0, "INV-03 {} holds goods and isn't stored", lot.id),
        }
    }
    for (key, store) in STORES.scan(view, &(), None, usize::MAX) {
        assert_eq!(store.held, held.remove(&key).unwrap_or(0), "a store holds what its lots have");
        assert!(store.held <= store.capacity.amount(), "a store holds more than fits into it");
    }
    assert!(held.is_empty(), "goods lie in a store that isn't registered");
}
