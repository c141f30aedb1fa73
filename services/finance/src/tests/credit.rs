use granary_book::{
    credit::{
        FacilityResumed, FacilitySuspended, MarginCallCured, MarginCallOpened, SuspensionCause,
    },
    vocabulary::{CallId, FacilityId, LoanId, Millis, PledgeId, PriceId, ReceiptId},
};
use granary_proto::{credit::v1 as credit_pb, finance::v1 as pb};
use granary_runtime::testing::{self, Chain, START};
use tonic::Code;

use super::ground::*;
use crate::finance::{
    get_call, get_exposure, get_facility, get_loan, list_calls, list_facilities, list_loans,
    list_portfolio,
};

/// A chain on which the farmer owes the bank.
fn lent() -> Chain {
    let mut chain = chain();
    chain.happened(vec![observed(1, START), accepted(1)]);
    for events in [proposed(), perfected(), offered(), requested(), disbursed()] {
        chain.happened(events);
    }
    chain
}

fn facility(chain: &Chain) -> pb::Facility {
    let request = pb::GetFacilityRequest { id: text::<FacilityId>(FACILITY), freshness: None };
    get_facility(chain.queries(), &request).expect("a facility")
}

fn loan(chain: &Chain) -> pb::Loan {
    let request = pb::GetLoanRequest { id: text::<LoanId>(LOAN), freshness: None };
    get_loan(chain.queries(), &request).expect("a loan")
}

fn exposure(chain: &Chain) -> pb::Exposure {
    let request = pb::GetExposureRequest { id: text::<FacilityId>(FACILITY), freshness: None };
    get_exposure(chain.queries(), &request).expect("an exposure")
}

fn minor(money: Option<granary_proto::common::v1::Money>) -> Option<u64> {
    money.map(|money| {
        assert_eq!(money.currency, "CNY");
        money.minor_units
    })
}

#[test]
fn a_facility_tells_its_terms_and_what_suspends_it() {
    let mut chain = chain();
    chain.happened(vec![observed(1, START), accepted(1)]);
    for events in [proposed(), perfected(), offered()] {
        chain.happened(events);
    }
    let told = facility(&chain);
    assert_eq!(told.stage(), pb::FacilityStage::Offered);
    assert_eq!(told.offer_until_ms, Some(START.after(Millis::days(7)).ms()));
    assert_eq!((told.lender, told.borrower), (party(BANK), party(FARMER)));
    assert_eq!(minor(told.limit), Some(8_000_000));
    assert_eq!((told.expires_on.as_str(), told.accounts), ("2026-12-31", vec!["ESCROW-1".into()]));
    assert!(told.pledges.is_empty());

    chain.happened(requested());
    let told = facility(&chain);
    assert_eq!(told.stage(), pb::FacilityStage::Available);
    assert_eq!(told.pledges, [text::<PledgeId>(PLEDGE)]);
    assert_eq!((told.suspension, told.offer_until_ms), (None, None));

    let cause = SuspensionCause::Lender;
    let id = testing::id(FACILITY);
    let suspended = FacilitySuspended { facility: id, cause, reason: Some(code("AUDIT")) };
    chain.happened(vec![credit(suspended)]);
    let suspension = facility(&chain).suspension.expect("the lender suspended it");
    assert!(suspension.by_lender && !suspension.by_valuation && suspension.by_call.is_none());
    chain.happened(vec![credit(FacilityResumed { facility: id, cause })]);
    assert_eq!(facility(&chain).suspension, None);
}

#[test]
fn a_loan_tells_what_is_owed_and_is_listed_under_facility_and_borrower() {
    let chain = lent();
    let told = loan(&chain);
    assert_eq!(told.stage(), pb::LoanStage::Outstanding);
    assert_eq!((told.lender, told.borrower), (party(BANK), party(FARMER)));
    assert_eq!((told.facility, told.due_on.as_str()), (text::<FacilityId>(FACILITY), "2026-11-30"));
    let debt = told.debt.expect("it was paid out");
    assert_eq!((minor(debt.principal), minor(debt.total)), (Some(DRAWN), Some(DRAWN)));
    assert_eq!(
        (debt.disbursed_on.as_str(), debt.accrued_to.as_str()),
        ("2026-01-05", "2026-01-05")
    );

    let all = pb::ListLoansRequest::default;
    let count = |request: pb::ListLoansRequest| {
        list_loans(chain.queries(), &request).expect("a page").loans.len()
    };
    let outstanding = Some(pb::LoanStage::Outstanding.into());
    let facility = Some(text::<FacilityId>(FACILITY));
    let of_farmer = Some(party(FARMER));
    assert_eq!(count(pb::ListLoansRequest { facility, ..all() }), 1);
    assert_eq!(
        count(pb::ListLoansRequest { borrower: of_farmer.clone(), stage: outstanding, ..all() }),
        1
    );
    let requested = Some(pb::LoanStage::Requested.into());
    assert_eq!(count(pb::ListLoansRequest { borrower: of_farmer, stage: requested, ..all() }), 0);
    assert_eq!(count(pb::ListLoansRequest { borrower: Some(party(BANK)), ..all() }), 0);
    let unknown = Some(text::<FacilityId>(99));
    assert_eq!(count(pb::ListLoansRequest { facility: unknown, ..all() }), 0);
}

