//! Holds: an authority forbids to dispose of a receipt; title stays where it is (R21, R23).

use crate::{
    at::At,
    parties::{self, Role},
    receipts::{
        Event, HoldKind, HoldLifted, HoldPlaced, LiftHold, PlaceHold, Receipt, find, refusal,
    },
    refusal::{Code, ObjectKind, Refusal},
    state::View,
};

/// Who may place a kind of hold.
enum Authority {
    /// A party with one of these roles.
    Roles(&'static [Role]),
    /// Whoever holds the receipt.
    Holder,
}

const fn authority(kind: HoldKind) -> Authority {
    match kind {
        HoldKind::Court => Authority::Roles(&[Role::Court]),
        HoldKind::Regulator | HoldKind::Shortage => Authority::Roles(&[Role::Regulator]),
        HoldKind::Dispute => Authority::Roles(&[Role::Court, Role::Regulator]),
        HoldKind::LossReported => Authority::Holder,
        HoldKind::KycFreeze => Authority::Roles(&[Role::Registrar]),
        HoldKind::FraudSuspicion => Authority::Roles(&[Role::Registrar, Role::Regulator]),
    }
}

fn may_place(view: &View<'_>, receipt: &Receipt, kind: HoldKind, at: &At<'_>) -> bool {
    match authority(kind) {
        Authority::Roles(roles) => parties::has_role(view, at.party, roles),
        Authority::Holder => at.party == receipt.holder,
    }
}

/// R23 PlaceHold, and R21 for a holder who has lost control of the receipt: on any live receipt, one of each
/// kind.
pub(super) fn place(view: &View<'_>, command: &PlaceHold, at: &At<'_>) -> Result<Event, Refusal> {
    let receipt = find(view, command.receipt)?.value;
    if !may_place(view, &receipt, command.kind, at) {
        return Err(refusal::authority_unknown(receipt.id));
    }
    if receipt.lifecycle.is_terminal() {
        return Err(refusal::in_state(receipt.id, receipt.lifecycle));
    }
    if receipt.holds.in_force(command.kind, at.time()).is_some() {
        return Err(refusal::hold_in_force(receipt.id));
    }
    if let Some(until) = command.until_ms
        && until < at.time()
    {
        return Err(Refusal::new(Code::DeadlinePassed).field("until_ms").at(until));
    }
    Ok(Event::HoldPlaced(HoldPlaced {
        receipt: receipt.id,
        kind: command.kind,
        authority: at.party_id,
        order: command.order.clone(),
        evidence: command.evidence,
        until_ms: command.until_ms,
    }))
}

/// R23 LiftHold: on a live receipt, by whoever placed it, or by a court.
pub(super) fn lift(view: &View<'_>, command: &LiftHold, at: &At<'_>) -> Result<Event, Refusal> {
    let receipt = find(view, command.receipt)?.value;
    if receipt.lifecycle.is_terminal() {
        return Err(refusal::in_state(receipt.id, receipt.lifecycle));
    }
    let Some(hold) = receipt.holds.in_force(command.kind, at.time()) else {
        return Err(Refusal::state(ObjectKind::Receipt, receipt.id, "NOT_HELD"));
    };
    if at.party != hold.authority && !parties::has_role(view, at.party, &[Role::Court]) {
        return Err(refusal::authority_unknown(receipt.id));
    }
    Ok(Event::HoldLifted(HoldLifted {
        receipt: receipt.id,
        kind: command.kind,
        authority: at.party_id,
        order: command.order.clone(),
    }))
}
