//! Issue: draft, signature, acceptance (R1 to R4).

use super::house::{House, VALID_UNTIL, code, date, draft, grams, transfer};
use crate::{
    areas,
    goods::{
        Account, AnnounceDeposit, Insurance, OwnershipClass, RenewInsurance,
        tests::yard::{announced, announcement},
    },
    parties::{self, RevokeLicence, Role},
    receipts::{
        AcceptReceipt, Cancellation, DeclineReceipt, DraftReceipt, Ending, Event, Lifecycle,
        ProposeTransfer, ReceiptKind, SignReceipt, WithdrawDraft, WithdrawTransfer,
    },
    refusal::Code,
    registries::Profile,
    testing::refused,
    vocabulary::{Id, LotId, Millis, Quantity, ReceiptId, Unit},
};

fn balance(house: &House, lot: LotId, account: Account) -> u64 {
    house.lot(lot).accounts.balance(account).amount()
}

#[test]
fn a_receipt_is_drafted_signed_and_accepted() {
    let mut house = House::new();
    let lot = house.yard.stored(1_000);
    let receipt = house.drafted(lot, 600);
    assert_eq!(balance(&house, lot, Account::IssueReserved), 600);
    house.sign(receipt).expect("accepted");
    let value = house.receipt(receipt);
    assert_eq!(value.lifecycle.name(), "PENDING_ACCEPTANCE");
    let events = house.accept(house.depositor(), AcceptReceipt { receipt });
    let [areas::Event::Receipts(Event::ReceiptIssued(issued))] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!((issued.lot, issued.holder, issued.quantity), (lot, house.depositor(), grams(600)));
    assert_eq!(house.receipt(receipt).lifecycle, Lifecycle::Active);
    assert_eq!(balance(&house, lot, Account::Receipted), 600);
    assert_eq!(balance(&house, lot, Account::Unreceipted), 400);
}

#[test]
fn no_more_is_receipted_than_was_received() {
    let mut house = House::new();
    let lot = house.yard.stored(99_999);
    let refusal = house.say(house.keeper(), draft(lot, 100_000)).expect_err("too much");
    assert_eq!(
        (refusal.code, refusal.facts.limit, refusal.facts.actual),
        (Code::QtyExceedsUnreceipted, Some(99_999), Some(100_000))
    );
    house.drafted(lot, 99_999);
    // What is reserved for a draft is not there for another.
    assert_eq!(refused(house.say(house.keeper(), draft(lot, 1))), Code::QtyExceedsUnreceipted);
}

#[test]
fn only_the_keeper_of_the_lot_drafts_on_it() {
    let mut house = House::new();
    let lot = house.yard.stored(1_000);
    let another = house.yard.world.party(21, &[Role::Warehouse]);
    assert_eq!(refused(house.say(another, draft(lot, 1))), Code::NotAuthorised);
    assert_eq!(refused(house.say(house.depositor(), draft(lot, 1))), Code::NotAuthorised);
    let absent = draft(LotId::from_bytes([9; 16]), 1);
    assert_eq!(refused(house.say(house.keeper(), absent)), Code::NotFound);
}

#[test]
fn a_lot_is_receipted_when_it_is_stored() {
    let mut house = House::new();
    let lot = house.yard.graded(1_000);
    assert_eq!(refused(house.say(house.keeper(), draft(lot, 1))), Code::InvalidState);
}

#[test]
fn a_receipt_is_drafted_under_a_licence_in_force() {
    let mut house = House::new();
    let lot = house.yard.stored(1_000);
    let before = house.drafted(lot, 10);
    let revoke = parties::Command::RevokeLicence(RevokeLicence { party: house.keeper() });
    house.yard.world.say(house.yard.registrar, revoke).expect("accepted");
    let refusal = refused(house.say(house.keeper(), draft(lot, 10)));
    assert_eq!(refusal, Code::WarehouseNotLicensed);
    assert_eq!(refused(house.sign(before)), Code::WarehouseNotLicensed);
}

#[test]
fn a_draft_has_a_quantity_that_can_be_receipted() {
    let mut house = House::new();
    let lot = house.yard.stored(1_000);
    let keeper = house.keeper();
    let litres = Quantity::new(1, Unit::Millilitre);
    let of_litres = DraftReceipt { quantity: litres, ..draft(lot, 1) };
    assert_eq!(refused(house.say(keeper, of_litres)), Code::UnitMismatch);
    assert_eq!(refused(house.say(keeper, draft(lot, 0))), Code::BelowMinimum);
    house.profile(|profile| profile.minimum_receipt = 100);
    assert_eq!(refused(house.say(keeper, draft(lot, 99))), Code::BelowMinimum);
    assert!(house.say(keeper, draft(lot, 100)).is_ok());
}

