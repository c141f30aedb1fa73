//! The path of a statement without rules and without state: tonic at both ends, `verify_strict`, hash, one
//! write and one sync for a group, wake. What a node is held against, in the same run (architecture.md
//! section 3).

use std::{net::SocketAddr, path::Path, pin::Pin, sync::mpsc};

use granary_log::{
    chain::ChainHead,
    entry::{Entry, EntryResult, ItemOutcome, Outcome, Recorded},
    segment::{RecoverOptions, Scan, SegmentSize, SegmentWriter, recover},
    signature::{Verdict, check_signatures},
    statement::Statement,
};
use granary_proto::statement::v1::{
    self as pb,
    statement_service_server::{StatementService, StatementServiceServer},
    submit_stream_response,
};
use granary_runtime::{apply::Journal, files::FileStorage, journal::SegmentJournal};
use tokio::sync::{mpsc as tokio_mpsc, oneshot};
use tokio_stream::{Stream, StreamExt, wrappers::ReceiverStream};
use tonic::{Request, Response, Status, Streaming, transport::server::TcpIncoming};

/// Most statements of a group.
const GROUP_MAX: usize = 4_096;
/// Answers of a stream that may wait.
const IN_FLIGHT: usize = 1_024;

type Job = (Vec<u8>, oneshot::Sender<pb::Reply>);

#[derive(Clone)]
struct Skeleton {
    jobs: mpsc::Sender<Job>,
}

/// Serves until `stop` resolves.
pub(super) async fn serve(
    dir: &Path,
    origin: &str,
    stop: oneshot::Receiver<()>,
) -> anyhow::Result<(SocketAddr, tokio::task::JoinHandle<Result<(), tonic::transport::Error>>)> {
    let storage = FileStorage::open(dir)?;
    let options = RecoverOptions { scan: Scan::Everything, cut_damaged_tail: false };
    let recovered = recover(&storage, origin, options)?;
    let writer = SegmentWriter::open(storage, recovered, SegmentSize::default())?;
    let (journal, _) = SegmentJournal::new(writer)?;
    let (jobs, queue) = mpsc::channel();
    let head = ChainHead::genesis(origin);
    std::thread::spawn(move || append_groups(journal, head, &queue));
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse()?)?.with_nodelay(Some(true));
    let address = incoming.local_addr()?;
    let server = tonic::transport::Server::builder()
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(8 << 20)
        .add_service(StatementServiceServer::new(Skeleton { jobs }))
        .serve_with_incoming_shutdown(incoming, async move { drop(stop.await) });
    Ok((address, tokio::spawn(server)))
}

/// Takes whatever queued while the last sync ran.
fn append_groups(mut journal: SegmentJournal, mut head: ChainHead, queue: &mpsc::Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        let mut group = vec![first];
        group.extend(queue.try_iter().take(GROUP_MAX - 1));
        let mut sealed = Vec::with_capacity(group.len());
        let mut replies = Vec::with_capacity(group.len());
        for (statement, caller) in group {
            let entry = Entry {
                index: head.size,
                prev_leaf_hash: head.last_leaf_hash,
                time_ms: 1_700_000_000_000,
                rules: 1,
                epoch: 0,
                offset: head.size,
                statement: Recorded::Full(statement),
                result: EntryResult {
                    clock_events: Vec::new(),
                    outcome: Outcome::Accepted(vec![ItemOutcome::Events(Vec::new())]),
                },
            };
            let Ok(entry) = entry.seal() else { return };
            if head.advance(&entry.link(), entry.leaf_hash()).is_err() {
                return;
            }
            let reply = pb::Reply {
                index: entry.index(),
                leaf_hash: entry.leaf_hash().0.to_vec().into(),
                ..pb::Reply::default()
            };
            replies.push((caller, reply));
            sealed.push(entry);
        }
        if journal.append_group(&sealed).is_err() {
            return;
        }
        for (caller, reply) in replies {
            // A caller whose time was up is gone.
            let _ = caller.send(reply);
        }
    }
}

impl Skeleton {
    fn enter(&self, bytes: &[u8]) -> Result<oneshot::Receiver<pb::Reply>, Status> {
        let statement =
            Statement::decode(bytes).map_err(|e| Status::invalid_argument(e.to_string()))?;
        if check_signatures(&statement).iter().any(|verdict| *verdict != Verdict::Valid) {
            return Err(Status::unauthenticated("a signature does not verify"));
        }
        let (tell, told) = oneshot::channel();
        self.jobs.send((bytes.to_vec(), tell)).map_err(|_| Status::unavailable("stopped"))?;
        Ok(told)
    }
}

#[tonic::async_trait]
impl StatementService for Skeleton {
    async fn submit(
        &self,
        request: Request<pb::SubmitRequest>,
    ) -> Result<Response<pb::Reply>, Status> {
        let told = self.enter(&request.into_inner().statement)?;
        told.await.map(Response::new).map_err(|_| Status::unavailable("stopped"))
    }

    type SubmitStreamStream =
        Pin<Box<dyn Stream<Item = Result<pb::SubmitStreamResponse, Status>> + Send>>;

    async fn submit_stream(
        &self,
        request: Request<Streaming<pb::SubmitRequest>>,
    ) -> Result<Response<Self::SubmitStreamStream>, Status> {
        let (waiting, mut in_flight) = tokio_mpsc::channel(IN_FLIGHT);
        let (answers, outgoing) = tokio_mpsc::channel(IN_FLIGHT);
        let (skeleton, mut incoming) = (self.clone(), request.into_inner());
        tokio::spawn(async move {
            while let Some(Ok(request)) = incoming.next().await {
                let Ok(told) = skeleton.enter(&request.statement) else { return };
                if waiting.send(told).await.is_err() {
                    return;
                }
            }
        });
        tokio::spawn(async move {
            let mut sequence = 0;
            while let Some(told) = in_flight.recv().await {
                let Ok(reply) = told.await else { return };
                let result = Some(submit_stream_response::Result::Reply(reply));
                if answers.send(Ok(pb::SubmitStreamResponse { sequence, result })).await.is_err() {
                    return;
                }
                sequence += 1;
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(outgoing))))
    }

    async fn get_statement(
        &self,
        _: Request<pb::GetStatementRequest>,
    ) -> Result<Response<pb::GetStatementResponse>, Status> {
        Err(Status::unimplemented("the skeleton keeps no state"))
    }
}
