//! The entries of a tile checked by whichever core is free, and joined in order.
//!
//! No more than some tiles are under way at a time, however far the fastest could run ahead: so the memory
//! is that of these, whatever the size of the log.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
    thread,
};

use granary_log::{
    tile::{Tile, TileKind},
    verify::{Checked, EntryChecker, TileSource},
};

use super::{
    entries::{Batch, Entries, WIDTH},
    report::{Checks, Found},
    source::Published,
};

/// Tiles under way for each core: enough that none waits for another.
const AHEAD: usize = 4;

const LEAVES: TileKind = TileKind::Hashes { level: 0 };

/// What the checks need, shared by all who do them.
pub(super) struct Workers<'a> {
    pub(super) origin: &'a str,
    pub(super) checks: Checks,
    pub(super) entries: &'a Entries<'a>,
    pub(super) published: Option<&'a Published<'a>>,
}

/// What was found out about the entries of a tile.
struct Done {
    first: u64,
    checked: Checked,
    lost: Vec<Found>,
}

impl Workers<'_> {
    /// Checks all entries, and gives what was found out, in order.
    pub(super) fn run(&self, mut join: impl FnMut(Checked, Vec<Found>)) {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let (jobs, work) = mpsc::channel::<Batch>();
        let (done, results) = mpsc::channel::<Done>();
        let (permits, allowed) = mpsc::channel::<()>();
        let work = Mutex::new(work);
        thread::scope(|scope| {
            for _ in 0..cores {
                let (work, done) = (&work, done.clone());
                scope.spawn(move || self.work(work, &done));
            }
            drop(done);
            scope.spawn(move || {
                self.entries.batches(|batch| allowed.recv().is_ok() && jobs.send(batch).is_ok());
            });
            let allow = |count| (0..count).all(|_| permits.send(()).is_ok());
            allow(cores * AHEAD);
            let mut waiting = BTreeMap::new();
            let mut next = 0;
            for result in results {
                waiting.insert(result.first, result);
                while let Some(result) = waiting.remove(&next) {
                    next += result.checked.len() as u64;
                    join(result.checked, result.lost);
                    // Whether anybody still waits for it is the reader's to know.
                    allow(1);
                }
            }
        });
    }

    /// Checks what is there to be checked until there is nothing more.
    fn work(&self, work: &Mutex<Receiver<Batch>>, done: &Sender<Done>) {
        let Checks { signatures, replay } = self.checks;
        let mut checker = EntryChecker::new(self.origin, signatures);
        if signatures || replay {
            checker = checker.keeping_entries();
        }
        loop {
            let batch = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(batch) = batch else { return };
            let first = batch.first;
            // The genesis tells what clock the chain has.
            let checked = if first == 0 {
                let mut keeping = EntryChecker::new(self.origin, signatures).keeping_entries();
                self.check(&mut keeping, &batch)
            } else {
                self.check(&mut checker, &batch)
            };
            if done.send(Done { first, checked, lost: batch.lost }).is_err() {
                return;
            }
        }
    }

    fn check(&self, checker: &mut EntryChecker, batch: &Batch) -> Checked {
        let index = batch.first / WIDTH;
        let place = |kind, size| Tile::in_log(kind, index, size).ok();
        let mut checked = match (&batch.entries, place(TileKind::Entries, self.entries.end())) {
            (None, Some(tile)) => checker.check_bundle(&tile, self.read(&tile).as_deref_read()),
            (entries, _) => checker.check(batch.first, entries.as_deref().unwrap_or_default()),
        };
        let Some(size) = self.published.map(TileSource::size) else { return checked };
        if let Some(tile) = place(LEAVES, size) {
            checked.compare_hashes(&tile, self.read(&tile).as_deref_read());
        }
        let Some(entries) = &batch.entries else { return checked };
        if let Some(tile) = place(TileKind::Entries, size) {
            checked.compare_bundle(&tile, self.read(&tile).as_deref_read(), entries);
        }
        // Built, and not published yet.
        let wider = place(TileKind::Entries, self.entries.end());
        if let Some(tile) = wider.filter(|tile| place(TileKind::Entries, size) != Some(*tile)) {
            let read = self.read(&tile);
            if !matches!(read, Ok(None)) {
                checked.compare_bundle(&tile, read.as_deref_read(), entries);
            }
        }
        checked
    }

    fn read(&self, tile: &Tile) -> Result<Option<Vec<u8>>, String> {
        self.published.map_or(Ok(None), |published| published.read(tile))
    }
}

/// What was read, borrowed.
trait AsDerefRead {
    fn as_deref_read(&self) -> Result<Option<&[u8]>, String>;
}

impl AsDerefRead for Result<Option<Vec<u8>>, String> {
    fn as_deref_read(&self) -> Result<Option<&[u8]>, String> {
        match self {
            Ok(bytes) => Ok(bytes.as_deref()),
            Err(why) => Err(why.clone()),
        }
    }
}
