//! Simple interest, exactly: whole minor units and the numerator of what is left of one.
//!
//! Interest over a stretch of days is `principal × rate × days / (year × 10^6)`. Nothing is rounded while
//! it accrues; what may be asked of the borrower is the *running total* rounded once, and a posting is the
//! difference to what was posted before. So the postings add up to the same whether a loan was touched
//! every day or once a year.

use serde::{Deserialize, Serialize};

use super::{Date, DayCount, Ppm};
use crate::wire;

wire::enumeration! {
    /// How a running total of interest becomes whole minor units.
    pub enum Rounding("granary.credit.v1.Rounding") {
        /// The fraction is dropped.
        1 => Down,
        /// Half a minor unit and more count as one.
        2 => HalfUp,
        /// Half a minor unit goes to the even neighbour.
        3 => HalfEven,
    }
}

wire::message! {
    /// A stretch of days over which neither principal nor rate changes.
    pub struct Segment("granary.credit.v1.Segment") {
        /// First day that counts.
        1 => from: Date,
        /// First day that no longer counts.
        2 => to: Date,
        /// Principal in minor units.
        3 => principal: u64,
        /// Yearly rate.
        4 => rate_ppm: Ppm,
        /// Days by the product's day count.
        5 => days: u32,
        /// Whether the principal was overdue: then the rate is the penalty rate.
        6 => overdue: bool,
    }
}

impl Segment {
    /// Its interest times the day count's year times 10^6. Always fits:
    /// (2^64 - 1)(2^32 - 1)^2 is less than 2^128.
    pub fn numerator(&self) -> u128 {
        u128::from(self.principal) * u128::from(self.rate_ppm.get()) * u128::from(self.days)
    }
}

/// A running total of interest, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accrued {
    day_count: DayCount,
    /// Whole minor units.
    whole: u64,
    /// What is left, in parts of `denominator`, fewer than that.
    remainder: u64,
}

impl Accrued {
    /// Nothing yet.
    pub const fn nothing(day_count: DayCount) -> Self {
        Self { day_count, whole: 0, remainder: 0 }
    }

    /// Into how many parts a minor unit is divided: the day count's year times 10^6.
    pub const fn denominator(self) -> u64 {
        self.day_count.year() as u64 * Ppm::ONE.get() as u64
    }

    /// What is left of a minor unit, in parts of [`Accrued::denominator`].
    pub const fn remainder(self) -> u64 {
        self.remainder
    }

    /// The total with one more segment; `None` when it no longer fits in 64 bits of minor units.
    pub fn plus(self, segment: &Segment) -> Option<Self> {
        let denominator = u128::from(self.denominator());
        let total = segment.numerator().checked_add(u128::from(self.remainder))?;
        let whole = u64::try_from(total / denominator).ok()?;
        let remainder = u64::try_from(total % denominator).ok()?;
        Some(Self { whole: self.whole.checked_add(whole)?, remainder, ..self })
    }

