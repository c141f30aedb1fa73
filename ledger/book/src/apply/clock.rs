//! Step 1: what falls due before the statement is decided.

use granary_log::entry::CLOCK_EVENTS_MAX;

use super::evolve_all;
use crate::{
    areas::{self, Event},
    at::Stamp,
    deadline,
    state::{BrokenHistory, View},
    vocabulary::Time,
};

/// Most deadlines fired in one entry. The rest wait, and the book's clock waits with them.
const FIRED_MAX: usize = 256;

/// An event's own bytes in an entry besides type and body: a length of each.
const EVENT_OVERHEAD: usize = 3;

/// What fell due, and the book's time after it.
pub(super) struct Fired {
    pub(super) events: Vec<Event>,
    pub(super) book_time: Time,
}

/// Fires deadlines before `log_time` in order of moment and sequence, as many as an entry bears. If more are
/// due the book's time stops at the first one left.
pub(super) fn fire_due(
    view: &mut View<'_>,
    index: u64,
    log_time: Time,
) -> Result<Fired, BrokenHistory> {
    let mut events = Vec::new();
    // The count itself takes two bytes.
    let mut bytes = 2;
    for _ in 0..FIRED_MAX {
        let Some((key, due)) = deadline::first_due(view, log_time) else {
            return Ok(Fired { events, book_time: log_time });
        };
        let stamp = Stamp { index, time: key.0 };
        let fired = areas::fire(view, &due, &stamp);
        let size: usize = fired
            .iter()
            .map(|event| EVENT_OVERHEAD + event.type_name().len() + event.encode().len())
            .sum();
        if bytes + size > CLOCK_EVENTS_MAX {
            return Ok(Fired { events, book_time: key.0 });
        }
        bytes += size;
        deadline::remove(view, key);
        evolve_all(view, &fired, &stamp)?;
        events.extend(fired);
    }
    let next = deadline::first_due(view, log_time);
    let book_time = next.map_or(log_time, |((due, _), _)| due);
    Ok(Fired { events, book_time })
}
