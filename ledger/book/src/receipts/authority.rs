//! Who may say what about receipts.

use super::{
    AcceptReceipt, AcceptTransfer, AllotNumbers, CancelReceipt, CompleteDelivery, ConvertToPaper,
    CountersignTransfer, DeclineReceipt, DraftReceipt, LiftHold, PlaceHold, ProposeTransfer,
    RecordGateOut, RejectTransfer, ReturnFromPaper, ReverseSurrender, SignReceipt, SplitReceipt,
    StateFees, SurrenderReceipt, WithdrawDraft, WithdrawTransfer,
};
use crate::{
    authority::{Rule, Who},
    parties::Role,
    wire::Message,
};

/// Who may hold receipts.
pub(super) const HOLDERS: &[Role] =
    &[Role::Cooperative, Role::Farmer, Role::Buyer, Role::Bank, Role::Guarantor, Role::Warehouse];
const PLEDGEES: &[Role] = &[Role::Bank, Role::Guarantor];
const KEEPER: &[Role] = &[Role::Warehouse];

const fn row(command: &'static str, roles: &'static [Role]) -> Rule {
    Rule { command, roles, who: Who::Anyone, cosigners: &[] }
}

const fn with(rule: Rule, cosigners: &'static [Role]) -> Rule {
    Rule { cosigners, ..rule }
}

const fn by(rule: Rule, who: Who) -> Rule {
    Rule { who, ..rule }
}

/// The rows of this area.
pub const AUTHORITY: &[Rule] = &[
    row(AllotNumbers::NAME, &[Role::Registrar, Role::Regulator]),
    row(DraftReceipt::NAME, KEEPER),
    row(WithdrawDraft::NAME, KEEPER),
    // The checker: another person than the maker of the draft, which the rules ask for.
    by(row(SignReceipt::NAME, KEEPER), Who::Person),
    row(AcceptReceipt::NAME, HOLDERS),
    row(DeclineReceipt::NAME, HOLDERS),
    row(ProposeTransfer::NAME, HOLDERS),
    by(row(CountersignTransfer::NAME, KEEPER), Who::Person),
    with(row(AcceptTransfer::NAME, HOLDERS), &[Role::Bank]),
    row(WithdrawTransfer::NAME, HOLDERS),
    row(RejectTransfer::NAME, HOLDERS),
    with(row(SplitReceipt::NAME, HOLDERS), PLEDGEES),
    with(row(SurrenderReceipt::NAME, HOLDERS), PLEDGEES),
    row(ReverseSurrender::NAME, HOLDERS),
    by(row(RecordGateOut::NAME, &[Role::Warehouse, Role::Gate]), Who::TwoPersons),
    with(row(CompleteDelivery::NAME, KEEPER), HOLDERS),
    // Which authority places and lifts which kind of hold is a rule of the area.
    row(PlaceHold::NAME, &[]),
    row(LiftHold::NAME, &[]),
    with(row(ConvertToPaper::NAME, HOLDERS), KEEPER),
    with(row(ReturnFromPaper::NAME, KEEPER), HOLDERS),
    row(StateFees::NAME, KEEPER),
    row(CancelReceipt::NAME, KEEPER),
];
