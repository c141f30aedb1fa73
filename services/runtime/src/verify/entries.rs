//! The entries of a log, a tile's worth at a time: out of segments, or left to be read as bundles.

use granary_log::{
    note::VerifierKey,
    segment::{
        RecoverError, RecoverOptions, Scan, SegmentFault, SegmentIndex, SegmentReader,
        StorageError, StoredEntry, Survey, Surveyed, recover,
    },
};

use super::{
    checkpoints::Signed,
    report::{Found, Teller, VerifyError},
    source::{Evidence, Store},
};
use crate::files::FileStorage;

/// Entries of a tile.
pub(super) const WIDTH: u64 = 256;

/// The entries of one log.
pub(super) struct Entries<'a> {
    from: From,
    /// How many there are.
    end: u64,
    tiles: Option<(&'a dyn Store, u64)>,
}

enum From {
    Segments {
        storage: FileStorage,
        origin: String,
        /// Nothing when the log can't be recovered: then it is read on behind all damage.
        index: Option<SegmentIndex>,
    },
    Bundles,
}

/// The next entries, to be checked by whoever is free.
pub(super) struct Batch {
    /// Position of the first.
    pub(super) first: u64,
    /// Out of segments, `None` for one that can't be read; nothing when they are to be read as a bundle.
    pub(super) entries: Option<Vec<Option<Vec<u8>>>>,
    /// What is wrong with the segments here.
    pub(super) lost: Vec<Found>,
}

impl<'a> Entries<'a> {
    /// Finds how many entries there are, and tells what is wrong with the segments' ends.
    pub(super) fn open(
        evidence: &'a Evidence,
        key: &VerifierKey,
        signed: &Signed,
        teller: &mut Teller<'_>,
    ) -> Result<Self, VerifyError> {
        let tiles = signed.published.map(|size| (evidence.store.as_ref(), size));
        let Some(chain) = &evidence.chain else {
            let end = evidence.listed(signed.published.unwrap_or(0))?;
            // Without a checkpoint that opens the tiles are still compared with what is below them.
            let tiles = tiles.or(Some((evidence.store.as_ref(), end)));
            return Ok(Self { from: From::Bundles, end, tiles });
        };
        let storage = FileStorage::read_only(&chain.join("log"));
        let options = RecoverOptions { scan: Scan::LastSegment, cut_damaged_tail: false };
        let origin = key.name().to_owned();
        let (index, end) = match recover(&storage, &origin, options) {
            Ok(recovered) => (Some(recovered.index), recovered.head.size),
            Err(error) => {
                let Some(found) = damage(&error) else { return Err(VerifyError::Log(error)) };
                (None, survey_all(&storage, &origin, found, teller)?)
            }
        };
        Ok(Self { from: From::Segments { storage, origin, index }, end, tiles })
    }

    /// How many there are.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Where their tiles are, and of how many entries the log was that these are of.
    pub(super) fn tiles(&self) -> Option<(&'a dyn Store, u64)> {
        self.tiles
    }

    /// Gives them in order, until `each` wants no more.
    pub(super) fn batches(&self, mut each: impl FnMut(Batch) -> bool) {
        let From::Segments { storage, origin, index } = &self.from else {
            let firsts = (0..self.end.div_ceil(WIDTH)).map(|tile| tile * WIDTH);
            let bundle = |first| Batch { first, entries: None, lost: Vec::new() };
            firsts.map(bundle).all(each);
            return;
        };
        let mut reader = match index {
            Some(index) => Reading::plain(storage, origin, index, self.end),
            None => Reading::surveying(storage, origin),
        };
        let mut first = 0;
        while first < self.end {
            let end = self.end.min(first + WIDTH);
            let mut lost = Vec::new();
            let entries = (first..end).map(|index| reader.entry(index, &mut lost)).collect();
            if !each(Batch { first, entries: Some(entries), lost }) {
                return;
            }
            first = end;
        }
    }
}

