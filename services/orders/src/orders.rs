//! `granary.orders.v1.OrderService`.

use granary_book::{
    orders::{IMPORTED, ORDERS},
    parties::PARTIES,
    registries,
    vocabulary::{Code, PartyId},
};
use granary_proto::orders::v1::{self as pb, order_service_server::OrderService};
use granary_runtime::{
    queries::Queries,
    reading::{Filters, Listed},
    status::BadRequest,
    typed::Service,
};
use tonic::Status;

use crate::{convert, lists};

/// Most orders of a page: with 50 lines each, so many fit into the 4 MiB that clients take.
const PAGE_MAX: usize = 200;

/// The face.
#[derive(Clone)]
pub struct Orders(pub Service);

granary_runtime::service! {
    impl OrderService for Orders {
        write place_order(pb::PlaceOrderRequest);
        write countersign_order(pb::CountersignOrderRequest);
        write reject_order(pb::RejectOrderRequest);
        write amend_order(pb::AmendOrderRequest);
        write offer_order_for_finance(pb::OfferOrderForFinanceRequest);
        write confirm_order_finance(pb::ConfirmOrderFinanceRequest);
        write release_order_finance(pb::ReleaseOrderFinanceRequest);
        write accept_goods(pb::AcceptGoodsRequest);
        write reject_goods(pb::RejectGoodsRequest);
        write invoice_order(pb::InvoiceOrderRequest);
        write settle_order(pb::SettleOrderRequest);
        write cancel_order(pb::CancelOrderRequest);
        read get_order(pb::GetOrderRequest) -> pb::Order;
        read list_orders(pb::ListOrdersRequest) -> pb::ListOrdersResponse;
    }
}

pub(crate) fn get_order(
    queries: &Queries,
    request: &pb::GetOrderRequest,
) -> Result<pb::Order, Status> {
    queries.one(&ORDERS, "order", &request.id, convert::whole_order)
}

pub(crate) fn list_orders(
    queries: &Queries,
    request: &pb::ListOrdersRequest,
) -> Result<pb::ListOrdersResponse, Status> {
    let page = match &request.source_key {
        Some(key) => imported(queries, key, request)?,
        None => {
            let wanted = Filters::of("ListOrders")
                .party("buyer", lists::BY_BUYER, request.buyer.as_ref())
                .party("seller", lists::BY_SELLER, request.seller.as_ref())
                .stage("stage", request.stage, |number| pb::OrderStage::try_from(number).is_ok())
                .most(PAGE_MAX)
                .page(request.page_size, &request.page_token)?;
            queries.page(&ORDERS, &wanted, convert::order)?
        }
    };
    Ok(pb::ListOrdersResponse {
        orders: page.objects,
        next_page_token: page.next_page_token,
        as_of_index: page.as_of_index,
    })
}

/// The order that a buyer imported from a record, if any: keys are unique with each buyer, so it is a page of
/// one or none.
fn imported(
    queries: &Queries,
    key: &str,
    request: &pb::ListOrdersRequest,
) -> Result<Listed<pb::Order>, Status> {
    let mut bad = BadRequest::default();
    let key = bad.take("source_key", key.parse::<Code>());
    let buyer = match &request.buyer {
        Some(buyer) => bad.take("buyer", buyer.parse::<PartyId>()),
        None => {
            bad.push("buyer", "is required with source_key: keys are each buyer's own");
            None
        }
    };
    let others = [("seller", request.seller.is_some()), ("stage", request.stage.is_some())];
    for (field, _) in others.into_iter().filter(|(_, given)| *given) {
        bad.push(field, "can't be given together with source_key; leave one out");
    }
    if !request.page_token.is_empty() {
        bad.push("page_token", "is not of this list, which has one page");
    }
    let (Some(key), Some(buyer), true) = (key, buyer, bad.is_empty()) else {
        return Err(bad.into());
    };
    queries.read(|reading| {
        let view = &reading.view;
        let id = PARTIES
            .no(view, &buyer)
            .and_then(|buyer| IMPORTED.get(view, &(buyer, registries::key(&key))));
        let row = id.and_then(|id| ORDERS.find(view, &id));
        Listed {
            objects: row.iter().map(|row| convert::order(reading, row)).collect(),
            next_page_token: String::new(),
            as_of_index: reading.as_of_index,
        }
    })
}
