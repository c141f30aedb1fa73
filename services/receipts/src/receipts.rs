//! `granary.receipts.v1.ReceiptService`.

use granary_book::{
    goods::LOTS,
    receipts::{DRAFTS, RECEIPTS, RELEASE_ORDERS, TRANSFERS},
    vocabulary::ReceiptId,
};
use granary_proto::receipts::v1::{self as pb, receipt_service_server::ReceiptService};
use granary_runtime::{queries::Queries, reading::Filters, typed::Service};
use tonic::Status;

use crate::{convert, lists};

/// The face.
#[derive(Clone)]
pub struct Receipts(pub Service);

granary_runtime::service! {
    impl ReceiptService for Receipts {
        write register_scale(pb::RegisterScaleRequest);
        write register_store(pb::RegisterStoreRequest);
        write announce_deposit(pb::AnnounceDepositRequest);
        write record_arrival(pb::RecordArrivalRequest);
        write record_weight(pb::RecordWeightRequest);
        write take_sample(pb::TakeSampleRequest);
        write record_assay(pb::RecordAssayRequest);
        write refuse_deposit(pb::RefuseDepositRequest);
        write accept_to_store(pb::AcceptToStoreRequest);
        write renew_insurance(pb::RenewInsuranceRequest);
        write allot_numbers(pb::AllotNumbersRequest);
        write draft_receipt(pb::DraftReceiptRequest);
        write withdraw_draft(pb::WithdrawDraftRequest);
        write sign_receipt(pb::SignReceiptRequest);
        write accept_receipt(pb::AcceptReceiptRequest);
        write decline_receipt(pb::DeclineReceiptRequest);
        write propose_transfer(pb::ProposeTransferRequest);
        write countersign_transfer(pb::CountersignTransferRequest);
        write accept_transfer(pb::AcceptTransferRequest);
        write withdraw_transfer(pb::WithdrawTransferRequest);
        write reject_transfer(pb::RejectTransferRequest);
        write split_receipt(pb::SplitReceiptRequest);
        write surrender_receipt(pb::SurrenderReceiptRequest);
        write reverse_surrender(pb::ReverseSurrenderRequest);
        write record_gate_out(pb::RecordGateOutRequest);
        write complete_delivery(pb::CompleteDeliveryRequest);
        write place_hold(pb::PlaceHoldRequest);
        write lift_hold(pb::LiftHoldRequest);
        write convert_to_paper(pb::ConvertToPaperRequest);
        write return_from_paper(pb::ReturnFromPaperRequest);
        write state_fees(pb::StateFeesRequest);
        write cancel_receipt(pb::CancelReceiptRequest);
        read get_lot(pb::GetLotRequest) -> pb::Lot;
        read list_lots(pb::ListLotsRequest) -> pb::ListLotsResponse;
        read get_receipt(pb::GetReceiptRequest) -> pb::Receipt;
        read list_receipts(pb::ListReceiptsRequest) -> pb::ListReceiptsResponse;
        read list_pledged_receipts(pb::ListPledgedReceiptsRequest) -> pb::ListPledgedReceiptsResponse;
        read get_transfer(pb::GetTransferRequest) -> pb::Transfer;
        read list_transfers(pb::ListTransfersRequest) -> pb::ListTransfersResponse;
        read get_release_order(pb::GetReleaseOrderRequest) -> pb::ReleaseOrder;
    }
}

pub(crate) fn get_lot(queries: &Queries, request: &pb::GetLotRequest) -> Result<pb::Lot, Status> {
    queries.one(&LOTS, "lot", &request.id, |reading, row| pb::Lot {
        history: reading.history(row.value.id),
        ..convert::lot(reading, row)
    })
}

pub(crate) fn list_lots(
    queries: &Queries,
    request: &pb::ListLotsRequest,
) -> Result<pb::ListLotsResponse, Status> {
    let wanted = Filters::of("ListLots")
        .party("depositor", lists::LOTS_BY_DEPOSITOR, request.depositor.as_ref())
        .party("owner", lists::LOTS_BY_OWNER, request.owner.as_ref())
        .party("warehouse", lists::LOTS_BY_WAREHOUSE, request.warehouse.as_ref())
        .stage("stage", request.stage, |number| pb::LotStage::try_from(number).is_ok())
        .page(request.page_size, &request.page_token)?;
    let page = queries.page(&LOTS, &wanted, convert::lot)?;
    Ok(pb::ListLotsResponse {
        lots: page.objects,
        next_page_token: page.next_page_token,
        as_of_index: page.as_of_index,
    })
}

