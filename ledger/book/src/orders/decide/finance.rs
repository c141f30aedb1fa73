//! Financing an order: held for one bank, taken by it, released by it (row "ReserveForFinance").
//!
//! The seller offers and the bank takes: a bank that could reserve by itself could also keep others away.

use super::require_seller;
use crate::{
    at::At,
    orders::{
        ConfirmOrderFinance, Event, Financing, OfferOrderForFinance, OrderFinanceConfirmed,
        OrderFinanceReleased, OrderFinanceReserved, ReleaseOrderFinance, binding, find, refusal,
    },
    parties::{self, Role},
    refusal::{Code, ObjectKind, Refusal},
    registries,
    state::View,
};

/// The seller offers the order to a bank.
pub(super) fn offer(
    view: &View<'_>,
    command: &OfferOrderForFinance,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let order = binding(view, command.order)?;
    require_seller(&order, at)?;
    if order.value.financing != Financing::Free {
        return Err(refusal::already_financed(command.order));
    }
    parties::active(view, command.bank, &[Role::Bank])?;
    let until_ms = at.time().after(registries::profile(view).pledge_reservation_ms);
    Ok(vec![OrderFinanceReserved { order: command.order, bank: command.bank, until_ms }.into()])
}

/// The bank takes what it was offered.
pub(super) fn confirm(
    view: &View<'_>,
    command: &ConfirmOrderFinance,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let order = binding(view, command.order)?;
    match order.value.financing {
        Financing::Offered { bank, .. } if bank == at.party => {}
        Financing::Offered { .. } | Financing::Confirmed { .. } => {
            return Err(refusal::already_financed(command.order));
        }
        Financing::Free => {
            return Err(Refusal::state(ObjectKind::Order, command.order, "NOT_OFFERED"));
        }
    }
    let confirmed =
        OrderFinanceConfirmed { order: command.order, bank: at.party_id, account: command.account };
    Ok(vec![confirmed.into()])
}

/// The bank lets the order go, or the seller takes back an offer. Also when the order is over.
pub(super) fn release(
    view: &View<'_>,
    command: &ReleaseOrderFinance,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let order = find(view, command.order)?;
    let (bank, may) = match order.value.financing {
        Financing::Free => {
            return Err(Refusal::state(ObjectKind::Order, command.order, "NOT_FINANCED"));
        }
        Financing::Offered { bank, .. } => {
            (bank, at.party == bank || at.party == order.value.seller)
        }
        Financing::Confirmed { bank, .. } => (bank, at.party == bank),
    };
    if !may {
        return Err(refusal::not_party(command.order, Role::Bank.name()));
    }
    let bank = parties::id_of(view, bank).ok_or(Code::NotFound)?;
    Ok(vec![OrderFinanceReleased { order: command.order, bank }.into()])
}
