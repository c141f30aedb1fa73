//! Registries: the data that rules are parametrised by. Commodities and their grade tables, price feeds,
//! calendars, and the chain's profile.
//!
//! Invariants: a record once on the chain keeps its code for ever; a new version counts from its own entry
//! on and never back; what an older act relied on is found in that act's own event.

mod command;
mod decide;
mod event;
mod evolve;
mod state;

pub use command::{
    AUTHORITY, AssayLimit, Command, Grade, SetCalendar, SetCommodity, SetPriceFeed, SetProfile,
};
pub use decide::decide;
pub use event::{CalendarSet, CommoditySet, Event, PriceFeedSet, ProfileSet};
pub use evolve::evolve;
pub use state::{
    CALENDARS, COMMODITIES, Calendar, CodeKey, Commodity, FEEDS, Feed, Profile, calendar,
    check_occurred_at, commodity, commodity_checked, feed, grade_of, key, profile,
};
