//! What an import has sent and heard, on disk: so that a run that was killed sends the same bytes again.
//!
//! A file of frames, each a length and a CRC-32C (little-endian, 4 bytes each) and a record in postcard. It
//! is written straight to the file before a statement leaves, which outlives the death of the process. It is
//! no evidence: a power cut may take its end, or somebody its whole, and the import then finds out from the
//! node what became of each statement.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use granary_log::hash::Hash;
use serde::{Deserialize, Serialize};

use crate::outcome::Decided;

/// Largest record: a statement, and room for what is around it.
const RECORD_MAX: u32 = 1 << 20;

/// Why there is no journal to work with.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another import runs with it.
    #[error("the journal {} is in use: another import of this file is running; wait for its end", .0.display())]
    InUse(PathBuf),
    /// It belongs to another import.
    #[error(
        "the journal {} belongs to the import of another file, or to another chain; name another with --journal",
        .0.display()
    )]
    Other(PathBuf),
    /// The disk.
    #[error("the journal {} can't be used; see that its directory may be written to and has room", path.display())]
    Io {
        /// The journal.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

#[derive(Serialize, Deserialize)]
enum Record {
    Begun { origin: String, file: [u8; 32] },
    Sent { command_id: [u8; 16], expires_at_ms: u64, bytes: Vec<u8> },
    Decided { command_id: [u8; 16], decided: Decided },
}

/// What is known of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Known {
    /// It was sent, perhaps; what became of it isn't known.
    Sent { expires_at_ms: u64, bytes: Vec<u8> },
    /// It was decided.
    Decided(Decided),
}

/// The journal of one import.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    known: HashMap<[u8; 16], Known>,
}

impl Journal {
    /// Opens the journal of a file's import into a chain, or begins one.
    pub(crate) fn open(path: &Path, origin: &str, file: &Hash) -> Result<Self, JournalError> {
        let io = |source| JournalError::Io { path: path.to_owned(), source };
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory).map_err(io)?;
        }
        let opened =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let mut handle = opened.map_err(io)?;
        match handle.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(JournalError::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        let mut bytes = Vec::new();
        handle.read_to_end(&mut bytes).map_err(io)?;
        let (records, good) = read(&bytes);
        // What a dying process left unfinished at the end.
        handle.set_len(good).map_err(io)?;
        handle.seek(SeekFrom::Start(good)).map_err(io)?;
        let mut journal = Self { path: path.to_owned(), file: handle, known: HashMap::new() };
        let mut records = records.into_iter();
        match records.next() {
            None => {
                journal.append(&Record::Begun { origin: origin.to_owned(), file: file.0 })?;
            }
            Some(Record::Begun { origin: theirs, file: of })
                if theirs == origin && of == file.0 => {}
            Some(_) => return Err(JournalError::Other(path.to_owned())),
        }
        records.for_each(|record| journal.learn(record));
        Ok(journal)
    }

    /// What is known of a statement.
    pub(crate) fn known(&self, command_id: &[u8; 16]) -> Option<&Known> {
        self.known.get(command_id)
    }

    /// Keeps the bytes of a statement that is about to be sent.
    pub(crate) fn sent(
        &mut self,
        command_id: [u8; 16],
        expires_at_ms: u64,
        bytes: &[u8],
    ) -> Result<(), JournalError> {
        self.append(&Record::Sent { command_id, expires_at_ms, bytes: bytes.to_vec() })
    }

    /// Keeps what became of a statement.
    pub(crate) fn decided(
        &mut self,
        command_id: [u8; 16],
        decided: &Decided,
    ) -> Result<(), JournalError> {
        self.append(&Record::Decided { command_id, decided: decided.clone() })
    }

    /// Puts everything on the disk itself.
    pub(crate) fn sync(&self) -> Result<(), JournalError> {
        self.file.sync_data().map_err(|source| self.io(source))
    }

    fn append(&mut self, record: &Record) -> Result<(), JournalError> {
        let frame = frame(record).map_err(|source| self.io(source))?;
        self.file.write_all(&frame).map_err(|source| self.io(source))
    }

    fn io(&self, source: io::Error) -> JournalError {
        JournalError::Io { path: self.path.clone(), source }
    }

    fn learn(&mut self, record: Record) {
        match record {
            // Only the first record says this, and it was checked.
            Record::Begun { .. } => {}
            Record::Sent { command_id, expires_at_ms, bytes } => {
                self.known.insert(command_id, Known::Sent { expires_at_ms, bytes });
            }
            Record::Decided { command_id, decided } => {
                self.known.insert(command_id, Known::Decided(decided));
            }
        }
    }
}

