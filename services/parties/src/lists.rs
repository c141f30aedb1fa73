//! What the party service needs of the query state.

use granary_book::{
    parties::{Party, Role},
    registry,
    state::View,
};
use granary_runtime::projection::{Lists, ListsOf, Place};

/// First key bytes of the tables that this service reads.
pub const TABLES: &[u8] = &[
    registry::CHAIN.byte,
    registry::PARTY_IDS.byte,
    registry::PARTIES.byte,
    registry::LICENCES.byte,
    registry::COMMODITY_CODES.byte,
    registry::COMMODITIES.byte,
    registry::FEED_CODES.byte,
    registry::FEEDS.byte,
];

/// Parties by role.
pub(crate) const BY_ROLE: u8 = 1;

fn of_party(party: &Party, _: &View<'_>) -> Vec<Place> {
    party.roles.iter().map(|role| (BY_ROLE, Some(u64::from(role.number())))).collect()
}

/// The value of a role in its list.
///
/// # Errors
///
/// There is no such role.
pub(crate) fn role_value(number: i32) -> Result<u64, &'static str> {
    let role = u32::try_from(number).ok().and_then(Role::from_number);
    role.map(|role| u64::from(role.number())).ok_or("is not a known role")
}

/// The lists that this service makes.
pub fn lists() -> Vec<Box<dyn Lists>> {
    vec![Box::new(ListsOf::new(registry::PARTIES, of_party))]
}
