//! What may be asked about credit.

use crate::{
    vocabulary::{
        Bucket, CallId, Code, Currency, Date, DayCount, FacilityId, LoanId, Money, PartyId,
        PledgeId, Ppm, Rounding, Time,
    },
    wire::{self, List},
};

/// Most price feeds of a product, and so most prices that a valuation cites.
pub const MAX_FEEDS: usize = 16;
/// Most controlled accounts of a facility.
pub const MAX_ACCOUNTS: usize = 16;

wire::message! {
    /// What a product lends against: whatever one feed prices, less a haircut.
    pub struct Eligible("granary.credit.v1.Eligible") {
        /// The feed: it says which commodity and grade.
        1 => feed: Code,
        /// What is taken off its price.
        2 => haircut_ppm: Ppm,
    }
}

wire::message! {
    /// Publishes a lending product, or a new version of one. Said by the lender. Facilities keep the version
    /// under which they were offered.
    pub struct SetProduct("granary.credit.v1.SetProduct") {
        /// Its code, unique with its lender.
        1 => code: Code,
        /// In what it lends.
        2 => currency: Currency,
        /// How days of interest are counted.
        3 => day_count: DayCount,
        /// How interest is rounded when it is posted.
        4 => rounding: Rounding,
        /// Yearly rate.
        5 => rate_ppm: Ppm,
        /// Yearly rate on overdue principal, in the place of the other.
        6 => penalty_rate_ppm: Ppm,
        /// Most that a draw may lift the loan-to-value ratio to.
        7 => ltv_initial_ppm: Ppm,
        /// Above it the lender is warned; a margin call is cured at or below it.
        8 => ltv_warning_ppm: Ppm,
        /// Above it a margin call is opened.
        9 => ltv_call_ppm: Ppm,
        /// Above it the goods may be sold.
        10 => ltv_liquidation_ppm: Ppm,
        /// Whether passing the liquidation line is an event of default without any call.
        11 => default_at_liquidation: bool,
        /// In which order payments meet what is owed: every bucket once.
        12 => waterfall: List<Bucket, 8, 8>,
        /// What it lends against.
        13 => collateral: List<Eligible, 1, MAX_FEEDS>,
        /// Whose calendar says which date it is.
        14 => calendar: Code,
    }
}

wire::message! {
    /// Offers a facility. Said by the lender with a maker and a checker, which is the approval. The
    /// facility's id is derived id 0.
    pub struct OfferFacility("granary.credit.v1.OfferFacility") {
        /// To whom.
        1 => borrower: PartyId,
        /// Under which of the lender's products, in its present version.
        2 => product: Code,
        /// Most principal at any time.
        3 => limit: Money,
        /// Last day on which anything may be drawn; every loan is due by then.
        4 => expires_on: Date,
        /// The offer lapses then.
        5 => offer_until_ms: Time,
        /// Controlled accounts (监管账户) that may be paid besides the borrower, as codes.
        6 => accounts: List<Code, 0, MAX_ACCOUNTS>,
    }
}

wire::message! {
    /// Accepts an offered facility. Said by the borrower.
    pub struct SignFacility("granary.credit.v1.SignFacility") {
        /// Which facility.
        1 => facility: FacilityId,
    }
}

wire::message! {
    /// Attaches an active pledge, which makes a signed facility available. May be said again of a further
    /// pledge. Said by the lender.
    pub struct SatisfyConditions("granary.credit.v1.SatisfyConditions") {
        /// Which facility.
        1 => facility: FacilityId,
        /// By which pledge it is secured.
        2 => pledge: PledgeId,
    }
}

wire::message! {
    /// Stops draws until further notice. Said by the lender.
    pub struct SuspendFacility("granary.credit.v1.SuspendFacility") {
        /// Which facility.
        1 => facility: FacilityId,
        /// Why, as a code.
        2 => reason: Code,
    }
}

wire::message! {
    /// Ends the lender's own suspension. Said by the lender.
    pub struct ResumeFacility("granary.credit.v1.ResumeFacility") {
        /// Which facility.
        1 => facility: FacilityId,
    }
}

wire::message! {
    /// Closes a facility for ever. Said by the lender.
    pub struct CloseFacility("granary.credit.v1.CloseFacility") {
        /// Which facility.
        1 => facility: FacilityId,
    }
}

wire::message! {
    /// Values a facility's collateral against its exposure, with all that follows from it. Said by anybody.
    /// A margin call that this opens has derived id 0.
    pub struct ValueFacility("granary.credit.v1.ValueFacility") {
        /// Which facility.
        1 => facility: FacilityId,
    }
}

