//! Goods: given, when, then. One file per process of the trade.

mod deposit;
mod grading;
mod storage;
mod weighing;
pub(crate) mod yard;
