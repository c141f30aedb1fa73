//! Receipts, and drafts of them.

use granary_book::{
    goods::{self, LOTS},
    receipts::{
        Cancellation, Draft, Encumbrance, Hold, Lifecycle, Medium, Publicity, RECEIPTS,
        RELEASE_ORDERS, Receipt,
    },
    state::Row,
    vocabulary::{PartyNo, PledgeId, ReceiptId, ReceiptNo, Time},
};
use granary_proto::receipts::v1::{self as pb, EncumbranceKind};
use granary_runtime::{reading::Reading, wire};

/// A receipt without its history.
pub(crate) fn receipt(reading: &Reading<'_>, row: &Row<ReceiptNo, Receipt>) -> pb::Receipt {
    let Receipt {
        id,
        number,
        kind,
        keeper,
        holder,
        lot,
        commodity,
        grade,
        nominal,
        // Told by what the receipt stands for now.
        shrink_applied: _,
        loss_standard,
        stored_since,
        parent,
        lifecycle: life,
        encumbrance: encumbered_by,
        holds,
        medium,
        fees_due,
        valid_until,
        version,
    } = &row.value;
    let Standing { accept_until, release_order, cancellation } = standing(reading, life);
    pb::Receipt {
        id: id.to_string(),
        number: Some(number.to_string()),
        kind: kind.number().cast_signed(),
        keeper: reading.party(*keeper),
        holder: reading.party(*holder),
        lot: reading.name(&LOTS, *lot, |lot| lot.id),
        commodity: reading.commodity(*commodity),
        grade: grade.to_string(),
        nominal: Some(wire::quantity(*nominal)),
        net: Some(wire::quantity(row.value.net())),
        loss_standard_ppm: loss_standard.get(),
        stored_since_ms: Some(stored_since.ms()),
        parent: parent.map(|no| reading.name(&RECEIPTS, no, |parent| parent.id)),
        lifecycle: lifecycle(life).into(),
        accept_until_ms: accept_until.map(Time::ms),
        release_order,
        cancellation: cancellation.map(Into::into),
        encumbered: encumbered_by.pledge().is_some(),
        encumbrance: Some(encumbrance(reading, encumbered_by)),
        holds: holds.as_slice().iter().map(|held| hold(reading, held)).collect(),
        paper_form: match medium {
            Medium::Electronic => None,
            Medium::PaperOut { form } => Some(form.to_string()),
        },
        fees_due: fees_due.map(wire::money),
        valid_until: valid_until.to_string(),
        version: *version,
        drafter: None,
        as_of_index: reading.as_of_index,
        history: Vec::new(),
    }
}

/// A draft, which will be a receipt to the lot's owner. Without its history.
pub(crate) fn draft(reading: &Reading<'_>, id: ReceiptId, draft: &Draft) -> pb::Receipt {
    let Draft { lot, kind, quantity, valid_until, loss_standard, drafter } = draft;
    let of_lot = LOTS.get(&reading.view, *lot);
    let told = |tell: &dyn Fn(&goods::Lot) -> String| of_lot.as_ref().map(tell).unwrap_or_default();
    let grade = |lot: &goods::Lot| lot.storage().map(|s| s.assay.grade.to_string());
    pb::Receipt {
        id: id.to_string(),
        kind: kind.number().cast_signed(),
        keeper: told(&|lot| reading.party(lot.warehouse)),
        holder: told(&|lot| reading.party(lot.owner)),
        lot: told(&|lot| lot.id.to_string()),
        commodity: told(&|lot| reading.commodity(lot.commodity)),
        grade: told(&|lot| grade(lot).unwrap_or_default()),
        nominal: Some(wire::quantity(*quantity)),
        net: Some(wire::quantity(*quantity)),
        loss_standard_ppm: loss_standard.get(),
        lifecycle: pb::ReceiptLifecycle::Draft.into(),
        encumbrance: Some(encumbrance(reading, &Encumbrance::Free)),
        valid_until: valid_until.to_string(),
        drafter: drafter.map(|person| person.to_string()),
        as_of_index: reading.as_of_index,
        ..pb::Receipt::default()
    }
}

