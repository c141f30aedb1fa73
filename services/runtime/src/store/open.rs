//! Opening a store, or setting it aside when it can't be used.
//!
//! ```text
//! DIR/format      `granary-state KIND VERSION`
//! DIR/db/         the store's own files
//! DIR/flushed     position of the last flush
//! DIR/condemned   why it must not be opened again
//! ```

use std::fmt;
use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::guard::{CONDEMNED_FILE, FLUSHED_FILE, Guarded, panic_message};
use super::{Position, RedbStore, SledStore, StateStore, StoreError, StoreKind, StoreOptions};
use crate::files::{FileError, sync_dir, write_atomically};
use crate::telemetry::names;

/// Raised when keys, values or the layout of the directory change their meaning.
const FORMAT_VERSION: u32 = 1;

const FORMAT_FILE: &str = "format";

/// How many stores set aside are kept. A fault that comes back must not fill the disk.
const SET_ASIDE_MAX: usize = 3;

/// Why a store didn't open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory can't be made, read or written. Nothing is known against the data.
    #[error("state directory can't be used")]
    Files(#[from] FileError),
    /// The store's own files can't be used just now. Nothing is known against the data.
    #[error("state in {} can't be opened", dir.display())]
    Unavailable {
        /// The state directory.
        dir: PathBuf,
        /// What the store said.
        #[source]
        source: StoreError,
    },
    /// This state is of no use and has to be made again from the log.
    #[error("state in {} can't be used: {why}", dir.display())]
    Unusable {
        /// The state directory.
        dir: PathBuf,
        /// What is wrong with it.
        why: Unusable,
    },
}

/// What makes a state good for nothing but being set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// Another store's, or another version's.
    Format {
        /// What `format` says.
        found: String,
        /// What this binary writes.
        expected: String,
    },
    /// An earlier run found it damaged.
    Condemned {
        /// What it found.
        reason: String,
    },
    /// It is damaged.
    Damaged {
        /// What the store tripped over.
        reason: String,
    },
    /// It stands before what an earlier flush had made durable: something was lost.
    Lost {
        /// Where it stands, in entries.
        found: u64,
        /// Where the last flush stood, in entries.
        flushed: u64,
    },
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unusable::Format { found, expected } => {
                write!(f, "it is `{found}` and this node writes `{expected}`")
            }
            Unusable::Condemned { reason } => {
                write!(f, "an earlier run found it damaged: {reason}")
            }
            Unusable::Damaged { reason } => write!(f, "it is damaged: {reason}"),
            Unusable::Lost { found, flushed } => {
                write!(f, "it stands at {found} entries and had been flushed at {flushed}")
            }
        }
    }
}

/// A store that was moved out of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Where it is now. It may be deleted.
    pub moved_to: PathBuf,
    /// What was wrong with it.
    pub why: Unusable,
}

/// A store ready for use.
pub struct Opened {
    /// The store; empty if another one was set aside.
    pub store: Box<dyn StateStore>,
    /// Set when the former state was of no use: the caller rebuilds, and says so.
    pub set_aside: Option<SetAside>,
}

/// Opens the store in `dir`, creating both as needed.
///
/// # Errors
///
/// Any [`OpenError`]; [`OpenError::Unusable`] is what [`open_or_set_aside`] takes care of.
pub fn open_store(
    kind: StoreKind,
    dir: &Path,
    options: &StoreOptions,
) -> Result<Box<dyn StateStore>, OpenError> {
    prepare(kind, dir)?;
    let store = open_guarded(kind, dir, options)?;
    check_nothing_lost(&*store, dir)?;
    Ok(store)
}

/// Opens the store in `dir`; one that is damaged, panics, has lost something or is of another
/// format is renamed to `NAME.corrupt-UNIX_TIME` beside it, and an empty one is opened instead.
///
/// # Errors
///
/// [`OpenError::Files`] and [`OpenError::Unavailable`]: no space, no rights, another process.
/// Then nothing is set aside. [`OpenError::Unusable`] if even the empty store is unusable.
pub fn open_or_set_aside(
    kind: StoreKind,
    dir: &Path,
    options: &StoreOptions,
) -> Result<Opened, OpenError> {
    let why = match open_store(kind, dir, options) {
        Ok(store) => return Ok(Opened { store, set_aside: None }),
        Err(OpenError::Unusable { why, .. }) => why,
        Err(other) => return Err(other),
    };
    let moved_to = set_aside(dir)?;
    tracing::warn!(%why, moved_to = %moved_to.display(), "state set aside, rebuilding from the log");
    let store = open_store(kind, dir, options)?;
    Ok(Opened { store, set_aside: Some(SetAside { moved_to, why }) })
}

/// Renames the state directory `dir` to `NAME.corrupt-UNIX_TIME` and returns its new path, for a
/// caller who found that it disagrees with the log. The store in it must have been dropped. Of
/// those set aside before only the newest are kept.
///
/// # Errors
///
/// [`FileError`], and then the directory may still be where it was.
pub fn set_aside(dir: &Path) -> Result<PathBuf, FileError> {
    let (Some(parent), Some(name)) = (dir.parent(), dir.file_name()) else {
        let source = io::Error::new(io::ErrorKind::InvalidInput, "it has no parent directory");
        return Err(FileError::io("set aside", dir, source));
    };
    let stem = format!("{}.corrupt-", name.to_string_lossy());
    let newest = drop_oldest(parent, &stem)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    // Names stay in order also when two are set aside in one second, or the clock goes back.
    let seconds = newest.map_or(now, |newest| now.max(newest.saturating_add(1)));
    let target = parent.join(format!("{stem}{seconds}"));
    fs::rename(dir, &target).map_err(|source| FileError::io("set aside", dir, source))?;
    sync_dir(parent)?;
    metrics::counter!(names::STATES_SET_ASIDE).increment(1);
    Ok(target)
}

