//! What the party service needs of the query state.

use granary_book::{
    parties::{Party, Role},
    registry,
    state::decode_value,
};
use granary_runtime::projection::Lists;

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

/// List 0: all parties. List 1: parties by role.
pub(crate) const ALL: u8 = 0;
pub(crate) const BY_ROLE: u8 = 1;

/// The value of a role in list 1.
pub(crate) fn role_value(role: Role) -> Vec<u8> {
    role.number().to_be_bytes().to_vec()
}

struct PartyLists;

impl Lists for PartyLists {
    fn table(&self) -> u8 {
        registry::PARTIES.byte
    }

    fn of(&self, row: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let Some(party) = decode_value::<Party>(row) else { return Vec::new() };
        let by_role = party.roles.iter().map(|role| (BY_ROLE, role_value(role)));
        std::iter::once((ALL, Vec::new())).chain(by_role).collect()
    }
}

/// The lists that this service makes.
pub fn lists() -> Vec<Box<dyn Lists>> {
    vec![Box::new(PartyLists)]
}
