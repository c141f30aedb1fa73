//! Delivery: gate-outs and the end of a receipt (R14, R15).

use super::house::{House, code, grams, pledge_id, release_order, surrender};
use crate::{
    areas,
    goods::{Account, LOTS},
    parties::Role,
    receipts::{
        CompleteDelivery, Encumbrance, Event, GateOutMatched, HoldKind, Lifecycle, LiftHold,
        PlaceHold, Receipt, RecordGateOut, ReverseSurrender, gate_out, of_pledge,
    },
    refusal::{Code, Refusal},
    testing::refused,
    vocabulary::{Digest, Id, Millis, Ppm, Quantity, ReceiptId, ReleaseOrderId, ShipmentId, Unit},
};

fn out(house: &House, order: ReleaseOrderId, ticket: &str, quantity: u64) -> RecordGateOut {
    RecordGateOut {
        order,
        ticket: code(ticket),
        quantity: grams(quantity),
        collector: code("C-1"),
        occurred_at_ms: house.world().now,
    }
}

/// Two persons of the keeper let goods out.
fn let_out(
    house: &mut House,
    order: ReleaseOrderId,
    ticket: &str,
    quantity: u64,
) -> Result<Vec<areas::Event>, Refusal> {
    let command = out(house, order, ticket, quantity);
    house.by_two(house.keeper(), command)
}

/// Keeper and depositor complete a delivery.
fn complete(house: &mut House, order: ReleaseOrderId) -> Result<Vec<areas::Event>, Refusal> {
    house.cosigned(house.keeper(), house.depositor(), CompleteDelivery { order })
}

/// What the lot of a receipt holds on an account.
fn balance(house: &House, receipt: ReceiptId, account: Account) -> u64 {
    let lot = LOTS.get(&house.world().view, house.receipt(receipt).lot).expect("a lot");
    lot.accounts.balance(account).amount()
}

#[test]
fn goods_leave_in_parts_until_the_delivery_is_complete() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let order = house.surrendered(receipt);
    let_out(&mut house, order, "G-1", 600).expect("accepted");
    assert_eq!(balance(&house, receipt, Account::Delivered), 600);
    let_out(&mut house, order, "G-2", 400).expect("accepted");
    complete(&mut house, order).expect("accepted");
    assert_eq!(house.receipt(receipt).lifecycle, Lifecycle::Delivered);
    let lot = LOTS.get(&house.world().view, house.receipt(receipt).lot).expect("a lot");
    assert!(lot.is_exhausted());
    // Nothing leaves on an order that is completed, and no receipt is delivered twice.
    assert_eq!(refused(let_out(&mut house, order, "G-3", 1)), Code::NoReleaseOrder);
    assert_eq!(refused(complete(&mut house, order)), Code::NoReleaseOrder);
}

#[test]
fn nothing_leaves_without_an_open_release_order() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let unknown = ReleaseOrderId::from_bytes([9; 16]);
    assert_eq!(refused(let_out(&mut house, unknown, "G-1", 1)), Code::NoReleaseOrder);
    let order = house.surrendered(receipt);
    house.accept(house.depositor(), ReverseSurrender { receipt });
    assert_eq!(refused(let_out(&mut house, order, "G-1", 1)), Code::NoReleaseOrder);
}

#[test]
fn two_persons_of_the_keepers_gate_let_goods_out() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let order = house.surrendered(receipt);
    let command = out(&house, order, "G-1", 100);
    let alone = house.say(house.keeper(), command.clone());
    assert_eq!(refused(alone), Code::MakerCheckerRequired);
    let gate = house.yard.world.party(70, &[Role::Gate]);
    let stranger = house.by_two(gate, command.clone());
    assert_eq!(refused(stranger), Code::NotAuthorised);
    let other_keeper = house.yard.world.party(21, &[Role::Warehouse]);
    assert_eq!(refused(house.by_two(other_keeper, command.clone())), Code::NotAuthorised);
    for party in [gate, other_keeper] {
        house.yard.relate(party, house.keeper());
    }
    // Of the keeper's group, but no gate of its.
    assert_eq!(refused(house.by_two(other_keeper, command.clone())), Code::NotAuthorised);
    house.by_two(gate, command).expect("accepted");
}

#[test]
fn only_the_collector_whom_the_holder_named_gets_the_goods() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let order = house.surrendered(receipt);
    let another = RecordGateOut { collector: code("C-2"), ..out(&house, order, "G-1", 100) };
    assert_eq!(refused(house.by_two(house.keeper(), another)), Code::CollectorMismatch);
}

