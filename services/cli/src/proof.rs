//! Proof files: an entry, its way to the root, and the signed checkpoint; checkable offline.

use std::{fs, path::Path};

use granary_log::{
    hash::{Hash, leaf_hash},
    note::{Note, VerifierKey},
    proof_file::{PROOF_FILE_SUFFIX, ProofFile},
};
use granary_proto::{
    audit::v1::{GetEntryRequest, audit_service_client::AuditServiceClient},
    statement::v1::{Proof, Reply},
};
use tonic::transport::Channel;

use crate::{client, report::Failure};

/// Writes the proof that came with a reply, with the entry in it.
pub(crate) async fn write(
    channel: &Channel,
    vkey: &str,
    reply: &Reply,
    path: &Path,
) -> anyhow::Result<()> {
    let proof = reply.proof.as_ref().ok_or_else(|| {
        let to_do = format!("ask for it later: granary prove {} --out FILE", reply.index);
        Failure::new("the node sent no proof with its answer", to_do)
    })?;
    let entry = entry(channel, reply.index).await?;
    save(&assemble(reply.index, entry, proof, vkey)?, path)
}

/// An entry's bytes.
pub(crate) async fn entry(channel: &Channel, index: u64) -> anyhow::Result<Vec<u8>> {
    let mut client =
        AuditServiceClient::new(channel.clone()).max_decoding_message_size(client::ANSWER_MAX);
    let answered = client.get_entry(GetEntryRequest { index, ..GetEntryRequest::default() }).await;
    let answered =
        answered.map_err(|status| client::told(&status, format!("can't read entry {index}")))?;
    Ok(answered.into_inner().bytes.to_vec())
}

/// The proof file of an entry, after checking that it holds under a log key. When the node itself named that
/// key, this says that its answer is whole, no more: `granary verify --vkey` asks for the key one trusts.
pub(crate) fn assemble(
    index: u64,
    entry: Vec<u8>,
    proof: &Proof,
    vkey: &str,
) -> anyhow::Result<ProofFile> {
    let to_do = "don't rely on this node; ask another, and keep what it sent";
    let wrong = || Failure::new(format!("the node's proof of entry {index} does not hold"), to_do);
    let log_key: VerifierKey =
        vkey.parse().map_err(|error| wrong().because(anyhow::Error::new(error)))?;
    let hashes: Option<Vec<Hash>> =
        proof.path.iter().map(|hash| Some(Hash(hash.as_ref().try_into().ok()?))).collect();
    let path = hashes.ok_or_else(|| wrong().because(anyhow::anyhow!("a hash has 32 bytes")))?;
    let checkpoint =
        Note::parse(proof.checkpoint.as_bytes()).map_err(|error| wrong().because(error))?;
    let leaf = leaf_hash(&entry);
    let file = ProofFile { extra: entry, index, path, checkpoint };
    file.verify(leaf, &log_key).map_err(|error| wrong().because(error))?;
    Ok(file)
}

/// Writes a proof file.
pub(crate) fn save(file: &ProofFile, path: &Path) -> anyhow::Result<()> {
    fs::write(path, file.to_string()).map_err(|error| {
        let what = format!("can't write {}", path.display());
        let to_do = format!(
            "name a file in a directory that may be written, ending in {PROOF_FILE_SUFFIX}"
        );
        Failure::new(what, to_do).because(error).into()
    })
}
