//! Observations, and the last one that each feed accepted.

use serde::{Deserialize, Serialize};

use crate::{
    registries::FEEDS,
    registry,
    state::{Objects, Table, View},
    vocabulary::{FeedNo, PersonId, PriceId, PriceNo, Quantity, Time},
    wire,
};

wire::message! {
    /// An exact price: so many minor units for so much. 1.275 yuan per 500 g is 1,275 fen per 5,000 g.
    pub struct Price("granary.prices.v1.Price") {
        /// Minor units of the feed's currency.
        1 => minor_units: u64,
        /// For how much, in the commodity's base unit.
        2 => per: Quantity,
    }
}

impl Price {
    /// Most minor units of a price: with [`Quantity::MAX_AMOUNT`] and ratios in millionths, every product
    /// the book forms stays within 128 bits (10^15 × 10^15 × 10^6).
    pub const MAX_MINOR_UNITS: u64 = 1_000_000_000_000_000;

    /// How far this price strays from `other`, in parts per million of `other`, rounded **up**: a price
    /// that strays a hair more than allowed has strayed more than allowed. `None` when `other` is nothing.
    /// Both are per quantities of one unit.
    pub fn deviation_ppm(&self, other: &Price) -> Option<u64> {
        let wide = |price: u64, per: Quantity| u128::from(price) * u128::from(per.amount());
        let (mine, others) = (wide(self.minor_units, other.per), wide(other.minor_units, self.per));
        let strays = mine.abs_diff(others).checked_mul(1_000_000)?;
        (others > 0).then(|| u64::try_from(strays.div_ceil(others)).unwrap_or(u64::MAX))
    }
}

/// What became of an observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// It counts, or did until a later one was accepted.
    Accepted {
        /// Since when.
        at: Time,
    },
    /// It strays too far and waits for a second person.
    Quarantined,
    /// It never counts.
    Rejected,
}

impl Stage {
    /// Its name in the facts of a refusal.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Accepted { .. } => "ACCEPTED",
            Stage::Quarantined => "QUARANTINED",
            Stage::Rejected => "REJECTED",
        }
    }
}

/// A published price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Its id.
    pub id: PriceId,
    /// Of which feed.
    pub feed: FeedNo,
    /// The price.
    pub price: Price,
    /// When it was observed, by its source's word.
    pub observed_at: Time,
    /// Who published it; none when a service did.
    pub observed_by: Option<PersonId>,
    /// Whether it counts.
    pub stage: Stage,
}

/// The price that counts for a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedPrice {
    /// Its id: what a valuation cites.
    pub id: PriceId,
    /// The price.
    pub price: Price,
    /// When it was observed.
    pub observed_at: Time,
}

/// Observations.
pub const PRICES: Objects<PriceId, PriceNo, Observation> =
    Objects::new(registry::PRICE_IDS, registry::PRICES);
/// The last accepted observation of a feed.
pub(super) const LATEST: Table<FeedNo, PriceNo> = Table::new(registry::LATEST_PRICES);

/// The last accepted price of a feed, however old; see [`is_fresh`].
pub fn latest(view: &View<'_>, feed: FeedNo) -> Option<AcceptedPrice> {
    let observation = PRICES.get(view, LATEST.get(view, &feed)?)?;
    Some(AcceptedPrice {
        id: observation.id,
        price: observation.price,
        observed_at: observation.observed_at,
    })
}

/// Whether a price of a feed may be relied on at a moment: it is no older than the feed allows.
pub fn is_fresh(view: &View<'_>, feed: FeedNo, price: &AcceptedPrice, now: Time) -> bool {
    FEEDS.get(view, feed).is_some_and(|feed| now.since(price.observed_at) <= feed.max_age)
}
