//! Split (R9).

use super::house::{House, children, code, grams, pledge_id};
use crate::{
    receipts::{
        Encumbrance, HoldKind, Lifecycle, PLEDGE_RECEIPTS_MAX, PlaceHold, Publicity, SplitReceipt,
        StateFees, of_pledge,
    },
    refusal::Code,
    testing::refused,
    vocabulary::{Currency, Digest, Millis, Money, Quantity, ReceiptId, Unit},
    wire::List,
};

fn split(receipt: ReceiptId, parts: &[u64]) -> SplitReceipt {
    let parts = List::new(parts.iter().map(|part| grams(*part)).collect()).expect("2 to 64");
    SplitReceipt { receipt, parts, expected_version: None }
}

#[test]
fn children_have_exactly_what_their_parent_had() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let parent = house.receipt(receipt);
    let events = house.accept(house.depositor(), split(receipt, &[600, 399, 1]));
    let made = children(&events);
    let parts: Vec<Quantity> = made.iter().map(|child| child.1).collect();
    assert_eq!(parts, [grams(600), grams(399), grams(1)]);
    assert_eq!(house.receipt(receipt).lifecycle, Lifecycle::Superseded);
    for (id, ..) in made {
        let child = house.receipt(id);
        assert_eq!(
            (child.lifecycle, child.holder, child.keeper, child.lot),
            (Lifecycle::Active, parent.holder, parent.keeper, parent.lot)
        );
        assert_eq!(
            (child.grade, child.kind, child.valid_until, child.stored_since),
            (parent.grade.clone(), parent.kind, parent.valid_until, parent.stored_since)
        );
    }
    let again = house.say(house.depositor(), split(receipt, &[500, 500]));
    assert_eq!(refused(again), Code::InvalidState);
}

#[test]
fn parts_add_up_to_the_whole_and_none_is_too_small() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    house.profile(|profile| profile.minimum_receipt = 100);
    let seventeen = [&[0_u64; 16][..], &[1_000]].concat();
    for (parts, expected) in [
        (&[500, 499][..], Code::SplitSumMismatch),
        (&[500, 501], Code::SplitSumMismatch),
        (&[901, 99], Code::BelowMinimum),
        (&[1_000, 0], Code::BelowMinimum),
        (&seventeen, Code::TooManyChildren),
    ] {
        let result = house.say(house.depositor(), split(receipt, parts));
        assert_eq!(refused(result), expected, "{parts:?}");
    }
    let litres = Quantity::new(500, Unit::Millilitre);
    let mixed = List::new(vec![grams(500), litres]).expect("two");
    let mixed = SplitReceipt { receipt, parts: mixed, expected_version: None };
    assert_eq!(refused(house.say(house.depositor(), mixed)), Code::UnitMismatch);
    house.accept(house.depositor(), split(receipt, &[900, 100]));
}

#[test]
fn sixteen_children_are_as_many_as_a_split_has() {
    let mut house = House::new();
    let receipt = house.issued(160);
    let events = house.accept(house.depositor(), split(receipt, &[10; 16]));
    assert_eq!(children(&events).len(), 16);
}

#[test]
fn only_the_holder_splits_and_only_what_it_saw() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let by_another = house.say(house.buyer, split(receipt, &[500, 500]));
    assert_eq!(refused(by_another), Code::NotAuthorised);
    let version = house.receipt(receipt).version;
    let seen =
        |version| SplitReceipt { expected_version: Some(version), ..split(receipt, &[500, 500]) };
    assert_eq!(refused(house.say(house.depositor(), seen(version + 1))), Code::StaleVersion);
    house.accept(house.depositor(), seen(version));
}

#[test]
fn a_pledged_receipt_is_split_with_the_pledgees_signature_and_keeps_its_rank() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    house.pledge(receipt, pledge_id(1));
    let published = house.world().now;
    house.pass(Millis::days(10));
    let command = split(receipt, &[600, 400]);
    let depositor = house.depositor();
    let alone = house.say(depositor, command.clone());
    assert_eq!(refused(alone), Code::PledgeeConsentRequired);
    let another = house.yard.world.party(91, &[crate::parties::Role::Bank]);
    let by_another = house.cosigned(depositor, another, command.clone());
    assert_eq!(refused(by_another), Code::PledgeeConsentRequired);
    let events = house.cosigned(depositor, house.bank, command).expect("accepted");
    let since = Publicity { index: 7, time: published };
    let pledgee = house.no(house.bank);
    let expected = Encumbrance::Pledged { pledge: pledge_id(1), pledgee, since };
    let made = children(&events);
    for (id, _, mark) in &made {
        assert_eq!(house.receipt(*id).encumbrance, expected);
        let mark = mark.as_ref().expect("a pledge");
        assert_eq!((mark.published_index, mark.published_at_ms), (7, published));
    }
    let members = of_pledge(&house.world().view, pledge_id(1));
    assert_eq!(members.len(), 2, "the children stand in their parent's place");
}

#[test]
fn a_pledge_covers_no_more_receipts_than_can_be_released_at_once() {
    let mut house = House::new();
    let receipt = house.issued(1_000_000);
    house.pledge(receipt, pledge_id(1));
    let (depositor, bank) = (house.depositor(), house.bank);
    let mut last = receipt;
    let mut size = 1_000_000;
    // 1, 16, 31, 46, 61 receipts.
    for _ in 0..4 {
        let mut parts = vec![1_000; 15];
        size -= 15_000;
        parts.push(size);
        let events = house.cosigned(depositor, bank, split(last, &parts)).expect("accepted");
        last = children(&events).last().expect("sixteen").0;
    }
    let five = [1_000, 1_000, 1_000, 1_000, size - 4_000];
    let refusal = house.cosigned(depositor, bank, split(last, &five)).expect_err("too many");
    assert_eq!((refusal.code, refusal.facts.limit), (Code::TooManyChildren, Some(64)));
    let four = [1_000, 1_000, 1_000, size - 3_000];
    house.cosigned(depositor, bank, split(last, &four)).expect("accepted");
    assert_eq!(of_pledge(&house.world().view, pledge_id(1)).len(), PLEDGE_RECEIPTS_MAX);
}

#[test]
fn nothing_is_split_under_a_reservation_a_hold_or_fees() {
    let mut house = House::new();
    let (reserved, held, due) = (house.issued(1_000), house.issued(1_000), house.issued(1_000));
    house.reserve(reserved, pledge_id(1));
    let evidence = Digest([1; 32]);
    let (kind, order) = (HoldKind::Regulator, code("O-1"));
    let hold = PlaceHold { receipt: held, kind, order, evidence, until_ms: None };
    house.accept(house.regulator, hold);
    let fees = StateFees { receipt: due, due: Some(Money::new(1, Currency::CNY)) };
    house.accept(house.keeper(), fees);
    for (receipt, expected) in
        [(reserved, Code::Encumbered), (held, Code::HoldInForce), (due, Code::FeesOutstanding)]
    {
        let command = split(receipt, &[500, 500]);
        let result = house.cosigned(house.depositor(), house.bank, command);
        assert_eq!(refused(result), expected);
    }
}
