//! Medium: a receipt is on this chain or on one sheet of paper, never on both (R24, INV-12).

use crate::{
    at::At,
    names,
    receipts::{
        ConvertToPaper, Event, Lifecycle, Medium, MediumChanged, ReturnFromPaper, find, guards,
        refusal,
    },
    refusal::{Code, Refusal},
    state::View,
};

/// R24 ConvertToPaper: operable and free; holder and keeper sign; each form is printed once.
pub(super) fn convert_to_paper(
    view: &View<'_>,
    command: &ConvertToPaper,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let receipt = find(view, command.receipt)?.value;
    guards::require_holder(&receipt, at)?;
    guards::require_version(&receipt, command.expected_version)?;
    guards::require_operable(view, &receipt, at)?;
    guards::require_free_or(&receipt, Code::Encumbered)?;
    if !at.signed_by(receipt.keeper) {
        return Err(refusal::keeper_signature_required(receipt.id));
    }
    if names::is_taken(view, names::Space::PaperForm, receipt.keeper, &command.form) {
        return Err(refusal::number_reused("form").required(command.form.as_str()));
    }
    let form = command.form.clone();
    Ok(Event::MediumChanged(MediumChanged { receipt: receipt.id, form, on_paper: true }))
}

/// R24 ReturnFromPaper: the keeper has the very form that is out; the holder signs too.
pub(super) fn return_from_paper(
    view: &View<'_>,
    command: &ReturnFromPaper,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    let receipt = find(view, command.receipt)?.value;
    guards::require_keeper(&receipt, at)?;
    match receipt.lifecycle {
        Lifecycle::Active | Lifecycle::Expired => {}
        other => return Err(refusal::in_state(receipt.id, other)),
    }
    if receipt.medium != (Medium::PaperOut { form: command.form.clone() }) {
        return Err(refusal::medium_conflict(receipt.id));
    }
    if !at.signed_by(receipt.holder) {
        return Err(refusal::holder_signature_required(receipt.id));
    }
    let form = command.form.clone();
    Ok(Event::MediumChanged(MediumChanged { receipt: receipt.id, form, on_paper: false }))
}
