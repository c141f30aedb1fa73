use granary_book::{
    receipts::{
        Cancellation, DRAFTS, Draft, Encumbrance, HoldKind, Holds, Lifecycle, Medium, Publicity,
        RECEIPTS, RELEASE_ORDERS, Receipt, ReceiptKind, ReleaseOrder, ReleaseStage, TRANSFERS,
        Transfer, TransferStage,
    },
    vocabulary::{
        Currency, Date, Digest, Money, Ppm, Quantity, ReceiptId, ReceiptNo, ReleaseOrderNo, Time,
    },
};
use granary_proto::receipts::v1 as pb;
use tonic::Code;

use super::*;
use crate::receipts::{
    get_receipt, get_release_order, get_transfer, list_pledged_receipts, list_receipts,
    list_transfers,
};

const BANK: u8 = 4;

/// A chain with a farmer's lot and a bank.
fn with_lot() -> (Chain, Ground, LotNo, PartyNo) {
    let (mut chain, ground) = chain();
    let (lot, bank) = chain
        .entry(vec![], |view| (add_lot(view, &announced(&ground, 1)), testing::party(view, BANK)));
    (chain, ground, lot, bank)
}

/// A farmer's receipt that stands in force, free.
fn active(ground: &Ground, lot: LotNo, number: u8) -> Receipt {
    Receipt {
        id: testing::id(number),
        number: format!("WR-{number}").parse().expect("a code"),
        kind: ReceiptKind::Negotiable,
        keeper: ground.warehouse,
        holder: ground.farmer,
        lot,
        commodity: ground.garlic,
        grade: "A".parse().expect("a code"),
        nominal: Quantity::new(1_000, Unit::Gram),
        shrink_applied: 30,
        loss_standard: Ppm::new(20_000),
        stored_since: Time::from_ms(5),
        parent: None,
        lifecycle: Lifecycle::Active,
        encumbrance: Encumbrance::Free,
        holds: Holds::default(),
        medium: Medium::Electronic,
        fees_due: Some(Money::new(1_250, Currency::CNY)),
        valid_until: Date::from_ymd(2027, 1, 31).expect("a date"),
        version: 3,
    }
}

fn add(chain: &mut Chain, receipt: &Receipt) -> ReceiptNo {
    chain.entry(vec![], |view| RECEIPTS.insert(view, &receipt.id, receipt).expect("a new receipt"))
}

fn change(chain: &mut Chain, no: ReceiptNo, change: impl FnOnce(&mut Receipt)) {
    chain.entry(vec![], |view| {
        let mut value = RECEIPTS.get(view, no).expect("a receipt");
        change(&mut value);
        RECEIPTS.put(view, &Row { no, value });
    });
}

fn receipt_id(number: u8) -> String {
    testing::id::<ReceiptId>(number).to_string()
}

fn get(chain: &Chain, number: u8) -> pb::Receipt {
    let request = pb::GetReceiptRequest { id: receipt_id(number), freshness: None };
    get_receipt(chain.queries(), &request).expect("a receipt")
}

fn listed(chain: &Chain, request: pb::ListReceiptsRequest) -> Vec<String> {
    let page = list_receipts(chain.queries(), &request).expect("a page");
    page.receipts.into_iter().map(|receipt| receipt.id).collect()
}

fn pledged_to(chain: &Chain, pledgee: u8) -> Vec<String> {
    let request = pb::ListPledgedReceiptsRequest {
        pledgee: party(pledgee),
        ..pb::ListPledgedReceiptsRequest::default()
    };
    let page = list_pledged_receipts(chain.queries(), &request).expect("a page");
    page.receipts.into_iter().map(|receipt| receipt.id).collect()
}

