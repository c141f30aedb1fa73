//! The rules about prices (domain.md section 6.4).

use super::{
    Command, ConfirmPrice, Event, Observation, ObservePrice, PRICES, Price, PriceAccepted,
    PriceObserved, PriceQuarantined, PriceRejected, RejectPrice, Stage, latest, refusal,
};
use crate::{
    areas,
    at::At,
    parties::{self, Role},
    refusal::{Code as RefusalCode, ObjectKind, Refusal},
    registries::{self, COMMODITIES, Commodity, FEEDS, Feed},
    state::{Row, View},
    vocabulary::{Code, FeedNo, PriceId, Time},
};

/// Decides a command about prices.
///
/// # Errors
///
/// The first guard that says no.
pub fn decide(
    view: &View<'_>,
    command: &Command,
    at: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let events = match command {
        Command::ObservePrice(command) => observe(view, command, at)?,
        Command::ConfirmPrice(command) => confirm(view, command, at)?,
        Command::RejectPrice(command) => reject(view, command, at)?,
    };
    Ok(events.into_iter().map(Into::into).collect())
}

fn observe(view: &View<'_>, command: &ObservePrice, at: &At<'_>) -> Result<Vec<Event>, Refusal> {
    let feed = registries::feed(view, &command.feed)?;
    if feed.value.source != at.party {
        return Err(refusal::not_feed_source(command.feed.as_str()));
    }
    let commodity = commodity_of(view, &feed.value)?;
    check_price(&command.price, &commodity)?;
    registries::check_occurred_at(view, at, command.observed_at_ms)?;
    check_order(view, feed.no, command.observed_at_ms)?;
    let price_id: PriceId = at.id(0);
    if PRICES.has(view, &price_id) {
        return Err(Refusal::new(RefusalCode::IdTaken).subject(ObjectKind::Price, price_id));
    }
    let verdict = judge(view, &feed, price_id, &command.price);
    let observed = PriceObserved {
        price_id,
        feed: feed.value.code,
        commodity: commodity.code,
        grade: feed.value.grade,
        place: feed.value.place,
        price: command.price.clone(),
        currency: feed.value.currency,
        observed_at_ms: command.observed_at_ms,
        observed_by: at.person(),
    };
    Ok(vec![observed.into(), verdict])
}

fn commodity_of(view: &View<'_>, feed: &Feed) -> Result<Commodity, Refusal> {
    COMMODITIES.get(view, feed.commodity).ok_or_else(|| RefusalCode::NotRegistered.into())
}

fn check_price(price: &Price, commodity: &Commodity) -> Result<(), Refusal> {
    if price.minor_units == 0 {
        return Err(Refusal::new(RefusalCode::AmountZero).field("price.minor_units"));
    }
    if price.minor_units > Price::MAX_MINOR_UNITS {
        return Err(refusal::too_large(Price::MAX_MINOR_UNITS, price.minor_units));
    }
    if price.per.is_zero() {
        return Err(Refusal::new(RefusalCode::QuantityZero).field("price.per"));
    }
    if price.per.unit() != commodity.unit {
        return Err(Refusal::new(RefusalCode::UnitMismatch).field("price.per"));
    }
    Ok(())
}

/// What is accepted was never observed before what was accepted earlier.
fn check_order(view: &View<'_>, feed: FeedNo, observed_at: Time) -> Result<(), Refusal> {
    match latest(view, feed) {
        Some(last) if observed_at < last.observed_at => {
            Err(refusal::out_of_order(last.id, observed_at))
        }
        Some(_) | None => Ok(()),
    }
}

/// Accepted, unless it strays further from the last accepted price than the feed allows.
fn judge(view: &View<'_>, feed: &Row<FeedNo, Feed>, price_id: PriceId, price: &Price) -> Event {
    let limit_ppm = u64::from(feed.value.max_deviation.get());
    let strays = latest(view, feed.no).and_then(|last| {
        let deviation_ppm = price.deviation_ppm(&last.price).unwrap_or(u64::MAX);
        (deviation_ppm > limit_ppm).then_some((last.id, deviation_ppm))
    });
    let feed = feed.value.code.clone();
    match strays {
        Some((compared_with, deviation_ppm)) => {
            PriceQuarantined { price_id, feed, compared_with, deviation_ppm, limit_ppm }.into()
        }
        None => PriceAccepted { price_id, feed }.into(),
    }
}

fn confirm(view: &View<'_>, command: &ConfirmPrice, at: &At<'_>) -> Result<Vec<Event>, Refusal> {
    let (observation, feed) = quarantined(view, command.price, at)?;
    let registrar = parties::has_role(view, at.party, &[Role::Registrar]);
    let second = observation.observed_by.is_none_or(|first| at.persons().any(|p| p != first));
    if !registrar && !second {
        return Err(RefusalCode::MakerCheckerRequired.into());
    }
    check_order(view, observation.feed, observation.observed_at)?;
    Ok(vec![PriceAccepted { price_id: command.price, feed }.into()])
}

fn reject(view: &View<'_>, command: &RejectPrice, at: &At<'_>) -> Result<Vec<Event>, Refusal> {
    let (_, feed) = quarantined(view, command.price, at)?;
    let reason = command.reason.clone();
    Ok(vec![PriceRejected { price_id: command.price, feed, reason }.into()])
}

/// A quarantined observation on which the principal may pass judgement, and its feed's code.
fn quarantined(
    view: &View<'_>,
    price: PriceId,
    at: &At<'_>,
) -> Result<(Observation, Code), Refusal> {
    let not_found = || Refusal::not_found(ObjectKind::Price, price);
    let observation = PRICES.find(view, &price).ok_or_else(not_found)?.value;
    let feed = FEEDS.get(view, observation.feed).ok_or_else(not_found)?;
    if feed.source != at.party && !parties::has_role(view, at.party, &[Role::Registrar]) {
        return Err(refusal::not_feed_source(feed.code.as_str()));
    }
    match observation.stage {
        Stage::Quarantined => Ok((observation, feed.code)),
        Stage::Accepted { .. } | Stage::Rejected => {
            Err(Refusal::state(ObjectKind::Price, price, observation.stage.name()))
        }
    }
}
