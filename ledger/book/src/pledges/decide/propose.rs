//! Proposing a pledge reserves its receipts, all or none (P1, P2).

use crate::{
    areas,
    at::At,
    parties,
    pledges::{Event, PLEDGES, PledgeProposed, ProposePledge, authority::LENDERS, refusal},
    receipts::{self, Receipt, ReceiptReserved},
    refusal::{Code, ObjectKind, Refusal},
    registries,
    state::View,
    vocabulary::{PartyNo, PledgeId},
};

/// P1 and P2: the holder proposes; every receipt is reserved in the same entry.
pub(super) fn propose(
    view: &View<'_>,
    command: &ProposePledge,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let pledgee = parties::active(view, command.pledgee, LENDERS)?;
    if pledgee.no == at.party {
        return Err(Refusal::new(Code::ValidationFailed).field("pledgee"));
    }
    if command.secured_maximum.is_zero() {
        return Err(Refusal::new(Code::AmountZero).field("secured_maximum"));
    }
    if command.matures_on <= at.time().date_at(0) {
        return Err(Refusal::new(Code::ValidationFailed).field("matures_on"));
    }
    let keeper = check_receipts(view, command, at)?;
    let pledge: PledgeId = at.id(0);
    if PLEDGES.has(view, &pledge) {
        return Err(Refusal::new(Code::IdTaken).subject(ObjectKind::Pledge, pledge));
    }
    let until = at.time().after(registries::profile(view).pledge_reservation_ms);
    let proposed = Event::from(PledgeProposed {
        pledge,
        pledgor: at.party_id,
        pledgee: command.pledgee,
        keeper: parties::id_of(view, keeper)
            .ok_or_else(|| Refusal::new(Code::NotFound).field("receipts"))?,
        receipts: command.receipts.clone(),
        secured_maximum: command.secured_maximum,
        matures_on: command.matures_on,
        terms: command.terms,
        reserved_until_ms: until,
    });
    let pledgee = command.pledgee;
    let reserved = command.receipts.iter().map(|receipt| {
        let reserved = ReceiptReserved { receipt: *receipt, pledge, pledgee, until_ms: until };
        receipts::Event::from(reserved).into()
    });
    Ok(std::iter::once(proposed.into()).chain(reserved).collect())
}

/// Each receipt once, each fit to be pledged, all with one keeper: whose number is returned.
fn check_receipts(
    view: &View<'_>,
    command: &ProposePledge,
    at: &At<'_>,
) -> Result<PartyNo, Refusal> {
    let mut keeper = None;
    for (place, id) in command.receipts.iter().enumerate() {
        if command.receipts[..place].contains(id) {
            return Err(Refusal::new(Code::ValidationFailed)
                .field("receipts")
                .subject(ObjectKind::Receipt, *id));
        }
        let receipt = receipts::find(view, *id)?.value;
        check_receipt(view, command, &receipt, at)?;
        if *keeper.get_or_insert(receipt.keeper) != receipt.keeper {
            return Err(Refusal::new(Code::ValidationFailed)
                .field("receipts")
                .subject(ObjectKind::Receipt, *id)
                .required("one keeper"));
        }
    }
    keeper.ok_or_else(|| Refusal::new(Code::ValidationFailed).field("receipts"))
}

fn check_receipt(
    view: &View<'_>,
    command: &ProposePledge,
    receipt: &Receipt,
    at: &At<'_>,
) -> Result<(), Refusal> {
    if receipt.holder != at.party {
        return Err(refusal::not_holder(receipt.id));
    }
    receipts::require_operable(view, receipt, at)?;
    receipts::require_free(receipt)?;
    receipts::require_unrestricted(view, receipt)?;
    if receipt.valid_until < command.matures_on {
        return Err(refusal::validity_too_short(
            receipt.id,
            receipt.valid_until,
            command.matures_on,
        ));
    }
    Ok(())
}
