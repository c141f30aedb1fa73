//! Puts a node together: a chain in its directory, the services in front of it, and an end to everything that
//! was started.

#![forbid(unsafe_code)]

mod init;
mod keyring;
mod node;
mod own;
mod rebuild;
mod server;
mod watch;
mod witnesses;

pub use init::{Founded, Founding, InitError, init};
pub use keyring::FileKeyring;
pub use node::{Node, NodeError, start};
pub use rebuild::rebuild;
