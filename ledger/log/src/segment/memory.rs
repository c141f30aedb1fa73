//! Files in memory that crash, decay and fail on command: for tests and simulations.

use std::collections::BTreeMap;
use std::io;

use super::storage::Storage;
use super::torn::SECTOR;

/// Files in memory. Like a disk behind a page cache: what is written is read back at once, and
/// survives [`MemoryStorage::crash`] only if it was synced.
#[derive(Debug, Clone, Default)]
pub struct MemoryStorage {
    files: BTreeMap<String, File>,
    failure: Option<Failure>,
    writes: u64,
    syncs: u64,
}

#[derive(Debug, Clone)]
struct File {
    /// What is read.
    cached: Vec<u8>,
    /// What is on the disk.
    durable: Vec<u8>,
    /// Written and not synced, in the order of writing: where, and how much.
    unsynced: Vec<(usize, usize)>,
}

/// What a crash does to unsynced writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// None of them is on the disk.
    Everything,
    /// The first so many bytes are on the disk.
    After {
        /// How many bytes, counted over the writes in their order.
        bytes: usize,
    },
    /// Each sector of 512 bytes that they touch is on the disk or isn't, as the seed has it.
    Sectors {
        /// Decides for each sector.
        seed: u64,
    },
}

/// What will fail once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The next file cannot be made: the disk is full.
    Create,
    /// The next write is refused.
    Write,
    /// The next sync fails, and what was written since the last is on the disk or isn't.
    Sync,
}

impl MemoryStorage {
    /// No files.
    pub fn new() -> Self {
        Self::default()
    }

    /// The machine goes down: what was not synced is lost as `loss` has it. The files are then as
    /// they are found when it comes up again.
    pub fn crash(&mut self, loss: Loss) {
        for file in self.files.values_mut() {
            match loss {
                Loss::Everything => {}
                Loss::After { bytes } => file.keep_first(bytes),
                Loss::Sectors { seed } => file.keep_sectors(seed),
            }
            file.cached.clone_from(&file.durable);
            file.unsynced.clear();
        }
    }

    /// Flips one bit of a file, on the disk and in the cache.
    ///
    /// # Errors
    ///
    /// When the file has no such bit.
    pub fn flip(&mut self, name: &str, bit: usize) -> io::Result<()> {
        let file = self.file_mut(name)?;
        for bytes in [&mut file.cached, &mut file.durable] {
            let byte = bytes.get_mut(bit / 8).ok_or(io::ErrorKind::UnexpectedEof)?;
            *byte ^= 1 << (bit % 8);
        }
        Ok(())
    }

    /// Overwrites part of a file, on the disk and in the cache.
    ///
    /// # Errors
    ///
    /// When the file has no such place.
    pub fn overwrite(&mut self, name: &str, offset: usize, with: &[u8]) -> io::Result<()> {
        let file = self.file_mut(name)?;
        for bytes in [&mut file.cached, &mut file.durable] {
            let place = bytes.get_mut(offset..).and_then(|rest| rest.get_mut(..with.len()));
            place.ok_or(io::ErrorKind::UnexpectedEof)?.copy_from_slice(with);
        }
        Ok(())
    }

    /// Puts a file under another name, over the one that is there.
    ///
    /// # Errors
    ///
    /// When there is no such file.
    pub fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        let file = self.files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        self.files.insert(to.to_owned(), file);
        Ok(())
    }

    /// Has one act fail.
    pub fn fail_next(&mut self, failure: Failure) {
        self.failure = Some(failure);
    }

    /// How many writes there were.
    pub fn writes(&self) -> u64 {
        self.writes
    }

    /// How many syncs there were.
    pub fn syncs(&self) -> u64 {
        self.syncs
    }

    fn fails(&mut self, failure: Failure) -> bool {
        let due = self.failure == Some(failure);
        if due {
            self.failure = None;
        }
        due
    }

    fn file(&self, name: &str) -> io::Result<&File> {
        self.files.get(name).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn file_mut(&mut self, name: &str) -> io::Result<&mut File> {
        self.files.get_mut(name).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl File {
    fn keep_first(&mut self, mut left: usize) {
        for &(offset, len) in &self.unsynced {
            let kept = offset..offset + len.min(left);
            left -= kept.len();
            self.durable[kept.clone()].copy_from_slice(&self.cached[kept]);
        }
    }

    fn keep_sectors(&mut self, seed: u64) {
        for &(offset, len) in &self.unsynced {
            for sector in offset / SECTOR..(offset + len).div_ceil(SECTOR) {
                if scrambled(seed ^ sector as u64) & 1 == 0 {
                    continue;
                }
                let kept = sector * SECTOR..((sector + 1) * SECTOR).min(self.durable.len());
                self.durable[kept.clone()].copy_from_slice(&self.cached[kept]);
            }
        }
    }
}

impl Storage for MemoryStorage {
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.files.keys().cloned().collect())
    }

    fn create(&mut self, name: &str, size: u64) -> io::Result<()> {
        if self.fails(Failure::Create) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        if self.files.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let size = usize::try_from(size).map_err(|_| io::ErrorKind::StorageFull)?;
        let file = File { cached: vec![0; size], durable: vec![0; size], unsynced: Vec::new() };
        self.files.insert(name.to_owned(), file);
        Ok(())
    }

    fn write_at(&mut self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.writes += 1;
        if self.fails(Failure::Write) {
            return Err(io::Error::other("the write was refused"));
        }
        let file = self.file_mut(name)?;
        let offset = usize::try_from(offset).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        let place = file.cached.get_mut(offset..).and_then(|rest| rest.get_mut(..bytes.len()));
        place.ok_or(io::ErrorKind::UnexpectedEof)?.copy_from_slice(bytes);
        file.unsynced.push((offset, bytes.len()));
        Ok(())
    }

    fn read_at(&self, name: &str, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let bytes = &self.file(name)?.cached;
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        let end = start.saturating_add(len).min(bytes.len());
        Ok(bytes[start..end].to_vec())
    }

    fn sync_data(&mut self, name: &str) -> io::Result<()> {
        self.syncs += 1;
        if self.fails(Failure::Sync) {
            return Err(io::Error::other("the sync failed"));
        }
        let file = self.file_mut(name)?;
        for (offset, len) in file.unsynced.drain(..) {
            let synced = offset..offset + len;
            file.durable[synced.clone()].copy_from_slice(&file.cached[synced]);
        }
        Ok(())
    }

    fn len(&self, name: &str) -> io::Result<u64> {
        Ok(self.file(name)?.cached.len() as u64)
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.files.remove(name).map(drop).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// A number that looks random, from one that does not. SplitMix64.
fn scrambled(n: u64) -> u64 {
    let n = n.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    n ^ (n >> 31)
}
