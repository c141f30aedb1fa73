//! Lending products: data on the chain, in versions.

use crate::{
    at::At,
    credit::{Event, ProductSet, SetProduct, refusal, state::product},
    refusal::{Code, Measure, Refusal},
    registries::{self},
    state::View,
    vocabulary::{Ppm, is_complete},
};

/// A lender publishes a product; the same code again makes the next version.
pub(super) fn set(
    view: &View<'_>,
    command: &SetProduct,
    at: &At<'_>,
) -> Result<Vec<Event>, Refusal> {
    check_rates(command)?;
    check_ladder(command)?;
    if !is_complete(&command.waterfall) {
        return Err(Refusal::new(Code::ValidationFailed).field("waterfall"));
    }
    registries::calendar(view, &command.calendar)?;
    for (place, eligible) in command.collateral.iter().enumerate() {
        let feed = registries::feed(view, &eligible.feed)?.value;
        if feed.currency != command.currency {
            return Err(Refusal::new(Code::CurrencyMismatch).field("collateral.feed"));
        }
        if command.collateral[..place].iter().any(|other| other.feed == eligible.feed) {
            return Err(Refusal::new(Code::ValidationFailed).field("collateral.feed"));
        }
        at_most("collateral.haircut_ppm", eligible.haircut_ppm, Ppm::ONE)?;
    }
    let version = product(view, at.party, &command.code).map_or(0, |(version, _)| version);
    let version = version.checked_add(1).ok_or(Code::Overflow)?;
    Ok(vec![ProductSet { lender: at.party_id, version, product: command.clone() }.into()])
}

/// A year's interest is at most the principal: a rate above that is a slip of the pen.
fn check_rates(command: &SetProduct) -> Result<(), Refusal> {
    at_most("rate_ppm", command.rate_ppm, Ppm::ONE)?;
    at_most("penalty_rate_ppm", command.penalty_rate_ppm, Ppm::ONE)
}

fn at_most(field: &'static str, actual: Ppm, limit: Ppm) -> Result<(), Refusal> {
    if actual <= limit {
        return Ok(());
    }
    let (limit, actual) = (u64::from(limit.get()), u64::from(actual.get()));
    Err(Refusal::new(Code::ValidationFailed).field(field).limit(limit, actual, Measure::Ppm))
}

/// INV-37: 0 < initial < warning < call < liquidation <= 1. Without a gap between the lines a loan is
/// called, or its goods are sold, on the first tick.
fn check_ladder(command: &SetProduct) -> Result<(), Refusal> {
    let ladder = [
        ("ltv_initial_ppm", command.ltv_initial_ppm),
        ("ltv_warning_ppm", command.ltv_warning_ppm),
        ("ltv_call_ppm", command.ltv_call_ppm),
        ("ltv_liquidation_ppm", command.ltv_liquidation_ppm),
    ];
    let mut below = Ppm::ZERO;
    for (field, line) in ladder {
        if line <= below {
            return Err(refusal::ladder_not_rising(field, below, line));
        }
        below = line;
    }
    at_most("ltv_liquidation_ppm", command.ltv_liquidation_ppm, Ppm::ONE)
}
