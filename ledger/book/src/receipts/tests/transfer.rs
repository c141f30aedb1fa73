//! Transfer (R5 to R8).

use super::house::{House, code, pledge_id, transfer};
use crate::{
    areas,
    parties::{self, RevokeLicence, Role, SuspendParty},
    receipts::{
        AcceptTransfer, CountersignTransfer, Encumbrance, Ending, Event, HoldKind, Payment,
        PlaceHold, ProposeTransfer, ReceiptKind, RejectTransfer, StateFees, TRANSFERS,
        TransferStage, WithdrawTransfer,
    },
    refusal::Code,
    registries::Profile,
    testing::refused,
    vocabulary::{Currency, Digest, Id, Millis, Money, PartyId, ReceiptId, TransferId},
};

fn offer(receipt: ReceiptId, to: PartyId) -> ProposeTransfer {
    ProposeTransfer { receipt, to, fees_assumed: false, payment: None, expected_version: None }
}

fn yuan(minor: u64) -> Money {
    Money::new(minor, Currency::CNY)
}

/// An offer of the depositor's receipt to the buyer.
fn proposed(house: &mut House, receipt: ReceiptId) -> TransferId {
    transfer(&house.accept(house.depositor(), offer(receipt, house.buyer)))
}

fn countersigned(house: &mut House, receipt: ReceiptId) -> TransferId {
    let transfer = proposed(house, receipt);
    house.accept(house.keeper(), CountersignTransfer { transfer });
    transfer
}

#[test]
fn title_passes_when_holder_keeper_and_transferee_have_signed() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let transfer = proposed(&mut house, receipt);
    assert_eq!(house.receipt(receipt).holder, house.no(house.depositor()));
    house.accept(house.keeper(), CountersignTransfer { transfer });
    house.accept(house.buyer, AcceptTransfer { transfer });
    let value = house.receipt(receipt);
    assert_eq!((value.holder, value.encumbrance), (house.no(house.buyer), Encumbrance::Free));
    // Nobody who isn't the holder any more offers it.
    let again = house.say(house.depositor(), offer(receipt, house.buyer));
    assert_eq!(refused(again), Code::NotAuthorised);
}

#[test]
fn a_transferee_can_hold_receipts_and_does_not_already() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let suspended = house.yard.world.party(81, &[Role::Buyer]);
    let suspend = parties::Command::SuspendParty(SuspendParty { party: suspended });
    house.yard.world.say(house.yard.registrar, suspend).expect("accepted");
    let unknown = PartyId::from_bytes([0xee; 16]);
    let (depositor, inspector) = (house.depositor(), house.yard.inspector);
    for to in [depositor, suspended, inspector, unknown] {
        let result = house.say(depositor, offer(receipt, to));
        assert_eq!(refused(result), Code::TransfereeIneligible);
    }
    for to in [house.buyer, house.keeper(), house.bank] {
        let id = transfer(&house.accept(depositor, offer(receipt, to)));
        house.accept(depositor, WithdrawTransfer { transfer: id });
    }
}

#[test]
fn a_receipt_is_offered_once_at_a_time() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let transfer = proposed(&mut house, receipt);
    let again = house.say(house.depositor(), offer(receipt, house.bank));
    let refusal = again.expect_err("one at a time");
    let other = refusal.facts.other.as_ref().map(|other| other.id);
    assert_eq!((refusal.code, other), (Code::Encumbered, Some(transfer.to_bytes())));
}

#[test]
fn a_pledged_receipt_is_not_offered_and_the_refusal_names_no_party() {
    let mut house = House::new();
    for pledged in [false, true] {
        let receipt = house.issued(1_000);
        let pledge = pledge_id(u8::from(pledged) + 1);
        if pledged {
            house.pledge(receipt, pledge);
        } else {
            house.reserve(receipt, pledge);
        }
        let result = house.say(house.depositor(), offer(receipt, house.buyer));
        let refusal = result.expect_err("encumbered");
        let other = refusal.facts.other.clone().expect("what is in the way");
        assert_eq!((refusal.code, other.id), (Code::Encumbered, pledge.to_bytes()));
        assert_eq!(refusal.facts.subject.expect("which").id, receipt.to_bytes());
    }
}

