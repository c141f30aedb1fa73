//! From goods in store to a settled loan, with a receipt that was really issued.

use super::*;
use crate::{
    pledges::tests::{confirm_release, encumbrance, request_release, template},
    receipts::{self, Encumbrance, RECEIPTS, SplitReceipt, SurrenderReceipt},
    vocabulary::ReceiptId,
};

/// The cooperative says it and the bank signs too.
fn with_the_bank(
    world: &mut World,
    command: impl Into<receipts::Command>,
) -> Result<Vec<areas::Event>, Refusal> {
    let (coop, bank) = (party(COOP), party(BANK));
    world.say_with(coop, &[(coop, Some(1)), (bank, Some(1))], command.into())
}

fn kilos(amount: u64) -> Quantity {
    Quantity::new(amount * 1_000, Unit::Gram)
}

fn members(world: &World, pledge: PledgeId) -> Vec<ReceiptId> {
    let no = pledges::PLEDGES.no(&world.view, &pledge).expect("known");
    let members = pledges::members(&world.view, no);
    members.iter().map(|no| RECEIPTS.get(&world.view, *no).expect("known").id).collect()
}

/// Acceptance scenario 9 of domain.md on the way: the children of a split keep pledge and priority.
#[test]
fn fifty_tonnes_are_lent_against_split_partly_fetched_and_set_free() {
    let mut world = world();
    let receipt = template(&world).id;
    let pledge = pledges::tests::active(&mut world, &[receipt]);
    let facility = offered(&mut world);
    world.say(party(COOP), sign(facility)).expect("accepted");
    world.say(party(BANK), satisfy(facility, pledge)).expect("accepted");
    let loan = drawn(&mut world, facility, 1_000_000);
    let Encumbrance::Pledged { since, .. } = encumbrance(&world, receipt) else {
        panic!("pledged")
    };

    let parts = List::new(vec![kilos(30_000), kilos(20_000)]).expect("two");
    with_the_bank(&mut world, SplitReceipt { receipt, parts, expected_version: None })
        .expect("accepted");
    let children = members(&world, pledge);
    assert_eq!(children.len(), 2);
    for child in &children {
        let Encumbrance::Pledged { pledge: by, since: kept, .. } = encumbrance(&world, *child)
        else {
            panic!("pledged")
        };
        assert_eq!((by, kept), (pledge, since));
    }
    let (valuation, _) = valued(&mut world, facility);
    assert_eq!((valuation.value, valuation.status), (Some(yuan(5_000_000)), Status::Ok));

    // What is fetched with the bank's consent is no obstacle and no collateral.
    let receipt = children[1];
    let collector = code("C-1");
    with_the_bank(&mut world, SurrenderReceipt { receipt, collector, expected_version: None })
        .expect("accepted");
    let (valuation, _) = valued(&mut world, facility);
    assert_eq!((valuation.value, valuation.status), (Some(yuan(3_000_000)), Status::Ok));

    world.say(party(BANK), pay(loan, 1_000_000, "IN-1")).expect("accepted");
    world.say(party(COOP), request_release(pledge)).expect("accepted");
    confirm_release(&mut world, pledge).expect("accepted");
    for child in children {
        assert_eq!(encumbrance(&world, child), Encumbrance::Free);
    }
    receipts::invariants::check(&world.view);
    assert_eq!(pledges::invariants::broken(&world.view), Vec::<String>::new());
}
