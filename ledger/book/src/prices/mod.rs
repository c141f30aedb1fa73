//! Prices: what a feed's source observed, and which observation counts.
//!
//! Invariants: a price is exact (so many minor units per so much of the commodity) and never changes; an
//! observation is accepted at once or, when it strays too far from the last accepted one, quarantined until
//! a second person of the source or the registrar confirms or rejects it; what a feed last accepted was
//! never observed before what it accepted earlier. A price older than its feed allows is stale, which is
//! for whoever relies on it to refuse: a missing price is never a price of nothing.

mod authority;
mod command;
mod decide;
mod event;
mod evolve;
mod refusal;
mod state;
#[cfg(test)]
mod tests;

pub use authority::AUTHORITY;
pub use command::{Command, ConfirmPrice, ObservePrice, RejectPrice};
pub use decide::decide;
pub use event::{Event, PriceAccepted, PriceObserved, PriceQuarantined, PriceRejected};
pub use evolve::evolve;
pub use state::{AcceptedPrice, Observation, PRICES, Price, Stage, is_fresh, latest};
