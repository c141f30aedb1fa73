//! Examines a chain's storage: segments against tiles, checkpoints, signer and states.

use std::{collections::BTreeMap, fs, path::Path};

use granary_log::{
    chain::ChainHead,
    entry::EntryLink,
    hash::{Hash, leaf_hash},
    note::VerifierKey,
    segment::{
        Cut, RecoverError, RecoverOptions, Recovered, Scan, SegmentReader, StorageError, Survey,
        Surveyed, recover,
    },
    tree::CompactRange,
};

use super::{
    MaintainError, Progress, TELL_EVERY,
    evidence::{BadCheckpoint, Checkpoints},
    mirror::{self, Entries},
    signing::{self, SignerState},
    tiles::{TileCheck, WrongTile},
};
use crate::{
    chain::{ChainError, read_vkey},
    files::FileStorage,
    store::{OpenError, Position, StoreKind, StoreOptions, open_store},
};

/// A part of a chain's storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// `vkey`: the log's verifier key.
    Key,
    /// `log/`: the evidence.
    Segments,
    /// `checkpoints/`: what the log signed.
    Checkpoints,
    /// `signer/`: what was signed last.
    Signer,
    /// `tiles/`: derived.
    Tiles,
    /// `state/`: derived.
    State,
    /// `queries/`: derived.
    Queries,
}

impl Area {
    /// Its name, for people and programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Segments => "segments",
            Self::Checkpoints => "checkpoints",
            Self::Signer => "signer",
            Self::Tiles => "tiles",
            Self::State => "state",
            Self::Queries => "queries",
        }
    }
}

/// What mends a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mend {
    /// It is derived: `granary fsck DIR --repair` makes it anew.
    Derived,
    /// Entries or checkpoints have to come from elsewhere: `granary fsck DIR --repair-from SOURCE`.
    Source,
    /// How far the log was signed is not known here. The operators say it on the chain, with the newest
    /// checkpoint that anybody has seen: `granary chain grant-signer`.
    Grant,
    /// Somebody has to find out.
    Operator,
}

/// Something wrong in a chain's storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which part.
    pub area: Area,
    /// Which file, below the chain's directory.
    pub file: String,
    /// Where in the file, in bytes, and how many bytes; where that is known.
    pub bytes: Option<(u64, u64)>,
    /// The entry that is affected, or how many entries a checkpoint covers; where that is known.
    pub index: Option<u64>,
    /// What is wrong, in one line.
    pub what: String,
    /// What mends it.
    pub mend: Mend,
}

/// What an examination came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Examined {
    /// The chain's origin.
    pub origin: String,
    /// Entries that are there and follow each other from the first.
    pub size: u64,
    /// Checkpoints whose root is that of the entries.
    pub checkpoints: u64,
    /// Entries beyond the last of those.
    pub beyond: u64,
    /// Files of tiles.
    pub tiles: u64,
    /// How many entries the book's state has applied; none where there is no state.
    pub state: Option<u64>,
    /// The torn tail that the next start cuts off: it was never acknowledged.
    pub torn: Option<Cut>,
    /// Everything wrong.
    pub findings: Vec<Finding>,
    /// The tiles that are wrong, with what they must hold.
    pub(super) wrong_tiles: Vec<(std::path::PathBuf, Option<Vec<u8>>)>,
}

impl Examined {
    /// Whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.findings.is_empty()
    }
}

/// What must be so when the log has a size.
enum Due {
    Root { area: Area, file: String, expected: Hash },
    Leaf { area: Area, file: String, expected: Hash },
}

/// An examination under way.
struct Examination<'a> {
    dir: &'a Path,
    out: Examined,
    due: BTreeMap<u64, Vec<Due>>,
}

/// Examines the storage of the chain in `chain_dir`, changing nothing but what opening a state store
/// changes. No node may use the directory.
///
/// # Errors
///
/// [`MaintainError`]: it could not run. What is wrong with the storage stands in the result.
pub fn examine(chain_dir: &Path, progress: Progress<'_>) -> Result<Examined, MaintainError> {
    let mut examination =
        Examination { dir: chain_dir, out: Examined::default(), due: BTreeMap::new() };
    let key = match read_vkey(chain_dir) {
        Ok(key) => key,
        Err(ChainError::NoVerifierKey { .. }) => {
            let what = "it holds no verifier key; put the line there that granary init printed";
            examination.find(Area::Key, "vkey", None, what.to_owned(), Mend::Operator);
            return Ok(examination.out);
        }
        Err(error) => return Err(error.into()),
    };
    key.name().clone_into(&mut examination.out.origin);
    examination.run(&key, progress)?;
    let mut out = examination.out;
    out.findings.sort_by_key(|finding| (finding.area, finding.index, finding.bytes));
    Ok(out)
}

