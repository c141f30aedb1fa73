//! One witness, as the node asks it.

use std::{io, time::Duration};

use granary_log::{
    checkpoint::Checkpoint,
    cosignature::{self, CosignatureError},
    hash::sha256,
    note::{Note, NoteError, NoteSignature},
    witness::{AddCheckpoint, cosignature_by, parse_size_body},
};
use granary_runtime::{config::WitnessSetting, proofs::Proofs, signer::Signed};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Method, Request, StatusCode, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// An answer is a few signature lines, or a note.
const ANSWER_MAX: usize = 64 << 10;

/// Why a witness did not cosign.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    /// No answer.
    #[error("it can't be reached")]
    Unreachable(#[source] io::Error),
    /// An answer that isn't HTTP, or too long.
    #[error("its answer can't be read")]
    Answer(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Nothing in time.
    #[error("it does not answer in time")]
    Slow,
    /// Another status.
    #[error("it answers {0}")]
    Status(StatusCode),
    /// No cosignature in the answer.
    #[error("its answer holds no cosignature by its key")]
    NoCosignature,
    /// A cosignature that isn't valid.
    #[error("its cosignature is not valid")]
    Cosignature(#[from] CosignatureError),
    /// The log's own note.
    #[error("the checkpoint can't be read")]
    Note(#[from] NoteError),
    /// Proofs.
    #[error("the consistency proof can't be made: {0}")]
    Proof(String),
    /// It says that this log is another one than it cosigned.
    #[error("it cosigned {told:?} entries of this log and won't go on from {size}")]
    Contradicts {
        /// The size that it told.
        told: Option<u64>,
        /// The size it was asked to cosign.
        size: u64,
    },
}

impl AskError {
    /// A word for it, as metrics count it.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Slow => "slow",
            Self::Answer(_) | Self::Status(_) | Self::NoCosignature => "answer",
            Self::Cosignature(_) => "cosignature",
            Self::Note(_) | Self::Proof(_) => "own",
            Self::Contradicts { .. } => "contradicts",
        }
    }
}

/// Asks one witness.
pub(crate) struct Client {
    pub(crate) witness: WitnessSetting,
    timeout: Duration,
    /// The size it cosigned last, as far as it is known.
    known: u64,
}

impl Client {
    pub(crate) const fn new(witness: WitnessSetting, timeout: Duration) -> Self {
        Self { witness, timeout, known: 0 }
    }

    /// Has a checkpoint cosigned. A witness that was asked with the wrong old size is asked once more, with the
    /// one it told.
    pub(crate) async fn cosign(
        &mut self,
        proofs: &Proofs,
        target: &Signed,
    ) -> Result<NoteSignature, AskError> {
        let note = Note::parse(target.note.as_bytes())?;
        let mut told = None;
        for _ in 0..2 {
            let old_size = self.known;
            let proof = match old_size {
                0 => Vec::new(),
                _ => proofs
                    .consistency(old_size, target.size)
                    .map_err(|status| AskError::Proof(status.message().to_owned()))?,
            };
            let request = AddCheckpoint { old_size, proof, checkpoint: note.clone() };
            let asked = self.send(Method::POST, "/add-checkpoint", request.to_string());
            let (status, answer) = asked.await?;
            match status {
                StatusCode::OK => return self.accept(&answer, note.text(), target.size),
                StatusCode::CONFLICT => {
                    told = parse_size_body(&answer);
                    match told.filter(|told| *told != old_size && *told <= target.size) {
                        Some(size) => self.known = size,
                        None => break,
                    }
                }
                StatusCode::UNPROCESSABLE_ENTITY => break,
                other => return Err(AskError::Status(other)),
            }
        }
        // What it told may be wrong; the next time it is asked anew.
        self.known = 0;
        Err(AskError::Contradicts { told, size: target.size })
    }

    fn accept(&mut self, answer: &[u8], text: &str, size: u64) -> Result<NoteSignature, AskError> {
        let key = &self.witness.key;
        let signature = cosignature_by(answer, key).ok_or(AskError::NoCosignature)?;
        cosignature::verify(&signature, text, key)?;
        self.known = size;
        Ok(signature)
    }

    /// The checkpoint of this log that the witness cosigned last, as it shows it to monitors.
    pub(crate) async fn latest(&self, origin: &str) -> Result<(Checkpoint, Note), AskError> {
        let path = format!("/{}/checkpoint", sha256(origin.as_bytes()));
        let (status, answer) = self.send(Method::GET, &path, String::new()).await?;
        if status != StatusCode::OK {
            return Err(AskError::Status(status));
        }
        let note = Note::parse(&answer)?;
        let checkpoint = note.text().parse().map_err(|error| AskError::Answer(Box::new(error)))?;
        Ok((checkpoint, note))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: String,
    ) -> Result<(StatusCode, Bytes), AskError> {
        let WitnessSetting { authority, prefix, .. } = &self.witness;
        let request = Request::builder()
            .method(method)
            .uri(format!("{prefix}{path}"))
            .header(header::HOST, authority)
            .header(header::CONNECTION, "close")
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| AskError::Answer(Box::new(error)))?;
        let exchange = tokio::time::timeout(self.timeout, exchange(authority, request)).await;
        exchange.unwrap_or(Err(AskError::Slow))
    }
}

/// One request over a connection of its own.
async fn exchange(
    authority: &str,
    request: Request<Full<Bytes>>,
) -> Result<(StatusCode, Bytes), AskError> {
    let stream = TcpStream::connect(authority).await.map_err(AskError::Unreachable)?;
    let unread = |error: hyper::Error| AskError::Answer(Box::new(error));
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(unread)?;
    let answer = async move {
        let response = sender.send_request(request).await.map_err(unread)?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, ANSWER_MAX).collect().await.map_err(AskError::Answer)?;
        Ok((head.status, body.to_bytes()))
    };
    // How the connection ended says nothing that the answer doesn't.
    let (answer, _) = tokio::join!(answer, connection);
    answer
}
