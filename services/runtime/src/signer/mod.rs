//! Signs checkpoints: only of what is durable and stands in tiles that were read again and hashed again, only
//! what continues the one signed before, and only after compare-and-swap of (size, root) in a state of its
//! own, so that a restored backup can't sign a fork (format.md section 5).

mod reread;
mod state;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use granary_log::{
    checkpoint::{Checkpoint, CheckpointError},
    hash::Hash,
    note::{Note, SignerKey},
    tree::Tree,
};
use tokio::sync::watch;

pub use self::reread::RereadError;
use self::{
    reread::Reread,
    state::{LastSigned, Memory, StateFiles},
};
use crate::{
    files::{FileError, write_atomically},
    tiles::TileFiles,
    time::unix_ms,
};

/// A signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// How many entries it covers.
    pub size: u64,
    /// Their root.
    pub root: Hash,
    /// When it was signed, Unix milliseconds; never before the log time of its last entry.
    pub time_ms: u64,
    /// The signed note.
    pub note: Arc<str>,
}

/// The right to sign, as the chain gives it: to the node of the genesis, or of the newest grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The party of the node that signs.
    pub node: [u8; 16],
    /// The entry that granted it.
    pub index: u64,
    /// How many entries had been signed by then, by whichever node.
    pub size: u64,
    /// Their root.
    pub root: Hash,
}

/// Where the signer looks up who may sign.
pub type Grants = Box<dyn Fn() -> Option<Grant> + Send>;

