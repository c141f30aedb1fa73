//! Values, lines and ratios as plain numbers: minor units, base units and parts per million.
//!
//! Every comparison with a line is exact, multiplied out in 128 bits. A ratio lies *above* a line or not:
//! at the line is still on its good side, for draws, warnings, calls and cures alike.

use super::Status;
use crate::{
    prices::Price,
    vocabulary::{Ppm, Quantity},
};

/// The lines of a product, rising (INV-37).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lines {
    /// Above it the lender is warned.
    pub warning: Ppm,
    /// Above it a margin call is opened.
    pub call: Ppm,
    /// Above it the goods may be sold.
    pub liquidation: Ppm,
}

/// What a quantity is worth to a lender, in minor units: quantity × price × (1 − haircut), multiplied
/// first and rounded **down** once. Nothing when the price is for another unit or for a quantity of nothing.
///
/// 25,000 kg at 1,275 fen per 5,000 g with a haircut of 10% is 25,000,000 × 1,275 × 0.9 / 5,000 =
/// 5,737,500 fen.
pub fn collateral_value(net: Quantity, price: &Price, haircut: Ppm) -> u64 {
    if net.unit() != price.per.unit() || price.per.is_zero() {
        return 0;
    }
    let keep = haircut.complement().unwrap_or(Ppm::ZERO);
    // At most 10^15 x 10^15 x 10^6, which is less than 2^128.
    let worth = u128::from(net.amount()) * u128::from(price.minor_units) * u128::from(keep.get());
    let value = worth / (u128::from(price.per.amount()) * u128::from(Ppm::ONE.get()));
    // A value beyond 64 bits is understated, never overstated.
    u64::try_from(value).unwrap_or(u64::MAX)
}

/// The greatest exposure that `line` allows against `value`: `value × line`, rounded down.
pub fn lendable(value: u64, line: Ppm) -> u64 {
    let allowed = u128::from(value) * u128::from(line.get()) / u128::from(Ppm::ONE.get());
    u64::try_from(allowed).unwrap_or(u64::MAX)
}

/// Whether exposure over value lies above a line. Exact: an exposure is a whole number, so it is above
/// `value × line` just when it is above that rounded down.
pub fn is_above(exposure: u64, value: u64, line: Ppm) -> bool {
    exposure > lendable(value, line)
}

/// How exposure stands to value. Exposure against nothing is above every line.
pub fn status(exposure: u64, value: u64, lines: &Lines) -> Status {
    if is_above(exposure, value, lines.liquidation) {
        Status::Liquidation
    } else if is_above(exposure, value, lines.call) {
        Status::Call
    } else if is_above(exposure, value, lines.warning) {
        Status::Warning
    } else {
        Status::Ok
    }
}

/// Exposure over value in parts per million, rounded **up**; `None` of exposure against nothing.
pub fn ltv_ppm(exposure: u64, value: u64) -> Option<u64> {
    match (exposure, value) {
        (0, _) => Some(0),
        (_, 0) => None,
        _ => {
            let ratio = u128::from(exposure) * u128::from(Ppm::ONE.get());
            Some(u64::try_from(ratio.div_ceil(value.into())).unwrap_or(u64::MAX))
        }
    }
}

/// The least payment after which the ratio is no longer above a line.
pub fn cash_to_line(exposure: u64, value: u64, line: Ppm) -> u64 {
    exposure.saturating_sub(lendable(value, line))
}

/// What limits a draw, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Most principal of the facility.
    pub limit: u64,
    /// Most that its pledges secure, all together (INV-27).
    pub secured: u64,
    /// What the collateral is worth.
    pub value: u64,
    /// Most that a draw may lift the ratio to.
    pub initial: Ppm,
    /// Principal outstanding.
    pub used: u64,
    /// Principal asked for and not paid out yet.
    pub reserved: u64,
    /// All that is owed.
    pub exposure: u64,
}

impl Room {
    /// What may be drawn: the least of what the facility's limit, the collateral at the initial line and
    /// the secured maximum leave (domain.md section 6.5).
    pub fn available(&self) -> u64 {
        let by_limit = self.limit.saturating_sub(self.used).saturating_sub(self.reserved);
        let most = lendable(self.value, self.initial).min(self.secured);
        let by_collateral = most.saturating_sub(self.exposure).saturating_sub(self.reserved);
        by_limit.min(by_collateral)
    }

