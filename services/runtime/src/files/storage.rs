//! The files of the log.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use granary_log::segment::Storage;
use rustix::fs::{FallocateFlags, fallocate};

use super::{FileError, durable_or_abort, sync_dir};
use crate::telemetry::names;

/// How a file that isn't complete yet is called; such a one is never listed.
const UNFINISHED: &str = ".new";

/// How many zeros are written at a time.
const ZEROS: usize = 1 << 20;

/// A directory of files of fixed length, which is how segments reach the disk.
///
/// A file has its full length, written with zeros and synced, before it has its name: so
/// overwriting it needs no new block, which keeps a sync cheap (8 times cheaper than appending,
/// format.md section 5) and lets a full disk show when a file is made, never when it is written.
///
/// **A sync that fails ends the process** ([`durable_or_abort`]); no caller ever sees its error.
/// Every other error carries a [`FileError`], which says when the disk is full.
///
/// Clones share their files, so that others can read while one writes. One process per
/// directory; see [`DirLock`](super::DirLock).
#[derive(Debug, Clone)]
pub struct FileStorage {
    dir: PathBuf,
    /// Files in use. Opened once: a sync must go through a description that saw the writes fail.
    open: Arc<Mutex<BTreeMap<String, Arc<File>>>>,
    is_read_only: bool,
}

impl FileStorage {
    /// Opens the directory, making it if need be, and removes files left unfinished by a crash.
    ///
    /// # Errors
    ///
    /// [`FileError`].
    pub fn open(dir: &Path) -> Result<Self, FileError> {
        fs::create_dir_all(dir).map_err(|source| FileError::io("create", dir, source))?;
        let storage = Self { dir: dir.to_owned(), open: Arc::default(), is_read_only: false };
        for name in storage.names()? {
            if name.ends_with(UNFINISHED) {
                storage.unlink(&name)?;
            }
        }
        Ok(storage)
    }

    /// The directory as it is, to be read: nothing is made or removed, so that another process may use it.
    pub fn read_only(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), open: Arc::default(), is_read_only: true }
    }
}

impl Storage for FileStorage {
    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = self.names()?;
        names.retain(|name| !name.ends_with(UNFINISHED));
        names.sort();
        Ok(names)
    }

    fn create(&mut self, name: &str, size: u64) -> io::Result<()> {
        let path = self.path(name)?;
        let failed = |source| FileError::io("make a file in", &self.dir, source);
        if path.exists() {
            // Made by an attempt that failed after its rename: the name may not be durable yet.
            self.sync_names();
            return Err(FileError::io("create", &path, io::ErrorKind::AlreadyExists.into()).into());
        }
        let unfinished = self.path(&format!("{name}{UNFINISHED}"))?;
        let file = write_zeros(&unfinished, size).map_err(|error| {
            // The room it took is needed; if this fails too, the next start removes it.
            let _ = fs::remove_file(&unfinished);
            failed(error)
        })?;
        durable_or_abort(file.sync_all(), &unfinished);
        fs::rename(&unfinished, &path).map_err(failed)?;
        self.sync_names();
        self.lock().insert(name.to_owned(), Arc::new(file));
        Ok(())
    }

    fn write_at(&mut self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let file = self.file(name)?;
        let failed = |source| FileError::io("write", &self.dir.join(name), source);
        let size = file.metadata().map_err(failed)?.len();
        if offset.checked_add(bytes.len() as u64).is_none_or(|end| end > size) {
            let text = format!("{} bytes at {offset} reach beyond its {size} bytes", bytes.len());
            return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, text)).into());
        }
        Ok(file.write_all_at(bytes, offset).map_err(failed)?)
    }

    fn read_at(&self, name: &str, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let file = self.file(name)?;
        let failed = |source| FileError::io("read", &self.dir.join(name), source);
        let rest = file.metadata().map_err(failed)?.len().saturating_sub(offset);
        // Bounded by the file, whatever length a damaged header asked for.
        let mut bytes = vec![0; usize::try_from(rest).unwrap_or(usize::MAX).min(len)];
        file.read_exact_at(&mut bytes, offset).map_err(failed)?;
        Ok(bytes)
    }

    fn sync_data(&mut self, name: &str) -> io::Result<()> {
        let begun = Instant::now();
        durable_or_abort(self.file(name)?.sync_data(), &self.dir.join(name));
        metrics::histogram!(names::SYNC_SECONDS).record(begun.elapsed());
        Ok(())
    }

    fn len(&self, name: &str) -> io::Result<u64> {
        let found = self.file(name)?.metadata();
        let found = found.map_err(|source| FileError::io("read", &self.dir.join(name), source))?;
        Ok(found.len())
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.path(name)?;
        self.lock().remove(name);
        self.unlink(name)?;
        self.sync_names();
        Ok(())
    }
}

impl FileStorage {
    fn file(&self, name: &str) -> Result<Arc<File>, FileError> {
        let mut open = self.lock();
        if let Some(file) = open.get(name) {
            return Ok(Arc::clone(file));
        }
        let path = self.path(name)?;
        let file = OpenOptions::new()
            .read(true)
            .write(!self.is_read_only)
            .open(&path)
            .map_err(|source| FileError::io("open", &path, source))?;
        let file = Arc::new(file);
        open.insert(name.to_owned(), Arc::clone(&file));
        Ok(file)
    }