wire::message! {
    /// Waives an open margin call. Said by the lender with a maker and a checker.
    pub struct WithdrawCall("granary.credit.v1.WithdrawCall") {
        /// Which call.
        1 => call: CallId,
        /// Why, as a code.
        2 => reason: Code,
    }
}

wire::message! {
    /// Asks for a loan under a facility. Said by the borrower. The loan's id is derived id 0.
    pub struct RequestDrawdown("granary.credit.v1.RequestDrawdown") {
        /// Under which facility.
        1 => facility: FacilityId,
        /// How much.
        2 => amount: Money,
        /// What for, as a code.
        3 => purpose: Code,
        /// Which of the facility's controlled accounts is to be paid; absent: the borrower.
        4 => account: Option<Code>,
        /// When principal and interest are due.
        5 => due_on: Date,
    }
}

wire::message! {
    /// Approves a requested loan. Said by the lender with a maker and a checker.
    pub struct ApproveDrawdown("granary.credit.v1.ApproveDrawdown") {
        /// Which loan.
        1 => loan: LoanId,
    }
}

wire::message! {
    /// Turns a requested or approved loan down. Said by the lender.
    pub struct RejectDrawdown("granary.credit.v1.RejectDrawdown") {
        /// Which loan.
        1 => loan: LoanId,
        /// Why, as a code.
        2 => reason: Code,
    }
}

wire::message! {
    /// Gives a requested or approved loan up. Said by the borrower.
    pub struct CancelDrawdown("granary.credit.v1.CancelDrawdown") {
        /// Which loan.
        1 => loan: LoanId,
    }
}

wire::message! {
    /// Instructs the bank to pay an approved loan out. Said by the lender.
    pub struct InstructPayment("granary.credit.v1.InstructPayment") {
        /// Which loan.
        1 => loan: LoanId,
        /// The controlled account to be paid, as requested; absent: the borrower.
        2 => account: Option<Code>,
    }
}

wire::message! {
    /// Confirms that the bank has paid a loan out. Said by the lender.
    pub struct ConfirmDisbursement("granary.credit.v1.ConfirmDisbursement") {
        /// Which loan.
        1 => loan: LoanId,
        /// What was paid.
        2 => amount: Money,
        /// The bank's reference, used once and never again.
        3 => bank_reference: Code,
    }
}

wire::message! {
    /// Says that the bank did not pay, for certain. Said by the lender.
    pub struct FailDisbursement("granary.credit.v1.FailDisbursement") {
        /// Which loan.
        1 => loan: LoanId,
        /// Why, as a code.
        2 => reason: Code,
    }
}

wire::message! {
    /// Accrues a loan's interest to the business date. Said by anybody.
    pub struct AccrueInterest("granary.credit.v1.AccrueInterest") {
        /// Which loan.
        1 => loan: LoanId,
    }
}

wire::message! {
    /// Charges a fee or a cost to a loan. Said by the lender with a maker and a checker.
    pub struct ChargeLoan("granary.credit.v1.ChargeLoan") {
        /// Which loan.
        1 => loan: LoanId,
        /// Costs or fees.
        2 => bucket: Bucket,
        /// How much.
        3 => amount: Money,
        /// For what, as a code.
        4 => reason: Code,
    }
}

wire::message! {
    /// Records a payment towards a loan. Said by the lender.
    pub struct RecordPayment("granary.credit.v1.RecordPayment") {
        /// Towards which loan.
        1 => loan: LoanId,
        /// How much came in.
        2 => amount: Money,
        /// The bank's reference, used once and never again.
        3 => bank_reference: Code,
    }
}

wire::message! {
    /// Undoes a payment that the bank took back. Said by the lender.
    pub struct ReversePayment("granary.credit.v1.ReversePayment") {
        /// The reference of the payment.
        1 => bank_reference: Code,
        /// Why, as a code.
        2 => reason: Code,
    }
}

wire::message! {
    /// Pays a credit balance back to the borrower. Said by the lender.
    pub struct RefundOverpayment("granary.credit.v1.RefundOverpayment") {
        /// Of which loan.
        1 => loan: LoanId,
        /// How much.
        2 => amount: Money,
        /// The bank's reference, used once and never again.
        3 => bank_reference: Code,
    }
}

wire::commands! {
    /// What may be asked about credit.
    pub enum Command {
        SetProduct, OfferFacility, SignFacility, SatisfyConditions, SuspendFacility, ResumeFacility,
        CloseFacility, ValueFacility, WithdrawCall, RequestDrawdown, ApproveDrawdown,
        RejectDrawdown, CancelDrawdown, InstructPayment, ConfirmDisbursement, FailDisbursement,
        AccrueInterest, ChargeLoan, RecordPayment, ReversePayment, RefundOverpayment,
    }
}
