//! What is due to the keeper, as the keeper states it: it stands before transfer, split and surrender
//! (keeper's lien: India's Warehousing Act 2007 s. 19; Chinese Civil Code art. 456 in outline).

use crate::{
    at::At,
    receipts::{Event, FeesStated, Lifecycle, StateFees, find, guards, refusal},
    refusal::{Code, Refusal},
    state::View,
};

/// StateFees: by the keeper, on a receipt that can still be surrendered.
pub(super) fn state(view: &View<'_>, command: &StateFees, at: &At<'_>) -> Result<Event, Refusal> {
    let receipt = find(view, command.receipt)?.value;
    guards::require_keeper(&receipt, at)?;
    match receipt.lifecycle {
        Lifecycle::Active | Lifecycle::Expired => {}
        other => return Err(refusal::in_state(receipt.id, other)),
    }
    if command.due.is_some_and(|due| due.minor() == 0) {
        return Err(Refusal::new(Code::AmountZero).field("due"));
    }
    Ok(Event::FeesStated(FeesStated { receipt: receipt.id, due: command.due }))
}
