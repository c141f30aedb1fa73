//! The check of a whole log: every entry, the chain between them, and the roots that the log
//! signed. It goes on after a fault, and lists them all.
//!
//! It believes nothing but the checkpoints given to it, whose signatures the caller has checked
//! with [`Checkpoint::open`]. Whether the book decided rightly is not its business; that takes a
//! replay.

use crate::chain::{ChainHead, LinkFault};
use crate::checkpoint::Checkpoint;
use crate::entry::{Entry, ItemOutcome, MalformedEntry, Outcome, QUOTA_EXCEEDED, Recorded};
use crate::hash::{Hash, leaf_hash};
use crate::signature::{KeyCache, Verdict};
use crate::statement::{OverQuota, Statement, Unreadable};
use crate::tree::CompactRange;

/// Full protobuf name of the first entry's statement.
pub const GENESIS_TYPE: &str = "granary.chain.v1.Genesis";

/// Parsed keys that are kept: those of a large community.
const KEYS_KEPT: usize = 16_384;

/// Something wrong with a log, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The position at which it shows, counted from 0 over the entries given.
    pub index: u64,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What can be wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// The bytes are not an entry.
    #[error("not an entry")]
    Malformed(#[source] MalformedEntry),
    /// The entry does not follow the one before.
    #[error("does not follow the entry before")]
    Link(#[source] LinkFault),
    /// The ordering log holds the statement at or before the place of the one before.
    #[error("epoch {epoch}, offset {offset} is not after that of the entry before")]
    Order {
        /// Epoch of the ordering log.
        epoch: u32,
        /// Offset in the epoch.
        offset: u64,
    },
    /// The statement is for another chain.
    #[error("the statement is for {found}, another chain")]
    OtherOrigin {
        /// The chain that it names.
        found: String,
    },
    /// An accepted statement, or one over quota, has a signature that is not valid.
    #[error("signature {number} of the statement is not valid")]
    Signature {
        /// Which signature, from 0.
        number: usize,
    },
    /// A duplicate of an entry that is not before it.
    #[error("duplicate of entry {first_index}, which is not before it")]
    DuplicateOfLater {
        /// The entry that it names.
        first_index: u64,
    },
    /// The first entry is not what the first of a chain must be.
    #[error("the first entry is not a genesis: {0}")]
    Genesis(&'static str),
    /// The entries hash to another root than the log signed: one of them was changed.
    #[error(
        "the first {size} entries hash to {found}, and the log signed {expected}; the first {good} are right"
    )]
    Root {
        /// Number of entries that the checkpoint commits to.
        size: u64,
        /// The root in the checkpoint.
        expected: Hash,
        /// The root of the entries.
        found: Hash,
        /// The largest size below at which the root was the signed one.
        good: u64,
    },
    /// The log signed more entries than there are.
    #[error("the log signed {size} entries, and only {found} are here")]
    Missing {
        /// Number of entries that the checkpoint commits to.
        size: u64,
        /// Number of entries here.
        found: u64,
    },
}

/// What was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Entries read, faulty ones too.
    pub entries: u64,
    /// Entries under a checkpoint whose root was right.
    pub proved: u64,
    /// Faults found.
    pub faults: u64,
    /// Entries accepted.
    pub accepted: u64,
    /// Entries refused.
    pub refused: u64,
    /// Duplicates, taken as recorded.
    pub duplicates: u64,
    /// Unreadable records, taken as recorded.
    pub unreadable: u64,
    /// Refusals over quota, taken as recorded.
    pub over_quota: u64,
    /// Events of all entries.
    pub events: u64,
    /// Signatures checked.
    pub signatures: u64,
    /// Log time of the last entry, Unix milliseconds.
    pub last_time_ms: u64,
}

/// A check under way: entries are pushed in order, then it is finished.
#[derive(Debug)]
pub struct Verifier<F> {
    origin: String,
    /// Not yet reached, largest first.
    checkpoints: Vec<Checkpoint>,
    /// `None`: signatures are not checked.
    keys: Option<KeyCache>,
    head: ChainHead,
    place: Option<(u32, u64)>,
    range: CompactRange,
    summary: Summary,
    report: F,
}

/// Checks a log from its first entry.
///
/// * `origin`: the log's name.
/// * `entries`: their bytes, in order.
/// * `checkpoints`: what the log signed, in any order; their signatures are checked already.
/// * `check_signatures`: whether the statements' signatures are checked, which takes most of the
///   time.
/// * `report`: is called for each fault, in the order of their places.
pub fn verify<B: AsRef<[u8]>>(
    origin: &str,
    entries: impl IntoIterator<Item = B>,
    checkpoints: Vec<Checkpoint>,
    check_signatures: bool,
    report: impl FnMut(Fault),
) -> Summary {
    let mut verifier = Verifier::new(origin, checkpoints, check_signatures, report);
    for entry in entries {
        verifier.push(entry.as_ref());
    }
    verifier.finish()
}

impl<F: FnMut(Fault)> Verifier<F> {
    /// A check of the log named `origin`; the parameters are those of [`verify`].
    pub fn new(
        origin: &str,
        mut checkpoints: Vec<Checkpoint>,
        check_signatures: bool,
        report: F,
    ) -> Self {
        checkpoints.sort_by_key(|checkpoint| std::cmp::Reverse(checkpoint.size()));
        let mut verifier = Self {
            origin: origin.to_owned(),
            checkpoints,
            keys: check_signatures.then(|| KeyCache::new(KEYS_KEPT)),
            head: ChainHead::genesis(origin),
            place: None,
            range: CompactRange::new(),
            summary: Summary::default(),
            report,
        };
        verifier.check_roots();
        verifier
    }

