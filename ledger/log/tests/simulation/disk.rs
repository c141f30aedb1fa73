//! A disk under a page cache, as bad as real ones, and the same for the same seed.
//!
//! Files have an inode each; names are kept apart from them, since a name is durable only once its
//! directory was synced. Every act can fail before or after it took effect, or be the last before
//! the power goes.

use std::collections::BTreeMap;
use std::io;

use crate::rng::Rng;
use crate::sabotage::Sabotage;

/// The unit in which the disk writes.
pub(crate) const SECTOR: usize = 512;

/// What happens at an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It fails and nothing was done. A sync has then written any part, and the rest never will be.
    FailsBefore,
    /// It was done, and fails.
    FailsAfter,
    /// The power goes while it is done.
    PowerCut,
}

/// Why nothing can be done any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Down {
    /// The process is gone; what it wrote is in the page cache.
    Process,
    /// The machine is off.
    Power,
}

#[derive(Debug, Clone, Default)]
struct File {
    /// What is read.
    cached: Vec<u8>,
    /// What is on the disk.
    durable: Vec<u8>,
    /// Written and not synced, in order: where, and what.
    dirty: Vec<(usize, Vec<u8>)>,
}

/// The disk.
#[derive(Debug, Clone)]
pub(crate) struct Disk {
    rng: Rng,
    files: Vec<File>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    /// Changes of names that no sync of the directory has made durable: a name, and what it is for.
    renamings: Vec<(String, Option<usize>)>,
    /// How many bytes files may have together.
    pub(crate) room: usize,
    /// What happens in so many acts.
    trouble: Option<(u32, Trouble)>,
    down: Option<Down>,
    /// In a thousand syncs, how many write something elsewhere.
    pub(crate) misdirects: u64,
    /// Something on the disk was changed that nobody wrote.
    pub(crate) is_decayed: bool,
    pub(crate) sabotage: Option<Sabotage>,
    /// What a removed file held, for a disk that hands it out again.
    recycled: Vec<u8>,
}

impl Disk {
    pub(crate) fn new(seed: u64, sabotage: Option<Sabotage>) -> Self {
        Self {
            rng: Rng::new(seed ^ 0xD15C),
            files: Vec::new(),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            renamings: Vec::new(),
            room: usize::MAX,
            trouble: None,
            down: None,
            misdirects: 0,
            is_decayed: false,
            sabotage,
            recycled: Vec::new(),
        }
    }

    /// Has something happen at the act after so many.
    pub(crate) fn plan(&mut self, after: u32, trouble: Trouble) {
        self.trouble = Some((after, trouble));
    }

    /// Whether the machine is off.
    pub(crate) fn is_off(&self) -> bool {
        self.down == Some(Down::Power)
    }

    /// Whether the process or the machine has gone down.
    pub(crate) fn is_down(&self) -> bool {
        self.down.is_some()
    }

    /// The process ends, as after a sync that failed.
    pub(crate) fn end_process(&mut self) {
        self.down.get_or_insert(Down::Process);
    }

    /// The machine loses its power.
    pub(crate) fn cut_power(&mut self) {
        self.down = Some(Down::Power);
    }

    /// The next process starts; after a power cut, on what the disk holds.
    pub(crate) fn start(&mut self) {
        match self.down.take() {
            Some(Down::Power) => self.lose_unsynced(),
            Some(Down::Process) | None if self.rng.chance(300) => self.evict(),
            Some(Down::Process) | None => {}
        }
        self.trouble = None;
    }

    /// Of each sector written since the last sync, some version is on the disk: the old one or any
    /// of those written. Of the changes of names, the first so many.
    fn lose_unsynced(&mut self) {
        for file in &mut self.files {
            let end = file.dirty.iter().map(|(at, bytes)| at + bytes.len()).max().unwrap_or(0);
            let first = file.dirty.iter().map(|(at, _)| at / SECTOR).min().unwrap_or(0);
            for sector in first..end.div_ceil(SECTOR) {
                let writes = file.dirty.iter().filter(|(at, bytes)| {
                    *at < (sector + 1) * SECTOR && at + bytes.len() > sector * SECTOR
                });
                let kept = self.rng.below(writes.clone().count() as u64 + 1);
                for (at, bytes) in writes.take(usize::try_from(kept).unwrap()) {
                    put_sector(&mut file.durable, sector, *at, bytes);
                }
            }
            file.dirty.clear();
            file.cached.clone_from(&file.durable);
        }
        let kept = self.rng.below(self.renamings.len() as u64 + 1);
        let kept = usize::try_from(kept).unwrap();
        for (name, inode) in self.renamings.drain(..).take(kept) {
            set_name(&mut self.durable_names, name, inode);
        }
        self.names.clone_from(&self.durable_names);
    }

