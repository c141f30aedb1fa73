//! Answers, with what caches may do with them.

use std::io::{self, Write};

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};

/// A tile never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The newest checkpoint is replaced several times in a second under load.
const FOR_A_SECOND: &str = "public, max-age=1";

/// The newest checkpoint.
pub(crate) fn checkpoint(note: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, FOR_A_SECOND),
    ];
    (headers, note.to_owned()).into_response()
}

/// A tile. Hashes don't get smaller; entries do.
pub(crate) fn tile(bytes: Vec<u8>, gzip: bool) -> io::Result<Response> {
    let headers =
        [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, FOR_EVER)];
    if !gzip {
        let varies = [(header::VARY, "accept-encoding")];
        return Ok((headers, varies, bytes).into_response());
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&bytes)?;
    let encoded = [(header::CONTENT_ENCODING, "gzip"), (header::VARY, "accept-encoding")];
    Ok((headers, encoded, encoder.finish()?).into_response())
}

/// Anything else: not to be kept, for it may be there a moment later.
pub(crate) fn nothing(status: StatusCode, why: &'static str) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], why).into_response()
}
