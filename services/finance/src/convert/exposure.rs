//! What a facility owes against what secures it: the book's own valuation, made at the reading's moment.

use granary_book::{
    credit::{Facility, Obstacle, Valuation, product_of, ratios},
    state::Row,
    vocabulary::{FacilityNo, Money},
};
use granary_proto::finance::v1 as pb;
use granary_runtime::{reading::Reading, wire};

/// The exposure of a facility. `None` when its product or the product's calendar is not there to be looked
/// up, which no command can bring about.
pub(crate) fn exposure(
    reading: &Reading<'_>,
    row: &Row<FacilityNo, Facility>,
) -> Option<pb::Exposure> {
    let facility = &row.value;
    let product = product_of(&reading.view, facility).ok()?;
    let valuation = Valuation::of(&reading.view, row.no, &product, reading.time).ok()?;
    let room = valuation.room(row, &product).ok();
    let Valuation { date, exposure, collateral } = &valuation;
    let money = |minor| wire::money(Money::new(minor, facility.limit.currency()));
    let collateral_known = collateral.as_ref().ok();
    let ltv = collateral_known.and_then(|known| ratios::ltv_ppm(exposure.total, known.value));
    Some(pb::Exposure {
        facility: facility.id.to_string(),
        business_date: date.to_string(),
        principal: Some(money(exposure.used)),
        interest_and_charges: Some(money(exposure.total.saturating_sub(exposure.used))),
        total: Some(money(exposure.total)),
        reserved: Some(money(exposure.reserved)),
        value: collateral_known.map(|known| money(known.value)),
        ltv_ppm: ltv,
        status: valuation.status(&product).number().cast_signed(),
        room: room.map(|room| money(room.available())),
        prices: collateral_known
            .map(|known| known.prices.iter().map(ToString::to_string).collect())
            .unwrap_or_default(),
        obstacle: collateral.as_ref().err().map(|unavailable| obstacle(&unavailable.obstacle)),
        as_of_index: reading.as_of_index,
    })
}

fn obstacle(obstacle: &Obstacle) -> pb::ValuationObstacle {
    let Obstacle { kind, receipt, feed } = obstacle;
    pb::ValuationObstacle {
        kind: kind.number().cast_signed(),
        receipt: receipt.to_string(),
        feed: feed.as_ref().map(ToString::to_string),
    }
}

/// A facility of a portfolio.
pub(crate) fn portfolio_line(
    reading: &Reading<'_>,
    row: &Row<FacilityNo, Facility>,
) -> pb::PortfolioLine {
    pb::PortfolioLine {
        facility: Some(super::facility(reading, row)),
        exposure: exposure(reading, row),
    }
}
