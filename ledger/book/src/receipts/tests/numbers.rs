//! Numbers are allotted once and given in sequence.

use super::house::{House, children, code, grams};
use crate::{
    areas,
    parties::Role,
    receipts::{AllotNumbers, Event, SERIAL_MAX, SignReceipt, SplitReceipt, number},
    refusal::Code,
    testing::refused,
    wire::List,
};

fn number_of(events: &[areas::Event]) -> String {
    match events {
        [areas::Event::Receipts(Event::ReceiptSigned(event))] => event.number.to_string(),
        other => panic!("no signature: {other:?}"),
    }
}

#[test]
fn blocks_of_numbers_never_overlap() {
    let mut house = House::new();
    let registrar = house.yard.registrar;
    let another = house.yard.world.party(21, &[Role::Warehouse]);
    let block = |keeper, first, last| AllotNumbers { keeper, first, last };
    for (keeper, first, last, expected) in [
        (another, 1_000, 1_100, Code::NumberReused),
        (another, 0, 5, Code::NumberReused),
        (another, 1_002, 1_001, Code::ValidationFailed),
        (another, 1_001, SERIAL_MAX + 1, Code::ValidationFailed),
        (house.buyer, 1_001, 1_100, Code::NotAuthorised),
    ] {
        let result = house.say(registrar, block(keeper, first, last));
        assert_eq!(refused(result), expected, "{first}..{last}");
    }
    let by_the_keeper = house.say(another, block(another, 1_001, 1_100));
    assert_eq!(refused(by_the_keeper), Code::NotAuthorised);
    house.accept(registrar, block(another, 1_001, 1_001));
    let regulator = house.regulator;
    house.accept(regulator, block(another, 1_002, SERIAL_MAX));
}

#[test]
fn a_keeper_gives_its_numbers_one_after_another() {
    let mut house = House::without_numbers();
    let (keeper, registrar) = (house.keeper(), house.yard.registrar);
    house.accept(registrar, AllotNumbers { keeper, first: 7, last: 8 });
    house.accept(registrar, AllotNumbers { keeper, first: 20, last: 20 });
    let lot = house.yard.stored(100);
    for serial in [7, 8, 20] {
        let receipt = house.drafted(lot, 1);
        let signed = house.sign(receipt).expect("accepted");
        assert_eq!(number_of(&signed), number(serial).to_string());
    }
    let receipt = house.drafted(lot, 1);
    assert_eq!(refused(house.sign(receipt)), Code::NumberOutOfRange);
}

#[test]
fn a_split_takes_as_many_numbers_as_it_has_children() {
    let mut house = House::without_numbers();
    let (keeper, registrar) = (house.keeper(), house.yard.registrar);
    house.accept(registrar, AllotNumbers { keeper, first: 1, last: 2 });
    let receipt = house.issued(50);
    let parts = List::new(vec![grams(20), grams(30)]).expect("two");
    let split = SplitReceipt { receipt, parts, expected_version: None };
    assert_eq!(refused(house.say(house.depositor(), split.clone())), Code::NumberOutOfRange);
    // One of the old block and one of the new.
    house.accept(registrar, AllotNumbers { keeper, first: 10, last: 10 });
    let made = children(&house.accept(house.depositor(), split));
    let numbers: Vec<_> = made.iter().map(|child| house.receipt(child.0).number).collect();
    assert_eq!(numbers, [number(2), number(10)]);
}

#[test]
fn a_signer_who_expects_a_number_gets_that_or_none() {
    let mut house = House::new();
    let lot = house.yard.stored(100);
    house.offered(lot, 10);
    let receipt = house.drafted(lot, 10);
    let keeper = house.keeper();
    let mut sign = |stated: &str| {
        let number = Some(code(stated));
        house.signed(keeper, &[(keeper, Some(2))], SignReceipt { receipt, number })
    };
    let (given, next, later) = (number(1), number(2), number(3));
    assert_eq!(refused(sign(given.as_str())), Code::NumberReused);
    assert_eq!(refused(sign(later.as_str())), Code::NumberOutOfRange);
    assert_eq!(refused(sign("WR-2")), Code::NumberOutOfRange);
    assert_eq!(number_of(&sign(next.as_str()).expect("accepted")), next.to_string());
}
