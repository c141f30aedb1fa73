//! Pledges: receipts held for a lender, in two phases.
//!
//! Proposing reserves every receipt at once or none (P1, P2); the pledgee checks for other financings and
//! accepts (P3, P4); the keeper confirms that it holds for the pledgee and states its own lien (P5); where
//! the profile asks for it the pledge is registered outside (P6). Then it is published: its place in the
//! log is its priority, for ever. Until then anybody concerned may call it off, and it lapses by itself (P7).
//! A release is asked for and confirmed (P11, P12), never while a loan it secures is open.
//!
//! Invariants: INV-20 to INV-24, see `invariants.rs`. A pledge secures at most one facility, which is
//! credit's to see to; here it only counts the claims that credit has opened.

mod authority;
mod command;
mod decide;
mod event;
mod evolve;
#[cfg(test)]
pub(crate) mod invariants;
mod refusal;
mod state;
#[cfg(test)]
pub(crate) mod tests;

pub use authority::AUTHORITY;
pub use command::{
    AcceptPledge, Command, ConfirmControl, ConfirmRelease, ProposePledge, RecordDuplicateCheck,
    RecordRegistration, RejectPledge, RequestRelease, WithdrawPledge,
};
pub use decide::{decide, fire};
pub use event::{
    ControlConfirmed, DuplicateCheckRecorded, Event, PledgeAccepted, PledgeLapsed, PledgePerfected,
    PledgeProposed, PledgeRejected, PledgeReleased, PledgeWithdrawn, RegistrationRecorded,
    ReleaseRequested,
};
pub use evolve::evolve;
pub(crate) use evolve::{claim_closed, claim_opened};
pub use state::{
    CheckOutcome, Deadline, DuplicateCheck, MAX_RECEIPTS, PLEDGES, Pledge, Registration, Stage,
    duplicate_check, find, members, registration, require_active, require_clear_check,
};
