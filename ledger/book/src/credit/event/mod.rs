//! What happened to credit.

mod facility;
mod loan;

use crate::wire;

pub use facility::{
    DefaultCause, EventOfDefault, FacilityAvailable, FacilityClosed, FacilityFrozen,
    FacilityLapsed, FacilityOffered, FacilityResumed, FacilitySigned, FacilitySuspended,
    MarginCallCured, MarginCallExpired, MarginCallOpened, MarginCallPartlyCured,
    MarginCallWithdrawn, Obstacle, ObstacleKind, PledgeAttached, ProductSet, Status,
    SuspensionCause, ValuationComputed,
};
pub use loan::{
    DisbursementFailed, DisbursementInstructed, DrawdownApproved, DrawdownCancelled,
    DrawdownRejected, DrawdownRequested, InterestAccrued, LoanCharged, LoanDisbursed, LoanReopened,
    LoanSettled, OverpaymentRefunded, PaymentAllocated, PaymentReceived, PaymentReversed,
};

wire::events! {
    /// What happened to credit.
    pub enum Event {
        ProductSet, FacilityOffered, FacilitySigned, FacilityLapsed, PledgeAttached,
        FacilityAvailable, FacilitySuspended, FacilityResumed, EventOfDefault, FacilityFrozen,
        FacilityClosed, ValuationComputed, MarginCallOpened, MarginCallPartlyCured,
        MarginCallCured, MarginCallExpired, MarginCallWithdrawn, DrawdownRequested,
        DrawdownApproved, DrawdownRejected, DrawdownCancelled, DisbursementInstructed,
        DisbursementFailed, LoanDisbursed, InterestAccrued, LoanCharged, PaymentReceived,
        PaymentAllocated, LoanSettled, PaymentReversed, LoanReopened, OverpaymentRefunded,
    }
}
