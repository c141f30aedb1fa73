//! One process per directory.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{FlockOperation, flock};

use super::FileError;

const LOCK_FILE: &str = "lock";

/// Holds a directory until it is dropped or the process ends, however that happens.
///
/// The kernel keeps the lock (`flock` on `DIR/lock`); what the file says is for people only, and
/// the file stays, so that two processes never lock two different files of that name.
#[derive(Debug)]
pub struct DirLock {
    /// Closing it releases the lock.
    _file: File,
}

/// Who holds a directory, by its own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// When it took the lock, in seconds since the Unix epoch.
    pub since_unix_s: u64,
}

/// Why a directory couldn't be locked. A command that gets `Held` exits with code 2.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error(
        "{} is in use by {}; stop it first, or use another directory",
        dir.display(),
        holder_in_words(*holder)
    )]
    Held {
        /// The directory.
        dir: PathBuf,
        /// Who has it; `None` when it hasn't said yet.
        holder: Option<Holder>,
    },
    /// The lock file can't be used.
    #[error("directory can't be locked")]
    Files(#[from] FileError),
}

impl DirLock {
    /// Takes `dir`, which exists, for this process. Doesn't wait.
    ///
    /// # Errors
    ///
    /// [`LockError::Held`] when another process, or another `DirLock` of this one, has it.
    pub fn acquire(dir: &Path) -> Result<Self, LockError> {
        let path = dir.join(LOCK_FILE);
        let io = |action| move |source| FileError::io(action, dir, source);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(io("lock"))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let holder = read_holder(&mut file);
                return Err(LockError::Held { dir: dir.to_owned(), holder });
            }
            Err(errno) => return Err(io("lock")(errno.into()).into()),
        }
        write_holder(&mut file).map_err(io("write the lock file of"))?;
        Ok(Self { _file: file })
    }
}

fn write_holder(file: &mut File) -> io::Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "pid {} since {now}", std::process::id())
}

/// `None` when the holder is just writing it.
fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.take(128).read_to_string(&mut text).ok()?;
    let (pid, since) = text.strip_prefix("pid ")?.strip_suffix('\n')?.split_once(" since ")?;
    Some(Holder { pid: pid.parse().ok()?, since_unix_s: since.parse().ok()? })
}

fn holder_in_words(holder: Option<Holder>) -> String {
    let Some(Holder { pid, since_unix_s }) = holder else {
        return "another process".to_owned();
    };
    let since = i64::try_from(since_unix_s).ok().and_then(|s| jiff::Timestamp::from_second(s).ok());
    match since {
        Some(since) => format!("process {pid}, since {since}"),
        None => format!("process {pid}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_one_is_told_who_holds_the_directory_and_since_when() {
        let dir = tempfile::tempdir().unwrap();
        let held = DirLock::acquire(dir.path()).unwrap();
        let before = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let error = DirLock::acquire(dir.path()).unwrap_err();
        let LockError::Held { holder: Some(holder), .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(holder.pid, std::process::id());
        assert!(before.abs_diff(holder.since_unix_s) <= 2, "{holder:?}");
        let said = error.to_string();
        assert!(said.contains(&format!("process {}, since 2", std::process::id())), "{said}");
        drop(held);
        DirLock::acquire(dir.path()).expect("free again");
    }

    #[test]
    fn a_lock_file_left_by_a_dead_process_holds_nothing() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(LOCK_FILE), "pid 1 since 1700000000 and much more\n")
            .unwrap();
        let _held = DirLock::acquire(dir.path()).unwrap();
        let text = std::fs::read_to_string(dir.path().join(LOCK_FILE)).unwrap();
        assert!(text.starts_with(&format!("pid {} since ", std::process::id())), "{text}");
        assert_eq!(text.lines().count(), 1);
    }

    #[test]
    fn a_holder_that_has_not_said_who_it_is_is_another_process() {
        assert_eq!(holder_in_words(None), "another process");
        let since_unix_s = 1_700_000_000;
        let words = holder_in_words(Some(Holder { pid: 7, since_unix_s }));
        assert_eq!(words, "process 7, since 2023-11-14T22:13:20Z");
    }
}
