use granary_book::{
    areas::Event,
    goods::{
        Account, Assay, Commingling, DepositRefused, Fault, GoodsArrived, Posting, Seal, Stage,
        Storage,
    },
    vocabulary::{Date, Digest, Quantity, Time, Unit},
};
use granary_proto::{common::v1 as common, receipts::v1 as pb, statement::v1::HistoryLine};
use granary_runtime::testing;
use tonic::Code;

use super::*;
use crate::receipts::{get_lot, list_lots};

fn get(chain: &Chain, number: u8) -> pb::Lot {
    let request = pb::GetLotRequest { id: lot_id(number), freshness: None };
    get_lot(chain.queries(), &request).expect("a lot")
}

fn listed(chain: &Chain, request: pb::ListLotsRequest) -> Vec<String> {
    let page = list_lots(chain.queries(), &request).expect("a page");
    page.lots.into_iter().map(|lot| lot.id).collect()
}

fn assay(inspector: PartyNo) -> Assay {
    let assayed_at = Time::from_ms(1_767_571_200_000);
    Assay { grade: "A".parse().expect("a code"), assayed_at, inspector }
}

#[test]
fn a_lot_tells_what_its_stage_knows() {
    let (mut chain, ground) = chain();
    let net = Quantity::new(12_000, Unit::Gram);
    let inspector = ground.trader;
    let stages = [
        (Stage::Announced, pb::LotStage::Announced),
        (Stage::Arrived, pb::LotStage::Arrived),
        (Stage::Weighed { net }, pb::LotStage::Weighed),
        (Stage::Sampled { net, inspector }, pb::LotStage::Sampled),
        (Stage::Graded { net, assay: assay(inspector) }, pb::LotStage::Graded),
        (Stage::Refused, pb::LotStage::Refused),
    ];
    for (number, (stage, told)) in (1..).zip(stages) {
        chain.entry(vec![], |view| add_lot(view, &Lot { stage, ..announced(&ground, number) }));
        let lot = get(&chain, number);
        let (weighed, sampled, graded) = match told {
            pb::LotStage::Weighed => (true, false, false),
            pb::LotStage::Sampled => (true, true, false),
            pb::LotStage::Graded => (true, true, true),
            _ => (false, false, false),
        };
        assert_eq!(lot.stage(), told);
        assert_eq!(lot.net.map(|net| net.amount), weighed.then_some(12_000), "{told:?}");
        assert_eq!(lot.inspector, sampled.then(|| party(TRADER)), "{told:?}");
        assert_eq!(lot.assay.map(|assay| assay.grade), graded.then(|| "A".to_owned()), "{told:?}");
        assert_eq!(lot.storage, None);
        assert_eq!(lot.as_of_index, u64::from(number));
    }
}

#[test]
fn a_lot_in_store_tells_where_it_lies_and_how_much_is_left() {
    let (mut chain, ground) = chain();
    let mut lot = announced(&ground, 1);
    lot.stage = Stage::Stored(Storage {
        store: "HALL-1".parse().expect("a code"),
        assay: assay(ground.trader),
        insured_until: Date::from_ymd(2026, 12, 31).expect("a date"),
        commingling: Commingling::ByGrade,
    });
    let move_goods = |lot: &mut Lot, from, to, amount| {
        let quantity = Quantity::new(amount, Unit::Gram);
        lot.accounts.post(&Posting { from, to, quantity }).expect("fits");
    };
    move_goods(&mut lot, Account::Received, Account::Unreceipted, 900);
    move_goods(&mut lot, Account::Unreceipted, Account::Delivered, 200);
    let no = chain.entry(vec![], |view| add_lot(view, &lot));

    let told = get(&chain, 1);
    assert_eq!(told.id, lot_id(1));
    assert_eq!((told.depositor, told.warehouse), (party(FARMER), party(WAREHOUSE)));
    assert_eq!(told.commodity, "GARLIC");
    assert_eq!(told.net, Some(common::Quantity { amount: 900, unit: common::Unit::Gram.into() }));
    let storage = told.storage.expect("it is stored");
    assert_eq!((storage.store.as_str(), storage.insured_until.as_str()), ("HALL-1", "2026-12-31"));
    let accounts = told.accounts.expect("always");
    assert_eq!((accounts.received, accounts.unreceipted, accounts.delivered), (900, 700, 200));
    assert!(!told.exhausted);

    chain.entry(vec![], |view| {
        change_lot(view, no, |lot| {
            move_goods(lot, Account::Unreceipted, Account::Delivered, 700);
        });
    });
    assert!(get(&chain, 1).exhausted);
}

