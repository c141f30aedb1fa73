//! The records of the registries, and the questions other areas ask of them.

use serde::{Deserialize, Serialize};

use super::{Grade, SetCalendar, SetProfile};
use crate::{
    at::At,
    refusal::{Code as RefusalCode, Refusal},
    registry,
    state::{Objects, Row, Table, View},
    vocabulary::{
        Code, CommodityNo, Currency, Date, FeedNo, Label, Millis, PartyNo, Ppm, Quantity, Time,
        Unit,
    },
    wire::List,
};

/// A commodity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commodity {
    /// Its code, such as `GARLIC`.
    pub code: Code,
    /// What people call it.
    pub name: Label,
    /// What it is counted in.
    pub unit: Unit,
    /// The published grade table, best grade first.
    pub grades: List<Grade, 1, 16>,
    /// What may be lost in store, per year, without being a shortage.
    pub shrink_allowance: Ppm,
}

/// A price feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// Its code.
    pub code: Code,
    /// Who publishes it.
    pub source: PartyNo,
    /// Of which commodity.
    pub commodity: CommodityNo,
    /// Of which grade; none: whatever the grade.
    pub grade: Option<Code>,
    /// Where.
    pub place: Code,
    /// In which currency.
    pub currency: Currency,
    /// A price older than this is stale.
    pub max_age: Millis,
    /// A price that differs more than this from the last accepted one is quarantined.
    pub max_deviation: Ppm,
}

/// A business calendar; see [`SetCalendar`] for its fields.
pub type Calendar = SetCalendar;

/// The chain's profile; see [`SetProfile`] for its fields.
pub type Profile = SetProfile;

/// A code as a key: padded to its greatest length, which keeps keys of fixed length.
pub type CodeKey = [u8; Code::MAX];

/// The key of a code.
pub fn key(code: &Code) -> CodeKey {
    let mut key = [0; Code::MAX];
    key[..code.as_str().len()].copy_from_slice(code.as_str().as_bytes());
    key
}

/// Commodities by code.
pub const COMMODITIES: Objects<CodeKey, CommodityNo, Commodity> =
    Objects::new(registry::COMMODITY_CODES, registry::COMMODITIES);
/// Feeds by code.
pub const FEEDS: Objects<CodeKey, FeedNo, Feed> =
    Objects::new(registry::FEED_CODES, registry::FEEDS);
/// Calendars by code.
pub const CALENDARS: Table<CodeKey, Calendar> = Table::new(registry::CALENDARS);
/// The profile.
pub(super) const PROFILE: Table<(), Profile> = Table::new(registry::PROFILE);

/// The commodity with a code.
///
/// # Errors
///
/// `NOT_REGISTERED` with the code.
pub fn commodity(view: &View<'_>, code: &Code) -> Result<Row<CommodityNo, Commodity>, Refusal> {
    COMMODITIES.find(view, &key(code)).ok_or_else(|| not_registered(code))
}

/// The commodity with a code, when `quantity` is counted in its unit and isn't zero.
///
/// # Errors
///
/// `NOT_REGISTERED`, `QUANTITY_ZERO`, `UNIT_MISMATCH`.
pub fn commodity_checked(
    view: &View<'_>,
    code: &Code,
    quantity: Quantity,
) -> Result<Row<CommodityNo, Commodity>, Refusal> {
    let row = commodity(view, code)?;
    if quantity.is_zero() {
        return Err(Refusal::new(RefusalCode::QuantityZero).field("quantity"));
    }
    if quantity.unit() != row.value.unit {
        return Err(Refusal::new(RefusalCode::UnitMismatch).field("quantity"));
    }
    Ok(row)
}

/// The feed with a code.
///
/// # Errors
///
/// `NOT_REGISTERED` with the code.
pub fn feed(view: &View<'_>, code: &Code) -> Result<Row<FeedNo, Feed>, Refusal> {
    FEEDS.find(view, &key(code)).ok_or_else(|| not_registered(code))
}

/// The calendar with a code.
///
/// # Errors
///
/// `NOT_REGISTERED` with the code.
pub fn calendar(view: &View<'_>, code: &Code) -> Result<Calendar, Refusal> {
    CALENDARS.get(view, &key(code)).ok_or_else(|| not_registered(code))
}

fn not_registered(code: &Code) -> Refusal {
    Refusal::new(RefusalCode::NotRegistered).required(code.as_str())
}

/// The profile in force; [`Profile::generic`] until one is set.
pub fn profile(view: &View<'_>) -> Profile {
    PROFILE.get(view, &()).unwrap_or_else(Profile::generic)
}

/// Whether a body may claim that its fact happened at `occurred_at`: not after log time, and not further
/// behind it than the profile allows (INV-72).
///
/// # Errors
///
/// `OCCURRED_AT_REFUSED` with the moment that would have been allowed.
pub fn check_occurred_at(view: &View<'_>, at: &At<'_>, occurred_at: Time) -> Result<(), Refusal> {
    if occurred_at > at.log_time {
        return Err(Refusal::new(RefusalCode::OccurredAtRefused).at(at.log_time));
    }
    if at.log_time.since(occurred_at) > profile(view).occurred_at_window_ms {
        return Err(Refusal::new(RefusalCode::OccurredAtRefused).at(occurred_at));
    }
    Ok(())
}

/// The grade that assay values come to by a published table: the first grade all of whose limits hold.
/// `values` are (parameter, value in the parameter's own smallest unit). `None` when no grade fits.
pub fn grade_of<'t>(grades: &'t [Grade], values: &[(Code, u32)]) -> Option<&'t Code> {
    let holds = |grade: &Grade| {
        grade.limits.iter().all(|limit| {
            values.iter().any(|(parameter, value)| {
                *parameter == limit.parameter && (limit.min..=limit.max).contains(value)
            })
        })
    };
    grades.iter().find(|grade| holds(grade)).map(|grade| &grade.code)
}

impl Profile {
    /// How far back facts may lie on a chain that has set no profile: twenty years, so that the records a
    /// market kept before there was a chain can be read in (INV-72).
    const HISTORY: Millis = Millis::days(7_305);

    /// The profile of a chain that has set none: no external registration, keeper's countersignature on
    /// transfers, windows as people need them.
    pub fn generic() -> Self {
        Self {
            signed_at_window_ms: Millis::minutes(10),
            occurred_at_window_ms: Self::HISTORY,
            receipt_offer_ms: Millis::hours(72),
            transfer_offer_ms: Millis::hours(72),
            pledge_reservation_ms: Millis::hours(72),
            duplicate_check_max_age_ms: Millis::hours(24),
            assay_max_age_ms: Millis::days(180),
            pickup_window_ms: Millis::days(14),
            inspection_window_ms: Millis::days(7),
            margin_call_ms: Millis::days(3),
            keeper_countersigns_transfer: true,
            external_registration: false,
            minimum_receipt: 1,
            release_tolerance_ppm: Ppm::ZERO,
            delivery_tolerance_ppm: Ppm::new(5_000),
            refused_bytes_per_day: 64 * 1024 * 1024,
        }
    }
}

impl Calendar {
    /// The business date of a moment: the local date, or the next one after the cut-off.
    pub fn business_date(&self, moment: Time) -> Date {
        let offset = i16::try_from(self.utc_offset_minutes).unwrap_or(0);
        moment.after(Millis(86_400_000 - self.cutoff_ms.0.min(86_400_000))).date_at(offset)
    }

    /// Whether business is done on a date.
    pub fn is_open(&self, date: Date) -> bool {
        let weekend = self.weekend >> date.weekday() & 1 == 1;
        !weekend && !self.holidays.contains(&date)
    }
}
