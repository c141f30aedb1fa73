//! Release after repayment (P11, P12).

use super::{as_pledgee, for_each_receipt, wrong_stage};
use crate::{
    areas,
    at::At,
    pledges::{
        ConfirmRelease, Event, Pledge, PledgeReleased, ReleaseRequested, RequestRelease, Stage,
        find, refusal,
    },
    receipts::ReceiptReleased,
    refusal::Refusal,
    state::View,
};

/// P11: pledgor or pledgee asks, when no claim is open.
pub(super) fn request(
    view: &View<'_>,
    command: &RequestRelease,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let pledge = find(view, command.pledge)?.value;
    if at.party != pledge.pledgor && at.party != pledge.pledgee {
        return Err(refusal::not_party(command.pledge, "pledgor"));
    }
    let Stage::Active { .. } = pledge.stage else {
        return Err(wrong_stage(&pledge));
    };
    require_no_claim(&pledge)?;
    let requested = ReleaseRequested { pledge: command.pledge, by: at.party_id };
    Ok(vec![Event::from(requested).into()])
}

/// P12: the pledgee lets go of all receipts.
pub(super) fn confirm(
    view: &View<'_>,
    command: &ConfirmRelease,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let pledge = as_pledgee(view, command.pledge, at)?;
    let Stage::Releasing { .. } = pledge.value.stage else {
        return Err(wrong_stage(&pledge.value));
    };
    require_no_claim(&pledge.value)?;
    let released = Event::from(PledgeReleased { pledge: command.pledge });
    let receipts = for_each_receipt(view, pledge.no, |receipt| ReceiptReleased {
        receipt,
        pledge: command.pledge,
    });
    Ok(std::iter::once(released.into()).chain(receipts).collect())
}

fn require_no_claim(pledge: &Pledge) -> Result<(), Refusal> {
    match pledge.open_claims {
        0 => Ok(()),
        claims => Err(refusal::exposure_outstanding(pledge.id, claims)),
    }
}