#[test]
fn a_receipt_tells_what_it_stands_for() {
    let (mut chain, ground, lot, _) = with_lot();
    let parent = add(&mut chain, &active(&ground, lot, 1));
    let child = Receipt { parent: Some(parent), ..active(&ground, lot, 2) };
    add(&mut chain, &child);
    let told = get(&chain, 2);
    assert_eq!(told.number.as_deref(), Some("WR-2"));
    assert_eq!((told.keeper, told.holder, told.lot), (party(WAREHOUSE), party(FARMER), lot_id(1)));
    assert_eq!(told.nominal.map(|nominal| nominal.amount), Some(1_000));
    assert_eq!(told.net.map(|net| net.amount), Some(970));
    assert_eq!(told.parent, Some(receipt_id(1)));
    assert_eq!(told.valid_until, "2027-01-31");
    let fees = told.fees_due.expect("some are due");
    assert_eq!((fees.minor_units, fees.currency.as_str()), (1_250, "CNY"));
    assert_eq!((told.version, told.as_of_index), (3, 3));
    assert!(told.holds.is_empty() && told.paper_form.is_none() && !told.encumbered);
}

#[test]
fn each_state_of_a_life_is_told_with_what_only_it_knows() {
    let (mut chain, ground, lot, _) = with_lot();
    let no = add(&mut chain, &active(&ground, lot, 1));
    let order = ReleaseOrder {
        id: testing::id(9),
        receipt: no,
        quantity: Quantity::new(970, Unit::Gram),
        released: 0,
        collector: "LI-1".parse().expect("a code"),
        stage: ReleaseStage::Open,
    };
    let order_no: ReleaseOrderNo = chain
        .entry(vec![], |view| RELEASE_ORDERS.insert(view, &order.id, &order).expect("a new order"));
    let until = Time::from_ms(77);
    let states = [
        (Lifecycle::PendingAcceptance { until }, pb::ReceiptLifecycle::PendingAcceptance),
        (Lifecycle::Active, pb::ReceiptLifecycle::Active),
        (Lifecycle::Expired, pb::ReceiptLifecycle::Expired),
        (Lifecycle::Surrendered { order: order_no }, pb::ReceiptLifecycle::Surrendered),
        (Lifecycle::Superseded, pb::ReceiptLifecycle::Superseded),
        (Lifecycle::Delivered, pb::ReceiptLifecycle::Delivered),
        (Lifecycle::Cancelled(Cancellation::Lapsed), pb::ReceiptLifecycle::Cancelled),
    ];
    for (state, told) in states {
        change(&mut chain, no, |receipt| receipt.lifecycle = state);
        let receipt = get(&chain, 1);
        assert_eq!(receipt.lifecycle(), told);
        let is = |other| told == other;
        assert_eq!(
            receipt.accept_until_ms,
            is(pb::ReceiptLifecycle::PendingAcceptance).then_some(77)
        );
        let released_by = is(pb::ReceiptLifecycle::Surrendered).then(|| order.id.to_string());
        assert_eq!(receipt.release_order, released_by);
        let why =
            is(pb::ReceiptLifecycle::Cancelled).then(|| pb::ReceiptCancellation::Lapsed.into());
        assert_eq!(receipt.cancellation, why);
        for other in [pb::ReceiptLifecycle::Active, pb::ReceiptLifecycle::Delivered] {
            let lifecycle = Some(other.into());
            let found = listed(&chain, pb::ListReceiptsRequest { lifecycle, ..Default::default() });
            assert_eq!(!found.is_empty(), is(other), "{told:?} listed as {other:?}");
        }
    }
}

