//! Verifies a chain's directory: its evidence against itself and against what its log key signed. Needs no
//! server and changes nothing.

use std::{
    cell::RefCell,
    fs, io,
    path::{Path, PathBuf},
    rc::Rc,
};

use granary_book::{
    apply::replay,
    chain::{CHAIN, ClockKind},
    state::{Changes, View},
    vocabulary::Time,
};
use granary_log::{
    checkpoint::Checkpoint,
    entry::Entry,
    note::{Note, VerifierKey},
    segment::{RecoverError, RecoverOptions, Scan, SegmentReader, recover},
    verify::{Fault, Summary, Verifier},
};

use crate::{
    apply::replay_genesis,
    chain::{ChainError, read_vkey},
    files::FileStorage,
    state_root,
};

/// What is checked besides entries, chain, tree and checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checks {
    /// The statements' signatures.
    pub signatures: bool,
    /// The rules: every result is computed again and compared.
    pub replay: bool,
}

/// Something wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The entry's index; of a checkpoint, how many entries it covers.
    pub index: u64,
    /// What is wrong, in one line.
    pub what: String,
}

/// What a verification came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The chain's origin.
    pub origin: String,
    /// Counts.
    pub summary: Summary,
    /// How many checkpoints were opened with the log key.
    pub checkpoints: u64,
    /// Entries beyond the last checkpoint: nothing outside the log vouches for them yet.
    pub beyond: u64,
    /// Whether the chain's clock is simulated.
    pub simulated: bool,
    /// Everything wrong, in the order found.
    pub faults: Vec<Found>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Why a verification could not run.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The directory.
    #[error("the chain's directory can't be read")]
    Chain(#[from] ChainError),
    /// Files.
    #[error("{} can't be read", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The segments can't be read at all.
    #[error("the log can't be read")]
    Log(#[source] RecoverError),
}

/// The directories of the chains below a node's directory, or the directory itself when it is a chain's.
///
/// # Errors
///
/// The directory can't be read.
pub fn chain_dirs(dir: &Path) -> io::Result<Vec<PathBuf>> {
    if dir.join("vkey").is_file() {
        return Ok(vec![dir.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(dir.join("chains"))? {
        found.push(entry?.path());
    }
    found.sort();
    Ok(found)
}

/// Verifies the chain in a directory. `vkey` is the log's key as the auditor keeps it; without one the key
/// in the directory is believed, which shows that the log agrees with itself and not whose it is.
///
/// # Errors
///
/// [`VerifyError`]: it could not run. What is wrong with the chain stands in the report.
pub fn verify_directory(
    chain_dir: &Path,
    vkey: Option<&VerifierKey>,
    checks: Checks,
    progress: &dyn Fn(u64, u64),
) -> Result<Report, VerifyError> {
    let mut faults = Vec::new();
    let key = match (vkey, read_vkey(chain_dir)) {
        (Some(kept), Ok(found)) => {
            if *kept != found {
                faults.push(Found { index: 0, what: "the directory names another log key".into() });
            }
            kept.clone()
        }
        (Some(kept), Err(error)) => {
            faults.push(Found { index: 0, what: error.to_string() });
            kept.clone()
        }
        (None, Ok(found)) => found,
        (None, Err(ChainError::NoVerifierKey { path })) => {
            // A damaged key is a fault of the evidence, unless there is none at all to check against.
            let what =
                format!("{} holds no verifier key; give the right one by --vkey", path.display());
            faults.push(Found { index: 0, what });
            return Ok(empty_report(faults));
        }
        (None, Err(error)) => return Err(error.into()),
    };
    let checkpoints = read_checkpoints(chain_dir, &key, &mut faults)?;
    let storage = FileStorage::read_only(&chain_dir.join("log"));
    let options = RecoverOptions { scan: Scan::Everything, cut_damaged_tail: false };
    let recovered = match recover(&storage, key.name(), options) {
        Ok(recovered) => recovered,
        Err(error) => match damage(&error) {
            Some(found) => {
                faults.push(found);
                return Ok(Report { origin: key.name().to_owned(), ..empty_report(faults) });
            }
            None => return Err(VerifyError::Log(error)),
        },
    };
    let size = recovered.head.size;
    let signed = checkpoints.iter().map(Checkpoint::size).max().unwrap_or(0);
    let count = checkpoints.len() as u64;
    let mut verifying = Verifying::new(key.name(), checkpoints, checks, faults);
    for stored in SegmentReader::new(&storage, &recovered.index, 0, size) {
        match stored {
            Ok(stored) => verifying.entry(&stored.bytes),
            Err(error) => {
                let index = verifying.index;
                verifying.faults.push(Found { index, what: error.to_string() });
                break;
            }
        }
        if verifying.index.is_multiple_of(16_384) {
            progress(verifying.index, size);
        }
    }
    progress(size, size);
    let simulated = verifying.is_simulated();
    let (summary, faults) = verifying.finish();
    Ok(Report {
        origin: key.name().to_owned(),
        summary,
        checkpoints: count,
        beyond: size.saturating_sub(signed),
        simulated,
        faults,
    })
}

fn empty_report(faults: Vec<Found>) -> Report {
    Report {
        origin: String::new(),
        summary: Summary::default(),
        checkpoints: 0,
        beyond: 0,
        simulated: false,
        faults,
    }
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
    Some(Found { index, what: error.to_string() })
}

fn read_checkpoints(
    chain_dir: &Path,
    key: &VerifierKey,
    faults: &mut Vec<Found>,
) -> Result<Vec<Checkpoint>, VerifyError> {
    let dir = chain_dir.join("checkpoints");
    let read = |source| VerifyError::Read { path: dir.clone(), source };
    let mut named = Vec::new();
    for entry in fs::read_dir(&dir).map_err(read)? {
        let path = entry.map_err(read)?.path();
        // Files being written have other names; they are not evidence yet.
        let size = path.file_name().and_then(|name| name.to_str()?.parse::<u64>().ok());
        if let Some(size) = size {
            named.push((size, path));
        }
    }
    named.sort();
    let mut checkpoints = Vec::new();
    for (size, path) in named {
        let bytes = fs::read(&path).map_err(read)?;
        let opened = Note::parse(&bytes)
            .map_err(|error| error.to_string())
            .and_then(|note| Checkpoint::open(&note, key).map_err(|error| error.to_string()));
        match opened {
            Ok(checkpoint) if checkpoint.size() == size => checkpoints.push(checkpoint),
            Ok(checkpoint) => {
                let what =
                    format!("the checkpoint named {size} is of {} entries", checkpoint.size());
                faults.push(Found { index: size, what });
            }
            Err(error) => {
                let what = format!("the checkpoint of {size} entries does not open: {error}");
                faults.push(Found { index: size, what });
            }
        }
    }
    Ok(checkpoints)
}

type Teller = Box<dyn FnMut(Fault)>;

/// A verification under way.
struct Verifying {
    verifier: Verifier<Teller>,
    told: Rc<RefCell<Vec<Found>>>,
    faults: Vec<Found>,
    rules: Option<Rules>,
    genesis: Option<Changes>,
    index: u64,
}

/// The rules, run again.
struct Rules {
    state: Changes,
    roots: state_root::Replayed,
    previous: Time,
}

impl Verifying {
    fn new(origin: &str, checkpoints: Vec<Checkpoint>, checks: Checks, faults: Vec<Found>) -> Self {
        let told = Rc::new(RefCell::new(Vec::new()));
        let teller = Rc::clone(&told);
        let report: Teller = Box::new(move |fault| {
            let what = error_line(&fault.kind);
            teller.borrow_mut().push(Found { index: fault.index, what });
        });
        let verifier = Verifier::new(origin, checkpoints, checks.signatures, report);
        let rules = checks.replay.then(|| Rules {
            state: Changes::new(),
            roots: state_root::Replayed::default(),
            previous: Time::EPOCH,
        });
        Self { verifier, told, faults, rules, genesis: None, index: 0 }
    }

    fn entry(&mut self, bytes: &[u8]) {
        self.verifier.push(bytes);
        let entry = Entry::decode(bytes).ok();
        if self.index == 0 {
            let applied = entry.as_ref().and_then(|entry| replay_genesis(entry).ok());
            self.genesis = applied.map(|applied| applied.changes);
        }
        if let (Some(rules), Some(entry)) = (&mut self.rules, &entry)
            && let Err(what) = rules.apply(entry)
        {
            self.faults.push(Found { index: self.index, what });
            // What follows rests on what was refused: it can't be judged.
            self.rules = None;
        }
        self.index += 1;
    }

    fn is_simulated(&self) -> bool {
        let Some(genesis) = &self.genesis else { return false };
        CHAIN.get(&View::new(genesis), &()).is_some_and(|chain| chain.clock == ClockKind::Simulated)
    }

    fn finish(mut self) -> (Summary, Vec<Found>) {
        let summary = self.verifier.finish();
        self.faults.append(&mut self.told.borrow_mut());
        self.faults.sort_by_key(|found| found.index);
        (summary, self.faults)
    }
}

impl Rules {
    fn apply(&mut self, entry: &Entry) -> Result<(), String> {
        let applied = if entry.index == 0 {
            replay_genesis(entry)?
        } else {
            replay(&self.state, self.previous, entry, false).map_err(|fault| fault.to_string())?
        };
        self.roots.entry(entry.index, &applied.changes, &applied.events)?;
        for (key, value) in applied.changes {
            match value {
                Some(value) => drop(self.state.insert(key, Some(value))),
                None => drop(self.state.remove(&key)),
            }
        }
        self.previous = Time::from_ms(entry.time_ms);
        Ok(())
    }
}

/// An error with all its sources in one line.
fn error_line(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        source = cause.source();
    }
    line
}