#[test]
fn an_offer_holds_for_the_receipt_as_it_was_seen() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let version = house.receipt(receipt).version;
    let seen = |expected| ProposeTransfer {
        expected_version: Some(expected),
        ..offer(receipt, PartyId::from_bytes([0; 16]))
    };
    let stale = ProposeTransfer { to: house.buyer, ..seen(version - 1) };
    assert_eq!(refused(house.say(house.depositor(), stale)), Code::StaleVersion);
    let current = ProposeTransfer { to: house.buyer, ..seen(version) };
    house.accept(house.depositor(), current);
}

#[test]
fn what_is_due_to_the_keeper_is_settled_or_taken_over() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    house.accept(house.keeper(), StateFees { receipt, due: Some(yuan(500)) });
    let depositor = house.depositor();
    let refusal = house.say(depositor, offer(receipt, house.buyer)).expect_err("fees");
    assert_eq!((refusal.code, refusal.facts.actual), (Code::FeesOutstanding, Some(500)));
    let assumed = ProposeTransfer { fees_assumed: true, ..offer(receipt, house.buyer) };
    let id = transfer(&house.accept(depositor, assumed));
    house.accept(house.keeper(), CountersignTransfer { transfer: id });
    // What becomes due after the offer is nobody's to take over.
    house.accept(house.keeper(), StateFees { receipt, due: Some(yuan(501)) });
    let accept = AcceptTransfer { transfer: id };
    assert_eq!(refused(house.say(house.buyer, accept.clone())), Code::FeesOutstanding);
    house.accept(house.keeper(), StateFees { receipt, due: Some(yuan(500)) });
    house.accept(house.buyer, accept);
    assert_eq!(house.receipt(receipt).fees_due, Some(yuan(500)), "the new holder's now");
}

#[test]
fn the_keeper_signs_where_profile_or_receipt_ask_for_it() {
    for (profile_asks, kind, needed) in [
        (true, ReceiptKind::Negotiable, true),
        (false, ReceiptKind::Negotiable, false),
        (false, ReceiptKind::NonNegotiable, true),
    ] {
        let mut house = House::new();
        house.profile(|profile| profile.keeper_countersigns_transfer = profile_asks);
        let lot = house.yard.stored(1_000);
        let receipt = house.issued_as(lot, 1_000, kind);
        let transfer = proposed(&mut house, receipt);
        let accept = AcceptTransfer { transfer };
        let result = house.say(house.buyer, accept.clone());
        if !needed {
            assert!(result.is_ok());
            continue;
        }
        assert_eq!(refused(result), Code::KeeperSignatureRequired);
        let countersign = CountersignTransfer { transfer };
        let by_another = house.say(house.depositor(), countersign.clone());
        assert_eq!(refused(by_another), Code::NotAuthorised);
        let another = house.yard.world.party(21, &[Role::Warehouse]);
        assert_eq!(refused(house.say(another, countersign.clone())), Code::NotAuthorised);
        house.accept(house.keeper(), countersign.clone());
        assert_eq!(refused(house.say(house.keeper(), countersign)), Code::InvalidState);
        house.accept(house.buyer, accept);
    }
}

#[test]
fn title_passes_when_the_bank_says_that_the_payment_is_locked() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let pay = |price, bank| ProposeTransfer {
        payment: Some(Payment { price: yuan(price), bank }),
        ..offer(receipt, PartyId::from_bytes([0; 16]))
    };
    let (buyer, bank, depositor) = (house.buyer, house.bank, house.depositor());
    let nothing = ProposeTransfer { to: buyer, ..pay(0, bank) };
    assert_eq!(refused(house.say(depositor, nothing)), Code::AmountZero);
    let no_bank = ProposeTransfer { to: buyer, ..pay(100, house.keeper()) };
    assert_eq!(refused(house.say(depositor, no_bank)), Code::NotAuthorised);
    let id = transfer(&house.accept(depositor, ProposeTransfer { to: buyer, ..pay(100, bank) }));
    house.accept(house.keeper(), CountersignTransfer { transfer: id });
    let accept = AcceptTransfer { transfer: id };
    assert_eq!(refused(house.say(buyer, accept.clone())), Code::PaymentNotLocked);
    let another = house.yard.world.party(91, &[Role::Bank]);
    let by_another = house.cosigned(buyer, another, accept.clone());
    assert_eq!(refused(by_another), Code::PaymentNotLocked);
    house.cosigned(buyer, bank, accept).expect("accepted");
}

