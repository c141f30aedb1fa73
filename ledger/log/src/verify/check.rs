//! Entries looked at by themselves: their form, their signatures, their hashes.

use super::{Fault, FaultKind, GENESIS_TYPE, Summary, TileFault};
use crate::entry::{Entry, EntryLink, ItemOutcome, Outcome, QUOTA_EXCEEDED, Recorded};
use crate::hash::{Hash, leaf_hash};
use crate::signature::{KeyCache, Verdict};
use crate::statement::{Envelope, Form, Statement, signing_bytes};
use crate::tile::{TILE_WIDTH, Tile, decode_bundle_prefix, decode_hash_tile};

/// Parsed keys that each checker keeps: those of a large community.
const KEYS_KEPT: usize = 16_384;

/// Checks entries by themselves.
#[derive(Debug)]
pub struct EntryChecker {
    origin: String,
    /// `None`: signatures are not checked.
    keys: Option<KeyCache>,
    keep: bool,
}

/// What a checker found out about entries that stand next to each other.
#[derive(Debug)]
pub struct Checked {
    /// Position of the first.
    pub(super) first: u64,
    pub(super) leaves: Vec<Leaf>,
    pub(super) counts: Summary,
    pub(super) faults: Vec<Fault>,
    pub(super) disputed: Option<Disputed>,
    decoded: Vec<Option<Entry>>,
}

/// What the chain and the tree need of an entry.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    /// `None` if neither the entry nor a tile says it.
    pub(super) hash: Option<Hash>,
    /// `None` if the entry can't be had or is none: its link, epoch and offset.
    pub(super) read: Option<(EntryLink, (u32, u64))>,
}

/// A tile of level 0 that has other hashes than its entries.
#[derive(Debug)]
pub(super) struct Disputed {
    pub(super) tile: Tile,
    pub(super) hashes: Vec<Hash>,
    /// Where they differ, from 0.
    pub(super) positions: Vec<u16>,
}

impl EntryChecker {
    /// A checker for the log named `origin`, with or without the statements' signatures.
    pub fn new(origin: &str, check_signatures: bool) -> Self {
        let keys = check_signatures.then(|| KeyCache::new(KEYS_KEPT));
        Self { origin: origin.to_owned(), keys, keep: false }
    }

    /// One that keeps the entries themselves for [`Checked::entries`].
    #[must_use]
    pub fn keeping_entries(self) -> Self {
        Self { keep: true, ..self }
    }

    /// Checks up to 256 entries from position `first` on. An entry that can't be had is `None`;
    /// why is the caller's to say.
    pub fn check<B: AsRef<[u8]>>(&mut self, first: u64, entries: &[Option<B>]) -> Checked {
        let mut checked = Checked {
            first,
            leaves: Vec::with_capacity(entries.len()),
            counts: Summary::default(),
            faults: Vec::new(),
            disputed: None,
            decoded: Vec::new(),
        };
        for (index, bytes) in (first..).zip(entries) {
            let Some(bytes) = bytes.as_ref().map(AsRef::as_ref) else {
                checked.push(None, None, None);
                continue;
            };
            let hash = Some(leaf_hash(bytes));
            match Entry::decode(bytes) {
                Ok(entry) => {
                    self.check_entry(index, &entry, &mut checked);
                    let read = Some((entry.link(), (entry.epoch, entry.offset)));
                    checked.push(hash, read, self.keep.then_some(entry));
                }
                Err(malformed) => {
                    checked.fault(index, FaultKind::Malformed(malformed));
                    checked.push(hash, None, None);
                }
            }
        }
        checked
    }

    /// Checks the entries of a bundle. What is read of one that is damaged is checked, and what
    /// can't be read is a fault.
    pub fn check_bundle(&mut self, tile: &Tile, read: Result<Option<&[u8]>, String>) -> Checked {
        let first = tile.index().saturating_mul(TILE_WIDTH.into());
        let width = usize::from(tile.width());
        let (mut entries, what) = match read {
            Ok(Some(bytes)) => {
                let (entries, error) = decode_bundle_prefix(bytes, tile.width());
                (entries.into_iter().map(Some).collect(), error.map(TileFault::Bundle))
            }
            Ok(None) => (Vec::new(), Some(TileFault::Missing)),
            Err(why) => (Vec::new(), Some(TileFault::Unreadable(why))),
        };
        let at = first + (entries.len() as u64).min(u64::from(tile.width()) - 1);
        entries.resize(width, None);
        let mut checked = self.check(first, &entries);
        if let Some(what) = what {
            checked.fault(at, FaultKind::Tile { tile: *tile, what });
        }
        checked
    }