    /// The total in whole minor units; `None` when rounding up no longer fits.
    pub fn rounded(self, rounding: Rounding) -> Option<u64> {
        let doubled = u128::from(self.remainder) * 2;
        let (half, odd) = (u128::from(self.denominator()), self.whole % 2 == 1);
        let up = match rounding {
            Rounding::Down => false,
            Rounding::HalfUp => doubled >= half,
            Rounding::HalfEven => doubled > half || doubled == half && odd,
        };
        self.whole.checked_add(u64::from(up))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: Date = Date::from_days(20_000);

    fn segment(day_count: DayCount, principal: u64, rate: u32, from: Date, to: Date) -> Segment {
        let days = day_count.days(from, to);
        Segment { from, to, principal, rate_ppm: Ppm::new(rate), days, overdue: false }
    }

    fn over_days(day_count: DayCount, stretches: &[(u64, u32, u32)]) -> Accrued {
        stretches.iter().fold(Accrued::nothing(day_count), |total, (principal, rate, days)| {
            let to = DAY.plus_days(*days);
            total.plus(&segment(day_count, *principal, *rate, DAY, to)).expect("small")
        })
    }

    /// Worked by hand and checked with Python's `fractions`: whole, remainder times 360 or 365 x 10^6.
    #[test]
    fn worked_examples() {
        use DayCount::{Act360, Act365F};
        for (day_count, stretches, rounding, minor, why) in [
            (
                Act360,
                &[(1_000_000, 60_000, 90)][..],
                Rounding::HalfUp,
                15_000,
                "10,000.00 at 6%, 90 days",
            ),
            (Act365F, &[(1_000_000, 60_000, 90)][..], Rounding::HalfUp, 14_795, "14,794.52"),
            (Act365F, &[(1_000_000, 60_000, 90)][..], Rounding::Down, 14_794, "14,794.52"),
            // 随借随还: 50,000.00 for ten days, 30,000.00 for twenty more, 6.5%: 178,750/9 fen.
            (
                Act360,
                &[(5_000_000, 65_000, 10), (3_000_000, 65_000, 20)][..],
                Rounding::HalfEven,
                19_861,
                "19,861.11",
            ),
            // The same loan kept for 30 days: 270.83.
            (Act360, &[(5_000_000, 65_000, 30)][..], Rounding::HalfUp, 27_083, "27,083.33"),
            // Exactly half a fen: 1.5 and 2.5.
            (Act360, &[(15, 100_000, 360)][..], Rounding::HalfUp, 2, "1.5"),
            (Act360, &[(15, 100_000, 360)][..], Rounding::HalfEven, 2, "1.5"),
            (Act360, &[(25, 100_000, 360)][..], Rounding::HalfUp, 3, "2.5"),
            (Act360, &[(25, 100_000, 360)][..], Rounding::HalfEven, 2, "2.5"),
            (Act360, &[(25, 100_000, 360)][..], Rounding::Down, 2, "2.5"),
        ] {
            let total = over_days(day_count, stretches);
            assert_eq!(total.rounded(rounding), Some(minor), "{why}, {rounding:?}");
        }
    }

    #[test]
    fn a_total_that_does_not_fit_is_no_total() {
        let huge = segment(DayCount::Act360, u64::MAX, u32::MAX, DAY, DAY.plus_days(360));
        assert_eq!(Accrued::nothing(DayCount::Act360).plus(&huge), None);
    }

    fn rounding() -> impl Strategy<Value = Rounding> {
        prop::sample::select(Rounding::ALL)
    }

    fn day_count() -> impl Strategy<Value = DayCount> {
        prop::sample::select(DayCount::ALL)
    }

    proptest! {
        /// Touched as often as one likes, a loan owes the same.
        #[test]
        fn postings_do_not_depend_on_when_a_loan_is_touched(
            principal in 0u64..1_000_000_000_000, rate in 0u32..1_000_000,
            stops in prop::collection::vec(0u32..60, 1..20),
            day_count in day_count(), rounding in rounding(),
        ) {
            let (mut total, mut posted, mut from) = (Accrued::nothing(day_count), 0, DAY);
            for days in &stops {
                let to = from.plus_days(*days);
                let next = total.plus(&segment(day_count, principal, rate, from, to)).expect("small");
                let before = total.rounded(rounding).expect("small");
                posted += next.rounded(rounding).expect("small") - before;
                (total, from) = (next, to);
            }
            let at_once = segment(day_count, principal, rate, DAY, from);
            let at_once = Accrued::nothing(day_count).plus(&at_once).expect("small");
            prop_assert_eq!(at_once, total);
            prop_assert_eq!(Some(posted), at_once.rounded(rounding));
        }

        /// INV-33: nothing of a minor unit or more is ever lost or made.
        #[test]
        fn rounding_moves_a_total_by_less_than_a_minor_unit(
            principal in 0u64..1_000_000_000_000, rate in 0u32..1_000_000, days in 0u32..4_000,
            day_count in day_count(), rounding in rounding(),
        ) {
            let stretch = segment(day_count, principal, rate, DAY, DAY.plus_days(days));
            let total = Accrued::nothing(day_count).plus(&stretch).expect("small");
            let denominator = u128::from(total.denominator());
            let posted = u128::from(total.rounded(rounding).expect("small")) * denominator;
            let away = posted.abs_diff(stretch.numerator());
            let most = if rounding == Rounding::Down { denominator - 1 } else { denominator / 2 };
            prop_assert!(away <= most);
            prop_assert!(u128::from(total.remainder()) < denominator);
        }
    }
}
