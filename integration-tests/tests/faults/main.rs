//! What disks, crashes and operators do to a node, and what it does then.

mod catalogue;
mod chains;
mod drill;
mod flips;
mod fsck;
mod limits;
mod powercut;
mod syscalls;
mod worker;
