//! What may be said about prices.

use super::Price;
use crate::{
    vocabulary::{Code, PriceId, Time},
    wire,
};

wire::message! {
    /// Publishes an observed price. Said by the feed's source. The price's id is derived id 0.
    pub struct ObservePrice("granary.prices.v1.ObservePrice") {
        /// Which feed: it says commodity, grade, place and currency.
        1 => feed: Code,
        /// The price.
        2 => price: Price,
        /// When it was observed: may lie as far back as the profile allows.
        3 => observed_at_ms: Time,
    }
}

wire::message! {
    /// Accepts a quarantined price. Said by the registrar, or by another person of the source than the
    /// one who published it.
    pub struct ConfirmPrice("granary.prices.v1.ConfirmPrice") {
        /// Which price.
        1 => price: PriceId,
    }
}

wire::message! {
    /// Rejects a quarantined price. Said by the registrar or by any person of the source.
    pub struct RejectPrice("granary.prices.v1.RejectPrice") {
        /// Which price.
        1 => price: PriceId,
        /// Why, as a code.
        2 => reason: Code,
    }
}

wire::commands! {
    /// What may be said about prices.
    pub enum Command { ObservePrice, ConfirmPrice, RejectPrice }
}
