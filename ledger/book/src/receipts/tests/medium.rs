//! Medium: a receipt is here or on paper (R24).

use super::house::{House, code, grams, pledge_id, surrender};
use crate::{
    receipts::{ConvertToPaper, Medium, ProposeTransfer, ReturnFromPaper, SplitReceipt},
    refusal::Code,
    testing::refused,
    vocabulary::ReceiptId,
    wire::List,
};

fn print(receipt: ReceiptId, form: &str) -> ConvertToPaper {
    ConvertToPaper { receipt, form: code(form), expected_version: None }
}

fn bring_back(receipt: ReceiptId, form: &str) -> ReturnFromPaper {
    ReturnFromPaper { receipt, form: code(form) }
}

#[test]
fn holder_and_keeper_put_a_receipt_on_paper_and_take_it_back() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let (holder, keeper) = (house.depositor(), house.keeper());
    let alone = house.say(holder, print(receipt, "F-1"));
    assert_eq!(refused(alone), Code::KeeperSignatureRequired);
    let by_another = house.cosigned(house.buyer, keeper, print(receipt, "F-1"));
    assert_eq!(refused(by_another), Code::NotAuthorised);
    let stale = ConvertToPaper { expected_version: Some(99), ..print(receipt, "F-1") };
    assert_eq!(refused(house.cosigned(holder, keeper, stale)), Code::StaleVersion);
    house.cosigned(holder, keeper, print(receipt, "F-1")).expect("accepted");
    assert_eq!(house.receipt(receipt).medium, Medium::PaperOut { form: code("F-1") });

    let other_form = house.cosigned(keeper, holder, bring_back(receipt, "F-2"));
    assert_eq!(refused(other_form), Code::MediumConflict);
    let alone = house.say(keeper, bring_back(receipt, "F-1"));
    assert_eq!(refused(alone), Code::HolderSignatureRequired);
    house.cosigned(keeper, holder, bring_back(receipt, "F-1")).expect("accepted");
    assert_eq!(house.receipt(receipt).medium, Medium::Electronic);
    let again = house.cosigned(keeper, holder, bring_back(receipt, "F-1"));
    assert_eq!(refused(again), Code::MediumConflict);
}

#[test]
fn a_form_is_printed_once() {
    let mut house = House::new();
    let (first, second) = (house.issued(1_000), house.issued(1_000));
    let (holder, keeper) = (house.depositor(), house.keeper());
    house.cosigned(holder, keeper, print(first, "F-1")).expect("accepted");
    house.cosigned(keeper, holder, bring_back(first, "F-1")).expect("accepted");
    for receipt in [first, second] {
        let again = house.cosigned(holder, keeper, print(receipt, "F-1"));
        assert_eq!(refused(again), Code::NumberReused);
    }
    house.cosigned(holder, keeper, print(second, "F-2")).expect("accepted");
}

#[test]
fn nothing_is_done_here_to_a_receipt_on_paper() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let (holder, keeper) = (house.depositor(), house.keeper());
    house.cosigned(holder, keeper, print(receipt, "F-1")).expect("accepted");
    let to = house.buyer;
    let offer =
        ProposeTransfer { receipt, to, fees_assumed: false, payment: None, expected_version: None };
    let parts = List::new(vec![grams(500), grams(500)]).expect("two");
    let split = SplitReceipt { receipt, parts, expected_version: None };
    assert_eq!(refused(house.say(holder, offer)), Code::MediumConflict);
    assert_eq!(refused(house.say(holder, split)), Code::MediumConflict);
    assert_eq!(refused(house.say(holder, surrender(receipt))), Code::MediumConflict);
    let twice = house.cosigned(holder, keeper, print(receipt, "F-2"));
    assert_eq!(refused(twice), Code::MediumConflict);
    // It runs out on paper too, and comes back to be surrendered.
    house.pass_validity();
    assert_eq!(refused(house.say(holder, surrender(receipt))), Code::MediumConflict);
    house.cosigned(keeper, holder, bring_back(receipt, "F-1")).expect("accepted");
    house.surrendered(receipt);
}

#[test]
fn an_encumbered_receipt_stays_here() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    house.pledge(receipt, pledge_id(1));
    let result = house.cosigned(house.depositor(), house.keeper(), print(receipt, "F-1"));
    assert_eq!(refused(result), Code::Encumbered);
}
