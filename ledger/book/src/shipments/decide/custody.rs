//! Custody: offered and accepted over one content (trace.md section 4.2, I2 and I3).

use std::collections::BTreeSet;

use super::{refusal, require_custodian};
use crate::{
    areas,
    at::At,
    parties,
    refusal::{Code, ObjectKind, Refusal},
    shipments::{
        AcceptHandover, Custody, Event, HandoverAccepted, HandoverOffered, HandoverRejected,
        OfferHandover, RejectHandover, ReplaceSeals, SealsReplaced, Shipment, Stage, find,
        in_stage,
    },
    state::View,
    vocabulary::{self, Digest, Millis, PartyNo, Time},
};

/// Longest that an offer stands.
const OFFER_MAX: Millis = Millis::days(7);

/// The stages in which goods are on their way.
pub(super) const ON_THE_WAY: &[Stage] = &[Stage::Loaded, Stage::InTransit, Stage::Arrived];

/// The custodian offers; one offer at a time.
pub(super) fn offer(
    view: &View<'_>,
    command: &OfferHandover,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let shipment = in_stage(view, command.shipment, ON_THE_WAY)?;
    require_custodian(&shipment.value, at)?;
    if let Custody::Offered { until, .. } = shipment.value.custody {
        return Err(refusal::handover_open(command.shipment, until));
    }
    let to = parties::active(view, command.to, &[])?;
    if to.no == at.party {
        return Err(Refusal::new(Code::ValidationFailed).field("to"));
    }
    let (now, until) = (at.time(), command.expires_at_ms);
    if until <= now || until > now.after(OFFER_MAX) {
        return Err(Refusal::new(Code::ValidationFailed).field("expires_at_ms").at(until));
    }
    let offered = HandoverOffered {
        shipment: command.shipment,
        from: at.party_id,
        to: command.to,
        content: command.content,
        until_ms: until,
    };
    Ok(vec![Event::HandoverOffered(offered).into()])
}

/// An offer as it stands.
struct Offer {
    by: PartyNo,
    to: PartyNo,
    content: Digest,
    until: Time,
}

fn open_offer(shipment: &Shipment) -> Result<Offer, Refusal> {
    match shipment.custody {
        Custody::Offered { by, to, content, until } => Ok(Offer { by, to, content, until }),
        Custody::Held { .. } | Custody::Nobody => {
            Err(Refusal::state(ObjectKind::Shipment, shipment.id, "NOT_OFFERED"))
        }
    }
}

/// The party named accepts the same content, with the seals on record.
pub(super) fn accept(
    view: &View<'_>,
    command: &AcceptHandover,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let shipment = find(view, command.shipment)?.value;
    let offer = open_offer(&shipment)?;
    if at.party != offer.to {
        return Err(refusal::not_party(command.shipment, "acceptor"));
    }
    if at.time() > offer.until {
        return Err(Refusal::new(Code::DeadlinePassed).at(offer.until));
    }
    if command.content != offer.content {
        return Err(refusal::content_mismatch(command.shipment));
    }
    if !same_seals(&command.seals, &shipment.seals) {
        return Err(refusal::seal_mismatch(command.shipment));
    }
    let accepted = HandoverAccepted {
        shipment: command.shipment,
        from: parties::id_of(view, offer.by).ok_or(Code::NotFound)?,
        to: at.party_id,
        content: offer.content,
        reservations: command.reservations.clone(),
    };
    Ok(vec![Event::HandoverAccepted(accepted).into()])
}

fn same_seals(found: &[vocabulary::Code], on_record: &[vocabulary::Code]) -> bool {
    let set = |seals: &[vocabulary::Code]| seals.iter().cloned().collect::<BTreeSet<_>>();
    found.len() == on_record.len() && set(found) == set(on_record)
}

/// The party named declines, or the custodian takes the offer back.
pub(super) fn reject(
    view: &View<'_>,
    command: &RejectHandover,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let shipment = find(view, command.shipment)?.value;
    let offer = open_offer(&shipment)?;
    if at.party != offer.to && at.party != offer.by {
        return Err(refusal::not_party(command.shipment, "acceptor"));
    }
    let rejected = HandoverRejected {
        shipment: command.shipment,
        from: parties::id_of(view, offer.by).ok_or(Code::NotFound)?,
        to: parties::id_of(view, offer.to).ok_or(Code::NotFound)?,
        by: at.party_id,
        reason: command.reason.clone(),
    };
    Ok(vec![Event::HandoverRejected(rejected).into()])
}

/// The custodian puts other seals on, not while an offer stands: the acceptor looks for those on record.
pub(super) fn replace_seals(
    view: &View<'_>,
    command: &ReplaceSeals,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let shipment = in_stage(view, command.shipment, ON_THE_WAY)?.value;
    require_custodian(&shipment, at)?;
    if let Custody::Offered { until, .. } = shipment.custody {
        return Err(refusal::handover_open(command.shipment, until));
    }
    let replaced = SealsReplaced {
        shipment: command.shipment,
        custodian: at.party_id,
        before: shipment.seals,
        seals: command.seals.clone(),
        reason: command.reason.clone(),
    };
    Ok(vec![Event::SealsReplaced(replaced).into()])
}
