//! What must hold of all facilities, loans and calls after every event (domain.md section 6.10).

use std::collections::BTreeMap;

use super::{
    Account, CALLS, CallStage, Event, FACILITIES, LOANS, LoanStage, Stage, live_loans, pledges_of,
    product_of, state::PAYMENTS,
};
use crate::{
    areas,
    pledges::PLEDGES,
    state::View,
    vocabulary::{Code, LoanId},
};

/// Whatever is wrong, in words; nothing is, on any history that the book made.
pub(crate) fn broken(view: &View<'_>, history: &[areas::Event]) -> Vec<String> {
    let mut found = Vec::new();
    loans(view, history, &mut found);
    facilities(view, &mut found);
    calls(view, &mut found);
    payments(view, history, &mut found);
    found
}

/// The events of credit in a history.
fn of_credit(history: &[areas::Event]) -> impl Iterator<Item = &Event> {
    history.iter().filter_map(|event| match event {
        areas::Event::Credit(event) => Some(event),
        _ => None,
    })
}

/// INV-30, INV-31, INV-33: books balance, principal is what went out less what came back, interest is the
/// rounded running total.
fn loans(view: &View<'_>, history: &[areas::Event], found: &mut Vec<String>) {
    let mut charged: BTreeMap<LoanId, u64> = BTreeMap::new();
    for event in of_credit(history) {
        if let Event::LoanCharged(event) = event {
            *charged.entry(event.loan).or_default() += event.amount.minor();
        }
    }
    for loan in LOANS.scan(view, None, usize::MAX) {
        let id = loan.value.id;
        let live = live_loans(view, loan.value.facility).iter().any(|row| row.no == loan.no);
        let settled = matches!(
            loan.value.stage,
            LoanStage::Settled(_) | LoanStage::Rejected | LoanStage::Cancelled
        );
        if live == settled {
            found.push(format!("{id} is live and over, or neither"));
        }
        let Some(debt) = loan.value.stage.debt() else { continue };
        if debt.books.imbalance() != 0 {
            found.push(format!("{id} does not balance"));
        }
        if settled && debt.books.debt() != 0 {
            found.push(format!("{id} is settled and owed"));
        }
        let repaid: u64 = PAYMENTS
            .scan(view, &(), None, usize::MAX)
            .iter()
            .filter(|(_, payment)| payment.loan == loan.no && !payment.reversed)
            .flat_map(|(_, payment)| payment.parts.iter())
            .filter(|part| Account::of(part.bucket) == Account::Principal)
            .map(|part| part.minor_units)
            .sum();
        if debt.books.amount(Account::Principal) + repaid != loan.value.amount.minor() {
            found.push(format!("principal of {id} is lost or made"));
        }
        let facility = FACILITIES.get(view, loan.value.facility).expect("a facility");
        let rounding = product_of(view, &facility).expect("a product").rounding;
        let posted =
            [debt.interest, debt.penalty].map(|total| total.rounded(rounding).expect("fits"));
        let earned = posted.iter().sum::<u64>() + charged.get(&id).copied().unwrap_or(0);
        if debt.books.amount(Account::Income) != earned {
            found.push(format!("interest of {id} is not its rounded running total"));
        }
    }
}

/// A live loan is a claim under each pledge of its facility, and nothing else is.
fn facilities(view: &View<'_>, found: &mut Vec<String>) {
    for facility in FACILITIES.scan(view, None, usize::MAX) {
        let live = live_loans(view, facility.no).len();
        for pledge in pledges_of(view, facility.no) {
            let pledge = PLEDGES.get(view, pledge).expect("a pledge");
            if usize::try_from(pledge.open_claims) != Ok(live) {
                found.push(format!("{} counts other claims than are live", pledge.id));
            }
        }
    }
}

/// INV-41: one open call per facility, the one it knows; an expired one froze it.
fn calls(view: &View<'_>, found: &mut Vec<String>) {
    let calls = CALLS.scan(view, None, usize::MAX);
    for facility in FACILITIES.scan(view, None, usize::MAX) {
        let own = || calls.iter().filter(|call| call.value.facility == facility.no);
        let open: Vec<_> = own()
            .filter(|call| matches!(call.value.stage, CallStage::Open { .. }))
            .map(|call| call.no)
            .collect();
        let known = match facility.value.stage {
            Stage::Available { call, .. } => call.into_iter().collect(),
            _ => vec![],
        };
        if open != known {
            found.push(format!("{} has other calls than it knows", facility.value.id));
        }
        let expired = own().any(|call| call.value.stage == CallStage::Expired);
        if expired && !matches!(facility.value.stage, Stage::Frozen | Stage::Closed) {
            found.push(format!("{} is drawn upon in default", facility.value.id));
        }
    }
}

/// INV-34: what a payment met adds up to it, in the order of the product's waterfall.
fn payments(view: &View<'_>, history: &[areas::Event], found: &mut Vec<String>) {
    let mut received: BTreeMap<Code, u64> = BTreeMap::new();
    for event in of_credit(history) {
        match event {
            Event::PaymentReceived(event) => {
                received.insert(event.bank_reference.clone(), event.amount.minor());
            }
            Event::PaymentAllocated(event) => {
                let parts: u64 = event.parts.iter().map(|part| part.minor_units).sum();
                let sum = parts + event.excess.minor();
                if received.get(&event.bank_reference) != Some(&sum) {
                    found.push(format!("{} does not add up", event.bank_reference));
                }
                let facility = FACILITIES.find(view, &event.facility).expect("a facility").value;
                let order = product_of(view, &facility).expect("a product").waterfall;
                let place = |part: &crate::vocabulary::Part| {
                    order.iter().position(|bucket| *bucket == part.bucket)
                };
                if !event.parts.is_sorted_by_key(place) {
                    found.push(format!("{} runs uphill", event.bank_reference));
                }
            }
            _ => {}
        }
    }
}
