//! One history: processes come and go on one disk, and what was promised is kept account of.

use std::cell::RefCell;
use std::rc::Rc;

use granary_log::chain::ChainHead;
use granary_log::entry::SealedEntry;
use granary_log::hash::{Hash, leaf_hash};
use granary_log::segment::{
    AppendError, RecoverError, RecoverOptions, Recovered, Scan, SegmentReader, SegmentSize,
    SegmentWriter, recover,
};
use granary_log::tree::Tree;

use crate::disk::{Disk, Trouble};
use crate::files::Files;
use crate::rng::Rng;
use crate::sabotage::Sabotage;
use crate::support::{ORIGIN, entries};

/// How many processes a history has.
const PROCESSES: u64 = 7;

/// What a history met; over many of them, everything must have been met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) histories: u64,
    pub(crate) acknowledged: u64,
    pub(crate) power_cuts: u64,
    /// Groups that nobody was told of and that were cut off.
    pub(crate) cut: u64,
    /// Groups that nobody was told of and that were there.
    pub(crate) kept: u64,
    /// Damaged logs that were refused.
    pub(crate) refused: u64,
    /// Damaged disks on which nothing was lost.
    pub(crate) unharmed: u64,
    /// Logs shorter than what was signed, or of another history, that were not signed for.
    pub(crate) not_signed: u64,
    /// Times that there was no room for a segment.
    pub(crate) full: u64,
    /// Groups lost because the disk put one sector of them elsewhere: they look torn, and only a
    /// checkpoint made since, a witness or whoever was told can tell.
    pub(crate) unseen: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.histories += other.histories;
        self.acknowledged += other.acknowledged;
        self.power_cuts += other.power_cuts;
        self.cut += other.cut;
        self.kept += other.kept;
        self.refused += other.refused;
        self.unharmed += other.unharmed;
        self.not_signed += other.not_signed;
        self.full += other.full;
        self.unseen += other.unseen;
    }
}

/// How a process went.
enum Went {
    On,
    /// The log was refused, rightly: nothing more happens on this disk.
    Refused,
}

struct History {
    rng: Rng,
    disk: Rc<RefCell<Disk>>,
    sabotage: Option<Sabotage>,
    /// Entries whose callers were told.
    acknowledged: Vec<SealedEntry>,
    /// The group that was being written when the process ended.
    in_flight: Vec<SealedEntry>,
    /// What the signer signed; kept on another disk.
    signed: Vec<(u64, Hash)>,
    /// An older copy of the disk, and how many entries it has.
    copy: Option<(Disk, usize)>,
    /// The copy was put back.
    is_restored: bool,
    tally: Tally,
}

/// Plays the history of a seed.
///
/// # Errors
///
/// What was promised and not kept.
pub(crate) fn play(seed: u64, sabotage: Option<Sabotage>) -> Result<Tally, String> {
    let mut rng = Rng::new(seed);
    let mut disk = Disk::new(seed, sabotage);
    // One history in eight is of a disk that puts things elsewhere; flips come when it is down.
    disk.misdirects = if rng.below(8) == 0 { 60 } else { 0 };
    let mut history = History {
        rng,
        disk: Rc::new(RefCell::new(disk)),
        sabotage,
        acknowledged: Vec::new(),
        in_flight: Vec::new(),
        signed: Vec::new(),
        copy: None,
        is_restored: false,
        tally: Tally { histories: 1, ..Tally::default() },
    };
    for _ in 0..PROCESSES {
        if let Went::Refused = history.process()? {
            break;
        }
    }
    Ok(history.tally)
}

