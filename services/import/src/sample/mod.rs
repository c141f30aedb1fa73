//! Small files in the formats of the real ones, invented by this project: for the demonstration,
//! the tests and the manual. The real files may not be shipped; these may.
//!
//! Vendors, cooperatives, order numbers and prices are made up. The files are dirty in the ways of
//! the real ones, a few rows of each kind. One seed gives one file, byte for byte, on every
//! machine.

mod orders;
mod prices;
mod random;

pub use orders::orders;
pub use prices::prices;

/// Seed of the files shipped in `services/import/sample`.
pub const SEED: u64 = 2_013;

/// Rows of the order file shipped.
pub const ORDER_ROWS: usize = 60;

/// Days of the price file shipped.
pub const PRICE_DAYS: u16 = 60;
