//! Prices: given, when, then.

use proptest::prelude::*;

use super::{
    Command, ConfirmPrice, ObservePrice, PRICES, Price, RejectPrice, Stage, is_fresh, latest,
};
use crate::{
    areas::Event,
    parties::Role,
    refusal::{Code, Refusal},
    registries::{self, SetPriceFeed},
    testing::{START, World, party, refused},
    vocabulary::{Currency, Millis, PartyId, Ppm, PriceId, Quantity, Time, Unit},
};

const SOURCE: u8 = 1;
const REGISTRAR: u8 = 250;
const FEED: &str = "XINFADI/GARLIC";
const MAX_AGE: Millis = Millis::days(2);

/// A source with a feed of garlic in yuan: stale after two days, quarantined above 10%.
fn world() -> (World, PartyId) {
    let mut world = World::new();
    let source = world.party(SOURCE, &[Role::PriceSource]);
    world.commodity("GARLIC");
    let feed = registries::Command::from(SetPriceFeed {
        code: FEED.parse().expect("a code"),
        source,
        commodity: "GARLIC".parse().expect("a code"),
        grade: None,
        place: "BEIJING".parse().expect("a code"),
        currency: Currency::CNY,
        max_age_ms: MAX_AGE,
        max_deviation_ppm: Ppm::new(100_000),
    });
    world.say(party(REGISTRAR), feed).expect("accepted");
    (world, source)
}

fn grams(amount: u64) -> Quantity {
    Quantity::new(amount, Unit::Gram)
}

fn price(minor_units: u64, per: u64) -> Price {
    Price { minor_units, per: grams(per) }
}

fn observe(price: Price, observed_at: Time) -> Command {
    let feed = FEED.parse().expect("a code");
    Command::ObservePrice(ObservePrice { feed, price, observed_at_ms: observed_at })
}

fn confirm(price: PriceId) -> Command {
    Command::ConfirmPrice(ConfirmPrice { price })
}

fn reject(price: PriceId) -> Command {
    Command::RejectPrice(RejectPrice { price, reason: "TYPING-ERROR".parse().expect("a code") })
}

fn id_of(said: Result<Vec<Event>, Refusal>) -> PriceId {
    match said.expect("accepted").as_slice() {
        [Event::Prices(super::Event::PriceObserved(observed)), _] => observed.price_id,
        events => panic!("not an observation: {events:?}"),
    }
}

fn stage(world: &World, id: PriceId) -> Stage {
    PRICES.find(&world.view, &id).expect("observed").value.stage
}

fn counting(world: &World) -> Option<PriceId> {
    let feed = registries::feed(&world.view, &FEED.parse().expect("a code")).expect("set");
    latest(&world.view, feed.no).map(|price| price.id)
}

#[test]
fn a_price_that_cannot_be_one_is_refused() {
    let (mut world, source) = world();
    let largest = Price::MAX_MINOR_UNITS;
    let pieces = Price { minor_units: 1, per: Quantity::new(1, Unit::Piece) };
    for (price, why) in [
        (price(0, 500), Code::AmountZero),
        (price(largest + 1, 500), Code::ValidationFailed),
        (price(1_275, 0), Code::QuantityZero),
        (pieces, Code::UnitMismatch),
    ] {
        assert_eq!(refused(world.say(source, observe(price, START))), why);
    }
    assert_eq!(counting(&world), None);
    assert!(world.say(source, observe(price(largest, 500), START)).is_ok());
}

#[test]
fn only_the_feeds_source_publishes_in_it() {
    let (mut world, _) = world();
    let other = world.party(2, &[Role::PriceSource]);
    let bank = world.party(3, &[Role::Bank]);
    let quote = observe(price(1_275, 5_000), START);
    assert_eq!(refused(world.say(other, quote.clone())), Code::NotFeedSource);
    assert_eq!(refused(world.say(bank, quote)), Code::NotAuthorised);
    let unknown = Command::ObservePrice(ObservePrice {
        feed: "NOWHERE".parse().expect("a code"),
        price: price(1, 1),
        observed_at_ms: START,
    });
    assert_eq!(refused(world.say(other, unknown)), Code::NotRegistered);
}

#[test]
fn a_price_may_be_historic_but_neither_of_the_future_nor_before_the_last_accepted() {
    let (mut world, source) = world();
    let long_ago = Time::from_ms(START.ms() - Millis::days(7_305).0);
    let quote = |at: Time| observe(price(1_000, 5_000), at);
    let before_the_window = Time::from_ms(long_ago.ms() - 1);
    assert_eq!(refused(world.say(source, quote(before_the_window))), Code::OccurredAtRefused);
    let tomorrow = START.after(Millis(1));
    assert_eq!(refused(world.say(source, quote(tomorrow))), Code::OccurredAtRefused);
    let first = id_of(world.say(source, quote(long_ago.after(Millis(5)))));
    assert_eq!(refused(world.say(source, quote(long_ago.after(Millis(4))))), Code::PriceOutOfOrder);
    assert_eq!(counting(&world), Some(first));
    // A second quote of the same moment takes the first one's place.
    let second = id_of(world.say(source, quote(long_ago.after(Millis(5)))));
    assert_eq!(counting(&world), Some(second));
}

#[test]
fn a_price_that_strays_above_the_limit_waits_and_the_last_one_counts_on() {
    for (quote, strays) in [
        (price(1_100, 5_000), false),
        (price(900, 5_000), false),
        // 1,100.1 and 899.9 per 5,000 g.
        (price(11_001, 50_000), true),
        (price(8_999, 50_000), true),
    ] {
        let (mut world, source) = world();
        let first = id_of(world.say(source, observe(price(1_000, 5_000), START)));
        let next = id_of(world.say(source, observe(quote.clone(), START)));
        assert_eq!(stage(&world, next) == Stage::Quarantined, strays, "{quote:?}");
        assert_eq!(counting(&world), Some(if strays { first } else { next }), "{quote:?}");
    }
}