/// 100 tonnes at 1 yuan a kilogram less 10% are worth 9,000,000 fen. 5,400,000 fen at 6.5% over 30 days of
/// 360 bear 29,250 fen, so 5,429,250 are owed: 60.325% of the value.
#[test]
fn an_exposure_counts_interest_to_the_business_date() {
    let mut chain = lent();
    let at_once = exposure(&chain);
    assert_eq!((minor(at_once.interest_and_charges), at_once.ltv_ppm), (Some(0), Some(600_000)));

    chain.wait(Millis::days(30));
    chain.entry(vec![], |_| ());
    let told = exposure(&chain);
    let status = told.status();
    assert_eq!(told.business_date, "2026-02-04");
    assert_eq!((minor(told.principal), minor(told.reserved)), (Some(DRAWN), Some(0)));
    assert_eq!(minor(told.interest_and_charges), Some(29_250));
    assert_eq!(minor(told.total), Some(5_429_250));
    assert_eq!(minor(told.value), Some(9_000_000));
    assert_eq!(told.ltv_ppm, Some(603_250));
    assert_eq!(status, credit_pb::Status::Ok);
    assert_eq!(minor(told.room), Some(0), "it is above the initial line");
    assert_eq!(told.prices, [text::<PriceId>(1)]);
    assert_eq!(told.obstacle, None);
}

#[test]
fn collateral_that_cannot_be_valued_has_no_value_and_says_why() {
    let mut chain = lent();
    chain.wait(Millis::days(61));
    chain.entry(vec![], |_| ());
    let told = exposure(&chain);
    assert_eq!(told.status(), credit_pb::Status::Unavailable);
    assert_eq!((told.value, told.ltv_ppm, told.room), (None, None, None));
    let obstacle = told.obstacle.expect("its price is stale");
    assert_eq!(obstacle.kind(), credit_pb::ObstacleKind::PriceStale);
    assert_eq!(obstacle.receipt, text::<ReceiptId>(RECEIPT));
    assert_eq!(obstacle.feed.as_deref(), Some(FEED));
}

#[test]
fn a_portfolio_is_a_lenders_facilities_with_their_exposures() {
    let chain = lent();
    let portfolio = |lender: u8, stage: Option<pb::FacilityStage>| {
        let request = pb::ListPortfolioRequest {
            lender: party(lender),
            stage: stage.map(Into::into),
            ..pb::ListPortfolioRequest::default()
        };
        list_portfolio(chain.queries(), &request).expect("a page").lines
    };
    let lines = portfolio(BANK, Some(pb::FacilityStage::Available));
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].exposure, Some(exposure(&chain)));
    let listed = lines[0].facility.clone().expect("always");
    assert_eq!(listed, pb::Facility { history: vec![], ..facility(&chain) });
    assert!(portfolio(BANK, Some(pb::FacilityStage::Frozen)).is_empty());
    assert!(portfolio(FARMER, None).is_empty());
    let nobody = pb::ListPortfolioRequest::default();
    assert_eq!(refused(list_portfolio(chain.queries(), &nobody)).0, Code::InvalidArgument);
}

#[test]
fn a_margin_call_tells_what_is_missing_until_it_is_cured() {
    let mut chain = lent();
    let (call, id) = (testing::id(20), testing::id(FACILITY));
    let opened = MarginCallOpened {
        call,
        facility: id,
        amount: fen(70_000),
        deadline_ms: START.after(Millis::days(3)),
    };
    chain.happened(vec![credit(opened)]);
    let request = || pb::GetCallRequest { id: text::<CallId>(20), freshness: None };
    let told = get_call(chain.queries(), &request()).expect("a call");
    assert_eq!((told.stage(), minor(told.outstanding)), (pb::CallStage::Open, Some(70_000)));
    let suspension = facility(&chain).suspension.expect("the call suspends it");
    assert_eq!(suspension.by_call, Some(text::<CallId>(20)));

    let of_facility = |stage: pb::CallStage| pb::ListCallsRequest {
        facility: Some(text::<FacilityId>(FACILITY)),
        stage: Some(stage.into()),
        ..pb::ListCallsRequest::default()
    };
    let count = |chain: &Chain, stage| {
        list_calls(chain.queries(), &of_facility(stage)).expect("a page").calls.len()
    };
    assert_eq!((count(&chain, pb::CallStage::Open), count(&chain, pb::CallStage::Cured)), (1, 0));
    chain.happened(vec![credit(MarginCallCured { call, facility: id })]);
    assert_eq!((count(&chain, pb::CallStage::Open), count(&chain, pb::CallStage::Cured)), (0, 1));
    let told = get_call(chain.queries(), &request()).expect("a call");
    assert_eq!((told.outstanding, told.history.len()), (None, 2));
}

#[test]
fn facilities_are_listed_under_lender_and_borrower() {
    let chain = lent();
    let all = pb::ListFacilitiesRequest::default;
    let count =
        |request| list_facilities(chain.queries(), &request).expect("a page").facilities.len();
    let (bank, farmer) = (Some(party(BANK)), Some(party(FARMER)));
    assert_eq!(count(pb::ListFacilitiesRequest { lender: bank.clone(), ..all() }), 1);
    assert_eq!(count(pb::ListFacilitiesRequest { borrower: farmer.clone(), ..all() }), 1);
    assert_eq!(count(pb::ListFacilitiesRequest { lender: farmer, ..all() }), 0);
    let stage = Some(pb::FacilityStage::Offered.into());
    assert_eq!(count(pb::ListFacilitiesRequest { lender: bank, stage, ..all() }), 0);
}
