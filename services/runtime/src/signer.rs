//! Signs checkpoints: only of what is durable, only after compare-and-swap of (size, root) in a state of its
//! own, so that a restored backup can't sign a fork (format.md section 5).

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

use crate::files::{FileError, write_atomically};

/// A signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// How many entries it covers.
    pub size: u64,
    /// Their root.
    pub root: Hash,
    /// The signed note.
    pub note: Arc<str>,
}

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
    /// The signer's state can't be read as what it is.
    #[error("the signer's state in {} is damaged; it must not be deleted: compare it with the newest checkpoint", .path.display())]
    Damaged {
        /// Where it is.
        path: PathBuf,
    },
    /// A file could not be read or written.
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

/// Signs checkpoints of one chain.
pub struct Signer {
    key: SignerKey,
    origin: Arc<str>,
    tree: Arc<RwLock<Tree>>,
    state: PathBuf,
    checkpoints: PathBuf,
    last: Option<(u64, Hash)>,
    latest: watch::Sender<Option<Signed>>,
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
        origin: Arc<str>,
        key: SignerKey,
        tree: Arc<RwLock<Tree>>,
    ) -> Result<(Self, watch::Receiver<Option<Signed>>), SignerError> {
        let state = chain_dir.join("signer").join("last-signed");
        let last = read_state(&state)?;
        let (latest, told) = watch::channel(None);
        let checkpoints = chain_dir.join("checkpoints");
        let signer = Self { key, origin, tree, state, checkpoints, last, latest };
        signer.check_history()?;
        if let Some((size, root)) = signer.last {
            let path = signer.checkpoints.join(size.to_string());
            if let Ok(note) = fs::read_to_string(&path) {
                signer.latest.send_replace(Some(Signed { size, root, note: note.into() }));
            }
        }
        Ok((signer, told))
    }

    /// The log still holds what was signed.
    fn check_history(&self) -> Result<(), SignerError> {
        let Some((signed, root)) = self.last else { return Ok(()) };
        let tree = self.tree.read().unwrap_or_else(PoisonError::into_inner);
        if tree.size() < signed {
            return Err(SignerError::LogTooShort { size: tree.size(), signed });
        }
        if tree.root_at(signed).ok() != Some(root) {
            return Err(SignerError::OtherHistory { signed });
        }
        Ok(())
    }

    /// Signs what is durable, when it is more than was signed before.
    ///
    /// # Errors
    ///
    /// [`SignerError`]: nothing was signed.
    pub fn sign(&mut self) -> Result<Option<Signed>, SignerError> {
        let (size, root) = {
            let tree = self.tree.read().unwrap_or_else(PoisonError::into_inner);
            (tree.size(), tree.root())
        };
        if size == 0 || self.last.is_some_and(|(signed, _)| signed == size) {
            return Ok(None);
        }
        self.check_history()?;
        // The state first: after a crash between the two, the same checkpoint is signed again.
        write_atomically(&self.state, state_line(size, root).as_bytes(), 0o600)?;
        self.last = Some((size, root));
        let note = Checkpoint::new(&self.origin, size, root)?.sign(&self.key)?.to_string();
        write_atomically(&self.checkpoints.join(size.to_string()), note.as_bytes(), 0o644)?;
        let signed = Signed { size, root, note: note.into() };
        self.latest.send_replace(Some(signed.clone()));
        Ok(Some(signed))
    }

    /// How many entries were signed last.
    pub fn signed_size(&self) -> u64 {
        self.last.map_or(0, |(size, _)| size)
    }
}

fn state_line(size: u64, root: Hash) -> String {
    format!("{size} {root}\n")
}

fn read_state(path: &Path) -> Result<Option<(u64, Hash)>, SignerError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(SignerError::Read { path: path.to_owned(), source }),
    };
    let damaged = || SignerError::Damaged { path: path.to_owned() };
    let (size, root) = text.trim_end().split_once(' ').ok_or_else(damaged)?;
    let (size, root) = (size.parse().map_err(|_| damaged())?, root.parse().map_err(|_| damaged())?);
    if state_line(size, root) == text { Ok(Some((size, root))) } else { Err(damaged()) }
}

/// The newest checkpoint kept in a chain's directory, as its signed note.
///
/// # Errors
///
/// The directory can't be read.
pub fn newest_checkpoint(chain_dir: &Path) -> io::Result<Option<(u64, Note)>> {
    let dir = chain_dir.join("checkpoints");
    let mut newest = None;
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        let size = name.to_str().and_then(|name| name.parse::<u64>().ok());
        newest = newest.max(size);
    }
    let Some(size) = newest else { return Ok(None) };
    let bytes = fs::read(chain_dir.join("checkpoints").join(size.to_string()))?;
    let note = Note::parse(&bytes).map_err(io::Error::other)?;
    Ok(Some((size, note)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use granary_log::{hash::leaf_hash, note::VerifierKey, signature::SigningKey};

    const ORIGIN: &str = "ledger.example.org/test-01234567";

    fn key() -> SignerKey {
        SignerKey::new(ORIGIN, SigningKey::from_bytes(&[3; 32])).expect("a good name")
    }

    fn tree(leaves: &[u8]) -> Arc<RwLock<Tree>> {
        let mut tree = Tree::new();
        leaves.iter().for_each(|leaf| tree.push(leaf_hash(&[*leaf])));
        Arc::new(RwLock::new(tree))
    }

    fn directory() -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a directory");
        for name in ["signer", "checkpoints"] {
            fs::create_dir(dir.path().join(name)).expect("made");
        }
        dir
    }

    fn open(dir: &Path, leaves: &[u8]) -> Result<Signer, SignerError> {
        Signer::open(dir, ORIGIN.into(), key(), tree(leaves)).map(|(signer, _)| signer)
    }

    #[test]
    fn a_checkpoint_is_signed_once_for_each_size_and_opens_with_the_log_key() {
        let dir = directory();
        let mut signer = open(dir.path(), &[1, 2, 3]).expect("opens");
        let signed = signer.sign().expect("signs").expect("something new");
        assert_eq!(signed.size, 3);
        let note = Note::parse(signed.note.as_bytes()).expect("a note");
        let opened = Checkpoint::open(&note, key().verifier() as &VerifierKey).expect("opens");
        assert_eq!((opened.size(), opened.root()), (3, signed.root));
        assert_eq!(signer.sign().expect("signs"), None, "nothing new");
        let kept = newest_checkpoint(dir.path()).expect("reads").expect("one");
        assert_eq!(kept.0, 3);
    }

    #[test]
    fn a_restored_backup_signs_nothing() {
        let dir = directory();
        open(dir.path(), &[1, 2, 3]).expect("opens").sign().expect("signs");
        let shorter = open(dir.path(), &[1, 2]).map(drop);
        assert!(matches!(shorter, Err(SignerError::LogTooShort { size: 2, signed: 3 })));
        let other = open(dir.path(), &[1, 2, 9, 4]).map(drop);
        assert!(matches!(other, Err(SignerError::OtherHistory { signed: 3 })));
        let longer = open(dir.path(), &[1, 2, 3, 4]).expect("the same history, longer");
        assert_eq!(longer.signed_size(), 3);
    }

    #[test]
    fn a_damaged_state_is_named_and_not_forgotten() {
        let dir = directory();
        let path = dir.path().join("signer/last-signed");
        for text in ["", "3", "3 abc\n", "03 0000\n"] {
            fs::write(&path, text).expect("written");
            assert!(matches!(open(dir.path(), &[1]).map(drop), Err(SignerError::Damaged { .. })));
        }
    }
}
