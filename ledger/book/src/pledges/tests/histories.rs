//! Random histories: whatever is said by whomever, the invariants hold and refusals change nothing.

use proptest::prelude::*;

use super::*;
use crate::{pledges::invariants, vocabulary::Millis};

#[derive(Debug, Clone)]
enum Step {
    Propose { by: u8, receipts: Vec<u8> },
    Check { by: u8, pledge: usize, outcome: CheckOutcome },
    Accept { by: u8, pledge: usize },
    Confirm { by: u8, pledge: usize },
    Register { by: u8, pledge: usize },
    Reject { by: u8, pledge: usize },
    Withdraw { by: u8, pledge: usize },
    Request { by: u8, pledge: usize },
    Release { pledge: usize },
    Hold { receipt: u8, on: bool },
    Pass { hours: u32 },
}

/// The right party two times out of three.
fn by(right: u8) -> impl Strategy<Value = u8> {
    prop_oneof![2 => Just(right), 1 => prop::sample::select(vec![COOP, BANK, KEEPER, OTHER_BANK])]
}

fn step() -> impl Strategy<Value = Step> {
    let pledge = 0usize..4;
    prop_oneof![
        3 => (by(COOP), prop::collection::vec(1u8..=4, 1..4))
            .prop_map(|(by, receipts)| Step::Propose { by, receipts }),
        3 => (by(BANK), pledge.clone(), prop::sample::select(CheckOutcome::ALL))
            .prop_map(|(by, pledge, outcome)| Step::Check { by, pledge, outcome }),
        3 => (by(BANK), pledge.clone()).prop_map(|(by, pledge)| Step::Accept { by, pledge }),
        3 => (by(KEEPER), pledge.clone()).prop_map(|(by, pledge)| Step::Confirm { by, pledge }),
        2 => (by(BANK), pledge.clone()).prop_map(|(by, pledge)| Step::Register { by, pledge }),
        1 => (by(BANK), pledge.clone()).prop_map(|(by, pledge)| Step::Reject { by, pledge }),
        1 => (by(COOP), pledge.clone()).prop_map(|(by, pledge)| Step::Withdraw { by, pledge }),
        1 => (by(COOP), pledge.clone()).prop_map(|(by, pledge)| Step::Request { by, pledge }),
        1 => pledge.prop_map(|pledge| Step::Release { pledge }),
        1 => (1u8..=4, any::<bool>()).prop_map(|(receipt, on)| Step::Hold { receipt, on }),
        1 => (1u32..60).prop_map(|hours| Step::Pass { hours }),
    ]
}

/// Says what a step is; whether it was accepted.
fn take(world: &mut World, pledges: &mut Vec<PledgeId>, step: &Step) -> bool {
    let now = world.now;
    let id = |place: usize| {
        pledges.get(place).copied().unwrap_or_else(|| PledgeId::from_bytes([0xEE; 16]))
    };
    let (by, command) = match step {
        Step::Propose { by, receipts } => {
            let receipts: Vec<ReceiptId> =
                receipts.iter().map(|n| ReceiptId::from_bytes([*n; 16])).collect();
            (*by, Command::from(proposal(&receipts)))
        }
        Step::Check { by, pledge, outcome } => (*by, check(id(*pledge), *outcome, now)),
        Step::Accept { by, pledge } => (*by, accept(id(*pledge))),
        Step::Confirm { by, pledge } => (*by, confirm_control(id(*pledge))),
        Step::Register { by, pledge } => (*by, register(id(*pledge), now)),
        Step::Reject { by, pledge } => (*by, reject(id(*pledge))),
        Step::Withdraw { by, pledge } => (*by, withdraw(id(*pledge))),
        Step::Request { by, pledge } => (*by, request_release(id(*pledge))),
        Step::Release { pledge } => return confirm_release(world, id(*pledge)).is_ok(),
        Step::Hold { receipt, on } => {
            return hold(world, ReceiptId::from_bytes([*receipt; 16]), *on).is_ok();
        }
        Step::Pass { hours } => {
            world.pass(Millis::hours(*hours));
            return true;
        }
    };
    match world.say(party(by), command) {
        Ok(events) => {
            pledges.extend(events.iter().filter_map(|event| match event {
                areas::Event::Pledges(Event::PledgeProposed(proposed)) => Some(proposed.pledge),
                _ => None,
            }));
            true
        }
        Err(_) => false,
    }
}

proptest! {
    #[test]
    fn no_history_pledges_a_receipt_twice(
        registration: bool, steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut world = world();
        set_profile(&mut world, |profile| profile.external_registration = registration);
        for n in 1..=4 {
            receipt(&mut world, n, 1_000);
        }
        let mut pledges = Vec::new();
        let mut published = std::collections::BTreeMap::new();
        for step in steps {
            let before = world.view.range(&[], None, usize::MAX);
            if !take(&mut world, &mut pledges, &step) {
                prop_assert_eq!(&before, &world.view.range(&[], None, usize::MAX), "{:?}", step);
            }
            prop_assert_eq!(invariants::broken(&world.view), Vec::<String>::new(), "{:?}", step);
            // INV-23: the place in the order of priority never changes.
            for pledge in &pledges {
                if let Some(since) = stage(&world, *pledge).since() {
                    let first = *published.entry(*pledge).or_insert(since);
                    prop_assert_eq!(first, since);
                }
            }
        }
    }
}
