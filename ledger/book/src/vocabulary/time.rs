//! Moments and spans of the book's time.

use serde::{Deserialize, Serialize};

use super::Date;

/// A span of time in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Millis(pub u64);

impl Millis {
    /// `days` days of 24 hours.
    pub const fn days(days: u32) -> Self {
        Self(days as u64 * 86_400_000)
    }

    /// `hours` hours.
    pub const fn hours(hours: u32) -> Self {
        Self(hours as u64 * 3_600_000)
    }

    /// `minutes` minutes.
    pub const fn minutes(minutes: u32) -> Self {
        Self(minutes as u64 * 60_000)
    }
}

/// A moment: milliseconds since the Unix epoch, UTC, no leap seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Time(u64);

impl Time {
    /// The Unix epoch, which is also "before everything".
    pub const EPOCH: Self = Self(0);

    /// From Unix milliseconds.
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms)
    }

    /// Unix milliseconds.
    pub const fn ms(self) -> u64 {
        self.0
    }

    /// This moment and a span later. Times beyond the end of 64 bits stay at the end: a deadline that
    /// far never comes due.
    pub const fn after(self, span: Millis) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// The moment at which a date begins, in UTC. Dates before 1970 begin with it.
    pub fn start_of(date: Date) -> Self {
        let day = u64::try_from(date.days()).unwrap_or(0);
        Self(day.saturating_mul(86_400_000))
    }

    /// How long since `earlier`; nothing when `earlier` is not earlier.
    pub const fn since(self, earlier: Time) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }

    /// The calendar date at `utc_offset_minutes` east of Greenwich.
    pub fn date_at(self, utc_offset_minutes: i16) -> Date {
        let local = i128::from(self.0) + i128::from(utc_offset_minutes) * 60_000;
        let day = local.div_euclid(86_400_000);
        Date::from_days(i32::try_from(day).unwrap_or(i32::MAX))
    }
}