/// Removes all but the newest, leaving room for one more; returns the newest one's time.
fn drop_oldest(parent: &Path, stem: &str) -> Result<Option<u64>, FileError> {
    let list = |source| FileError::io("list", parent, source);
    let mut kept: Vec<(u64, PathBuf)> = Vec::new();
    for entry in fs::read_dir(parent).map_err(list)? {
        let entry = entry.map_err(list)?;
        let seconds =
            entry.file_name().to_str().and_then(|name| name.strip_prefix(stem)?.parse().ok());
        if let Some(seconds) = seconds {
            kept.push((seconds, entry.path()));
        }
    }
    kept.sort();
    let newest = kept.last().map(|(seconds, _)| *seconds);
    let excess = kept.len().saturating_sub(SET_ASIDE_MAX - 1);
    for (_, old) in kept.into_iter().take(excess) {
        fs::remove_dir_all(&old).map_err(|source| FileError::io("remove", &old, source))?;
    }
    Ok(newest)
}

/// Makes the directory, or finds that it is one of ours.
fn prepare(kind: StoreKind, dir: &Path) -> Result<(), OpenError> {
    let unusable = |why| OpenError::Unusable { dir: dir.to_owned(), why };
    let data = dir.join("db");
    fs::create_dir_all(dir).map_err(|source| FileError::io("create", dir, source))?;

    if let Some(reason) = read_if_there(&dir.join(CONDEMNED_FILE))? {
        return Err(unusable(Unusable::Condemned { reason }));
    }
    let expected = format!("granary-state {} {FORMAT_VERSION}", kind.name());
    match read_if_there(&dir.join(FORMAT_FILE))? {
        Some(found) if found.trim_end() == expected => {}
        Some(found) => {
            let found = found.trim_end().to_owned();
            return Err(unusable(Unusable::Format { found, expected }));
        }
        None if data.exists() => {
            let found = "a store without a format file".to_owned();
            return Err(unusable(Unusable::Format { found, expected }));
        }
        None => {
            write_atomically(&dir.join(FORMAT_FILE), format!("{expected}\n").as_bytes(), 0o644)?;
        }
    }
    fs::create_dir_all(&data).map_err(|source| FileError::io("create", &data, source))?;
    sync_dir(dir)?;
    Ok(())
}

fn open_guarded(
    kind: StoreKind,
    dir: &Path,
    options: &StoreOptions,
) -> Result<Box<dyn StateStore>, OpenError> {
    let data = dir.join("db");
    let open = || -> Result<Box<dyn StateStore>, StoreError> {
        match kind {
            StoreKind::Sled => Ok(Box::new(SledStore::open(&data, options)?)),
            StoreKind::Redb => Ok(Box::new(RedbStore::open(&data, options)?)),
        }
    };
    let unusable =
        |reason| OpenError::Unusable { dir: dir.to_owned(), why: Unusable::Damaged { reason } };
    match catch_unwind(AssertUnwindSafe(open)) {
        Ok(Ok(store)) => Ok(Box::new(Guarded::new(store, kind, dir))),
        Ok(Err(StoreError::Damaged { reason, .. })) => Err(unusable(reason)),
        Ok(Err(source)) => Err(OpenError::Unavailable { dir: dir.to_owned(), source }),
        Err(panic) => Err(unusable(panic_message(&*panic))),
    }
}

/// Compares the store with the note that its last flush left.
fn check_nothing_lost(store: &dyn StateStore, dir: &Path) -> Result<(), OpenError> {
    let unusable = |why| Err(OpenError::Unusable { dir: dir.to_owned(), why });
    let found = match store.position() {
        Ok(found) => found,
        Err(StoreError::Damaged { reason, .. }) => return unusable(Unusable::Damaged { reason }),
        Err(source) => return Err(OpenError::Unavailable { dir: dir.to_owned(), source }),
    };
    let Some(line) = read_if_there(&dir.join(FLUSHED_FILE))? else { return Ok(()) };
    let Ok(flushed) = line.parse::<Position>() else {
        return unusable(Unusable::Damaged { reason: "its `flushed` file is unreadable".into() });
    };
    match found {
        Some(found) if found.size > flushed.size || found == flushed => Ok(()),
        Some(found) if found.size == flushed.size => {
            let reason = format!("at {} entries it differs from what was flushed", found.size);
            unusable(Unusable::Damaged { reason })
        }
        found => unusable(Unusable::Lost {
            found: found.map_or(0, |found| found.size),
            flushed: flushed.size,
        }),
    }
}

/// The text of a small file, `None` when there is none. Bytes that aren't UTF-8 are replaced:
/// whoever compares or parses the text then finds it wrong.
fn read_if_there(path: &Path) -> Result<Option<String>, FileError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(FileError::io("read", path, source)),
    }
}
