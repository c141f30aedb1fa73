//! `granary.finance.v1.FinanceService`.

use granary_book::{
    credit::{CALLS, FACILITIES, LOANS},
    pledges::PLEDGES,
    prices::PRICES,
    registries,
    vocabulary::{FacilityId, No},
};
use granary_proto::finance::v1::{self as pb, finance_service_server::FinanceService};
use granary_runtime::{queries::Queries, reading::Filters, typed::Service};
use tonic::Status;

use crate::{convert, lists};

/// Most facilities of a page whose collateral is valued: each may be some hundred receipts.
const PORTFOLIO_PAGE_MAX: usize = 50;

/// The face.
#[derive(Clone)]
pub struct Finance(pub Service);

granary_runtime::service! {
    impl FinanceService for Finance {
        write propose_pledge(pb::ProposePledgeRequest);
        write record_duplicate_check(pb::RecordDuplicateCheckRequest);
        write accept_pledge(pb::AcceptPledgeRequest);
        write confirm_control(pb::ConfirmControlRequest);
        write record_registration(pb::RecordRegistrationRequest);
        write reject_pledge(pb::RejectPledgeRequest);
        write withdraw_pledge(pb::WithdrawPledgeRequest);
        write request_release(pb::RequestReleaseRequest);
        write confirm_release(pb::ConfirmReleaseRequest);
        write observe_price(pb::ObservePriceRequest);
        write confirm_price(pb::ConfirmPriceRequest);
        write reject_price(pb::RejectPriceRequest);
        write set_product(pb::SetProductRequest);
        write offer_facility(pb::OfferFacilityRequest);
        write sign_facility(pb::SignFacilityRequest);
        write satisfy_conditions(pb::SatisfyConditionsRequest);
        write suspend_facility(pb::SuspendFacilityRequest);
        write resume_facility(pb::ResumeFacilityRequest);
        write close_facility(pb::CloseFacilityRequest);
        write value_facility(pb::ValueFacilityRequest);
        write withdraw_call(pb::WithdrawCallRequest);
        write request_drawdown(pb::RequestDrawdownRequest);
        write approve_drawdown(pb::ApproveDrawdownRequest);
        write reject_drawdown(pb::RejectDrawdownRequest);
        write cancel_drawdown(pb::CancelDrawdownRequest);
        write instruct_payment(pb::InstructPaymentRequest);
        write confirm_disbursement(pb::ConfirmDisbursementRequest);
        write fail_disbursement(pb::FailDisbursementRequest);
        write accrue_interest(pb::AccrueInterestRequest);
        write charge_loan(pb::ChargeLoanRequest);
        write record_payment(pb::RecordPaymentRequest);
        write reverse_payment(pb::ReversePaymentRequest);
        write refund_overpayment(pb::RefundOverpaymentRequest);
        read get_pledge(pb::GetPledgeRequest) -> pb::Pledge;
        read list_pledges(pb::ListPledgesRequest) -> pb::ListPledgesResponse;
        read get_facility(pb::GetFacilityRequest) -> pb::Facility;
        read list_facilities(pb::ListFacilitiesRequest) -> pb::ListFacilitiesResponse;
        read get_loan(pb::GetLoanRequest) -> pb::Loan;
        read list_loans(pb::ListLoansRequest) -> pb::ListLoansResponse;
        read get_call(pb::GetCallRequest) -> pb::Call;
        read list_calls(pb::ListCallsRequest) -> pb::ListCallsResponse;
        read get_price(pb::GetPriceRequest) -> pb::PriceObservation;
        read list_prices(pb::ListPricesRequest) -> pb::ListPricesResponse;
        read get_exposure(pb::GetExposureRequest) -> pb::Exposure;
        read list_portfolio(pb::ListPortfolioRequest) -> pb::ListPortfolioResponse;
    }
}

pub(crate) fn get_pledge(
    queries: &Queries,
    request: &pb::GetPledgeRequest,
) -> Result<pb::Pledge, Status> {
    queries.one(&PLEDGES, "pledge", &request.id, |reading, row| pb::Pledge {
        history: reading.history(row.value.id),
        ..convert::pledge(reading, row)
    })
}

pub(crate) fn list_pledges(
    queries: &Queries,
    request: &pb::ListPledgesRequest,
) -> Result<pb::ListPledgesResponse, Status> {
    let wanted = Filters::of("ListPledges")
        .party("pledgor", lists::PLEDGES_BY_PLEDGOR, request.pledgor.as_ref())
        .party("pledgee", lists::PLEDGES_BY_PLEDGEE, request.pledgee.as_ref())
        .party("keeper", lists::PLEDGES_BY_KEEPER, request.keeper.as_ref())
        .stage("stage", request.stage, |number| pb::PledgeStage::try_from(number).is_ok())
        .page(request.page_size, &request.page_token)?;
    let page = queries.page(&PLEDGES, &wanted, convert::pledge)?;
    Ok(pb::ListPledgesResponse {
        pledges: page.objects,
        next_page_token: page.next_page_token,
        as_of_index: page.as_of_index,
    })
}

pub(crate) fn get_facility(
    queries: &Queries,
    request: &pb::GetFacilityRequest,
) -> Result<pb::Facility, Status> {
    queries.one(&FACILITIES, "facility", &request.id, |reading, row| pb::Facility {
        history: reading.history(row.value.id),
        ..convert::facility(reading, row)
    })
}