pub(crate) fn get_receipt(
    queries: &Queries,
    request: &pb::GetReceiptRequest,
) -> Result<pb::Receipt, Status> {
    queries.find("receipt", &request.id, |reading, id: &ReceiptId| {
        let view = &reading.view;
        let receipt = match RECEIPTS.find(view, id) {
            Some(row) => convert::receipt(reading, &row),
            None => convert::draft(reading, *id, &DRAFTS.get(view, id)?),
        };
        Some(pb::Receipt { history: reading.history(*id), ..receipt })
    })
}

pub(crate) fn list_receipts(
    queries: &Queries,
    request: &pb::ListReceiptsRequest,
) -> Result<pb::ListReceiptsResponse, Status> {
    let wanted = Filters::of("ListReceipts")
        .party("holder", lists::RECEIPTS_BY_HOLDER, request.holder.as_ref())
        .party("keeper", lists::RECEIPTS_BY_KEEPER, request.keeper.as_ref())
        .stage("lifecycle", request.lifecycle, |number| {
            let known = pb::ReceiptLifecycle::try_from(number);
            known.is_ok_and(|lifecycle| lifecycle != pb::ReceiptLifecycle::Draft)
        })
        .page(request.page_size, &request.page_token)?;
    let page = queries.page(&RECEIPTS, &wanted, convert::receipt)?;
    Ok(pb::ListReceiptsResponse {
        receipts: page.objects,
        next_page_token: page.next_page_token,
        as_of_index: page.as_of_index,
    })
}

pub(crate) fn list_pledged_receipts(
    queries: &Queries,
    request: &pb::ListPledgedReceiptsRequest,
) -> Result<pb::ListPledgedReceiptsResponse, Status> {
    let wanted = Filters::of("ListPledgedReceipts")
        .party("pledgee", lists::RECEIPTS_BY_PLEDGEE, Some(&request.pledgee))
        .page(request.page_size, &request.page_token)?;
    let page = queries.page(&RECEIPTS, &wanted, convert::receipt)?;
    Ok(pb::ListPledgedReceiptsResponse {
        receipts: page.objects,
        next_page_token: page.next_page_token,
        as_of_index: page.as_of_index,
    })
}

pub(crate) fn get_transfer(
    queries: &Queries,
    request: &pb::GetTransferRequest,
) -> Result<pb::Transfer, Status> {
    queries.one(&TRANSFERS, "transfer", &request.id, |reading, row| pb::Transfer {
        history: reading.history(row.value.id),
        ..convert::transfer(reading, row)
    })
}

pub(crate) fn list_transfers(
    queries: &Queries,
    request: &pb::ListTransfersRequest,
) -> Result<pb::ListTransfersResponse, Status> {
    let wanted = Filters::of("ListTransfers")
        .party("from", lists::TRANSFERS_BY_FROM, request.from.as_ref())
        .party("to", lists::TRANSFERS_BY_TO, request.to.as_ref())
        .stage("stage", request.stage, |number| pb::TransferStage::try_from(number).is_ok())
        .page(request.page_size, &request.page_token)?;
    let page = queries.page(&TRANSFERS, &wanted, convert::transfer)?;
    Ok(pb::ListTransfersResponse {
        transfers: page.objects,
        next_page_token: page.next_page_token,
        as_of_index: page.as_of_index,
    })
}

pub(crate) fn get_release_order(
    queries: &Queries,
    request: &pb::GetReleaseOrderRequest,
) -> Result<pb::ReleaseOrder, Status> {
    queries.one(&RELEASE_ORDERS, "release order", &request.id, |reading, row| pb::ReleaseOrder {
        history: reading.history(row.value.id),
        ..convert::release_order(reading, row)
    })
}
