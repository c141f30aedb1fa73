//! The book's state: a map from short keys to short values, seen through a [`View`].
//!
//! The book only gets, puts, deletes and ranges over a prefix; what lies beneath is the caller's business
//! (memory in tests, a store under an overlay in a node). Keys are a table's prefix byte and fixed-length
//! big-endian parts; values are postcard (stable, one encoding) behind a version byte.

mod key;
mod objects;
mod table;
mod view;

pub use key::Key;
pub use objects::{Objects, Row};
pub use table::{Prefix, Table, decode_value};
pub use view::{Base, BrokenHistory, Changes, EmptyBase, View};