    /// The page cache lets go of what it takes for written.
    fn evict(&mut self) {
        for file in &mut self.files {
            file.cached.clone_from(&file.durable);
            for (at, bytes) in &file.dirty {
                put(&mut file.cached, *at, bytes);
            }
        }
    }

    /// What the next act meets.
    fn due(&mut self) -> io::Result<Option<Trouble>> {
        if self.down.is_some() {
            return Err(io::Error::other("it is down"));
        }
        let Some((left, trouble)) = &mut self.trouble else { return Ok(None) };
        if *left > 0 {
            *left -= 1;
            return Ok(None);
        }
        let trouble = *trouble;
        self.trouble = None;
        if trouble == Trouble::PowerCut {
            self.down = Some(Down::Power);
        }
        Ok(Some(trouble))
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.names.keys().cloned().collect()
    }

    pub(crate) fn inode(&self, name: &str) -> io::Result<usize> {
        self.names.get(name).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(crate) fn len(&self, inode: usize) -> usize {
        self.files[inode].cached.len()
    }

    pub(crate) fn read(&self, inode: usize, at: usize, len: usize) -> io::Result<Vec<u8>> {
        if self.down.is_some() {
            return Err(io::Error::other("it is down"));
        }
        let bytes = &self.files[inode].cached;
        let start = at.min(bytes.len());
        Ok(bytes[start..start.saturating_add(len).min(bytes.len())].to_vec())
    }

    /// Opens a new file.
    pub(crate) fn open_new(&mut self, name: &str) -> io::Result<usize> {
        let trouble = self.due()?;
        if trouble == Some(Trouble::FailsBefore) {
            return Err(failed("open"));
        }
        self.files.push(File::default());
        let inode = self.files.len() - 1;
        self.rename_to(name, Some(inode));
        done(trouble, "open").map(|()| inode)
    }

    /// Gives a file its length. On a healthy disk what was not written is zeros.
    pub(crate) fn truncate(&mut self, inode: usize, len: usize) -> io::Result<()> {
        let trouble = self.due()?;
        if trouble == Some(Trouble::FailsBefore) {
            return Err(failed("truncate"));
        }
        let used: usize = self.names.values().map(|inode| self.files[*inode].cached.len()).sum();
        if used + len > self.room {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut content = std::mem::take(&mut self.recycled);
        content.resize(len, 0);
        self.files[inode].cached.clone_from(&content);
        self.files[inode].durable = content;
        done(trouble, "truncate")
    }

    pub(crate) fn write(&mut self, inode: usize, at: usize, bytes: &[u8]) -> io::Result<()> {
        let trouble = self.due()?;
        let bytes = match trouble {
            Some(Trouble::FailsBefore) => return Err(failed("write")),
            // The first part was written.
            Some(Trouble::FailsAfter) => {
                let written = self.rng.below(bytes.len() as u64 + 1);
                &bytes[..usize::try_from(written).unwrap()]
            }
            Some(Trouble::PowerCut) | None => bytes,
        };
        let file = &mut self.files[inode];
        put(&mut file.cached, at, bytes);
        file.dirty.push((at, bytes.to_vec()));
        done(trouble, "write")
    }

    /// Makes a file's content durable.
    pub(crate) fn sync(&mut self, inode: usize) -> io::Result<()> {
        let trouble = self.due()?;
        if self.sabotage == Some(Sabotage::LyingSync) || trouble == Some(Trouble::PowerCut) {
            return done(trouble, "sync");
        }
        let writes = std::mem::take(&mut self.files[inode].dirty);
        let fails = trouble == Some(Trouble::FailsBefore);
        for (at, bytes) in writes {
            if fails && self.rng.chance(500) {
                // Its pages count as clean now, and nothing will ever write them.
                continue;
            }
            self.write_through(inode, at, &bytes);
        }
        done(if fails { Some(Trouble::FailsAfter) } else { trouble }, "sync")
    }

    /// A write reaches the disk, or another place of it.
    fn write_through(&mut self, inode: usize, at: usize, bytes: &[u8]) {
        if !self.rng.chance(self.misdirects) {
            return put(&mut self.files[inode].durable, at, bytes);
        }
        self.is_decayed = true;
        // As the disk sees it: whole sectors.
        let first = at / SECTOR;
        let count = (at + bytes.len()).div_ceil(SECTOR) - first;
        let astray = if self.rng.chance(500) {
            first..first + count
        } else {
            let sector = first + usize::try_from(self.rng.below(count as u64)).unwrap();
            sector..sector + 1
        };
        let mut image = self.files[inode].durable.clone();
        put(&mut image, at, bytes);
        let Some(there) = self.any_file() else { return };
        let sectors = self.files[there].durable.len() / SECTOR;
        let to = usize::try_from(self.rng.below(sectors as u64)).unwrap();
        for sector in first..first + count {
            let part = &image[sector * SECTOR..((sector + 1) * SECTOR).min(image.len())];
            if astray.contains(&sector) {
                let place = (to + sector - astray.start) * SECTOR;
                put(&mut self.files[there].durable, place, part);
            } else {
                put(&mut self.files[inode].durable, sector * SECTOR, part);
            }
        }
    }

    fn any_file(&mut self) -> Option<usize> {
        let nth = usize::try_from(self.rng.below(self.names.len() as u64)).unwrap();
        self.names.values().nth(nth).copied()
    }

    /// Flips a bit of any file, on the disk.
    pub(crate) fn flip(&mut self) {
        let Some(inode) = self.any_file() else { return };
        let bytes = &mut self.files[inode].durable;
        if bytes.is_empty() {
            return;
        }
        // Mostly where something was written.
        let written = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let reach = if self.rng.chance(900) && written > 0 { written } else { bytes.len() };
        let bit = usize::try_from(self.rng.below(reach as u64 * 8)).unwrap();
        bytes[bit / 8] ^= 1 << (bit % 8);
        self.is_decayed = true;
        self.evict();
    }

    pub(crate) fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        let trouble = self.due()?;
        if trouble == Some(Trouble::FailsBefore) {
            return Err(failed("rename"));
        }
        let inode = self.inode(from)?;
        self.rename_to(from, None);
        self.rename_to(to, Some(inode));
        done(trouble, "rename")
    }

    pub(crate) fn unlink(&mut self, name: &str) -> io::Result<()> {
        let trouble = self.due()?;
        if trouble == Some(Trouble::FailsBefore) {
            return Err(failed("unlink"));
        }
        let inode = self.inode(name)?;
        if self.sabotage == Some(Sabotage::SegmentsNotZeroed) {
            self.recycled.clone_from(&self.files[inode].durable);
        }
        self.rename_to(name, None);
        done(trouble, "unlink")
    }

    /// Makes names durable.
    pub(crate) fn sync_names(&mut self) -> io::Result<()> {
        let trouble = self.due()?;
        if let Some(Trouble::FailsBefore | Trouble::PowerCut) = trouble {
            return Err(failed("sync the directory"));
        }
        for (name, inode) in self.renamings.drain(..) {
            set_name(&mut self.durable_names, name, inode);
        }
        done(trouble, "sync the directory")
    }

    fn rename_to(&mut self, name: &str, inode: Option<usize>) {
        set_name(&mut self.names, name.to_owned(), inode);
        self.renamings.push((name.to_owned(), inode));
    }

    /// An operator puts the files of an older copy back.
    pub(crate) fn restore(&mut self, copy: &Self) {
        let (rng, room) = (self.rng, self.room);
        *self = copy.clone();
        (self.rng, self.room, self.down) = (rng, room, Some(Down::Process));
        for file in &mut self.files {
            file.durable.clone_from(&file.cached);
            file.dirty.clear();
        }
        self.renamings.clear();
        self.durable_names.clone_from(&self.names);
    }
}

fn set_name(names: &mut BTreeMap<String, usize>, name: String, inode: Option<usize>) {
    match inode {
        Some(inode) => names.insert(name, inode),
        None => names.remove(&name),
    };
}

/// Writes what fits.
fn put(into: &mut [u8], at: usize, bytes: &[u8]) {
    let end = (at + bytes.len()).min(into.len());
    if at < end {
        into[at..end].copy_from_slice(&bytes[..end - at]);
    }
}

/// Writes the part of a write that lies in one sector.
fn put_sector(into: &mut [u8], sector: usize, at: usize, bytes: &[u8]) {
    let from = at.max(sector * SECTOR);
    let until = (at + bytes.len()).min((sector + 1) * SECTOR);
    put(into, from, &bytes[from - at..until - at]);
}

fn failed(act: &str) -> io::Error {
    io::Error::other(format!("the {act} failed"))
}

fn done(trouble: Option<Trouble>, act: &str) -> io::Result<()> {
    if trouble.is_some() { Err(failed(act)) } else { Ok(()) }
}
