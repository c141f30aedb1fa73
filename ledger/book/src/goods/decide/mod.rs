//! The rules about goods, one file per process of the trade.

mod deposit;
mod grading;
mod storage;
mod weighing;

use super::{Command, Event, Lot, refusal};
use crate::{
    areas,
    at::At,
    parties::{self, Role},
    refusal::Refusal,
    state::View,
    vocabulary::PartyNo,
};

/// Decides a command about goods.
///
/// # Errors
///
/// The first guard that says no.
pub fn decide(
    view: &View<'_>,
    command: &Command,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let events: Vec<Event> = match command {
        Command::RegisterScale(command) => vec![weighing::register_scale(command, at)?],
        Command::RegisterStore(command) => vec![storage::register_store(view, command, at)?],
        Command::AnnounceDeposit(command) => vec![deposit::announce(view, command, at)?],
        Command::RecordArrival(command) => vec![deposit::record_arrival(view, command, at)?],
        Command::RecordWeight(command) => vec![weighing::record_weight(view, command, at)?],
        Command::TakeSample(command) => vec![grading::take_sample(view, command, at)?],
        Command::RecordAssay(command) => vec![grading::record_assay(view, command, at)?],
        Command::RefuseDeposit(command) => vec![deposit::refuse(view, command, at)?],
        Command::AcceptToStore(command) => storage::accept(view, command, at)?,
        Command::RenewInsurance(command) => vec![storage::renew_insurance(view, command, at)?],
    };
    Ok(events.into_iter().map(Into::into).collect())
}

/// The principal is the lot's own warehouse.
fn require_keeper(lot: &Lot, at: &At<'_>) -> Result<(), Refusal> {
    if at.party == lot.warehouse { Ok(()) } else { Err(refusal::not_the_keeper(lot.id)) }
}

/// Whether `gate` keeps the gate of `warehouse`: the warehouse itself, or a gate with the same owner.
pub(crate) fn keeps_gate_of(view: &View<'_>, gate: PartyNo, warehouse: PartyNo) -> bool {
    let is_gate = || parties::has_role(view, gate, &[Role::Gate]);
    gate == warehouse || (is_gate() && parties::related(view, gate, warehouse))
}