/// Where a receipt stands in its life.
pub(crate) const fn lifecycle(lifecycle: &Lifecycle) -> pb::ReceiptLifecycle {
    match lifecycle {
        Lifecycle::PendingAcceptance { .. } => pb::ReceiptLifecycle::PendingAcceptance,
        Lifecycle::Active => pb::ReceiptLifecycle::Active,
        Lifecycle::Expired => pb::ReceiptLifecycle::Expired,
        Lifecycle::Surrendered { .. } => pb::ReceiptLifecycle::Surrendered,
        Lifecycle::Superseded => pb::ReceiptLifecycle::Superseded,
        Lifecycle::Delivered => pb::ReceiptLifecycle::Delivered,
        Lifecycle::Cancelled(_) => pb::ReceiptLifecycle::Cancelled,
    }
}

/// To whom a receipt is pledged, or reserved for a pledge.
pub(crate) const fn pledgee(encumbrance: &Encumbrance) -> Option<PartyNo> {
    match encumbrance {
        Encumbrance::Reserved { pledgee, .. }
        | Encumbrance::Pledged { pledgee, .. }
        | Encumbrance::Enforcing { pledgee, .. } => Some(*pledgee),
        Encumbrance::Free | Encumbrance::TransferPending { .. } => None,
    }
}

/// What only some stages of a life know.
#[derive(Default)]
struct Standing {
    accept_until: Option<Time>,
    release_order: Option<String>,
    cancellation: Option<pb::ReceiptCancellation>,
}

fn standing(reading: &Reading<'_>, lifecycle: &Lifecycle) -> Standing {
    match lifecycle {
        Lifecycle::PendingAcceptance { until } => {
            Standing { accept_until: Some(*until), ..Standing::default() }
        }
        Lifecycle::Surrendered { order } => {
            let order = reading.name(&RELEASE_ORDERS, *order, |order| order.id);
            Standing { release_order: Some(order), ..Standing::default() }
        }
        Lifecycle::Cancelled(why) => {
            let why = match why {
                Cancellation::Declined => pb::ReceiptCancellation::Declined,
                Cancellation::Lapsed => pb::ReceiptCancellation::Lapsed,
                Cancellation::Returned => pb::ReceiptCancellation::Returned,
            };
            Standing { cancellation: Some(why), ..Standing::default() }
        }
        Lifecycle::Active | Lifecycle::Expired | Lifecycle::Superseded | Lifecycle::Delivered => {
            Standing::default()
        }
    }
}

fn encumbrance(reading: &Reading<'_>, encumbrance: &Encumbrance) -> pb::Encumbrance {
    let pledge = |kind: EncumbranceKind, id: &PledgeId| pb::Encumbrance {
        kind: kind.into(),
        pledge: Some(id.to_string()),
        pledgee: pledgee(encumbrance).map(|no| reading.party(no)),
        ..pb::Encumbrance::default()
    };
    let in_force = |kind, id, since: &Publicity| pb::Encumbrance {
        since_index: Some(since.index),
        since_ms: Some(since.time.ms()),
        ..pledge(kind, id)
    };
    match encumbrance {
        Encumbrance::Free => {
            pb::Encumbrance { kind: EncumbranceKind::Free.into(), ..pb::Encumbrance::default() }
        }
        Encumbrance::Reserved { pledge: id, until, .. } => {
            pb::Encumbrance { until_ms: Some(until.ms()), ..pledge(EncumbranceKind::Reserved, id) }
        }
        Encumbrance::Pledged { pledge: id, since, .. } => {
            in_force(EncumbranceKind::Pledged, id, since)
        }
        Encumbrance::Enforcing { pledge: id, since, .. } => {
            in_force(EncumbranceKind::Enforcing, id, since)
        }
        Encumbrance::TransferPending { transfer, until } => pb::Encumbrance {
            kind: EncumbranceKind::TransferPending.into(),
            until_ms: Some(until.ms()),
            transfer: Some(transfer.to_string()),
            ..pb::Encumbrance::default()
        },
    }
}

fn hold(reading: &Reading<'_>, hold: &Hold) -> pb::ReceiptHold {
    let Hold { kind, authority, order, until } = hold;
    pb::ReceiptHold {
        kind: kind.number().cast_signed(),
        authority: reading.party(*authority),
        order: order.to_string(),
        until_ms: until.map(Time::ms),
    }
}