/// Goes through all of a log that can't be recovered: tells what is wrong, and gives how many entries there
/// seem to be.
fn survey_all(
    storage: &FileStorage,
    origin: &str,
    found: Found,
    teller: &mut Teller<'_>,
) -> Result<u64, VerifyError> {
    let mut end = 0;
    let log = |error: StorageError| VerifyError::Log(error.into());
    let mut faults = Vec::new();
    for surveyed in Survey::new(storage, origin).map_err(log)? {
        match surveyed.map_err(log)? {
            Surveyed::Entry(entry) => end = end.max(entry.index.saturating_add(1)),
            Surveyed::Fault(fault) if fault.index == found.index => {}
            Surveyed::Fault(fault) => faults.push(unreadable(&fault)),
        }
    }
    teller.tell(found);
    faults.into_iter().for_each(|fault| teller.tell(fault));
    Ok(end)
}

/// Reads entries by their index, behind damage too.
struct Reading<'a> {
    storage: &'a FileStorage,
    origin: &'a str,
    from: Reader<'a>,
    /// The next entry that can be read, when those before it can't.
    ahead: Option<StoredEntry>,
    /// Up to which entry damage was told.
    told: u64,
}

enum Reader<'a> {
    Plain(SegmentReader<'a, FileStorage>),
    Survey(Survey<'a, FileStorage>),
    Ended,
}

impl<'a> Reading<'a> {
    fn plain(storage: &'a FileStorage, origin: &'a str, index: &'a SegmentIndex, end: u64) -> Self {
        let from = Reader::Plain(SegmentReader::new(storage, index, 0, end));
        Self { storage, origin, from, ahead: None, told: 0 }
    }

    /// All damage was told already.
    fn surveying(storage: &'a FileStorage, origin: &'a str) -> Self {
        let from = Survey::new(storage, origin).map_or(Reader::Ended, Reader::Survey);
        Self { storage, origin, from, ahead: None, told: u64::MAX }
    }

    /// The entry, or nothing after adding why it can't be read.
    fn entry(&mut self, index: u64, lost: &mut Vec<Found>) -> Option<Vec<u8>> {
        loop {
            match self.ahead.take() {
                Some(stored) if stored.index == index => return Some(stored.bytes),
                Some(stored) if stored.index > index => {
                    self.ahead = Some(stored);
                    return None;
                }
                // Entries before the damage, read once more.
                Some(_) | None => {}
            }
            match &mut self.from {
                Reader::Plain(reader) => match reader.next()? {
                    Ok(stored) => self.ahead = Some(stored),
                    Err(error) => {
                        lost.push(Found::new(index, "segment", error.to_string()));
                        self.told = index;
                        let survey = Survey::new(self.storage, self.origin);
                        self.from = survey.map_or(Reader::Ended, Reader::Survey);
                    }
                },
                Reader::Survey(survey) => match survey.next() {
                    Some(Ok(Surveyed::Entry(stored))) => self.ahead = Some(stored),
                    Some(Ok(Surveyed::Fault(fault))) if fault.index <= self.told => {}
                    Some(Ok(Surveyed::Fault(fault))) => lost.push(unreadable(&fault)),
                    Some(Err(error)) => {
                        lost.push(Found::new(index, "segment", error.to_string()));
                        self.from = Reader::Ended;
                    }
                    None => self.from = Reader::Ended,
                },
                Reader::Ended => return None,
            }
        }
    }
}

fn unreadable(fault: &SegmentFault) -> Found {
    let SegmentFault { segment, offset, len, index } = fault;
    let what = format!("{segment} is damaged at byte {offset}: {len} bytes are no frame");
    Found::new(*index, "segment", what)
}

/// Damage of the segments as a fault with its place; `None` for what is no damage.
fn damage(error: &RecoverError) -> Option<Found> {
    let index = match error {
        RecoverError::MidLogCorruption { index, .. }
        | RecoverError::DamagedTail { index, .. }
        | RecoverError::Contradiction { index, .. } => *index,
        RecoverError::Missing { .. }
        | RecoverError::OtherOrigin { .. }
        | RecoverError::NewerFormat { .. } => 0,
        RecoverError::Storage(_) | RecoverError::Origin(_) => return None,
    };
    Some(Found::new(index, "segment", error.to_string()))
}
