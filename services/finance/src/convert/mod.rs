//! Pledges, prices and credit of the book as they go over the wire.

mod exposure;
mod facility;
mod loan;
mod pledge;
mod price;

pub(crate) use exposure::{exposure, portfolio_line};
pub(crate) use facility::{call, call_stage, facility, facility_stage};
pub(crate) use loan::{loan, loan_stage};
pub(crate) use pledge::{pledge, pledge_stage};
pub(crate) use price::{price, price_stage};
