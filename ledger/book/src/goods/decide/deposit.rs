//! A deposit from its announcement to the gate, and its refusal.

use super::{keeps_gate_of, require_keeper};
use crate::{
    at::At,
    goods::{
        AnnounceDeposit, DepositAnnounced, DepositRefused, Event, GoodsArrived, LOTS,
        RecordArrival, RefuseDeposit, Stage, find, party_id, refusal,
    },
    parties::{self, Role},
    refusal::{Code, ObjectKind, Refusal},
    registries,
    state::View,
    vocabulary::LotId,
};

/// AnnounceDeposit: the warehouse accepts the commodity.
pub(super) fn announce(
    view: &View<'_>,
    command: &AnnounceDeposit,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let lot: LotId = at.id(0);
    if LOTS.has(view, &lot) {
        return Err(Refusal::new(Code::IdTaken).subject(ObjectKind::Lot, lot));
    }
    let warehouse = parties::active(view, command.warehouse, &[Role::Warehouse])?;
    let owner = match command.owner {
        Some(owner) => parties::active(view, owner, &[])?.value.id,
        None => at.party_id,
    };
    if warehouse.no == at.party || owner == warehouse.value.id {
        return Err(refusal::depositor_is_keeper(warehouse.value.id));
    }
    let commodity = registries::commodity_checked(view, &command.commodity, command.quantity)?;
    parties::require_licence(view, warehouse.no, commodity.no, at.time())
        .map_err(|_| refusal::commodity_not_accepted(warehouse.value.id, &command.commodity))?;
    Ok(Event::DepositAnnounced(DepositAnnounced {
        lot,
        depositor: at.party_id,
        owner,
        warehouse: warehouse.value.id,
        commodity: command.commodity.clone(),
        quantity: command.quantity,
        ownership: command.ownership,
        not_graded: command.not_graded,
        crop_year: command.crop_year,
        origin: command.origin.clone(),
    }))
}

/// RecordArrival. A broken seal is recorded and blocks nothing: the goods are there.
pub(super) fn record_arrival(
    view: &View<'_>,
    command: &RecordArrival,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let lot = find(view, command.lot)?.value;
    if !keeps_gate_of(view, at.party, lot.warehouse) {
        return Err(refusal::not_the_keeper(lot.id));
    }
    match &lot.stage {
        Stage::Announced => {}
        stage => return Err(lot.in_another_stage(stage)),
    }
    registries::check_occurred_at(view, at, command.occurred_at_ms)?;
    Ok(Event::GoodsArrived(GoodsArrived {
        lot: lot.id,
        warehouse: party_id(view, lot.warehouse)?,
        gate: at.party_id,
        carriage: command.carriage,
        seal: command.seal,
        shipment: command.shipment,
        occurred_at_ms: command.occurred_at_ms,
    }))
}

/// RefuseDeposit: from the scale on, until the goods are in store.
pub(super) fn refuse(
    view: &View<'_>,
    command: &RefuseDeposit,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let lot = find(view, command.lot)?.value;
    require_keeper(&lot, at)?;
    match &lot.stage {
        Stage::Weighed { .. } | Stage::Sampled { .. } | Stage::Graded { .. } => {}
        stage => return Err(lot.in_another_stage(stage)),
    }
    Ok(Event::DepositRefused(DepositRefused {
        lot: lot.id,
        warehouse: at.party_id,
        fault: command.fault,
        offer: command.offer,
    }))
}
