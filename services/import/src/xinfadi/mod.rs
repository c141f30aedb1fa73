//! Daily wholesale prices, in the form of the Xinfadi market's quotes.
//!
//! UTF-8; 品名,最低价,平均价,最高价,规格,单位,发布日期 (name, lowest, average and highest price,
//! spec, unit, day); yuan per 斤, which is 500 g. The file this was built on has 78,168 rows of
//! June 2013 to June 2015.
//!
//! # Prices
//!
//! A price is exact: whole fen for a number of grams ([`Price`]). 1.5 yuan per 斤 is 150 fen for
//! 500 g; 1.275 yuan is 1,275 fen for 5,000 g. Nothing is rounded.
//!
//! # Names
//!
//! Only the form of names and specs is normalised: white space around them goes, and ASCII
//! brackets become full-width ones, which is what most of the names have. Nothing else, since
//! names that look alike may be different goods: 西胡芦（油） stays beside 西葫芦（油）, 香春
//! beside 香椿, and 圆白菜（棚, cut short by whoever typed it, keeps its open bracket and gets a
//! [`Note::BracketUnclosed`]. In the file of 78,168 rows no two names become one.
//!
//! # What becomes of a row
//!
//! Rejected: what can't be read; a unit other than 斤; any of the three prices at zero, which the
//! market writes for what wasn't traded; a second quote of one name and spec on one day, of which
//! the file doesn't say which is right, so that the first stays ([`RejectReason::Repeated`] when
//! it says the same, [`RejectReason::KeyTaken`] when not). Quarantined: lowest above highest, an
//! average outside them, a name that says by the piece. A rejected row doesn't take its key, a
//! quarantined one does.
//!
//! Whether a price is plausible beside yesterday's is not asked here; the ledger asks it.
//!
//! [`Note::BracketUnclosed`]: crate::Note::BracketUnclosed
//! [`RejectReason::Repeated`]: crate::RejectReason::Repeated
//! [`RejectReason::KeyTaken`]: crate::RejectReason::KeyTaken

mod name;
mod observation;
mod parse;
mod rows;

pub use observation::{Commodity, Observation, Price};
pub use parse::COLUMNS;
pub use rows::Rows;
