//! Calendar dates of the proleptic Gregorian calendar, without zones.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Why a text is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("date must be written year-month-day, such as 2014-03-31")]
pub struct DateError;

/// A calendar date, kept as days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Date(i32);

impl Date {
    /// From days since 1970-01-01.
    pub const fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub const fn days(self) -> i32 {
        self.0
    }

    /// `days` later; the end of time when that doesn't fit.
    pub const fn plus_days(self, days: u32) -> Self {
        Self(self.0.saturating_add_unsigned(days))
    }

    /// Whole days from `earlier` to this date; nothing when it isn't earlier.
    pub fn days_since(self, earlier: Date) -> u32 {
        u32::try_from(i64::from(self.0) - i64::from(earlier.0)).unwrap_or(0)
    }

    /// From year, month (1 to 12) and day (1 to 31); `None` when there is no such day.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        let in_range = (0..=9999).contains(&year) && (1..=12).contains(&month);
        if !in_range || day == 0 || day > days_in_month(year, month) {
            return None;
        }
        Some(Self(days_from_civil(year, month, day)))
    }

    /// Year, month (1 to 12), day (1 to 31).
    pub fn ymd(self) -> (i32, u32, u32) {
        civil_from_days(self.0)
    }

    /// Monday is 0, Sunday is 6.
    pub fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        u8::try_from((i64::from(self.0) + 3).rem_euclid(7)).expect("a remainder of 7")
    }
}

/// Whether `year` has a 29 February.
pub(crate) fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01. Algorithm: years that begin in March, in eras of 400 years
/// (146,097 days), as in Howard Hinnant, "chrono-compatible low-level date algorithms".
fn days_from_civil(year: i32, month: u32, day: u32) -> i32 {
    let (m, d) = (i32::try_from(month).unwrap_or(0), i32::try_from(day).unwrap_or(0));
    let y = if m <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * ((m + 9) % 12) + 2) / 5 + d - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn civil_from_days(days: i32) -> (i32, u32, u32) {
    let z = i64::from(days) + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    let small = |x: i64| u32::try_from(x).unwrap_or(0);
    (i32::try_from(year).unwrap_or(i32::MAX), small(month), small(day))
}

impl FromStr for Date {
    type Err = DateError;
    fn from_str(text: &str) -> Result<Self, DateError> {
        let b = text.as_bytes();
        if b.len() != 10 || b[4] != b'-' || b[7] != b'-' {
            return Err(DateError);
        }
        let number = |range: std::ops::Range<usize>| -> Result<u32, DateError> {
            let digits = text.get(range).ok_or(DateError)?;
            if digits.bytes().all(|c| c.is_ascii_digit()) {
                digits.parse().map_err(|_| DateError)
            } else {
                Err(DateError)
            }
        };
        let year = i32::try_from(number(0..4)?).map_err(|_| DateError)?;
        Date::from_ymd(year, number(5..7)?, number(8..10)?).ok_or(DateError)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (y, m, d) = self.ymd();
        write!(f, "{y:04}-{m:02}-{d:02}")
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_days() {
        for (text, days, weekday) in [
            ("1970-01-01", 0, 3),
            ("2000-02-29", 11_016, 1),
            ("2014-03-31", 16_160, 0),
            ("2026-11-24", 20_781, 1),
        ] {
            let date: Date = text.parse().expect(text);
            assert_eq!(
                (date.days(), date.weekday(), date.to_string().as_str()),
                (days, weekday, text)
            );
        }
        for bad in
            ["2013-02-29", "2014-13-01", "2014-00-10", "2014-1-1", "20140101", "+014-01-01", ""]
        {
            assert_eq!(bad.parse::<Date>(), Err(DateError), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_day_written_out_and_read_back_is_the_same_day(days in -700_000i32..2_900_000) {
            let date = Date::from_days(days);
            let (y, m, d) = date.ymd();
            prop_assume!((0..=9999).contains(&y));
            prop_assert_eq!(Date::from_ymd(y, m, d), Some(date));
            prop_assert_eq!(date.to_string().parse(), Ok(date));
        }
    }
}
