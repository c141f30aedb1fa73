//! Mends a chain's storage: derived parts alone, or segments from a source.

use std::{
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use granary_log::{
    chain::ChainHead,
    entry::EntryLink,
    hash::leaf_hash,
    note::VerifierKey,
    segment::{RecoverOptions, Scan, SegmentSize, SegmentWriter, StoredEntry, recover},
    tree::CompactRange,
};

use super::{
    Area, Examined, MaintainError, Mend, Progress, TELL_EVERY,
    copy::Copier,
    evidence::{Checkpoints, Kept},
    mirror::{Entries, Mirror, local_entries},
    signing::{self, SignerState},
};
use crate::{
    chain::read_vkey,
    files::{FileError, FileStorage, sync_dir, write_atomically},
    store::set_aside,
};

/// The segments while they are put together, and when they are whole.
const UNFINISHED: &str = "log.repairing";
const FINISHED: &str = "log.repaired";

/// What a repair of the segments did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// Entries in the log now.
    pub size: u64,
    /// Which of them came from the source.
    pub taken: Vec<Range<u64>>,
    /// Entries that the source has and that nothing here vouches for: they were left there.
    pub left: u64,
    /// Checkpoints that came from the source.
    pub checkpoints: u64,
    /// Where the damaged segments are now.
    pub set_aside: PathBuf,
}

/// Makes anew what is derived and was found wrong: tiles are written as they must be, states are set
/// aside (`NAME.corrupt-TIME`) and made by the next start or by `granary rebuild`. What was done,
/// in lines.
///
/// # Errors
///
/// [`MaintainError`]; what was done before stays done.
pub fn mend_derived(chain_dir: &Path, examined: &Examined) -> Result<Vec<String>, MaintainError> {
    let mut done = Vec::new();
    for (path, expected) in &examined.wrong_tiles {
        match expected {
            Some(bytes) => {
                write_atomically(path, bytes, 0o644)?;
                done.push(format!("{} was written as it must be", path.display()));
            }
            None => {
                fs::remove_file(path).map_err(|source| FileError::io("remove", path, source))?;
                done.push(format!("{} was removed: the log doesn't reach so far", path.display()));
            }
        }
    }
    let is_state_wrong = examined.findings.iter().any(|finding| {
        matches!(finding.area, Area::State | Area::Queries) && finding.mend == Mend::Derived
    });
    if is_state_wrong {
        // Both are replayed from one place, so neither is of use without the other.
        for name in ["state", "queries"] {
            let dir = chain_dir.join(name);
            if dir.exists() {
                let moved_to = set_aside(&dir)?;
                done.push(format!("{name} was set aside as {}", moved_to.display()));
            }
        }
    }
    Ok(done)
}

/// Ends a repair that was interrupted between its two renames. Whether there was one.
///
/// # Errors
///
/// [`MaintainError::File`].
pub fn finish_interrupted(chain_dir: &Path) -> Result<bool, MaintainError> {
    let (log, finished) = (chain_dir.join("log"), chain_dir.join(FINISHED));
    if log.exists() || !finished.exists() {
        return Ok(false);
    }
    fs::rename(&finished, &log).map_err(|source| FileError::io("rename", &finished, source))?;
    sync_dir(chain_dir)?;
    Ok(true)
}

/// Cuts off a last group that is damaged, when nothing says that anybody was told of it. How many entries
/// are left.
///
/// # Errors
///
/// [`MaintainError::TailIsKnown`] when a checkpoint, the signer or a state reaches into it.
pub fn cut_damaged_tail(
    chain_dir: &Path,
    examined: &Examined,
    segment_size: SegmentSize,
) -> Result<u64, MaintainError> {
    let key = read_vkey(chain_dir)?;
    let storage = FileStorage::open(&chain_dir.join("log"))?;
    let options = RecoverOptions { scan: Scan::Everything, cut_damaged_tail: true };
    let recovered = recover(&storage, key.name(), options)?;
    let size = recovered.head.size;
    let (signed, _) = signed_so_far(chain_dir, &key)?;
    for (known, how) in [(signed, "signed"), (examined.state.unwrap_or(0), "applied")] {
        if known > size {
            return Err(MaintainError::TailIsKnown { size, known, how });
        }
    }
    SegmentWriter::open(storage, recovered, segment_size)?;
    Ok(size)
}

