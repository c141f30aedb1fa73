//! What may be set in the registries.

use crate::{
    authority::{Rule, Who},
    parties::Role,
    vocabulary::{Code, Currency, Date, Label, Millis, PartyId, Ppm, Unit},
    wire::{self, List, Message},
};

wire::message! {
    /// One limit of a grade: the parameter's value must lie between both ends, ends included.
    pub struct AssayLimit("granary.registries.v1.AssayLimit") {
        /// Which parameter, such as `moisture_ppm`.
        1 => parameter: Code,
        /// Least value, in the parameter's smallest unit.
        2 => min: u32,
        /// Greatest value.
        3 => max: u32,
    }
}

wire::message! {
    /// One grade of a grade table.
    pub struct Grade("granary.registries.v1.Grade") {
        /// Its code.
        1 => code: Code,
        /// All of these must hold.
        2 => limits: List<AssayLimit, 0, 16>,
    }
}

wire::message! {
    /// Registers a commodity, or a new version of its table. The unit never changes.
    pub struct SetCommodity("granary.registries.v1.SetCommodity") {
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
    /// Registers a price feed, or new limits of one. Source, commodity and currency never change.
    pub struct SetPriceFeed("granary.registries.v1.SetPriceFeed") {
        /// Its code.
        1 => code: Code,
        /// Who publishes it: a party with the role price-source.
        2 => source: PartyId,
        /// Of which commodity.
        3 => commodity: Code,
        /// Of which grade; absent: whatever the grade.
        4 => grade: Option<Code>,
        /// Where.
        5 => place: Code,
        /// In which currency.
        6 => currency: Currency,
        /// A price older than this is stale. Milliseconds.
        7 => max_age_ms: Millis,
        /// A price that differs more than this from the last accepted one is quarantined.
        8 => max_deviation_ppm: Ppm,
    }
}

wire::message! {
    /// Sets a business calendar.
    pub struct SetCalendar("granary.registries.v1.SetCalendar") {
        /// Its code.
        1 => code: Code,
        /// East of Greenwich, in minutes: 480 is China.
        2 => utc_offset_minutes: i32,
        /// Closed days of the week: bit 0 is Monday, bit 6 Sunday.
        3 => weekend: u32,
        /// Closed dates besides.
        4 => holidays: List<Date, 0, 366>,
        /// After this time of the local day, business is the next date's. Milliseconds since midnight.
        5 => cutoff_ms: Millis,
    }
}

wire::message! {
    /// Sets the chain's profile: what differs between jurisdictions and is data, not code
    /// (domain.md section 7).
    pub struct SetProfile("granary.registries.v1.SetProfile") {
        /// How far `signed_at` may lie from log time, on both sides.
        1 => signed_at_window_ms: Millis,
        /// How far `occurred_at` may lie before log time (INV-72).
        2 => occurred_at_window_ms: Millis,
        /// How long a depositor may take to accept a receipt.
        3 => receipt_offer_ms: Millis,
        /// How long a transfer stands open.
        4 => transfer_offer_ms: Millis,
        /// How long a pledge holds receipts before it is active.
        5 => pledge_reservation_ms: Millis,
        /// How old a duplicate check may be when it is relied on.
        6 => duplicate_check_max_age_ms: Millis,
        /// How old an assay may be when a receipt is drafted on it.
        7 => assay_max_age_ms: Millis,
        /// How long surrendered goods may wait for collection.
        8 => pickup_window_ms: Millis,
        /// How long a buyer may take to accept or reject delivered goods.
        9 => inspection_window_ms: Millis,
        /// How long a margin call may stay uncured.
        10 => margin_call_ms: Millis,
        /// Whether the keeper countersigns transfers (Chinese Civil Code art. 910).
        11 => keeper_countersigns_transfer: bool,
        /// Whether a pledge needs registration in an outside registry before it is active.
        12 => external_registration: bool,
        /// The smallest quantity of a receipt, in base units.
        13 => minimum_receipt: u64,
        /// What may be released above a release order.
        14 => release_tolerance_ppm: Ppm,
        /// What may be missing or over when a delivery is completed.
        15 => delivery_tolerance_ppm: Ppm,
        /// Bytes of refused statements a principal may leave on the chain per UTC day (access.md section 6).
        16 => refused_bytes_per_day: u64,
    }
}

wire::commands! {
    /// What may be set in the registries.
    pub enum Command { SetCommodity, SetPriceFeed, SetCalendar, SetProfile }
}

const fn registrar(command: &'static str) -> Rule {
    Rule { command, roles: &[Role::Registrar], who: Who::Anyone, cosigners: &[] }
}

/// The rows of this area.
pub const AUTHORITY: &[Rule] = &[
    registrar(SetCommodity::NAME),
    registrar(SetPriceFeed::NAME),
    registrar(SetCalendar::NAME),
    Rule { command: SetProfile::NAME, roles: &[Role::Operator], who: Who::Person, cosigners: &[] },
];
