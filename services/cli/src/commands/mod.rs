//! The commands, a file each.

pub(crate) mod backup;
pub(crate) mod bench;
pub(crate) mod chain;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod fsck;
pub(crate) mod get;
pub(crate) mod help;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod key;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod node;
pub(crate) mod prove;
pub(crate) mod rebuild;
pub(crate) mod restore;
pub(crate) mod send;
pub(crate) mod verify;
pub(crate) mod witness;
