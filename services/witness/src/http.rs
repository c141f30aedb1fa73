//! The witness over HTTP: `POST /add-checkpoint`, and `GET /<hex>/checkpoint` for monitors, `<hex>` being SHA-256
//! of a log's origin.

use std::{io, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use granary_log::witness::{REQUEST_MAX, SIZE_CONTENT_TYPE, size_body};
use granary_runtime::{supervise::Stop, time::unix_ms};
use tokio::net::TcpListener;

use crate::{AddError, Witness};

/// A witness that listens.
pub struct WitnessServer {
    listener: TcpListener,
    router: Router,
}

impl WitnessServer {
    /// Takes the port.
    ///
    /// # Errors
    ///
    /// The system's, such as address in use.
    pub async fn bind(address: SocketAddr, witness: Arc<Witness>) -> io::Result<Self> {
        let router = Router::new()
            .route("/add-checkpoint", post(add_checkpoint))
            .route("/{origin}/checkpoint", get(latest))
            .layer(DefaultBodyLimit::max(REQUEST_MAX))
            .with_state(witness);
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

async fn add_checkpoint(State(witness): State<Arc<Witness>>, request: Bytes) -> Response {
    let now_s = unix_ms() / 1_000;
    let added = tokio::task::spawn_blocking(move || witness.add_checkpoint(&request, now_s)).await;
    match added {
        Ok(Ok(cosignature)) => text(StatusCode::OK, "text/plain; charset=utf-8", cosignature),
        Ok(Err(AddError::Refused(refusal))) => {
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
            match refusal.told_size() {
                Some(size) => text(status, SIZE_CONTENT_TYPE, size_body(size)),
                None => text(status, "text/plain; charset=utf-8", format!("{refusal}\n")),
            }
        }
        Ok(Err(error)) => failed(&error.to_string()),
        Err(panicked) => failed(&panicked.to_string()),
    }
}

async fn latest(State(witness): State<Arc<Witness>>, Path(origin): Path<String>) -> Response {
    // One spelling, as everywhere.
    let digest = hex::decode(&origin).ok().filter(|bytes| hex::encode(bytes) == origin);
    let Some(digest) = digest.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()) else {
        return not_there();
    };
    match tokio::task::spawn_blocking(move || witness.latest(digest)).await {
        Ok(Ok(Some(note))) => text(StatusCode::OK, "text/plain; charset=utf-8", note.to_string()),
        Ok(Ok(None)) => not_there(),
        Ok(Err(error)) => failed(&error.to_string()),
        Err(panicked) => failed(&panicked.to_string()),
    }
}

fn not_there() -> Response {
    let why = "nothing was cosigned for such a log\n".to_owned();
    text(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", why)
}

/// What went wrong is for the operator; the caller tries again later.
fn failed(error: &str) -> Response {
    tracing::error!(error, "a request was not answered");
    let why = "the witness can't answer now; its operator was told\n".to_owned();
    text(StatusCode::INTERNAL_SERVER_ERROR, "text/plain; charset=utf-8", why)
}

fn text(status: StatusCode, kind: &'static str, body: String) -> Response {
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body).into_response()
}
