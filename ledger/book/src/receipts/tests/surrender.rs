//! Surrender, its reversal, cancellation (R13, R16, R25).

use super::house::{House, code, pledge_id, release_order, surrender, transfer};
use crate::{
    areas,
    goods::Account,
    receipts::{
        AcceptTransfer, CancelReceipt, Cancellation, CountersignTransfer, Encumbrance, Event,
        HoldKind, Lifecycle, PlaceHold, ProposeTransfer, ReverseSurrender, StateFees,
        SurrenderReceipt,
    },
    refusal::Code,
    testing::refused,
    vocabulary::{Currency, Digest, Money, ReceiptId},
};

#[test]
fn a_surrendered_receipt_becomes_a_release_order() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let by_another = house.say(house.buyer, surrender(receipt));
    assert_eq!(refused(by_another), Code::NotAuthorised);
    let version = house.receipt(receipt).version;
    let stale = SurrenderReceipt { expected_version: Some(version + 1), ..surrender(receipt) };
    assert_eq!(refused(house.say(house.depositor(), stale)), Code::StaleVersion);
    house.surrendered(receipt);
    let lot = crate::goods::LOTS.get(&house.world().view, house.receipt(receipt).lot);
    let reserved = lot.expect("a lot").accounts.balance(Account::DeliveryReserved);
    assert_eq!(reserved.amount(), 1_000);
    let again = house.say(house.depositor(), surrender(receipt));
    assert_eq!(refused(again), Code::InvalidState);
}

#[test]
fn an_expired_receipt_is_still_good_for_the_goods() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    house.pass_validity();
    assert_eq!(house.receipt(receipt).lifecycle, Lifecycle::Expired);
    house.surrendered(receipt);
}

#[test]
fn nothing_is_surrendered_under_a_hold_a_reservation_or_fees() {
    let mut house = House::new();
    let (reserved, held, due) = (house.issued(1_000), house.issued(1_000), house.issued(1_000));
    house.reserve(reserved, pledge_id(1));
    let (kind, order, evidence) = (HoldKind::Court, code("O-1"), Digest([1; 32]));
    let hold = PlaceHold { receipt: held, kind, order, evidence, until_ms: None };
    house.accept(house.court, hold);
    let fees = StateFees { receipt: due, due: Some(Money::new(1, Currency::CNY)) };
    house.accept(house.keeper(), fees);
    for (receipt, expected) in
        [(reserved, Code::Encumbered), (held, Code::HoldInForce), (due, Code::FeesOutstanding)]
    {
        let result = house.cosigned(house.depositor(), house.bank, surrender(receipt));
        assert_eq!(refused(result), expected);
    }
}

#[test]
fn a_pledgee_signs_before_pledged_goods_are_fetched() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    house.pledge(receipt, pledge_id(1));
    let depositor = house.depositor();
    let alone = house.say(depositor, surrender(receipt));
    assert_eq!(refused(alone), Code::PledgeeConsentRequired);
    let events = house.cosigned(depositor, house.bank, surrender(receipt)).expect("accepted");
    release_order(&events);
    let Some(areas::Event::Receipts(Event::ReceiptSurrendered(surrendered))) = events.first()
    else {
        panic!("{events:?}")
    };
    assert_eq!(surrendered.pledge, Some(pledge_id(1)), "the event says whose goods leave");
    // The pledge stays until the goods have left, so a reversal leaves the pledgee where it was.
    house.accept(depositor, ReverseSurrender { receipt });
    let value = house.receipt(receipt);
    assert_eq!(value.lifecycle, Lifecycle::Active);
    assert_eq!(value.encumbrance.pledge(), Some(pledge_id(1)));
}

#[test]
fn a_surrender_is_taken_back_by_the_holder_alone() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let reverse = ReverseSurrender { receipt };
    let before = house.say(house.depositor(), reverse.clone());
    assert_eq!(refused(before), Code::InvalidState);
    house.surrendered(receipt);
    assert_eq!(refused(house.say(house.buyer, reverse.clone())), Code::NotAuthorised);
    let events = house.accept(house.depositor(), reverse);
    assert_eq!(events.len(), 1);
    assert_eq!(house.receipt(receipt).lifecycle, Lifecycle::Active);
    // It can be surrendered again, on a new order.
    house.surrendered(receipt);
}

#[test]
fn a_receipt_that_ran_out_meanwhile_comes_back_expired() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    house.surrendered(receipt);
    house.pass_validity();
    assert_eq!(house.receipt(receipt).lifecycle.name(), "SURRENDERED");
    let events = house.accept(house.depositor(), ReverseSurrender { receipt });
    let last = events.last().expect("two");
    assert!(matches!(last, areas::Event::Receipts(Event::ReceiptExpired(_))), "{events:?}");
    assert_eq!(house.receipt(receipt).lifecycle, Lifecycle::Expired);
}

/// The depositor's receipt, given to the keeper.
fn returned(house: &mut House) -> ReceiptId {
    let receipt = house.issued(1_000);
    let (to, keeper) = (house.keeper(), house.keeper());
    let offer =
        ProposeTransfer { receipt, to, fees_assumed: false, payment: None, expected_version: None };
    let id = transfer(&house.accept(house.depositor(), offer));
    house.accept(keeper, CountersignTransfer { transfer: id });
    house.accept(keeper, AcceptTransfer { transfer: id });
    receipt
}

#[test]
fn a_keeper_cancels_what_came_back_to_it_and_nothing_else() {
    let mut house = House::new();
    let cancel = |receipt| CancelReceipt { receipt, expected_version: None };
    let anothers = house.issued(1_000);
    let (keeper, depositor) = (house.keeper(), house.depositor());
    assert_eq!(refused(house.say(keeper, cancel(anothers))), Code::OperatorNotHolder);
    assert_eq!(refused(house.say(depositor, cancel(anothers))), Code::NotAuthorised);
    let receipt = returned(&mut house);
    let lot = house.receipt(receipt).lot;
    house.accept(keeper, cancel(receipt));
    assert_eq!(house.receipt(receipt).lifecycle, Lifecycle::Cancelled(Cancellation::Returned));
    let lot = crate::goods::LOTS.get(&house.world().view, lot).expect("a lot");
    assert_eq!(lot.accounts.balance(Account::Unreceipted).amount(), 1_000);
    assert_eq!(refused(house.say(keeper, cancel(receipt))), Code::InvalidState);
}

#[test]
fn a_returned_receipt_that_is_encumbered_or_held_is_not_cancelled() {
    let mut house = House::new();
    let (pledged, held) = (returned(&mut house), returned(&mut house));
    house.pledge(pledged, pledge_id(1));
    let (kind, order, evidence) = (HoldKind::Court, code("O-1"), Digest([1; 32]));
    let hold = PlaceHold { receipt: held, kind, order, evidence, until_ms: None };
    house.accept(house.court, hold);
    for (receipt, expected) in [(pledged, Code::Encumbered), (held, Code::HoldInForce)] {
        let cancel = CancelReceipt { receipt, expected_version: None };
        assert_eq!(refused(house.say(house.keeper(), cancel)), expected);
    }
    assert_eq!(house.receipt(held).encumbrance, Encumbrance::Free);
}
