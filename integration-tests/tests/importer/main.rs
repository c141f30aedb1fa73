//! Files imported into a node in this process.

mod node;
mod real_files;
mod sample_files;
