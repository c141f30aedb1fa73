//! Real files, read row by row into typed rows with nothing lost.
//!
//! Two formats are read: purchase orders with their deliveries ([`scms`]) and daily wholesale
//! prices ([`xinfadi`]). Both are dirty in ways their publishers never promised to mend, so every
//! row ends as exactly one [`Verdict`]: kept, quarantined or rejected, the last two with a reason
//! that has a stable code and words. What a row does not say stays unsaid ([`Known`]): a weight
//! that was captured elsewhere is not zero, and a date that was not captured is not today.
//!
//! The way through:
//!
//! ```
//! use granary_import::{Format, Source, Summary, xinfadi};
//!
//! let file = "品名,最低价,平均价,最高价,规格,单位,发布日期\n大蒜,0.75,1.275,1.8,普通,斤,2013-06-10\n";
//! let source = Source::from_read(file.as_bytes(), None, Format::Xinfadi)?;
//! let mut summary = Summary::default();
//! for verdict in xinfadi::Rows::new(source) {
//!     summary.count(&verdict?);
//! }
//! assert_eq!((summary.rows(), summary.kept()), (1, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Memory is bounded by the longest row ([`lines::MAX_ROW_BYTES`]) and by the keys already seen,
//! which are needed to tell a repeated row ([`lines::MAX_ROWS`]). To resume an import, read the
//! file again from its start and send nothing up to the line reached: the rows before it are what
//! repeats are judged against, and reading costs far less than sending.
//!
//! What this crate doesn't do: it knows no ledger, sends nothing, and reads no clock.
#![forbid(unsafe_code)]

mod cells;
pub mod dates;
pub mod decimal;
mod known;
pub mod lines;
mod reason;
pub mod rejects;
pub mod sample;
pub mod scms;
pub mod sniff;
mod verdict;
pub mod xinfadi;

pub use known::Known;
pub use lines::ReadError;
pub use reason::{Note, QuarantineReason, RejectReason};
pub use sniff::{Format, Source, Unusable};
pub use verdict::{Reject, Summary, Verdict};
