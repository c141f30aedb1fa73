//! Parties of the book as they go over the wire.

use granary_book::{
    chain::Chain,
    parties::{LICENCES, Licence, Party, PartyStatus},
    state::Row,
    vocabulary::PartyNo,
};
use granary_log::{
    note::{KeyType, VerifierKey},
    signature::VerifyingKey,
};
use granary_proto::parties::v1 as pb;
use granary_runtime::{door, layers::Head, reading::Reading};
use tonic::Status;

/// The chain's facts at the head of the query state.
///
/// # Errors
///
/// `DATA_LOSS` when the log key in them is none, which genesis rules out.
pub(crate) fn chain(chain: &Chain, head: Head) -> Result<pb::Chain, Status> {
    let key = VerifyingKey::from_bytes(&chain.log_key)
        .map_err(|error| Status::data_loss(error.to_string()))?;
    let vkey = VerifierKey::new(chain.origin.as_str(), KeyType::Ed25519, key)
        .map_err(|error| Status::data_loss(error.to_string()))?;
    Ok(pb::Chain {
        origin: chain.origin.to_string(),
        clock: chain.clock.number().cast_signed(),
        now_ms: door::now_ms(chain, head),
        time_ms: head.time_ms,
        size: head.size,
        level: chain.level,
        entries: chain.entries.number().cast_signed(),
        operators_needed: chain.operators_needed,
        vkey: vkey.to_string(),
        as_of_index: head.size.saturating_sub(1),
    })
}

pub(crate) fn party(reading: &Reading<'_>, row: &Row<PartyNo, Party>) -> pb::Party {
    let Party { id, name, roles, status, owner_group, custodial } = &row.value;
    pb::Party {
        id: id.to_string(),
        name: name.to_string(),
        roles: roles.iter().map(|role| role.number().cast_signed()).collect(),
        active: *status == PartyStatus::Active,
        custodial: *custodial,
        owner_group: owner_group.as_ref().map(ToString::to_string),
        licence: LICENCES.get(&reading.view, &row.no).as_ref().map(licence),
        as_of_index: reading.as_of_index,
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
