//! Where a local node takes the time of day from, and when it stops believing it.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use granary_book::vocabulary::Time;

/// How far the time of day may move against the monotonic clock before the node stops
/// (format.md section 1).
const JUMP_MAX: Duration = Duration::from_secs(600);

/// How far the time of day may stand from the last entry when a node starts.
pub const START_GAP_MAX: Duration = Duration::from_secs(7 * 86_400);

/// The machine's clock was set while the node ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the machine's clock moved by {moved_s} s against its monotonic clock; entries already made keep their \
     times. Set the clock right and start the node again (--accept-clock if the last entry is far away)"
)]
pub struct ClockJumped {
    /// By how many seconds.
    pub moved_s: u64,
}

/// A time of day.
pub trait TimeSource: Send {
    /// Now.
    ///
    /// # Errors
    ///
    /// [`ClockJumped`].
    fn now(&mut self) -> Result<Time, ClockJumped>;
}

/// The machine's clock, held against its monotonic one.
#[derive(Debug)]
pub struct WallClock {
    started: Instant,
    started_at: Duration,
}

impl Default for WallClock {
    fn default() -> Self {
        Self { started: Instant::now(), started_at: since_epoch() }
    }
}

fn since_epoch() -> Duration {
    // A clock before 1970 is as wrong as one that jumped; it is told so at the next reading.
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// The time of day as Unix milliseconds, for whoever needs no check of it.
pub fn unix_ms() -> u64 {
    u64::try_from(since_epoch().as_millis()).unwrap_or(u64::MAX)
}

impl TimeSource for WallClock {
    fn now(&mut self) -> Result<Time, ClockJumped> {
        let now = since_epoch();
        let moved = now.abs_diff(self.started_at + self.started.elapsed());
        if moved > JUMP_MAX {
            return Err(ClockJumped { moved_s: moved.as_secs() });
        }
        Ok(Time::from_ms(u64::try_from(now.as_millis()).unwrap_or(u64::MAX)))
    }
}

/// Whether a node may start: the time of day is near the last entry's.
pub fn is_near(now_ms: u64, last_entry_ms: u64) -> bool {
    Duration::from_millis(now_ms.abs_diff(last_entry_ms)) <= START_GAP_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_is_not_believed() {
        let mut clock = WallClock::default();
        assert!(clock.now().is_ok());
        clock.started_at -= JUMP_MAX + Duration::from_secs(1);
        assert!(matches!(clock.now(), Err(ClockJumped { moved_s: 600..=602 })));
    }

    #[test]
    fn a_week_away_from_the_last_entry_is_the_limit() {
        let week = 7 * 86_400_000;
        assert!(is_near(week, 0) && is_near(0, week));
        assert!(!is_near(week + 1, 0) && !is_near(0, week + 1));
    }
}
