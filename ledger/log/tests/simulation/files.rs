//! The simulated disk as segments see it: the acts of `FileStorage` in the node, in the same order.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use granary_log::segment::Storage;

use crate::disk::Disk;
use crate::sabotage::Sabotage;

const UNFINISHED: &str = ".new";

/// The files of a process; the disk outlives it.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    pub(crate) disk: Rc<RefCell<Disk>>,
    /// With [`Sabotage::WrittenAfterSync`]: what is still to be written.
    late: Option<(String, u64, Vec<u8>)>,
}

impl Files {
    /// Opens the directory and removes files left unfinished by a crash.
    pub(crate) fn open(disk: &Rc<RefCell<Disk>>) -> io::Result<Self> {
        let names = disk.borrow().names();
        for name in names.iter().filter(|name| name.ends_with(UNFINISHED)) {
            disk.borrow_mut().unlink(name)?;
        }
        Ok(Self { disk: Rc::clone(disk), late: None })
    }

    fn sabotaged(&self, sabotage: Sabotage) -> bool {
        self.disk.borrow().sabotage == Some(sabotage)
    }

    /// A sync that fails ends the process.
    fn durable_or_end(&self, synced: io::Result<()>) -> io::Result<()> {
        if synced.is_err() {
            self.disk.borrow_mut().end_process();
        }
        synced
    }

    fn sync_names(&self) -> io::Result<()> {
        if self.sabotaged(Sabotage::UnsyncedDirectory) {
            return Ok(());
        }
        let synced = self.disk.borrow_mut().sync_names();
        self.durable_or_end(synced)
    }

    fn write_zeros(&self, name: &str, size: usize) -> io::Result<usize> {
        let inode = self.disk.borrow_mut().open_new(name)?;
        self.disk.borrow_mut().truncate(inode, size)?;
        if !self.sabotaged(Sabotage::SegmentsNotZeroed) {
            self.disk.borrow_mut().write(inode, 0, &vec![0; size])?;
        }
        Ok(inode)
    }

    fn write_now(&mut self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.disk.borrow_mut();
        let inode = disk.inode(name)?;
        let offset = usize::try_from(offset).unwrap();
        if offset + bytes.len() > disk.len(inode) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        disk.write(inode, offset, bytes)
    }

    fn sync_now(&mut self, name: &str) -> io::Result<()> {
        let mut disk = self.disk.borrow_mut();
        let inode = disk.inode(name)?;
        let synced = disk.sync(inode);
        if disk.sabotage == Some(Sabotage::RetryAfterFailedSync) && !disk.is_down() {
            return synced.or_else(|_| disk.sync(inode));
        }
        synced
    }
}

impl Storage for Files {
    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = self.disk.borrow().names();
        names.retain(|name| !name.ends_with(UNFINISHED));
        Ok(names)
    }

    fn create(&mut self, name: &str, size: u64) -> io::Result<()> {
        if self.disk.borrow().inode(name).is_ok() {
            // The name of a file made by an attempt that failed may not be durable yet.
            self.sync_names()?;
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let unfinished = format!("{name}{UNFINISHED}");
        let inode =
            self.write_zeros(&unfinished, usize::try_from(size).unwrap()).inspect_err(|_| {
                let _ = self.disk.borrow_mut().unlink(&unfinished);
            })?;
        let synced = self.disk.borrow_mut().sync(inode);
        self.durable_or_end(synced)?;
        self.disk.borrow_mut().rename(&unfinished, name)?;
        self.sync_names()
    }

    fn write_at(&mut self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let is_there = || self.read_at(name, offset, bytes.len()).is_ok_and(|there| there == bytes);
        if self.sabotaged(Sabotage::EqualWritesSkipped) && is_there() {
            return Ok(());
        }
        let is_zeros = bytes.iter().all(|byte| *byte == 0);
        if self.sabotaged(Sabotage::TornTailLeft) && is_zeros {
            return Ok(());
        }
        if self.sabotaged(Sabotage::WrittenAfterSync) {
            self.late = Some((name.to_owned(), offset, bytes.to_vec()));
            return Ok(());
        }
        let written = self.write_now(name, offset, bytes);
        if self.sabotaged(Sabotage::ErrorsSwallowed) { Ok(()) } else { written }
    }

    fn read_at(&self, name: &str, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let disk = self.disk.borrow();
        disk.read(disk.inode(name)?, usize::try_from(offset).unwrap(), len)
    }

    fn sync_data(&mut self, name: &str) -> io::Result<()> {
        let synced = self.sync_now(name);
        if let Some((name, offset, bytes)) = self.late.take() {
            self.write_now(&name, offset, &bytes)?;
        }
        if self.sabotaged(Sabotage::ErrorsSwallowed) {
            return Ok(());
        }
        self.durable_or_end(synced)
    }

    fn len(&self, name: &str) -> io::Result<u64> {
        let disk = self.disk.borrow();
        Ok(disk.len(disk.inode(name)?) as u64)
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.disk.borrow_mut().unlink(name)?;
        self.sync_names()
    }
}
