//! Valuations and margin calls (domain.md section 6.4).

use super::*;
use crate::{
    credit::{DefaultCause, MarginCallOpened, ObstacleKind, SuspensionCause, WithdrawCall},
    pledges::tests::{change_receipt, confirm_control, hold, license, set_profile},
};

/// 60,000.00 drawn against 100,000.00 of garlic.
fn lent(world: &mut World) -> (FacilityId, LoanId) {
    let (facility, _) = secured(world);
    let loan = drawn(world, facility, 6_000_000);
    (facility, loan)
}

/// The call that a valuation opened.
fn opened(events: &[Event]) -> MarginCallOpened {
    match events {
        [Event::MarginCallOpened(opened), Event::FacilitySuspended(suspended)] => {
            assert_eq!(suspended.cause, SuspensionCause::MarginCall);
            opened.clone()
        }
        events => panic!("no call: {events:?}"),
    }
}

fn waive(call: CallId) -> Command {
    Command::WithdrawCall(WithdrawCall { call, reason: code("HARVEST-COMING") })
}

fn is_open(world: &World, facility: FacilityId) -> bool {
    matches!(stage(world, facility), Stage::Available { call: Some(_), .. })
}

#[test]
fn a_valuation_cites_its_prices_and_says_how_exposure_stands_to_value() {
    // 60,000.00 is 70% of 85,714.28..., 75% of 80,000.00 and 80% of 75,000.00.
    for (fen, value, ltv, status) in [
        (100, 10_000_000, 600_000, Status::Ok),
        (86, 8_600_000, 697_675, Status::Ok),
        (85, 8_500_000, 705_883, Status::Warning),
        (80, 8_000_000, 750_000, Status::Warning),
        (79, 7_900_000, 759_494, Status::Call),
        (75, 7_500_000, 800_000, Status::Call),
        (74, 7_400_000, 810_811, Status::Liquidation),
    ] {
        let mut world = world();
        let (facility, _) = lent(&mut world);
        price(&mut world, fen);
        let (valuation, _) = valued(&mut world, facility);
        assert_eq!(valuation.exposure, yuan(6_000_000));
        assert_eq!((valuation.value, valuation.ltv_ppm), (Some(yuan(value)), Some(ltv)), "{fen}");
        assert_eq!((valuation.status, valuation.prices.len()), (status, 1), "{fen}");
        assert_eq!(is_open(&world, facility), matches!(status, Status::Call | Status::Liquidation));
    }
}

#[test]
fn haircut_shrink_and_the_keepers_charges_lower_the_value() {
    let mut world = world();
    let haircut_ppm = Ppm::new(100_000);
    let collateral = List::new(vec![Eligible { feed: code(FEED), haircut_ppm }]).expect("one");
    two(&mut world, BANK, Command::from(SetProduct { collateral, ..product() })).expect("accepted");
    let receipt = receipt(&mut world, 1, HUNDRED_TONNES);
    let pledge = pledges::tests::accepted(&mut world, &[receipt]);
    let lien = Some(yuan(12_345));
    let confirm = pledges::Command::from(pledges::ConfirmControl { pledge, lien });
    world.say(party(pledges::tests::KEEPER), confirm).expect("accepted");
    let facility = offered(&mut world);
    world.say(party(COOP), sign(facility)).expect("accepted");
    world.say(party(BANK), satisfy(facility, pledge)).expect("accepted");
    change_receipt(&mut world, receipt, |receipt| receipt.shrink_applied = 1_000_001);
    let (valuation, _) = valued(&mut world, facility);
    // 98,999,999 g x 100 fen / 1,000 g x 0.9 = 8,909,999.91, less 12,345.
    assert_eq!(valuation.value, Some(yuan(8_909_999 - 12_345)));
    assert_eq!((valuation.status, valuation.ltv_ppm), (Status::Ok, Some(0)));
    // What the keeper states on the receipt since counts when it is more.
    for (fees, charges) in
        [(Some(yuan(12_344)), 12_345), (Some(yuan(12_346)), 12_346), (None, 12_345)]
    {
        change_receipt(&mut world, receipt, |receipt| receipt.fees_due = fees);
        let (valuation, _) = valued(&mut world, facility);
        assert_eq!(valuation.value, Some(yuan(8_909_999 - charges)), "{fees:?}");
    }
}