#[test]
fn a_quarantined_price_is_confirmed_by_a_second_person_or_the_registrar() {
    let (mut world, source) = world();
    let registrar = party(REGISTRAR);
    let other = world.party(2, &[Role::PriceSource]);
    world.say(source, observe(price(1_000, 5_000), START)).expect("accepted");
    let first = id_of(world.say(source, observe(price(2_000, 5_000), START)));
    assert_eq!(refused(world.say(source, confirm(first))), Code::MakerCheckerRequired);
    assert_eq!(refused(world.say(other, confirm(first))), Code::NotFeedSource);
    assert_eq!(
        refused(world.say_with(source, &[(source, None)], confirm(first))),
        Code::SignersMismatch
    );
    world.say_with(source, &[(source, Some(2))], confirm(first)).expect("accepted");
    assert_eq!(counting(&world), Some(first));
    let second = id_of(world.say(source, observe(price(1_000, 5_000), START)));
    world.say(registrar, confirm(second)).expect("accepted");
    assert_eq!(counting(&world), Some(second));
    // What a service published, any person of the source may confirm.
    let third = id_of(world.say_with(source, &[(source, None)], observe(price(9, 5_000), START)));
    world.say(source, confirm(third)).expect("accepted");
    assert_eq!(counting(&world), Some(third));
}

#[test]
fn a_judged_price_is_not_judged_again() {
    let (mut world, source) = world();
    let registrar = party(REGISTRAR);
    let first = id_of(world.say(source, observe(price(1_000, 5_000), START)));
    let second = id_of(world.say(source, observe(price(2_000, 5_000), START)));
    assert_eq!(refused(world.say(registrar, reject(first))), Code::InvalidState);
    world.say(source, reject(second)).expect("accepted");
    assert_eq!((stage(&world, second), counting(&world)), (Stage::Rejected, Some(first)));
    assert_eq!(refused(world.say(registrar, confirm(second))), Code::InvalidState);
    assert_eq!(refused(world.say(registrar, reject(second))), Code::InvalidState);
    let nothing = crate::vocabulary::Id::from_bytes([9; 16]);
    assert_eq!(refused(world.say(registrar, confirm(nothing))), Code::NotFound);
}

#[test]
fn a_price_confirmed_late_does_not_displace_a_later_one() {
    let (mut world, source) = world();
    world.say(source, observe(price(1_000, 5_000), START)).expect("accepted");
    world.pass(Millis(10));
    let strayed = id_of(world.say(source, observe(price(2_000, 5_000), world.now)));
    world.pass(Millis(1));
    let later = id_of(world.say(source, observe(price(1_050, 5_000), world.now)));
    assert_eq!(refused(world.say(party(REGISTRAR), confirm(strayed))), Code::PriceOutOfOrder);
    assert_eq!(counting(&world), Some(later));
}

#[test]
fn a_price_is_stale_one_millisecond_after_its_age() {
    let (mut world, source) = world();
    world.say(source, observe(price(1_000, 5_000), START)).expect("accepted");
    let feed = registries::feed(&world.view, &FEED.parse().expect("a code")).expect("set");
    let accepted = latest(&world.view, feed.no).expect("one");
    assert!(is_fresh(&world.view, feed.no, &accepted, START.after(MAX_AGE)));
    assert!(!is_fresh(&world.view, feed.no, &accepted, START.after(Millis(MAX_AGE.0 + 1))));
}

proptest! {
    /// The least number of millionths of the other price that the distance fits into.
    #[test]
    fn deviation_is_the_relative_distance_of_two_prices_rounded_up(
        a in 1u64..1_000_000, p in 1u64..10_000, b in 1u64..1_000_000, q in 1u64..10_000,
    ) {
        let deviation = price(a, p).deviation_ppm(&price(b, q)).expect("not nothing");
        let [a, p, b, q] = [a, p, b, q].map(u128::from);
        let fits = |ppm: u128| (a * q).abs_diff(b * p) * 1_000_000 <= ppm * b * p;
        prop_assert!(fits(deviation.into()));
        prop_assert!(deviation == 0 || !fits(u128::from(deviation) - 1));
    }

    /// Whatever is said, what a feed accepted never goes back in time, and nothing refused changes a thing.
    #[test]
    fn the_price_that_counts_never_goes_back(
        steps in prop::collection::vec((0u64..100, 1u64..3_000, 0u8..4, 0usize..8), 1..40),
    ) {
        let (mut world, source) = world();
        let mut ids: Vec<PriceId> = Vec::new();
        let mut last = None;
        for (back, minor, act, which) in steps {
            world.pass(Millis(50));
            let observed_at = Time::from_ms(world.now.ms() - back);
            let before = world.view.range(&[], None, usize::MAX);
            let known = ids.get(which).copied();
            let said = match (act, known) {
                (0, Some(id)) => world.say(party(REGISTRAR), confirm(id)),
                (1, Some(id)) => world.say(source, reject(id)),
                _ => world.say(source, observe(price(minor, 5_000), observed_at)),
            };
            match said {
                Ok(events) => ids.extend(events.iter().filter_map(|event| match event {
                    Event::Prices(super::Event::PriceObserved(observed)) => Some(observed.price_id),
                    _ => None,
                })),
                Err(_) => prop_assert_eq!(before, world.view.range(&[], None, usize::MAX)),
            }
            let feed = registries::feed(&world.view, &FEED.parse().expect("a code")).expect("set");
            let now = latest(&world.view, feed.no).map(|price| price.observed_at);
            prop_assert!(now >= last);
            last = now;
        }
    }
}