impl Examination<'_> {
    fn find(&mut self, area: Area, file: &str, index: Option<u64>, what: String, mend: Mend) {
        let file = file.to_owned();
        self.out.findings.push(Finding { area, file, bytes: None, index, what, mend });
    }

    fn run(&mut self, key: &VerifierKey, progress: Progress<'_>) -> Result<(), MaintainError> {
        let checkpoints = Checkpoints::read(&self.dir.join("checkpoints"), key)?;
        self.expect_checkpoints(&checkpoints);
        self.expect_signed(&checkpoints)?;
        self.expect_position(Area::State, "state")?;
        self.expect_position(Area::Queries, "queries")?;

        let storage = FileStorage::read_only(&self.dir.join("log"));
        let options = RecoverOptions { scan: Scan::Everything, cut_damaged_tail: false };
        let recovered = match recover(&storage, key.name(), options) {
            Ok(recovered) => Some(recovered),
            Err(RecoverError::Storage(error)) => return Err(error.into()),
            Err(error) => {
                self.find_damage(&storage, key.name(), &error)?;
                None
            }
        };
        self.compare(&storage, key.name(), recovered.as_ref(), progress)?;
        self.out.torn = recovered.and_then(|recovered| recovered.cut);
        Ok(())
    }

    fn expect_checkpoints(&mut self, checkpoints: &Checkpoints) {
        for (size, kept) in &checkpoints.good {
            let (file, expected) = (format!("checkpoints/{size}"), kept.checkpoint.root());
            let due = Due::Root { area: Area::Checkpoints, file, expected };
            self.due.entry(*size).or_default().push(due);
        }
        for BadCheckpoint { size, why, .. } in &checkpoints.bad {
            let file = format!("checkpoints/{size}");
            self.find(Area::Checkpoints, &file, Some(*size), why.clone(), Mend::Source);
        }
    }

    /// What was signed last must be there, and nothing newer may have been signed.
    fn expect_signed(&mut self, checkpoints: &Checkpoints) -> Result<(), MaintainError> {
        let newest = checkpoints.newest().map(|kept| kept.checkpoint.size());
        let file = signing::STATE_FILE;
        match signing::read(self.dir)? {
            SignerState::Signed(size, expected) => {
                let expected = Due::Root { area: Area::Signer, file: file.to_owned(), expected };
                self.due.entry(size).or_default().push(expected);
                if let Some(newest) = newest.filter(|newest| *newest > size) {
                    let what = format!(
                        "it says that {size} entries were signed last, and there is a checkpoint of {newest}: it \
                         is older than what was signed"
                    );
                    self.find(Area::Signer, file, Some(size), what, Mend::Operator);
                }
            }
            SignerState::Damaged => {
                let what =
                    "it is damaged; it must not be deleted: compare it with the newest checkpoint";
                self.find(Area::Signer, file, None, what.to_owned(), Mend::Operator);
            }
            SignerState::Lost => {
                let what = "what was signed last is not known here, as after a restore: the node signs nothing";
                self.find(Area::Signer, file, newest, what.to_owned(), Mend::Grant);
            }
        }
        Ok(())
    }

    /// Where a state stands must be in the log. A store that can't be opened is a finding too.
    fn expect_position(&mut self, area: Area, name: &str) -> Result<(), MaintainError> {
        let dir = self.dir.join(name);
        let Some(kind) = store_kind(&dir) else { return Ok(()) };
        let opened = open_store(kind, &dir, &StoreOptions::default());
        let position = match opened {
            Ok(store) => store.position().map_err(|error| error.to_string()),
            Err(OpenError::Unusable { why, .. }) => Err(why.to_string()),
            Err(other) => return Err(other.into()),
        };
        match position {
            Ok(None) => {}
            Ok(Some(Position { size, leaf_hash, chain_origin })) => {
                if area == Area::State {
                    self.out.state = Some(size);
                }
                if chain_origin == self.out.origin {
                    let expected = Hash(leaf_hash);
                    let due = Due::Leaf { area, file: name.to_owned(), expected };
                    self.due.entry(size).or_default().push(due);
                } else {
                    let what = format!("it is of {chain_origin}, another chain");
                    self.find(area, name, None, what, Mend::Derived);
                }
            }
            Err(why) => self.find(area, name, None, why, Mend::Derived),
        }
        Ok(())
    }

    /// Every damaged place, not only the first.
    fn find_damage(
        &mut self,
        storage: &FileStorage,
        origin: &str,
        error: &RecoverError,
    ) -> Result<(), StorageError> {
        let before = self.out.findings.len();
        for surveyed in Survey::new(storage, origin)? {
            if let Surveyed::Fault(fault) = surveyed? {
                self.out.findings.push(Finding {
                    area: Area::Segments,
                    file: format!("log/{}", fault.segment),
                    bytes: Some((fault.offset, fault.len)),
                    index: Some(fault.index),
                    what: "it can't be read there".to_owned(),
                    mend: Mend::Source,
                });
            }
        }
        let is_told = matches!(
            error,
            RecoverError::MidLogCorruption { .. } | RecoverError::DamagedTail { .. }
        );
        if !is_told || self.out.findings.len() == before {
            let mend = match error {
                RecoverError::NewerFormat { .. } | RecoverError::OtherOrigin { .. } => {
                    Mend::Operator
                }
                _ => Mend::Source,
            };
            let (file, index) = place(error);
            self.find(Area::Segments, &file, index, error.to_string(), mend);
        }
        Ok(())
    }

    /// Lets the entries go by, and compares whatever depends on them.
    fn compare(
        &mut self,
        storage: &FileStorage,
        origin: &str,
        recovered: Option<&Recovered>,
        progress: Progress<'_>,
    ) -> Result<(), MaintainError> {
        let mut tiles = TileCheck::new(&self.dir.join("tiles"))?;
        let mut head = ChainHead::genesis(origin);
        let mut range = CompactRange::new();
        let entries: Entries<'_> = match recovered {
            Some(recovered) => Box::new(
                SegmentReader::new(storage, &recovered.index, 0, recovered.head.size)
                    .map(|read| read.map_err(|error| MaintainError::Storage(unreadable(&error)))),
            ),
            None => mirror::local_entries(storage, origin)?,
        };
        let of = recovered.map_or(0, |recovered| recovered.head.size);
        self.compare_at(&head, &range);
        for entry in entries {
            let entry = entry?;
            let leaf = leaf_hash(&entry.bytes);
            let link = EntryLink::decode(&entry.bytes);
            if link.map_or(true, |link| head.advance(&link, leaf).is_err()) {
                // Behind a gap nothing can be compared.
                break;
            }
            range.push(leaf);
            tiles.push(&entry.bytes, leaf)?;
            self.compare_at(&head, &range);
            if head.size.is_multiple_of(TELL_EVERY) {
                progress(head.size, of.max(head.size));
            }
        }
        progress(head.size, head.size);
        self.out.size = head.size;
        if recovered.is_some() {
            tiles.finish()?;
            self.find_missing();
        }
        self.out.tiles = tiles.count;
        tiles.wrong.into_iter().for_each(|wrong| self.find_tile(wrong));
        let proved = self.out.beyond;
        self.out.beyond = head.size - proved;
        Ok(())
    }

    /// Compares what is due at this size.
    fn compare_at(&mut self, head: &ChainHead, range: &CompactRange) {
        for due in self.due.remove(&head.size).unwrap_or_default() {
            let (area, file, expected, found) = match due {
                Due::Root { area, file, expected } => (area, file, expected, range.root()),
                Due::Leaf { area, file, expected } => (area, file, expected, head.last_leaf_hash),
            };
            let size = head.size;
            if expected == found {
                if area == Area::Checkpoints {
                    self.out.checkpoints += 1;
                    // Until the end: how many entries are proved.
                    self.out.beyond = size;
                }
                continue;
            }
            let (what, mend) = match area {
                Area::State | Area::Queries => {
                    (format!("it stands at {size} entries of another history"), Mend::Derived)
                }
                _ => (
                    format!(
                        "{size} entries were signed with the root {expected}, and hash to {found}: they were \
                         changed, or this is another history"
                    ),
                    Mend::Source,
                ),
            };
            self.find(area, &file, Some(size), what, mend);
        }
    }

    /// What is due beyond the end of the log.
    fn find_missing(&mut self) {
        let here = self.out.size;
        for (size, dues) in std::mem::take(&mut self.due) {
            for due in dues {
                let (Due::Root { area, file, .. } | Due::Leaf { area, file, .. }) = due;
                let how = match area {
                    Area::State | Area::Queries => "applied",
                    _ => "signed",
                };
                let what = format!(
                    "{size} entries were {how}, and the log has {here}: durable entries were lost"
                );
                self.find(area, &file, Some(size), what, Mend::Source);
            }
        }
    }

    fn find_tile(&mut self, wrong: WrongTile) {
        let what = match &wrong.expected {
            Some(_) => "it doesn't hold what the entries say",
            None => "the log doesn't reach so far",
        };
        let file = format!("tiles/{}", wrong.tile);
        self.find(Area::Tiles, &file, None, what.to_owned(), Mend::Derived);
        self.out.wrong_tiles.push((wrong.path, wrong.expected));
    }
}