fn frame(record: &Record) -> io::Result<Vec<u8>> {
    let payload = postcard::to_stdvec(record).map_err(io::Error::other)?;
    let len = u32::try_from(payload.len()).map_err(io::Error::other)?;
    let mut frame = len.to_le_bytes().to_vec();
    frame.extend_from_slice(&crc32c::crc32c(&payload).to_le_bytes());
    frame.extend_from_slice(&payload);
    Ok(frame)
}

/// The records up to the first that isn't whole, and how many bytes they take.
fn read(bytes: &[u8]) -> (Vec<Record>, u64) {
    let mut records = Vec::new();
    let mut rest = bytes;
    while let Some((record, after)) = read_one(rest) {
        records.push(record);
        rest = after;
    }
    (records, (bytes.len() - rest.len()) as u64)
}

fn read_one(bytes: &[u8]) -> Option<(Record, &[u8])> {
    let (len, rest) = bytes.split_first_chunk::<4>()?;
    let (crc, rest) = rest.split_first_chunk::<4>()?;
    let len = u32::from_le_bytes(*len);
    if len > RECORD_MAX {
        return None;
    }
    let (payload, rest) = rest.split_at_checked(usize::try_from(len).ok()?)?;
    if crc32c::crc32c(payload) != u32::from_le_bytes(*crc) {
        return None;
    }
    Some((postcard::from_bytes(payload).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::ItemVerdict;

    const FILE: Hash = Hash([7; 32]);

    fn decided() -> Decided {
        Decided { index: 9, items: vec![ItemVerdict::Accepted, ItemVerdict::Quarantined] }
    }

    fn open(path: &Path) -> Journal {
        Journal::open(path, "chain", &FILE).expect("opens")
    }

    #[test]
    fn what_was_kept_is_known_again_and_a_torn_end_costs_its_record_alone() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("imports").join("one.journal");
        let mut journal = open(&path);
        journal.sent([1; 16], 50, b"first").expect("kept");
        journal.decided([1; 16], &decided()).expect("kept");
        journal.sent([2; 16], 60, b"second").expect("kept");
        drop(journal);

        let whole = fs::read(&path).expect("there");
        let second = Known::Sent { expires_at_ms: 60, bytes: b"second".to_vec() };
        assert_eq!(open(&path).known(&[2; 16]), Some(&second));
        for cut in 1..12 {
            fs::write(&path, &whole[..whole.len() - cut]).expect("cut");
            let mut journal = open(&path);
            assert_eq!(journal.known(&[1; 16]), Some(&Known::Decided(decided())));
            assert_eq!(journal.known(&[2; 16]), None, "{cut}");
            journal.sent([2; 16], 60, b"second").expect("kept");
            drop(journal);
            assert_eq!(fs::read(&path).expect("there"), whole, "it goes on where it was cut");
        }
    }

    #[test]
    fn a_journal_serves_one_file_one_chain_and_one_import_at_a_time() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("one.journal");
        let journal = open(&path);
        let again = Journal::open(&path, "chain", &FILE);
        assert!(matches!(again, Err(JournalError::InUse(_))));
        drop(journal);
        for (origin, file) in [("other", FILE), ("chain", Hash([8; 32]))] {
            let refused = Journal::open(&path, origin, &file);
            assert!(matches!(refused, Err(JournalError::Other(_))));
        }
    }
}
