//! Random histories: whatever a few parties ask in whatever order, the invariants hold after every accepted
//! command and every deadline, and a refused command changes nothing ([`House::signed`] checks both).

use std::collections::BTreeSet;

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use super::house::{House, code, draft, grams, pledge_id};
use crate::{
    areas,
    goods::LOTS,
    receipts::{
        AcceptReceipt, AcceptTransfer, CancelReceipt, Command, CompleteDelivery, ConvertToPaper,
        CountersignTransfer, DRAFTS, DeclineReceipt, Encumbrance, Event, FeesStated,
        GateOutMatched, HoldKind, Lifecycle, LiftHold, Medium, PlaceHold, ProposeTransfer,
        RECEIPTS, RELEASE_ORDERS, Receipt, ReceiptEnforced, ReceiptPledged, ReceiptReleased,
        ReceiptReserved, RecordGateOut, RejectTransfer, ReservationCancelled, ReturnFromPaper,
        ReverseSurrender, SignReceipt, SplitReceipt, SurrenderReceipt, TRANSFERS, WithdrawDraft,
        WithdrawTransfer, of_pledge,
    },
    state::Row,
    vocabulary::{Digest, Millis, PartyId, Ppm, ReceiptId, ReceiptNo},
    wire::{List, Message},
};

/// One step: what, by whom, to which object, how much.
#[derive(Debug, Clone, Copy)]
struct Step {
    act: u8,
    who: u8,
    which: u8,
    much: u16,
}

fn step() -> impl Strategy<Value = Step> {
    // Who is the holder more often than not, so that most of what is asked could be done.
    (0u8..24, 0u8..8, any::<u8>(), 1u16..1_200).prop_map(|(act, who, which, much)| Step {
        act,
        who,
        which,
        much,
    })
}

/// The receipts as they are.
fn receipts(house: &House) -> Vec<Row<ReceiptNo, Receipt>> {
    RECEIPTS.scan(&house.world().view, None, usize::MAX)
}

/// Some receipt: live ones more often than not.
fn some_receipt(house: &House, which: u8) -> Option<Receipt> {
    let all = receipts(house);
    let live: Vec<_> = all.iter().filter(|row| !row.value.lifecycle.is_terminal()).collect();
    let from = if which.is_multiple_of(8) || live.is_empty() { all.iter().collect() } else { live };
    let count = from.len();
    from.get(usize::from(which / 8) % count.max(1)).map(|row| row.value.clone())
}

fn someone(house: &House, who: u8, receipt: &Receipt) -> PartyId {
    let holder = crate::parties::id_of(&house.world().view, receipt.holder).expect("known");
    match who {
        0 => house.buyer,
        1 => house.keeper(),
        _ => holder,
    }
}

/// Plays a step; accepted or refused, either is right as long as the invariants hold.
fn play(house: &mut House, step: Step, number: usize) {
    let before = receipts(house);
    let events = match step.act {
        0..=2 => issue(house, step),
        3 => house.pass(Millis::hours(u32::from(step.much) % 12)),
        // A month now and then, a year seldom: enough for offers to lapse and receipts to expire.
        4 if step.which < 16 => house.pass(Millis::days(360)),
        4 if step.which < 64 => house.pass(Millis::days(30)),
        4 => Vec::new(),
        5..=7 => pledge(house, step),
        _ => match some_receipt(house, step.which) {
            Some(receipt) => dispose(house, step, &receipt, number),
            None => Vec::new(),
        },
    };
    check_history(&before, house, &events);
}

fn issue(house: &mut House, step: Step) -> Vec<areas::Event> {
    let lots = LOTS.scan(&house.world().view, None, usize::MAX);
    let lot = lots[usize::from(step.which) % lots.len()].value.id;
    let drafts = DRAFTS.scan(&house.world().view, &(), None, usize::MAX);
    let keeper = house.keeper();
    let result = match (step.act, drafts.first()) {
        (0, _) | (_, None) => house.say(keeper, draft(lot, u64::from(step.much))),
        (1, Some((receipt, _))) if step.who == 0 => {
            house.say(keeper, WithdrawDraft { receipt: *receipt })
        }
        (_, Some((receipt, _))) => {
            let person = 1 + step.who % 2;
            let sign = SignReceipt { receipt: *receipt, number: None };
            house.signed(keeper, &[(keeper, Some(person))], sign)
        }
    };
    result.unwrap_or_default()
}

