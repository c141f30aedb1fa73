//! Products.

use super::*;

fn set(change: impl FnOnce(&mut SetProduct)) -> Result<Vec<areas::Event>, Refusal> {
    let mut world = world();
    let mut product = product();
    change(&mut product);
    two(&mut world, BANK, Command::from(product))
}

fn against(eligible: &[(&str, u32)]) -> List<Eligible, 1, { crate::credit::MAX_FEEDS }> {
    let eligible = eligible
        .iter()
        .map(|(feed, haircut)| Eligible { feed: code(feed), haircut_ppm: Ppm::new(*haircut) });
    List::new(eligible.collect()).expect("some")
}

#[test]
fn a_product_that_cannot_be_one_is_refused() {
    type Change = Box<dyn FnOnce(&mut SetProduct)>;
    let refusals: Vec<(Change, Refused)> = vec![
        (Box::new(|p| p.rate_ppm = Ppm::new(1_000_001)), Refused::ValidationFailed),
        (Box::new(|p| p.penalty_rate_ppm = Ppm::new(1_000_001)), Refused::ValidationFailed),
        (Box::new(|p| p.ltv_initial_ppm = Ppm::ZERO), Refused::LtvLadderNotRising),
        (Box::new(|p| p.ltv_warning_ppm = p.ltv_initial_ppm), Refused::LtvLadderNotRising),
        (Box::new(|p| p.ltv_call_ppm = p.ltv_warning_ppm), Refused::LtvLadderNotRising),
        (Box::new(|p| p.ltv_liquidation_ppm = p.ltv_call_ppm), Refused::LtvLadderNotRising),
        (Box::new(|p| p.ltv_liquidation_ppm = Ppm::new(1_000_001)), Refused::ValidationFailed),
        (
            Box::new(|p| p.waterfall = List::new(vec![Bucket::Fees; 8]).expect("eight")),
            Refused::ValidationFailed,
        ),
        (Box::new(|p| p.calendar = code("MARS")), Refused::NotRegistered),
        (Box::new(|p| p.collateral = against(&[("NOWHERE", 0)])), Refused::NotRegistered),
        (Box::new(|p| p.collateral = against(&[("DOLLARS", 0)])), Refused::CurrencyMismatch),
        (Box::new(|p| p.collateral = against(&[(FEED, 0), (FEED, 0)])), Refused::ValidationFailed),
        (Box::new(|p| p.collateral = against(&[(FEED, 1_000_001)])), Refused::ValidationFailed),
    ];
    for (change, why) in refusals {
        assert_eq!(refused(set(change)), why);
    }
    set(|p| {
        p.rate_ppm = Ppm::ONE;
        p.ltv_initial_ppm = Ppm::new(999_997);
        p.ltv_warning_ppm = Ppm::new(999_998);
        p.ltv_call_ppm = Ppm::new(999_999);
        p.ltv_liquidation_ppm = Ppm::ONE;
        p.waterfall = List::new(Bucket::ALL.iter().rev().copied().collect()).expect("eight");
        p.collateral = against(&[(FEED, 1_000_000)]);
    })
    .expect("the same at its boundaries");
}

#[test]
fn a_product_is_published_by_two_persons_of_a_bank() {
    let mut world = world();
    let alone = world.say(party(BANK), Command::from(product()));
    assert_eq!(refused(alone), Refused::MakerCheckerRequired);
    assert_eq!(refused(two(&mut world, COOP, Command::from(product()))), Refused::NotAuthorised);
}

/// INV-34: what was agreed stays agreed.
#[test]
fn a_facility_keeps_the_version_it_was_offered_under() {
    let mut world = world();
    let facility = offered(&mut world);
    let dearer = SetProduct { rate_ppm: Ppm::new(80_000), ..product() };
    two(&mut world, BANK, Command::from(dearer)).expect("the second version");
    let rate_of = |world: &World, facility| {
        let facility = FACILITIES.find(&world.view, &facility).expect("known").value;
        let product = crate::credit::product_of(&world.view, &facility).expect("known");
        (facility.product_version, product.rate_ppm.get())
    };
    assert_eq!(rate_of(&world, facility), (1, 65_000));
    let later = offered(&mut world);
    assert_eq!(rate_of(&world, later), (2, 80_000));
}
