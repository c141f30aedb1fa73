//! `/metrics`, `/livez` and `/readyz`.

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;

use super::Health;
use crate::supervise::Stop;

/// The small HTTP server for those who watch the node.
pub struct MetricsServer {
    listener: TcpListener,
    router: Router,
}

#[derive(Clone)]
struct Watched {
    metrics: PrometheusHandle,
    health: Health,
}

impl MetricsServer {
    /// Takes the port, so that a node that can't have it doesn't start.
    ///
    /// # Errors
    ///
    /// The system's, such as address in use.
    pub async fn bind(
        address: SocketAddr,
        metrics: PrometheusHandle,
        health: Health,
    ) -> io::Result<Self> {
        let router = Router::new()
            .route("/metrics", get(metrics_text))
            // The process answers: that is all this says. A node that lags or waits for a
            // broker must not be restarted for it.
            .route("/livez", get(async || "live\n"))
            .route("/readyz", get(ready))
            .with_state(Watched { metrics, health });
        Ok(Self { listener: TcpListener::bind(address).await?, router })
    }

    /// Where it listens, once the system has chosen.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until told to stop.
    ///
    /// # Errors
    ///
    /// The system's, when the port can no longer be served.
    pub async fn serve(self, stop: Stop) -> io::Result<()> {
        axum::serve(self.listener, self.router)
            .with_graceful_shutdown(async move { stop.requested().await })
            .await
    }
}

async fn metrics_text(State(watched): State<Watched>) -> impl IntoResponse {
    watched.metrics.run_upkeep();
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, watched.metrics.render())
}

async fn ready(State(watched): State<Watched>) -> (StatusCode, String) {
    match watched.health.ready() {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(failing) => (StatusCode::SERVICE_UNAVAILABLE, failing),
    }
}