/// Why nothing is signed.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The log is shorter than what was signed before.
    #[error(
        "the log has {size} entries and {signed} were signed: entries are missing, perhaps after a restored \
         backup. Bring the log back to {signed} entries (from a replica or a newer backup); this node signs \
         nothing until then"
    )]
    LogTooShort {
        /// Entries in the log.
        size: u64,
        /// Entries signed.
        signed: u64,
    },
    /// The log is another one than what was signed before.
    #[error(
        "the log's root at {signed} entries is not the one that was signed: this is another history. Signing \
         it would be a fork; find out which of the two is the genuine one"
    )]
    OtherHistory {
        /// Entries signed.
        signed: u64,
    },
    /// What was signed last isn't known: the signer's state is gone, as after a restore.
    #[error(
        "what this node signed last is not known: its signer's state is missing, as after a restored backup. \
         Find the newest checkpoint that anybody has seen, let the operators run granary chain grant-signer \
         with it, and this node signs again"
    )]
    StateMissing,
    /// Another node has the right to sign.
    #[error(
        "the chain gives the right to sign to another node, {}; this one signs nothing",
        hex::encode(.node)
    )]
    OtherNode {
        /// Which one, as its party's id.
        node: [u8; 16],
    },
    /// The newest grant is for another log than this one.
    #[error(
        "the chain gives this node the right to sign behind {} entries that its log does not hold so; it signs \
         nothing until the operators grant it behind the newest checkpoint that anybody has seen",
        .size
    )]
    GrantMisfits {
        /// Entries that the grant says were signed.
        size: u64,
        /// What is wrong.
        #[source]
        source: Box<SignerError>,
    },
    /// Something else has written the signer's state.
    #[error(
        "the signer's state in {} is not what this node wrote there: another process uses it. Nothing is \
         signed; stop the other one and start this node again",
        .path.display()
    )]
    StateChanged {
        /// Where it is.
        path: PathBuf,
    },
    /// The signer's state can't be read as what it is.
    #[error("the signer's state in {} is damaged; it must not be deleted: compare it with the newest checkpoint", .path.display())]
    Damaged {
        /// Where it is.
        path: PathBuf,
    },
    /// The tiles have another root than what was acknowledged.
    #[error(
        "the tiles of {size} entries have another root than the entries that were acknowledged: the disk or the \
         memory of this machine changes data. Nothing of it is signed; check the machine, then run granary verify"
    )]
    Differs {
        /// Entries in the tiles.
        size: u64,
    },
    /// The tiles on disk don't bear the checkpoint.
    #[error("the tiles can't be signed for")]
    Reread(#[from] RereadError),
    /// A file could not be written.
    #[error("the signer can't use its files")]
    File(#[from] FileError),
    /// A file could not be read.
    #[error("the signer can't read {}", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The checkpoint could not be made.
    #[error("the checkpoint can't be made")]
    Checkpoint(#[from] CheckpointError),
}

impl SignerError {
    /// Whether it passes when the chain says otherwise, without anything being opened again.
    pub const fn is_wait(&self) -> bool {
        matches!(self, Self::StateMissing | Self::OtherNode { .. } | Self::GrantMisfits { .. })
    }

    /// Whether opening everything again may help: files that could not be used, tiles that have to be made
    /// anew. All others end the node, before anything is signed that should not be.
    pub const fn is_worth_reopening(&self) -> bool {
        matches!(self, Self::File(_) | Self::Read { .. } | Self::Reread(_))
    }
}

/// What a signer is told once.
pub struct Identity {
    /// The log's key.
    pub key: SignerKey,
    /// The party of this node.
    pub node: [u8; 16],
    /// Who may sign.
    pub grants: Grants,
}

/// Signs checkpoints of one chain.
pub struct Signer {
    identity: Identity,
    tree: Arc<RwLock<Tree>>,
    state: StateFiles,
    checkpoints: PathBuf,
    memory: Memory,
    /// The newest grant that was looked at, by its entry.
    granted_at: Option<u64>,
    /// The right edge at what was signed last, once it was read.
    edge: Option<Reread>,
    latest: watch::Sender<Option<Signed>>,
}

/// The signer's state of a chain that has just been founded.
///
/// # Errors
///
/// [`FileError`].
pub fn found(chain_dir: &Path) -> Result<(), FileError> {
    StateFiles::of_chain(chain_dir).found()
}

impl Signer {
    /// Ready to sign, with its state in `chain_dir/signer/` and each checkpoint kept in
    /// `chain_dir/checkpoints/`.
    ///
    /// # Errors
    ///
    /// The state is damaged, or the log contradicts what was signed before.
    pub fn open(
        chain_dir: &Path,
        identity: Identity,
        tree: Arc<RwLock<Tree>>,
    ) -> Result<(Self, watch::Receiver<Option<Signed>>), SignerError> {
        let state = StateFiles::of_chain(chain_dir);
        let log_size = tree.read().unwrap_or_else(PoisonError::into_inner).size();
        let memory = state.recall(log_size)?;
        let (latest, told) = watch::channel(None);
        let checkpoints = chain_dir.join("checkpoints");
        let (granted_at, edge) = (None, None);
        let signer = Self { identity, tree, state, checkpoints, memory, granted_at, edge, latest };
        if let Memory::Known(last) = signer.memory {
            signer.check_history(last)?;
            if last.size > 0 {
                // After a crash between state and checkpoint this one is missing: the same is signed again.
                signer.keep(last, 0)?;
            }
        }
        Ok((signer, told))
    }

    /// Forgets what was opened and opens it again: nothing goes on after an error as if there had been none.
    ///
    /// # Errors
    ///
    /// As [`Signer::open`].
    pub fn reopen(&mut self) -> Result<(), SignerError> {
        let log_size = self.tree.read().unwrap_or_else(PoisonError::into_inner).size();
        self.memory = self.state.recall(log_size)?;
        (self.granted_at, self.edge) = (None, None);
        let Memory::Known(last) = self.memory else { return Ok(()) };
        self.check_history(last)?;
        if last.size > 0 { self.keep(last, 0).map(drop) } else { Ok(()) }
    }

    /// The log still holds what was signed.
    fn check_history(&self, last: LastSigned) -> Result<(), SignerError> {
        let size = self.tree.read().unwrap_or_else(PoisonError::into_inner).size();
        if size < last.size {
            return Err(SignerError::LogTooShort { size, signed: last.size });
        }
        if self.root_at(last.size) != Some(last.root) {
            return Err(SignerError::OtherHistory { signed: last.size });
        }
        Ok(())
    }

    /// The root of what the apply thread has hashed.
    fn root_at(&self, size: u64) -> Option<Hash> {
        self.tree.read().unwrap_or_else(PoisonError::into_inner).root_at(size).ok()
    }

    /// Whether this node may sign at all.
    ///
    /// # Errors
    ///
    /// [`SignerError`]: why not.
    pub fn check_right(&mut self) -> Result<(), SignerError> {
        self.right().map(drop)
    }

    /// What was signed last, if this node may sign at all.
    fn right(&mut self) -> Result<LastSigned, SignerError> {
        // A chain without genesis is never opened.
        let grant = (self.identity.grants)().ok_or(SignerError::StateMissing)?;
        if grant.node != self.identity.node {
            return Err(SignerError::OtherNode { node: grant.node });
        }
        let granted = LastSigned { size: grant.size, root: grant.root };
        let last = match self.memory {
            Memory::Known(last) if self.granted_at == Some(grant.index) => return Ok(last),
            Memory::Known(last) => {
                self.check_grant(granted)?;
                if last.size < granted.size { granted } else { last }
            }
            // A grant from before says nothing of what was signed after it.
            Memory::MissingSince(size) if grant.index < size => {
                return Err(SignerError::StateMissing);
            }
            Memory::MissingSince(_) => {
                self.check_grant(granted)?;
                granted
            }
        };
        if self.memory != Memory::Known(last) {
            self.swap(last)?;
            self.edge = None;
        }
        self.granted_at = Some(grant.index);
        Ok(last)
    }

    /// The log holds what a grant says was signed.
    fn check_grant(&self, granted: LastSigned) -> Result<(), SignerError> {
        let misfits =
            |error| SignerError::GrantMisfits { size: granted.size, source: Box::new(error) };
        self.check_history(granted).map_err(misfits)
    }

    fn swap(&mut self, next: LastSigned) -> Result<(), SignerError> {
        let expected = match self.memory {
            Memory::Known(last) => Some(last),
            Memory::MissingSince(_) => None,
        };
        self.state.compare_and_swap(expected, next)?;
        self.memory = Memory::Known(next);
        Ok(())
    }

    /// Signs the first `size` entries, whose tiles are on disk, when they are more than was signed before.
    ///
    /// # Errors
    ///
    /// [`SignerError`]: nothing was signed.
    pub fn sign(&mut self, tiles: &TileFiles, size: u64) -> Result<Option<Signed>, SignerError> {
        let last = self.right()?;
        if size <= last.size {
            return Ok(None);
        }
        let edge = match self.edge.take() {
            Some(edge) => edge,
            None => reread::edge(tiles, last, size)?,
        };
        let edge = reread::extend(tiles, &edge, last, size)?;
        let next = LastSigned { size, root: edge.range.root() };
        // What the apply thread hashed before it wrote.
        if self.root_at(size) != Some(next.root) {
            return Err(SignerError::Differs { size });
        }
        // The state first: after a crash between the two, the same checkpoint is signed again.
        self.swap(next)?;
        let signed = self.keep(next, edge.last_time_ms)?;
        self.edge = Some(edge);
        Ok(Some(signed))
    }

    /// Signs what the state allows, keeps the checkpoint as a file, and tells of it.
    fn keep(&self, last: LastSigned, last_time_ms: u64) -> Result<Signed, SignerError> {
        let LastSigned { size, root } = last;
        let key = &self.identity.key;
        let note = Checkpoint::new(key.verifier().name(), size, root)?.sign(key)?.to_string();
        let path = self.checkpoints.join(size.to_string());
        if fs::read_to_string(&path).ok().as_deref() != Some(note.as_str()) {
            write_atomically(&path, note.as_bytes(), 0o644)?;
        }
        let time_ms = unix_ms().max(last_time_ms);
        let signed = Signed { size, root, time_ms, note: note.into() };
        self.latest.send_replace(Some(signed.clone()));
        Ok(signed)
    }

    /// What was signed last, by this process or an earlier one.
    pub fn latest(&self) -> Option<Signed> {
        self.latest.borrow().clone()
    }

    /// How many entries were signed last; 0 while that isn't known.
    pub fn signed_size(&self) -> u64 {
        match self.memory {
            Memory::Known(last) => last.size,
            Memory::MissingSince(_) => 0,
        }
    }
}

/// The sizes of the checkpoints kept in a chain's directory, ascending.
///
/// # Errors
///
/// The directory can't be read.
pub fn checkpoint_sizes(chain_dir: &Path) -> io::Result<Vec<u64>> {
    let mut sizes = Vec::new();
    for entry in fs::read_dir(chain_dir.join("checkpoints"))? {
        let name = entry?.file_name();
        sizes.extend(name.to_str().and_then(|name| name.parse::<u64>().ok()));
    }
    sizes.sort_unstable();
    Ok(sizes)
}

/// The newest checkpoint kept in a chain's directory, as its signed note.
///
/// # Errors
///
/// The directory or the checkpoint can't be read.
pub fn newest_checkpoint(chain_dir: &Path) -> io::Result<Option<(u64, Note)>> {
    let Some(size) = checkpoint_sizes(chain_dir)?.pop() else { return Ok(None) };
    let bytes = fs::read(chain_dir.join("checkpoints").join(size.to_string()))?;
    let note = Note::parse(&bytes).map_err(io::Error::other)?;
    Ok(Some((size, note)))
}

#[cfg(test)]
mod tests;