/// Which store a state's directory is of: its own `format` file says it, or that it is unusable, which
/// opening it as either finds out.
fn store_kind(dir: &Path) -> Option<StoreKind> {
    if !dir.exists() {
        return None;
    }
    let format = fs::read_to_string(dir.join("format")).unwrap_or_default();
    let kind = format.split(' ').nth(1).and_then(|name| name.parse().ok());
    Some(kind.unwrap_or(StoreKind::Redb))
}

fn unreadable(error: &granary_log::segment::ReadError) -> StorageError {
    StorageError::on("read", "an entry")(std::io::Error::other(error.to_string()))
}

/// The file and the entry of a recovery's error.
fn place(error: &RecoverError) -> (String, Option<u64>) {
    match error {
        RecoverError::MidLogCorruption { index, segment, .. }
        | RecoverError::DamagedTail { index, segment, .. }
        | RecoverError::Contradiction { index, segment, .. } => {
            (format!("log/{segment}"), Some(*index))
        }
        RecoverError::Missing { name } => (format!("log/{name}"), None),
        RecoverError::OtherOrigin { segment, .. } | RecoverError::NewerFormat { segment, .. } => {
            (format!("log/{segment}"), None)
        }
        RecoverError::Storage(_) | RecoverError::Origin(_) => ("log".to_owned(), None),
    }
}