    fn check_entry(&mut self, index: u64, entry: &Entry, checked: &mut Checked) {
        if let Some(why) = genesis_fault(entry).filter(|_| index == 0) {
            checked.fault(index, FaultKind::Genesis(why));
        }
        let counts = &mut checked.counts;
        counts.events += entry.events().count() as u64;
        match &entry.result.outcome {
            Outcome::Accepted(_) => {
                counts.accepted += 1;
                self.check_statement(index, &entry.statement, true, checked);
            }
            Outcome::Refused { .. } => {
                counts.refused += 1;
                self.check_statement(index, &entry.statement, false, checked);
            }
            Outcome::Duplicate { first_index } => {
                counts.duplicates += 1;
                if *first_index >= index {
                    let first_index = *first_index;
                    checked.fault(index, FaultKind::DuplicateOfLater { first_index });
                }
            }
            Outcome::Skipped(QUOTA_EXCEEDED) => {
                counts.over_quota += 1;
                self.check_statement(index, &entry.statement, true, checked);
            }
            Outcome::Skipped(_) => counts.unreadable += 1,
        }
    }

    /// A refused statement may carry signatures that are not valid: that may be why.
    fn check_statement(
        &mut self,
        index: u64,
        recorded: &Recorded,
        signatures_count: bool,
        checked: &mut Checked,
    ) {
        let (bytes, form) = match recorded {
            Recorded::Full(bytes) => (bytes, Form::Statement),
            Recorded::OverQuota(bytes) => (bytes, Form::OverQuota),
            Recorded::Digest { .. } => return,
        };
        // An entry that was decoded holds a statement that can be.
        let Ok(envelope) = Envelope::read(bytes, form) else { return };
        if envelope.origin != self.origin {
            let found = envelope.origin.to_owned();
            checked.fault(index, FaultKind::OtherOrigin { found });
        }
        let Some(keys) = self.keys.as_mut().filter(|_| signatures_count) else { return };
        let signed = signing_bytes(&envelope.signed_digest());
        let verdicts = keys.check_over(&signed, &envelope.owned_signatures());
        checked.counts.signatures += verdicts.len() as u64;
        for (number, verdict) in verdicts.into_iter().enumerate() {
            if verdict != Verdict::Valid {
                checked.fault(index, FaultKind::Signature { number });
            }
        }
    }
}

impl Checked {
    /// How many entries it is about.
    pub fn len(&self) -> usize {
        self.leaves.len()
    }

    /// Whether it is about none.
    pub fn is_empty(&self) -> bool {
        self.leaves.is_empty()
    }

    /// The entries in order, `None` for what is none; nothing unless the checker
    /// [keeps them](EntryChecker::keeping_entries).
    pub fn entries(&self) -> &[Option<Entry>] {
        &self.decoded
    }

    /// Compares the tile of hashes over these entries. From it comes the hash of an entry that
    /// can't be had. Which of the two is right where they differ is for the tree to say.
    pub fn compare_hashes(&mut self, tile: &Tile, read: Result<Option<&[u8]>, String>) {
        let what = match read {
            Ok(Some(bytes)) => match decode_hash_tile(bytes, tile.width()) {
                Some(hashes) => return self.compare(tile, hashes),
                None => TileFault::Length(bytes.len()),
            },
            Ok(None) => TileFault::Missing,
            Err(why) => TileFault::Unreadable(why),
        };
        self.fault(self.first, FaultKind::Tile { tile: *tile, what });
    }

    fn compare(&mut self, tile: &Tile, hashes: Vec<Hash>) {
        let mut positions = Vec::new();
        for (position, (leaf, hash)) in (0..).zip(self.leaves.iter_mut().zip(&hashes)) {
            match leaf.hash {
                None => leaf.hash = Some(*hash),
                Some(found) if found == *hash => {}
                Some(_) => positions.push(position),
            }
        }
        if !positions.is_empty() {
            self.disputed = Some(Disputed { tile: *tile, hashes, positions });
        }
    }

    /// Compares a bundle with these entries, which were read elsewhere: `entries` as they were
    /// given to [`EntryChecker::check`].
    pub fn compare_bundle<B: AsRef<[u8]>>(
        &mut self,
        tile: &Tile,
        read: Result<Option<&[u8]>, String>,
        entries: &[Option<B>],
    ) {
        let tile = *tile;
        let first = self.first;
        let mut fault = |at, what| self.fault(first + at, FaultKind::Tile { tile, what });
        let bytes = match read {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return fault(0, TileFault::Missing),
            Err(why) => return fault(0, TileFault::Unreadable(why)),
        };
        let (found, error) = decode_bundle_prefix(bytes, tile.width());
        for (position, (found, entry)) in (0_u16..).zip(found.iter().zip(entries)) {
            if entry.as_ref().is_some_and(|entry| entry.as_ref() != *found) {
                fault(position.into(), TileFault::Entry(position));
            }
        }
        if let Some(error) = error {
            fault((found.len() as u64).min(u64::from(tile.width()) - 1), TileFault::Bundle(error));
        }
    }

    pub(super) fn fault(&mut self, index: u64, kind: FaultKind) {
        self.faults.push(Fault { index, kind });
    }

    fn push(
        &mut self,
        hash: Option<Hash>,
        read: Option<(EntryLink, (u32, u64))>,
        entry: Option<Entry>,
    ) {
        self.leaves.push(Leaf { hash, read });
        self.decoded.push(entry);
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
