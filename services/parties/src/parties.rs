//! `granary.parties.v1.PartyService`.

use granary_book::{chain, parties::PARTIES, state::View};
use granary_proto::parties::v1::{self as pb, party_service_server::PartyService};
use granary_runtime::{queries::Queries, reading::Filters, status, typed::Service};
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

pub(crate) fn get_party(
    queries: &Queries,
    request: &pb::GetPartyRequest,
) -> Result<pb::Party, Status> {
    queries.one(&PARTIES, "party", &request.id, convert::party)
}

pub(crate) fn list_parties(
    queries: &Queries,
    request: &pb::ListPartiesRequest,
) -> Result<pb::ListPartiesResponse, Status> {
    let wanted = Filters::of("ListParties")
        .number("role", lists::BY_ROLE, request.role.map(lists::role_value))
        .page(request.page_size, &request.page_token)?;
    let page = queries.page(&PARTIES, &wanted, convert::party)?;
    Ok(pb::ListPartiesResponse {
        parties: page.objects,
        next_page_token: page.next_page_token,
        as_of_index: page.as_of_index,
    })
}

fn get_chain(queries: &Queries, _: &pb::GetChainRequest) -> Result<pb::Chain, Status> {
    let snapshot = queries.snapshot();
    let chain = chain::facts(&View::new(&snapshot))
        .map_err(|broken| status::not_found("the chain", &broken.to_string()))?;
    convert::chain(&chain, snapshot.head())
}
