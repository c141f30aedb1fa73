//! An order is financed by one bank at a time (INV-39).

use super::trade::{Trade, digest, garlic, placed};
use crate::{
    orders::{ConfirmOrderFinance, Financing, OfferOrderForFinance, ReleaseOrderFinance},
    refusal::Code,
    registries::Profile,
    testing::refused,
    vocabulary::{Millis, OrderId},
};

fn offered() -> (Trade, OrderId) {
    let mut trade = Trade::new();
    let order = trade.agreed(&[garlic(1_000)]);
    trade.say(trade.seller, OfferOrderForFinance { order, bank: trade.bank }).expect("accepted");
    (trade, order)
}

fn confirm(order: OrderId) -> ConfirmOrderFinance {
    ConfirmOrderFinance { order, account: digest(1) }
}

#[test]
fn the_seller_offers_a_binding_order_to_a_bank() {
    let mut trade = Trade::new();
    let command = trade.order(&[garlic(1_000)]);
    let order = placed(&trade.say(trade.buyer, command.clone()).expect("accepted"));
    let offer = OfferOrderForFinance { order, bank: trade.bank };
    assert_eq!(refused(trade.say(trade.seller, offer.clone())), Code::InvalidState);
    trade.say(trade.seller, trade.countersign(order, &command)).expect("accepted");
    assert_eq!(refused(trade.say(trade.buyer, offer.clone())), Code::NotAuthorised);
    let no_bank = OfferOrderForFinance { order, bank: trade.carrier };
    assert_eq!(refused(trade.say(trade.seller, no_bank)), Code::NotAuthorised);
    assert!(trade.say(trade.seller, offer).is_ok());
}

#[test]
fn no_second_bank_gets_an_order() {
    let (mut trade, order) = offered();
    let second = OfferOrderForFinance { order, bank: trade.other_bank };
    assert_eq!(refused(trade.say(trade.seller, second.clone())), Code::OrderAlreadyFinanced);
    let refusal = refused(trade.say(trade.other_bank, confirm(order)));
    assert_eq!(refusal, Code::OrderAlreadyFinanced);
    trade.say(trade.bank, confirm(order)).expect("accepted");
    assert_eq!(refused(trade.say(trade.seller, second.clone())), Code::OrderAlreadyFinanced);
    assert_eq!(refused(trade.say(trade.bank, confirm(order))), Code::OrderAlreadyFinanced);
    let release = ReleaseOrderFinance { order };
    assert_eq!(refused(trade.say(trade.seller, release.clone())), Code::NotAuthorised);
    trade.say(trade.bank, release.clone()).expect("accepted");
    assert_eq!(refused(trade.say(trade.bank, release)), Code::InvalidState);
    assert!(trade.say(trade.seller, second).is_ok());
}

#[test]
fn an_offer_lapses_a_millisecond_after_its_time() {
    let window = Profile::generic().pledge_reservation_ms;
    let (mut trade, order) = offered();
    assert!(trade.world.pass(window).is_empty());
    trade.say(trade.bank, confirm(order)).expect("accepted");
    assert!(trade.world.pass(Millis(1)).is_empty());

    let (mut trade, order) = offered();
    assert_eq!(trade.world.pass(Millis(window.0 + 1)).len(), 1);
    assert_eq!(refused(trade.say(trade.bank, confirm(order))), Code::InvalidState);
    assert_eq!(trade.row(order).value.financing, Financing::Free);
}

#[test]
fn an_old_offers_end_does_not_end_a_later_offer() {
    let window = Profile::generic().pledge_reservation_ms;
    let (mut trade, order) = offered();
    trade.world.pass(Millis(10));
    trade.say(trade.seller, ReleaseOrderFinance { order }).expect("accepted");
    let again = OfferOrderForFinance { order, bank: trade.other_bank };
    trade.say(trade.seller, again).expect("accepted");
    assert!(trade.world.pass(Millis(window.0 - 5)).is_empty());
    assert!(trade.say(trade.other_bank, confirm(order)).is_ok());
}
