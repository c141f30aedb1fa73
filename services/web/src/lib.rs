//! The log over HTTP, as C2SP tlog-tiles lays it out: `/checkpoint`, `/tile/<L>/<N>[.p/<W>]` and
//! `/tile/entries/<N>[.p/<W>]`. Tiles and checkpoints are for everybody, since whoever reads them checks them;
//! whole entries only for this machine, unless the chain's genesis says that they are public.

#![forbid(unsafe_code)]

mod respond;

use std::{io, net::SocketAddr};

use axum::{
    Router,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
    routing::get,
};
use granary_log::tile::{Tile, TileKind};
use granary_runtime::{publication::Publication, supervise::Stop};
use tokio::net::TcpListener;

/// What the server shows.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Tiles, and the newest checkpoint.
    pub publication: Publication,
    /// Whether the genesis says that everybody may read whole entries.
    pub entries_are_public: bool,
}

/// The HTTP server.
pub struct TileServer {
    listener: TcpListener,
    router: Router,
}

impl TileServer {
    /// Takes the port, so that a node that can't have it doesn't start.
    ///
    /// # Errors
    ///
    /// The system's, such as address in use.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address).await?, router: Router::new() })
    }

    /// Shows a chain's log.
    pub fn show(self, shown: Shown) -> Self {
        let router = Router::new()
            .route("/checkpoint", get(checkpoint))
            .route("/tile/{*path}", get(tile))
            .with_state(shown);
        Self { router, ..self }
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
        let service = self.router.into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(self.listener, service)
            .with_graceful_shutdown(async move { stop.requested().await })
            .await
    }
}

async fn checkpoint(State(shown): State<Shown>, uri: Uri) -> Response {
    match shown.publication.newest().filter(|_| uri.query().is_none()) {
        Some(published) => respond::checkpoint(&published.note),
        None => respond::nothing(StatusCode::NOT_FOUND, "no checkpoint is published yet\n"),
    }
}

async fn tile(
    State(shown): State<Shown>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let not_there = || respond::nothing(StatusCode::NOT_FOUND, "no such tile\n");
    // Each tile has one path, and nothing cacheable depends on a query.
    let path = uri.path().strip_prefix('/').filter(|_| uri.query().is_none());
    let Some(tile) = path.and_then(|path| path.parse::<Tile>().ok()) else { return not_there() };
    if !is_published(&tile, shown.publication.size()) {
        return not_there();
    }
    let is_bundle = tile.kind() == TileKind::Entries;
    if is_bundle && !shown.entries_are_public && !is_this_machine(peer, &headers) {
        let why = "whole entries of this chain are for its members, and are served to this machine alone\n";
        return respond::nothing(StatusCode::FORBIDDEN, why);
    }
    let files = shown.publication.files().clone();
    let gzip = is_bundle && takes_gzip(&headers);
    let read = tokio::task::spawn_blocking(move || {
        let bytes = files.read_or_cut(&tile)?;
        respond::tile(bytes, gzip)
    });
    match read.await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => not_there(),
        Ok(Err(error)) => {
            tracing::error!(%tile, %error, "a published tile can't be read: run granary fsck");
            respond::nothing(StatusCode::INTERNAL_SERVER_ERROR, "the tile can't be read\n")
        }
        Err(panicked) => {
            tracing::error!(%tile, error = %panicked, "a tile was not answered");
            respond::nothing(StatusCode::INTERNAL_SERVER_ERROR, "the tile can't be read\n")
        }
    }
}

/// Whether a checkpoint of `size` entries covers the tile.
fn is_published(tile: &Tile, size: u64) -> bool {
    Tile::in_log(tile.kind(), tile.index(), size).is_ok_and(|filled| tile.width() <= filled.width())
}

/// Whether a caller is on this machine itself: one behind a proxy is not, although the proxy is.
fn is_this_machine(peer: SocketAddr, headers: &HeaderMap) -> bool {
    let by_proxy = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];
    peer.ip().to_canonical().is_loopback()
        && !by_proxy.iter().any(|name| headers.contains_key(*name))
}

/// Whether `gzip` is among the encodings that a caller takes, and not refused with a weight of nothing.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all("accept-encoding");
    let codings =
        accepted.iter().filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','));
    codings.map(|coding| coding.split(';').map(str::trim)).any(|mut parts| {
        parts.next() == Some("gzip") && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().expect("a name"), value.parse().expect("a value"))])
    }

    #[test]
    fn whole_entries_are_for_this_machine_and_not_for_whoever_a_proxy_speaks_for() {
        let here: SocketAddr = "127.0.0.1:1".parse().expect("an address");
        assert!(is_this_machine(here, &HeaderMap::new()));
        assert!(is_this_machine("[::ffff:127.0.0.1]:1".parse().expect("one"), &HeaderMap::new()));
        assert!(!is_this_machine("192.0.2.1:1".parse().expect("one"), &HeaderMap::new()));
        for name in ["forwarded", "x-forwarded-for", "via"] {
            assert!(!is_this_machine(here, &headers(name, "for=192.0.2.1")), "{name}");
        }
    }

    #[test]
    fn gzip_is_sent_to_whoever_takes_it() {
        for (accepted, expected) in [
            ("gzip", true),
            ("br, gzip;q=0.5", true),
            ("gzip;q=0", false),
            ("br", false),
            ("x-gzip", false),
        ] {
            assert_eq!(takes_gzip(&headers("accept-encoding", accepted)), expected, "{accepted}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
