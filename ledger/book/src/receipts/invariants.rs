//! What is true of all receipts after every event.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Cancellation, DRAFTS, Encumbrance, GATE_OUTS, Lifecycle, Medium, PLEDGED, RECEIPTS,
    RELEASE_ORDERS, Receipt, ReceiptKind, ReleaseStage, TRANSFERS, TransferStage, serial,
};
use crate::{
    goods::{self, Account, LOTS, Lot, OwnershipClass},
    parties::PARTIES,
    registries,
    state::{Row, View},
    vocabulary::{LotNo, ReceiptNo},
};

/// Checks goods and receipts: INV-01 to INV-05, INV-09, INV-10, INV-12, INV-15, INV-16, INV-60, and that
/// receipts, transfers, release orders and the index of pledges say the same.
///
/// # Panics
///
/// When one of them doesn't hold.
pub(crate) fn check(view: &View<'_>) {
    goods::invariants::check(view);
    let receipts = RECEIPTS.scan(view, None, usize::MAX);
    covered(view, &receipts);
    numbered(&receipts);
    lineage(view, &receipts);
    released(view);
    pledged(view, &receipts);
    for row in &receipts {
        one(view, row);
    }
}

/// What a live receipt stands for; of a surrendered one, what is still to leave (INV-02).
fn live(view: &View<'_>, receipt: &Receipt) -> u64 {
    match receipt.lifecycle {
        Lifecycle::PendingAcceptance { .. } | Lifecycle::Active | Lifecycle::Expired => {
            receipt.net().amount()
        }
        Lifecycle::Surrendered { order } => {
            RELEASE_ORDERS.get(view, order).expect("an order").remaining().amount()
        }
        Lifecycle::Superseded | Lifecycle::Delivered | Lifecycle::Cancelled(_) => 0,
    }
}

/// INV-02: live receipts and drafts stand for exactly what their lots hold under receipts.
fn covered(view: &View<'_>, receipts: &[Row<ReceiptNo, Receipt>]) {
    let mut claims: BTreeMap<LotNo, u64> = BTreeMap::new();
    for row in receipts {
        *claims.entry(row.value.lot).or_insert(0) += live(view, &row.value);
    }
    for (_, draft) in DRAFTS.scan(view, &(), None, usize::MAX) {
        *claims.entry(draft.lot).or_insert(0) += draft.quantity.amount();
    }
    let under =
        [Account::IssueReserved, Account::Receipted, Account::DeliveryReserved, Account::Impaired];
    for row in LOTS.scan(view, None, usize::MAX) {
        let held: u64 = under.iter().map(|a| row.value.accounts.balance(*a).amount()).sum();
        let claimed = claims.remove(&row.no).unwrap_or(0);
        assert_eq!(claimed, held, "INV-02 claims on {}", row.value.id);
    }
}

/// INV-09: a number is right in itself and given once.
fn numbered(receipts: &[Row<ReceiptNo, Receipt>]) {
    let mut seen = BTreeSet::new();
    for row in receipts {
        let serial = serial(&row.value.number).expect("a number with its check digit");
        assert!(seen.insert(serial), "INV-09 {} is given twice", row.value.number);
    }
}

/// INV-04: a split neither makes nor loses anything; parents are older than their children.
fn lineage(view: &View<'_>, receipts: &[Row<ReceiptNo, Receipt>]) {
    let mut children: BTreeMap<ReceiptNo, u64> = BTreeMap::new();
    for row in receipts {
        if let Some(parent) = row.value.parent {
            assert!(parent < row.no, "INV-04 a child is older than its parent");
            *children.entry(parent).or_insert(0) += row.value.nominal.amount();
        }
    }
    for (parent, sum) in children {
        let parent = RECEIPTS.get(view, parent).expect("a parent");
        assert_eq!(parent.lifecycle, Lifecycle::Superseded);
        assert_eq!(sum, parent.net().amount(), "INV-04 children of {}", parent.id);
    }
}

/// INV-05: every gate-out cites an order, and no order is exceeded beyond its tolerance.
fn released(view: &View<'_>) {
    let mut left = BTreeMap::new();
    for (_, gate_out) in GATE_OUTS.scan(view, &(), None, usize::MAX) {
        *left.entry(gate_out.release_order).or_insert(0) += gate_out.quantity.amount();
    }
    let ppm = u64::from(registries::profile(view).release_tolerance_ppm.get());
    for row in RELEASE_ORDERS.scan(view, None, usize::MAX) {
        let order = row.value;
        assert_eq!(left.remove(&row.no).unwrap_or(0), order.released, "INV-05 gate-outs");
        let most = order.quantity.amount() + order.quantity.amount() * ppm / 1_000_000;
        assert!(order.released <= most, "INV-05 {} is exceeded", order.id);
        let receipt = RECEIPTS.get(view, order.receipt).expect("a receipt");
        let open = receipt.lifecycle == Lifecycle::Surrendered { order: row.no };
        assert_eq!(order.stage == ReleaseStage::Open, open, "an order is open while surrendered");
    }
    assert!(left.is_empty(), "INV-05 a gate-out cites no order");
}

/// The index of pledges and the receipts say the same; restricted goods back no pledge (INV-16).
fn pledged(view: &View<'_>, receipts: &[Row<ReceiptNo, Receipt>]) {
    let index: BTreeSet<_> =
        PLEDGED.scan(view, &(), None, usize::MAX).into_iter().map(|(key, ())| key).collect();
    let said = receipts
        .iter()
        .filter_map(|row| row.value.encumbrance.pledge().map(|pledge| (pledge, row.no)));
    assert_eq!(index, said.collect::<BTreeSet<_>>(), "receipts under pledges");
}

fn one(view: &View<'_>, row: &Row<ReceiptNo, Receipt>) {
    let receipt = &row.value;
    assert!(PARTIES.get(view, receipt.holder).is_some(), "INV-10 {} has no holder", receipt.id);
    let lot = LOTS.get(view, receipt.lot).expect("a lot");
    let storage = lot.storage().expect("INV-03 a receipt's lot was brought, weighed and graded");
    let parties = BTreeSet::from([storage.assay.inspector, lot.warehouse, lot.depositor]);
    assert_eq!(parties.len(), 3, "INV-60 inspector, issuer and depositor of {}", receipt.id);
    owned(receipt, &lot);
    if receipt.medium != Medium::Electronic {
        assert_eq!(receipt.encumbrance, Encumbrance::Free, "INV-12 {} on paper", receipt.id);
    }
    if let Encumbrance::TransferPending { transfer, .. } = receipt.encumbrance {
        let transfer = TRANSFERS.find(view, &transfer).expect("a transfer").value;
        assert!(matches!(transfer.stage, TransferStage::Open { .. }), "a transfer is pending");
        assert_eq!((transfer.receipt, transfer.from), (row.no, receipt.holder));
    }
    if receipt.lifecycle == Lifecycle::Cancelled(Cancellation::Returned) {
        assert_eq!(receipt.holder, receipt.keeper, "INV-15 {} is cancelled", receipt.id);
    }
    if receipt.lifecycle.is_terminal() {
        assert_eq!(receipt.encumbrance, Encumbrance::Free, "{} ended encumbered", receipt.id);
    }
}

/// INV-16.
fn owned(receipt: &Receipt, lot: &Lot) {
    let free = lot.ownership == OwnershipClass::Own;
    let restricted_may =
        receipt.kind == ReceiptKind::NonNegotiable && receipt.encumbrance.pledge().is_none();
    assert!(free || restricted_may, "INV-16 {}", receipt.id);
}
