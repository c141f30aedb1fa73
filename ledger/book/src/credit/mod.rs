//! Credit: products, facilities, loans, margin calls, payments.
//!
//! A bank publishes products as data. A facility is offered by two persons of the lender, signed by the
//! borrower, and available once an active pledge secures it. A loan is asked for, agreed to, instructed and
//! confirmed, each step looking again at what the one before relied on. Interest and values are computed
//! where they are relied on and never swept: a loan caught up once a year owes what one caught up daily
//! owes. A value that can't be had is an alarm, never a value of nothing and never a pass.
//!
//! Invariants: INV-20 to INV-22, 27 and 30 to 37, 41 of domain.md; see `invariants.rs`.
//!
//! Plain functions over numbers: `ratios` (values, lines, what may be drawn), `accrual` (interest of a
//! loan), `books` (double entry). What reads state: `valuation`. What follows from a valuation: `margin`.

pub mod accrual;
mod authority;
mod books;
mod command;
mod decide;
mod event;
mod evolve;
#[cfg(test)]
mod invariants;
mod margin;
pub mod ratios;
mod refusal;
mod state;
#[cfg(test)]
mod tests;
mod valuation;

pub use authority::AUTHORITY;
pub use books::{Account, Books};
pub use command::{
    AccrueInterest, ApproveDrawdown, CancelDrawdown, ChargeLoan, CloseFacility, Command,
    ConfirmDisbursement, Eligible, FailDisbursement, InstructPayment, MAX_ACCOUNTS, MAX_FEEDS,
    OfferFacility, RecordPayment, RefundOverpayment, RejectDrawdown, RequestDrawdown,
    ResumeFacility, ReversePayment, SatisfyConditions, SetProduct, SignFacility, SuspendFacility,
    ValueFacility, WithdrawCall,
};
pub use decide::{decide, fire};
pub use event::{
    DefaultCause, DisbursementFailed, DisbursementInstructed, DrawdownApproved, DrawdownCancelled,
    DrawdownRejected, DrawdownRequested, Event, EventOfDefault, FacilityAvailable, FacilityClosed,
    FacilityFrozen, FacilityLapsed, FacilityOffered, FacilityResumed, FacilitySigned,
    FacilitySuspended, InterestAccrued, LoanCharged, LoanDisbursed, LoanReopened, LoanSettled,
    MarginCallCured, MarginCallExpired, MarginCallOpened, MarginCallPartlyCured,
    MarginCallWithdrawn, Obstacle, ObstacleKind, OverpaymentRefunded, PaymentAllocated,
    PaymentReceived, PaymentReversed, PledgeAttached, ProductSet, Status, SuspensionCause,
    ValuationComputed,
};
pub use evolve::evolve;
pub use state::{
    CALLS, Call, CallStage, Deadline, Debt, FACILITIES, Facility, LOANS, Loan, LoanAndFacility,
    LoanStage, MAX_LIVE_LOANS, MAX_PLEDGES, Payment, Product, Stage, find, find_loan, live_loans,
    pledges_of, product, product_of,
};
pub use valuation::{Collateral, Exposure, Unavailable, Valuation};