    /// The path of a name, which must stay in this directory.
    fn path(&self, name: &str) -> Result<PathBuf, FileError> {
        let plain = !name.is_empty() && !name.starts_with('.') && !name.contains('/');
        let path = self.dir.join(name);
        if plain {
            Ok(path)
        } else {
            Err(FileError::io("use", &path, io::ErrorKind::InvalidFilename.into()))
        }
    }

    fn names(&self) -> Result<Vec<String>, FileError> {
        let io = |source| FileError::io("list", &self.dir, source);
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(io)? {
            // A name that isn't UTF-8 can't be one of ours.
            names.extend(entry.map_err(io)?.file_name().into_string());
        }
        Ok(names)
    }

    fn unlink(&self, name: &str) -> Result<(), FileError> {
        let path = self.dir.join(name);
        fs::remove_file(&path).map_err(|source| FileError::io("remove", &path, source))
    }

    fn sync_names(&self) {
        let synced = sync_dir(&self.dir).map_err(io::Error::other);
        durable_or_abort(synced, &self.dir);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<File>>> {
        // Every change is one insertion or removal, so poison leaves nothing half done.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write_zeros(path: &Path, len: u64) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
    // Tells at once that there is no room. Alone it isn't enough: writing to a block that was
    // only reserved needs a commit of the file system's own journal.
    match fallocate(&file, FallocateFlags::empty(), 0, len) {
        Ok(()) | Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::INVAL) => {}
        Err(errno) => return Err(errno.into()),
    }
    let zeros = vec![0; ZEROS];
    let mut offset = 0;
    while offset < len {
        let count = usize::try_from(len - offset).unwrap_or(ZEROS).min(ZEROS);
        file.write_all_at(&zeros[..count], offset)?;
        offset += count as u64;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind<T>(result: io::Result<T>) -> io::ErrorKind {
        result.map(|_| ()).expect_err("it is refused").kind()
    }

    #[test]
    fn a_new_file_is_zeros_of_its_full_length() {
        let dir = tempfile::tempdir().unwrap();
        let mut storage = FileStorage::open(&dir.path().join("log")).unwrap();
        // Around the size of a single write.
        for (name, len) in [("a", 0), ("b", 1), ("c", (1 << 20) + 7)] {
            storage.create(name, len).unwrap();
            assert_eq!(storage.len(name).unwrap(), len);
            let bytes = storage.read_at(name, 0, usize::MAX).unwrap();
            assert_eq!(bytes.len() as u64, len);
            assert!(bytes.iter().all(|&b| b == 0), "{name}");
        }
        assert_eq!(storage.list().unwrap(), ["a", "b", "c"]);
        assert_eq!(kind(storage.create("b", 1)), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn what_was_written_is_read_also_by_the_next_process() {
        let dir = tempfile::tempdir().unwrap();
        let mut storage = FileStorage::open(dir.path()).unwrap();
        storage.create("segment", 100).unwrap();
        storage.write_at("segment", 0, b"first").unwrap();
        storage.write_at("segment", 95, b"last!").unwrap();
        storage.sync_data("segment").unwrap();

        let mut again = FileStorage::open(dir.path()).unwrap();
        assert_eq!(again.read_at("segment", 95, 5).unwrap(), b"last!");
        again.remove("segment").unwrap();
        assert_eq!(again.list().unwrap(), [""; 0]);
        assert_eq!(kind(again.len("segment")), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_clone_reads_what_the_other_writes() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = FileStorage::open(dir.path()).unwrap();
        let reader = writer.clone();
        writer.create("segment", 10).unwrap();
        writer.write_at("segment", 2, b"rice").unwrap();
        assert_eq!(reader.read_at("segment", 2, 4).unwrap(), b"rice");
    }

    #[test]
    fn nothing_reaches_beyond_the_end_of_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let mut storage = FileStorage::open(dir.path()).unwrap();
        storage.create("segment", 10).unwrap();
        for (offset, count) in [(6, 5), (10, 1), (11, 0), (u64::MAX, 1)] {
            let write = storage.write_at("segment", offset, &vec![9; count]);
            assert_eq!(kind(write), io::ErrorKind::InvalidInput, "{count} bytes at {offset}");
        }
        storage.write_at("segment", 10, b"").unwrap();
        assert_eq!(storage.len("segment").unwrap(), 10);
        // (offset, asked for, given)
        for (offset, len, given) in [(6, 5, 4), (10, 1, 0), (99, 1, 0), (0, 10, 10)] {
            assert_eq!(storage.read_at("segment", offset, len).unwrap(), vec![0; given]);
        }
    }

    #[test]
    fn a_file_left_unfinished_by_a_crash_is_not_there() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("segment-2.new"), "half").unwrap();
        fs::write(dir.path().join("segment-1"), "whole").unwrap();
        let mut storage = FileStorage::open(dir.path()).unwrap();
        assert_eq!(storage.list().unwrap(), ["segment-1"]);
        storage.create("segment-2", 4).unwrap();
        assert_eq!(fs::read(dir.path().join("segment-2")).unwrap(), [0; 4]);
    }

    #[test]
    fn a_name_never_leaves_the_directory() {
        let dir = tempfile::tempdir().unwrap();
        let mut storage = FileStorage::open(dir.path()).unwrap();
        for name in ["", ".", "..", "../up", "a/b", "/etc/passwd", ".hidden"] {
            assert_eq!(kind(storage.create(name, 1)), io::ErrorKind::InvalidFilename, "{name}");
            assert_eq!(kind(storage.remove(name)), io::ErrorKind::InvalidFilename, "{name}");
            assert_eq!(kind(storage.len(name)), io::ErrorKind::InvalidFilename, "{name}");
        }
    }
}
