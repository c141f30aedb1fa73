//! The rules of the registries.

use super::{
    COMMODITIES, CalendarSet, Command, CommoditySet, Event, FEEDS, PriceFeedSet, ProfileSet,
    SetCommodity, SetPriceFeed, commodity, state,
};
use crate::{
    areas,
    at::At,
    parties::{self, Role},
    refusal::{Code, Measure, Refusal},
    state::View,
    vocabulary::{Millis, Ppm},
};

/// Decides a command about the registries.
///
/// # Errors
///
/// The first guard that says no.
pub fn decide(
    view: &View<'_>,
    command: &Command,
    _: &At<'_>,
) -> Result<Vec<areas::Event>, Refusal> {
    let event = match command {
        Command::SetCommodity(command) => set_commodity(view, command)?,
        Command::SetPriceFeed(command) => set_feed(view, command)?,
        Command::SetCalendar(command) => {
            // 14 hours either way is as far as any civil time goes.
            let offset = command.utc_offset_minutes.unsigned_abs();
            within("utc_offset_minutes", u64::from(offset), 14 * 60)?;
            within("weekend", u64::from(command.weekend), 0x7f)?;
            within("cutoff_ms", command.cutoff_ms.0, Millis::days(1).0)?;
            Event::CalendarSet(CalendarSet { calendar: command.clone() })
        }
        Command::SetProfile(command) => {
            within(
                "release_tolerance_ppm",
                u64::from(command.release_tolerance_ppm.get()),
                100_000,
            )?;
            within(
                "delivery_tolerance_ppm",
                u64::from(command.delivery_tolerance_ppm.get()),
                100_000,
            )?;
            Event::ProfileSet(ProfileSet { profile: command.clone() })
        }
    };
    Ok(vec![event.into()])
}

fn within(field: &'static str, actual: u64, limit: u64) -> Result<(), Refusal> {
    if actual <= limit {
        return Ok(());
    }
    Err(Refusal::new(Code::ValidationFailed).field(field).limit(limit, actual, Measure::Count))
}

fn set_commodity(view: &View<'_>, command: &SetCommodity) -> Result<Event, Refusal> {
    let known = COMMODITIES.find(view, &state::key(&command.code));
    if known.is_some_and(|known| known.value.unit != command.unit) {
        return Err(Refusal::new(Code::AlreadyRegistered)
            .field("unit")
            .required(command.code.as_str()));
    }
    within("shrink_allowance_ppm", u64::from(command.shrink_allowance_ppm.get()), 1_000_000)?;
    Ok(Event::CommoditySet(CommoditySet {
        code: command.code.clone(),
        name: command.name.clone(),
        unit: command.unit,
        grades: command.grades.clone(),
        shrink_allowance_ppm: command.shrink_allowance_ppm,
    }))
}

fn set_feed(view: &View<'_>, command: &SetPriceFeed) -> Result<Event, Refusal> {
    let source = parties::active(view, command.source, &[Role::PriceSource])?;
    let commodity = commodity(view, &command.commodity)?;
    if let Some(grade) = &command.grade
        && !commodity.value.grades.iter().any(|known| known.code == *grade)
    {
        return Err(Refusal::new(Code::NotRegistered).field("grade").required(grade.as_str()));
    }
    let known = FEEDS.find(view, &state::key(&command.code));
    let changed = known.is_some_and(|known| {
        known.value.source != source.no
            || known.value.commodity != commodity.no
            || known.value.currency != command.currency
    });
    if changed {
        return Err(Refusal::new(Code::AlreadyRegistered).required(command.code.as_str()));
    }
    if command.max_age_ms == Millis(0) {
        return Err(Refusal::new(Code::ValidationFailed).field("max_age_ms"));
    }
    if command.max_deviation_ppm == Ppm::ZERO {
        return Err(Refusal::new(Code::ValidationFailed).field("max_deviation_ppm"));
    }
    Ok(Event::PriceFeedSet(PriceFeedSet {
        code: command.code.clone(),
        source: command.source,
        commodity: command.commodity.clone(),
        grade: command.grade.clone(),
        place: command.place.clone(),
        currency: command.currency,
        max_age_ms: command.max_age_ms,
        max_deviation_ppm: command.max_deviation_ppm,
    }))
}
