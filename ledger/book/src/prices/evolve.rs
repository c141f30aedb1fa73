//! Writes what happened to prices.

use super::{Event, Observation, PRICES, PriceAccepted, PriceObserved, Stage, state::LATEST};
use crate::{
    at::Stamp,
    registries::{self, FEEDS},
    state::{BrokenHistory, View},
    vocabulary::PriceId,
};

/// Writes an event.
///
/// # Errors
///
/// The event names something that isn't there.
pub fn evolve(view: &mut View<'_>, event: &Event, stamp: &Stamp) -> Result<(), BrokenHistory> {
    match event {
        Event::PriceObserved(event) => observe(view, event),
        Event::PriceAccepted(event) => accept(view, event, stamp),
        // Quarantined is what an observation is until something else is said of it.
        Event::PriceQuarantined(event) => set_stage(view, event.price_id, Stage::Quarantined),
        Event::PriceRejected(event) => set_stage(view, event.price_id, Stage::Rejected),
    }
}

fn observe(view: &mut View<'_>, event: &PriceObserved) -> Result<(), BrokenHistory> {
    let feed = FEEDS
        .no(view, &registries::key(&event.feed))
        .ok_or(BrokenHistory("an event names no feed"))?;
    let observation = Observation {
        id: event.price_id,
        feed,
        price: event.price.clone(),
        observed_at: event.observed_at_ms,
        observed_by: event.observed_by,
        stage: Stage::Quarantined,
    };
    PRICES.insert(view, &event.price_id, &observation).map(drop)
}

fn accept(view: &mut View<'_>, event: &PriceAccepted, stamp: &Stamp) -> Result<(), BrokenHistory> {
    let feed = FEEDS
        .no(view, &registries::key(&event.feed))
        .ok_or(BrokenHistory("an event names no feed"))?;
    let no = PRICES.update(view, &event.price_id, |observation| {
        observation.stage = Stage::Accepted { at: stamp.time };
        Ok(())
    })?;
    LATEST.put(view, &feed, &no);
    Ok(())
}

fn set_stage(view: &mut View<'_>, price: PriceId, stage: Stage) -> Result<(), BrokenHistory> {
    let changed = PRICES.update(view, &price, |observation| {
        observation.stage = stage;
        Ok(())
    });
    changed.map(drop)
}
