//! Files of a log behind an address.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use http_body_util::{BodyExt, Empty, Limited};
use hyper::{Request, StatusCode, Uri, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, runtime, time::timeout};

use super::{report::VerifyError, source::Store};

/// How long a server may take for an answer, with its body.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// How long it may take to be reached.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// How often a file is asked for before it can't be had: a kept connection may have ended meanwhile.
const TRIES: usize = 3;

/// Gets files with plain HTTP/1.1. There is nothing secret in them, and nothing is believed that isn't
/// proved, so there is no TLS in here.
pub(super) struct HttpStore {
    base: Uri,
    host: String,
    /// Connections that nobody uses right now, each with the runtime that drives it.
    idle: Mutex<Vec<Connection>>,
}

struct Connection {
    runtime: runtime::Runtime,
    sender: http1::SendRequest<Empty<Bytes>>,
}

impl HttpStore {
    /// The files below an address.
    pub(super) fn new(url: &str) -> Result<Self, VerifyError> {
        let wrong = |why: &str| VerifyError::Http { url: url.to_owned(), why: why.to_owned() };
        let base: Uri = url.parse().map_err(|_| wrong("it is no address"))?;
        if base.query().is_some() {
            return Err(wrong("an address of tiles has no query"));
        }
        let host = base.authority().ok_or_else(|| wrong("it names no host"))?.to_string();
        Ok(Self { base, host, idle: Mutex::default() })
    }

    fn connect(&self) -> Result<Connection, String> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let host = self.base.host().unwrap_or_default();
        let address = (host.trim_matches(['[', ']']), self.base.port_u16().unwrap_or(80));
        let sender = runtime.block_on(async {
            let stream = timeout(CONNECT_WITHIN, TcpStream::connect(address)).await;
            let stream = stream.map_err(|_| "the server can't be reached in time".to_owned())?;
            let stream = stream.map_err(|error| error.to_string())?;
            let shaken = http1::handshake(TokioIo::new(stream)).await;
            let (sender, connection) = shaken.map_err(|error| error.to_string())?;
            // How it ends shows in the requests that are made on it.
            tokio::spawn(async { drop(connection.await) });
            Ok::<_, String>(sender)
        })?;
        Ok(Connection { runtime, sender })
    }

    fn request(&self, path: &str) -> Result<Request<Empty<Bytes>>, String> {
        let place = format!("{}/{path}", self.base.path().trim_end_matches('/'));
        let request = Request::get(place).header(header::HOST, &self.host);
        request.body(Empty::new()).map_err(|error| error.to_string())
    }
}

impl Store for HttpStore {
    fn get(&self, path: &str, max: usize) -> Result<Option<Vec<u8>>, String> {
        let mut told = Err("the server ends connections".to_owned());
        for attempt in 0..TRIES {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut connection = match idle.filter(|_| attempt == 0) {
                Some(connection) => connection,
                None => self.connect()?,
            };
            let request = self.request(path)?;
            let Connection { runtime, sender } = &mut connection;
            let answered = runtime.block_on(async {
                let answer = timeout(ANSWER_WITHIN, ask(sender, request, max)).await;
                answer.unwrap_or_else(|_| Err("the server doesn't answer in time".to_owned()))
            });
            match answered {
                Ok(body) => {
                    self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
                    return body;
                }
                Err(why) => told = Err(why),
            }
        }
        told
    }
}

/// What the server says of a file; `Err` outside if nothing could be understood, and asking again may help.
async fn ask(
    sender: &mut http1::SendRequest<Empty<Bytes>>,
    request: Request<Empty<Bytes>>,
    max: usize,
) -> Result<Result<Option<Vec<u8>>, String>, String> {
    sender.ready().await.map_err(|error| error.to_string())?;
    let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
    let status = answer.status();
    let limit = if status == StatusCode::OK { max } else { ERROR_BODY_MAX };
    let body = Limited::new(answer.into_body(), limit).collect().await;
    let body = match body {
        Ok(body) => body.to_bytes(),
        // Longer than it may be: it will be so the next time.
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            return Ok(Err(format!("the server sends more than {limit} bytes")));
        }
        Err(error) => return Err(error.to_string()),
    };
    Ok(match status {
        StatusCode::OK => Ok(Some(body.to_vec())),
        StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
        status => Err(format!("the server answers {status}")),
    })
}

/// The longest body of a refusal that is read, in bytes.
const ERROR_BODY_MAX: usize = 65_536;
