//! Ratios and rates in parts per million.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A ratio or a yearly rate in parts per million: 650,000 is 65%.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ppm(u32);

impl Ppm {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The whole: 100%.
    pub const ONE: Self = Self(1_000_000);

    /// `parts` millionths.
    pub const fn new(parts: u32) -> Self {
        Self(parts)
    }

    /// Millionths.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// What is missing to the whole; `None` above it.
    pub const fn complement(self) -> Option<Self> {
        match Self::ONE.0.checked_sub(self.0) {
            Some(rest) => Some(Self(rest)),
            None => None,
        }
    }
}

impl fmt::Debug for Ppm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ppm", self.0)
    }
}