pub(crate) fn list_facilities(
    queries: &Queries,
    request: &pb::ListFacilitiesRequest,
) -> Result<pb::ListFacilitiesResponse, Status> {
    let wanted = Filters::of("ListFacilities")
        .party("lender", lists::FACILITIES_BY_LENDER, request.lender.as_ref())
        .party("borrower", lists::FACILITIES_BY_BORROWER, request.borrower.as_ref())
        .stage("stage", request.stage, |number| pb::FacilityStage::try_from(number).is_ok())
        .page(request.page_size, &request.page_token)?;
    let page = queries.page(&FACILITIES, &wanted, convert::facility)?;
    Ok(pb::ListFacilitiesResponse {
        facilities: page.objects,
        next_page_token: page.next_page_token,
        as_of_index: page.as_of_index,
    })
}

pub(crate) fn get_loan(
    queries: &Queries,
    request: &pb::GetLoanRequest,
) -> Result<pb::Loan, Status> {
    queries.one(&LOANS, "loan", &request.id, |reading, row| pb::Loan {
        history: reading.history(row.value.id),
        ..convert::loan(reading, row)
    })
}

pub(crate) fn list_loans(
    queries: &Queries,
    request: &pb::ListLoansRequest,
) -> Result<pb::ListLoansResponse, Status> {
    let wanted = Filters::of("ListLoans")
        .object("facility", lists::LOANS_BY_FACILITY, request.facility.as_ref(), &FACILITIES)
        .party("borrower", lists::LOANS_BY_BORROWER, request.borrower.as_ref())
        .stage("stage", request.stage, |number| pb::LoanStage::try_from(number).is_ok())
        .page(request.page_size, &request.page_token)?;
    let page = queries.page(&LOANS, &wanted, convert::loan)?;
    Ok(pb::ListLoansResponse {
        loans: page.objects,
        next_page_token: page.next_page_token,
        as_of_index: page.as_of_index,
    })
}

pub(crate) fn get_call(
    queries: &Queries,
    request: &pb::GetCallRequest,
) -> Result<pb::Call, Status> {
    queries.one(&CALLS, "margin call", &request.id, |reading, row| pb::Call {
        history: reading.history(row.value.id),
        ..convert::call(reading, row)
    })
}

pub(crate) fn list_calls(
    queries: &Queries,
    request: &pb::ListCallsRequest,
) -> Result<pb::ListCallsResponse, Status> {
    let wanted = Filters::of("ListCalls")
        .object("facility", lists::CALLS_BY_FACILITY, request.facility.as_ref(), &FACILITIES)
        .stage("stage", request.stage, |number| pb::CallStage::try_from(number).is_ok())
        .page(request.page_size, &request.page_token)?;
    let page = queries.page(&CALLS, &wanted, convert::call)?;
    Ok(pb::ListCallsResponse {
        calls: page.objects,
        next_page_token: page.next_page_token,
        as_of_index: page.as_of_index,
    })
}

pub(crate) fn get_price(
    queries: &Queries,
    request: &pb::GetPriceRequest,
) -> Result<pb::PriceObservation, Status> {
    queries.one(&PRICES, "price", &request.id, |reading, row| pb::PriceObservation {
        history: reading.history(row.value.id),
        ..convert::price(reading, row)
    })
}

pub(crate) fn list_prices(
    queries: &Queries,
    request: &pb::ListPricesRequest,
) -> Result<pb::ListPricesResponse, Status> {
    let wanted = Filters::of("ListPrices")
        .code("feed", lists::PRICES_BY_FEED, request.feed.as_ref(), |view, code| {
            registries::feed(view, code).ok().map(|feed| feed.no.to_u64())
        })
        .stage("stage", request.stage, |number| pb::PriceStage::try_from(number).is_ok())
        .page(request.page_size, &request.page_token)?;
    let page = queries.page(&PRICES, &wanted, convert::price)?;
    Ok(pb::ListPricesResponse {
        prices: page.objects,
        next_page_token: page.next_page_token,
        as_of_index: page.as_of_index,
    })
}

pub(crate) fn get_exposure(
    queries: &Queries,
    request: &pb::GetExposureRequest,
) -> Result<pb::Exposure, Status> {
    queries.find("facility", &request.id, |reading, id: &FacilityId| {
        convert::exposure(reading, &FACILITIES.find(&reading.view, id)?)
    })
}

pub(crate) fn list_portfolio(
    queries: &Queries,
    request: &pb::ListPortfolioRequest,
) -> Result<pb::ListPortfolioResponse, Status> {
    let wanted = Filters::of("ListPortfolio")
        .party("lender", lists::FACILITIES_BY_LENDER, Some(&request.lender))
        .stage("stage", request.stage, |number| pb::FacilityStage::try_from(number).is_ok())
        .most(PORTFOLIO_PAGE_MAX)
        .page(request.page_size, &request.page_token)?;
    let page = queries.page(&FACILITIES, &wanted, convert::portfolio_line)?;
    Ok(pb::ListPortfolioResponse {
        lines: page.objects,
        next_page_token: page.next_page_token,
        as_of_index: page.as_of_index,
    })
}
