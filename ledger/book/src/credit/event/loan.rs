//! What happened to loans.

use crate::{
    vocabulary::{Bucket, Code, Date, FacilityId, LoanId, Money, Part, Segment},
    wire::{self, List},
};

wire::message! {
    /// A loan is asked for; so much of the facility is reserved.
    pub struct DrawdownRequested("granary.credit.v1.DrawdownRequested") {
        /// The loan's id.
        1 => loan: LoanId,
        /// Under which facility.
        2 => facility: FacilityId,
        /// How much.
        3 => amount: Money,
        /// What for, as a code.
        4 => purpose: Code,
        /// The controlled account to be paid; absent: the borrower.
        5 => account: Option<Code>,
        /// When it is due.
        6 => due_on: Date,
    }
}

wire::message! {
    /// The lender agrees.
    pub struct DrawdownApproved("granary.credit.v1.DrawdownApproved") {
        /// Which loan.
        1 => loan: LoanId,
        /// Under which facility.
        2 => facility: FacilityId,
    }
}

wire::message! {
    /// The lender does not agree.
    pub struct DrawdownRejected("granary.credit.v1.DrawdownRejected") {
        /// Which loan.
        1 => loan: LoanId,
        /// Under which facility.
        2 => facility: FacilityId,
        /// Why, as a code.
        3 => reason: Code,
    }
}

wire::message! {
    /// The borrower gave the loan up before it was paid.
    pub struct DrawdownCancelled("granary.credit.v1.DrawdownCancelled") {
        /// Which loan.
        1 => loan: LoanId,
        /// Under which facility.
        2 => facility: FacilityId,
    }
}

wire::message! {
    /// The bank is to pay.
    pub struct DisbursementInstructed("granary.credit.v1.DisbursementInstructed") {
        /// Which loan.
        1 => loan: LoanId,
        /// Under which facility.
        2 => facility: FacilityId,
        /// How much.
        3 => amount: Money,
        /// To which controlled account; absent: the borrower.
        4 => account: Option<Code>,
    }
}

wire::message! {
    /// The bank did not pay.
    pub struct DisbursementFailed("granary.credit.v1.DisbursementFailed") {
        /// Which loan.
        1 => loan: LoanId,
        /// Under which facility.
        2 => facility: FacilityId,
        /// Why, as a code.
        3 => reason: Code,
    }
}

wire::message! {
    /// The bank paid; interest runs from this date, which counts.
    pub struct LoanDisbursed("granary.credit.v1.LoanDisbursed") {
        /// Which loan.
        1 => loan: LoanId,
        /// Under which facility.
        2 => facility: FacilityId,
        /// How much.
        3 => amount: Money,
        /// The bank's reference.
        4 => bank_reference: Code,
        /// First day of interest.
        5 => disbursed_on: Date,
        /// When it is due.
        6 => due_on: Date,
    }
}

wire::message! {
    /// Interest caught up to a business date.
    pub struct InterestAccrued("granary.credit.v1.InterestAccrued") {
        /// Which loan.
        1 => loan: LoanId,
        /// Under which facility.
        2 => facility: FacilityId,
        /// The first date that no longer counts.
        3 => accrued_to: Date,
        /// The stretches, before and after the loan was due.
        4 => segments: List<Segment, 0, 2>,
        /// Interest posted now: the rounded running total less what was posted before.
        5 => interest: Money,
        /// Interest on overdue principal posted now.
        6 => penalty: Money,
        /// What is left of a minor unit of interest, in parts of `denominator`.
        7 => interest_remainder: u64,
        /// What is left of a minor unit of penalty, in parts of `denominator`.
        8 => penalty_remainder: u64,
        /// Parts of a minor unit: the day count's year times 10^6.
        9 => denominator: u64,
    }
}

wire::message! {
    /// A fee or a cost is owed.
    pub struct LoanCharged("granary.credit.v1.LoanCharged") {
        /// Which loan.
        1 => loan: LoanId,
        /// Under which facility.
        2 => facility: FacilityId,
        /// Costs or fees.
        3 => bucket: Bucket,
        /// How much.
        4 => amount: Money,
        /// For what, as a code.
        5 => reason: Code,
    }
}

wire::message! {
    /// Money came in.
    pub struct PaymentReceived("granary.credit.v1.PaymentReceived") {
        /// Towards which loan.
        1 => loan: LoanId,
        /// Under which facility.
        2 => facility: FacilityId,
        /// How much.
        3 => amount: Money,
        /// The bank's reference.
        4 => bank_reference: Code,
        /// On which business date.
        5 => business_date: Date,
    }
}

wire::message! {
    /// What the payment met. Parts and excess add up to it (INV-34).
    pub struct PaymentAllocated("granary.credit.v1.PaymentAllocated") {
        /// Towards which loan.
        1 => loan: LoanId,
        /// Under which facility.
        2 => facility: FacilityId,
        /// The bank's reference.
        3 => bank_reference: Code,
        /// Parts, in the order of the product's waterfall.
        4 => parts: List<Part, 0, 8>,
        /// What was more than owed: the borrower's credit balance.
        5 => excess: Money,
        /// The version of the product whose waterfall this is.
        6 => product_version: u32,
    }
}

wire::message! {
    /// Nothing is owed any more.
    pub struct LoanSettled("granary.credit.v1.LoanSettled") {
        /// Which loan.
        1 => loan: LoanId,
        /// Under which facility.
        2 => facility: FacilityId,
    }
}

wire::message! {
    /// The bank took a payment back: what it met is owed again, with the interest since.
    pub struct PaymentReversed("granary.credit.v1.PaymentReversed") {
        /// Of which loan.
        1 => loan: LoanId,
        /// Under which facility.
        2 => facility: FacilityId,
        /// The reference of the payment.
        3 => bank_reference: Code,
        /// Why, as a code.
        4 => reason: Code,
        /// What is owed again.
        5 => parts: List<Part, 0, 8>,
        /// What is taken from the credit balance.
        6 => excess: Money,
        /// What of the excess was refunded in the meantime and is owed as a cost.
        7 => excess_owed: Money,
        /// The stretches of interest on the principal that is owed again.
        8 => segments: List<Segment, 0, 2>,
        /// Interest posted for them.
        9 => interest: Money,
        /// Penalty posted for them.
        10 => penalty: Money,
    }
}

wire::message! {
    /// A settled loan is open again. `secured` says whether a pledge still stands behind it.
    pub struct LoanReopened("granary.credit.v1.LoanReopened") {
        /// Which loan.
        1 => loan: LoanId,
        /// Under which facility.
        2 => facility: FacilityId,
        /// Whether an active pledge secures it.
        3 => secured: bool,
    }
}

wire::message! {
    /// A credit balance was paid back.
    pub struct OverpaymentRefunded("granary.credit.v1.OverpaymentRefunded") {
        /// Of which loan.
        1 => loan: LoanId,
        /// Under which facility.
        2 => facility: FacilityId,
        /// How much.
        3 => amount: Money,
        /// The bank's reference.
        4 => bank_reference: Code,
    }
}