impl History {
    /// One process from start to end.
    fn process(&mut self) -> Result<Went, String> {
        self.disk.borrow_mut().start();
        // Some disks trouble a node while it starts.
        if self.rng.chance(300) {
            self.plan_trouble(6);
        }
        let Ok(files) = Files::open(&self.disk) else { return Ok(self.ends()) };
        let cut_damaged_tail = self.sabotage == Some(Sabotage::CutWhateverIsDamaged);
        let options = RecoverOptions { scan: Scan::Everything, cut_damaged_tail };
        let recovered = match recover(&files, ORIGIN, options) {
            Ok(recovered) => recovered,
            Err(RecoverError::Storage(_)) if self.disk.borrow().is_down() => return Ok(self.ends()),
            Err(error) => return self.judge_refusal(&error),
        };
        let found = read(&files, &recovered)?;
        if let Went::Refused = self.judge(&recovered, &found)? {
            return Ok(Went::Refused);
        }
        let size = SegmentSize::new(SegmentSize::MIN).map_err(|error| error.to_string())?;
        let Ok(writer) = SegmentWriter::open(files, recovered, size) else {
            return Ok(self.ends());
        };
        // From here on, what was found is served: it is durable, whoever was told.
        self.takes_up(found.len());
        if !self.disk.borrow().is_decayed && self.rng.chance(800) {
            self.plan_trouble(40);
        }
        self.work(writer);
        Ok(self.ends())
    }

    fn plan_trouble(&mut self, within: u64) {
        let trouble = match self.rng.below(4) {
            0 => Trouble::FailsBefore,
            1 => Trouble::FailsAfter,
            _ => Trouble::PowerCut,
        };
        let after = u32::try_from(self.rng.below(within)).expect("a small number");
        self.disk.borrow_mut().plan(after, trouble);
    }

    /// A log that is refused must have been damaged.
    fn judge_refusal(&mut self, error: &RecoverError) -> Result<Went, String> {
        if !self.disk.borrow().is_decayed {
            return Err(format!("a log that nothing damaged is refused: {error}"));
        }
        self.tally.refused += 1;
        Ok(Went::Refused)
    }

    /// What was recovered is what was acknowledged, and at most the group in flight besides.
    fn judge(&mut self, recovered: &Recovered, found: &[Vec<u8>]) -> Result<Went, String> {
        let known: Vec<&SealedEntry> = self.acknowledged.iter().chain(&self.in_flight).collect();
        let same = known.iter().zip(found).take_while(|(known, found)| known.bytes() == *found);
        let same = same.count();
        if same < found.len() {
            return Err(format!("entry {same} is not the one that was written"));
        }
        let told = self.acknowledged.len();
        let is_shorter = found.len() < told;
        let mut tree = Tree::new();
        found.iter().for_each(|bytes| tree.push(leaf_hash(bytes)));
        let signed_is_there =
            self.signed.iter().all(|(size, root)| tree.root_at(*size).ok() == Some(*root));
        if is_shorter && !self.is_restored {
            if !self.disk.borrow().is_decayed || self.disk.borrow().misdirects == 0 {
                return Err(format!(
                    "{told} entries were acknowledged, and {} are there",
                    found.len()
                ));
            }
            if signed_is_there {
                self.tally.unseen += 1;
            } else {
                self.tally.not_signed += 1;
            }
            return Ok(Went::Refused);
        }
        if !signed_is_there {
            if !self.is_restored {
                return Err("what was signed is not there".to_owned());
            }
            if self.sabotage != Some(Sabotage::SkippedConsistencyCheck) {
                self.tally.not_signed += 1;
                return Ok(Went::Refused);
            }
        }
        let is_partial = found.len() > told && found.len() < known.len();
        if is_partial {
            return Err(format!("a part of a group is there: entry {told} without the rest"));
        }
        self.tally.kept += u64::from(found.len() > told);
        self.tally.cut += u64::from(recovered.cut.is_some());
        self.tally.unharmed += u64::from(self.disk.borrow().is_decayed);
        Ok(Went::On)
    }

    fn takes_up(&mut self, found: usize) {
        let in_flight = std::mem::take(&mut self.in_flight);
        self.acknowledged.extend(in_flight);
        self.acknowledged.truncate(found);
        self.is_restored = false;
    }

