//! Why a row was rejected, quarantined, or kept with a remark.
//!
//! Codes are stable: scripts and the rejects file rely on them. Words may get better.

use std::fmt;

use jiff::civil::Date;

use crate::lines::{MAX_ROW_BYTES, MAX_ROW_LINES};

/// Longest piece of a cell quoted in a reason, in characters.
const MAX_QUOTED_CHARS: usize = 40;

/// Text from the file, quoted for people: cut short, and with nothing in it that a terminal
/// would obey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quoted(String);

impl Quoted {
    /// Quotes `text`.
    pub fn new(text: &str) -> Self {
        let mut chars = text.chars();
        let mut short: String = chars.by_ref().take(MAX_QUOTED_CHARS).collect();
        if chars.next().is_some() {
            short.push('…');
        }
        Self(short)
    }

    /// Whether there is nothing but space in it.
    pub fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// Why a row can't be imported: it can't be read, or what it says can't be so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RejectReason {
    /// More or fewer cells than the format has.
    #[error("{found} cells where the format has {expected}")]
    WrongColumnCount {
        /// Columns of the format.
        expected: usize,
        /// Cells of the row.
        found: usize,
    },
    /// Bytes that are not UTF-8.
    #[error("byte {at} of the row is not UTF-8")]
    NotUtf8 {
        /// Bytes of the row before the first bad one.
        at: usize,
    },
    /// A character that commands a terminal or a program and says nothing: no tab or line break.
    #[error("the control character U+{code:04X} is in the row")]
    ControlCharacter {
        /// Its code point.
        code: u32,
    },
    /// A quote without its end.
    #[error("a quote opens and doesn't close within {MAX_ROW_LINES} lines of one row")]
    QuoteUnclosed,
    /// A row beyond the bound; the rejects file holds its beginning.
    #[error("longer than {MAX_ROW_BYTES} bytes")]
    RowTooLong,
    /// A cell without which the row means nothing is blank.
    #[error("{column} is blank")]
    ValueMissing {
        /// The format's name of the column.
        column: &'static str,
    },
    /// A cell that should be a number, or the like of a known phrase, is neither.
    #[error("{column} {text} can't be read as a number")]
    NumberUnreadable {
        /// The format's name of the column.
        column: &'static str,
        /// What the cell says.
        text: Quoted,
    },
    /// A number below zero.
    #[error("{column} {text} is negative")]
    Negative {
        /// The format's name of the column.
        column: &'static str,
        /// What the cell says.
        text: Quoted,
    },
    /// A number beyond what is kept exactly.
    #[error("{column} {text} has more digits than can be kept exactly")]
    NumberTooBig {
        /// The format's name of the column.
        column: &'static str,
        /// What the cell says.
        text: Quoted,
    },
    /// An amount or weight with a fraction of the smallest unit; it is not rounded.
    #[error("{column} {text} is finer than one {unit}")]
    TooFine {
        /// The format's name of the column.
        column: &'static str,
        /// What the cell says.
        text: Quoted,
        /// The smallest unit kept.
        unit: &'static str,
    },
    /// A cell that should be a date is none in any form of the format.
    #[error("{column} {text} can't be read as a date")]
    DateUnreadable {
        /// The format's name of the column.
        column: &'static str,
        /// What the cell says.
        text: Quoted,
    },
    /// A cell with a few possible words holds another.
    #[error("{column} {text} is none of {expected}")]
    WordUnknown {
        /// The format's name of the column.
        column: &'static str,
        /// What the cell says.
        text: Quoted,
        /// The words it may hold.
        expected: &'static str,
    },
    /// Nothing was ordered, or a pack holds nothing.
    #[error("{column} is zero")]
    QuantityZero {
        /// The format's name of the column.
        column: &'static str,
    },
    /// A price of zero or less is no price; whether the goods were free or the price was left out
    /// the file doesn't say.
    #[error("{column} is not above zero, which is no price")]
    PriceNotPositive {
        /// The format's name of the column.
        column: &'static str,
    },
    /// The amount is not price times quantity, not even nearly.
    #[error(
        "the amount {amount_cents} differs from price times quantity {expected_cents} by more than 1% (in cents)"
    )]
    AmountContradicted {
        /// The amount the row states.
        amount_cents: u64,
        /// Pack price times packs, rounded down to a cent.
        expected_cents: u64,
    },
    /// The goods arrived before anybody had ordered them.
    #[error("delivered on {delivered}, before the order was sent on {ordered}")]
    DeliveredBeforeOrdered {
        /// Day of delivery.
        delivered: Date,
        /// Day the order went to the vendor.
        ordered: Date,
    },
    /// Somebody recorded a delivery that hadn't happened.
    #[error("recorded as delivered on {recorded}, before the delivery on {delivered}")]
    RecordedBeforeDelivered {
        /// Day of delivery.
        delivered: Date,
        /// Day the delivery was written down.
        recorded: Date,
    },
    /// The unit is not the one the format's prices are in.
    #[error("the unit is {unit}, and only prices per 斤 (500 g) are read")]
    UnitUnknown {
        /// What the cell says.
        unit: Quoted,
    },
    /// The number carries a unit of its own that contradicts the unit column.
    #[error("{column} {text} carries a unit of its own, other than the row's")]
    UnitInsideNumber {
        /// The format's name of the column.
        column: &'static str,
        /// What the cell says.
        text: Quoted,
    },
    /// A row with this source key was kept before, and says the same.
    #[error("says again what line {first_line} says")]
    Repeated {
        /// Line of the row kept.
        first_line: u64,
    },
    /// A row with this source key was kept before, and says something else.
    #[error("line {first_line} has the same source key and says something else")]
    KeyTaken {
        /// Line of the row kept.
        first_line: u64,
    },
}