#[test]
fn an_assay_may_be_as_old_as_the_profile_says() {
    let mut house = House::new();
    let lot = house.yard.stored(1_000);
    house.pass(Profile::generic().assay_max_age_ms);
    assert!(house.say(house.keeper(), draft(lot, 1)).is_ok());
    house.pass(Millis(1));
    assert_eq!(refused(house.say(house.keeper(), draft(lot, 1))), Code::InspectionStale);
}

#[test]
fn insurance_lasts_as_long_as_the_receipt() {
    let mut house = House::new();
    let lot = house.yard.stored(1_000);
    let until = |day: &str| DraftReceipt { valid_until: date(day), ..draft(lot, 1) };
    assert!(house.say(house.keeper(), until(VALID_UNTIL)).is_ok());
    assert_eq!(refused(house.say(house.keeper(), until("2027-01-01"))), Code::InsuranceMissing);
    let insurance =
        Insurance { insurer: house.yard.insurer, policy: code("P-9"), until: date("2027-01-01") };
    house.yard.accept(house.yard.warehouse, RenewInsurance { lot, insurance }.into());
    assert!(house.say(house.keeper(), until("2027-01-01")).is_ok());
}

#[test]
fn a_receipt_is_valid_at_least_today() {
    let mut house = House::new();
    let lot = house.yard.stored(1_000);
    let until = |day: &str| DraftReceipt { valid_until: date(day), ..draft(lot, 1) };
    assert_eq!(refused(house.say(house.keeper(), until("2026-01-04"))), Code::ValidationFailed);
    let events = house.accept(house.keeper(), until("2026-01-05"));
    let [areas::Event::Receipts(Event::ReceiptDrafted(drafted))] = events.as_slice() else {
        panic!("{events:?}")
    };
    house.pass(Millis::days(1));
    let late = house.sign(drafted.receipt);
    assert_eq!(refused(late), Code::ValidationFailed, "nothing is signed that is over already");
}

#[test]
fn goods_held_for_others_back_no_negotiable_receipt() {
    let mut house = House::new();
    for ownership in [OwnershipClass::Agency, OwnershipClass::StateReserve, OwnershipClass::Bonded]
    {
        let lot = house.yard.stored_as(1_000, ownership);
        let negotiable = house.say(house.keeper(), draft(lot, 1));
        assert_eq!(refused(negotiable), Code::OwnershipRestricted, "{ownership:?}");
        let named = DraftReceipt { kind: ReceiptKind::NonNegotiable, ..draft(lot, 1) };
        assert!(house.say(house.keeper(), named).is_ok(), "{ownership:?}");
    }
}

#[test]
fn a_receipt_goes_to_a_depositor_who_owns_the_goods() {
    let mut house = House::new();
    let own = announcement(house.keeper(), OwnershipClass::Own);
    let for_another = AnnounceDeposit { owner: Some(house.buyer), ..own };
    let lot = announced(&house.yard.accept(house.yard.cooperative, for_another.into()));
    house.yard.bring(lot);
    house.yard.weigh(lot, 1_000);
    house.yard.sample(lot);
    house.yard.assay(lot);
    house.yard.store(lot, OwnershipClass::Own);
    let kind = ReceiptKind::NonNegotiable;
    let named = DraftReceipt { kind, ..draft(lot, 1) };
    assert_eq!(refused(house.say(house.keeper(), named)), Code::OwnershipRestricted);
}

#[test]
fn whoever_drafted_does_not_sign() {
    let mut house = House::new();
    let lot = house.yard.stored(1_000);
    let receipt = house.drafted(lot, 10);
    let keeper = house.keeper();
    let sign = SignReceipt { receipt, number: None };
    let by_drafter = house.say(keeper, sign.clone());
    assert_eq!(refused(by_drafter), Code::MakerCheckerRequired);
    let by_service = house.signed(keeper, &[(keeper, None)], sign.clone());
    assert_eq!(refused(by_service), Code::SignersMismatch);
    // The drafter may sign besides the checker.
    let events = house.by_two(keeper, sign.clone()).expect("accepted");
    let [areas::Event::Receipts(Event::ReceiptSigned(signed))] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(signed.signer, crate::testing::person(keeper, 2));
    assert_eq!(refused(house.by_two(keeper, sign)), Code::InvalidState);
}

