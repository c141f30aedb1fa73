use granary_book::{
    pledges::{CheckOutcome, DuplicateCheckRecorded, PledgeReleased, ReleaseRequested},
    receipts::ReceiptReleased,
    vocabulary::{Digest, PledgeId, ReceiptId},
};
use granary_proto::finance::v1 as pb;
use granary_runtime::testing::{self, Chain, START};
use tonic::Code;

use super::ground::*;
use crate::finance::{get_pledge, list_pledges};

fn get(chain: &Chain) -> pb::Pledge {
    let request = pb::GetPledgeRequest { id: text::<PledgeId>(PLEDGE), freshness: None };
    get_pledge(chain.queries(), &request).expect("a pledge")
}

fn is_listed(chain: &Chain, request: pb::ListPledgesRequest) -> bool {
    !list_pledges(chain.queries(), &request).expect("a page").pledges.is_empty()
}

#[test]
fn a_pledge_tells_its_parties_its_receipts_and_how_far_it_is() {
    let mut chain = chain();
    chain.happened(proposed());
    let told = get(&chain);
    assert_eq!(told.stage(), pb::PledgeStage::Reserved);
    assert_eq!((told.pledgor, told.pledgee), (party(FARMER), party(BANK)));
    assert_eq!(told.keeper, party(WAREHOUSE));
    assert_eq!(told.receipts, [text::<ReceiptId>(RECEIPT)]);
    assert_eq!(told.secured_maximum.map(|money| money.minor_units), Some(9_500_000));
    assert_eq!(told.matures_on, "2026-12-31");
    assert!(told.until_ms.is_some() && told.since_index.is_none() && told.lien.is_none());

    let check = DuplicateCheckRecorded {
        pledge: testing::id(PLEDGE),
        registry: code("CHAPI"),
        outcome: CheckOutcome::Clear,
        checked_at_ms: START,
        evidence: Digest([5; 32]),
        reason: None,
    };
    chain.happened(vec![pledge(check)]);
    chain.happened(perfected());
    let told = get(&chain);
    assert_eq!(told.stage(), pb::PledgeStage::Active);
    assert_eq!((told.until_ms, told.since_index), (None, Some(4)));
    assert_eq!(told.lien.map(|money| money.minor_units), Some(0));
    let check = told.duplicate_check.expect("one was recorded");
    assert_eq!(check.checked_at_ms, START.ms());
    assert_eq!(check.evidence[..], [5; 32]);
    assert_eq!(told.history.len(), 7, "{:?}", told.history);
}

#[test]
fn a_pledge_is_listed_under_its_parties_and_leaves_its_stage_when_it_is_released() {
    let mut chain = chain();
    chain.happened(proposed());
    chain.happened(perfected());
    let all = pb::ListPledgesRequest::default;
    let active = Some(pb::PledgeStage::Active.into());
    for request in [
        all(),
        pb::ListPledgesRequest { pledgor: Some(party(FARMER)), ..all() },
        pb::ListPledgesRequest { pledgee: Some(party(BANK)), stage: active, ..all() },
        pb::ListPledgesRequest { keeper: Some(party(WAREHOUSE)), ..all() },
    ] {
        assert!(is_listed(&chain, request.clone()), "{request:?}");
    }
    for request in [
        pb::ListPledgesRequest { pledgor: Some(party(BANK)), ..all() },
        pb::ListPledgesRequest { pledgee: Some(party(FARMER)), stage: active, ..all() },
        pb::ListPledgesRequest { stage: Some(pb::PledgeStage::Reserved.into()), ..all() },
    ] {
        assert!(!is_listed(&chain, request.clone()), "{request:?}");
    }

    let id = testing::id(PLEDGE);
    chain.happened(vec![
        pledge(ReleaseRequested { pledge: id, by: testing::id(BANK) }),
        pledge(PledgeReleased { pledge: id }),
        receipt(ReceiptReleased { receipt: testing::id(RECEIPT), pledge: id }),
    ]);
    let of_bank = |stage| pb::ListPledgesRequest { pledgee: Some(party(BANK)), stage, ..all() };
    assert!(!is_listed(&chain, of_bank(active)));
    assert!(is_listed(&chain, of_bank(Some(pb::PledgeStage::Released.into()))));
    assert!(get(&chain).receipts.is_empty(), "its receipts are free");
}

#[test]
fn of_two_parties_one_is_to_be_left_out() {
    let request = pb::ListPledgesRequest {
        pledgor: Some(party(FARMER)),
        pledgee: Some(party(BANK)),
        keeper: Some("nobody".to_owned()),
        ..pb::ListPledgesRequest::default()
    };
    let (code, message) = refused(list_pledges(chain().queries(), &request));
    assert_eq!(code, Code::InvalidArgument);
    assert!(message.contains("pledgee: ") && message.contains("keeper: "), "{message}");
}
