//! What was set in the registries. Each event carries the whole record, as the command did.

use super::{Grade, SetCalendar, SetProfile};
use crate::{
    vocabulary::{Code, Currency, Label, Millis, PartyId, Ppm, Unit},
    wire::{self, List},
};

wire::message! {
    /// A commodity is registered, or has a new table.
    pub struct CommoditySet("granary.registries.v1.CommoditySet") {
        /// Its code.
        1 => code: Code,
        /// What people call it.
        2 => name: Label,
        /// What it is counted in.
        3 => unit: Unit,
        /// Grades, best first.
        4 => grades: List<Grade, 1, 16>,
        /// What may be lost in store per year.
        5 => shrink_allowance_ppm: Ppm,
    }
}

wire::message! {
    /// A feed is registered, or has new limits.
    pub struct PriceFeedSet("granary.registries.v1.PriceFeedSet") {
        /// Its code.
        1 => code: Code,
        /// Who publishes it.
        2 => source: PartyId,
        /// Of which commodity.
        3 => commodity: Code,
        /// Of which grade.
        4 => grade: Option<Code>,
        /// Where.
        5 => place: Code,
        /// In which currency.
        6 => currency: Currency,
        /// Staleness, in milliseconds.
        7 => max_age_ms: Millis,
        /// Quarantine above this deviation.
        8 => max_deviation_ppm: Ppm,
    }
}

wire::message! {
    /// A calendar counts from now on.
    pub struct CalendarSet("granary.registries.v1.CalendarSet") {
        /// The whole calendar.
        1 => calendar: SetCalendar,
    }
}

wire::message! {
    /// A profile counts from now on.
    pub struct ProfileSet("granary.registries.v1.ProfileSet") {
        /// The whole profile.
        1 => profile: SetProfile,
    }
}

wire::events! {
    /// What was set in the registries.
    pub enum Event { CommoditySet, PriceFeedSet, CalendarSet, ProfileSet }
}