/// What the area above does: reserve what may be pledged, confirm, cancel, release.
fn pledge(house: &mut House, step: Step) -> Vec<areas::Event> {
    let Some(receipt) = some_receipt(house, step.which) else { return Vec::new() };
    let (id, pledge) = (receipt.id, pledge_id(step.who % 3 + 1));
    let free = receipt.encumbrance == Encumbrance::Free
        && receipt.lifecycle == Lifecycle::Active
        && receipt.medium == Medium::Electronic
        && !receipt.holds.any_in_force(house.world().now)
        && of_pledge(&house.world().view, pledge).len() < 64;
    let now = house.world().now;
    let event: Event = match receipt.encumbrance {
        Encumbrance::Free if free => {
            ReceiptReserved { receipt: id, pledge, pledgee: house.bank, until_ms: now }.into()
        }
        Encumbrance::Reserved { pledge, .. } if step.act == 5 => {
            ReservationCancelled { receipt: id, pledge }.into()
        }
        Encumbrance::Reserved { pledge, .. } => ReceiptPledged {
            receipt: id,
            pledge,
            published_index: house.world().index,
            published_at_ms: now,
        }
        .into(),
        Encumbrance::Pledged { pledge, .. } if step.act == 5 => {
            ReceiptReleased { receipt: id, pledge }.into()
        }
        _ => return Vec::new(),
    };
    house.write(std::slice::from_ref(&event));
    vec![event.into()]
}

/// What holder, keeper, bank and court do with a receipt. The bank signs along half of the time.
fn dispose(house: &mut House, step: Step, of: &Receipt, number: usize) -> Vec<areas::Event> {
    let receipt = of.id;
    let who = someone(house, step.who, of);
    let bank = house.bank;
    let command: Command = match step.act {
        8 | 9 => AcceptReceipt { receipt }.into(),
        10 => DeclineReceipt { receipt }.into(),
        11 | 12 => ProposeTransfer {
            receipt,
            to: if step.much.is_multiple_of(3) { house.keeper() } else { house.buyer },
            fees_assumed: false,
            payment: None,
            expected_version: None,
        }
        .into(),
        13 | 14 => return move_transfer(house, step),
        15 | 16 => split(of, step).into(),
        17 => SurrenderReceipt { receipt, collector: code("C-1"), expected_version: None }.into(),
        18 => ReverseSurrender { receipt }.into(),
        19 | 20 => return deliver(house, step, number),
        21 => return hold(house, step, receipt),
        22 => return change_medium(house, of, number),
        _ => {
            let cancel = CancelReceipt { receipt, expected_version: None };
            return house.say(house.keeper(), cancel).unwrap_or_default();
        }
    };
    let with_bank = step.which.is_multiple_of(2) && matches!(step.act, 15..=17);
    let result =
        if with_bank { house.cosigned(who, bank, command) } else { house.say(who, command) };
    result.unwrap_or_default()
}

fn split(of: &Receipt, step: Step) -> SplitReceipt {
    let whole = of.net().amount();
    // Mostly right, now and then a gram too many.
    let first = u64::from(step.much) % whole.max(1);
    let second = whole - first + u64::from(step.which % 8 == 1);
    let parts = List::new(vec![grams(first), grams(second)]).expect("two");
    SplitReceipt { receipt: of.id, parts, expected_version: None }
}

fn move_transfer(house: &mut House, step: Step) -> Vec<areas::Event> {
    let transfers = TRANSFERS.scan(&house.world().view, None, usize::MAX);
    let Some(last) = transfers.last() else { return Vec::new() };
    let transfer = last.value.id;
    let id = |no| crate::parties::id_of(&house.world().view, no).expect("known");
    let (from, to) = (id(last.value.from), id(last.value.to));
    let result = match (step.act, step.much % 4) {
        (13, _) => house.say(house.keeper(), CountersignTransfer { transfer }),
        (_, 0) => house.say(from, WithdrawTransfer { transfer }),
        (_, 1) => house.say(to, RejectTransfer { transfer }),
        _ => house.say(to, AcceptTransfer { transfer }),
    };
    result.unwrap_or_default()
}

fn deliver(house: &mut House, step: Step, number: usize) -> Vec<areas::Event> {
    let orders = RELEASE_ORDERS.scan(&house.world().view, None, usize::MAX);
    let Some(row) = orders.get(usize::from(step.which) % orders.len().max(1)) else {
        return Vec::new();
    };
    let order = row.value.id;
    let receipt = RECEIPTS.get(&house.world().view, row.value.receipt).expect("a receipt");
    let holder = crate::parties::id_of(&house.world().view, receipt.holder).expect("known");
    let keeper = house.keeper();
    let result = if step.act == 19 {
        let out = RecordGateOut {
            order,
            // Now and then a ticket that was used before.
            ticket: code(&format!(
                "G-{}",
                number - usize::from(step.which.is_multiple_of(5)).min(number)
            )),
            quantity: grams(u64::from(step.much)),
            collector: code("C-1"),
            occurred_at_ms: house.world().now,
        };
        house.by_two(keeper, out)
    } else if holder == keeper {
        house.say(keeper, CompleteDelivery { order })
    } else {
        house.cosigned(keeper, holder, CompleteDelivery { order })
    };
    result.unwrap_or_default()
}

