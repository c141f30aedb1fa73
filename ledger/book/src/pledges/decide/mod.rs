//! The rules about pledges, one file per process (domain.md section 6.3).

mod accept;
mod call_off;
mod perfect;
mod propose;
mod release;

use super::{Command, Pledge, find, members, refusal};
use crate::{
    areas,
    at::At,
    receipts::{self, RECEIPTS, Receipt},
    refusal::{ObjectKind, Refusal},
    state::{Row, View},
    vocabulary::{PledgeId, PledgeNo, ReceiptId},
};

pub use call_off::fire;

/// Decides a command about pledges.
///
/// # Errors
///
/// The first guard that says no.
pub fn decide(
    view: &View<'_>,
    command: &Command,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    match command {
        Command::ProposePledge(command) => propose::propose(view, command, at),
        Command::RecordDuplicateCheck(command) => accept::record_check(view, command, at),
        Command::AcceptPledge(command) => accept::accept(view, command, at),
        Command::ConfirmControl(command) => perfect::confirm_control(view, command, at),
        Command::RecordRegistration(command) => perfect::record_registration(view, command, at),
        Command::RejectPledge(command) => call_off::reject(view, command, at),
        Command::WithdrawPledge(command) => call_off::withdraw(view, command, at),
        Command::RequestRelease(command) => release::request(view, command, at),
        Command::ConfirmRelease(command) => release::confirm(view, command, at),
    }
}

/// A pledge of which the principal is the pledgee.
fn as_pledgee(
    view: &View<'_>,
    pledge: PledgeId,
    at: &At<'_>,
) -> Result<Row<PledgeNo, Pledge>, Refusal> {
    let row = find(view, pledge)?;
    if row.value.pledgee != at.party {
        return Err(refusal::not_pledgee(pledge));
    }
    Ok(row)
}

/// The refusal of an act that a pledge's stage doesn't allow.
fn wrong_stage(pledge: &Pledge) -> Refusal {
    Refusal::state(ObjectKind::Pledge, pledge.id, pledge.stage.name())
}

/// The receipts of a pledge.
fn member_receipts(view: &View<'_>, pledge: PledgeNo) -> Vec<Receipt> {
    members(view, pledge).into_iter().filter_map(|no| RECEIPTS.get(view, no)).collect()
}

/// One event of receipts for each receipt of a pledge.
fn for_each_receipt<E: Into<receipts::Event>>(
    view: &View<'_>,
    pledge: PledgeNo,
    event: impl Fn(ReceiptId) -> E,
) -> impl Iterator<Item = areas::Event> {
    let receipts = member_receipts(view, pledge).into_iter();
    receipts.map(move |receipt| areas::Event::from(event(receipt.id).into()))
}