#[test]
fn no_more_leaves_than_the_order_says() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let order = house.surrendered(receipt);
    let_out(&mut house, order, "G-1", 300).expect("accepted");
    let refusal = let_out(&mut house, order, "G-2", 701).expect_err("one gram too many");
    assert_eq!(
        (refusal.code, refusal.facts.limit, refusal.facts.actual),
        (Code::OverRelease, Some(700), Some(701))
    );
    assert_eq!(refused(let_out(&mut house, order, "G-2", 0)), Code::QuantityZero);
    let litres = Quantity::new(1, Unit::Millilitre);
    let litres = RecordGateOut { quantity: litres, ..out(&house, order, "G-2", 1) };
    assert_eq!(refused(house.by_two(house.keeper(), litres)), Code::UnitMismatch);
    let_out(&mut house, order, "G-2", 700).expect("accepted");
}

#[test]
fn what_goes_beyond_an_order_never_comes_out_of_anothers_goods() {
    let mut house = House::new();
    house.profile(|profile| profile.release_tolerance_ppm = Ppm::new(10_000));
    // All of the first lot is receipted; 8 g of the second are not; of the third more than any tolerance.
    for (received, most) in [(1_000, 1_000), (1_008, 1_008), (2_000, 1_010)] {
        let lot = house.yard.stored(received);
        let receipt = house.issued_on(lot, 1_000);
        let order = house.surrendered(receipt);
        let ticket = |n: u8| format!("G-{received}-{n}");
        let_out(&mut house, order, &ticket(1), 990).expect("accepted");
        let over = let_out(&mut house, order, &ticket(2), most - 990 + 1);
        assert_eq!(refused(over), Code::OverRelease, "of {received}");
        let_out(&mut house, order, &ticket(2), most - 990).expect("accepted");
        let again = let_out(&mut house, order, &ticket(3), 1);
        assert_eq!(refused(again), Code::OverRelease, "the tolerance is used up");
        assert_eq!(balance(&house, receipt, Account::Delivered), most);
        complete(&mut house, order).expect("accepted");
    }
}

#[test]
fn a_weigh_ticket_lets_goods_out_once() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let order = house.surrendered(receipt);
    let_out(&mut house, order, "G-1", 100).expect("accepted");
    assert_eq!(refused(let_out(&mut house, order, "G-1", 100)), Code::DuplicateWeighTicket);
    // Nor does one that weighed goods in on the keeper's scale.
    assert_eq!(refused(let_out(&mut house, order, "T-1", 100)), Code::DuplicateWeighTicket);
    let early = house.world().now.after(Millis(1));
    let early = RecordGateOut { occurred_at_ms: early, ..out(&house, order, "G-2", 1) };
    assert_eq!(refused(house.by_two(house.keeper(), early)), Code::OccurredAtRefused);
}

#[test]
fn a_hold_stops_goods_at_the_gate() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let order = house.surrendered(receipt);
    let_out(&mut house, order, "G-1", 1_000).expect("accepted");
    let (kind, evidence) = (HoldKind::Court, Digest([1; 32]));
    let hold = PlaceHold { receipt, kind, order: code("O-1"), evidence, until_ms: None };
    house.accept(house.court, hold);
    assert_eq!(refused(let_out(&mut house, order, "G-2", 1)), Code::HoldInForce);
    assert_eq!(refused(complete(&mut house, order)), Code::HoldInForce);
    house.accept(house.court, LiftHold { receipt, kind, order: code("O-2") });
    complete(&mut house, order).expect("accepted");
}

#[test]
fn a_delivery_is_complete_when_keeper_and_holder_say_so() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let order = house.surrendered(receipt);
    let_out(&mut house, order, "G-1", 1_000).expect("accepted");
    let command = CompleteDelivery { order };
    let (keeper, depositor) = (house.keeper(), house.depositor());
    assert_eq!(refused(house.say(keeper, command.clone())), Code::HolderSignatureRequired);
    let with_another = house.cosigned(keeper, house.buyer, command.clone());
    assert_eq!(refused(with_another), Code::HolderSignatureRequired);
    let other = house.yard.world.party(21, &[Role::Warehouse]);
    let by_another = house.cosigned(other, depositor, command.clone());
    assert_eq!(refused(by_another), Code::NotAuthorised);
    house.cosigned(keeper, depositor, command).expect("accepted");
}

