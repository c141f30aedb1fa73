//! Why something about prices is refused. Codes 600 to 649.

use crate::{
    refusal::{Code, Measure, ObjectKind, Refusal},
    vocabulary::{PriceId, Time},
};

/// Somebody publishes in a feed of which it isn't the source.
pub(super) fn not_feed_source(feed: &str) -> Refusal {
    Refusal::new(Code::NotFeedSource).required(feed)
}

/// An observation that was made before the feed's last accepted one.
pub(super) fn out_of_order(last: PriceId, observed_at: Time) -> Refusal {
    Refusal::new(Code::PriceOutOfOrder).other(ObjectKind::Price, last).at(observed_at)
}

/// A price beyond what the book's products can hold.
pub(super) fn too_large(limit: u64, actual: u64) -> Refusal {
    Refusal::new(Code::ValidationFailed).field("price.minor_units").limit(
        limit,
        actual,
        Measure::MinorUnit,
    )
}
