//! Stores, and goods taken into them.

use super::require_keeper;
use crate::{
    at::At,
    goods::{
        AcceptToStore, DepositSlipIssued, Event, Insurance, InsuranceRenewed, Lot, LotStored,
        RegisterStore, RenewInsurance, STORES, Stage, StoreRegistered, find, party_id, refusal,
    },
    parties::{self, Role},
    refusal::{Code, Refusal},
    registries::{self, COMMODITIES},
    state::View,
    vocabulary::{self, Quantity},
};

/// RegisterStore: room for at least what lies in it already.
pub(super) fn register_store(
    view: &View<'_>,
    command: &RegisterStore,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    if command.capacity.is_zero() {
        return Err(Refusal::new(Code::QuantityZero).field("capacity"));
    }
    if let Some(store) = STORES.get(view, &(at.party, registries::key(&command.store))) {
        if store.capacity.unit() != command.capacity.unit() {
            return Err(Refusal::new(Code::UnitMismatch).field("capacity"));
        }
        if store.held > command.capacity.amount() {
            let held = Quantity::new(store.held, store.capacity.unit());
            return Err(refusal::capacity_exceeded(command.capacity, held));
        }
    }
    Ok(Event::StoreRegistered(StoreRegistered {
        warehouse: at.party_id,
        store: command.store.clone(),
        capacity: command.capacity,
    }))
}

/// AcceptToStore: room in the store, insurance in force. The slip that follows is not title.
pub(super) fn accept(
    view: &View<'_>,
    command: &AcceptToStore,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let lot = find(view, command.lot)?.value;
    require_keeper(&lot, at)?;
    let (net, grade) = match &lot.stage {
        Stage::Graded { net, assay } => (*net, assay.grade.clone()),
        stage => return Err(lot.in_another_stage(stage)),
    };
    require_room(view, &command.store, net, at)?;
    let insurance = command.insurance.clone().ok_or_else(|| refusal::insurance_missing(lot.id))?;
    require_in_force(view, &insurance, &lot, at)?;
    let commodity = COMMODITIES.get(view, lot.commodity).ok_or(Code::NotRegistered)?;
    let stored = LotStored {
        lot: lot.id,
        warehouse: at.party_id,
        owner: party_id(view, lot.owner)?,
        ownership: command.ownership,
        store: command.store.clone(),
        quantity: net,
        grade: grade.clone(),
        commingling: command.commingling,
        insurance,
    };
    let slip = DepositSlipIssued {
        lot: lot.id,
        depositor: party_id(view, lot.depositor)?,
        warehouse: at.party_id,
        commodity: commodity.code,
        grade,
        quantity: net,
    };
    Ok(vec![stored.into(), slip.into()])
}

fn require_room(
    view: &View<'_>,
    code: &vocabulary::Code,
    net: Quantity,
    at: &At<'_>,
) -> Result<(), Refusal> {
    let store = STORES
        .get(view, &(at.party, registries::key(code)))
        .ok_or_else(|| refusal::not_registered("store", code))?;
    if store.capacity.unit() != net.unit() {
        return Err(Refusal::new(Code::UnitMismatch).field("store"));
    }
    let free = Quantity::new(store.capacity.amount().saturating_sub(store.held), net.unit());
    if net.amount() > free.amount() {
        return Err(refusal::capacity_exceeded(free, net));
    }
    Ok(())
}

/// RenewInsurance: a receipt can't promise what insurance doesn't cover (R1), so a policy may follow
/// another.
pub(super) fn renew_insurance(
    view: &View<'_>,
    command: &RenewInsurance,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let lot = find(view, command.lot)?.value;
    require_keeper(&lot, at)?;
    lot.storage()?;
    require_in_force(view, &command.insurance, &lot, at)?;
    Ok(Event::InsuranceRenewed(InsuranceRenewed {
        lot: lot.id,
        warehouse: at.party_id,
        insurance: command.insurance.clone(),
    }))
}

fn require_in_force(
    view: &View<'_>,
    insurance: &Insurance,
    lot: &Lot,
    at: &At<'_>,
) -> Result<(), Refusal> {
    parties::active(view, insurance.insurer, &[Role::Insurer])?;
    if insurance.until < at.time().date_at(0) {
        return Err(refusal::insurance_missing(lot.id));
    }
    Ok(())
}