#[test]
fn a_person_signs_what_a_service_drafted() {
    let mut house = House::new();
    let lot = house.yard.stored(1_000);
    let keeper = house.keeper();
    let events = house.signed(keeper, &[(keeper, None)], draft(lot, 10)).expect("accepted");
    let [areas::Event::Receipts(Event::ReceiptDrafted(drafted))] = events.as_slice() else {
        panic!("{events:?}")
    };
    let sign = SignReceipt { receipt: drafted.receipt, number: None };
    assert!(house.say(keeper, sign).is_ok());
}

#[test]
fn a_draft_is_the_keepers_to_sign_or_drop() {
    let mut house = House::new();
    let lot = house.yard.stored(1_000);
    let receipt = house.drafted(lot, 10);
    let another = house.yard.world.party(21, &[Role::Warehouse]);
    let drop = WithdrawDraft { receipt };
    assert_eq!(refused(house.say(another, drop.clone())), Code::NotAuthorised);
    // A draft is no receipt: it can't be accepted.
    let accept = AcceptReceipt { receipt };
    assert_eq!(refused(house.say(house.depositor(), accept)), Code::InvalidState);
    house.accept(house.keeper(), drop.clone());
    assert_eq!(balance(&house, lot, Account::Unreceipted), 1_000);
    assert_eq!(refused(house.say(house.keeper(), drop)), Code::NotFound);
    assert_eq!(refused(house.sign(receipt)), Code::NotFound);
    let offered = house.offered(lot, 10);
    let late = house.say(house.keeper(), WithdrawDraft { receipt: offered });
    assert_eq!(refused(late), Code::InvalidState);
}

#[test]
fn the_depositor_accepts_to_the_last_moment_of_the_offer() {
    let mut house = House::new();
    let lot = house.yard.stored(1_000);
    let (in_time, late) = (house.offered(lot, 10), house.offered(lot, 10));
    let accept = |receipt: ReceiptId| AcceptReceipt { receipt };
    assert_eq!(refused(house.say(house.buyer, accept(in_time))), Code::NotAuthorised);
    assert!(house.pass(Profile::generic().receipt_offer_ms).is_empty());
    house.accept(house.depositor(), accept(in_time));
    let lapsed = house.pass(Millis(1));
    let [areas::Event::Receipts(Event::ReceiptDeclined(declined))] = lapsed.as_slice() else {
        panic!("{lapsed:?}")
    };
    assert_eq!((declined.receipt, declined.ending), (late, Ending::Lapsed));
    assert_eq!(house.receipt(late).lifecycle, Lifecycle::Cancelled(Cancellation::Lapsed));
    assert_eq!(balance(&house, lot, Account::Unreceipted), 990);
    assert_eq!(refused(house.say(house.depositor(), accept(late))), Code::TimeoutExpired);
    assert_eq!(refused(house.say(house.depositor(), accept(in_time))), Code::InvalidState);
}

#[test]
fn a_declined_receipt_is_gone_with_its_number() {
    let mut house = House::new();
    let lot = house.yard.stored(1_000);
    let receipt = house.offered(lot, 10);
    let decline = DeclineReceipt { receipt };
    assert_eq!(refused(house.say(house.buyer, decline.clone())), Code::NotAuthorised);
    house.accept(house.depositor(), decline.clone());
    assert_eq!(house.receipt(receipt).lifecycle, Lifecycle::Cancelled(Cancellation::Declined));
    assert_eq!(refused(house.say(house.depositor(), decline)), Code::InvalidState);
    let accept = AcceptReceipt { receipt };
    assert_eq!(refused(house.say(house.depositor(), accept)), Code::InvalidState);
    let next = house.offered(lot, 10);
    assert!(house.receipt(next).number > house.receipt(receipt).number);
}

#[test]
fn a_receipt_expires_when_its_last_day_is_over() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let days = date(VALID_UNTIL).days_since(house.world().now.date_at(0));
    assert!(house.pass(Millis(Millis::days(days + 1).0 - 1)).is_empty());
    let offer = ProposeTransfer {
        receipt,
        to: house.buyer,
        fees_assumed: false,
        payment: None,
        expected_version: None,
    };
    let transfer = transfer(&house.accept(house.depositor(), offer.clone()));
    house.accept(house.depositor(), WithdrawTransfer { transfer });
    // At midnight the deadline has yet to fire, and the day is over all the same.
    assert!(house.pass(Millis(1)).is_empty());
    assert_eq!(refused(house.say(house.depositor(), offer)), Code::InvalidState);
    let fired = house.pass(Millis(1));
    let [areas::Event::Receipts(Event::ReceiptExpired(expired))] = fired.as_slice() else {
        panic!("{fired:?}")
    };
    assert_eq!((expired.receipt, expired.holder), (receipt, house.depositor()));
    assert_eq!(house.receipt(receipt).lifecycle, Lifecycle::Expired);
}
