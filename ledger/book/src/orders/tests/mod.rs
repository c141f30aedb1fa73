//! Orders: given, when, then. One file for each process.

mod billing;
mod changing;
mod financing;
mod importing;
mod inspecting;
mod placing;
pub(crate) mod trade;
