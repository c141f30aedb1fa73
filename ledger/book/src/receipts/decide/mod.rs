//! The rules about receipts, one file per process of the trade.

mod delivery;
mod fees;
mod fire;
mod holds;
mod issue;
mod medium;
mod numbers;
mod split;
mod surrender;
mod transfer;

pub use fire::fire;

use super::{Command, Event, Receipt};
use crate::{
    areas,
    at::At,
    goods,
    refusal::{Code, Refusal},
    registries::COMMODITIES,
    state::View,
    vocabulary,
};

/// Decides a command about receipts.
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
        Command::AllotNumbers(command) => vec![numbers::allot(view, command, at)?],
        Command::DraftReceipt(command) => vec![issue::draft(view, command, at)?],
        Command::WithdrawDraft(command) => vec![issue::withdraw_draft(view, command, at)?],
        Command::SignReceipt(command) => vec![issue::sign(view, command, at)?],
        Command::AcceptReceipt(command) => vec![issue::accept(view, command, at)?],
        Command::DeclineReceipt(command) => vec![issue::decline(view, command, at)?],
        Command::ProposeTransfer(command) => vec![transfer::propose(view, command, at)?],
        Command::CountersignTransfer(command) => vec![transfer::countersign(view, command, at)?],
        Command::AcceptTransfer(command) => vec![transfer::accept(view, command, at)?],
        Command::WithdrawTransfer(command) => vec![transfer::withdraw(view, command, at)?],
        Command::RejectTransfer(command) => vec![transfer::reject(view, command, at)?],
        Command::SplitReceipt(command) => split::split(view, command, at)?,
        Command::SurrenderReceipt(command) => surrender::surrender(view, command, at)?,
        Command::ReverseSurrender(command) => surrender::reverse(view, command, at)?,
        Command::RecordGateOut(command) => vec![delivery::record_gate_out(view, command, at)?],
        Command::CompleteDelivery(command) => delivery::complete(view, command, at)?,
        Command::PlaceHold(command) => vec![holds::place(view, command, at)?],
        Command::LiftHold(command) => vec![holds::lift(view, command, at)?],
        Command::ConvertToPaper(command) => vec![medium::convert_to_paper(view, command, at)?],
        Command::ReturnFromPaper(command) => vec![medium::return_from_paper(view, command, at)?],
        Command::StateFees(command) => vec![fees::state(view, command, at)?],
        Command::CancelReceipt(command) => vec![surrender::cancel(view, command, at)?],
    };
    Ok(events.into_iter().map(Into::into).collect())
}

/// The ids and codes by which events name what a receipt's state numbers.
struct Names {
    lot: vocabulary::LotId,
    commodity: vocabulary::Code,
    keeper: vocabulary::PartyId,
    holder: vocabulary::PartyId,
}

impl Names {
    fn of(view: &View<'_>, receipt: &Receipt) -> Result<Self, Refusal> {
        let lot = goods::LOTS.get(view, receipt.lot).ok_or(Code::NotFound)?;
        let commodity = COMMODITIES.get(view, receipt.commodity).ok_or(Code::NotRegistered)?;
        Ok(Self {
            lot: lot.id,
            commodity: commodity.code,
            keeper: goods::party_id(view, receipt.keeper)?,
            holder: goods::party_id(view, receipt.holder)?,
        })
    }
}
