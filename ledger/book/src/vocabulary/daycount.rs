//! Day counts: how many days of interest lie between two dates, and how many make a year.

use super::Date;
use crate::wire;

wire::enumeration! {
    /// A convention for counting days of interest. The first day counts, the last does not (算头不算尾).
    pub enum DayCount("granary.credit.v1.DayCount") {
        /// Actual days over 360: most bank loans in China. 2006 ISDA Definitions, section 4.16(e).
        1 => Act360,
        /// Actual days over 365, in leap years too. 2006 ISDA Definitions, section 4.16(d).
        2 => Act365F,
        /// Months of 30 days over 360, the 31st counting as the 30th: 30E/360, section 4.16(g). Of the
        /// 30/360 family this one is taken because it adds up: days to a date and days from it are the
        /// days across it, so that interest does not depend on when somebody touched the loan.
        3 => Thirty360,
    }
}

impl DayCount {
    /// Days of interest from `from`, which counts, to `to`, which doesn't. Nothing when `to` is not later.
    pub fn days(self, from: Date, to: Date) -> u32 {
        match self {
            DayCount::Act360 | DayCount::Act365F => to.days_since(from),
            DayCount::Thirty360 => u32::try_from(day_30e(to) - day_30e(from)).unwrap_or(0),
        }
    }

    /// Days of the convention's year: the exact fraction of a year is [`DayCount::days`] over this.
    pub const fn year(self) -> u32 {
        match self {
            DayCount::Act360 | DayCount::Thirty360 => 360,
            DayCount::Act365F => 365,
        }
    }
}

/// A date's place in a calendar of twelve months of 30 days.
fn day_30e(date: Date) -> i64 {
    let (year, month, day) = date.ymd();
    i64::from(year) * 360 + i64::from(month) * 30 + i64::from(day.min(30))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> Date {
        text.parse().expect("a date")
    }

    /// The last three columns were worked out with Python's `datetime` and the definitions' formulas.
    #[test]
    fn days_by_each_convention_across_the_ends_of_months_and_29_february() {
        for (from, to, actual, thirty) in [
            ("2024-02-28", "2024-03-01", 2, 3),
            ("2023-02-28", "2023-03-01", 1, 3),
            ("2024-01-31", "2024-02-29", 29, 29),
            ("2024-02-29", "2025-02-28", 365, 359),
            ("2024-01-30", "2024-01-31", 1, 0),
            ("2024-07-31", "2024-08-31", 31, 30),
            ("2023-11-15", "2024-11-15", 366, 360),
            ("2026-01-05", "2026-01-05", 0, 0),
            ("2026-01-06", "2026-01-05", 0, 0),
        ] {
            let (from, to) = (date(from), date(to));
            assert_eq!(DayCount::Act360.days(from, to), actual, "{from} {to}");
            assert_eq!(DayCount::Act365F.days(from, to), actual, "{from} {to}");
            assert_eq!(DayCount::Thirty360.days(from, to), thirty, "{from} {to}");
        }
    }

    proptest! {
        /// What lets interest be caught up at any time with the same result.
        #[test]
        fn days_to_a_date_and_from_it_are_the_days_across_it(
            from in 0i32..40_000, first in 0u32..2_000, second in 0u32..2_000,
        ) {
            let from = Date::from_days(from);
            let (middle, to) = (from.plus_days(first), from.plus_days(first).plus_days(second));
            for convention in DayCount::ALL {
                let parts = convention.days(from, middle) + convention.days(middle, to);
                prop_assert_eq!(parts, convention.days(from, to));
            }
        }

        #[test]
        fn a_year_of_thirty_day_months_has_360_days(from in 0i32..40_000) {
            let from = Date::from_days(from);
            let (year, month, day) = from.ymd();
            let to = Date::from_ymd(year + 1, month, day);
            prop_assume!(to.is_some());
            prop_assert_eq!(DayCount::Thirty360.days(from, to.expect("assumed")), 360);
        }
    }
}