#[test]
fn an_encumbrance_names_its_pledge_and_a_transfer_is_none() {
    let (mut chain, ground, lot, bank) = with_lot();
    let no = add(&mut chain, &active(&ground, lot, 1));
    let (pledge, until) = (testing::id(7), Time::from_ms(50));
    let since = Publicity { index: 6, time: Time::from_ms(40) };
    let pledgee = bank;
    let states = [
        (Encumbrance::Free, pb::EncumbranceKind::Free),
        (Encumbrance::Reserved { pledge, pledgee, until }, pb::EncumbranceKind::Reserved),
        (Encumbrance::Pledged { pledge, pledgee, since }, pb::EncumbranceKind::Pledged),
        (Encumbrance::Enforcing { pledge, pledgee, since }, pb::EncumbranceKind::Enforcing),
        (
            Encumbrance::TransferPending { transfer: testing::id(8), until },
            pb::EncumbranceKind::TransferPending,
        ),
    ];
    for (state, kind) in states {
        change(&mut chain, no, |receipt| receipt.encumbrance = state);
        let receipt = get(&chain, 1);
        let told = receipt.encumbrance.clone().expect("always");
        let is_pledge = state.pledge().is_some();
        assert_eq!(told.kind(), kind);
        assert_eq!(receipt.encumbered, is_pledge);
        assert_eq!(told.pledgee, is_pledge.then(|| party(BANK)), "{kind:?}");
        assert_eq!(told.pledge.is_some(), is_pledge, "{kind:?}");
        let in_force =
            matches!(kind, pb::EncumbranceKind::Pledged | pb::EncumbranceKind::Enforcing);
        assert_eq!(told.since_index, in_force.then_some(6), "{kind:?}");
        let has_end =
            matches!(kind, pb::EncumbranceKind::Reserved | pb::EncumbranceKind::TransferPending);
        assert_eq!(told.until_ms, has_end.then_some(50), "{kind:?}");
        assert_eq!(pledged_to(&chain, BANK).len(), usize::from(is_pledge), "{kind:?}");
        assert!(pledged_to(&chain, TRADER).is_empty());
    }
}

#[test]
fn a_receipt_moves_from_its_sellers_list_to_its_buyers() {
    let (mut chain, ground, lot, _) = with_lot();
    let no = add(&mut chain, &active(&ground, lot, 1));
    let of_holder = |holder| pb::ListReceiptsRequest {
        holder: Some(party(holder)),
        ..pb::ListReceiptsRequest::default()
    };
    let of_keeper = pb::ListReceiptsRequest {
        keeper: Some(party(WAREHOUSE)),
        lifecycle: Some(pb::ReceiptLifecycle::Active.into()),
        ..pb::ListReceiptsRequest::default()
    };
    assert_eq!(listed(&chain, of_holder(FARMER)), [receipt_id(1)]);
    assert!(listed(&chain, of_holder(TRADER)).is_empty());
    change(&mut chain, no, |receipt| receipt.holder = ground.trader);
    assert!(listed(&chain, of_holder(FARMER)).is_empty());
    assert_eq!(listed(&chain, of_holder(TRADER)), [receipt_id(1)]);
    assert_eq!(listed(&chain, of_keeper), [receipt_id(1)], "its keeper's list keeps it");
}

#[test]
fn a_draft_is_found_by_whoever_is_to_sign_it_and_listed_to_nobody() {
    let (mut chain, _, lot, _) = with_lot();
    let draft = Draft {
        lot,
        kind: ReceiptKind::NonNegotiable,
        quantity: Quantity::new(500, Unit::Gram),
        valid_until: Date::from_ymd(2026, 6, 30).expect("a date"),
        loss_standard: Ppm::ZERO,
        drafter: Some(testing::id(66)),
    };
    chain.entry(vec![], |view| DRAFTS.put(view, &testing::id(5), &draft));
    let told = get(&chain, 5);
    assert_eq!(told.lifecycle(), pb::ReceiptLifecycle::Draft);
    assert_eq!((told.keeper, told.holder), (party(WAREHOUSE), party(FARMER)));
    assert_eq!((told.number, told.valid_until.as_str()), (None, "2026-06-30"));
    assert!(told.drafter.is_some());
    assert!(listed(&chain, pb::ListReceiptsRequest::default()).is_empty());
    let drafts = pb::ListReceiptsRequest {
        lifecycle: Some(pb::ReceiptLifecycle::Draft.into()),
        ..pb::ListReceiptsRequest::default()
    };
    let (code, message) = refused(list_receipts(chain.queries(), &drafts));
    assert_eq!(code, Code::InvalidArgument, "{message}");
}