/// The most entries that anything here says were signed, and the checkpoints.
fn signed_so_far(chain_dir: &Path, key: &VerifierKey) -> Result<(u64, Checkpoints), MaintainError> {
    let checkpoints = Checkpoints::read(&chain_dir.join("checkpoints"), key)?;
    let newest = checkpoints.newest().map_or(0, |kept| kept.checkpoint.size());
    let signed = match signing::read(chain_dir)? {
        SignerState::Signed(size, _) => size,
        _ => 0,
    };
    Ok((newest.max(signed), checkpoints))
}

/// Puts the segments together anew from what can be read here and what a source has, and sets the
/// damaged ones aside (`log.corrupt-TIME`). No entry is invented: one that is taken over must
/// be under a checkpoint that the log's key signed, or before an entry that is here.
///
/// # Errors
///
/// [`MaintainError`]; then nothing was changed.
pub fn repair_segments(
    chain_dir: &Path,
    source: &Path,
    segment_size: SegmentSize,
    progress: Progress<'_>,
) -> Result<Repaired, MaintainError> {
    let key = read_vkey(chain_dir)?;
    let mirror = Mirror::find(source, chain_dir)?;
    let (signed, own) = signed_so_far(chain_dir, &key)?;
    let mut checkpoints = mirror.checkpoints(&key)?;
    let lacking: Vec<Kept> = checkpoints
        .values()
        .filter(|kept| !own.good.contains_key(&kept.checkpoint.size()))
        .cloned()
        .collect();
    checkpoints.extend(own.good);

    let storage = FileStorage::read_only(&chain_dir.join("log"));
    let merging = Merging { storage: &storage, mirror: &mirror, origin: key.name(), signed };
    // What is here is tried first; where it doesn't fit, what the source has.
    let (prefers_mirror, plan) = match merging.plan(false, &checkpoints, progress) {
        Err(MaintainError::OtherHistory { .. } | MaintainError::StillMissing { .. }) => {
            (true, merging.plan(true, &checkpoints, progress)?)
        }
        plan => (false, plan?),
    };

    let unfinished = chain_dir.join(UNFINISHED);
    remove_dir(&unfinished)?;
    // Left by a repair that could not put it in its place.
    remove_dir(&chain_dir.join(FINISHED))?;
    let mut copier = Copier::open(&unfinished, key.name(), segment_size)?;
    let mut merged = merging.merge(prefers_mirror)?;
    while merged.head.size < plan.size {
        let Some(entry) = merged.next_entry()? else { break };
        copier.push(entry)?;
        if merged.head.size.is_multiple_of(TELL_EVERY) {
            progress(merged.head.size, plan.size);
        }
    }
    copier.finish()?;
    drop(merged);
    let set_aside = swap(chain_dir)?;
    let copied = copy_checkpoints(chain_dir, &lacking, plan.size)?;
    progress(plan.size, plan.size);
    Ok(Repaired {
        size: plan.size,
        taken: plan.taken,
        left: plan.left,
        checkpoints: copied,
        set_aside,
    })
}

/// What will be put together.
struct Plan {
    size: u64,
    taken: Vec<Range<u64>>,
    left: u64,
}

struct Merging<'a> {
    storage: &'a FileStorage,
    mirror: &'a Mirror,
    origin: &'a str,
    /// The most entries that anything here says were signed.
    signed: u64,
}

impl<'a> Merging<'a> {
    fn merge(&self, prefers_mirror: bool) -> Result<Merged<'a>, MaintainError> {
        Ok(Merged {
            local: InOrder::new(local_entries(self.storage, self.origin)?),
            mirror: InOrder::new(self.mirror.entries(self.origin)?),
            head: ChainHead::genesis(self.origin),
            prefers_mirror,
            is_from_mirror: false,
        })
    }

    /// Goes through everything once, and finds how far what is put together is vouched for.
    fn plan(
        &self,
        prefers_mirror: bool,
        checkpoints: &std::collections::BTreeMap<u64, Kept>,
        progress: Progress<'_>,
    ) -> Result<Plan, MaintainError> {
        let mut merged = self.merge(prefers_mirror)?;
        let mut range = CompactRange::new();
        let mut taken: Vec<Range<u64>> = Vec::new();
        // Everything before this is vouched for.
        let mut vouched = 0;
        while let Some(entry) = merged.next_entry()? {
            range.push(leaf_hash(&entry.bytes));
            let size = range.size();
            if !merged.is_from_mirror {
                vouched = size;
            } else if let Some(last) = taken.last_mut().filter(|last| last.end == entry.index) {
                last.end = size;
            } else {
                taken.push(entry.index..size);
            }
            if let Some(kept) = checkpoints.get(&size) {
                if kept.checkpoint.root() != range.root() {
                    return Err(MaintainError::OtherHistory { size });
                }
                vouched = size;
            }
            if size.is_multiple_of(TELL_EVERY) {
                progress(size, self.signed.max(size));
            }
        }
        let known = self.signed.max(merged.local.last.map_or(0, |last| last + 1));
        if vouched < known {
            return Err(MaintainError::StillMissing { first: merged.head.size, last: known - 1 });
        }
        taken.retain_mut(|range| {
            range.end = range.end.min(vouched);
            range.start < range.end
        });
        Ok(Plan { size: vouched, taken, left: range.size() - vouched })
    }
}

