//! `granary.shipments.v1.ShipmentService`.

use granary_book::{orders::ORDERS, shipments::SHIPMENTS};
use granary_proto::shipments::v1::{self as pb, shipment_service_server::ShipmentService};
use granary_runtime::{queries::Queries, reading::Filters, typed::Service};
use tonic::Status;

use crate::{convert, lists, post::post_delivery_events};

/// Most shipments of a page: with 50 lines each, so many fit into the 4 MiB that clients take.
const PAGE_MAX: usize = 200;

/// The face.
#[derive(Clone)]
pub struct Shipments(pub Service);

granary_runtime::service! {
    impl ShipmentService for Shipments {
        write plan_shipment(pb::PlanShipmentRequest);
        write plan_warehouse_move(pb::PlanWarehouseMoveRequest);
        write book_carrier(pb::BookCarrierRequest);
        write record_loading(pb::RecordLoadingRequest);
        write offer_handover(pb::OfferHandoverRequest);
        write accept_handover(pb::AcceptHandoverRequest);
        write reject_handover(pb::RejectHandoverRequest);
        write replace_seals(pb::ReplaceSealsRequest);
        write record_waypoint(pb::RecordWaypointRequest);
        write record_shipment_arrival(pb::RecordShipmentArrivalRequest);
        write record_delivery(pb::RecordDeliveryRequest);
        write record_return(pb::RecordReturnRequest);
        write declare_lost(pb::DeclareLostRequest);
        write close_shipment(pb::CloseShipmentRequest);
        write cancel_shipment(pb::CancelShipmentRequest);
        read get_shipment(pb::GetShipmentRequest) -> pb::Shipment;
        read list_shipments(pb::ListShipmentsRequest) -> pb::ListShipmentsResponse;
        collect post_delivery_events(pb::PostDeliveryEventsRequest) -> pb::PostDeliveryEventsResponse;
    }
}

pub(crate) fn get_shipment(
    queries: &Queries,
    request: &pb::GetShipmentRequest,
) -> Result<pb::Shipment, Status> {
    queries.one(&SHIPMENTS, "shipment", &request.id, |reading, row| pb::Shipment {
        history: reading.history(row.value.id),
        ..convert::shipment(reading, row)
    })
}

pub(crate) fn list_shipments(
    queries: &Queries,
    request: &pb::ListShipmentsRequest,
) -> Result<pb::ListShipmentsResponse, Status> {
    let wanted = Filters::of("ListShipments")
        .party("consignor", lists::BY_CONSIGNOR, request.consignor.as_ref())
        .party("consignee", lists::BY_CONSIGNEE, request.consignee.as_ref())
        .party("carrier", lists::BY_CARRIER, request.carrier.as_ref())
        .object("order", lists::BY_ORDER, request.order.as_ref(), &ORDERS)
        .stage("stage", request.stage, |number| pb::ShipmentStage::try_from(number).is_ok())
        .most(PAGE_MAX)
        .page(request.page_size, &request.page_token)?;
    let page = queries.page(&SHIPMENTS, &wanted, convert::shipment)?;
    Ok(pb::ListShipmentsResponse {
        shipments: page.objects,
        next_page_token: page.next_page_token,
        as_of_index: page.as_of_index,
    })
}
