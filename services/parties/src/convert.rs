//! Parties of the book as they go over the wire.

use granary_book::{
    parties::{LICENCES, Licence, Party, PartyStatus},
    state::View,
    vocabulary::PartyNo,
};
use granary_proto::parties::v1 as pb;

pub(crate) fn party(view: &View<'_>, no: PartyNo, party: &Party, as_of_index: u64) -> pb::Party {
    let Party { id, name, roles, status, owner_group, custodial } = party;
    pb::Party {
        id: id.to_string(),
        name: name.to_string(),
        roles: roles.iter().map(|role| role.number().cast_signed()).collect(),
        active: *status == PartyStatus::Active,
        custodial: *custodial,
        owner_group: owner_group.as_ref().map(ToString::to_string),
        licence: LICENCES.get(view, &no).as_ref().map(licence),
        as_of_index,
    }
}

fn licence(licence: &Licence) -> pb::Licence {
    let Licence { number, commodities, valid_until, in_force } = licence;
    pb::Licence {
        number: number.to_string(),
        commodities: commodities.iter().map(ToString::to_string).collect(),
        valid_until: valid_until.to_string(),
        in_force: *in_force,
    }
}
