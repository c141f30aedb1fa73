//! The log's files behind the log's own seam, for the one who writes and all who read.

use std::{io, path::Path, sync::Arc};

use granary_log::segment::Storage;

use super::{FileError, FileStorage};

/// [`FileStorage`] as `granary_log` sees it; copies share the same files.
#[derive(Clone)]
pub struct SharedStorage(Arc<FileStorage>);

impl SharedStorage {
    /// Opens the directory, making it if need be.
    ///
    /// # Errors
    ///
    /// [`FileError`].
    pub fn open(dir: &Path) -> Result<Self, FileError> {
        FileStorage::open(dir).map(|files| Self(Arc::new(files)))
    }
}

impl Storage for SharedStorage {
    fn list(&self) -> io::Result<Vec<String>> {
        self.0.list().map_err(io::Error::from)
    }

    fn create(&mut self, name: &str, size: u64) -> io::Result<()> {
        self.0.create(name, size).map_err(io::Error::from)
    }

    fn write_at(&mut self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_at(name, offset, bytes).map_err(io::Error::from)
    }

    fn read_at(&self, name: &str, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; len];
        self.0.read_at(name, offset, &mut bytes)?;
        Ok(bytes)
    }

    fn sync_data(&mut self, name: &str) -> io::Result<()> {
        self.0.sync_data(name).map_err(io::Error::from)
    }

    fn len(&self, name: &str) -> io::Result<u64> {
        self.0.len(name).map_err(io::Error::from)
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.0.remove(name).map_err(io::Error::from)
    }
}

impl From<FileError> for io::Error {
    /// Keeps the kind: who sees a full disk or a missing file should still see that.
    fn from(error: FileError) -> Self {
        let kind = match &error {
            FileError::DiskFull { .. } => io::ErrorKind::StorageFull,
            FileError::Io { source, .. } => source.kind(),
        };
        io::Error::new(kind, error)
    }
}