/// INV-36: an alarm, never a pass and never a value of nothing.
#[test]
fn what_cannot_be_valued_suspends_and_calls_nothing() {
    let mut world = world();
    let (facility, _) = lent(&mut world);
    world.pass(Millis(Millis::days(2).0 + 1));
    let (valuation, followed) = valued(&mut world, facility);
    assert_eq!((valuation.status, valuation.value), (Status::Unavailable, None));
    assert_eq!(valuation.obstacle.map(|no| no.kind), Some(ObstacleKind::PriceStale));
    assert_eq!(valuation.ltv_ppm, None);
    assert!(matches!(followed.as_slice(), [Event::FacilitySuspended(suspended)]
        if suspended.cause == SuspensionCause::Valuation));
    let (_, followed) = valued(&mut world, facility);
    assert!(followed.is_empty(), "said once");
    // Scenario 3: resumed on a fresh price, without a call.
    price(&mut world, 100);
    let (valuation, followed) = valued(&mut world, facility);
    assert_eq!(valuation.status, Status::Ok);
    assert!(matches!(followed.as_slice(), [Event::FacilityResumed(resumed)]
        if resumed.cause == SuspensionCause::Valuation));
    hold(&mut world, id(1), true).expect("accepted");
    let (valuation, _) = valued(&mut world, facility);
    assert_eq!(valuation.obstacle.map(|no| no.kind), Some(ObstacleKind::ReceiptNotOperable));
}

#[test]
fn a_receipt_that_no_feed_prices_has_no_value() {
    let mut world = world();
    let ginger = registries::SetCommodity {
        code: code("GINGER"),
        name: "Ginger".parse().expect("a label"),
        unit: Unit::Gram,
        grades: registries::commodity(&world.view, &code("GARLIC")).expect("known").value.grades,
        shrink_allowance_ppm: Ppm::ZERO,
    };
    world.say(party(250), registries::Command::from(ginger)).expect("accepted");
    license(&mut world, pledges::tests::KEEPER);
    let (facility, _) = secured(&mut world);
    let ginger = registries::commodity(&world.view, &code("GINGER")).expect("known").no;
    change_receipt(&mut world, id(1), |receipt| receipt.commodity = ginger);
    let (valuation, _) = valued(&mut world, facility);
    assert_eq!(valuation.obstacle.map(|no| no.kind), Some(ObstacleKind::PriceMissing));
}

/// A draw values afresh: what the last valuation could not say does not stop it.
#[test]
fn a_suspension_for_want_of_a_price_ends_with_the_draw_that_finds_one() {
    let mut world = world();
    let (facility, _) = secured(&mut world);
    world.pass(Millis(Millis::days(2).0 + 1));
    valued(&mut world, facility);
    assert!(matches!(stage(&world, facility), Stage::Available { by_valuation: true, .. }));
    price(&mut world, 100);
    requested(&mut world, facility, 100);
    assert!(matches!(stage(&world, facility), Stage::Available { by_valuation: false, .. }));
}

#[test]
fn a_call_asks_for_the_least_cash_that_brings_the_warning_line_back() {
    let mut world = world();
    let (facility, loan) = lent(&mut world);
    price(&mut world, 101);
    let waiting = requested(&mut world, facility, 1);
    price(&mut world, 79);
    let (_, followed) = valued(&mut world, facility);
    let opened = opened(&followed);
    // 70% of 79,000.00 is 55,300.00.
    assert_eq!(opened.amount, yuan(6_000_000 - 5_530_000));
    assert_eq!(opened.deadline_ms, world.now.after(Millis::days(3)));
    // INV-41: one at a time.
    let (_, followed) = valued(&mut world, facility);
    assert!(followed.is_empty());
    let ask = Command::from(drawdown(facility, 1));
    assert_eq!(refused(world.say(party(COOP), ask.clone())), Refused::MarginCallOpen);
    assert_eq!(refused(two(&mut world, BANK, approve(waiting))), Refused::MarginCallOpen);

    world.say(party(BANK), pay(loan, 469_999, "IN-1")).expect("accepted");
    assert_eq!(call_stage(&world, opened.call), CallStage::Open { outstanding: 1 });
    assert_eq!(refused(world.say(party(COOP), ask)), Refused::MarginCallOpen);
    world.say(party(BANK), pay(loan, 1, "IN-2")).expect("accepted");
    assert_eq!(call_stage(&world, opened.call), CallStage::Cured);
    assert!(!is_open(&world, facility));
    days(&mut world, 4);
    assert!(matches!(stage(&world, facility), Stage::Available { .. }), "it does not expire");
}

#[test]
fn a_call_is_cured_by_a_higher_price_or_by_further_receipts() {
    for by_price in [true, false] {
        let mut world = world();
        let (facility, _) = lent(&mut world);
        price(&mut world, 79);
        let (_, followed) = valued(&mut world, facility);
        let call = opened(&followed).call;
        if by_price {
            price(&mut world, 86);
        } else {
            let more = receipt(&mut world, 2, HUNDRED_TONNES);
            let pledge = pledges::tests::active(&mut world, &[more]);
            world.say(party(BANK), satisfy(facility, pledge)).expect("accepted");
        }
        let (_, followed) = valued(&mut world, facility);
        assert!(matches!(
            followed.as_slice(),
            [Event::MarginCallCured(_), Event::FacilityResumed(_)]
        ));
        assert_eq!(call_stage(&world, call), CallStage::Cured);
    }
}

