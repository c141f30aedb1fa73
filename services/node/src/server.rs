//! The gRPC server: which services stand in front of a chain, and its bounds.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use granary_audit::Audit;
use granary_finance::Finance;
use granary_orders::Orders;
use granary_parties::{Parties, Statements};
use granary_proto::{
    DESCRIPTORS, audit::v1::audit_service_server::AuditServiceServer,
    finance::v1::finance_service_server::FinanceServiceServer,
    orders::v1::order_service_server::OrderServiceServer,
    parties::v1::party_service_server::PartyServiceServer,
    receipts::v1::receipt_service_server::ReceiptServiceServer,
    shipments::v1::shipment_service_server::ShipmentServiceServer,
    statement::v1::statement_service_server::StatementServiceServer,
};
use granary_receipts::Receipts;
use granary_runtime::{
    chain::Chain,
    config::{Config, Service as Offered},
    projection::{self, Plan},
    supervise::{Stop, Supervisor},
    typed::Service,
};
use granary_shipments::Shipments;
use tokio::sync::oneshot;
use tonic::{
    server::NamedService,
    service::Routes,
    transport::{Server, server::TcpIncoming},
};

use crate::NodeError;

/// Streams at once on one connection (access.md section 6).
const STREAMS_MAX: u32 = 128;
/// Bytes in flight on one stream and on one connection: with less, eight streams of statements wait for
/// window updates (architecture.md section 3 has the measurement).
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 8 << 20;

/// What projections fold for the services of this build.
pub(crate) fn plan() -> Plan {
    let mut tables = [
        granary_parties::TABLES,
        granary_receipts::TABLES,
        granary_finance::TABLES,
        granary_orders::TABLES,
        granary_shipments::TABLES,
    ]
    .concat();
    // Services share tables; each is copied once.
    tables.sort_unstable();
    tables.dedup();
    let lists = [
        granary_parties::lists(),
        granary_receipts::lists(),
        granary_finance::lists(),
        granary_orders::lists(),
        granary_shipments::lists(),
    ];
    let lists = lists.into_iter().flatten().collect();
    Plan { tables, lists, mentions: projection::mentions() }
}

/// Binds the port, and says which one it is.
pub(crate) fn bind(address: SocketAddr) -> Result<(TcpIncoming, SocketAddr), NodeError> {
    let refused = |source| NodeError::Listen { flag: "--listen", address, source };
    let incoming = TcpIncoming::bind(address).map_err(refused)?.with_nodelay(Some(true));
    let bound = incoming.local_addr().map_err(refused)?;
    Ok((incoming, bound))
}

/// Starts the server. What is returned resolves once it has drained.
pub(crate) fn spawn(
    supervisor: &mut Supervisor,
    incoming: TcpIncoming,
    chain: &Arc<Chain>,
    config: &Config,
) -> Result<oneshot::Receiver<()>, NodeError> {
    let service = Service {
        door: chain.door.clone(),
        proofs: Arc::clone(&chain.proofs),
        stop: supervisor.stop(),
    };
    let limit = config.max_decoding_message_bytes();
    let (health, health_service) = tonic_health::server::health_reporter();
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()
        .map_err(|error| NodeError::Assemble(Box::new(error)))?;
    let mut routes = Routes::new(health_service).add_service(reflection);
    let mut serving = Vec::new();
    macro_rules! offer {
        ($server:ident, $face:expr) => {{
            let face = $server::new($face).max_decoding_message_size(limit);
            serving.push(name_of(&face));
            routes = routes.add_service(face);
        }};
    }
    offer!(StatementServiceServer, Statements(service.clone()));
    for offered in &config.services {
        match offered {
            Offered::Parties => offer!(PartyServiceServer, Parties(service.clone())),
            Offered::Receipts => offer!(ReceiptServiceServer, Receipts(service.clone())),
            Offered::Finance => offer!(FinanceServiceServer, Finance(service.clone())),
            Offered::Orders => offer!(OrderServiceServer, Orders(service.clone())),
            Offered::Shipments => offer!(ShipmentServiceServer, Shipments(service.clone())),
            Offered::Audit => offer!(AuditServiceServer, Audit(service.clone())),
        }
    }
    let (ended, drained) = oneshot::channel();
    supervisor.spawn("grpc", |stop: Stop| async move {
        for name in serving {
            health.set_service_status(name, tonic_health::ServingStatus::Serving).await;
        }
        let served = Server::builder()
            .max_concurrent_streams(Some(STREAMS_MAX))
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .http2_keepalive_interval(Some(Duration::from_secs(30)))
            .http2_keepalive_timeout(Some(Duration::from_secs(10)))
            .add_routes(routes)
            .serve_with_incoming_shutdown(incoming, async move { stop.requested().await })
            .await;
        let _ = ended.send(());
        served.map_err(|error| Box::new(error) as _)
    });
    Ok(drained)
}

fn name_of<S: NamedService>(_: &S) -> &'static str {
    S::NAME
}