/// Entries from two places, each following the one before.
struct Merged<'a> {
    local: InOrder<'a>,
    mirror: InOrder<'a>,
    head: ChainHead,
    prefers_mirror: bool,
    /// Whether the entry given last came from the source.
    is_from_mirror: bool,
}

impl Merged<'_> {
    /// The entry that follows, if either has it.
    fn next_entry(&mut self) -> Result<Option<StoredEntry>, MaintainError> {
        let order = if self.prefers_mirror { [true, false] } else { [false, true] };
        for is_from_mirror in order {
            let side = if is_from_mirror { &mut self.mirror } else { &mut self.local };
            let Some(entry) = side.at(self.head.size)? else { continue };
            let Ok(link) = EntryLink::decode(&entry.bytes) else { continue };
            if self.head.advance(&link, leaf_hash(&entry.bytes)).is_ok() {
                self.is_from_mirror = is_from_mirror;
                return Ok(Some(entry));
            }
        }
        self.local.drain()?;
        Ok(None)
    }
}

/// Entries of one place, asked for by ascending index.
struct InOrder<'a> {
    entries: Entries<'a>,
    next: Option<StoredEntry>,
    /// The highest index met.
    last: Option<u64>,
}

impl<'a> InOrder<'a> {
    fn new(entries: Entries<'a>) -> Self {
        Self { entries, next: None, last: None }
    }

    fn at(&mut self, index: u64) -> Result<Option<StoredEntry>, MaintainError> {
        while self.next.as_ref().is_none_or(|entry| entry.index < index) {
            let Some(entry) = self.entries.next() else { return Ok(None) };
            let entry = entry?;
            self.last = self.last.max(Some(entry.index));
            self.next = Some(entry);
        }
        Ok(self.next.as_ref().filter(|entry| entry.index == index).cloned())
    }

    /// Reads on to the end, so that the highest index is known.
    fn drain(&mut self) -> Result<(), MaintainError> {
        for entry in self.entries.by_ref() {
            self.last = self.last.max(Some(entry?.index));
        }
        Ok(())
    }
}

/// Puts the repaired segments in the place of the damaged ones.
fn swap(chain_dir: &Path) -> Result<PathBuf, MaintainError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    // Segments are evidence, also damaged ones: those set aside before stay.
    let mut time = now;
    let mut aside = chain_dir.join(format!("log.corrupt-{time}"));
    while aside.exists() {
        time += 1;
        aside = chain_dir.join(format!("log.corrupt-{time}"));
    }
    let steps = [
        (chain_dir.join(UNFINISHED), chain_dir.join(FINISHED)),
        (chain_dir.join("log"), aside.clone()),
        (chain_dir.join(FINISHED), chain_dir.join("log")),
    ];
    for (from, to) in &steps {
        fs::rename(from, to).map_err(|source| FileError::io("rename", from, source))?;
        sync_dir(chain_dir)?;
    }
    Ok(aside)
}

fn copy_checkpoints(chain_dir: &Path, lacking: &[Kept], size: u64) -> Result<u64, MaintainError> {
    let mut copied = 0;
    for kept in lacking.iter().filter(|kept| kept.checkpoint.size() <= size) {
        let bytes = fs::read(&kept.path).map_err(MaintainError::read(&kept.path))?;
        let name = kept.checkpoint.size().to_string();
        write_atomically(&chain_dir.join("checkpoints").join(name), &bytes, 0o644)?;
        copied += 1;
    }
    Ok(copied)
}

fn remove_dir(dir: &Path) -> Result<(), FileError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(FileError::io("remove", dir, error))
        }
        _ => Ok(()),
    }
}
