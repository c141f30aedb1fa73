//! Published prices.

use granary_book::{
    prices::{self, Observation, Stage},
    registries::FEEDS,
    state::Row,
    vocabulary::PriceNo,
};
use granary_proto::finance::v1 as pb;
use granary_runtime::{reading::Reading, wire};

/// A price without its history.
pub(crate) fn price(
    reading: &Reading<'_>,
    row: &Row<PriceNo, Observation>,
) -> pb::PriceObservation {
    let Observation { id, feed: feed_no, price, observed_at, observed_by, stage } = &row.value;
    let counts = prices::latest(&reading.view, *feed_no);
    let of_feed = FEEDS.get(&reading.view, *feed_no).map(|feed| pb::PriceObservation {
        feed: feed.code.to_string(),
        source: reading.party(feed.source),
        commodity: reading.commodity(feed.commodity),
        grade: feed.grade.as_ref().map(ToString::to_string),
        place: feed.place.to_string(),
        currency: feed.currency.to_string(),
        ..pb::PriceObservation::default()
    });
    pb::PriceObservation {
        id: id.to_string(),
        price: Some(wire::price(price)),
        observed_at_ms: observed_at.ms(),
        observed_by: observed_by.map(|person| person.to_string()),
        stage: price_stage(*stage).into(),
        accepted_at_ms: match stage {
            Stage::Accepted { at } => Some(at.ms()),
            Stage::Quarantined | Stage::Rejected => None,
        },
        current: counts.is_some_and(|counts| counts.id == *id),
        as_of_index: reading.as_of_index,
        ..of_feed.unwrap_or_default()
    }
}

/// What became of a price.
pub(crate) const fn price_stage(stage: Stage) -> pb::PriceStage {
    match stage {
        Stage::Accepted { .. } => pb::PriceStage::Accepted,
        Stage::Quarantined => pb::PriceStage::Quarantined,
        Stage::Rejected => pb::PriceStage::Rejected,
    }
}