#[test]
fn what_is_missing_within_tolerance_is_shrink_first_and_loss_beyond() {
    // The tolerance is 0.5%: 5,000 g of 1,000,000 g. The loss standard of 2% a year allows 54 g a day.
    for (days, missing, shrink, loss) in
        [(0, 5_000, 0, 5_000), (10, 5_000, 547, 4_453), (92, 5_000, 5_000, 0), (10, 500, 500, 0)]
    {
        let mut house = House::new();
        let receipt = house.issued(1_000_000);
        house.pass(Millis::days(days));
        let order = house.surrendered(receipt);
        let_out(&mut house, order, "G-1", 1_000_000 - 5_001).expect("accepted");
        let refusal = complete(&mut house, order).expect_err("one gram too many is missing");
        assert_eq!(
            (refusal.code, refusal.facts.limit, refusal.facts.actual),
            (Code::DeliveryIncomplete, Some(5_000), Some(5_001))
        );
        let_out(&mut house, order, "G-2", 5_001 - missing).expect("accepted");
        let events = complete(&mut house, order).expect("accepted");
        let [areas::Event::Receipts(Event::ReceiptDelivered(delivered))] = events.as_slice() else {
            panic!("{events:?}")
        };
        assert_eq!(
            (delivered.shrink, delivered.loss, delivered.delivered),
            (grams(shrink), grams(loss), grams(1_000_000 - missing)),
            "after {days} days"
        );
        assert_eq!(balance(&house, receipt, Account::ShrinkAllowed), shrink);
        assert_eq!(balance(&house, receipt, Account::LossRecognised), loss);
    }
}

#[test]
fn what_shrank_before_leaves_less_to_shrink() {
    let mut house = House::new();
    let receipt = house.issued(1_000_000);
    let day_36 = house.world().now.after(Millis::days(36));
    let fresh = house.receipt(receipt);
    // 2% a year: 20,000 g × 36/365 = 1,972.6 g.
    assert_eq!(fresh.shrink_allowed(day_36), 1_972);
    let shrunk = Receipt { shrink_applied: 1_900, ..fresh.clone() };
    assert_eq!((shrunk.shrink_allowed(day_36), shrunk.net()), (72, grams(998_100)));
    let used_up = Receipt { shrink_applied: 1_973, ..fresh };
    assert_eq!(used_up.shrink_allowed(day_36), 0);
}

#[test]
fn a_surrender_is_not_taken_back_when_goods_have_left() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let order = house.surrendered(receipt);
    let_out(&mut house, order, "G-1", 1).expect("accepted");
    let reverse = house.say(house.depositor(), ReverseSurrender { receipt });
    assert_eq!(refused(reverse), Code::GoodsAlreadyReleased);
}

#[test]
fn a_pledge_ends_with_the_delivery_of_its_goods() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    house.pledge(receipt, pledge_id(1));
    let (depositor, bank) = (house.depositor(), house.bank);
    let surrendered = house.cosigned(depositor, bank, surrender(receipt)).expect("accepted");
    let order = release_order(&surrendered);
    let_out(&mut house, order, "G-1", 1_000).expect("accepted");
    let events = complete(&mut house, order).expect("accepted");
    let [_, areas::Event::Receipts(Event::ReceiptReleased(released))] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!((released.receipt, released.pledge), (receipt, pledge_id(1)));
    assert_eq!(house.receipt(receipt).encumbrance, Encumbrance::Free);
    assert!(of_pledge(&house.world().view, pledge_id(1)).is_empty());
}

#[test]
fn a_gate_out_is_matched_by_one_shipment() {
    let mut house = House::new();
    let receipt = house.issued(1_000);
    let order = house.surrendered(receipt);
    let_out(&mut house, order, "G-1", 1_000).expect("accepted");
    let (keeper, ticket) = (house.no(house.keeper()), code("G-1"));
    let found = gate_out(&house.world().view, keeper, &ticket).expect("it left");
    assert_eq!((found.quantity, found.matched), (grams(1_000), None));
    let shipment = ShipmentId::from_bytes([3; 16]);
    let matched = GateOutMatched { keeper: house.keeper(), ticket: ticket.clone(), shipment };
    house.write(&[matched.into()]);
    let found = gate_out(&house.world().view, keeper, &ticket).expect("it left");
    assert_eq!(found.matched, Some(shipment));
    assert_eq!(gate_out(&house.world().view, keeper, &code("G-2")), None);
}
