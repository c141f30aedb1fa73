//! The chain itself: genesis, its clock, and acts of its operators.
//!
//! Invariants: there is one genesis, at index 0; the clock never goes back; an operators' act takes effect
//! only when as many persons as the genesis asks for have approved the very same body; one node at a time
//! may sign checkpoints.

mod authority;
mod clock;
mod command;
mod decide;
mod event;
mod evolve;
mod genesis;
mod state;

pub use authority::AUTHORITY;
pub use clock::{Clock, log_time};
pub use command::{
    AdvanceClock, ApproveOperatorAct, ClockKind, Command, Genesis, GrantSigner, ProposeOperatorAct,
    StateRoot, Tick, Visibility,
};
pub(crate) use decide::require_proposal;
pub use decide::{STATE_ROOT_EVERY, decide, is_operator_act};
pub use event::{
    ChainFounded, ClockAdvanced, Event, OperatorActApproved, OperatorActExecuted,
    OperatorActProposed, SignerGranted, StateRootReported, Ticked,
};
pub use evolve::evolve;
pub use genesis::found;
pub use state::{CHAIN, Chain, PROPOSALS, Proposal, SIGNER, SignerGrant, facts, signer};
