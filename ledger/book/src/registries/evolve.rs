//! Writes what was set in the registries.

use super::{
    CALENDARS, COMMODITIES, Commodity, CommoditySet, Event, FEEDS, Feed, PriceFeedSet, state,
};
use crate::{
    at::Stamp,
    parties::PARTIES,
    state::{BrokenHistory, Row, View},
};

/// Writes an event.
///
/// # Errors
///
/// The event names something that isn't there.
pub fn evolve(view: &mut View<'_>, event: &Event, _: &Stamp) -> Result<(), BrokenHistory> {
    match event {
        Event::CommoditySet(event) => set_commodity(view, event),
        Event::PriceFeedSet(event) => set_feed(view, event),
        Event::CalendarSet(event) => {
            CALENDARS.put(view, &state::key(&event.calendar.code), &event.calendar);
            Ok(())
        }
        Event::ProfileSet(event) => {
            state::PROFILE.put(view, &(), &event.profile);
            Ok(())
        }
    }
}

fn set_commodity(view: &mut View<'_>, event: &CommoditySet) -> Result<(), BrokenHistory> {
    let key = state::key(&event.code);
    let value = Commodity {
        code: event.code.clone(),
        name: event.name.clone(),
        unit: event.unit,
        grades: event.grades.clone(),
        shrink_allowance: event.shrink_allowance_ppm,
    };
    if let Some(no) = COMMODITIES.no(view, &key) {
        COMMODITIES.put(view, &Row { no, value });
        return Ok(());
    }
    COMMODITIES.insert(view, &key, &value).map(drop)
}

fn set_feed(view: &mut View<'_>, event: &PriceFeedSet) -> Result<(), BrokenHistory> {
    let key = state::key(&event.code);
    let unknown = BrokenHistory("an event names no party or commodity");
    let value = Feed {
        code: event.code.clone(),
        source: PARTIES.no(view, &event.source).ok_or(unknown)?,
        commodity: COMMODITIES.no(view, &state::key(&event.commodity)).ok_or(unknown)?,
        grade: event.grade.clone(),
        place: event.place.clone(),
        currency: event.currency,
        max_age: event.max_age_ms,
        max_deviation: event.max_deviation_ppm,
    };
    if let Some(no) = FEEDS.no(view, &key) {
        FEEDS.put(view, &Row { no, value });
        return Ok(());
    }
    FEEDS.insert(view, &key, &value).map(drop)
}
