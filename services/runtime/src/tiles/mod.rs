//! The log as the world reads it: tiles and entry bundles in the C2SP layout, made from durable entries behind
//! the acknowledgement. They are derived from the segments and may be deleted.

mod files;
mod writer;

pub use files::TileFiles;
pub use writer::{BuildError, TileWriter};
