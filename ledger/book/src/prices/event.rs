//! What happened to prices.

use super::Price;
use crate::{
    vocabulary::{Code, Currency, PersonId, PriceId, Time},
    wire,
};

wire::message! {
    /// A price was published. What follows in the same entry says whether it counts.
    pub struct PriceObserved("granary.prices.v1.PriceObserved") {
        /// Its id.
        1 => price_id: PriceId,
        /// Of which feed.
        2 => feed: Code,
        /// Of which commodity.
        3 => commodity: Code,
        /// Of which grade; absent: whatever the grade.
        4 => grade: Option<Code>,
        /// Where.
        5 => place: Code,
        /// The price.
        6 => price: Price,
        /// Of what its minor units are.
        7 => currency: Currency,
        /// When it was observed.
        8 => observed_at_ms: Time,
        /// Who published it; absent when a service did.
        9 => observed_by: Option<PersonId>,
    }
}

wire::message! {
    /// A price counts from now on.
    pub struct PriceAccepted("granary.prices.v1.PriceAccepted") {
        /// Which price.
        1 => price_id: PriceId,
        /// Of which feed.
        2 => feed: Code,
    }
}

wire::message! {
    /// A price strays too far from the last accepted one, and waits.
    pub struct PriceQuarantined("granary.prices.v1.PriceQuarantined") {
        /// Which price.
        1 => price_id: PriceId,
        /// Of which feed.
        2 => feed: Code,
        /// What it was compared with.
        3 => compared_with: PriceId,
        /// How far it strays, rounded up.
        4 => deviation_ppm: u64,
        /// How far it might have.
        5 => limit_ppm: u64,
    }
}

wire::message! {
    /// A quarantined price never counts.
    pub struct PriceRejected("granary.prices.v1.PriceRejected") {
        /// Which price.
        1 => price_id: PriceId,
        /// Of which feed.
        2 => feed: Code,
        /// Why, as a code.
        3 => reason: Code,
    }
}

wire::events! {
    /// What happened to prices.
    pub enum Event { PriceObserved, PriceAccepted, PriceQuarantined, PriceRejected }
}
