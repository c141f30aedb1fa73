//! `granary.parties.v1.PartyService`.

use granary_book::{
    chain,
    parties::{PARTIES, Role},
    registry,
    state::View,
    vocabulary::{Id, No, PartyId, PartyNo},
};
use granary_proto::parties::v1::{self as pb, party_service_server::PartyService};
use granary_runtime::{
    paging::Page,
    projection,
    status::{self, BadRequest},
    typed::{Service, parse_id},
};
use tonic::Status;

use crate::{convert, lists};

/// The face.
#[derive(Clone)]
pub struct Parties(pub Service);

granary_runtime::service! {
    impl PartyService for Parties {
        write register_party(pb::RegisterPartyRequest);
        write grant_roles(pb::GrantRolesRequest);
        write add_person(pb::AddPersonRequest);
        write end_person(pb::EndPersonRequest);
        write register_key(pb::RegisterKeyRequest);
        write revoke_key(pb::RevokeKeyRequest);
        write grant_licence(pb::GrantLicenceRequest);
        write revoke_licence(pb::RevokeLicenceRequest);
        write suspend_party(pb::SuspendPartyRequest);
        write reinstate_party(pb::ReinstatePartyRequest);
        write set_commodity(pb::SetCommodityRequest);
        write set_price_feed(pb::SetPriceFeedRequest);
        write set_calendar(pb::SetCalendarRequest);
        write set_profile(pb::SetProfileRequest);
        read get_party(pb::GetPartyRequest) -> pb::Party;
        read list_parties(pb::ListPartiesRequest) -> pb::ListPartiesResponse;
        read get_chain(pb::GetChainRequest) -> pb::Chain;
    }
}

impl Parties {
    fn get_chain(&self, _: pb::GetChainRequest) -> Result<pb::Chain, Status> {
        let door = &self.0.door;
        let snapshot = door.queries().snapshot();
        let chain = chain::facts(&View::new(&snapshot))
            .map_err(|broken| status::not_found("the chain", &broken.to_string()))?;
        convert::chain(&chain, snapshot.head(), door.now_ms())
    }

    fn get_party(&self, request: pb::GetPartyRequest) -> Result<pb::Party, Status> {
        let mut bad = BadRequest::default();
        let id = bad.take("id", parse_id(&request.id, PartyId::PREFIX));
        let Some(id) = id else { return Err(bad.into()) };
        let snapshot = self.0.door.queries().snapshot();
        let view = View::new(&snapshot);
        let row = PARTIES
            .find(&view, &PartyId::from_bytes(id))
            .ok_or_else(|| status::not_found("party", &request.id))?;
        Ok(convert::party(&view, row.no, &row.value, snapshot.as_of_index()))
    }

    fn list_parties(
        &self,
        request: pb::ListPartiesRequest,
    ) -> Result<pb::ListPartiesResponse, Status> {
        let mut bad = BadRequest::default();
        let role = match request.role {
            None => Some(None),
            Some(number) => {
                let role = u32::try_from(number).ok().and_then(Role::from_number);
                bad.take("role", role.ok_or("is not a known role")).map(Some)
            }
        };
        let (list, value) = match role.flatten() {
            None => (lists::ALL, Vec::new()),
            Some(role) => (lists::BY_ROLE, lists::role_value(role)),
        };
        let binding: [&[u8]; 3] = [b"ListParties", &[list], &value];
        let page = Page::parse(request.page_size, &request.page_token, &binding, &mut bad);
        let (Some(page), Some(_)) = (page, role) else { return Err(bad.into()) };

        let snapshot = self.0.door.queries().snapshot();
        let view = View::new(&snapshot);
        let table = registry::PARTIES.byte;
        let numbers = projection::list(&snapshot, table, list, &value, page.after, page.size);
        let as_of_index = snapshot.as_of_index();
        let parties = numbers.iter().filter_map(|number| {
            let no = PartyNo::from_u64(*number);
            let party = PARTIES.get(&view, no)?;
            Some(convert::party(&view, no, &party, as_of_index))
        });
        Ok(pb::ListPartiesResponse {
            parties: parties.collect(),
            next_page_token: page.next_token(numbers.last().copied(), numbers.len() == page.size),
            as_of_index,
        })
    }
}
