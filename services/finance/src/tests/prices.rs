use granary_book::{
    prices::PriceRejected,
    vocabulary::{Millis, PriceId},
};
use granary_proto::finance::v1 as pb;
use granary_runtime::testing::{self, Chain, START};

use super::ground::*;
use crate::finance::{get_price, list_prices};

fn get(chain: &Chain, number: u8) -> pb::PriceObservation {
    let request = pb::GetPriceRequest { id: text::<PriceId>(number), freshness: None };
    get_price(chain.queries(), &request).expect("a price")
}

fn listed(chain: &Chain, feed: Option<&str>, stage: Option<pb::PriceStage>) -> Vec<String> {
    let request = pb::ListPricesRequest {
        feed: feed.map(ToOwned::to_owned),
        stage: stage.map(Into::into),
        ..pb::ListPricesRequest::default()
    };
    let page = list_prices(chain.queries(), &request).expect("a page");
    page.prices.into_iter().map(|price| price.id).collect()
}

#[test]
fn a_price_tells_its_feed_and_whether_it_counts() {
    let mut chain = chain();
    chain.happened(vec![observed(1, START), accepted(1)]);
    let told = get(&chain, 1);
    assert_eq!((told.feed.as_str(), told.commodity.as_str()), (FEED, "GARLIC"));
    assert_eq!((told.source, told.currency.as_str()), (party(SOURCE), "CNY"));
    let price = told.price.expect("always");
    assert_eq!((price.minor_units, price.per.map(|per| per.amount)), (100, Some(1_000)));
    assert!(told.current);
    assert_eq!(told.accepted_at_ms, Some(START.ms()));
    assert_eq!(told.history.len(), 2);

    chain.wait(Millis::days(1));
    chain.happened(vec![observed(2, START.after(Millis::days(1))), accepted(2)]);
    assert!(!get(&chain, 1).current, "a later one counts now");
    assert!(get(&chain, 2).current);
    assert_eq!(get(&chain, 1).stage(), pb::PriceStage::Accepted);
}

#[test]
fn a_price_leaves_the_quarantine_for_where_it_belongs() {
    let mut chain = chain();
    let quarantined = granary_book::prices::PriceQuarantined {
        price_id: testing::id(2),
        feed: code(FEED),
        compared_with: testing::id(1),
        deviation_ppm: 300_000,
        limit_ppm: 200_000,
    };
    chain.happened(vec![observed(1, START), accepted(1)]);
    chain.happened(vec![observed(2, START), price(quarantined)]);
    let id = text::<PriceId>;
    assert_eq!(listed(&chain, Some(FEED), None), [id(1), id(2)]);
    assert_eq!(listed(&chain, Some(FEED), Some(pb::PriceStage::Quarantined)), [id(2)]);
    assert_eq!(listed(&chain, None, Some(pb::PriceStage::Accepted)), [id(1)]);
    assert!(listed(&chain, Some("OTHER"), None).is_empty());

    let reason = code("TYPO");
    let rejected = PriceRejected { price_id: testing::id(2), feed: code(FEED), reason };
    chain.happened(vec![price(rejected)]);
    assert!(listed(&chain, Some(FEED), Some(pb::PriceStage::Quarantined)).is_empty());
    assert_eq!(listed(&chain, Some(FEED), Some(pb::PriceStage::Rejected)), [id(2)]);
    assert_eq!(get(&chain, 2).accepted_at_ms, None);
}

#[test]
fn a_feed_is_named_by_a_code() {
    let request = pb::ListPricesRequest {
        feed: Some("no code".to_owned()),
        stage: Some(0),
        ..pb::ListPricesRequest::default()
    };
    let (_, message) = refused(list_prices(chain().queries(), &request));
    assert!(message.contains("feed: ") && message.contains("stage: "), "{message}");
}