#[test]
fn a_hold_and_a_paper_form_are_told() {
    let (mut chain, ground, lot, _) = with_lot();
    let mut receipt = active(&ground, lot, 1);
    receipt.medium = Medium::PaperOut { form: "F-77".parse().expect("a code") };
    add(&mut chain, &receipt);
    let held = granary_book::receipts::HoldPlaced {
        receipt: testing::id(1),
        kind: HoldKind::Court,
        authority: testing::id(TRADER),
        order: "CASE-1".parse().expect("a code"),
        evidence: Digest([7; 32]),
        until_ms: None,
    };
    chain.happened(vec![granary_book::receipts::Event::from(held).into()]);
    let told = get(&chain, 1);
    assert_eq!(told.paper_form.as_deref(), Some("F-77"));
    assert_eq!(told.holds.len(), 1);
    assert_eq!(told.holds[0].kind(), pb::HoldKind::Court);
    assert_eq!(told.holds[0].authority, party(TRADER));
    assert_eq!(told.history.len(), 1);
    assert_eq!(told.history[0].type_name, "granary.receipts.v1.HoldPlaced");
}

#[test]
fn a_transfer_is_found_by_both_sides_until_and_after_it_is_accepted() {
    let (mut chain, ground, lot, bank) = with_lot();
    let receipt = add(&mut chain, &active(&ground, lot, 1));
    let transfer = Transfer {
        id: testing::id(8),
        receipt,
        from: ground.farmer,
        to: ground.trader,
        fees_assumed: None,
        payment_bank: Some(bank),
        stage: TransferStage::Open { until: Time::from_ms(50), countersigned: true },
    };
    let no = chain.entry(vec![], |view| {
        TRANSFERS.insert(view, &transfer.id, &transfer).expect("a new transfer")
    });
    let open = Some(pb::TransferStage::Open.into());
    let to = |stage| pb::ListTransfersRequest {
        to: Some(party(TRADER)),
        stage,
        ..pb::ListTransfersRequest::default()
    };
    let count = |chain: &Chain, request| {
        list_transfers(chain.queries(), &request).expect("a page").transfers.len()
    };
    let told = get_transfer(
        chain.queries(),
        &pb::GetTransferRequest { id: transfer.id.to_string(), freshness: None },
    )
    .expect("a transfer");
    assert_eq!((told.from, told.to), (party(FARMER), party(TRADER)));
    assert_eq!(told.payment_bank, Some(party(BANK)));
    assert_eq!((told.receipt, told.until_ms), (receipt_id(1), Some(50)));
    assert!(told.countersigned);
    assert_eq!((count(&chain, to(None)), count(&chain, to(open))), (1, 1));
    let from = pb::ListTransfersRequest {
        from: Some(party(FARMER)),
        ..pb::ListTransfersRequest::default()
    };
    assert_eq!(count(&chain, from), 1);
    chain.entry(vec![], |view| {
        let value = Transfer { stage: TransferStage::Accepted, ..transfer.clone() };
        TRANSFERS.put(view, &Row { no, value });
    });
    assert_eq!((count(&chain, to(None)), count(&chain, to(open))), (1, 0));
}

#[test]
fn a_release_order_tells_what_is_still_to_leave() {
    let (mut chain, ground, lot, _) = with_lot();
    let receipt = add(&mut chain, &active(&ground, lot, 1));
    let order = ReleaseOrder {
        id: testing::id(9),
        receipt,
        quantity: Quantity::new(970, Unit::Gram),
        released: 400,
        collector: "LI-1".parse().expect("a code"),
        stage: ReleaseStage::Open,
    };
    chain.entry(vec![], |view| {
        RELEASE_ORDERS.insert(view, &order.id, &order).expect("a new order");
    });
    let request = pb::GetReleaseOrderRequest { id: order.id.to_string(), freshness: None };
    let told = get_release_order(chain.queries(), &request).expect("an order");
    assert_eq!((told.keeper, told.holder), (party(WAREHOUSE), party(FARMER)));
    let amounts = [told.quantity, told.released, told.remaining];
    assert_eq!(
        amounts.map(|quantity| quantity.map(|q| q.amount)),
        [Some(970), Some(400), Some(570)]
    );
}

#[test]
fn ids_of_other_things_are_refused() {
    let (chain, ..) = with_lot();
    let pledgee = lot_id(1);
    let request =
        pb::ListPledgedReceiptsRequest { pledgee, ..pb::ListPledgedReceiptsRequest::default() };
    let (code, message) = refused(list_pledged_receipts(chain.queries(), &request));
    assert_eq!(code, Code::InvalidArgument);
    assert!(message.starts_with("pledgee: "), "{message}");
}