#[test]
fn a_lot_is_listed_under_its_parties_and_its_stage() {
    let (mut chain, ground) = chain();
    let no = chain.entry(vec![], |view| add_lot(view, &announced(&ground, 1)));
    let all = pb::ListLotsRequest::default;
    let stage = Some(pb::LotStage::Announced.into());
    let in_lists = [
        all(),
        pb::ListLotsRequest { depositor: Some(party(FARMER)), ..all() },
        pb::ListLotsRequest { owner: Some(party(FARMER)), ..all() },
        pb::ListLotsRequest { warehouse: Some(party(WAREHOUSE)), ..all() },
        pb::ListLotsRequest { stage, ..all() },
        pb::ListLotsRequest { owner: Some(party(FARMER)), stage, ..all() },
    ];
    let not_in = [
        pb::ListLotsRequest { depositor: Some(party(WAREHOUSE)), ..all() },
        pb::ListLotsRequest { owner: Some(party(TRADER)), ..all() },
        pb::ListLotsRequest { stage: Some(pb::LotStage::Stored.into()), ..all() },
        pb::ListLotsRequest { owner: Some(party(TRADER)), stage, ..all() },
        // Nobody's id.
        pb::ListLotsRequest { owner: Some(party(99)), ..all() },
    ];
    for request in in_lists {
        assert_eq!(listed(&chain, request.clone()), [lot_id(1)], "{request:?}");
    }
    for request in not_in {
        assert!(listed(&chain, request.clone()).is_empty(), "{request:?}");
    }

    chain.entry(vec![], |view| {
        change_lot(view, no, |lot| {
            lot.owner = ground.trader;
            lot.stage = Stage::Arrived;
        });
    });
    let arrived = Some(pb::LotStage::Arrived.into());
    let of = |owner, stage| pb::ListLotsRequest { owner: Some(party(owner)), stage, ..all() };
    assert!(listed(&chain, of(FARMER, None)).is_empty(), "it left the seller's");
    assert!(listed(&chain, of(TRADER, stage)).is_empty(), "it left its stage");
    assert_eq!(listed(&chain, of(TRADER, None)), [lot_id(1)]);
    assert_eq!(listed(&chain, of(TRADER, arrived)), [lot_id(1)]);
    let depositor = Some(party(FARMER));
    assert_eq!(listed(&chain, pb::ListLotsRequest { depositor, ..all() }), [lot_id(1)]);
}

#[test]
fn a_lot_is_told_with_its_history() {
    let (mut chain, ground) = chain();
    chain.entry(vec![], |view| add_lot(view, &announced(&ground, 1)));
    let arrived = GoodsArrived {
        lot: testing::id(1),
        warehouse: testing::id(WAREHOUSE),
        gate: testing::id(WAREHOUSE),
        carriage: Digest([7; 32]),
        seal: Seal::Intact,
        shipment: None,
        occurred_at_ms: Time::from_ms(5),
    };
    let refused = DepositRefused {
        lot: testing::id(1),
        warehouse: testing::id(WAREHOUSE),
        fault: Fault::Moisture,
        offer: None,
    };
    let other = DepositRefused { lot: testing::id(2), ..refused.clone() };
    let goods = |event: granary_book::goods::Event| Event::from(event);
    let events = vec![goods(other.into()), goods(arrived.into()), goods(refused.into())];
    chain.entry(events, |_| ());
    let line = |event, name: &str| HistoryLine {
        index: 2,
        event,
        type_name: format!("granary.goods.v1.{name}"),
    };
    assert_eq!(get(&chain, 1).history, [line(1, "GoodsArrived"), line(2, "DepositRefused")]);
    let listed = list_lots(chain.queries(), &pb::ListLotsRequest::default()).expect("a page");
    assert!(listed.lots[0].history.is_empty(), "a list tells no histories");
}

#[test]
fn a_bad_request_is_told_all_that_is_wrong_with_it() {
    let (chain, _) = chain();
    let request = pb::ListLotsRequest {
        page_size: -1,
        page_token: "?".to_owned(),
        depositor: Some("pt_1".to_owned()),
        owner: Some(party(FARMER)),
        warehouse: Some(party(WAREHOUSE)),
        stage: Some(99),
        ..pb::ListLotsRequest::default()
    };
    let (code, message) = refused(list_lots(chain.queries(), &request));
    assert_eq!(code, Code::InvalidArgument);
    for field in ["depositor: ", "warehouse: ", "stage: ", "page_size: ", "page_token: "] {
        assert!(message.contains(field), "{field} in {message}");
    }
}

#[test]
fn a_lot_that_is_not_there_is_not_found() {
    let (chain, _) = chain();
    for (id, expected) in [
        (lot_id(1), Code::NotFound),
        (party(FARMER), Code::InvalidArgument),
        (String::new(), Code::InvalidArgument),
    ] {
        let request = pb::GetLotRequest { id: id.clone(), freshness: None };
        assert_eq!(refused(get_lot(chain.queries(), &request)).0, expected, "{id}");
    }
}
