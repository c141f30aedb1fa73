//! The keeper's confirmation and the outside registration, after which the pledge is in force (P5, P6).

use super::{as_pledgee, for_each_receipt, member_receipts, wrong_stage};
use crate::{
    areas,
    at::At,
    pledges::{
        ConfirmControl, ControlConfirmed, Event, Pledge, PledgePerfected, RecordRegistration,
        RegistrationRecorded, Stage, find, refusal,
    },
    receipts::{self, ReceiptPledged},
    refusal::{Code, Refusal},
    registries,
    state::{Row, View},
    vocabulary::PledgeNo,
};

/// P5: the keeper holds for the pledgee, knows of no other claim, and says what it may retain the goods for.
pub(super) fn confirm_control(
    view: &View<'_>,
    command: &ConfirmControl,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let pledge = find(view, command.pledge)?;
    if pledge.value.keeper != at.party {
        return Err(refusal::not_party(command.pledge, "keeper"));
    }
    let Stage::AwaitingKeeper { .. } = pledge.value.stage else {
        return Err(wrong_stage(&pledge.value));
    };
    let lien = command.lien.ok_or_else(|| refusal::lien_not_disclosed(command.pledge))?;
    if lien.currency() != pledge.value.secured_maximum.currency() {
        return Err(Refusal::new(Code::CurrencyMismatch).field("lien"));
    }
    require_all_operable(view, &pledge, at)?;
    let registration_required = registries::profile(view).external_registration;
    let confirmed = ControlConfirmed { pledge: command.pledge, lien, registration_required };
    let mut events = vec![Event::from(confirmed).into()];
    if !registration_required {
        events.extend(perfect(view, &pledge, at));
    }
    Ok(events)
}

/// P6: registered outside, with a report that shows no earlier filing.
pub(super) fn record_registration(
    view: &View<'_>,
    command: &RecordRegistration,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let pledge = as_pledgee(view, command.pledge, at)?;
    let Stage::AwaitingRegistration { .. } = pledge.value.stage else {
        return Err(wrong_stage(&pledge.value));
    };
    registries::check_occurred_at(view, at, command.registered_at_ms)?;
    if command.expires_on < pledge.value.matures_on {
        return Err(Refusal::new(Code::ValidationFailed).field("expires_on"));
    }
    if let Some(number) = &command.prior_filing {
        return Err(refusal::prior_registration_found(command.pledge, number.as_str()));
    }
    require_all_operable(view, &pledge, at)?;
    let recorded = RegistrationRecorded {
        pledge: command.pledge,
        registry: command.registry.clone(),
        number: command.number.clone(),
        registered_at_ms: command.registered_at_ms,
        expires_on: command.expires_on,
        report: command.report,
    };
    let mut events = vec![Event::from(recorded).into()];
    events.extend(perfect(view, &pledge, at));
    Ok(events)
}

/// A hold placed since the reservation stands in the way (INV-14).
fn require_all_operable(
    view: &View<'_>,
    pledge: &Row<PledgeNo, Pledge>,
    at: &At<'_>,
) -> Result<(), Refusal> {
    let receipts = member_receipts(view, pledge.no);
    receipts.iter().try_for_each(|receipt| receipts::require_operable(view, receipt, at))
}

/// The pledge and its receipts are published with this entry: that is their priority (INV-23).
fn perfect<'v>(
    view: &'v View<'_>,
    pledge: &Row<PledgeNo, Pledge>,
    at: &At<'_>,
) -> impl Iterator<Item = areas::Event> + use<'v> {
    let id = pledge.value.id;
    let (published_index, published_at_ms) = (at.stamp.index, at.stamp.time);
    let perfected = PledgePerfected { pledge: id, published_index, published_at_ms };
    let receipts = for_each_receipt(view, pledge.no, move |receipt| ReceiptPledged {
        receipt,
        pledge: id,
        published_index,
        published_at_ms,
    });
    std::iter::once(Event::from(perfected).into()).chain(receipts)
}
