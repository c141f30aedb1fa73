//! `granary.audit.v1.AuditService`.

use granary_log::hash::{Hash, leaf_hash};
use granary_proto::{
    audit::v1::{self as pb, audit_service_server::AuditService},
    statement::v1::Proof,
};
use granary_runtime::{status, typed::Service};
use tonic::{Request, Response, Status};

use crate::{convert, history, streams};

/// The face.
#[derive(Clone)]
pub struct Audit(pub Service);

#[tonic::async_trait]
impl AuditService for Audit {
    async fn get_checkpoint(
        &self,
        _: Request<pb::GetCheckpointRequest>,
    ) -> Result<Response<pb::Checkpoint>, Status> {
        let signed = self.0.proofs.latest();
        let signed =
            signed.ok_or_else(|| status::not_found("a signed checkpoint", "of this chain"))?;
        Ok(Response::new(pb::Checkpoint {
            note: signed.note.to_string(),
            size: signed.size,
            root: signed.root.0.to_vec().into(),
        }))
    }

    async fn get_entry(
        &self,
        request: Request<pb::GetEntryRequest>,
    ) -> Result<Response<pb::Entry>, Status> {
        let request = request.into_inner();
        self.0.fresh(request.freshness).await?;
        let bytes = self.bytes(request.index)?;
        convert::entry(self.0.door.origin(), request.index, bytes).map(Response::new)
    }

    type StreamEntriesStream = streams::Entries;

    async fn stream_entries(
        &self,
        request: Request<pb::StreamEntriesRequest>,
    ) -> Result<Response<Self::StreamEntriesStream>, Status> {
        streams::range(self.0.clone(), request.into_inner()).map(Response::new)
    }

    async fn prove_inclusion(
        &self,
        request: Request<pb::ProveInclusionRequest>,
    ) -> Result<Response<pb::InclusionProof>, Status> {
        let pb::ProveInclusionRequest { index, size } = request.into_inner();
        let leaf_hash = leaf_hash(&self.bytes(index)?);
        let proof = match size {
            None => self.0.proofs.of(index).await?,
            Some(size) => Proof {
                checkpoint: String::new(),
                path: hashes(&self.0.proofs.inclusion(index, size)?),
                size,
            },
        };
        let leaf_hash = leaf_hash.0.to_vec().into();
        Ok(Response::new(pb::InclusionProof { index, leaf_hash, proof: Some(proof) }))
    }

    async fn prove_consistency(
        &self,
        request: Request<pb::ProveConsistencyRequest>,
    ) -> Result<Response<pb::ConsistencyProof>, Status> {
        let pb::ProveConsistencyRequest { from_size, to_size } = request.into_inner();
        let path = hashes(&self.0.proofs.consistency(from_size, to_size)?);
        Ok(Response::new(pb::ConsistencyProof { from_size, to_size, path }))
    }

    type WatchStream = streams::Entries;

    async fn watch(
        &self,
        request: Request<pb::WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        streams::watch(self.0.clone(), request.into_inner()).map(Response::new)
    }

    async fn get_history(
        &self,
        request: Request<pb::GetHistoryRequest>,
    ) -> Result<Response<pb::History>, Status> {
        let pb::GetHistoryRequest { id, freshness } = request.into_inner();
        self.0.fresh(freshness).await?;
        history::of(&self.0.door.queries().snapshot(), &id).map(Response::new)
    }
}

impl Audit {
    fn bytes(&self, index: u64) -> Result<Vec<u8>, Status> {
        let bytes = self.0.door.queries().entries().bytes(index);
        bytes.ok_or_else(|| status::not_found("entry", &index.to_string()))
    }
}

fn hashes<B: From<Vec<u8>>>(path: &[Hash]) -> Vec<B> {
    path.iter().map(|hash| hash.0.to_vec().into()).collect()
}
