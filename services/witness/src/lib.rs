//! A C2SP witness: it cosigns a log's checkpoint when that continues all it cosigned before, and remembers it
//! before it answers. So whoever asks for its cosignature sees one history. <https://c2sp.org/tlog-witness>
//!
//! It looks at hashes alone and needs no entry; what the log says about the trade is not its business.

#![forbid(unsafe_code)]

mod http;
mod memory;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use granary_log::{
    checkpoint::Checkpoint,
    cosignature::CosignerKey,
    note::{KeyError as NoteKeyError, Note, VerifierKey},
    tree::Tree,
    two_histories::TwoHistories,
    witness::{AddCheckpoint, Refusal, decide},
};
use granary_runtime::{
    files::{DirLock, FileError, LockError},
    keystore::{KeyError, KeyFile, KeyUse, Protection, Purpose, Seed},
};

pub use http::WitnessServer;
use memory::Memory;

/// Why a witness doesn't start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process uses the directory.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The key.
    #[error("the witness's key can't be used")]
    Key(#[from] KeyError),
    /// The name.
    #[error(
        "`{name}` can't be a witness's name: no spaces and no plus sign, such as bank.example/witness"
    )]
    Name {
        /// As given.
        name: String,
        /// What is wrong with it.
        #[source]
        source: NoteKeyError,
    },
    /// It was named otherwise before.
    #[error(
        "this witness's key is that of {}, and another name would be another witness; leave --name out, or choose \
         another directory",
        .0
    )]
    OtherName(Box<VerifierKey>),
    /// It has no name yet.
    #[error("a new witness needs a name; give it with --name, such as bank.example/witness")]
    NoName,
    /// A file that isn't what it should be.
    #[error("{} is damaged: line {line} is not a verifier key", .path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
    /// Files.
    #[error("a file can't be used")]
    File(#[from] FileError),
    /// Files.
    #[error("{} can't be read", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Why a request was not answered with a cosignature.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// The rules of the protocol say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What was decided can't be remembered, so it does not count.
    #[error("the witness can't keep what it would cosign")]
    Memory(#[from] FileError),
    /// What was cosigned last can't be read.
    #[error("the witness can't read what it cosigned last")]
    Read(#[source] io::Error),
}

/// A witness with its key, the logs it watches, and its memory.
pub struct Witness {
    key: CosignerKey,
    logs: Vec<VerifierKey>,
    // Held from the look at what was cosigned last until the next one is on disk: of two requests at once, one
    // finds that it was overtaken.
    memory: Mutex<Memory>,
    _lock: DirLock,
}

impl Witness {
    /// The witness in a directory. The first time it makes a key under `name`; the logs given are added to those
    /// that it watches already.
    ///
    /// # Errors
    ///
    /// [`OpenError`].
    pub fn open(dir: &Path, name: Option<&str>, logs: &[VerifierKey]) -> Result<Self, OpenError> {
        std::fs::create_dir_all(dir).map_err(|error| FileError::io("make", dir, error))?;
        let lock = DirLock::acquire(dir)?;
        let memory = Memory::open(dir)?;
        let key = open_key(dir, &memory, name)?;
        let mut watched = memory.logs()?;
        let before = watched.len();
        for log in logs {
            if !watched.contains(log) {
                watched.push(log.clone());
            }
        }
        if watched.len() > before {
            memory.keep_logs(&watched)?;
        }
        Ok(Self { key, logs: watched, memory: Mutex::new(memory), _lock: lock })
    }

    /// The key under which it cosigns.
    pub fn verifier(&self) -> &VerifierKey {
        self.key.verifier()
    }

    /// The logs it watches.
    pub fn logs(&self) -> &[VerifierKey] {
        &self.logs
    }

    /// Answers a request with a cosignature line, after the checkpoint is on disk.
    ///
    /// * `now_s` — the time of day, Unix seconds.
    ///
    /// # Errors
    ///
    /// [`AddError`]: nothing was cosigned.
    pub fn add_checkpoint(&self, request: &[u8], now_s: u64) -> Result<String, AddError> {
        let request = AddCheckpoint::parse(request).map_err(Refusal::Malformed)?;
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let mut last = None;
        let mut unread = None;
        let decided = decide(&request, &self.logs, |origin| {
            last = memory.latest(origin).unwrap_or_else(|error| {
                unread = Some(error);
                None
            });
            last.as_ref().and_then(|note: &Note| note.text().parse().ok())
        });
        if let Some(error) = unread {
            return Err(AddError::Read(error));
        }
        let checkpoint = match decided {
            Ok(checkpoint) => checkpoint,
            Err(refusal) => {
                if let (Refusal::OtherRoot { .. }, Some(last)) = (&refusal, last) {
                    keep_evidence(&memory, last, request.checkpoint)?;
                }
                return Err(refusal.into());
            }
        };
        let cosignature = self.key.cosign(&checkpoint.to_string(), now_s);
        let mut note = request.checkpoint;
        note.add(cosignature.clone());
        memory.keep(&checkpoint, &note)?;
        Ok(cosignature.to_string())
    }

    /// The checkpoint cosigned last of the log whose origin has this SHA-256.
    ///
    /// # Errors
    ///
    /// It can't be read.
    pub fn latest(&self, origin_sha256: [u8; 32]) -> io::Result<Option<Note>> {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.latest_by_digest(origin_sha256)
    }
}

/// Two checkpoints of one size that the log signed are evidence by themselves.
fn keep_evidence(memory: &Memory, last: Note, now: Note) -> Result<(), FileError> {
    let checkpoint: Option<Checkpoint> = last.text().parse().ok();
    let Some(checkpoint) = checkpoint else { return Ok(()) };
    let size = checkpoint.size();
    // Of equal sizes, so no tree is asked.
    let Ok(evidence) = TwoHistories::gather((size, last), (size, now), &Tree::new()) else {
        return Ok(());
    };
    let path = memory.keep_evidence(&checkpoint, &evidence)?;
    tracing::error!(origin = checkpoint.origin(), size, evidence = %path.display(),
        "THE LOG HAS TWO HISTORIES: it signed two roots of one size");
    Ok(())
}

/// The key in the directory; the first time a new one.
fn open_key(dir: &Path, memory: &Memory, name: Option<&str>) -> Result<CosignerKey, OpenError> {
    let path = dir.join("witness.key");
    let known = memory.vkey()?;
    if !path.exists() && known.is_none() {
        let name = name.ok_or(OpenError::NoName)?;
        let label = "witness".to_owned();
        let used_for = KeyUse { party: None, purpose: Purpose::Witness, label };
        let seed = Seed::random()?;
        let key = named(name, seed.signing_key())?;
        KeyFile::create(&path, used_for, &seed, Protection::Unencrypted)?;
        memory.keep_vkey(key.verifier())?;
        return Ok(key);
    }
    // After a crash between the two the key is there and the name is not.
    let name = match (&known, name) {
        (Some(known), Some(name)) if known.name() != name => {
            return Err(OpenError::OtherName(Box::new(known.clone())));
        }
        (Some(known), _) => known.name(),
        (None, Some(name)) => name,
        (None, None) => return Err(OpenError::NoName),
    };
    let unlocked = KeyFile::open(&path)?.unlock(None)?;
    let key = named(name, unlocked.signing_key().clone())?;
    match known {
        Some(known) if known != *key.verifier() => Err(OpenError::OtherName(Box::new(known))),
        Some(_) => Ok(key),
        None => memory.keep_vkey(key.verifier()).map(|()| key).map_err(OpenError::from),
    }
}

fn named(name: &str, key: granary_log::signature::SigningKey) -> Result<CosignerKey, OpenError> {
    CosignerKey::new(name, key).map_err(|source| OpenError::Name { name: name.to_owned(), source })
}
