//! Writes what happened to credit.

mod facility;
mod loan;

use super::Event;
use crate::{
    at::Stamp,
    state::{BrokenHistory, View},
};

/// Writes an event.
///
/// # Errors
///
/// The event names something that isn't there, or can't follow.
pub fn evolve(view: &mut View<'_>, event: &Event, stamp: &Stamp) -> Result<(), BrokenHistory> {
    match event {
        Event::ProductSet(event) => facility::set_product(view, event),
        Event::FacilityOffered(event) => facility::offer(view, event, stamp),
        Event::FacilitySigned(event) => facility::sign(view, event.facility),
        Event::FacilityLapsed(event) => facility::lapse(view, event.facility),
        Event::PledgeAttached(event) => facility::attach(view, event),
        Event::FacilityAvailable(event) => facility::make_available(view, event.facility),
        Event::FacilitySuspended(event) => {
            facility::suspend(view, event.facility, event.cause, true)
        }
        Event::FacilityResumed(event) => {
            facility::suspend(view, event.facility, event.cause, false)
        }
        // `FacilityFrozen` follows in the same entry; a valuation is kept by nobody.
        Event::EventOfDefault(_) | Event::ValuationComputed(_) => Ok(()),
        Event::FacilityFrozen(event) => facility::freeze(view, event.facility),
        Event::FacilityClosed(event) => facility::close(view, event.facility),
        Event::MarginCallOpened(event) => facility::open_call(view, event, stamp),
        Event::MarginCallPartlyCured(event) => facility::cure_partly(view, event),
        Event::MarginCallCured(event) => {
            facility::end_call(view, event.call, super::CallStage::Cured)
        }
        Event::MarginCallExpired(event) => {
            facility::end_call(view, event.call, super::CallStage::Expired)
        }
        Event::MarginCallWithdrawn(event) => {
            facility::end_call(view, event.call, super::CallStage::Withdrawn)
        }
        Event::DrawdownRequested(event) => loan::request(view, event),
        Event::DrawdownApproved(event) => loan::approve(view, event.loan),
        Event::DrawdownRejected(event) => loan::give_up(view, event.loan, loan::GivenUp::Rejected),
        Event::DrawdownCancelled(event) => {
            loan::give_up(view, event.loan, loan::GivenUp::Cancelled)
        }
        Event::DisbursementInstructed(event) => loan::instruct(view, event.loan),
        Event::DisbursementFailed(event) => loan::fail(view, event.loan),
        Event::LoanDisbursed(event) => loan::disburse(view, event),
        Event::InterestAccrued(event) => loan::accrue(view, event),
        Event::LoanCharged(event) => loan::charge(view, event),
        // What was received is kept with what it met.
        Event::PaymentReceived(event) => loan::receive(view, event),
        Event::PaymentAllocated(event) => loan::allocate(view, event),
        Event::LoanSettled(event) => loan::settle(view, event.loan),
        Event::PaymentReversed(event) => loan::reverse(view, event),
        Event::LoanReopened(event) => loan::reopen(view, event.loan),
        Event::OverpaymentRefunded(event) => loan::refund(view, event),
    }
}
