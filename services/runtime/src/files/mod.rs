//! Files: where evidence and secrets are kept, and what may be believed of a disk.
//!
//! * [`FileStorage`]: the files of the log.
//! * [`durable_or_abort`]: a failed sync ends the process.
//! * [`DirLock`]: one process per directory.
//! * [`write_atomically`]: a small file is there whole, old or new.

mod atomic;
mod durable;
mod lock;
mod storage;

use std::io;
use std::path::{Path, PathBuf};

pub use self::atomic::{create_atomically, sync_dir, write_atomically};
pub use self::durable::durable_or_abort;
pub use self::lock::{DirLock, Holder, LockError};
pub use self::storage::FileStorage;

/// Why a file couldn't be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// No space, or no more allowed to this user.
    #[error(
        "disk is full at {}: can't {action}; free space and restart; nothing acknowledged was lost",
        path.display()
    )]
    DiskFull {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// Anything else.
    #[error("can't {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}

/// For interfaces that speak `io::Error`: of the same kind, with this one inside.
impl From<FileError> for io::Error {
    fn from(error: FileError) -> Self {
        let (FileError::DiskFull { source, .. } | FileError::Io { source, .. }) = &error;
        io::Error::new(source.kind(), error)
    }
}

impl FileError {
    /// Says what was tried (a verb in the infinitive) and where.
    pub fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                FileError::DiskFull { action, path, source }
            }
            _ => FileError::Io { action, path, source },
        }
    }
}
