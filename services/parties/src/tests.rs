use granary_book::{
    areas::Event,
    parties::{self, PARTIES, Party, PartyStatus, Role, Roles, RolesGranted},
    vocabulary::PartyId,
};
use granary_proto::parties::v1 as pb;
use granary_runtime::testing::{self, Chain};

use crate::parties::{get_party, list_parties};

const COOPERATIVE: u8 = 1;
const WAREHOUSE: u8 = 2;

fn id(number: u8) -> String {
    testing::id::<PartyId>(number).to_string()
}

/// A cooperative, and a suspended warehouse that an importer made.
fn chain() -> Chain {
    let mut chain = Chain::new(crate::TABLES, crate::lists());
    let party = |number, role, status, custodial| Party {
        id: testing::id(number),
        name: format!("Party {number}").parse().expect("a label"),
        roles: Roles::of(&[role]),
        status,
        owner_group: None,
        custodial,
    };
    let both = [
        party(COOPERATIVE, Role::Cooperative, PartyStatus::Active, false),
        party(WAREHOUSE, Role::Warehouse, PartyStatus::Suspended, true),
    ];
    chain.entry(vec![], |view| {
        for party in &both {
            PARTIES.insert(view, &party.id, party).expect("a new party");
        }
    });
    chain
}

fn get(chain: &Chain, number: u8) -> pb::Party {
    let request = pb::GetPartyRequest { id: id(number), freshness: None };
    get_party(chain.queries(), &request).expect("a party")
}

fn listed(chain: &Chain, role: Option<Role>) -> Vec<String> {
    let role = role.map(|role| i32::try_from(role.number()).expect("small"));
    let request = pb::ListPartiesRequest { role, ..pb::ListPartiesRequest::default() };
    let page = list_parties(chain.queries(), &request).expect("a page");
    page.parties.into_iter().map(|party| party.id).collect()
}

#[test]
fn a_party_tells_its_name_its_roles_and_whether_it_takes_part() {
    let chain = chain();
    let cooperative = get(&chain, COOPERATIVE);
    assert_eq!((cooperative.id, cooperative.name.as_str()), (id(COOPERATIVE), "Party 1"));
    assert_eq!(cooperative.roles, [i32::from(pb::Role::Cooperative)]);
    assert!(cooperative.active && !cooperative.custodial);
    let warehouse = get(&chain, WAREHOUSE);
    assert!(!warehouse.active && warehouse.custodial);
}

#[test]
fn a_party_joins_the_list_of_each_role_it_is_given() {
    let mut chain = chain();
    assert_eq!(listed(&chain, None), [id(COOPERATIVE), id(WAREHOUSE)]);
    assert_eq!(listed(&chain, Some(Role::Warehouse)), [id(WAREHOUSE)]);
    let granted = RolesGranted {
        party: testing::id(COOPERATIVE),
        roles: granary_book::wire::List::new(vec![Role::Warehouse]).expect("one"),
    };
    chain.happened(vec![Event::from(parties::Event::from(granted))]);
    assert_eq!(listed(&chain, Some(Role::Warehouse)), [id(COOPERATIVE), id(WAREHOUSE)]);
    assert_eq!(listed(&chain, Some(Role::Cooperative)), [id(COOPERATIVE)]);
}

#[test]
fn a_role_that_is_none_is_told_with_all_else_that_is_wrong() {
    let request = pb::ListPartiesRequest {
        role: Some(99),
        page_size: -1,
        page_token: "?".to_owned(),
        freshness: None,
    };
    let status = list_parties(chain().queries(), &request).expect_err("is refused");
    for field in ["role: ", "page_size: ", "page_token: "] {
        assert!(status.message().contains(field), "{}", status.message());
    }
}
