//! Money: minor units of one currency.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::Ppm;

/// An ISO 4217 code: three upper-case letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Renminbi: the minor unit is the fen.
    pub const CNY: Self = Self(*b"CNY");
    /// United States dollar: the minor unit is the cent.
    pub const USD: Self = Self(*b"USD");

    /// The three letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("checked when made: three ASCII letters")
    }

    /// The three letters as bytes.
    pub const fn to_bytes(self) -> [u8; 3] {
        self.0
    }
}

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        match text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|x| x.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(MoneyError::NotACurrency),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why amounts could not be combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The two amounts are of different currencies.
    #[error("amounts are of different currencies")]
    CurrencyMismatch,
    /// The result does not fit in 64 bits of minor units.
    #[error("amount is too large")]
    Overflow,
    /// The result would be below zero.
    #[error("amount would be below zero")]
    Negative,
    /// The text is not three upper-case letters.
    #[error("currency must be three upper-case letters (ISO 4217)")]
    NotACurrency,
}

/// A non-negative amount of one currency, in its minor unit (fen, cent, yen).
///
/// There is deliberately no `impl Add`: `+` can't report a currency mismatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor: u64,
    currency: Currency,
}

impl Money {
    /// `minor` minor units of `currency`.
    pub const fn new(minor: u64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in `currency`.
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Minor units.
    pub const fn minor(self) -> u64 {
        self.minor
    }

    /// Its currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// True for nothing.
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    fn same_currency(self, other: Money) -> Result<(), MoneyError> {
        if self.currency == other.currency { Ok(()) } else { Err(MoneyError::CurrencyMismatch) }
    }

    /// The sum.
    ///
    /// # Errors
    ///
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::Overflow`].
    pub fn checked_add(self, other: Money) -> Result<Money, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Money { minor, ..self })
    }

    /// The difference.
    ///
    /// # Errors
    ///
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::Negative`].
    pub fn checked_sub(self, other: Money) -> Result<Money, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::Negative)?;
        Ok(Money { minor, ..self })
    }

    /// The smaller of the two.
    ///
    /// # Errors
    ///
    /// [`MoneyError::CurrencyMismatch`].
    pub fn checked_min(self, other: Money) -> Result<Money, MoneyError> {
        self.same_currency(other)?;
        Ok(Money { minor: self.minor.min(other.minor), ..self })
    }

    /// `self × ratio`, rounded **down**: what a lender may lend against is never rounded up.
    ///
    /// # Errors
    ///
    /// [`MoneyError::Overflow`] when the ratio is above one and the product does not fit.
    pub fn share_rounded_down(self, ratio: Ppm) -> Result<Money, MoneyError> {
        // u64 × u32 always fits in u128, so the product itself can't overflow.
        let minor = u128::from(self.minor) * u128::from(ratio.get()) / u128::from(Ppm::ONE.get());
        let minor = u64::try_from(minor).map_err(|_| MoneyError::Overflow)?;
        Ok(Money { minor, ..self })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.minor, self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_of_two_currencies_never_meet() {
        let (yuan, dollar) = (Money::new(1, Currency::CNY), Money::new(1, Currency::USD));
        assert_eq!(yuan.checked_add(dollar), Err(MoneyError::CurrencyMismatch));
        assert_eq!(yuan.checked_sub(dollar), Err(MoneyError::CurrencyMismatch));
        assert_eq!(yuan.checked_min(dollar), Err(MoneyError::CurrencyMismatch));
    }

    proptest! {
        #[test]
        fn taking_away_what_was_added_changes_nothing(a: u64, b: u64) {
            let (x, y) = (Money::new(a, Currency::CNY), Money::new(b, Currency::CNY));
            match x.checked_add(y) {
                Ok(sum) => prop_assert_eq!(sum.checked_sub(y), Ok(x)),
                Err(error) => {
                    prop_assert_eq!(error, MoneyError::Overflow);
                    prop_assert!(a.checked_add(b).is_none());
                }
            }
        }

        #[test]
        fn a_share_and_its_complement_lose_at_most_one_minor_unit(a: u64, part in 0u32..=1_000_000) {
            let whole = Money::new(a, Currency::CNY);
            let share = |ppm| whole.share_rounded_down(Ppm::new(ppm)).expect("at most one").minor();
            let lost = a - share(part) - share(1_000_000 - part);
            prop_assert!(lost <= 1);
        }
    }
}
