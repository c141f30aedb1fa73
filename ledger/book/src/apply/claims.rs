//! Step 5: what a statement says about time.

use super::Deciding;
use crate::{
    chain::{Tick, is_operator_act},
    refusal::{Code, Measure, Refusal},
    registries,
    state::View,
    vocabulary::{Millis, Time},
    wire::Message,
};

/// How far ahead of log time a statement's expiry may lie.
const LIFE_MAX: Millis = Millis::hours(24);

/// Checks expiry, life and the window of `signed_at`.
///
/// Ticks and acts of the operators are never `NOT_YET` and their life runs from `signed_at`: so a chain whose
/// time stands still can always be set going (format.md section 1).
pub(super) fn check(view: &View<'_>, moment: &Deciding<'_>) -> Result<(), Refusal> {
    let statement = moment.statement;
    let signed_at = Time::from_ms(statement.signed_at_ms);
    let expires_at = Time::from_ms(statement.expires_at_ms);
    if moment.stamp.time > expires_at {
        return Err(Refusal::new(Code::Expired).at(expires_at));
    }
    let type_name = statement.type_name.as_str();
    let sets_going =
        type_name == Tick::NAME || is_operator_act(type_name) || type_name.ends_with("OperatorAct");
    let life_from = if sets_going { signed_at } else { moment.log_time };
    if expires_at > life_from.after(LIFE_MAX) {
        let asked = expires_at.since(life_from).0;
        let refusal = Refusal::new(Code::TimeClaimRefused).at(life_from.after(LIFE_MAX));
        return Err(refusal.limit(LIFE_MAX.0, asked, Measure::Millisecond));
    }
    let window = registries::profile(view).signed_at_window_ms;
    if signed_at > moment.log_time.after(window) && !sets_going {
        return Err(Refusal::new(Code::NotYet).at(signed_at));
    }
    if signed_at.after(window) < moment.log_time && !sets_going {
        let behind = moment.log_time.since(signed_at).0;
        let refusal = Refusal::new(Code::TimeClaimRefused).at(signed_at);
        return Err(refusal.limit(window.0, behind, Measure::Millisecond));
    }
    Ok(())
}
