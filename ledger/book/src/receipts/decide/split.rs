//! Split: one receipt becomes several for the same goods (R9).

use super::{Names, issue::require_minimum};
use crate::{
    at::At,
    goods,
    receipts::{
        Encumbrance, Event, PLEDGE_RECEIPTS_MAX, PledgeMark, RECEIPTS, Receipt, ReceiptOpened,
        ReceiptSplit, SplitReceipt, find, guards, number, of_pledge, refusal,
    },
    refusal::{Code, ObjectKind, Refusal},
    state::View,
    vocabulary::{self, Quantity, ReceiptId},
    wire::List,
};

/// Most children of one split: their events fit into an entry many times over.
const CHILDREN_MAX: usize = 16;

/// R9 SplitReceipt: the parts add up exactly and none is too small. Children have all that their parent
/// had, its pledge with its publicity too (INV-23).
pub(super) fn split(
    view: &View<'_>,
    command: &SplitReceipt,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    let parent = find(view, command.receipt)?.value;
    guards::require_holder(&parent, at)?;
    guards::require_version(&parent, command.expected_version)?;
    guards::require_operable(view, &parent, at)?;
    guards::require_pledgee_agrees(&parent, at)?;
    guards::require_fees_settled(&parent)?;
    require_parts(view, command, &parent)?;
    require_room_in_pledge(view, command, &parent)?;
    let numbers = number::next(view, parent.keeper, command.parts.len())?;
    let children = children(view, command, at)?;
    let names = Names::of(view, &parent)?;
    let pledge = mark(view, &parent)?;
    let opened = children.iter().zip(numbers).zip(command.parts.iter());
    let opened = opened.map(|((receipt, number), quantity)| {
        Event::ReceiptOpened(child(&parent, &names, &pledge, *receipt, number, *quantity))
    });
    let opened: Vec<Event> = opened.collect();
    let too_many = || refusal::too_many_children(CHILDREN_MAX, command.parts.len());
    let children = List::new(children).ok_or_else(too_many)?;
    let split = ReceiptSplit { receipt: parent.id, children };
    Ok(std::iter::once(split.into()).chain(opened).collect())
}

fn require_parts(view: &View<'_>, command: &SplitReceipt, parent: &Receipt) -> Result<(), Refusal> {
    if command.parts.len() > CHILDREN_MAX {
        return Err(refusal::too_many_children(CHILDREN_MAX, command.parts.len()));
    }
    let nothing = Quantity::zero(parent.nominal.unit());
    let mut sum = nothing;
    for part in command.parts.iter() {
        sum =
            sum.checked_add(*part).map_err(|_| Refusal::new(Code::UnitMismatch).field("parts"))?;
        require_minimum(view, *part)?;
    }
    if sum != parent.net() {
        return Err(refusal::split_sum_mismatch(parent.net(), sum));
    }
    Ok(())
}

/// A pledge covers a bounded number of receipts, so that all of them can be released in one entry.
fn require_room_in_pledge(
    view: &View<'_>,
    command: &SplitReceipt,
    parent: &Receipt,
) -> Result<(), Refusal> {
    let Some(pledge) = parent.encumbrance.pledge() else { return Ok(()) };
    let members = of_pledge(view, pledge).len() + command.parts.len() - 1;
    if members > PLEDGE_RECEIPTS_MAX {
        return Err(refusal::pledge_is_full(members));
    }
    Ok(())
}

fn children(
    view: &View<'_>,
    command: &SplitReceipt,
    at: &At<'_>,
) -> Result<Vec<ReceiptId>, Refusal> {
    let ids = (0..=u8::MAX).zip(command.parts.iter()).map(|(n, _)| at.id::<ReceiptId>(n));
    let ids: Vec<ReceiptId> = ids.collect();
    match ids.iter().find(|id| RECEIPTS.has(view, id)) {
        Some(id) => Err(Refusal::new(Code::IdTaken).subject(ObjectKind::Receipt, *id)),
        None => Ok(ids),
    }
}

fn child(
    parent: &Receipt,
    names: &Names,
    pledge: &Option<PledgeMark>,
    receipt: ReceiptId,
    number: vocabulary::Code,
    quantity: Quantity,
) -> ReceiptOpened {
    ReceiptOpened {
        receipt,
        parent: parent.id,
        number,
        kind: parent.kind,
        keeper: names.keeper,
        holder: names.holder,
        lot: names.lot,
        commodity: names.commodity.clone(),
        grade: parent.grade.clone(),
        quantity,
        valid_until: parent.valid_until,
        pledge: pledge.clone(),
    }
}

fn mark(view: &View<'_>, parent: &Receipt) -> Result<Option<PledgeMark>, Refusal> {
    let Encumbrance::Pledged { pledge, pledgee, since } = parent.encumbrance else {
        return Ok(None);
    };
    Ok(Some(PledgeMark {
        pledge,
        pledgee: goods::party_id(view, pledgee)?,
        published_index: since.index,
        published_at_ms: since.time,
    }))
}
