//! Quantities of goods: whole base units.

use serde::{Deserialize, Serialize};

use crate::wire;

wire::enumeration! {
    /// The base unit a commodity is counted in (UN/CEFACT Recommendation 20: GRM, MLT, C62).
    pub enum Unit("granary.common.v1.Unit") {
        /// Gram.
        1 => Gram,
        /// Millilitre.
        2 => Millilitre,
        /// Piece.
        3 => Piece,
    }
}

/// Why quantities could not be combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// The two quantities are counted in different units.
    #[error("quantities are in different units")]
    UnitMismatch,
    /// The result does not fit.
    #[error("quantity is too large")]
    Overflow,
    /// The result would be below zero.
    #[error("quantity would be below zero")]
    Negative,
}

/// A non-negative quantity: a whole number of one base unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Quantity {
    amount: u64,
    unit: Unit,
}

impl Quantity {
    /// The largest amount a statement may name: 10^15, a billion tonnes in grams. Bounded so that
    /// sums over lots and products with prices stay far from the edge of 128 bits.
    pub const MAX_AMOUNT: u64 = 1_000_000_000_000_000;

    /// `amount` of `unit`.
    pub const fn new(amount: u64, unit: Unit) -> Self {
        Self { amount, unit }
    }

    /// Nothing, in `unit`.
    pub const fn zero(unit: Unit) -> Self {
        Self { amount: 0, unit }
    }

    /// How many base units.
    pub const fn amount(self) -> u64 {
        self.amount
    }

    /// The base unit.
    pub const fn unit(self) -> Unit {
        self.unit
    }

    /// True for nothing.
    pub const fn is_zero(self) -> bool {
        self.amount == 0
    }

    fn same_unit(self, other: Quantity) -> Result<(), QuantityError> {
        if self.unit == other.unit { Ok(()) } else { Err(QuantityError::UnitMismatch) }
    }

    /// The sum.
    ///
    /// # Errors
    ///
    /// [`QuantityError::UnitMismatch`], [`QuantityError::Overflow`].
    pub fn checked_add(self, other: Quantity) -> Result<Quantity, QuantityError> {
        self.same_unit(other)?;
        let amount = self.amount.checked_add(other.amount).ok_or(QuantityError::Overflow)?;
        Ok(Quantity { amount, ..self })
    }

    /// The difference.
    ///
    /// # Errors
    ///
    /// [`QuantityError::UnitMismatch`], [`QuantityError::Negative`].
    pub fn checked_sub(self, other: Quantity) -> Result<Quantity, QuantityError> {
        self.same_unit(other)?;
        let amount = self.amount.checked_sub(other.amount).ok_or(QuantityError::Negative)?;
        Ok(Quantity { amount, ..self })
    }
}
