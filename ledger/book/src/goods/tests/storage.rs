//! Stores and goods in them.

use super::yard::{CAPACITY, STORE, Yard, acceptance, code, date, grams, store};
use crate::{
    areas,
    goods::{
        AcceptToStore, Account, Event, Insurance, LOTS, OwnershipClass, RegisterStore,
        RenewInsurance, STORES,
    },
    parties::{PARTIES, Role},
    refusal::Code,
    registries,
    testing::refused,
    vocabulary::{Millis, Quantity, Unit},
};

#[test]
fn a_lot_in_store_is_received_and_its_depositor_has_a_slip() {
    let mut yard = Yard::new();
    let lot = yard.graded(5_000);
    let command =
        AcceptToStore { ownership: OwnershipClass::Bonded, ..acceptance(lot, yard.insurer) };
    let by_another = yard.say(yard.cooperative, command.clone().into());
    assert_eq!(refused(by_another), Code::NotAuthorised);
    let events = yard.accept(yard.warehouse, command.clone().into());
    let [
        areas::Event::Goods(Event::LotStored(stored)),
        areas::Event::Goods(Event::DepositSlipIssued(slip)),
    ] = events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!((stored.quantity, slip.quantity), (grams(5_000), grams(5_000)));
    assert_eq!(slip.depositor, yard.cooperative);
    let value = LOTS.find(&yard.world.view, &lot).expect("known").value;
    assert_eq!(value.accounts.balance(Account::Unreceipted), grams(5_000));
    assert_eq!(value.ownership, OwnershipClass::Bonded, "as the warehouse found it");
    assert_eq!(refused(yard.say(yard.warehouse, command.into())), Code::InvalidState);
}

#[test]
fn a_store_takes_what_fits_to_the_last_gram() {
    let mut yard = Yard::new();
    yard.accept(yard.warehouse, store("S-2", 1_000));
    let into =
        |lot, yard: &Yard| AcceptToStore { store: code("S-2"), ..acceptance(lot, yard.insurer) };
    let (first, over, exact) = (yard.graded(400), yard.graded(601), yard.graded(600));
    let command = into(first, &yard);
    yard.accept(yard.warehouse, command.into());
    let command = into(over, &yard);
    let refusal = yard.say(yard.warehouse, command.into()).expect_err("too much");
    assert_eq!(
        (refusal.code, refusal.facts.limit, refusal.facts.actual),
        (Code::CapacityExceeded, Some(600), Some(601))
    );
    let command = into(exact, &yard);
    yard.accept(yard.warehouse, command.into());
    assert_eq!(
        refused(yard.say(yard.warehouse, store("S-2", 999))),
        Code::CapacityExceeded,
        "no less room than lies in it"
    );
    yard.accept(yard.warehouse, store("S-2", 1_000));
}

#[test]
fn a_store_is_the_warehouses_own_and_keeps_its_unit() {
    let mut yard = Yard::new();
    let lot = yard.graded(400);
    let unknown = AcceptToStore { store: code("S-9"), ..acceptance(lot, yard.insurer) };
    assert_eq!(refused(yard.say(yard.warehouse, unknown.into())), Code::NotRegistered);
    let pieces = Quantity::new(9, Unit::Piece);
    let crates = RegisterStore { store: code(STORE), capacity: pieces };
    assert_eq!(refused(yard.say(yard.warehouse, crates.into())), Code::UnitMismatch);
    assert_eq!(refused(yard.say(yard.warehouse, store("S-3", 0))), Code::QuantityZero);
    let of_pieces = RegisterStore { store: code("S-4"), capacity: pieces };
    yard.accept(yard.warehouse, of_pieces.into());
    let into = AcceptToStore { store: code("S-4"), ..acceptance(lot, yard.insurer) };
    assert_eq!(refused(yard.say(yard.warehouse, into.into())), Code::UnitMismatch);
    let no = PARTIES.no(&yard.world.view, &yard.warehouse).expect("known");
    let key = (no, registries::key(&code(STORE)));
    let kept = STORES.get(&yard.world.view, &key).expect("registered");
    assert_eq!(kept.capacity, grams(CAPACITY));
}

#[test]
fn goods_are_stored_insured_and_by_an_insurer() {
    let mut yard = Yard::new();
    let lot = yard.graded(400);
    let full = acceptance(lot, yard.insurer);
    let until =
        |day: &str, insurer| Some(Insurance { insurer, policy: code("P-2"), until: date(day) });
    for (insurance, expected) in [
        (None, Code::InsuranceMissing),
        (until("2026-01-04", yard.insurer), Code::InsuranceMissing),
        (until("2026-01-05", yard.cooperative), Code::NotAuthorised),
    ] {
        let command = AcceptToStore { insurance, ..full.clone() };
        assert_eq!(refused(yard.say(yard.warehouse, command.into())), expected);
    }
    let last_day = AcceptToStore { insurance: until("2026-01-05", yard.insurer), ..full };
    yard.accept(yard.warehouse, last_day.into());
}

#[test]
fn insurance_is_renewed_for_goods_in_store() {
    let mut yard = Yard::new();
    let (graded, stored) = (yard.graded(400), yard.stored(400));
    let renewal = |lot, day: &str, yard: &Yard| RenewInsurance {
        lot,
        insurance: Insurance { insurer: yard.insurer, policy: code("P-3"), until: date(day) },
    };
    let command = renewal(graded, "2027-12-31", &yard);
    assert_eq!(refused(yard.say(yard.warehouse, command.into())), Code::InvalidState);
    let command = renewal(stored, "2027-12-31", &yard);
    let another = yard.world.party(21, &[Role::Warehouse]);
    assert_eq!(refused(yard.say(another, command.clone().into())), Code::NotAuthorised);
    yard.accept(yard.warehouse, command.into());
    let value = LOTS.find(&yard.world.view, &stored).expect("known").value;
    assert_eq!(value.storage().expect("stored").insured_until, date("2027-12-31"));
    yard.world.pass(Millis::days(1));
    let command = renewal(stored, "2026-01-05", &yard);
    assert_eq!(refused(yard.say(yard.warehouse, command.into())), Code::InsuranceMissing);
}
