//! A witness won't go on from what it cosigned: is it the witness that is wrong, or has the log two histories?

use std::path::Path;

use granary_log::{
    checkpoint::Checkpoint,
    note::{Note, VerifierKey},
    tree::root_at,
    two_histories::TwoHistories,
};
use granary_runtime::{
    chain::Chain,
    files::{FileError, write_atomically},
    signer::Signed,
};

use super::client::Client;

/// Fetches what the witness cosigned last, compares it with the log, and keeps evidence of a second history.
pub(crate) async fn look(
    client: &Client,
    chain: &Chain,
    log_key: &VerifierKey,
    chain_dir: &Path,
    target: &Signed,
) {
    let witness = client.witness.key.name();
    let (theirs, note) = match client.latest(log_key.name()).await {
        Ok(latest) => latest,
        Err(error) => {
            tracing::warn!(witness, %error, "the witness does not show what it cosigned");
            return;
        }
    };
    if Checkpoint::open(&note, log_key).is_err() {
        tracing::warn!(witness, "the witness shows a checkpoint that this log did not sign");
        return;
    }
    if theirs.size() > target.size {
        tracing::error!(
            witness,
            theirs = theirs.size(),
            ours = target.size,
            "the witness has a signed checkpoint of more entries than this node has signed: entries are missing \
             here, or somebody else signs with the log's key"
        );
        return;
    }
    let nodes = chain.publication.files().nodes(target.size);
    match root_at(&nodes, theirs.size()) {
        Ok(root) if root == theirs.root() => {
            tracing::warn!(
                witness,
                "the witness cosigned this very history and won't go on with it"
            );
        }
        Ok(_) => match keep(chain, chain_dir, (theirs.size(), note), target) {
            Ok(Some(path)) => tracing::error!(witness, evidence = %path,
                "THE LOG HAS TWO HISTORIES: the witness has a signed checkpoint of another one"),
            Ok(None) => {
                tracing::error!(witness, "the log has two histories; no evidence could be made");
            }
            Err(error) => tracing::error!(witness, %error,
                "the log has two histories; the evidence can't be written"),
        },
        Err(error) => tracing::warn!(witness, %error, "the tiles can't be read"),
    }
}

/// Writes the evidence, and says where. What is there already stays.
fn keep(
    chain: &Chain,
    chain_dir: &Path,
    earlier: (u64, Note),
    target: &Signed,
) -> Result<Option<String>, FileError> {
    let size = earlier.0;
    let Ok(later) = Note::parse(target.note.as_bytes()) else { return Ok(None) };
    let nodes = chain.publication.files().nodes(target.size);
    let gathered = TwoHistories::gather(earlier, (target.size, later), &nodes);
    let Ok(evidence) = gathered else { return Ok(None) };
    let dir = chain_dir.join("evidence");
    std::fs::create_dir_all(&dir).map_err(|error| FileError::io("make", &dir, error))?;
    let path = dir.join(format!("{size}.two-histories"));
    if !path.exists() {
        write_atomically(&path, evidence.to_string().as_bytes(), 0o644)?;
    }
    Ok(Some(path.display().to_string()))
}