    /// Whether what is reserved and owed still fits: asked again before money moves.
    pub fn holds(&self) -> bool {
        let most = lendable(self.value, self.initial).min(self.secured);
        let principal = self.used.checked_add(self.reserved);
        let owed = self.exposure.checked_add(self.reserved);
        principal.is_some_and(|sum| sum <= self.limit) && owed.is_some_and(|sum| sum <= most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::Unit;
    use proptest::prelude::*;

    const LINES: Lines = Lines {
        warning: Ppm::new(700_000),
        call: Ppm::new(750_000),
        liquidation: Ppm::new(800_000),
    };

    fn price(minor_units: u64, per: u64) -> Price {
        Price { minor_units, per: Quantity::new(per, Unit::Gram) }
    }

    /// The last column was worked out with Python's integers.
    #[test]
    fn a_value_is_rounded_down_once() {
        for (grams, minor, per, haircut, value) in [
            (25_000_000, 1_275, 5_000, 100_000, 5_737_500),
            (20_000_000, 1_300, 500, 0, 52_000_000),
            (1, 1_275, 5_000, 0, 0),
            (3, 1_000, 3_000, 0, 1),
            (7_777_777, 1_234, 567, 155_555, 14_294_170),
            (1_000_000_000_000_000, 1_000_000_000_000_000, 1, 0, u64::MAX),
            (100, 100, 1, 1_000_000, 0),
        ] {
            let net = Quantity::new(grams, Unit::Gram);
            let got = collateral_value(net, &price(minor, per), Ppm::new(haircut));
            assert_eq!(got, value, "{grams} at {minor} per {per}");
        }
        let pieces = Quantity::new(5, Unit::Piece);
        assert_eq!(collateral_value(pieces, &price(1, 1), Ppm::ZERO), 0);
    }

    #[test]
    fn at_a_line_is_still_on_its_good_side() {
        for (exposure, status, ltv) in [
            (0, Status::Ok, 0),
            (70_000, Status::Ok, 700_000),
            (70_001, Status::Warning, 700_010),
            (75_000, Status::Warning, 750_000),
            (75_001, Status::Call, 750_010),
            (80_000, Status::Call, 800_000),
            (80_001, Status::Liquidation, 800_010),
        ] {
            assert_eq!(super::status(exposure, 100_000, &LINES), status, "{exposure}");
            assert_eq!(ltv_ppm(exposure, 100_000), Some(ltv));
        }
    }

    /// Frappe Lending's defect (domain.md section 3.6): a value of nothing gave a ratio of nothing.
    #[test]
    fn exposure_against_nothing_is_above_every_line() {
        assert_eq!(status(1, 0, &LINES), Status::Liquidation);
        assert_eq!(ltv_ppm(1, 0), None);
        assert_eq!(status(0, 0, &LINES), Status::Ok);
    }

    #[test]
    fn a_draw_is_bounded_by_limit_collateral_and_secured_maximum() {
        let room = Room {
            limit: 1_000,
            secured: 5_000,
            value: 10_000,
            initial: Ppm::new(60_000),
            used: 100,
            reserved: 50,
            exposure: 110,
        };
        assert_eq!(room.available(), 600 - 110 - 50);
        assert_eq!(Room { limit: 400, ..room }.available(), 250);
        assert_eq!(Room { secured: 200, ..room }.available(), 40);
        assert_eq!(Room { value: 0, ..room }.available(), 0);
        assert!(room.holds());
        assert!(Room { reserved: 490, ..room }.holds());
        assert!(!Room { reserved: 491, ..room }.holds());
        assert!(Room { limit: 150, ..room }.holds());
        assert!(!Room { limit: 149, ..room }.holds());
    }

    proptest! {
        /// The least cash, by its meaning: with it the ratio is not above the line, with less it is.
        #[test]
        fn a_call_asks_for_the_least_cash_that_cures(
            exposure in 0u64..1_000_000_000_000, value in 0u64..1_000_000_000_000,
            line in 1u32..1_000_000,
        ) {
            let line = Ppm::new(line);
            let above = |exposure: u64| {
                u128::from(exposure) * 1_000_000 > u128::from(value) * u128::from(line.get())
            };
            let cash = cash_to_line(exposure, value, line);
            prop_assert!(!above(exposure - cash));
            prop_assert!(cash == 0 || above(exposure - cash + 1));
            prop_assert_eq!(is_above(exposure, value, line), above(exposure));
        }

        /// INV-32: a draw of what is available never lifts the ratio above the initial line, and a minor
        /// unit more would break one of the bounds.
        #[test]
        fn what_is_available_fits_and_not_a_minor_unit_more(
            limit in 0u64..10_000, secured in 0u64..10_000, value in 0u64..20_000,
            initial in 1u32..1_000_000, used in 0u64..2_000, reserved in 0u64..2_000, interest in 0u64..200,
        ) {
            let initial = Ppm::new(initial);
            let exposure = used + interest;
            let room = Room { limit, secured, value, initial, used, reserved, exposure };
            let drawn = |amount| Room { reserved: reserved + amount, ..room };
            if room.holds() {
                prop_assert!(drawn(room.available()).holds());
                prop_assert!(!drawn(room.available() + 1).holds());
            } else {
                prop_assert_eq!(room.available(), 0);
            }
        }
    }
}
