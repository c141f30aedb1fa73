//! A facility is offered with the lender's approval and signed by the borrower (C1, C2).

use crate::{
    at::At,
    credit::{
        Event, FACILITIES, FacilityOffered, FacilitySigned, OfferFacility, SignFacility, Stage,
        find, refusal, state::product, valuation::business_date,
    },
    parties,
    refusal::{Code, ObjectKind, Refusal},
    state::View,
    vocabulary::FacilityId,
};

use super::{require_amount, wrong_stage};

/// C1: a maker and a checker of the lender approve what is offered.
pub(super) fn offer(
    view: &View<'_>,
    command: &OfferFacility,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let borrower = parties::active(view, command.borrower, &[])?;
    if borrower.no == at.party {
        return Err(Refusal::new(Code::ValidationFailed).field("borrower"));
    }
    let (product_version, product) = product(view, at.party, &command.product)
        .ok_or_else(|| refusal::product_unknown(&command.product))?;
    require_amount("limit", command.limit, product.currency)?;
    if command.expires_on <= business_date(view, &product, at.time())? {
        return Err(Refusal::new(Code::ValidationFailed).field("expires_on"));
    }
    if command.offer_until_ms <= at.time() {
        return Err(Refusal::new(Code::DeadlinePassed).at(command.offer_until_ms));
    }
    let facility: FacilityId = at.id(0);
    if FACILITIES.has(view, &facility) {
        return Err(Refusal::new(Code::IdTaken).subject(ObjectKind::Facility, facility));
    }
    let offered = FacilityOffered {
        facility,
        lender: at.party_id,
        borrower: command.borrower,
        product: command.product.clone(),
        product_version,
        limit: command.limit,
        expires_on: command.expires_on,
        offer_until_ms: command.offer_until_ms,
        accounts: command.accounts.clone(),
    };
    Ok(vec![offered.into()])
}

/// C2: the borrower signs before the offer lapses, which the clock sees to.
pub(super) fn sign(
    view: &View<'_>,
    command: &SignFacility,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let facility = find(view, command.facility)?.value;
    if facility.borrower != at.party {
        return Err(refusal::not_borrower(command.facility));
    }
    match facility.stage {
        Stage::Offered { .. } => Ok(vec![FacilitySigned { facility: command.facility }.into()]),
        _ => Err(wrong_stage(&facility)),
    }
}
