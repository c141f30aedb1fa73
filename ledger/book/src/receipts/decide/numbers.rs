//! Blocks of receipt numbers.

use crate::{
    at::At,
    parties::{self, Role},
    receipts::{AllotNumbers, Event, NumbersAllotted, SERIAL_MAX, number, refusal},
    refusal::{Code, Measure, Refusal},
    state::View,
};

/// AllotNumbers: above all allotted before, whoever they were for, so that no number is given twice.
pub(super) fn allot(
    view: &View<'_>,
    command: &AllotNumbers,
    at: &At<'_>,
) -> Result<Event, Refusal> {
    parties::active(view, command.keeper, &[Role::Warehouse])?;
    if command.last > SERIAL_MAX {
        let refusal = Refusal::new(Code::ValidationFailed).field("last");
        return Err(refusal.limit(SERIAL_MAX, command.last, Measure::Count));
    }
    if command.first > command.last {
        let refusal = Refusal::new(Code::ValidationFailed).field("first");
        return Err(refusal.limit(command.last, command.first, Measure::Count));
    }
    let allotted = number::allotted(view);
    if command.first <= allotted {
        let refusal = refusal::number_reused("first");
        return Err(refusal.limit(allotted + 1, command.first, Measure::Count));
    }
    Ok(Event::NumbersAllotted(NumbersAllotted {
        keeper: command.keeper,
        first: command.first,
        last: command.last,
        authority: at.party_id,
    }))
}