fn hold(house: &mut House, step: Step, receipt: ReceiptId) -> Vec<areas::Event> {
    let court = house.court;
    let kind = HoldKind::Court;
    let result = if step.much.is_multiple_of(2) {
        let evidence = Digest([1; 32]);
        let until_ms = Some(house.world().now.after(Millis::days(5)));
        house.say(court, PlaceHold { receipt, kind, order: code("O-1"), evidence, until_ms })
    } else {
        house.say(court, LiftHold { receipt, kind, order: code("O-2") })
    };
    result.unwrap_or_default()
}

fn change_medium(house: &mut House, of: &Receipt, number: usize) -> Vec<areas::Event> {
    let holder = crate::parties::id_of(&house.world().view, of.holder).expect("known");
    let (keeper, receipt) = (house.keeper(), of.id);
    if holder == keeper {
        return Vec::new();
    }
    let result = match &of.medium {
        Medium::Electronic => {
            let form = code(&format!("F-{number}"));
            let command = ConvertToPaper { receipt, form, expected_version: None };
            house.cosigned(holder, keeper, command)
        }
        Medium::PaperOut { form } => {
            let command = ReturnFromPaper { receipt, form: form.clone() };
            house.cosigned(keeper, holder, command)
        }
    };
    result.unwrap_or_default()
}

/// What must be true between a state and the next: INV-11, INV-13, INV-14, and that numbers and publicity
/// stay.
fn check_history(before: &[Row<ReceiptNo, Receipt>], house: &House, events: &[areas::Event]) {
    let after = receipts(house);
    assert!(after.len() >= before.len(), "no receipt is ever forgotten");
    for (old, new) in before.iter().zip(&after) {
        let (old, new) = (&old.value, &new.value);
        assert_eq!((old.id, &old.number, old.nominal), (new.id, &new.number, new.nominal));
        assert!(new.version >= old.version, "versions only rise");
        assert!(old == new || new.version > old.version, "a change counts");
        if old.lifecycle.is_terminal() {
            assert_eq!(old, new, "INV-13 {} was over", old.id);
        }
        if old.holder != new.holder {
            let transferred = events.iter().any(|event| match event {
                areas::Event::Receipts(Event::ReceiptTransferred(event)) => event.receipt == old.id,
                _ => false,
            });
            assert!(transferred, "INV-11 {} changed hands", old.id);
        }
        if let (Encumbrance::Pledged { since: was, .. }, Encumbrance::Pledged { since: is, .. }) =
            (old.encumbrance, new.encumbrance)
        {
            assert_eq!(was, is, "INV-23 publicity of {}", old.id);
        }
        let held = old.holds.any_in_force(house.world().now);
        let disposed = old.holder != new.holder
            || (new.lifecycle == Lifecycle::Superseded && old.lifecycle != new.lifecycle)
            || (new.lifecycle.name() == "SURRENDERED" && old.lifecycle != new.lifecycle);
        assert!(!(held && disposed), "INV-14 {} was held", old.id);
    }
}

/// A house with three lots and a receipt on each, and what became of it.
fn play_all(steps: Vec<Step>) -> House {
    let mut house = House::new();
    house.profile(|profile| profile.release_tolerance_ppm = Ppm::new(50_000));
    for received in [1_000, 700, 3_000] {
        let lot = house.yard.stored(received);
        house.issued_on(lot, 600);
    }
    for (number, step) in steps.into_iter().enumerate() {
        play(&mut house, step, number);
    }
    house
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..100)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_history_breaks_an_invariant(steps in steps()) {
        play_all(steps);
    }
}

/// The histories above are worth something: they reach every event that a party's command can lead to.
#[test]
fn random_histories_reach_every_process_of_the_trade() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..40 {
        let steps = steps().new_tree(&mut runner).expect("steps").current();
        seen.extend(play_all(steps).world().history.iter().map(areas::Event::type_name));
    }
    // Pledges and shipments emit the first two; fees have tests of their own.
    let others = [ReceiptEnforced::NAME, GateOutMatched::NAME, FeesStated::NAME];
    let missing: Vec<&str> = Event::SPECS
        .iter()
        .map(|spec| spec.name)
        .filter(|name| !seen.contains(name) && !others.contains(name))
        .collect();
    assert!(missing.is_empty(), "never reached: {missing:?}");
}