    /// Checks the next entry.
    pub fn push(&mut self, bytes: &[u8]) {
        let leaf = leaf_hash(bytes);
        match Entry::decode(bytes) {
            Ok(entry) => {
                self.check(&entry);
                self.head = ChainHead::after(&entry.link(), leaf);
            }
            Err(malformed) => {
                self.fault(FaultKind::Malformed(malformed));
                // What follows is compared with what is there.
                self.head.size = self.head.size.saturating_add(1);
                self.head.last_leaf_hash = leaf;
            }
        }
        self.range.push(leaf);
        self.summary.entries += 1;
        self.summary.last_time_ms = self.head.last_time_ms;
        self.check_roots();
    }

    /// Ends the check.
    pub fn finish(mut self) -> Summary {
        let found = self.summary.entries;
        while let Some(checkpoint) = self.checkpoints.pop() {
            self.fault(FaultKind::Missing { size: checkpoint.size(), found });
        }
        self.summary
    }

    fn check(&mut self, entry: &Entry) {
        for fault in self.head.link_faults(&entry.link()) {
            self.fault(FaultKind::Link(fault));
        }
        let place = (entry.epoch, entry.offset);
        if self.place.is_some_and(|before| place <= before) {
            let (epoch, offset) = place;
            self.fault(FaultKind::Order { epoch, offset });
        }
        self.place = Some(place);
        if self.summary.entries == 0 {
            self.check_genesis(entry);
        }
        self.check_outcome(entry);
    }

    fn check_outcome(&mut self, entry: &Entry) {
        self.summary.events += entry.events().count() as u64;
        match &entry.result.outcome {
            Outcome::Accepted(_) => {
                self.summary.accepted += 1;
                self.check_statement(&entry.statement, true);
            }
            Outcome::Refused { .. } => {
                self.summary.refused += 1;
                self.check_statement(&entry.statement, false);
            }
            Outcome::Duplicate { first_index } => {
                self.summary.duplicates += 1;
                if *first_index >= self.summary.entries {
                    self.fault(FaultKind::DuplicateOfLater { first_index: *first_index });
                }
            }
            Outcome::Skipped(QUOTA_EXCEEDED) => {
                self.summary.over_quota += 1;
                self.check_statement(&entry.statement, true);
            }
            Outcome::Skipped(_) => self.summary.unreadable += 1,
        }
    }

    /// A refused statement may carry signatures that are not valid: that may be why.
    fn check_statement(&mut self, recorded: &Recorded, signatures_count: bool) {
        let read = || -> Result<_, Unreadable> {
            Ok(match recorded {
                Recorded::Full(bytes) => {
                    let statement = Statement::decode(bytes)?;
                    let signing_bytes = statement.signing_bytes();
                    Some((statement.origin, signing_bytes, statement.signatures))
                }
                Recorded::OverQuota(bytes) => {
                    let statement = OverQuota::decode(bytes)?;
                    let signing_bytes = statement.signing_bytes();
                    Some((statement.origin, signing_bytes, statement.signatures))
                }
                Recorded::Digest { .. } => None,
            })
        };
        // An entry that was decoded holds a statement that can be.
        let Ok(Some((origin, signing_bytes, signatures))) = read() else { return };
        if origin != self.origin {
            self.fault(FaultKind::OtherOrigin { found: origin });
        }
        let Some(keys) = self.keys.as_mut().filter(|_| signatures_count) else { return };
        let verdicts = keys.check_over(&signing_bytes, &signatures);
        self.summary.signatures += verdicts.len() as u64;
        for (number, verdict) in verdicts.into_iter().enumerate() {
            if verdict != Verdict::Valid {
                self.fault(FaultKind::Signature { number });
            }
        }
    }

    fn check_genesis(&mut self, entry: &Entry) {
        if let Some(why) = genesis_fault(entry) {
            self.fault(FaultKind::Genesis(why));
        }
    }

    /// Compares the root with every checkpoint of this size.
    fn check_roots(&mut self) {
        let size = self.range.size();
        while let Some(checkpoint) = self.checkpoints.pop_if(|next| next.size() == size) {
            let (expected, found) = (checkpoint.root(), self.range.root());
            if expected == found {
                self.summary.proved = size;
            } else {
                let good = self.summary.proved;
                let kind = FaultKind::Root { size, expected, found, good };
                self.fault_at(size.saturating_sub(1), kind);
            }
        }
    }

    /// A fault at the entry that is being checked.
    fn fault(&mut self, kind: FaultKind) {
        self.fault_at(self.summary.entries, kind);
    }

    fn fault_at(&mut self, index: u64, kind: FaultKind) {
        self.summary.faults += 1;
        (self.report)(Fault { index, kind });
    }
}

/// What keeps an entry from being the first of a chain; format.md section 1.
fn genesis_fault(entry: &Entry) -> Option<&'static str> {
    let accepted = matches!(
        &entry.result.outcome,
        Outcome::Accepted(items) if matches!(items[..], [ItemOutcome::Events(_)])
    );
    let Recorded::Full(bytes) = &entry.statement else { return Some("not accepted") };
    let Ok(statement) = Statement::decode(bytes) else { return Some("not a statement") };
    let keys: Vec<_> = statement.signatures.iter().map(|signature| signature.key_id).collect();
    [
        (!accepted, "not accepted"),
        (statement.type_name != GENESIS_TYPE, "another type of statement"),
        (statement.principal != [0; 16], "in the name of a party"),
        (statement.signed_at_ms != entry.time_ms, "log time is not the time of signing"),
        (entry.epoch != 0, "not in epoch 0"),
        (!keys.is_sorted(), "signatures out of order"),
    ]
    .into_iter()
    .find_map(|(wrong, why)| wrong.then_some(why))
}
