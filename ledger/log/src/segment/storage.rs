//! The seam to files.

use std::io;

/// Where segments are kept: a directory of files, seen through the few acts that crash safety
/// rests on. [`MemoryStorage`](super::MemoryStorage) is one that can be broken on purpose.
pub trait Storage {
    /// The names of all files.
    ///
    /// # Errors
    ///
    /// When the directory cannot be read.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Makes a file of `size` zeros, **written** and not only reserved (an unwritten extent needs
    /// the file system's journal at the first sync). File and directory entry are durable on
    /// return.
    ///
    /// # Errors
    ///
    /// When there is such a file, or no room for it; then nothing of it is left.
    fn create(&mut self, name: &str, size: u64) -> io::Result<()>;

    /// Writes into a file, within its size. Not durable before [`Storage::sync_data`].
    ///
    /// # Errors
    ///
    /// When not everything could be written.
    fn write_at(&mut self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Reads `len` bytes; fewer only where the file ends.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    fn read_at(&self, name: &str, offset: u64, len: usize) -> io::Result<Vec<u8>>;

    /// Makes everything written to the file durable (fdatasync).
    ///
    /// # Errors
    ///
    /// After an error nobody knows what is on the disk: the process must end, and not try again.
    fn sync_data(&mut self, name: &str) -> io::Result<()>;

    /// The file's size in bytes.
    ///
    /// # Errors
    ///
    /// When there is no such file.
    fn len(&self, name: &str) -> io::Result<u64>;

    /// Removes a file, durably.
    ///
    /// # Errors
    ///
    /// When it cannot be removed.
    fn remove(&mut self, name: &str) -> io::Result<()>;
}

/// A segment's file could not be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot {act} {name}")]
pub struct StorageError {
    /// What was tried.
    pub act: &'static str,
    /// The file.
    pub name: String,
    /// Why not.
    #[source]
    pub source: io::Error,
}

impl StorageError {
    /// Adds what was tried to an I/O error.
    pub fn on(act: &'static str, name: &str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self { act, name: name.to_owned(), source }
    }
}
