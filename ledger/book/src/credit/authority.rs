//! Who may say what about credit.

use super::{
    AccrueInterest, ApproveDrawdown, CancelDrawdown, ChargeLoan, CloseFacility,
    ConfirmDisbursement, FailDisbursement, InstructPayment, OfferFacility, RecordPayment,
    RefundOverpayment, RejectDrawdown, RequestDrawdown, ResumeFacility, ReversePayment,
    SatisfyConditions, SetProduct, SignFacility, SuspendFacility, ValueFacility, WithdrawCall,
};
use crate::{
    authority::{Rule, Who},
    parties::Role,
    wire::Message,
};

const fn bank(command: &'static str, who: Who) -> Rule {
    Rule { command, roles: &[Role::Bank], who, cosigners: &[] }
}

/// By any active party: the rules ask which part it has.
const fn anybody(command: &'static str, who: Who) -> Rule {
    Rule { command, roles: &[], who, cosigners: &[] }
}

/// The rows of this area. Maker and checker where money is promised, given away or asked for (INV-62).
pub const AUTHORITY: &[Rule] = &[
    bank(SetProduct::NAME, Who::TwoPersons),
    bank(OfferFacility::NAME, Who::TwoPersons),
    anybody(SignFacility::NAME, Who::Person),
    bank(SatisfyConditions::NAME, Who::Person),
    bank(SuspendFacility::NAME, Who::Person),
    bank(ResumeFacility::NAME, Who::Person),
    bank(CloseFacility::NAME, Who::Person),
    anybody(ValueFacility::NAME, Who::Anyone),
    bank(WithdrawCall::NAME, Who::TwoPersons),
    anybody(RequestDrawdown::NAME, Who::Person),
    bank(ApproveDrawdown::NAME, Who::TwoPersons),
    bank(RejectDrawdown::NAME, Who::Person),
    anybody(CancelDrawdown::NAME, Who::Person),
    // The bank's own system speaks here: what it says is about an approved loan or a payment that was made.
    bank(InstructPayment::NAME, Who::Anyone),
    bank(ConfirmDisbursement::NAME, Who::Anyone),
    bank(FailDisbursement::NAME, Who::Anyone),
    anybody(AccrueInterest::NAME, Who::Anyone),
    bank(ChargeLoan::NAME, Who::TwoPersons),
    bank(RecordPayment::NAME, Who::Anyone),
    bank(ReversePayment::NAME, Who::Anyone),
    bank(RefundOverpayment::NAME, Who::Person),
];
