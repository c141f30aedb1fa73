//! Scales and what they say.

use crate::{
    at::At,
    goods::{
        Event, Lot, LotWeighed, RecordWeight, RegisterScale, SCALES, ScaleRegistered, Stage, find,
        refusal,
    },
    names,
    parties::{self, Role},
    refusal::{Code, Refusal},
    registries::{self, COMMODITIES},
    state::View,
    vocabulary::{PartyNo, Quantity},
};

/// RegisterScale: a calibration that hasn't ended already.
pub(super) fn register_scale(command: &RegisterScale, at: &At<'_>) -> Result<Event, Refusal> {
    if command.calibrated_until < at.time().date_at(0) {
        return Err(Refusal::new(Code::ValidationFailed).field("calibrated_until"));
    }
    Ok(Event::ScaleRegistered(ScaleRegistered {
        owner: at.party_id,
        scale: command.scale.clone(),
        calibrated_until: command.calibrated_until,
        certificate: command.certificate,
    }))
}

/// RecordWeight: the scale calibrated when it was used, gross above tare, the ticket new.
pub(super) fn record_weight(
    view: &View<'_>,
    command: &RecordWeight,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let lot = find(view, command.lot)?.value;
    if at.party != lot.warehouse && !parties::has_role(view, at.party, &[Role::Weigher]) {
        return Err(refusal::not_the_keeper(lot.id));
    }
    match &lot.stage {
        Stage::Arrived => {}
        stage => return Err(lot.in_another_stage(stage)),
    }
    registries::check_occurred_at(view, at, command.occurred_at_ms)?;
    let scale_owner = calibrated_scale(view, command, &lot, at)?;
    let net = net_weight(view, command, &lot)?;
    if names::is_taken(view, names::Space::WeighTicket, scale_owner, &command.ticket) {
        return Err(refusal::duplicate_weigh_ticket(&command.ticket));
    }
    Ok(Event::LotWeighed(LotWeighed {
        lot: lot.id,
        weigher: at.party_id,
        scale_owner: command.scale_owner,
        scale: command.scale.clone(),
        ticket: command.ticket.clone(),
        gross: command.gross,
        tare: command.tare,
        net,
        occurred_at_ms: command.occurred_at_ms,
    }))
}

/// The owner of the scale, when it is the weigher or the warehouse and the scale was calibrated.
fn calibrated_scale(
    view: &View<'_>,
    command: &RecordWeight,
    lot: &Lot,
    at: &At<'_>,
) -> Result<PartyNo, Refusal> {
    let owner = parties::find(view, command.scale_owner)?.no;
    let scale = SCALES
        .get(view, &(owner, registries::key(&command.scale)))
        .filter(|_| owner == at.party || owner == lot.warehouse)
        .ok_or_else(|| refusal::not_registered("scale", &command.scale))?;
    if command.occurred_at_ms.date_at(0) > scale.calibrated_until {
        return Err(refusal::calibration_expired(scale.calibrated_until));
    }
    Ok(owner)
}

fn net_weight(view: &View<'_>, command: &RecordWeight, lot: &Lot) -> Result<Quantity, Refusal> {
    let commodity = COMMODITIES.get(view, lot.commodity).ok_or(Code::NotRegistered)?;
    if command.gross.unit() != commodity.unit {
        return Err(Refusal::new(Code::UnitMismatch).field("gross"));
    }
    let net = command.gross.checked_sub(command.tare);
    net.ok().filter(|net| !net.is_zero()).ok_or_else(|| {
        let refusal = Refusal::new(Code::ValidationFailed).field("tare");
        refusal.quantities(command.gross, command.tare)
    })
}
