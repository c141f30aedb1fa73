//! Purchase orders and their deliveries, in the form of USAID's SCMS delivery history.
//!
//! UTF-8, with or without a byte order mark; 33 columns; one row for each line of an order. The
//! published file has 10,324 rows, of 2006 to 2015.
//!
//! # What is kept as it is
//!
//! A cell holds a value, a phrase, or nothing ([`Known`]). A phrase is a text without a digit
//! where a number or date belongs (`Date Not Captured`, `Weight Captured Separately`), a pointer
//! to another row (`See ASN-93 (ID#:1281)`, taken apart by [`StatedElsewhere::parse`]), or one of
//! [`PHRASES`] where a text belongs. A text with digits that is no number is no phrase: `1O.50`
//! with a letter O is a mistake, and is rejected.
//!
//! # Money and weight
//!
//! Amounts are whole US cents; one with a fraction of a cent is rejected, not rounded. Prices are
//! exact ratios ([`Price`]): 0.97 is 97 cents for 1, and 0.0333 is 333 cents for 100. The file's
//! own unit prices are rounded to a cent (6.20 for 240 is stated as 0.03), so a price per unit is
//! better computed from pack price and pack size. Weights are whole grams.
//!
//! # Dates
//!
//! Deliveries are `02-Jun-06`. The two columns [`Column::QuotedOn`] and [`Column::OrderedOn`] are
//! `4/30/14`, month first, and beside it `2009-11-14`: of these, every single one of the 4,860 in
//! the published file has a month where the century leaves the year (2001 to 2012), a year of the
//! programme where the day belongs (06 to 15), and the slashed ones beside them are exactly those
//! that have a day above 12. So some program took month/day/year for year/month/day wherever it
//! could be. Read as month, day, year they all lie before the scheduled delivery; as they stand,
//! 419 lie after it and most lie years before. They are read so, each with a
//! [`Note::DateUnscrambled`]; a date of that form which can't be one of these is read as it stands.
//!
//! # What is rejected
//!
//! What can't be read, and what can't have happened: goods delivered before they were ordered, a
//! delivery recorded before it took place, nothing ordered, an amount that is not price times
//! quantity within 1%. A price of zero is rejected too: the file doesn't say whether the goods
//! were free or the price was left out, and an order without a price can be neither invoiced nor
//! financed. What is odd but possible is kept with a [`Note`].
//!
//! [`Known`]: crate::Known
//! [`Note`]: crate::Note
//! [`Note::DateUnscrambled`]: crate::Note::DateUnscrambled

mod columns;
mod judge;
mod parse;
mod row;
mod rows;

pub use columns::{COLUMNS, Column};
pub use parse::PHRASES;
pub use row::{Cents, Fulfilment, Grams, OrderLineId, Price, Row, ShipmentMode, StatedElsewhere};
pub use rows::Rows;
