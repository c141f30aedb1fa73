//! What is due to the keeper. That it stands before transfer, split and surrender is tested with those.

use super::house::House;
use crate::{
    parties::Role,
    receipts::StateFees,
    refusal::Code,
    testing::refused,
    vocabulary::{Currency, Money},
};

#[test]
fn the_keeper_states_what_is_due_and_that_nothing_is() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let due = |minor| StateFees { receipt, due: Some(Money::new(minor, Currency::CNY)) };
    let (keeper, depositor) = (house.keeper(), house.depositor());
    let another = house.yard.world.party(21, &[Role::Warehouse]);
    assert_eq!(refused(house.say(depositor, due(5))), Code::NotAuthorised);
    assert_eq!(refused(house.say(another, due(5))), Code::NotAuthorised);
    assert_eq!(refused(house.say(keeper, due(0))), Code::AmountZero);
    house.accept(keeper, due(5));
    assert_eq!(house.receipt(receipt).fees_due, Some(Money::new(5, Currency::CNY)));
    house.accept(keeper, StateFees { receipt, due: None });
    assert_eq!(house.receipt(receipt).fees_due, None);
}

#[test]
fn nothing_becomes_due_on_a_receipt_that_is_surrendered_or_not_issued() {
    let mut house = House::new();
    let lot = house.yard.stored(1_000);
    let (offered, receipt) = (house.offered(lot, 10), house.issued_on(lot, 10));
    house.surrendered(receipt);
    for receipt in [offered, receipt] {
        let due = Some(Money::new(5, Currency::CNY));
        let result = house.say(house.keeper(), StateFees { receipt, due });
        assert_eq!(refused(result), Code::InvalidState);
    }
}
