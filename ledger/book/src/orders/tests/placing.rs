//! An order is placed, and answered.

use super::trade::{Trade, code, digest, garlic, grams, placed};
use crate::{
    orders::{CountersignOrder, MAX_TOLERANCE, OrderLine, PlaceOrder, RejectOrder, Standing},
    parties::{PARTIES, Role},
    prices::Price,
    refusal::Code,
    testing::{party, refused},
    vocabulary::{Ppm, Quantity, Unit},
};

const MOST: u64 = Price::MAX_MINOR_UNITS;

fn with(change: impl FnOnce(&mut OrderLine)) -> OrderLine {
    let mut line = garlic(500_000);
    change(&mut line);
    line
}

fn price(minor_units: u64, per: u64) -> Option<Price> {
    Some(Price { minor_units, per: grams(per) })
}

#[test]
fn a_line_that_cannot_be_fulfilled_or_paid_is_refused() {
    let pieces = Quantity::new(1, Unit::Piece);
    for (line, why) in [
        (with(|line| line.commodity = code("RICE")), Code::NotRegistered),
        (with(|line| line.grade = Some(code("Z"))), Code::NotRegistered),
        (with(|line| line.quantity = grams(0)), Code::QuantityZero),
        (with(|line| line.quantity = pieces), Code::UnitMismatch),
        (with(|line| line.tolerance_ppm = Ppm::new(100_001)), Code::ValidationFailed),
        (with(|line| line.price = None), Code::ValidationFailed),
        (with(|line| line.price = price(0, 1)), Code::AmountZero),
        (with(|line| line.price = price(MOST + 1, 1)), Code::ValidationFailed),
        (with(|line| line.price = price(1, 0)), Code::QuantityZero),
        (with(|line| line.price = Some(Price { minor_units: 1, per: pieces })), Code::UnitMismatch),
        (with(|line| line.value_minor_units = Some(0)), Code::AmountZero),
        (with(|line| line.value_minor_units = Some(MOST + 1)), Code::ValidationFailed),
        // 10^15 fen a gram, times half a tonne.
        (with(|line| line.price = price(MOST, 1)), Code::Overflow),
    ] {
        let mut trade = Trade::new();
        let (order, before) = (trade.order(std::slice::from_ref(&line)), trade.state());
        assert_eq!(refused(trade.say(trade.buyer, order)), why, "{line:?}");
        assert_eq!(before, trade.state());
    }
}

#[test]
fn a_line_at_the_limits_is_accepted() {
    for line in [
        with(|line| line.tolerance_ppm = MAX_TOLERANCE),
        with(|line| line.grade = None),
        with(|line| line.price = price(MOST, 1_000_000)),
        with(|line| {
            line.price = None;
            line.value_minor_units = Some(MOST);
        }),
        with(|line| line.quantity = grams(1)),
    ] {
        let mut trade = Trade::new();
        let order = trade.order(std::slice::from_ref(&line));
        assert!(trade.say(trade.buyer, order).is_ok(), "{line:?}");
    }
}

#[test]
fn a_buyer_buys_from_another_party_that_takes_part() {
    let mut trade = Trade::new();
    let order = trade.order(&[garlic(1)]);
    let to = |seller| PlaceOrder { seller, ..order.clone() };
    assert_eq!(refused(trade.say(trade.buyer, to(trade.buyer))), Code::ValidationFailed);
    assert_eq!(refused(trade.say(trade.buyer, to(party(99)))), Code::NotFound);
    assert_eq!(refused(trade.say(trade.seller, to(trade.buyer))), Code::NotAuthorised);
    assert!(trade.say(trade.buyer, order).is_ok());
}

#[test]
fn an_id_is_made_once() {
    let mut trade = Trade::new();
    let command = trade.order(&[garlic(1)]);
    trade.say(trade.buyer, command.clone()).expect("accepted");
    // The same statement again, as no apply would let it come here.
    trade.world.index -= 1;
    assert_eq!(refused(trade.say(trade.buyer, command)), Code::IdTaken);
}

#[test]
fn only_the_seller_answers_and_only_to_what_was_placed() {
    let mut trade = Trade::new();
    let command = trade.order(&[garlic(1)]);
    let order = placed(&trade.say(trade.buyer, command.clone()).expect("accepted"));
    let countersign = trade.countersign(order, &command);
    let other_terms = CountersignOrder { terms: digest(1), ..countersign };
    let reject = RejectOrder { order, reason: code("NO-STOCK") };
    assert_eq!(refused(trade.say(trade.buyer, countersign.clone())), Code::NotAuthorised);
    assert_eq!(refused(trade.say(trade.carrier, reject.clone())), Code::NotAuthorised);
    assert_eq!(refused(trade.say(trade.seller, other_terms)), Code::TermsMismatch);
    trade.say(trade.seller, countersign.clone()).expect("accepted");
    assert_eq!(trade.standing(order), Standing::Countersigned);
    assert_eq!(refused(trade.say(trade.seller, countersign)), Code::InvalidState);
    assert_eq!(refused(trade.say(trade.seller, reject)), Code::InvalidState);
}

#[test]
fn a_declined_order_is_over() {
    let mut trade = Trade::new();
    let command = trade.order(&[garlic(1)]);
    let order = placed(&trade.say(trade.buyer, command.clone()).expect("accepted"));
    let reject = RejectOrder { order, reason: code("NO-STOCK") };
    trade.say(trade.seller, reject).expect("accepted");
    assert_eq!(trade.standing(order), Standing::Rejected);
    let countersign = trade.countersign(order, &command);
    assert_eq!(refused(trade.say(trade.seller, countersign)), Code::InvalidState);
    let plan = trade.plan(order, &[(1, 1)]);
    assert_eq!(refused(trade.world.say(trade.seller, plan)), Code::InvalidState);
}

#[test]
fn parties_with_one_owner_say_so() {
    let mut trade = Trade::new();
    for id in [trade.buyer, trade.seller] {
        let related = PARTIES.update(&mut trade.world.view, &id, |party| {
            party.owner_group = Some(code("GROUP-1"));
            Ok(())
        });
        related.expect("a party");
    }
    let command = trade.order(&[garlic(1)]);
    let order = placed(&trade.say(trade.buyer, command.clone()).expect("accepted"));
    let hidden = trade.countersign(order, &command);
    let disclosed = CountersignOrder { related_disclosed: true, ..hidden };
    assert_eq!(refused(trade.say(trade.seller, hidden)), Code::RelatedPartyUndisclosed);
    assert!(trade.say(trade.seller, disclosed).is_ok());
}

#[test]
fn nobody_sells_to_a_suspended_buyer() {
    let mut trade = Trade::new();
    let command = trade.order(&[garlic(1)]);
    let order = placed(&trade.say(trade.buyer, command.clone()).expect("accepted"));
    let registrar = trade.world.party(9, &[Role::Registrar]);
    let suspend =
        crate::parties::Command::from(crate::parties::SuspendParty { party: trade.buyer });
    trade.world.say(registrar, suspend).expect("accepted");
    let countersign = trade.countersign(order, &command);
    assert_eq!(refused(trade.say(trade.seller, countersign)), Code::PartyInactive);
}