    /// Appends groups until something happens.
    fn work(&mut self, mut writer: SegmentWriter<Files>) {
        for _ in 0..self.rng.below(14) {
            if !self.prepare(&mut writer) {
                return;
            }
            let group = self.group(*writer.head());
            match writer.append_group(&group) {
                Ok(_) => {
                    self.tally.acknowledged += group.len() as u64;
                    self.acknowledged.extend(group);
                }
                Err(AppendError::NoSegmentPrepared) => {
                    // An operator makes room.
                    self.tally.full += 1;
                    self.disk.borrow_mut().room = usize::MAX;
                }
                Err(_) if self.sabotage == Some(Sabotage::AcknowledgedBeforeSync) => {
                    self.acknowledged.extend(group);
                    return;
                }
                Err(_) => {
                    self.in_flight = group;
                    return;
                }
            }
            if self.rng.chance(300) {
                self.sign(&writer);
            }
        }
    }

    /// Has the next segment ready, if there is room. Whether the process lives.
    fn prepare(&mut self, writer: &mut SegmentWriter<Files>) -> bool {
        if self.rng.chance(30) {
            self.disk.borrow_mut().room = 0;
        }
        if writer.next_segment().is_none() {
            return true;
        }
        let mut uuid = [0xA5; 16];
        uuid[..8].copy_from_slice(&self.rng.next().to_be_bytes());
        for _ in 0..2 {
            match writer.prepare_next(uuid) {
                Ok(()) => break,
                // As the node does: made before, and not used yet.
                Err(error) if error.source.kind() == std::io::ErrorKind::AlreadyExists => {
                    let _ = writer.adopt_next(uuid);
                    break;
                }
                Err(_) => {}
            }
        }
        !self.disk.borrow().is_down()
    }

    fn group(&mut self, head: ChainHead) -> Vec<SealedEntry> {
        let longest = [20, 700, 6_000, 14_000][usize::try_from(self.rng.below(4)).unwrap()];
        let lens: Vec<usize> = (0..=self.rng.below(5))
            .map(|_| usize::try_from(self.rng.below(longest)).unwrap())
            .collect();
        entries(&mut head.clone(), &lens)
    }

    /// Signs what is durable, when it holds what was signed before: the signer's own check.
    fn sign(&mut self, writer: &SegmentWriter<Files>) {
        self.signed.push((writer.head().size, writer.range().root()));
    }

    /// The process ends, in some way.
    fn ends(&mut self) -> Went {
        if !self.disk.borrow().is_down() {
            match self.rng.below(3) {
                0 => self.disk.borrow_mut().cut_power(),
                _ => self.disk.borrow_mut().end_process(),
            }
        } else if self.rng.chance(400) {
            // It failed, and then the power goes as well.
            self.disk.borrow_mut().cut_power();
        }
        self.tally.power_cuts += u64::from(self.disk.borrow().is_off());
        self.operate();
        Went::On
    }

    /// What operators and years do between two processes.
    fn operate(&mut self) {
        match (&self.copy, self.rng.below(20)) {
            (None, 0..3) if self.in_flight.is_empty() => {
                self.copy = Some((self.disk.borrow().clone(), self.acknowledged.len()));
            }
            (Some((copy, size)), 0) => {
                self.disk.borrow_mut().restore(copy);
                self.is_restored = *size <= self.acknowledged.len();
                self.in_flight.clear();
            }
            (_, 19) => self.disk.borrow_mut().flip(),
            _ => {}
        }
    }
}

fn read(files: &Files, recovered: &Recovered) -> Result<Vec<Vec<u8>>, String> {
    let entries = SegmentReader::new(files, &recovered.index, 0, recovered.head.size);
    let read: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.bytes)).collect();
    read.map_err(|error| format!("what was recovered can't be read: {error}"))
}
