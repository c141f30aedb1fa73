//! Interest against the ACTUS reference cases (actusfrf/actus-tests): another project's contracts and
//! figures. Their files are not part of this project; where they are not beside it, this test says so and
//! checks nothing.

use std::{fs, path::Path};

use granary_book::vocabulary::{Accrued, Date, DayCount, Ppm, Rounding, Segment};
use serde_json::Value;

/// Amounts are compared in units of 10^-10 of a currency unit.
const DIGITS: usize = 10;
/// The reference figures are doubles with some 15 digits: 10^-7 of a currency unit is far beyond them and
/// far below a minor unit.
const TOLERANCE: u64 = 1_000;

/// A decimal text in units of 10^-10, without its sign. `None` of an exponent.
fn scaled(value: &Value) -> Option<u64> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    let text = text.trim_start_matches('-');
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut digits: String = fraction.chars().take(DIGITS).collect();
    while digits.len() < DIGITS {
        digits.push('0');
    }
    format!("{whole}{digits}").parse().ok()
}

/// A rate in parts per million; `None` when it is negative or finer than that.
fn rate(value: &Value) -> Option<Ppm> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if text.contains('-') {
        return None;
    }
    let tiny = scaled(value)?;
    let ppm = u32::try_from(tiny / 10_000).ok()?;
    (tiny % 10_000 == 0).then_some(Ppm::new(ppm))
}

/// A date at midnight.
fn midnight(value: &Value) -> Option<Date> {
    let (date, time) = value.as_str()?.split_once('T')?;
    if time.starts_with("00:00") { date.parse().ok() } else { None }
}

fn day_count(terms: &Value) -> Option<DayCount> {
    match terms["dayCountConvention"].as_str()?.trim() {
        "A365" => Some(DayCount::Act365F),
        "A360" => Some(DayCount::Act360),
        "30E360" => Some(DayCount::Thirty360),
        _ => None,
    }
}

/// Walks a contract's events, accruing between them, and compares each interest payment. How many were
/// compared; `None` when the contract uses a convention that this project does not have.
fn check(name: &str, contract: &Value) -> Option<usize> {
    let terms = &contract["terms"];
    let base = terms["interestCalculationBase"].as_str().unwrap_or("NT").trim();
    let day_count = day_count(terms).filter(|_| base == "NT")?;
    let events = contract["results"].as_array()?;
    let first = events.iter().position(|event| event["eventType"] == "IED")?;
    let mut accrued = Accrued::nothing(day_count);
    let mut paid = 0;
    let (mut from, mut principal, mut rate_ppm) = state(&events[first])?;
    let mut compared = 0;
    for event in &events[first + 1..] {
        let to = midnight(&event["eventDate"])?;
        let days = day_count.days(from, to);
        let stretch = Segment { from, to, principal, rate_ppm, days, overdue: false };
        accrued = accrued.plus(&stretch)?;
        let total = accrued.rounded(Rounding::HalfEven)?;
        if event["eventType"] == "IP" {
            let expected = scaled(&event["payoff"])?;
            let ours = total - paid;
            assert!(
                ours.abs_diff(expected) <= TOLERANCE,
                "{name} at {to}: {ours} and not {expected}"
            );
            compared += 1;
        }
        if matches!(event["eventType"].as_str(), Some("IP" | "IPCI")) {
            paid = total;
        }
        (from, principal, rate_ppm) = state(event)?;
    }
    Some(compared)
}

/// Date, principal and rate after an event.
fn state(event: &Value) -> Option<(Date, u64, Ppm)> {
    let principal = scaled(&event["notionalPrincipal"])?;
    Some((midnight(&event["eventDate"])?, principal, rate(&event["nominalInterestRate"])?))
}

#[test]
fn interest_is_what_the_actus_reference_cases_expect() {
    let data = std::env::var("GRANARY_SHARED_DATA").map_or_else(
        |_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        Into::into,
    );
    let mut checked = 0;
    for file in ["pam.json", "ann.json", "lam.json", "nam.json"] {
        let path = data.join("actus").join(file);
        let Ok(text) = fs::read_to_string(&path) else {
            println!(
                "SKIPPED: {file} is not there; set GRANARY_SHARED_DATA to the folder of actus/"
            );
            return;
        };
        let contracts: Value = serde_json::from_str(&text).expect("JSON");
        let contracts = contracts.as_object().expect("contracts by name");
        let compared: Vec<(&str, usize)> = contracts
            .iter()
            .filter_map(|(name, contract)| Some((name.as_str(), check(name, contract)?)))
            .collect();
        println!("{file}: {} of {} contracts: {compared:?}", compared.len(), contracts.len());
        checked += compared.iter().map(|(_, payments)| payments).sum::<usize>();
    }
    assert!(checked > 200, "only {checked} interest payments were compared");
}
