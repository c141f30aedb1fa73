//! Deadlines: what falls due, in order of moment and then of setting.
//!
//! They are fired by log time at the first entry whose time has passed them, before that entry is decided
//! (book.md section 1, "Clock"). Nothing is taken out of the queue early: a deadline whose cause has gone
//! fires and comes to nothing, which costs one read and keeps `evolve` free of searching.

use crate::{
    areas::Deadline,
    registry,
    state::{Table, View},
    vocabulary::Time,
};

/// Queue: (due, sequence) to what falls due.
const DEADLINES: Table<(Time, u64), Deadline> = Table::new(registry::DEADLINES);
/// The next sequence number.
const SEQUENCE: Table<(), u64> = Table::new(registry::DEADLINE_SEQUENCE);

/// Queues a deadline. One that is due before the book's time is due at the book's time.
pub(crate) fn set(view: &mut View<'_>, due: Time, now: Time, deadline: impl Into<Deadline>) {
    let sequence = SEQUENCE.get(view, &()).unwrap_or(0);
    SEQUENCE.put(view, &(), &(sequence + 1));
    DEADLINES.put(view, &(due.max(now), sequence), &deadline.into());
}

/// The first deadline before `moment`, if any.
pub(crate) fn first_due(view: &View<'_>, moment: Time) -> Option<((Time, u64), Deadline)> {
    let first = DEADLINES.scan(view, &(), None, 1).into_iter().next()?;
    (first.0.0 < moment).then_some(first)
}

/// Takes a deadline out of the queue.
pub(crate) fn remove(view: &mut View<'_>, key: (Time, u64)) {
    DEADLINES.delete(view, &key);
}

/// Whether something falls due before `moment`: the next entry fires it.
pub fn is_due(view: &View<'_>, moment: Time) -> bool {
    first_due(view, moment).is_some()
}

/// How many deadlines wait, counted up to `limit`.
pub fn waiting(view: &View<'_>, limit: usize) -> usize {
    DEADLINES.scan(view, &(), None, limit).len()
}
