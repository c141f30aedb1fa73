//! The entry segments as the apply thread and the readers of entries use them.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, PoisonError, RwLock, mpsc},
    thread,
};

use granary_log::{
    entry::SealedEntry,
    segment::{
        AppendError, NextSegment, ReadError, SegmentIndex, SegmentReader, SegmentWriter,
        StorageError, StoredEntry,
    },
};

use crate::{apply::Journal, files::FileStorage, queries::Entries};

/// Entries kept in memory behind the end of the log, in bytes: what callers ask for most.
const RECENT_BYTES: usize = 16 << 20;

struct Inner {
    index: SegmentIndex,
    recent: VecDeque<Arc<[u8]>>,
    recent_from: u64,
    recent_bytes: usize,
}

/// Entries that are durable, for whoever reads them.
pub struct LogEntries {
    storage: FileStorage,
    inner: RwLock<Inner>,
}

impl LogEntries {
    pub(crate) fn new(storage: FileStorage, index: SegmentIndex, size: u64) -> Self {
        let inner = Inner { index, recent: VecDeque::new(), recent_from: size, recent_bytes: 0 };
        Self { storage, inner: RwLock::new(inner) }
    }

    /// The entries from one index to before another, each checked against its checksum.
    ///
    /// # Errors
    ///
    /// The first that can't be read ends the run.
    pub fn scan(
        &self,
        from: u64,
        until: u64,
        mut each: impl FnMut(StoredEntry) -> io::Result<()>,
    ) -> io::Result<()> {
        let index = self.inner.read().unwrap_or_else(PoisonError::into_inner).index.clone();
        for entry in SegmentReader::new(&self.storage, &index, from, until) {
            each(entry.map_err(io::Error::other)?)?;
        }
        Ok(())
    }

    /// Keeps a group's entries at hand.
    fn add(&self, group: &[SealedEntry], index: &SegmentIndex) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        inner.index = index.clone();
        for entry in group {
            inner.recent_bytes += entry.bytes().len();
            inner.recent.push_back(entry.bytes().into());
        }
        while inner.recent_bytes > RECENT_BYTES {
            let Some(oldest) = inner.recent.pop_front() else { break };
            inner.recent_bytes -= oldest.len();
            inner.recent_from += 1;
        }
    }
}

impl Entries for LogEntries {
    fn bytes(&self, index: u64) -> Option<Vec<u8>> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(back) = index.checked_sub(inner.recent_from) {
            let back = usize::try_from(back).ok()?;
            return inner.recent.get(back).map(|bytes| bytes.to_vec());
        }
        let mut reader = SegmentReader::new(&self.storage, &inner.index, index, index + 1);
        match reader.next()? {
            Ok(entry) => Some(entry.bytes),
            Err(error) => {
                damaged(index, &error);
                None
            }
        }
    }

    fn size(&self) -> u64 {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        inner.recent_from + inner.recent.len() as u64
    }
}

fn damaged(index: u64, error: &ReadError) {
    tracing::error!(index, %error, "an entry that is durable can't be read: run granary fsck");
}

/// The apply thread's end of the segments: appends groups, and has the next segment made in good time on a
/// thread of its own, off the path of a commit.
pub struct SegmentJournal {
    writer: SegmentWriter<FileStorage>,
    entries: Arc<LogEntries>,
    wanted: mpsc::Sender<NextSegment>,
    made: mpsc::Receiver<Result<(), StorageError>>,
    is_asked: bool,
}

impl SegmentJournal {
    /// Over a writer that has recovered.
    ///
    /// # Errors
    ///
    /// No thread could be started, or the first segment can't be made.
    pub fn new(mut writer: SegmentWriter<FileStorage>) -> io::Result<(Self, Arc<LogEntries>)> {
        if writer.head().size == 0 {
            writer.prepare_next(new_uuid()).map_err(io::Error::other)?;
        }
        let storage = writer.storage().clone();
        let (size, index) = (writer.head().size, writer.index().clone());
        let entries = Arc::new(LogEntries::new(storage.clone(), index, size));
        let (wanted, wishes) = mpsc::channel();
        let (done, made) = mpsc::channel();
        thread::Builder::new()
            .name("segments".to_owned())
            .spawn(move || make_segments(&storage, &wishes, &done))?;
        let mut journal =
            Self { writer, entries: Arc::clone(&entries), wanted, made, is_asked: false };
        journal.ask();
        Ok((journal, entries))
    }

    /// Has the next segment made, unless it is there or on its way.
    fn ask(&mut self) {
        if self.is_asked {
            return;
        }
        if let Some(next) = self.writer.next_segment() {
            self.is_asked = self.wanted.send(next).is_ok();
        }
    }

    /// Takes the next segment when it has been made; with `wait`, waits until it has.
    fn adopt(&mut self, wait: bool) -> io::Result<()> {
        let made = if wait { self.made.recv().ok() } else { self.made.try_recv().ok() };
        let Some(made) = made else { return Ok(()) };
        self.is_asked = false;
        match made {
            Ok(()) => self.writer.adopt_next(new_uuid()).map_err(io::Error::other),
            Err(error) if wait => Err(io::Error::other(error)),
            Err(error) => {
                tracing::warn!(%error, "the next segment can't be made; free some space");
                self.ask();
                Ok(())
            }
        }
    }
}

fn new_uuid() -> [u8; 16] {
    *uuid::Uuid::new_v4().as_bytes()
}

fn make_segments(
    storage: &FileStorage,
    wishes: &mpsc::Receiver<NextSegment>,
    done: &mpsc::Sender<Result<(), StorageError>>,
) {
    use granary_log::segment::Storage;
    while let Ok(NextSegment { name, size }) = wishes.recv() {
        let made = storage.clone().create(&name, size);
        let made = match made {
            // Made before a crash and not used yet: as good as new, for recovery found it empty.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            made => made,
        };
        if done.send(made.map_err(StorageError::on("create", &name))).is_err() {
            return;
        }
    }
}

impl Journal for SegmentJournal {
    fn append_group(&mut self, entries: &[SealedEntry]) -> io::Result<()> {
        self.adopt(false)?;
        let mut appended = self.writer.append_group(entries);
        if matches!(appended, Err(AppendError::NoSegmentPrepared)) {
            self.ask();
            self.adopt(true)?;
            appended = self.writer.append_group(entries);
        }
        appended.map_err(io::Error::other)?;
        self.ask();
        self.entries.add(entries, self.writer.index());
        Ok(())
    }
}