/// INV-41: an expired call is an event of default.
#[test]
fn a_call_not_cured_in_time_is_an_event_of_default() {
    let mut world = world();
    let (facility, loan) = lent(&mut world);
    price(&mut world, 79);
    let (_, followed) = valued(&mut world, facility);
    let call = opened(&followed).call;
    days(&mut world, 2);
    price(&mut world, 79);
    days(&mut world, 1);
    assert!(is_open(&world, facility), "to the last millisecond");
    let fired = credit_events(world.pass(Millis(1)));
    assert!(matches!(
        fired.as_slice(),
        [
            Event::ValuationComputed(_),
            Event::MarginCallExpired(_),
            Event::EventOfDefault(default),
            Event::FacilityFrozen(_),
        ] if default.cause == DefaultCause::CallExpired
    ));
    assert_eq!(
        (stage(&world, facility), call_stage(&world, call)),
        (Stage::Frozen, CallStage::Expired)
    );
    let ask = Command::from(drawdown(facility, 1));
    assert_eq!(refused(world.say(party(COOP), ask)), Refused::InvalidState);
    price(&mut world, 60);
    let (valuation, followed) = valued(&mut world, facility);
    assert_eq!((valuation.status, followed.len()), (Status::Liquidation, 0), "no call in default");
    // What is owed is still paid.
    world.say(party(BANK), pay(loan, 6_100_000, "IN-1")).expect("accepted");
    assert!(matches!(loan_stage(&world, loan), LoanStage::Settled(_)));
}

#[test]
fn the_value_at_the_deadline_decides_and_no_value_is_no_cure() {
    for (fen, cured) in [(Some(86), true), (Some(85), false), (None, false)] {
        let mut world = world();
        set_profile(&mut world, |profile| profile.margin_call_ms = Millis::days(3));
        let (facility, _) = lent(&mut world);
        price(&mut world, 79);
        let (_, followed) = valued(&mut world, facility);
        let call = opened(&followed).call;
        days(&mut world, 2);
        if let Some(fen) = fen {
            price(&mut world, fen);
        }
        world.pass(Millis(Millis::days(1).0 + 1));
        let ended = if cured { CallStage::Cured } else { CallStage::Expired };
        assert_eq!(call_stage(&world, call), ended, "{fen:?}");
        assert_eq!(stage(&world, facility) == Stage::Frozen, !cured, "{fen:?}");
    }
}

#[test]
fn the_lender_waives_a_call_with_two_persons() {
    let mut world = world();
    let (facility, _) = lent(&mut world);
    price(&mut world, 79);
    let (_, followed) = valued(&mut world, facility);
    let call = opened(&followed).call;
    assert_eq!(refused(world.say(party(BANK), waive(call))), Refused::MakerCheckerRequired);
    assert_eq!(refused(two(&mut world, OTHER_BANK, waive(call))), Refused::NotLender);
    assert_eq!(refused(two(&mut world, BANK, waive(id(9)))), Refused::NotFound);
    two(&mut world, BANK, waive(call)).expect("accepted");
    assert_eq!(call_stage(&world, call), CallStage::Withdrawn);
    assert_eq!(refused(two(&mut world, BANK, waive(call))), Refused::InvalidState);
    world.pass(Millis(Millis::days(3).0 + 1));
    assert!(matches!(stage(&world, facility), Stage::Available { call: None, .. }));
    // A new valuation opens a new call.
    price(&mut world, 79);
    let (_, followed) = valued(&mut world, facility);
    assert_ne!(opened(&followed).call, call);
}

#[test]
fn where_the_product_says_so_the_last_line_is_default_without_a_call() {
    for (fen, frozen) in [(75, false), (74, true)] {
        let mut world = world();
        let strict = SetProduct { default_at_liquidation: true, ..product() };
        two(&mut world, BANK, Command::from(strict)).expect("accepted");
        let (facility, _) = lent(&mut world);
        price(&mut world, 79);
        let (_, followed) = valued(&mut world, facility);
        let call = opened(&followed).call;
        price(&mut world, fen);
        valued(&mut world, facility);
        assert_eq!(stage(&world, facility) == Stage::Frozen, frozen, "{fen}");
        assert_eq!(call_stage(&world, call) == CallStage::Expired, frozen, "{fen}");
    }
}

#[test]
fn only_a_facility_that_is_or_was_drawn_upon_is_valued() {
    let mut world = world();
    let receipt = receipt(&mut world, 1, 1_000);
    let facility = offered(&mut world);
    assert_eq!(refused(world.say(party(BUYER), value(facility))), Refused::InvalidState);
    world.say(party(COOP), sign(facility)).expect("accepted");
    assert_eq!(refused(world.say(party(BUYER), value(facility))), Refused::InvalidState);
    let pledge = pledges::tests::accepted(&mut world, &[receipt]);
    world.say(party(pledges::tests::KEEPER), confirm_control(pledge)).expect("accepted");
    world.say(party(BANK), satisfy(facility, pledge)).expect("accepted");
    valued(&mut world, facility);
    assert_eq!(refused(world.say(party(BUYER), value(id(9)))), Refused::NotFound);
}
