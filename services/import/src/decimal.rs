//! Decimal numbers as files write them, exactly: no floats between the file and the ledger.

/// A non-negative decimal number in lowest terms: `digits / 10^places`.
///
/// Lowest terms means that zeros at the end of the fraction are dropped, so `1.50` and `1.5` are
/// one number with one representation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    digits: u64,
    places: u8,
}

/// Why a text is not a number this crate reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Anything but digits with at most one point between them. A thousands separator is refused
    /// too: `1,234` means two different numbers in two countries.
    #[error("not a number written as digits with at most one point")]
    NotANumber,
    /// A number with a minus before it.
    #[error("negative")]
    Negative,
    /// More than [`MAX_DIGITS`] digits, or more than [`MAX_PLACES`] after the point.
    #[error("more digits than any price or quantity of the trade")]
    TooManyDigits,
}

/// Most digits a number may have, so that scaling it to minor units stays within 64 bits.
pub const MAX_DIGITS: usize = 15;

/// Most digits after the point. A price's quantity is 500 g times a power of ten of these.
pub const MAX_PLACES: usize = 6;

impl Decimal {
    /// Reads `text`, which must be ASCII digits with at most one point between digits.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        match text.strip_prefix('-') {
            Some(rest) => Err(Self::parse_unsigned(rest).err().unwrap_or(DecimalError::Negative)),
            None => Self::parse_unsigned(text),
        }
    }

    fn parse_unsigned(text: &str) -> Result<Self, DecimalError> {
        let (whole, fraction) = match text.split_once('.') {
            Some((_, "")) => return Err(DecimalError::NotANumber),
            Some((whole, fraction)) => (whole, fraction),
            None => (text, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(DecimalError::NotANumber);
        }
        let fraction = fraction.trim_end_matches('0');
        let whole = whole.trim_start_matches('0');
        if whole.len() + fraction.len() > MAX_DIGITS || fraction.len() > MAX_PLACES {
            return Err(DecimalError::TooManyDigits);
        }
        let digits = whole
            .bytes()
            .chain(fraction.bytes())
            .fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
        let places = u8::try_from(fraction.len()).expect("at most MAX_PLACES");
        Ok(Self { digits, places })
    }

    /// Whether the number is nought.
    pub fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// The number of units of which `10^places` make one, when it is whole: 12.5 in hundredths
    /// (`places` = 2) is 1,250, and 0.125 in hundredths is none.
    pub fn scaled(self, places: u8) -> Option<u64> {
        let up = places.checked_sub(self.places)?;
        self.digits.checked_mul(10_u64.checked_pow(u32::from(up))?)
    }

    /// The number as a ratio of hundredths: (hundredths, per how many). 1.5 is 150 per 1, and
    /// 0.0333 is 333 per 100. Exact for every number: at most [`MAX_DIGITS`] digits scaled by
    /// 100 fit 64 bits.
    pub fn as_hundredths(self) -> (u64, u64) {
        match self.places {
            0 => (self.digits * 100, 1),
            1 => (self.digits * 10, 1),
            more => (self.digits, 10_u64.pow(u32::from(more) - 2)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_exactly_or_not_at_all() {
        use DecimalError::{Negative, NotANumber, TooManyDigits};
        let table = [
            ("29", Ok((2_900, 1))),
            ("0.97", Ok((97, 1))),
            ("6.2", Ok((620, 1))),
            ("1.500", Ok((150, 1))),
            ("007.10", Ok((710, 1))),
            ("0", Ok((0, 1))),
            ("0.000", Ok((0, 1))),
            ("1.275", Ok((1_275, 10))),
            ("0.0333", Ok((333, 100))),
            ("0.000001", Ok((1, 10_000))),
            ("999999999999999", Ok((99_999_999_999_999_900, 1))),
            ("1000000000000000", Err(TooManyDigits)),
            ("0.0000001", Err(TooManyDigits)),
            ("-3", Err(Negative)),
            ("-0", Err(Negative)),
            ("-", Err(NotANumber)),
            ("--3", Err(NotANumber)),
            ("", Err(NotANumber)),
            (".5", Err(NotANumber)),
            ("5.", Err(NotANumber)),
            (".", Err(NotANumber)),
            ("1.2.3", Err(NotANumber)),
            ("1,234", Err(NotANumber)),
            ("1e3", Err(NotANumber)),
            ("+1", Err(NotANumber)),
            ("１", Err(NotANumber)),
            ("2.7（个）", Err(NotANumber)),
        ];
        for (text, want) in table {
            assert_eq!(Decimal::parse(text).map(Decimal::as_hundredths), want, "{text:?}");
        }
    }

    #[test]
    fn scaling_never_rounds() {
        let number = |text| Decimal::parse(text).expect("a number");
        assert_eq!(number("12.5").scaled(2), Some(1_250));
        assert_eq!(number("12.5").scaled(0), None);
        assert_eq!(number("0.125").scaled(2), None);
        assert_eq!(number("0.1250").scaled(3), Some(125));
        assert_eq!(number("999999999999999").scaled(6), None, "would not fit 64 bits");
    }
}