#[test]
fn only_the_transferee_accepts_or_rejects_and_only_the_holder_withdraws() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let transfer = countersigned(&mut house, receipt);
    let (depositor, buyer, bank) = (house.depositor(), house.buyer, house.bank);
    let accept = AcceptTransfer { transfer };
    assert_eq!(refused(house.say(bank, accept.clone())), Code::NotAuthorised);
    let reject = RejectTransfer { transfer };
    assert_eq!(refused(house.say(depositor, reject.clone())), Code::NotAuthorised);
    let withdraw = WithdrawTransfer { transfer };
    assert_eq!(refused(house.say(buyer, withdraw.clone())), Code::NotAuthorised);
    house.accept(buyer, reject.clone());
    for result in
        [house.say(buyer, accept), house.say(buyer, reject), house.say(depositor, withdraw)]
    {
        assert_eq!(refused(result), Code::InvalidState, "it is over");
    }
    assert_eq!(house.receipt(receipt).encumbrance, Encumbrance::Free);
    let next = countersigned(&mut house, receipt);
    house.accept(depositor, WithdrawTransfer { transfer: next });
    assert_eq!(house.receipt(receipt).encumbrance, Encumbrance::Free);
    let unknown = TransferId::from_bytes([9; 16]);
    let absent = house.say(buyer, AcceptTransfer { transfer: unknown });
    assert_eq!(refused(absent), Code::NotFound);
}

#[test]
fn an_offer_stands_to_its_last_moment() {
    let mut house = House::new();
    let (kept, lost) = (house.issued(1_000), house.issued(1_000));
    let in_time = countersigned(&mut house, kept);
    let late = countersigned(&mut house, lost);
    assert!(house.pass(Profile::generic().transfer_offer_ms).is_empty());
    house.accept(house.buyer, AcceptTransfer { transfer: in_time });
    let fired = house.pass(Millis(1));
    let [areas::Event::Receipts(Event::TransferLapsed(lapsed))] = fired.as_slice() else {
        panic!("{fired:?}")
    };
    assert_eq!((lapsed.transfer, lapsed.ending), (late, Ending::Lapsed));
    assert_eq!(house.receipt(lost).encumbrance, Encumbrance::Free);
    let transfer = TRANSFERS.find(&house.world().view, &late).expect("known").value;
    assert_eq!(transfer.stage, TransferStage::Lapsed);
    let accept = house.say(house.buyer, AcceptTransfer { transfer: late });
    assert_eq!(refused(accept), Code::InvalidState);
}

#[test]
fn a_receipt_is_operable_when_it_is_offered_and_when_it_is_accepted() {
    type Break = fn(&mut House, ReceiptId);
    let hold: Break = |house, receipt| {
        let (kind, order) = (HoldKind::Court, code("O-1"));
        let evidence = Digest([1; 32]);
        let court = house.court;
        house.accept(court, PlaceHold { receipt, kind, order, evidence, until_ms: None });
    };
    let revoke: Break = |house, _| {
        let revoke = parties::Command::RevokeLicence(RevokeLicence { party: house.keeper() });
        house.yard.world.say(house.yard.registrar, revoke).expect("accepted");
    };
    let expire: Break = |house, _| {
        house.pass_validity();
    };
    for (breaks, expected) in [
        (hold, Code::HoldInForce),
        (revoke, Code::WarehouseNotLicensed),
        (expire, Code::InvalidState),
    ] {
        let mut house = House::new();
        house.profile(|profile| profile.transfer_offer_ms = Millis::days(400));
        let (offered, other) = (house.issued(1_000), house.issued(1_000));
        let transfer = countersigned(&mut house, offered);
        breaks(&mut house, offered);
        let accept = house.say(house.buyer, AcceptTransfer { transfer });
        assert_eq!(refused(accept), expected);
        if expected == Code::HoldInForce {
            breaks(&mut house, other);
        }
        let propose = house.say(house.depositor(), offer(other, house.buyer));
        assert_eq!(refused(propose), expected);
    }
}
