//! What those who watch the node are told: metrics, life and readiness, and the log as the world reads it.

use std::net::SocketAddr;

use granary_book::{
    chain::{Visibility, facts},
    state::View,
};
use granary_runtime::{
    chain::Chain,
    config::Listener,
    supervise::{Stop, Supervisor},
    telemetry::{Condition, Health, MetricsServer, metrics_of_process},
};

use granary_web::{Shown, TileServer};

use crate::NodeError;

/// Starts the listener, unless it is off, and says where it is.
pub(crate) async fn spawn(
    supervisor: &mut Supervisor,
    listener: Listener,
    health: &Health,
) -> Result<Option<SocketAddr>, NodeError> {
    let Listener::At(address) = listener else { return Ok(None) };
    let refused = |source| NodeError::Listen { flag: "--metrics-listen", address, source };
    let metrics = metrics_of_process()?;
    let server = MetricsServer::bind(address, metrics, health.clone()).await.map_err(refused)?;
    let bound = server.local_addr().map_err(refused)?;
    supervisor.spawn("metrics", |stop| async move { Ok(server.serve(stop).await?) });
    Ok(Some(bound))
}

/// Takes the port of the tiles, unless it is off, and says where it is.
pub(crate) async fn bind_tiles(
    listener: Listener,
) -> Result<Option<(TileServer, SocketAddr)>, NodeError> {
    let Listener::At(address) = listener else { return Ok(None) };
    let refused = |source| NodeError::Listen { flag: "--http-listen", address, source };
    let server = TileServer::bind(address).await.map_err(refused)?;
    let bound = server.local_addr().map_err(refused)?;
    Ok(Some((server, bound)))
}

/// Serves a chain's checkpoints and tiles.
pub(crate) fn spawn_tiles(supervisor: &mut Supervisor, server: TileServer, chain: &Chain) {
    let facts = facts(&View::new(&chain.states.book.snapshot()));
    let shown = Shown {
        publication: chain.publication.clone(),
        entries_are_public: facts.is_ok_and(|chain| chain.entries == Visibility::Public),
    };
    let server = server.show(shown);
    supervisor.spawn("tiles", |stop| async move { Ok(server.serve(stop).await?) });
}

/// The condition holds from here on, until the node stops.
pub(crate) fn until_stopped(supervisor: &mut Supervisor, condition: Condition) {
    condition.holds();
    supervisor.spawn("readiness", |stop: Stop| async move {
        stop.requested().await;
        condition.fails("the node is stopping");
        Ok(())
    });
}