impl RejectReason {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongColumnCount { .. } => "WRONG_COLUMN_COUNT",
            Self::NotUtf8 { .. } => "NOT_UTF8",
            Self::ControlCharacter { .. } => "CONTROL_CHARACTER",
            Self::QuoteUnclosed => "QUOTE_UNCLOSED",
            Self::RowTooLong => "ROW_TOO_LONG",
            Self::ValueMissing { .. } => "VALUE_MISSING",
            Self::NumberUnreadable { .. } => "NUMBER_UNREADABLE",
            Self::Negative { .. } => "NEGATIVE",
            Self::NumberTooBig { .. } => "NUMBER_TOO_BIG",
            Self::TooFine { .. } => "TOO_FINE",
            Self::DateUnreadable { .. } => "DATE_UNREADABLE",
            Self::WordUnknown { .. } => "WORD_UNKNOWN",
            Self::QuantityZero { .. } => "QUANTITY_ZERO",
            Self::PriceNotPositive { .. } => "PRICE_NOT_POSITIVE",
            Self::AmountContradicted { .. } => "AMOUNT_CONTRADICTED",
            Self::DeliveredBeforeOrdered { .. } => "DELIVERED_BEFORE_ORDERED",
            Self::RecordedBeforeDelivered { .. } => "RECORDED_BEFORE_DELIVERED",
            Self::UnitUnknown { .. } => "UNIT_UNKNOWN",
            Self::UnitInsideNumber { .. } => "UNIT_INSIDE_NUMBER",
            Self::Repeated { .. } => "REPEATED",
            Self::KeyTaken { .. } => "KEY_TAKEN",
        }
    }
}

/// Why an observation is sent for confirmation and not used before: it can be read, but not
/// believed as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QuarantineReason {
    /// The lowest price is above the highest; perhaps the two were exchanged, perhaps one is
    /// wrong.
    #[error("the lowest price is above the highest")]
    RangeReversed,
    /// The average lies outside lowest and highest.
    #[error("the average price is not between the lowest and the highest")]
    AverageOutsideRange,
    /// The name says the goods are sold by the piece while the unit says by weight.
    #[error("the name says by the piece, the unit column by weight")]
    SoldByThePiece,
}

impl QuarantineReason {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::RangeReversed => "RANGE_REVERSED",
            Self::AverageOutsideRange => "AVERAGE_OUTSIDE_RANGE",
            Self::SoldByThePiece => "SOLD_BY_THE_PIECE",
        }
    }
}

/// What a reader of a row that isn't rejected should know: how it was read, or what is odd in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Note {
    /// A date whose parts were written in another order, put right.
    #[error("{column} {as_written} read as month/day/year: {read_as}")]
    DateUnscrambled {
        /// The format's name of the column.
        column: &'static str,
        /// What the cell says.
        as_written: Date,
        /// The day meant.
        read_as: Date,
    },
    /// The amount is price times quantity only nearly; it stays as written.
    #[error(
        "the amount {amount_cents} is not exactly price times quantity {expected_cents} (in cents)"
    )]
    AmountInexact {
        /// The amount the row states.
        amount_cents: u64,
        /// Pack price times packs, rounded down to a cent.
        expected_cents: u64,
    },
    /// The quotation was sent when the goods were already there.
    #[error("delivered on {delivered}, before the quotation was sent on {quoted}")]
    DeliveredBeforeQuoted {
        /// Day of delivery.
        delivered: Date,
        /// Day the quotation went to the client.
        quoted: Date,
    },
    /// Goods that weigh nothing: a zero as written, not a weight left out.
    #[error("the weight is written as zero")]
    WeightZero,
    /// The name's form was changed: spaces around it, brackets to full width.
    #[error("the name was written {as_written}")]
    NameNormalised {
        /// What the cell says.
        as_written: Quoted,
    },
    /// A bracket in the name opens and doesn't close, as in a name cut short.
    #[error("a bracket in the name is not closed")]
    BracketUnclosed,
    /// A number that carries the row's own unit.
    #[error("{column} carries the row's own unit")]
    UnitInsideNumber {
        /// The format's name of the column.
        column: &'static str,
    },
}

impl Note {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::DateUnscrambled { .. } => "DATE_UNSCRAMBLED",
            Self::AmountInexact { .. } => "AMOUNT_INEXACT",
            Self::DeliveredBeforeQuoted { .. } => "DELIVERED_BEFORE_QUOTED",
            Self::WeightZero => "WEIGHT_ZERO",
            Self::NameNormalised { .. } => "NAME_NORMALISED",
            Self::BracketUnclosed => "BRACKET_UNCLOSED",
            Self::UnitInsideNumber { .. } => "UNIT_INSIDE_NUMBER",
        }
    }
}
